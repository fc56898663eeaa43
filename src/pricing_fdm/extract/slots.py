"""Which filament of the settings block belongs to which printed figure.

OrcaSlicer's footer has one figure for each filament of the block, `0.00` for an idle one.
PrusaSlicer's goes up to the last one that moved. Bambu-style headers have one for each filament
that their line `; filament: 1,3` names. A wrong guess would show: the printed grams are compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from pricing_fdm.errors import ResultIncomplete
from pricing_fdm.extract.faults import incomplete, missing
from pricing_fdm.extract.filament import Slot
from pricing_fdm.extract.quantities import parse_amounts, parse_counts


def slots_of(count: int, config: Mapping[str, str], used: str) -> tuple[Slot, ...]:
    """Finds diameter and density for each of `count` figures.

    Args:
        count: How many figures the slicer printed.
        config: The settings block.
        used: Numbers of the filaments used, from 1, as the slicer lists them; empty where it does
            not.

    Raises:
        ResultIncomplete: A diameter or density is missing or zero, or belongs to no one figure.
    """
    diameters_mm = _setting(config, "filament_diameter", "filament's diameter")
    densities = _setting(config, "filament_density", "filament's density")
    if len(diameters_mm) != len(densities):
        raise _ambiguous(count, config, used)
    slots = tuple(map(Slot, diameters_mm, densities))
    if len(slots) == count:
        return slots
    if used:
        return _named(slots, count, config, used)
    if len(slots) < count:
        raise _ambiguous(count, config, used)
    return slots[:count]


def _named(
    slots: tuple[Slot, ...], count: int, config: Mapping[str, str], used: str
) -> tuple[Slot, ...]:
    by_number = dict(enumerate(slots, start=1))
    try:
        named = tuple(by_number[number] for number in parse_counts(used))
    except (KeyError, ValueError) as error:
        raise _ambiguous(count, config, used) from error
    if len(named) != count:
        raise _ambiguous(count, config, used)
    return named


def _setting(config: Mapping[str, str], key: str, name: str) -> tuple[Decimal, ...]:
    text = config.get(key, "")
    try:
        values = parse_amounts(text)
    except ValueError:
        values = ()
    if not values or not all(values):
        raise missing(name, log_detail=f"{key} = {text!r}")
    return values


def _ambiguous(count: int, config: Mapping[str, str], used: str) -> ResultIncomplete:
    return incomplete(
        "The slicer's result does not tell which filament its figures belong to",
        log_detail=f"{count} figures, filaments used {used!r}, "
        f"filament_diameter = {config['filament_diameter']!r}, "
        f"filament_density = {config['filament_density']!r}",
    )
