"""A shop is read whole or not at all."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from pricing_fdm.shop.faults import ShopError
from pricing_fdm.shop.load import load_shop
from tests.shop.shops import BUNDLED, SMALL, write_shop


def test_the_bundled_shop_is_that_of_adr010() -> None:
    """Its eight materials at its costs, its rates, and nothing to warn of."""
    shop = load_shop(BUNDLED)
    assert {each.id: str(each.gram_cost) for each in shop.materials} == {
        "pla": "0.02",
        "abs": "0.025",
        "petg": "0.03",
        "abs-esd": "0.035",
        "asa": "0.028",
        "nylon": "0.04",
        "pc": "0.045",
        "tpu": "0.035",
    }
    assert [(each.id, each.layer_thickness) for each in shop.qualities] == [
        ("fine", 100),
        ("standard", 200),
        ("economy", 300),
    ]
    tariff = shop.tariff
    rates = (tariff.base_fee, tariff.machine_rate_per_hour, tariff.margin, tariff.speeds[0].factor)
    assert [str(rate) for rate in rates] == ["5.00", "10.00", "1.30", "1.25"]
    assert shop.currency == "USD"
    assert shop.warnings == ()


def test_the_version_follows_the_file_and_every_preset(tmp_path: Path) -> None:
    """A price can be told from one of another day's shop."""
    folder = write_shop(tmp_path)
    first = load_shop(folder).version
    assert load_shop(folder).version == first
    (folder / "pla.ini").write_text("filament_density = 1.24")
    second = load_shop(folder).version
    write_shop(tmp_path, SMALL + "# a comment\n")
    (folder / "unused.ini").touch()
    assert len({first, second, load_shop(folder).version}) == 3


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "there is no such file in"),
        (b"schema = 1\nname = \n", "shop.toml:2: is not TOML: Invalid value"),
        (b"a = " + b"[" * 100_000, "is not TOML that we read"),
        (b"a = " + b"9" * 5000, "is not TOML that we read"),
        (b"name = \xff\n", "is not UTF-8"),
    ],
    ids=["gone", "no TOML", "nested deeply", "a long number", "no UTF-8"],
)
def test_a_file_that_cannot_be_read_is_one_fault(
    tmp_path: Path, content: bytes | None, told: str
) -> None:
    """With the line where TOML stops making sense."""
    if content is not None:
        (tmp_path / "shop.toml").write_bytes(content)
    with pytest.raises(ShopError, match=told):
        load_shop(tmp_path)


def test_a_folder_in_place_of_the_file_is_told(tmp_path: Path) -> None:
    """The reason is the system's."""
    (tmp_path / "shop.toml").mkdir()
    with pytest.raises(ShopError, match="cannot be read"):
        load_shop(tmp_path)


def test_a_large_shop_is_read_in_a_fraction_of_a_second(tmp_path: Path) -> None:
    """20 printers, 12 qualities, 200 materials with colours; their presets are read elsewhere."""
    (tmp_path / "p.json").touch()
    printers = [f"p{number}" for number in range(20)]
    presets = "presets = { " + ", ".join(f'{each} = "p.json"' for each in printers) + " }\n"
    colours = ", ".join(f'{{ id = "c{n}", name = "C", hex = "#111111" }}' for n in range(8))
    text = 'schema = 1\nname = "Large"\ncurrency = "EUR"\n'
    for each in printers:
        text += f'[[printers]]\nid = "{each}"\nname = "{each}"\npreset = "p.json"\n'
    for number in range(12):
        named = f'id = "q{number}"\nname = "Q"\nlayer_thickness = {100 + number}\n'
        text += f"[[qualities]]\n{named}{presets}"
    for number in range(200):
        named = f'id = "m{number}"\nname = "M"\ncost_per_kg = "20"\n'
        text += f"[[materials]]\n{named}{presets}colours = [{colours}]\n"
    (tmp_path / "shop.toml").write_text(text + '[tariff]\nmachine_rate_per_hour = "3"\n')
    began_s = time.process_time()
    shop = load_shop(tmp_path)
    assert time.process_time() - began_s < 1
    assert len(shop.materials) == 200


def test_time_zones_are_known_where_the_system_has_none() -> None:
    """The image brings no zones of its own."""
    code = "import zoneinfo; print(zoneinfo.TZPATH, zoneinfo.ZoneInfo('Europe/Madrid'))"
    told = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONTZPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.stdout == "() Europe/Madrid\n", told.stderr
