"""A copy of the bundled shop that a test may spoil."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pricing_fdm.model import PrintSettings
from pricing_fdm.shop.faults import ShopError
from pricing_fdm.shop.load import load_shop
from pricing_fdm.slicers.presets.chosen import ChosenPresets
from pricing_fdm.slicers.presets.loaded_shop import LoadedShop, PrinterPresets, load_presets

BUNDLED = Path(__file__).parents[2] / "profiles"

Document = dict[str, Any]


def presets_in(path: Path) -> LoadedShop:
    """The presets of a shop's folder."""
    return load_presets(load_shop(path))


def only_printer(path: Path = BUNDLED) -> PrinterPresets:
    """The printer of a shop that has one."""
    (printer,) = presets_in(path).printers
    return printer


def chosen(quality: str = "standard", material: str = "pla", path: Path = BUNDLED) -> ChosenPresets:
    """The three presets for a quality and a material."""
    return only_printer(path).chosen(quality, material)


def chosen_for(settings: PrintSettings, path: Path = BUNDLED) -> ChosenPresets:
    """Those that an order's settings choose."""
    return chosen(settings.quality.id, settings.material, path)


class ProfileFolder:
    """The copy."""

    def __init__(self, path: Path) -> None:
        self.path = path
        shutil.copytree(BUNDLED, path)

    def read(self, file: str) -> Document:
        """One file as it stands."""
        document: Document = json.loads((self.path / file).read_bytes())
        return document

    def edit(self, file: str, change: Callable[[Document], object]) -> None:
        """Applies `change` to the file's JSON object."""
        document = self.read(file)
        change(document)
        self.write(file, json.dumps(document, indent=1))

    def set(self, file: str, **values: object) -> None:
        """Replaces values; `None` takes a key out."""
        self.edit(file, lambda document: document.update(values))
        self.edit(file, lambda document: [document.pop(k) for k, v in values.items() if v is None])

    def write(self, file: str, text: str) -> None:
        """Replaces a file."""
        (self.path / file).write_text(text, encoding="utf-8")

    def shop(self, old: str, new: str) -> None:
        """Replaces a text of the shop file, which must be in it."""
        text = (self.path / "shop.toml").read_text("utf-8")
        assert old in text
        self.write("shop.toml", text.replace(old, new))

    def add_to_shop(self, text: str) -> None:
        """Adds tables at the end of the shop file."""
        self.write("shop.toml", (self.path / "shop.toml").read_text("utf-8") + text)

    def presets(self) -> LoadedShop:
        """What the folder holds now."""
        return presets_in(self.path)

    def faults(self) -> tuple[str, ...]:
        """Why the presets are refused, without the lines."""
        with pytest.raises(ShopError) as caught:
            self.presets()
        return tuple(f"{each.file}: {each.key} {each.message}" for each in caught.value.faults)

    def warnings(self) -> tuple[str, ...]:
        """What is probably not meant, without the lines."""
        return tuple(f"{each.file}: {each.key} {each.message}" for each in self.presets().warnings)
