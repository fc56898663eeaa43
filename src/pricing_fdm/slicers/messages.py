"""What the slicers say of a model that they do not slice, and what a caller reads instead.

Both slicers come from one program, so one table has the words of both: PrusaSlicer 2.5 to 2.9 and
OrcaSlicer 2.3. Each message has one meaning; the first that is found counts.
"""

from __future__ import annotations

from pricing_fdm.errors import ModelError, ModelExceedsBuildVolume, ModelUnsliceable

TOO_LARGE = "The slicer finds that the part does not fit into the build volume."
TOO_TALL = (
    "The slicer finds that the part is higher than the printer can print. Lay it on another side, "
    "or make it lower."
)
NO_LAYER = (
    "Nothing of this part can be printed with these settings: it is thinner than one layer. Check "
    "its size and its unit, or choose a thinner layer."
)
NO_LINE = (
    "Nothing of this part can be printed with these settings: it is narrower than one extrusion "
    "line. Check its size and its unit."
)
NO_FOOT = (
    "The foot of this part cannot be printed: where it stands on the bed it is narrower than one "
    "extrusion line, so the first layer is empty. Lay it on a broader side, print it with "
    "supports, or give it a broader foot."
)
GAP = (
    "A layer of this part is empty: at some height it is narrower than one extrusion line, or its "
    "mesh has a gap. Make it thicker there, or repair it."
)
FLOATING = (
    "Something of this part hangs in the air and cannot be printed without supports. Print it with "
    "supports, or lay it on another side."
)
COLLIDING = (
    "The toolpaths of this part run into each other. Repair overlapping bodies in the model."
)
TOO_CLOSE = "The bodies of this part stand too close to each other. Move them apart."
UNREADABLE = "The slicer cannot read the mesh. Export it again as a solid body."
NO_NUMBERS = (
    "The slicer finds a coordinate that is no number, or too large. Repair the model and export it "
    "again."
)
TOO_FINE = "The mesh has more triangles than the slicer takes. Export it with a coarser tolerance."

Meaning = tuple[type[ModelError], str]

MEANINGS: dict[str, Meaning] = {
    "could not fit on the bed": (ModelExceedsBuildVolume, TOO_LARGE),
    "outside of the print volume": (ModelExceedsBuildVolume, TOO_LARGE),
    "no object is fully inside the print volume": (ModelExceedsBuildVolume, TOO_LARGE),
    "exceeds the maximum build volume height": (ModelExceedsBuildVolume, TOO_TALL),
    "is too tall": (ModelExceedsBuildVolume, TOO_TALL),
    "No layers were detected": (ModelUnsliceable, NO_LAYER),
    "The print is empty": (ModelUnsliceable, NO_LINE),
    "No object can be printed": (ModelUnsliceable, NO_LINE),
    "no extrusions in the first layer": (ModelUnsliceable, NO_FOOT),
    "empty initial layer": (ModelUnsliceable, NO_FOOT),
    "can't be printed for empty layer between": (ModelUnsliceable, GAP),
    "Levitating objects cannot be printed": (ModelUnsliceable, FLOATING),
    "Conflicts of G-code paths": (ModelUnsliceable, COLLIDING),
    "objects are too close": (ModelUnsliceable, TOO_CLOSE),
    "invalid coordinate": (ModelUnsliceable, NO_NUMBERS),
    "The input is an empty file": (ModelUnsliceable, UNREADABLE),
    "Loading of a model file failed": (ModelUnsliceable, UNREADABLE),
}
"""A part of a message, and what it means."""


def meaning_of(printed: str) -> Meaning | None:
    """The meaning of the first message of the table that was printed; None if none was."""
    return next((meaning for words, meaning in MEANINGS.items() if words in printed), None)
