"""Which filament of the settings block each printed figure belongs to.

OrcaSlicer's footer has one figure for each filament of the block, `0.00` for an idle one.
PrusaSlicer's goes up to the last one that moved. Bambu-style headers have one for each filament
that their line `; filament: 1,3` names. Where a list of the block is too short for a filament, its
first value counts, as in the slicers. A wrong guess would be seen: the printed grams are compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal

from pricing_fdm.gcode.faults import missing
from pricing_fdm.gcode.filament import Slot
from pricing_fdm.gcode.quantities import parse_amounts, parse_counts

_NAMES = {
    "filament_diameter": "filament's diameter",
    "filament_density": "filament's density",
}
_UNREADABLE = (Decimal(0),)


def slots_of(
    amounts: Sequence[Decimal], config: Mapping[str, str], used: Iterable[str]
) -> tuple[Slot, ...]:
    """Finds diameter and density for each of the printed figures.

    Args:
        amounts: The figures. Zero is an idle filament, whose diameter and density may be missing.
        config: The settings block.
        used: How the slicer lists the filaments used, by their numbers from 1.

    Raises:
        ResultIncomplete: The diameter or density of a filament in use is missing or zero.
    """
    lists = {key: _numbers(config.get(key, "")) for key in _NAMES}
    indices = _indices(len(amounts), max(map(len, lists.values())), used)
    for key, numbers in lists.items():
        if not all(_at(numbers, i) for i, amount in zip(indices, amounts, strict=True) if amount):
            raise missing(_NAMES[key], log_detail=f"{key} = {config.get(key)!r}")
    diameters_mm, densities = lists.values()
    return tuple(Slot(_at(diameters_mm, i), _at(densities, i)) for i in indices)


def _numbers(text: str) -> tuple[Decimal, ...]:
    try:
        return parse_amounts(text)
    except ValueError:
        return _UNREADABLE


def _indices(figures: int, filaments: int, used: Iterable[str]) -> Sequence[int]:
    """Where each figure's filament stands in the lists."""
    for stated in used if figures != filaments else ():
        with suppress(ValueError):
            numbers = parse_counts(stated)
            if len(numbers) == figures and all(numbers):
                return [number - 1 for number in numbers]
    return range(figures)


def _at(numbers: Sequence[Decimal], index: int) -> Decimal:
    return numbers[index] if index < len(numbers) else numbers[0]
