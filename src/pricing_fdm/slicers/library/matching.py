"""Which presets of a library belong to a printer: both slicers have the same rules."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from pricing_fdm.slicers.library.inheritance import FlatPreset
from pricing_fdm.slicers.presets.conditions import holds

_LONGEST_NAME = 48
_USUAL = frozenset({"pla", "abs", "petg", "asa", "nylon", "pc", "tpu"})
# What a shop calls a type of filament, where it is not the type in small letters.
_MATERIALS = {"flex": "tpu", "pet": "petg", "pa": "nylon"}
# Filled plastics cost a multiple of the plain ones, so they are materials of their own.
_FILLED = {
    "-cf": re.compile(r"carbon|\bCF", re.IGNORECASE),
    "-gf": re.compile(r"glass fib|\bGF", re.IGNORECASE),
}


def is_meant_for(
    printer: Collection[str], settings: Mapping[str, str], names: Sequence[str], condition: str
) -> bool:
    """Whether a preset is for a printer: by its list of names; without one, by its condition.

    Args:
        printer: Its name, and those that it inherits from.
        settings: Of the printer.
        names: Of the printers that the preset is for.
        condition: Of the preset.

    Raises:
        ConditionError: The condition cannot be judged.
    """
    if names:
        return not {*names}.isdisjoint(printer)
    return not condition or holds(condition, settings)


def default_first(
    presets: Iterable[FlatPreset], default: str, remarks: list[str]
) -> tuple[FlatPreset, ...]:
    """The presets with the vendor's default in front; a remark where it is not among them."""
    ordered = sorted(presets, key=lambda each: each.name != default)
    if default and not (ordered and ordered[0].name == default):
        remarks.append(f"the vendor's default, {default}, is not among those for this printer")
    return tuple(ordered)


def named_by_vendor(
    filaments: tuple[FlatPreset, ...], names: Iterable[str], default: str
) -> tuple[FlatPreset, ...]:
    """The default, and those that the vendor names for a model, in whatever variant.

    Of a usual material that is not among them, one preset more: the generic one, or one of usual
    density. All where the vendor names none that is meant for the printer.
    """
    aliases = {_alias(name) for name in names if name}
    chosen = [each for each in filaments if each.name == default or _alias(each.name) in aliases]
    if not (aliases and chosen):
        return filaments
    for material in sorted(_USUAL - {_material(each) for each in chosen}):
        same = [each for each in filaments if _material(each) == material]
        chosen += [each for each in same if "Generic" in each.name][:1] or _middle(same)
    return tuple(chosen)


def _middle(filaments: list[FlatPreset]) -> list[FlatPreset]:
    """The one of usual density, if any: others hold fillers."""
    ordered = sorted(filaments, key=lambda each: _text(each, "filament_density"))
    return ordered[len(ordered) // 2 :][:1]


def material_of(name: str, filament_type: str) -> str:
    """What a shop calls a filament: PA-CF and a PA that is named Carbon Fiber are both nylon-cf."""
    kind = slug(filament_type)
    for end, words in _FILLED.items():
        if words.search(name) or kind.endswith(end):
            plain = kind.removesuffix(end)
            return f"{_MATERIALS.get(plain, plain)}{end}"
    return _MATERIALS.get(kind, kind)


def slug(name: str) -> str:
    """A name as an id or a file name: small letters, digits, `.` and `-`."""
    text = re.sub(r"[^a-z0-9.]+", "-", name.lower())[:_LONGEST_NAME].strip("-.")
    return text or "preset"


def _material(filament: FlatPreset) -> str:
    return material_of(filament.name, _text(filament, "filament_type"))


def _text(filament: FlatPreset, key: str) -> str:
    stated = filament.values.get(key, "")
    return stated if isinstance(stated, str) else "".join(stated[:1])


def _alias(name: str) -> str:
    """`Prusament PLA` of `Prusament PLA @0.25 nozzle`."""
    return name.partition("@")[0].strip()
