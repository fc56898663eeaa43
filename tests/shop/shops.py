"""Shop files for the tests, small enough to be read in them."""

from __future__ import annotations

from pathlib import Path

from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.shop.load import SHOP_FILE, load_shop

BUNDLED = Path(__file__).parents[2] / "profiles"

SMALL = """\
schema = 1
name = "Northside Prints"
currency = "EUR"

[[printers]]
id = "mk3s"
name = "Prusa MK3S"
preset = "machine.ini"

[[qualities]]
id = "standard"
name = "Standard"
layer_thickness = 200
presets = { mk3s = "standard.ini" }

[[materials]]
id = "pla"
name = "PLA"
cost_per_kg = "20.00"
presets = { mk3s = "pla.ini" }
colours = [
  { id = "black", name = "Black", hex = "#111111" },
  { id = "gold", name = "Silk gold", hex = "#c9a227", surcharge_percent = 10 },
]

[tariff]
machine_rate_per_hour = "3.20"
"""
FILES = ("machine.ini", "standard.ini", "pla.ini")


def write_shop(folder: Path, text: str = SMALL) -> Path:
    """Makes a shop's folder, with empty presets."""
    folder.mkdir(exist_ok=True)
    (folder / SHOP_FILE).write_text(text)
    for name in FILES:
        (folder / name).touch()
    return folder


def small_shop(folder: Path, *changes: tuple[str, str], more: str = "") -> Shop:
    """The small shop with some of its text changed, and more at its end."""
    text = SMALL
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return load_shop(write_shop(folder, text + more))
