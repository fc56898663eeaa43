"""docs/shop.md is followed to the letter: its edits make a shop, and its quotes are right."""

from __future__ import annotations

import json
import re
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from pricing_fdm.shop.load import load_shop
from tests.harness.command import pricing_fdm
from tests.harness.shapes import binary_stl, box
from tests.shop.guide import COPIES, GUIDE, TOML, guided_shop
from tests.shop.shops import BUNDLED


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an owner who has done what the guide says."""
    return guided_shop(tmp_path_factory.mktemp("guide") / "my-shop")


def quoted(shop: Path, part: Path, *options: str) -> dict[str, Any]:
    """A quote by the real slicer."""
    environment = {"SHOP_DIR": str(shop), "SLICER": "prusa"}
    result = pricing_fdm("quote", part, *options, "--json", environment=environment)
    assert result.returncode == 0, result.stderr
    body: dict[str, Any] = json.loads(result.stdout)
    return body


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def near(found: str, expected: Decimal) -> bool:
    """Hours and grams are shown rounded, and the price is made of unrounded ones."""
    return abs(Decimal(found) - cents(expected)) <= Decimal("0.01")


def test_the_guide_makes_a_sound_shop(shop: Path) -> None:
    """Every edit, with a text editor only."""
    assert len(COPIES.findall(GUIDE)) == 3
    assert len(TOML) == 4
    checked = pricing_fdm("shop", "check", shop)
    assert checked.returncode == 0, checked.stderr
    assert "2 printers, 4 qualities, 9 materials, all sound" in checked.stdout


def test_a_small_order_costs_the_minimum_and_the_tax(shop: Path, tmp_path: Path) -> None:
    """By hand: 15.00 x 1.21 = 18.15."""
    part = tmp_path / "cube.stl"
    part.write_bytes(binary_stl(box(20, 20, 20)))
    body = quoted(shop, part, "--material", "pla-cf")
    assert (body["currency"], body["printer"]["id"]) == ("EUR", "fdm-200")
    price = body["price"]
    assert (price["total"], price["net"], price["tax"]) == ("18.15", "15.00", "3.15")
    assert "minimum" in {line["code"] for line in price["lines"]}
    assert "total_usd" not in body


@pytest.mark.parametrize(("quantity", "discount"), [(10, "0.95"), (50, "0.88")])
def test_a_golden_sanded_order_on_the_big_printer_has_its_break(
    shop: Path, tmp_path: Path, quantity: int, discount: str
) -> None:
    """By hand, from the grams and hours of the plates: 45 EUR a kilogram, 8 EUR an hour."""
    part = tmp_path / "long.stl"
    part.write_bytes(binary_stl(box(250, 20, 5)))
    options = ("--material", "PLA-CF", "--layer-thickness", "400", "--colour", "gold")
    body = quoted(shop, part, *options, "--finish", "sanded", "--quantity", str(quantity))
    assert body["printer"]["id"] == "big"
    assert sum(plate["copies"] * plate["times"] for plate in body["plates"]) == quantity
    grams, hours = (
        sum(plate["times"] * Decimal(str(plate[key])) for plate in body["plates"])
        for key in ("filament_weight_g", "print_time_hours")
    )
    material, machine = grams * Decimal("0.045"), hours * 8
    costs = material + machine + material / 10 + quantity * 4 + 5
    net = costs * Decimal("1.30") * Decimal(discount)
    assert near(body["price"]["net"], net)
    assert near(body["price"]["tax"], net * Decimal("0.21"))
    assert near(body["price"]["total"], net * Decimal("1.21"))
    amounts = {line["code"]: line["amount"] for line in body["price"]["lines"]}
    assert near(amounts["finish:sanded"], Decimal(quantity * 4))
    assert near(amounts["colour"], material / 10)


def test_the_table_of_the_guide_has_every_key() -> None:
    """What the file may say, and nothing that it may not."""
    rows = re.findall(r"^\| (?:\(top\)|`[\[\].a-z_]+`) \| (.*) \|$", GUIDE, re.MULTILINE)
    told = set(re.findall(r"`([a-z_0-9]+)`", " ".join(rows)))
    schema = json.loads((Path(__file__).parents[1] / "docs" / "shop.schema.json").read_text())
    tables = {"printers", "qualities", "materials", "finishes", "tariff", "lead_time", "review"}
    tables |= {"quote", "customer", "overrides", "speeds", "tax"}
    keys = {
        key for each in [schema, *schema["$defs"].values()] for key in each.get("properties", ())
    }
    assert keys - tables - {"from", "percent", "min", "max"} <= told
    values = {"none", "ladder", "table", "capacity", "plates", "multiply"}
    assert told <= keys | values
    assert load_shop(BUNDLED).name
