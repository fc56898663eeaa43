"""What shares a plate, and what does not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from pricing_fdm.errors import SlicingTimeout
from pricing_fdm.model import Order, Supports
from pricing_fdm.quoting.ordering import OrderQuote, quote_order
from pricing_fdm.quoting.timing import StageTimer
from pricing_fdm.slicers.engine import SliceJob
from tests.harness.puppet import install_fake_prusa
from tests.harness.qualities import QUALITIES
from tests.harness.shapes import binary_stl, box
from tests.quoting.bench import Bench, Run, copies, is_plate, order_of, source_of

CUBE, SLAB = binary_stl(box(20, 20, 20)), binary_stl(box(40, 20, 4))


async def together(bench: Bench, *parts: tuple[bytes, Order]) -> OrderQuote:
    """Prices parts together."""
    wanted = [(order, source_of(bench, content)) for content, order in parts]
    return await quote_order(bench.pipeline, wanted, None, StageTimer(), max_bytes=10**6)


def contents(found: OrderQuote) -> list[Mapping[int, int]]:
    """Copies of each part, plate by plate."""
    return [dict(plate.copies) for plate in found.plates]


def test_parts_that_are_printed_alike_share_plates(run: Run) -> None:
    """Whatever `supports` was asked for, where none is made; what is full is a part's own."""

    async def test(bench: Bench) -> None:
        never = order_of(supports=Supports.NEVER)
        found = await together(bench, (CUBE, copies(18)), (SLAB, never), (CUBE, order_of()))
        assert contents(found) == [{0: 16}, {0: 2, 1: 1, 2: 1}]

    run(test)


@pytest.mark.parametrize(
    "other",
    [
        order_of(infill=30),
        order_of("petg"),
        order_of(layer=QUALITIES[0]),
    ],
    ids=["infill", "material", "quality"],
)
def test_parts_that_are_printed_otherwise_have_plates_of_their_own(run: Run, other: Order) -> None:
    """The slicer takes these settings for a whole plate."""

    async def test(bench: Bench) -> None:
        found = await together(bench, (CUBE, order_of()), (SLAB, other))
        assert contents(found) == [{0: 1}, {1: 1}]

    run(test)


def test_nothing_shares_where_the_shop_multiplies(run: Run) -> None:
    """Each copy is a plate."""

    async def test(bench: Bench) -> None:
        bench.multiply_copies()
        found = await together(bench, (CUBE, copies(3)), (SLAB, order_of()))
        assert [(plate.copies, plate.plate.times) for plate in found.plates] == [
            ({0: 1}, 3),
            ({1: 1}, 1),
        ]
        assert bench.engine.begun == 2

    run(test)


def test_parts_are_printed_apart_where_that_costs_less(run: Run, tmp_path: Path) -> None:
    """Large parts lose time to the ways between them; nobody pays for that."""

    async def test(bench: Bench) -> None:
        async def slow(job: SliceJob) -> None:
            if is_plate(job):
                words = {"estimated printing time (normal mode)": "9h 0m 0s"}
                install_fake_prusa(tmp_path / "bin", gcode_says=words)

        bench.engine.during = slow
        found = await together(bench, (CUBE, order_of()), (SLAB, order_of()))
        assert contents(found) == [{0: 1}, {1: 1}]

    run(test)


def test_a_shared_plate_that_fails_is_the_problem_of_its_parts(run: Run) -> None:
    """The detail says that it was the plate; the third part is fine by itself."""

    async def test(bench: Bench) -> None:
        async def fail(job: SliceJob) -> None:
            if is_plate(job):
                raise SlicingTimeout("It took too long.")

        bench.engine.during = fail
        other = order_of(infill=30)
        found = await together(bench, (CUBE, order_of()), (SLAB, order_of()), (CUBE, other))
        first, second, third = found.parts
        assert isinstance(first, SlicingTimeout)
        assert "A plate of 2 copies" in first.detail
        assert second is first
        assert third is None
        assert found.price is None

    run(test)
