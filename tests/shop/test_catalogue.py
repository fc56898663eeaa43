"""What a shop offers, as read from its file."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from pricing_fdm.shop.catalogue import Bounds, CustomerLine
from pricing_fdm.shop.faults import ShopError
from tests.shop.shops import small_shop


def test_a_gram_costs_a_thousandth_of_a_kilogram(tmp_path: Path) -> None:
    """Exactly, and whichever of the two the file gives."""
    assert small_shop(tmp_path).material("pla").gram_cost == Decimal("0.02")
    per_gram = ('cost_per_kg = "20.00"', 'cost_per_g = "0.021"')
    assert small_shop(tmp_path, per_gram).material("pla").gram_cost == Decimal("0.021")


@pytest.mark.parametrize("costs", ["", 'cost_per_kg = "20.00"\ncost_per_g = "0.02"'])
def test_a_material_has_one_cost(tmp_path: Path, costs: str) -> None:
    """Two could contradict each other."""
    with pytest.raises(ShopError, match="one of cost_per_kg and cost_per_g"):
        small_shop(tmp_path, ('cost_per_kg = "20.00"', costs))


def test_a_printer_without_a_rate_has_the_tariffs(tmp_path: Path) -> None:
    """One of its own outweighs it."""
    assert small_shop(tmp_path).machine_rate("mk3s") == Decimal("3.20")
    own = ('preset = "machine.ini"', 'preset = "machine.ini"\nrate_per_hour = "4"')
    assert small_shop(tmp_path, own).machine_rate("mk3s") == 4


def test_a_shop_knows_its_files_and_its_currencys_decimals(tmp_path: Path) -> None:
    """Each file once; the yen has no decimals."""
    shop = small_shop(tmp_path, ('"EUR"', '"JPY"'))
    assert shop.file_names() == ["machine.ini", "pla.ini", "standard.ini"]
    assert shop.folder == tmp_path
    assert shop.minor_digits == 0
    assert shop.quality("standard").layer_thickness == 200


def test_customers_see_all_public_lines_unless_the_file_says_less(tmp_path: Path) -> None:
    """A word that is no line is a fault."""
    assert small_shop(tmp_path).customer.lines == tuple(CustomerLine)
    with pytest.raises(ShopError, match="'print', 'finish'"):
        small_shop(tmp_path, more='[customer]\nlines = ["margin"]\n')


def test_overrides_are_bounds_or_words(tmp_path: Path) -> None:
    """Bounds the wrong way round could never be met."""
    allowed = '[overrides]\nwall_loops = { min = 2, max = 6 }\nbrim_type = ["no_brim"]\n'
    shop = small_shop(tmp_path, more=allowed)
    assert shop.overrides == {"wall_loops": Bounds(min=2, max=6), "brim_type": ("no_brim",)}
    with pytest.raises(ShopError, match="wall_loops: min is above max"):
        small_shop(tmp_path, more="[overrides]\nwall_loops = { min = 6, max = 2 }\n")
