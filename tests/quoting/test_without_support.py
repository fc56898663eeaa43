"""The warning of support says what the order would cost without, where that is known."""

from __future__ import annotations

import pytest

from pricing_fdm.model import Order, Orientation, QuoteWarning, Supports
from pricing_fdm.quoting.quote import Quote
from pricing_fdm.quoting.without_support import NEEDS_SUPPORT
from tests.harness.shapes import binary_stl, box, tee
from tests.quoting.bench import Bench, Run, order_of

TEE = binary_stl(tee())


@pytest.fixture(autouse=True)
def _real_slicer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The puppet builds no support."""
    monkeypatch.setattr("tests.quoting.conftest.install_fake_prusa", lambda _: "prusa-slicer")


def standing(supports: Supports, quantity: int = 1) -> Order:
    return order_of(supports=supports, orientation=Orientation.KEEP, quantity=quantity)


def about_support(quote: Quote) -> QuoteWarning:
    (warning,) = [each for each in quote.warnings if each.code == NEEDS_SUPPORT]
    return warning


def test_the_price_without_support_is_told_when_it_was_asked_for_before(run: Run) -> None:
    """For this quantity: its plates were sliced without support, too."""

    async def test(bench: Bench) -> None:
        bare = await bench.quote(TEE, standing(Supports.NEVER, quantity=3))
        supported = about_support(await bench.quote(TEE, standing(Supports.AUTO, quantity=3)))
        assert supported.figures["total_without_support"] == float(bare.price.total)
        assert f"would cost {bare.price.total} USD." in supported.message
        alone = about_support(await bench.quote(TEE, standing(Supports.AUTO)))
        assert float(str(alone.figures["total_without_support"])) < float(bare.price.total)
        assert bench.engine.begun == 4

    run(test)


def test_nothing_is_told_of_a_price_that_is_not_known(run: Run) -> None:
    """And nothing is sliced to find it out."""

    async def test(bench: Bench) -> None:
        warning = about_support(await bench.quote(TEE, standing(Supports.AUTO)))
        assert "never" not in warning.message
        assert set(warning.figures) == {"support_weight_g", "share_of_material"}
        assert bench.engine.begun == 1
        await bench.quote(TEE, standing(Supports.NEVER))
        warning = about_support(await bench.quote(TEE, standing(Supports.AUTO, quantity=2)))
        assert "never" not in warning.message  # one bare copy says nothing of a plate of two
        assert bench.engine.begun == 3

    run(test)


def test_a_part_without_support_has_no_such_warning(run: Run) -> None:
    """Whatever is known of it."""

    async def test(bench: Bench) -> None:
        cube = binary_stl(box(20, 20, 20))
        for supports in (Supports.NEVER, Supports.AUTO):
            quote = await bench.quote(cube, standing(supports))
            assert NEEDS_SUPPORT not in [warning.code for warning in quote.warnings]

    run(test)
