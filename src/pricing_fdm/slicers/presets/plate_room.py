"""How much room copies need beside each other on a printer's bed.

Brim, raft and support stand out of a part. Two copies keep twice as much between them, and never
less than what the slicers keep when they arrange. Copies that are printed one after the other also
keep the clearance of the print head, and it must pass over those that stand there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from pricing_fdm.model import Bed, BuildVolume
from pricing_fdm.slicers.presets.bed import excluded_areas
from pricing_fdm.slicers.presets.chosen import ChosenPresets
from pricing_fdm.slicers.presets.file import Profile

_GAP_MM = 6.0
"""Between bare copies: what both slicers keep by default when they arrange."""

_SUPPORT_MM, _FIRST_LAYER_MM = 5.0, 3.0
"""How far support stands out, and by how much more in the first layer where no preset says more.

PrusaSlicer's G-code shows 3.8 mm above the first layer, and 7.8 mm in it.
"""

_TREE_MM = 24.0
"""The same for trees: what OrcaSlicer assumes when it arranges."""

_LOOP_MM = 1.0
"""Of a skirt; no line of a first layer is wider."""

_NOT_OUTSIDE = frozenset({"no_brim", "inner_only"})
_ONE_BY_ONE = frozenset({"by object", "1"})


@dataclass(frozen=True, slots=True)
class PlateRoom:
    """Where copies may lie.

    Attributes:
        gap_mm: Between the outlines of two copies.
        height_max_mm: A copy that is taller must be alone on its plate.
    """

    bed: Bed
    gap_mm: float
    height_max_mm: float = math.inf


def plate_room(
    presets: ChosenPresets,
    volume: BuildVolume,
    overrides: Mapping[str, str],
    *,
    supported: bool,
) -> PlateRoom:
    """The room for copies of parts that are printed alike.

    Args:
        presets: With which they are printed.
        volume: Of the printer.
        overrides: Other settings of the process, by OrcaSlicer's keys.
        supported: One of the parts has support.
    """
    process = _Process(presets.process, overrides)
    stands_out_mm = max(process.brim_mm, process.raft_mm, process.support_mm if supported else 0.0)
    bed = Bed(
        outline=volume.outline,
        excluded=excluded_areas(presets.machine),
        edge_mm=stands_out_mm + process.skirt_mm,
    )
    gap_mm = max(_GAP_MM, 2 * stands_out_mm)
    if not process.one_by_one:
        return PlateRoom(bed, gap_mm)
    clearance_mm, passes_mm = (
        float(presets.machine.number(key) or presets.process.number(key) or 0)
        for key in ("extruder_clearance_radius", "extruder_clearance_height_to_rod")
    )
    return PlateRoom(bed, max(gap_mm, clearance_mm), passes_mm)


@dataclass(frozen=True, slots=True)
class _Process:
    """What a process lays down beside a part, in mm from its outline."""

    preset: Profile
    overrides: Mapping[str, str]

    @property
    def brim_mm(self) -> float:
        if self._text("brim_type") in _NOT_OUTSIDE or not self._number("brim_width"):
            return 0.0
        return self._number("brim_width") + self._number("brim_object_gap")

    @property
    def raft_mm(self) -> float:
        return self._number("raft_first_layer_expansion") if self._number("raft_layers") else 0.0

    @property
    def support_mm(self) -> float:
        shape = f"{self._text('support_type')} {self._text('support_style')}"
        is_tree = "tree" in shape or "organic" in shape
        foot_mm = max(_FIRST_LAYER_MM, self._number("raft_first_layer_expansion"))
        return (_TREE_MM if is_tree else _SUPPORT_MM + foot_mm) + self._number("support_expansion")

    @property
    def skirt_mm(self) -> float:
        loops = self._number("skirt_loops")
        return loops and self._number("skirt_distance") + loops * _LOOP_MM

    @property
    def one_by_one(self) -> bool:
        """The copies are printed one after the other."""
        return self._text("print_sequence") in _ONE_BY_ONE

    def _text(self, key: str) -> str:
        return self.overrides.get(key) or self.preset.text(key, "")

    def _number(self, key: str) -> float:
        """0 where the slicer's own value would be used: each is 0 or goes without the key."""
        try:
            return float(self._text(key) or 0)
        except ValueError:
            return 0.0
