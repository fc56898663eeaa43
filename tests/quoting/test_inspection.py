"""One model is read and judged once, and set down once for each way to print it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from pricing_fdm.errors import ModelExceedsBuildVolume, ModelFormat
from pricing_fdm.model import Order, Orientation, Supports, Unit
from pricing_fdm.quoting.inspection import Inspection
from pricing_fdm.quoting.inspector import PrintSetup
from tests.harness.qualities import QUALITIES
from tests.harness.shapes import Triangle, binary_stl, box, tee
from tests.mesh.step.step_files import one
from tests.quoting.bench import Bench, Run, order_of

STEP = one("box", (20.0, 20.0, 10.0))


def setup_of(bench: Bench, order: Order) -> PrintSetup:
    (plan,) = bench.pipeline.workshop.plans(order)
    return plan.setup


def inspection(bench: Bench, content: bytes, folder: Path) -> Inspection:
    model = folder / "upload"
    model.write_bytes(content)
    return Inspection(bench.pipeline.inspector, model, folder)


def test_equal_setups_are_set_down_once(run: Run, tmp_path: Path) -> None:
    """Infill, quantity and rush do not move the part."""

    async def test(bench: Bench) -> None:
        setup = setup_of(bench, order_of())
        assert setup == setup_of(bench, order_of(infill=90, quantity=7, speed="rush"))
        looking = inspection(bench, binary_stl(box(20, 20, 10)), tmp_path)
        async with looking.inspected(setup) as first, looking.inspected(setup) as second:
            assert first is second
            assert (await first.part()).dimensions_mm == pytest.approx((20, 20, 10))

    run(test)


def test_a_step_file_is_converted_once_for_all_setups(run: Run, tmp_path: Path) -> None:
    """A conversion takes seconds; the format is still told."""

    async def test(bench: Bench) -> None:
        setups = [
            setup_of(bench, order_of(layer=layer, orientation=orientation))
            for layer in QUALITIES
            for orientation in Orientation
        ]
        looking = inspection(bench, STEP, tmp_path)
        stls = set()
        for setup in setups:
            async with looking.inspected(setup) as inspected:
                stls.add(inspected.stl)
                assert (await inspected.part()).format == "step"
        assert bench.converter.converted == 1
        assert len(stls) == len(setups)

    run(test)


def test_a_refusal_is_the_same_for_each_setup_that_it_is_about(run: Run, tmp_path: Path) -> None:
    """Too large in metres; in millimetres it fits."""

    async def test(bench: Bench) -> None:
        metres, mm = (setup_of(bench, order_of(unit=unit)) for unit in (Unit.M, Unit.MM))
        looking = inspection(bench, binary_stl(box(20, 20, 20)), tmp_path)
        for _ in range(2):
            with pytest.raises(ModelExceedsBuildVolume):
                async with looking.inspected(metres):
                    pass
        async with looking.inspected(mm) as inspected:
            assert inspected.stl.stat().st_size > 84

    run(test)


def test_without_a_converter_a_step_file_is_refused(run: Run, tmp_path: Path) -> None:
    """With what to do instead; everything else is read."""

    async def test(bench: Bench) -> None:
        inspector = replace(bench.pipeline.inspector, converter=None)
        setup = setup_of(bench, order_of())
        model = tmp_path / "upload"
        await asyncio.to_thread(model.write_bytes, STEP)
        looking = Inspection(inspector, model, tmp_path)
        with pytest.raises(ModelFormat, match="STL"):
            async with looking.inspected(setup):
                pass

    run(test)


@pytest.mark.parametrize(
    ("triangles", "asked", "printed"),
    [
        (tee(), Supports.AUTO, Supports.AUTO),
        (box(20, 20, 10), Supports.AUTO, Supports.NEVER),
        (tee(), Supports.NEVER, Supports.NEVER),
        (box(20, 20, 10), Supports.ALWAYS, Supports.ALWAYS),
    ],
    ids=["a T", "a box", "a T, never", "a box, always"],
)
def test_auto_comes_to_no_support_where_an_operator_would_use_none(
    triangles: list[Triangle], asked: Supports, printed: Supports, run: Run, tmp_path: Path
) -> None:
    """What was asked for in words is not moved."""

    async def test(bench: Bench) -> None:
        order = order_of(supports=asked, orientation=Orientation.KEEP)
        looking = inspection(bench, binary_stl(triangles), tmp_path)
        async with looking.inspected(setup_of(bench, order)) as inspected:
            assert inspected.settings(order.print_settings) == replace(
                order.print_settings, supports=printed
            )

    run(test)
