"""A service that cannot recover ends; one that can is not ended (E5)."""

from __future__ import annotations

import asyncio

import pytest

from pricing_fdm.watchdog import Watchdog


def watched(proofs: list[bool], crashes: list[bool]) -> tuple[int, bool]:
    """Runs a watchdog over these self-tests; returns how many ran and whether it gave up."""

    async def run() -> tuple[int, bool]:
        gave_up = asyncio.Event()
        proved = 0

        async def prove() -> bool:
            nonlocal proved
            proved += 1
            return proofs[proved - 1]

        watchdog = Watchdog(prove, retry_s=0, give_up=gave_up.set)
        watching = asyncio.create_task(watchdog.watch())
        for _ in range(10):
            await asyncio.sleep(0)
        for crash in crashes:
            watchdog.saw(crash=crash)
            for _ in range(10):
                await asyncio.sleep(0)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        return proved, gave_up.is_set()

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("proofs", "crashes", "expected"),
    [
        ([True], [], (1, False)),
        ([False, False, False], [], (3, True)),
        ([False, False, True], [], (3, False)),
        ([True], [True, True], (1, False)),
        ([True], [True, True, False, True, True], (1, False)),
        ([True, True], [True, True, True], (2, False)),
        ([True, False, False, False], [True, True, True], (4, True)),
        ([True, False, True, True], [True] * 6, (4, False)),
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
    ],
)
def test_self_test_is_repeated_on_doubt_and_given_up_after_three_failures_e5(
    proofs: list[bool], crashes: list[bool], expected: tuple[int, bool]
) -> None:
    """E5: never cache a failure, never hide one either."""
    assert watched(proofs, crashes) == expected
