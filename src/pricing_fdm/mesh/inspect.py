"""The stage's door: from the caller's bytes to a judged mesh and a clean file of our own.

    read -> weld -> repair -> turn right side out -> measure -> judge -> write

Everything runs in the thread that calls it. The heavy steps are single numpy calls, which let
go of the interpreter's lock, or work on pieces of a few milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pricing_fdm.mesh.fit import require_fit
from pricing_fdm.mesh.formats import read_model
from pricing_fdm.mesh.judgement import (
    judge_size,
    require_coordinates,
    require_faces,
    require_volume,
)
from pricing_fdm.mesh.measure import Box, box_of, measure
from pricing_fdm.mesh.repair import make_solid
from pricing_fdm.mesh.stl_writer import write_stl
from pricing_fdm.mesh.units import in_mm
from pricing_fdm.mesh.weld import weld
from pricing_fdm.mesh.winding import inside_out, turn_bodies
from pricing_fdm.model import BuildVolume, Part, QuoteWarning, Unit


def inspect_model(
    source: Path,
    destination: Path,
    volume: BuildVolume,
    *,
    max_triangles: int,
    unit: Unit = Unit.MM,
) -> Part:
    """Judges a model file and writes it as a binary STL that may be sliced.

    Args:
        source: The caller's bytes; format and truth of the content are open.
        destination: Where the clean STL goes; written only if the part is good.
        volume: The printer's box; the part is centred on its bed.
        max_triangles: More are refused before they are read.
        unit: Of the coordinates, where the format states none.

    Returns:
        The part, with its figures as sliced and the caller's own format, triangle count and
        watertightness.

    Raises:
        ModelFormat: No format that we read.
        ModelInvalid: Damaged, open, inside nothing, too thin, too many triangles.
        ModelExceedsBuildVolume: Larger than the printer in the pose it has.
    """
    format_name, reading = read_model(source, max_triangles)
    corners, reading_warnings = in_mm(reading.corners, unit), reading.warnings
    del reading
    require_coordinates(corners)
    triangles = len(corners)
    mesh = weld(corners)
    del corners
    require_faces(mesh)

    solid = make_solid(mesh)
    del mesh
    box = box_of(solid.mesh.points)
    size_warnings = judge_size(box.size_mm, volume)
    require_fit(box.size_mm, volume)

    measures = measure(solid.mesh, box, solid.body_of_face, solid.bodies)
    turn = inside_out(measures.volumes_mm3, solid.mesh, solid.body_of_face)
    outward = np.where(turn, -measures.volumes_mm3, measures.volumes_mm3)
    surface_mm2 = measures.surface_mm2 - solid.overlap_mm2
    require_volume(float(outward.sum()), surface_mm2)

    right_side_out = turn_bodies(solid.mesh, turn, solid.body_of_face)
    write_stl(right_side_out, destination, _to_bed(box, volume))
    return Part(
        path=destination,
        format=format_name,
        triangles=triangles,
        bodies=solid.bodies,
        watertight=solid.watertight,
        dimensions_mm=box.size_mm,
        volume_mm3=float(outward.sum()),
        surface_mm2=surface_mm2,
        warnings=(
            *reading_warnings,
            *size_warnings,
            *solid.warnings,
            *_warnings_of_bodies(int(turn.sum()), int((outward > 0).sum())),
        ),
    )


def _to_bed(box: Box, volume: BuildVolume) -> tuple[float, float, float]:
    """The move that centres the box on the bed and sets it down."""
    bed_x, bed_y = volume.centre_mm
    middle_x, middle_y, _ = box.centre_mm
    return bed_x - middle_x, bed_y - middle_y, -box.lowest[2]


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
            "together as they lie.",
        )
