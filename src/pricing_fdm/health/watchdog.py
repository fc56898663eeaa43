"""Notices that the slicer has stopped working, and ends a service that cannot recover.

A service that is "not ready" for thirteen hours is never restarted where the restart policy looks
at exits only (gotenberg #1599). So the self-test is repeated after three crashes in a row, and
after three failed self-tests the process ends with an exit code of its own. One good self-test
resets both counts: no failure is remembered for ever (gotenberg #1538). A self-test that could not
be made, because the disk is full or every place is taken, is made later and counts neither way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from pricing_fdm.errors import PricingError, SlicerCrashed
from pricing_fdm.health.self_test import Proof
from pricing_fdm.quoting.quote import Quote

UNRECOVERABLE = 70
"""Exit code (EX_SOFTWARE) of a process whose slicer has failed three self-tests."""

_CRASHES = 3
_FAILURES = 3


class Watchdog:
    """Repeats the self-test when it is doubtful that the slicer works.

    Args:
        prove: Runs the self-test.
        retry_s: Seconds between a self-test that was not good and the next.
        give_up: Called once, when the self-test has failed three times in a row.
    """

    def __init__(
        self, prove: Callable[[], Awaitable[Proof]], *, retry_s: float, give_up: Callable[[], None]
    ) -> None:
        self._prove = prove
        self._retry_s = retry_s
        self._give_up = give_up
        self._crashes = 0
        self._doubt = asyncio.Event()

    def note_end(self, end: Quote | PricingError) -> None:
        """Notes how a quote ended; after three crashes in a row the self-test is repeated.

        A quote by the fallback means that the first slicer crashed. A quote from the cache and a
        failure that is no crash say nothing about the slicer.
        """
        if isinstance(end, Quote):
            if end.cached:
                return
            crashed = end.fell_back
        elif isinstance(end, SlicerCrashed):
            crashed = True
        else:
            return
        self._crashes = self._crashes + 1 if crashed else 0
        if self._crashes >= _CRASHES:
            self._crashes = 0
            self._doubt.set()

    async def watch(self) -> None:
        """Tests the slicer at start and after each three crashes; returns after giving up."""
        failures = 0
        while failures < _FAILURES:
            proof = await self._prove()
            if proof is Proof.GOOD:
                failures = 0
                await self._doubt.wait()
                self._doubt.clear()
                continue
            if proof is Proof.FAILED:
                failures += 1
            await asyncio.sleep(self._retry_s if failures < _FAILURES else 0)
        self._give_up()
