"""Adds a printer's presets to the text of a shop file; the rest stays as it was written.

Entries that are there get the presets in place. New ones come after the last line, which
makes a new printer the last in the order of preference.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import tomlkit
from tomlkit.items import InlineTable

from pricing_fdm.shop.catalogue import Material, Quality, Shop
from pricing_fdm.shop.faults import Fault, ShopError
from pricing_fdm.shop.load import SHOP_FILE
from pricing_fdm.slicers.library.judging import Usable
from pricing_fdm.slicers.library.offer import TITLES
from pricing_fdm.slicers.presets.file import Profile

_MM_PER_UM = 1000
_KEYS = {"qualities": "layer_thickness", "materials": "id"}
_NOT_TO_BE_EDITED = "cannot be added to by this command; write its tables as [[printers]]."


@dataclass(slots=True)
class Entries:
    """What a printer's presets bring to a shop file.

    Attributes:
        printer: Its id.
        files: The preset of each entry that is there, by array and number.
        new: Entries that are not there yet, by array.
        notes: What stands where, in words.
        left_out: Materials of which no cost is known, by id.
    """

    printer: str
    files: dict[tuple[str, int], str] = field(default_factory=dict)
    new: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    notes: list[tuple[str, str]] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)


def printer_entry(printer_id: str, name: str, found: Usable) -> dict[str, Any]:
    """What the shop file says of a new printer."""
    engine, preset = TITLES[found.machine.format], str(found.machine.path)
    return {"id": printer_id, "name": name, "engine": engine, "preset": preset}


def entries_of(shop: Shop, printer_id: str, found: Usable) -> Entries:
    """Puts each preset into the entry of its layer thickness or material, or into a new one."""
    entries = Entries(printer_id)
    for um, process in sorted(found.processes.items()):
        mm = f"{um / _MM_PER_UM:g}"
        entry = {"id": f"{mm}mm", "name": f"{mm} mm", "layer_thickness": um}
        _put(entries, "qualities", shop.qualities, process, entry)
    materials = [each.id for each in shop.materials]
    for material, filament in found.filaments.items():
        cost = filament.number("filament_cost")
        if material not in materials and not cost:
            entries.left_out[material] = filament.name
            continue
        entry = {"id": material, "name": filament.text("filament_type"), "cost_per_kg": str(cost)}
        _put(entries, "materials", shop.materials, filament, entry)
    return entries


def text_with(text: str, entries: Entries) -> str:
    """The text of the shop file with the entries.

    Raises:
        ShopError: The file is written in a way that this cannot be added to.
    """
    edited, meant = tomlkit.parse(text), tomllib.loads(text)
    for document in (edited, meant):
        for (array, number), file in entries.files.items():
            document[array][number]["presets"][entries.printer] = file
    for array, added in entries.new.items():
        meant.setdefault(array, []).extend(added)
    result = tomlkit.dumps(edited)
    if entries.new:
        result = f"{result.rstrip()}\n\n{_as_text(entries)}"
    try:
        is_meant = tomllib.loads(result) == meant
    except tomllib.TOMLDecodeError:
        is_meant = False
    if not is_meant:
        raise ShopError((Fault(SHOP_FILE, "", None, _NOT_TO_BE_EDITED),))
    return result


def _put(
    entries: Entries,
    array: str,
    known: Sequence[Quality | Material],
    preset: Profile,
    entry: dict[str, Any],
) -> None:
    key = _KEYS[array]
    number = next((n for n, each in enumerate(known) if getattr(each, key) == entry[key]), None)
    where = ", a new entry"
    if number is None:
        entry["presets"] = {entries.printer: str(preset.path)}
        entries.new.setdefault(array, []).append(entry)
    else:
        before = known[number].presets.get(entries.printer, "")
        entries.files[array, number] = str(preset.path)
        where = f", in place of {before}" if before not in {"", str(preset.path)} else ""
    entries.notes.append((array, f"{entry['id']}: {preset.name}{where}"))


def _as_text(entries: Entries) -> str:
    document = tomlkit.document()
    document.add(tomlkit.comment(f"Added with the printer {entries.printer}."))
    if "materials" in entries.new:
        document.add(tomlkit.comment("The costs of its materials are the presets': check them."))
    for array, added in entries.new.items():
        tables = tomlkit.aot()
        for values in added:
            table = tomlkit.table()
            for key, value in values.items():
                table.add(key, _inline(value) if isinstance(value, dict) else value)
            tables.append(table)
        document.add(array, tables)
    return tomlkit.dumps(document)


def _inline(values: Mapping[str, str]) -> InlineTable:
    inline = tomlkit.inline_table()
    inline.update(values)
    return inline
