"""Filament figures by physics: length x section x density, slot by slot.

The slicer prints grams rounded to 0.01: 0.23 g for a dowel of 0.2268 g, 0.00 g for a 1 mm cube. Its
length, rounded to 0.01 mm, is good to 0.00002 g. So grams and volume are computed from the length,
with the diameter and density of the same file's settings block, and the printed grams serve as a
witness: if they differ by more than both roundings allow, one of the numbers is not what we think
it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pricing_fdm.errors import ResultIncomplete
from pricing_fdm.extract.faults import incomplete
from pricing_fdm.extract.quantities import half_last_digit

_PI = Decimal("3.141592653589793238462643383279")
_MM3_PER_CM3 = 1000


@dataclass(frozen=True, slots=True)
class Slot:
    """One filament as the settings block describes it; both above zero."""

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
        g_per_mm: Weight of one millimetre, the same in all slots; None where they differ.
    """

    length_mm: Decimal
    weight_g: Decimal
    volume_cm3: Decimal
    g_per_mm: Decimal | None


def from_length(
    lengths_mm: Sequence[Decimal],
    slots: Sequence[Slot],
    weights_g: Sequence[Decimal],
    total_weight_g: Decimal | None,
) -> Filament:
    """Weighs lengths and checks the weights that the slicer printed.

    Raises:
        ResultIncomplete: A printed weight contradicts its length.
    """
    if len(weights_g) != len(lengths_mm):
        raise _contradiction(weights_g, lengths_mm, "mm")
    pairs = tuple(zip(lengths_mm, slots, strict=True))
    computed_g = tuple(length * slot.g_per_mm for length, slot in pairs)
    slack_g = tuple(half_last_digit(length) * slot.g_per_mm for length, slot in pairs)
    for weight, computed, slack in zip(weights_g, computed_g, slack_g, strict=True):
        _check(weight, computed, slack)
    if total_weight_g is not None:
        _check(total_weight_g, _sum(computed_g), _sum(slack_g))
    return Filament(
        length_mm=_sum(lengths_mm),
        weight_g=_sum(computed_g),
        volume_cm3=_sum(length * slot.cm3_per_mm for length, slot in pairs),
        g_per_mm=_common_g_per_mm(slots),
    )


def from_weight(weights_g: Sequence[Decimal], slots: Sequence[Slot]) -> Filament:
    """Volume and length from printed weights: the other way round, and as coarse as they are."""
    pairs = tuple(zip(weights_g, slots, strict=True))
    return Filament(
        length_mm=_sum(weight / slot.g_per_mm for weight, slot in pairs),
        weight_g=_sum(weights_g),
        volume_cm3=_sum(weight / slot.density_g_per_cm3 for weight, slot in pairs),
        g_per_mm=_common_g_per_mm(slots),
    )


def _common_g_per_mm(slots: Sequence[Slot]) -> Decimal | None:
    first, *others = (slot.g_per_mm for slot in slots)
    return None if any(other != first for other in others) else first


def _check(printed_g: Decimal, computed_g: Decimal, slack_g: Decimal) -> None:
    if abs(printed_g - computed_g) > half_last_digit(printed_g) + slack_g:
        raise _contradiction((printed_g,), (computed_g,), "g computed")


def _contradiction(
    printed_g: Sequence[Decimal], other: Sequence[Decimal], unit: str
) -> ResultIncomplete:
    return incomplete(
        "The slicer's filament weight contradicts its filament length",
        log_detail=f"{_list(printed_g)} g printed, {_list(other)} {unit}",
    )


def _list(amounts: Sequence[Decimal]) -> str:
    return ", ".join(f"{amount:.6g}" for amount in amounts)


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, start=Decimal(0))
