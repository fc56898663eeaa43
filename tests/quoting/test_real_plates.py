"""What a plate costs when PrusaSlicer really slices it."""

from __future__ import annotations

import itertools

import pytest

from pricing_fdm.quoting.pipeline import Quote
from tests.harness.shapes import binary_stl, box
from tests.quoting.bench import Bench, Run, order_of

QUANTITIES = range(1, 20)


@pytest.fixture(autouse=True)
def _real_slicer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.quoting.conftest.install_fake_prusa", lambda _: "prusa-slicer")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "most"), [((3, 3, 7), 0.8), ((12, 12, 2), 1.05)], ids=["pin", "chip"]
)
def test_one_copy_more_never_costs_less(
    run: Run, size: tuple[float, float, float], most: float
) -> None:
    """A pin waits for each layer to cool, alone or with others: one more adds little time.

    A plate weighs what its copies weigh, and keeps the machine for at most this share of their time
    one by one.
    """

    async def test(bench: Bench) -> None:
        orders = [order_of(quantity=quantity) for quantity in QUANTITIES]
        options = await bench.options(binary_stl(box(*size)), *orders)
        quotes = [option.outcome for option in options]
        assert all(isinstance(quote, Quote) for quote in quotes), quotes
        priced = [quote for quote in quotes if isinstance(quote, Quote)]
        totals = [quote.price.total for quote in priced]
        assert all(more >= fewer for fewer, more in itertools.pairwise(totals)), totals
        hours = [float(quote.price.amount("machine")) for quote in priced]
        assert hours[15] < most * 16 * hours[0]
        each_g = float(priced[0].metrics.filament_g)
        for quote in priced:
            for plate in quote.price.plates:
                weight_g = float(plate.metrics.filament_g)
                assert weight_g == pytest.approx(plate.copies * each_g, rel=0.005)
        assert bench.engine.begun == 16  # the part, and plates of 2 to 16 copies

    run(test)
