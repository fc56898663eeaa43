"""What parts and plates have in common: a run of its own for each slice."""

from __future__ import annotations

import asyncio
import functools

import pytest

from pricing_fdm.errors import SlicerCrashed
from pricing_fdm.quoting.timing import StageTimer
from pricing_fdm.slicers.engine import SliceJob
from tests.harness.shapes import binary_stl, box
from tests.quoting.bench import Bench, Run, order_of

CUBE = binary_stl(box(20, 20, 20))


def test_what_failed_can_be_tried_again_while_the_model_is_there(run: Run) -> None:
    """Two orders over one fetched model ask the same: the second gets a folder of its own."""

    async def fail_once(job: SliceJob) -> None:
        folders.append(job.folder.name)
        if len(folders) == 1:
            raise SlicerCrashed("It crashed.")

    async def test(bench: Bench) -> None:
        bench.engine.during = fail_once
        source, timer = functools.partial(bench.fetch, CUBE), StageTimer()
        async with bench.pipeline.fetched(source, timer) as model:
            with pytest.raises(SlicerCrashed):
                await bench.pipeline.answer(order_of(), model, timer)
            answer = await bench.pipeline.answer(order_of(), model, timer)
            assert (await bench.pipeline.priced(order_of(), model, answer)).metrics.layers == 100

    folders: list[str] = []
    run(test)
    assert folders[1] == f"{folders[0]}-again"


def test_equal_questions_at_the_same_time_are_one_slice(run: Run) -> None:
    """Also for a plate: the part and the plate are sliced once for both callers."""

    async def test(bench: Bench) -> None:
        quotes = (bench.quote(CUBE, order_of(quantity=16)) for _ in range(2))
        first, second = await asyncio.gather(*quotes)
        assert first.price.plates == second.price.plates
        assert bench.engine.begun == 2

    run(test)
