"""The stage's door: from the caller's bytes to a judged mesh and a clean file of our own.

    read -> weld -> repair -> measure -> turn right side out -> pose -> place -> judge -> write

Everything runs in the thread that calls it. The heavy steps are single numpy calls, which let
go of the interpreter's lock, or work on pieces of a few milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pricing_fdm.mesh.judgement import (
    judge_size,
    require_coordinates,
    require_faces,
    require_volume,
)
from pricing_fdm.mesh.measure import box_of, measure
from pricing_fdm.mesh.orientation.choice import best_rotation, in_pose
from pricing_fdm.mesh.placing.fit import place
from pricing_fdm.mesh.placing.turning import one_after_another
from pricing_fdm.mesh.readers.formats import read_model
from pricing_fdm.mesh.repair import make_solid
from pricing_fdm.mesh.shape.judge import judge_shape
from pricing_fdm.mesh.stl_writer import write_stl
from pricing_fdm.mesh.units import in_mm, unit_hint
from pricing_fdm.mesh.weld import weld
from pricing_fdm.mesh.winding import inside_out, turn_bodies
from pricing_fdm.model import UNTURNED, BuildVolume, Orientation, Part, Pose, QuoteWarning, Unit


def inspect_model(
    source: Path,
    destination: Path,
    volume: BuildVolume,
    *,
    max_triangles: int,
    unit: Unit | None = Unit.MM,
    orientation: Orientation = Orientation.KEEP,
    layer_height_mm: float = 0.2,
    line_width_mm: float = 0.42,
) -> Part:
    """Judges a model file and writes it as a binary STL that may be sliced.

    Args:
        source: The caller's bytes; format and truth of the content are open.
        destination: Where the clean STL goes; written only if the part is good.
        volume: The printer's box; the part is centred on its bed.
        max_triangles: More are refused before they are read.
        unit: Of the coordinates, where the format states none; None if it was known and is mm.
        orientation: Whether another side may lie down.
        layer_height_mm: Of the print; as in the standard process if nothing is said.
        line_width_mm: Of one extrusion of the outer wall; the same.

    Returns:
        The part, with its figures as sliced and the caller's own format, triangle count and
        watertightness.

    Raises:
        ModelFormat: No format that we read.
        ModelInvalid: Damaged, open, inside nothing, too thin, too many triangles.
        ModelExceedsBuildVolume: Larger than the printer in every pose that is allowed.
    """
    format_name, reading = read_model(source, max_triangles)
    read_in = None if reading.unit_known else unit
    corners, reading_warnings = in_mm(reading.corners, read_in or Unit.MM), reading.warnings
    del reading
    require_coordinates(corners)
    triangles = len(corners)
    mesh = weld(corners)
    del corners
    require_faces(mesh)

    solid = make_solid(mesh)
    del mesh
    box = box_of(solid.mesh.points)
    hint = unit_hint(box.size_mm, volume, read_in)
    size_warnings = judge_size(box.size_mm, hint)

    measures = measure(solid.mesh, box, solid.body_of_face, solid.bodies)
    turn = inside_out(measures.volumes_mm3, solid.mesh, solid.body_of_face)
    outward = np.where(turn, -measures.volumes_mm3, measures.volumes_mm3)
    bodies = int(np.count_nonzero(outward > 0))  # the others are cavities
    surface_mm2 = measures.surface_mm2 - solid.overlap_mm2
    require_volume(float(outward.sum()), surface_mm2)

    rotation, posed = UNTURNED, turn_bodies(solid.mesh, turn, solid.body_of_face)
    if orientation is Orientation.AUTO:
        rotation = best_rotation(posed, volume, layer_height_mm)
        posed = in_pose(posed, rotation)
    placement = place(posed, solid.body_of_face, volume, orientation=orientation, unit_hint=hint)
    del posed
    shape = judge_shape(placement.set_down(), solid.body_of_face, line_width_mm=line_width_mm)
    write_stl(placement.mesh, destination, placement.move_mm)
    return Part(
        path=destination,
        format=format_name,
        triangles=triangles,
        bodies=bodies,
        watertight=solid.watertight,
        dimensions_mm=box.size_mm,
        volume_mm3=float(outward.sum()),
        surface_mm2=surface_mm2,
        pose=Pose(one_after_another(rotation, placement.rotation), placement.box.size_mm),
        overhang_share=shape.overhang_share,
        warnings=(
            *reading_warnings,
            *size_warnings,
            *placement.warnings,
            *solid.warnings,
            *_warnings_of_bodies(int(turn.sum()), bodies),
            *shape.warnings,
        ),
    )


def _warnings_of_bodies(turned: int, bodies: int) -> Iterator[QuoteWarning]:
    if turned:
        yield QuoteWarning(
            "inverted_normals_fixed",
            "The model was inside out, wholly or in parts; its triangles were turned over.",
        )
    if bodies > 1:
        yield QuoteWarning(
            "multiple_bodies",
            f"The file holds {bodies:,} separate bodies; the quote is for all of them, printed "
            "together on one plate.",
        )
