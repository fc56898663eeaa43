"""A fault names file, key and line, and what was probably meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from pricing_fdm.shop.faults import Fault, ShopError, nearest
from tests.shop.shops import SMALL, small_shop


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('name = "PLA"', 'nmae = "PLA"', "materials[pla].nmae: there is no such key; did you"),
        ('hex = "#111111"', 'hx = "#111111"', "materials[pla].colours[black].hx: there is"),
        ("machine_rate_per_hour", "machine_rate", "did you mean machine_rate_per_hour?"),
        ('"EUR"', '"EUR"\nbase_fee = "5"', "base_fee: there is no such key here; it stands in [ta"),
        ("[tariff]", '[tariff]\ncurrency = "EUR"', "here; it stands at the top of the file"),
        ("[tariff]", "[overrides]\nx = { mn = 1, max = 2 }\n[tariff]", "overrides.x.mn: there is"),
        (
            'id = "mk3s"\nname',
            'id = "mk3s"\nqqqq = 1\nname',
            "printers[mk3s].qqqq: there is",
        ),
    ],
)
def test_a_key_that_is_not_known_is_named_with_the_likeliest(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    """An owner's slip of the finger is never dropped in silence."""
    with pytest.raises(ShopError) as error:
        small_shop(tmp_path, (old, new))
    assert told in str(error.value)


def test_all_faults_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    """Of shape and of sense together, from the top of the file down."""
    slips = (("schema = 1", "schema = 2"), ("layer_thickness = 200", "layer_thickness = 0.2"))
    with pytest.raises(ShopError) as error:
        small_shop(tmp_path, *slips, ('mk3s = "pla.ini"', 'mk4 = "pla.ini"'))
    assert [(fault.key, fault.line) for fault in error.value.faults] == [
        ("schema", 1),
        ("qualities[standard].layer_thickness", 13),
        ("materials[pla].presets.mk4", 20),
        ("materials[pla].presets", 20),
    ]
    assert all(fault.file == "shop.toml" for fault in error.value.faults)


def test_a_missing_key_has_the_line_of_its_table(tmp_path: Path) -> None:
    """There is no other."""
    with pytest.raises(ShopError) as error:
        small_shop(tmp_path, ('name = "PLA"\n', ""))
    line = SMALL.splitlines().index("[[materials]]") + 1
    assert error.value.faults == (Fault("shop.toml", "materials[pla].name", line, "is missing"),)


def test_without_a_likely_name_all_are_given() -> None:
    """A short list says more than a wild guess."""
    assert nearest("zzz", ["mk3s", "xl"]) == "there is mk3s, xl"
    assert nearest("zzz", []) == "there is none"
    assert str(Fault("shop.toml", "", None, "is gone")) == "shop.toml: is gone"
