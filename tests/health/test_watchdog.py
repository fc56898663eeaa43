"""A service that cannot recover ends; one that can is not ended (E5)."""

from __future__ import annotations

import asyncio

import pytest

from pricing_fdm.errors import ModelUnsliceable, PricingError, SlicerCrashed, SlicingTimeout
from pricing_fdm.health.self_test import Proof
from pricing_fdm.health.watchdog import Watchdog
from pricing_fdm.quoting.quote import Quote
from tests.quoting.quotes import quote

GOOD, FAILED, UNDECIDED = Proof.GOOD, Proof.FAILED, Proof.UNDECIDED


def watched(proofs: list[Proof], crashes: list[bool]) -> tuple[int, bool]:
    """Runs a watchdog over these self-tests; returns how many ran and whether it gave up."""

    async def run() -> tuple[int, bool]:
        gave_up = asyncio.Event()
        proved = 0

        async def prove() -> Proof:
            nonlocal proved
            proved += 1
            return proofs[proved - 1]

        watchdog = Watchdog(prove, retry_s=0, give_up=gave_up.set)
        watching = asyncio.create_task(watchdog.watch())
        for _ in range(10):
            await asyncio.sleep(0)
        for crash in crashes:
            watchdog.note_end(CRASHED if crash else quote())
            for _ in range(10):
                await asyncio.sleep(0)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        return proved, gave_up.is_set()

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("proofs", "crashes", "expected"),
    [
        ([GOOD], [], (1, False)),
        ([FAILED, FAILED, FAILED], [], (3, True)),
        ([FAILED, FAILED, GOOD], [], (3, False)),
        ([GOOD], [True, True], (1, False)),
        ([GOOD], [True, True, False, True, True], (1, False)),
        ([GOOD, GOOD], [True, True, True], (2, False)),
        ([GOOD, FAILED, FAILED, FAILED], [True, True, True], (4, True)),
        ([GOOD, FAILED, GOOD, GOOD], [True] * 6, (4, False)),
        ([UNDECIDED] * 4 + [GOOD], [], (5, False)),
        ([FAILED, UNDECIDED, FAILED, UNDECIDED, FAILED], [], (5, True)),
        ([GOOD, UNDECIDED, FAILED, GOOD], [True, True, True], (4, False)),
    ],
    ids=[
        "good at start",
        "never good",
        "good at the third try",
        "two crashes",
        "crashes, but not in a row",
        "three crashes, self-test good",
        "three crashes, self-test bad",
        "doubt comes again",
        "no room for a test at first",
        "failures with no room for a test between them",
        "a doubt outlasts a test that could not be made",
    ],
)
def test_self_test_is_repeated_on_doubt_and_given_up_after_three_failures_e5(
    proofs: list[Proof], crashes: list[bool], expected: tuple[int, bool]
) -> None:
    """E5: never cache a failure, never hide one either."""
    assert watched(proofs, crashes) == expected


CRASHED = SlicerCrashed("The slicer crashed.")


@pytest.mark.parametrize(
    ("ends", "doubts"),
    [
        ([CRASHED, CRASHED, CRASHED], True),
        ([quote("prusa"), CRASHED, quote("prusa")], True),
        ([CRASHED, CRASHED, quote(), CRASHED], False),
        ([CRASHED, CRASHED, quote(cached=True), CRASHED], True),
        ([CRASHED, ModelUnsliceable("No."), SlicingTimeout("Late."), CRASHED], False),
        ([CRASHED, CRASHED, ModelUnsliceable("No."), CRASHED], True),
    ],
    ids=[
        *("three crashes", "two helped out by the other slicer", "a good slice between"),
        *("a remembered quote between", "two crashes", "a refusal between"),
    ],
)
def test_only_what_a_slicer_did_says_something_about_it(
    ends: list[Quote | PricingError], doubts: bool
) -> None:
    """OrcaSlicer is the first here. A quote from memory hides no crashes."""

    async def run() -> int:
        proved = 0

        async def prove() -> Proof:
            nonlocal proved
            proved += 1
            return GOOD

        watchdog = Watchdog(prove, retry_s=0, give_up=lambda: None)
        watching = asyncio.create_task(watchdog.watch())
        await asyncio.sleep(0)
        for end in ends:
            watchdog.note_end(end)
        await asyncio.sleep(0)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        return proved

    assert asyncio.run(run()) == 1 + doubts
