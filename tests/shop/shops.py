"""Shop files for the tests, small enough to be read in them."""

from __future__ import annotations

import functools
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


@functools.cache
def bundled_shop() -> Shop:
    """The shop of ADR-010."""
    return load_shop(BUNDLED)


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


def full_shop(folder: Path) -> Shop:
    """A shop with something for every field of a request."""
    second = 'id = "xl"\nname = "XL"\npreset = "machine.ini"\n'
    fine = 'id = "fine"\nname = "Fine"\nlayer_thickness = 100\n'
    petg = 'id = "petg"\nname = "PETG"\ncost_per_kg = "30"\n'
    on_both = 'presets = { mk3s = "pla.ini", xl = "pla.ini" }\n'
    return small_shop(
        folder,
        ('{ mk3s = "standard.ini" }', '{ mk3s = "standard.ini", xl = "standard.ini" }'),
        ('{ mk3s = "pla.ini" }', '{ mk3s = "pla.ini", xl = "pla.ini" }'),
        more=f"""
[[printers]]
{second}
[[qualities]]
{fine}{on_both}
[[materials]]
{petg}{on_both}
[[finishes]]
id = "sanded"
name = "Sanded"
per_part = "4.00"
max_dimensions_mm = [150, 150, 150]
[[finishes]]
id = "dyed"
name = "Dyed"
materials = ["petg"]
[[tariff.speeds]]
id = "express"
name = "Express"
factor = "1.25"
days_factor = "0.5"
[[tariff.speeds]]
id = "overnight"
name = "Overnight"
factor = "2"
days_factor = "0.2"
[overrides]
wall_loops = {{ min = 2, max = 6 }}
brim_type = ["no_brim", "outer_only"]
""",
    )
