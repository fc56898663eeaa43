"""Formats sizes, and finds the unit that a caller probably meant.

STL and OBJ carry no unit: their numbers are in the unit that the request names. 3MF and STEP state
their own. Nothing is scaled unasked. For a part of suspicious size the quote says what it would
measure in another unit, if that would be a part for this printer; the caller decides.

Cost: O(n) in triangles where another unit than mm is named.
"""

from __future__ import annotations

import math
import re
from typing import TypeAlias

import numpy as np

from pricing_fdm.mesh.triangles import Corners, Reals
from pricing_fdm.model import BuildVolume, Unit

Size: TypeAlias = tuple[float, float, float]
"""Extents along x, y, z in mm."""

FIT_TOLERANCE_MM = 0.001
"""How far a part may stand over: what rounding to float32 can add, far less than a line."""

MIN_EXTENT_MM = 0.05
"""Thinner than a layer of any profile."""

SUSPECT_EXTENT_MM = 1.0
"""A part smaller than this in every direction was probably drawn in another unit."""

SUSPECT_MM3 = 9.0
"""And so was one of a smaller volume, at which slicers ask: a cube of two inches is 8 here."""

SUSPECT_RATIO = 5.0
"""A part so many times longer than the printer's longest side was probably, too."""

Place: TypeAlias = tuple[float, float, float]
"""A point of the file."""

MAX_PLACES, MAX_TOLD = 5, 50
"""How many places a message names, and how many are told beside it."""

_FACTORS = (1000.0, 25.4, 10.0)
"""Metres, inches and centimetres taken for millimetres; their inverses the other way round."""

_NAMES = {Unit.M: "metres", Unit.INCH: "inches", Unit.CM: "centimetres", Unit.MM: "millimetres"}

_WORDS = {
    Unit.MM: (b"mm", b"millimeter", b"millimeters", b"millimetre", b"millimetres"),
    Unit.CM: (b"cm", b"centimeter", b"centimeters", b"centimetre", b"centimetres"),
    Unit.INCH: (b"in", b"inch", b"inches"),
    Unit.M: (b"m", b"meter", b"meters", b"metre", b"metres"),
}
_REMARK = re.compile(
    rb"^[ \t]*#[^\r\n]*?\bunits?\b[ \t]*(?:[:=]|are|is|in)?[ \t]*[\"']?([a-z]+)",
    re.IGNORECASE | re.MULTILINE,
)
_NAME_IT = "If that is right, name it in `units`."
_MEND_IT = "If that is right, mend the unit in the export."


def in_mm(corners: Corners, unit: Unit) -> Corners:
    """The corners in mm; numbers that are not finite are refused later."""
    if unit is Unit.MM:
        return corners
    with np.errstate(over="ignore", invalid="ignore"):
        return corners * np.float32(unit.length_mm)


def length_text(length_mm: float) -> str:
    """`129.98`, `0.03`: to a micrometre, below 1 mm to a nanometre, without trailing zeros."""
    digits = 3 if length_mm >= 1 else 6
    return f"{length_mm:.{digits}f}".rstrip("0").rstrip(".")


def size_text(size: Size) -> str:
    """`30 x 20 x 10 mm`, in the order x, y, z."""
    return " x ".join(length_text(side) for side in size) + " mm"


def places_text(places: Reals) -> str:
    """`(1, 2.5, 0) and 3 more`: the first places, (n, 3), to a hundredth of their unit."""
    shown = [
        f"({', '.join(f'{round(each, 2) + 0.0:g}' for each in place)})"
        for place in places[:MAX_PLACES].tolist()
    ]
    more = len(places) - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more else "")


def first_places(places: Reals) -> tuple[Place, ...]:
    """As many as a program may be told, to a thousandth of their unit."""
    rounded = np.round(places[:MAX_TOLD], 3) + 0.0
    return tuple((x, y, z) for x, y, z in rounded.tolist())


def beyond(size: Size, volume: BuildVolume) -> dict[str, float]:
    """The axes along which a part of this size is too large for the printer, and by how much."""
    room = (volume.x_mm, volume.y_mm, volume.z_mm)
    over = {axis: side - limit for axis, side, limit in zip("xyz", size, room, strict=True)}
    return {axis: excess for axis, excess in over.items() if excess > FIT_TOLERANCE_MM}


