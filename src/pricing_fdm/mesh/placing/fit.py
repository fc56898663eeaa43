"""Places the part on the bed in the pose that is printed, or says why it does not fit.

    as it lies -> turned about the vertical -> its bodies laid out anew -> refused

A part may be as large as the printer's box: our profiles print neither skirt nor brim, and both
slicers accept that. No later step checks the fit: PrusaSlicer 2.5 slices a part that hangs half off
the bed, or is taller than the printer, without a warning.

Cost: that of `hull` and, if the bodies are laid out anew, of `plate`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricing_fdm.errors import ModelExceedsBuildVolume
from pricing_fdm.mesh.measure import Box, box_of
from pricing_fdm.mesh.placing.footprint import Turn
from pricing_fdm.mesh.placing.plate import GAP_MM, Group, groups_of, lay_out
from pricing_fdm.mesh.placing.turning import fits, on_bed, rotation_about_z, turn_for, turned
from pricing_fdm.mesh.triangles import Ints, Mesh, Points
from pricing_fdm.mesh.units import beyond, length_text, size_text
from pricing_fdm.model import UNTURNED, BuildVolume, Orientation, QuoteWarning, Rotation

_TIP = "It would fit on another side: order it with orientation `auto`."
_TOGETHER = "Bodies that touch or reach into each other stay together as one part."


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """The part as it is printed.

    Attributes:
        mesh: The very mesh that came in, unless it was turned or laid out anew.
        box: Around its points.
        move_mm: Centres the box on the bed and sets it down.
        rotation: About the vertical, from the pose that came in; of the whole file, so
            `UNTURNED` if the bodies were laid out anew.
        warnings: `rearranged`, if they were.
    """

    mesh: Mesh
    box: Box
    move_mm: tuple[float, float, float]
    rotation: Rotation = UNTURNED
    warnings: tuple[QuoteWarning, ...] = ()

    def set_down(self) -> Mesh:
        """The mesh with its lowest point at z = 0; x and y are kept."""
        drop = np.array([0.0, 0.0, self.move_mm[2]], dtype=np.float32)
        return Mesh(self.mesh.points + drop, self.mesh.faces)


def place(
    mesh: Mesh,
    body_of_face: Ints,
    volume: BuildVolume,
    *,
    orientation: Orientation = Orientation.KEEP,
    unit_hint: str = "",
) -> Placement:
    """Finds a place for the part without tipping it over.

    Args:
        mesh: In the pose that is to be printed, in mm.
        body_of_face: Which body each face belongs to.
        volume: The printer's box.
        orientation: Whether other poses were tried before; used in the text of a refusal.
        unit_hint: From `units.unit_hint`; used in the text of a refusal.

    Raises:
        ModelExceedsBuildVolume: With the sizes of both, and what would help.
    """
    box = box_of(mesh.points)
    turn = turn_for(mesh.points, volume)
    if on_bed(turn, volume) and "z" not in beyond(box.size_mm, volume):
        return _turned(mesh, box, turn.degrees, volume)
    groups = groups_of(mesh, body_of_face, volume)
    if len(groups) > 1 and all(group.fits for group in groups):
        points = lay_out(mesh.points, groups, volume)
        if points is not None:
            return _rearranged(Mesh(points, mesh.faces), box, len(groups), volume)
    tippable = orientation is Orientation.KEEP and _fits_tipped(mesh.points, box, volume)
    help_text = unit_hint or (_TIP if tippable else "")
    if len(groups) > 1:
        raise ModelExceedsBuildVolume(
            f"The {len(groups):,} separate parts of the file together measure "
            f"{size_text(box.size_mm)}, the printer prints {volume} (x, y, z). "
            f"{help_text or _why_not_together(groups)}"
        )
    raise ModelExceedsBuildVolume(_why_not(box, turn, volume, help_text))


def _turned(mesh: Mesh, box: Box, degrees: float, volume: BuildVolume) -> Placement:
    if not degrees:
        return Placement(mesh, box, _to_bed(box, volume))
    centred = mesh.points.astype(np.float64) - np.asarray(box.centre_mm)
    points = turned(centred, degrees).astype(np.float32)
    box = box_of(points)
    rotation = rotation_about_z(degrees)
    return Placement(Mesh(points, mesh.faces), box, _to_bed(box, volume), rotation)


def _rearranged(mesh: Mesh, old: Box, parts: int, volume: BuildVolume) -> Placement:
    box = box_of(mesh.points)
    warning = QuoteWarning(
        "rearranged",
        f"The {parts:,} separate parts of the file do not fit the printer as they lie "
        f"({size_text(old.size_mm)}). They were set down and laid out anew on one plate, "
        f"{GAP_MM:g} mm apart ({size_text(box.size_mm)}). {_TOGETHER}",
        {"parts": parts, "gap_mm": GAP_MM},
    )
    return Placement(mesh, box, _to_bed(box, volume), warnings=(warning,))


def _to_bed(box: Box, volume: BuildVolume) -> tuple[float, float, float]:
    bed_x, bed_y = volume.centre_mm
    middle_x, middle_y, _ = box.centre_mm
    return bed_x - middle_x, bed_y - middle_y, -box.lowest[2]


def _fits_tipped(points: Points, box: Box, volume: BuildVolume) -> bool:
    """Whether the part fits when it is laid on one of its other sides."""
    x_mm, y_mm, _ = box.size_mm
    return fits(points[:, (1, 2)], x_mm, volume) or fits(points[:, (0, 2)], y_mm, volume)


def _why_not(box: Box, turn: Turn, volume: BuildVolume, help_text: str) -> str:
    """The refusal of a part in one piece."""
    size = box.size_mm
    over = beyond(size, volume)
    if on_bed(turn, volume):
        over = {"z": over["z"]}
    elif not help_text:
        help_text = (
            "No turn on the bed helps; at best it covers "
            f"{length_text(turn.x_mm)} x {length_text(turn.y_mm)} mm."
        )
    by = ", ".join(f"{length_text(excess)} mm along {axis}" for axis, excess in over.items())
    return (
        f"The part measures {size_text(size)}, the printer prints {volume} (x, y, z): "
        f"too large by {by}. {help_text}"
    ).rstrip()


def _why_not_together(groups: list[Group]) -> str:
    """The end of the refusal of separate parts."""
    misfits = [group.size for group in groups if not group.fits]
    if misfits:
        return (
            f"Parts that do not fit alone, in any turn on the bed: {len(misfits):,}, the longest "
            f"with {size_text(max(misfits, key=max))}. {_TOGETHER}"
        )
    return (
        "Each of them fits alone, but all of them find no room on one plate, not even laid out "
        f"anew with {GAP_MM:g} mm between them. Order them separately, one file each."
    )
