"""What a request asks for is offered, or the answer says what is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.shop.offer import offer_fault
from tests.shop.shops import full_shop, small_shop

PLA = {"material": "pla", "layer_thickness": 200}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """With something for every field."""
    return full_shop(tmp_path_factory.mktemp("shop"))


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("material", "petg", {}),
        ("quality", None, {}),
        ("layer_thickness", 100, {"quality": None}),
        ("printer", "auto", PLA),
        ("printer", "xl", PLA),
        ("colour", "gold", PLA),
        ("finishes", ["sanded", "dyed"], {"material": "petg"}),
        ("finishes", [], PLA),
        ("speed", "overnight", {}),
        ("rush", True, {"speed": "express"}),
        ("rush", False, {"speed": "overnight"}),
        ("overrides", {"wall_loops": 2, "brim_type": "outer_only"}, {}),
        ("infill", 5, {}),
    ],
)
def test_what_is_offered_is_no_fault(
    shop: Shop, name: str, value: Any, wanted: dict[str, Any]
) -> None:
    """Fields that are no choice of the shop are none of its business."""
    assert offer_fault(name, value, wanted, shop) is None


@pytest.mark.parametrize(
    ("name", "value", "wanted", "told"),
    [
        ("printer", "mk4", PLA, "Input should be 'auto', 'mk3s' or 'xl'"),
        ("printer", "mk3s", {"material": "petg", "quality": "fine"}, None),
        ("printer", "mk4", {}, "Input should be 'auto', 'mk3s' or 'xl'"),
        ("colour", "red", PLA, "Input should be 'black' or 'gold'"),
        ("colour", "red", {"material": "petg"}, "this material has no choice of colours"),
        ("finishes", ["dyed"], PLA, "Input should be 'sanded'"),
        ("finishes", ["sanded", "sanded"], PLA, "there is a finish twice"),
        ("overrides", {"brim_width": 3}, {}, "only these can be changed: wall_loops, brim_type"),
        ("overrides", {"wall_loops": 7}, {}, "wall_loops must be a whole number, 2 to 6"),
        ("overrides", {"wall_loops": 2.5}, {}, "wall_loops must be a whole number, 2 to 6"),
        ("overrides", {"wall_loops": True}, {}, "wall_loops must be a whole number, 2 to 6"),
        ("overrides", {"brim_type": 1}, {}, "brim_type must be one of no_brim, outer_only"),
    ],
)
def test_what_is_not_offered_is_answered_with_what_is(
    shop: Shop, name: str, value: Any, wanted: dict[str, Any], told: str | None
) -> None:
    """The caller can choose without asking again."""
    assert offer_fault(name, value, wanted, shop) == told


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("speed", "express", "there is no faster delivery"),
        ("rush", True, "there is no faster delivery"),
        ("finishes", ["sanded"], "there are no finishes for this material"),
        ("overrides", {"wall_loops": 3}, "no setting can be changed"),
    ],
)
def test_a_shop_without_any_choice_says_so(
    tmp_path: Path, name: str, value: Any, told: str
) -> None:
    """There is nothing to list."""
    assert offer_fault(name, value, PLA, small_shop(tmp_path)) == told


def test_a_material_that_no_printer_has_in_a_quality_names_those_it_has(tmp_path: Path) -> None:
    """Each is on offer, but not together."""
    second = '[[printers]]\nid = "xl"\nname = "XL"\npreset = "machine.ini"\n'
    draft = '[[qualities]]\nid = "draft"\nname = "Draft"\nlayer_thickness = 400\n'
    preset = 'presets = { xl = "standard.ini" }\n'
    shop = small_shop(tmp_path, more=second + draft + preset)
    fault = offer_fault("printer", "auto", {"material": "pla", "quality": "draft"}, shop)
    assert fault == ("no printer has this material in this quality; it is offered in standard")
