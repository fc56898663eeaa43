"""Which presets of a library belong to a printer: both slicers have the same rules."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from pricing_fdm.slicers.library.inheritance import FlatPreset
from pricing_fdm.slicers.presets.conditions import holds


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

    All where it names none that is meant for the printer.
    """
    aliases = {_alias(name) for name in names if name}
    chosen = [each for each in filaments if each.name == default or _alias(each.name) in aliases]
    return tuple(chosen) if aliases and chosen else filaments


def _alias(name: str) -> str:
    """`Prusament PLA` of `Prusament PLA @0.25 nozzle`."""
    return name.partition("@")[0].strip()