def unit_hint(
    size: Size,
    volume: BuildVolume,
    unit: Unit | None,
    *,
    volume_mm3: float = math.inf,
    stated: Unit | None = None,
) -> str:
    """What a part of suspicious size would measure in a unit in which it makes sense.

    A part is suspicious if its longest side is below `SUSPECT_EXTENT_MM` or above `SUSPECT_RATIO`
    times the printer's, or its volume is below `SUSPECT_MM3`. It makes sense if it is not too
    small, not too thin, and fits the printer's box on some side.

    Args:
        size: As it is now.
        volume: The printer's box.
        unit: In which the numbers were read; None when the file itself states its unit.
        volume_mm3: Of the part, if it is known yet.
        stated: The unit by a remark in the file or, with `unit` None, by its format.

    Returns:
        Two sentences; empty if the size is not suspicious or makes sense in no unit.
    """
    if unit is not None and stated not in {None, unit}:
        return _by_remark(size, unit, stated or unit)
    if unit is None and stated is not None and (hint := _by_format(size, volume, stated)):
        return hint
    tiny = max(size) < SUSPECT_EXTENT_MM or volume_mm3 < SUSPECT_MM3
    if not tiny and max(size) <= SUSPECT_RATIO * max(volume.x_mm, volume.y_mm, volume.z_mm):
        return ""
    if unit is not None:
        units = {name: other.length_mm / unit.length_mm for other, name in _NAMES.items()}
        if sizes := _sensible(size, volume, units):
            return f"Read in {_listed('in', sizes)}. {_NAME_IT}"
    factors = {f"{each:g}": each if tiny else 1 / each for each in _FACTORS}
    if sizes := _sensible(size, volume, factors):
        verb = "Multiplied" if tiny else "Divided"
        return f"{verb} by {_listed('by', sizes)}. {_MEND_IT}"
    return ""


def stated_in(text: bytes) -> Unit | None:
    """The unit that a remark names, such as `# File units = inches`; None if none does."""
    found = _REMARK.search(text)
    word = found[1].lower() if found else b""
    return next((unit for unit, words in _WORDS.items() if word in words), None)


def _by_remark(size: Size, unit: Unit, stated: Unit) -> str:
    """The size in the unit that a remark in the file names."""
    name, factor = _NAMES[stated], stated.length_mm / unit.length_mm
    made = (size[0] * factor, size[1] * factor, size[2] * factor)
    return (
        f"A remark in the file says {name}. Read in {name} it would measure {size_text(made)}. "
        f"{_NAME_IT}"
    )


def _by_format(size: Size, volume: BuildVolume, stated: Unit) -> str:
    """Where a part of the unit that its format states does not fit, but would in millimetres."""
    if stated is Unit.MM or _fits(size, volume):
        return ""
    name = f"as millimetres instead of the {_NAMES[stated]} that the file states,"
    sizes = _sensible(size, volume, {name: 1 / stated.length_mm})
    return f"Taken {_listed('', sizes)}. {_MEND_IT}" if sizes else ""


def _fits(size: Size, volume: BuildVolume) -> bool:
    room = sorted((volume.x_mm, volume.y_mm, volume.z_mm))
    return all(side <= limit for side, limit in zip(sorted(size), room, strict=True))


def _sensible(size: Size, volume: BuildVolume, factors: dict[str, float]) -> dict[str, Size]:
    """The factors by which the size becomes that of a part for this printer, and that size."""
    scaled = {
        name: (size[0] * factor, size[1] * factor, size[2] * factor)
        for name, factor in factors.items()
    }
    return {
        name: made
        for name, made in scaled.items()
        if max(made) >= SUSPECT_EXTENT_MM
        and min(made) >= MIN_EXTENT_MM
        and made != size
        and _fits(made, volume)
    }


def _listed(preposition: str, sizes: dict[str, Size]) -> str:
    """`metres it would measure 150 x 100 x 100 mm, in inches 3.81 x 2.54 x 2.54 mm`."""
    (first, size), *others = sizes.items()
    text = f"{first} it would measure {size_text(size)}"
    return text + "".join(f", {preposition} {name} {size_text(made)}" for name, made in others)
