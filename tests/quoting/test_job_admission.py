"""Jobs share the slots of the requests, and take nothing else from them."""

from __future__ import annotations

import asyncio

from pricing_fdm.quoting.admission import Admission
from pricing_fdm.quoting.job_admission import JobAdmission


def test_a_job_takes_no_place_from_a_request() -> None:
    """The queue has its own bound."""
    admission = Admission(slots=1, places=0, wait_s=1)
    jobs = JobAdmission(admission)
    with jobs.place(), jobs.place(), admission.place():
        jobs.require_place()
        assert admission.admitted == 1
    assert jobs.slots == 1


def test_a_job_waits_for_a_slot_until_one_is_free() -> None:
    """However long: no caller holds a connection for it."""

    async def run() -> None:
        admission = Admission(slots=1, places=1, wait_s=0.01)
        jobs = JobAdmission(admission)
        with await admission.take_slot():
            waiting = asyncio.create_task(jobs.take_slot(jobs.slot_deadline()))
            await asyncio.sleep(0.05)
            assert not waiting.done()
            assert jobs.sharers == 1
        with await waiting:
            assert admission.slicing == 1
        assert admission.slicing == 0

    asyncio.run(run())
