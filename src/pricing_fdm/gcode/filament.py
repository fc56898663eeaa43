"""Filament figures by physics: length x section x density, slot by slot.

The slicer prints grams rounded to 0.01: 0.23 g for a dowel of 0.2268 g, 0.00 g for a 1 mm cube. Its
length, rounded to 0.01 mm, is good to 0.00002 g. So grams and volume are computed from the length,
with the diameter and density of the same file's settings block. The printed grams are compared: if
they differ by more than the slicer's roundings allow, one of the numbers is wrong, and nobody can
say which.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest

from pricing_fdm.gcode.faults import incomplete
from pricing_fdm.gcode.quantities import half_last_digit

_PI = Decimal("3.141592653589793238462643383279")
_MM3_PER_CM3 = 1000
# OrcaSlicer keeps diameter, which counts twice, and density in single precision: 24 bits each.
_SINGLE_PRECISION = Decimal("1.8e-7")
_NOTHING_G = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Slot:
    """One filament as the settings block describes it; both above zero if it is in use."""

    diameter_mm: Decimal
    density_g_per_cm3: Decimal

    @property
    def cm3_per_mm(self) -> Decimal:
        """Volume of one millimetre of filament."""
        return _PI * self.diameter_mm**2 / 4 / _MM3_PER_CM3

    @property
    def g_per_mm(self) -> Decimal:
        """Weight of one millimetre of filament."""
        return self.cm3_per_mm * self.density_g_per_cm3


@dataclass(frozen=True, slots=True)
class Filament:
    """Sums over all slots.

    Attributes:
        g_per_mm: Weight of one millimetre, the same in all slots in use; None where they differ.
    """

    length_mm: Decimal
    weight_g: Decimal
    volume_cm3: Decimal
    g_per_mm: Decimal | None


def from_length(
    lengths_mm: Sequence[Decimal],
    slots: Sequence[Slot],
    weights_g: Iterable[Sequence[Decimal]],
    totals_g: Iterable[Decimal],
) -> Filament:
    """Computes weights from lengths and checks those that the slicer printed.

    Args:
        lengths_mm: As printed, slot by slot.
        slots: The filament of each.
        weights_g: As printed, slot by slot; each time that they were printed.
        totals_g: As printed, for all slots together.

    Raises:
        ResultIncomplete: A printed weight contradicts its length.
    """
    pairs = tuple(zip(lengths_mm, slots, strict=True))
    computed_g = tuple(length * slot.g_per_mm for length, slot in pairs)
    slack_g = tuple(
        half_last_digit(length) * slot.g_per_mm + computed * _SINGLE_PRECISION
        for (length, slot), computed in zip(pairs, computed_g, strict=True)
    )
    for printed_g in weights_g:
        for each in zip_longest(printed_g, computed_g, slack_g, fillvalue=_NOTHING_G):
            _check(*each)
    for total_g in totals_g:
        _check(total_g, _sum(computed_g), _sum(slack_g))
    return Filament(
        length_mm=_sum(lengths_mm),
        weight_g=_sum(computed_g),
        volume_cm3=_sum(length * slot.cm3_per_mm for length, slot in pairs),
        g_per_mm=_common_g_per_mm(pairs),
    )


def from_weight(weights_g: Sequence[Decimal], slots: Sequence[Slot]) -> Filament:
    """Volume and length from printed weights, as coarse as those are."""
    pairs = [(weight, slot) for weight, slot in zip(weights_g, slots, strict=True) if weight]
    return Filament(
        length_mm=_sum(weight / slot.g_per_mm for weight, slot in pairs),
        weight_g=_sum(weights_g),
        volume_cm3=_sum(weight / slot.density_g_per_cm3 for weight, slot in pairs),
        g_per_mm=_common_g_per_mm(pairs),
    )


def _common_g_per_mm(pairs: Iterable[tuple[Decimal, Slot]]) -> Decimal | None:
    in_use = {slot.g_per_mm for amount, slot in pairs if amount}
    return in_use.pop() if len(in_use) == 1 else None


def _check(printed_g: Decimal, computed_g: Decimal, slack_g: Decimal) -> None:
    if abs(printed_g - computed_g) > half_last_digit(printed_g) + slack_g:
        raise incomplete(
            "The slicer's filament weight contradicts its filament length",
            log_detail=f"{printed_g:.6g} g printed, {computed_g:.6g} g computed",
        )


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, start=Decimal(0))
