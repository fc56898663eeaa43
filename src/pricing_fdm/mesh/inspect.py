"""Turns the caller's bytes into a judged mesh and a clean file of our own.

    judge_model:  read -> weld -> repair -> turn right side out, unite, measure
    set_down:     pose -> place -> write
    describe:     judge the shape

The first depends on the file alone and is done once. The others are done for every print setup,
`describe` while the slicer runs. Everything runs in the thread that calls it. The heavy steps are
single numpy calls, which release the interpreter's lock, or work on pieces of a few milliseconds.

Cost: that of the steps. None is above O(n log^2 n) in triangles or bytes, but for what a limit in
its module bounds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from pricing_fdm.mesh.judgement import (
    doubt_unit,
    require_coordinates,
    require_faces,
    require_size,
    require_volume,
)
from pricing_fdm.mesh.material import Material, material_of
from pricing_fdm.mesh.measure import Box, Measures, box_of
from pricing_fdm.mesh.orientation.choice import best_rotation, in_pose
from pricing_fdm.mesh.overhang.need import needs_support
from pricing_fdm.mesh.placing.fit import Placement, place
from pricing_fdm.mesh.placing.outline import outline_of
from pricing_fdm.mesh.placing.turning import one_after_another
from pricing_fdm.mesh.readers.formats import read_model
from pricing_fdm.mesh.repair import make_solid
from pricing_fdm.mesh.shape.judge import judge_shape
from pricing_fdm.mesh.stl_writer import write_stl
from pricing_fdm.mesh.triangles import Ints, Mesh
from pricing_fdm.mesh.units import FIT_TOLERANCE_MM, in_mm, length_text, unit_hint
from pricing_fdm.mesh.weld import weld
from pricing_fdm.model import (
    UNTURNED,
    BuildVolume,
    Orientation,
    Part,
    Pose,
    QuoteWarning,
    Rotation,
    Unit,
)


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A sound model, right side out, as it lies in its file.

    Attributes:
        format: Of the file, such as `stl-binary`.
        triangles: Number in the file.
        watertight: Every edge belonged to exactly two triangles before any repair.
        mesh: In mm.
        body_of_face: Number of the body that each face belongs to.
        bodies: Connected components without cavities.
        box: Of the mesh.
        measures: Of the mesh.
        unit_hint: The unit in which the size would make sense; empty if it is not in doubt.
        read_warnings: From reading, and about the size.
        repair_warnings: From the repair, and about the bodies.
    """

    format: str
    triangles: int
    watertight: bool
    mesh: Mesh
    body_of_face: Ints
    bodies: int
    box: Box
    measures: Measures
    volume_mm3: float
    surface_mm2: float
    unit_hint: str
    read_warnings: tuple[QuoteWarning, ...]
    repair_warnings: tuple[QuoteWarning, ...]


@dataclass(frozen=True, slots=True, eq=False)
class SetDown:
    """A part as it is printed; its clean STL is written.

    Attributes:
        rotation: Lays the chosen side down; the placement may turn the part further.
        needs_support: An experienced operator would not print it without; see `mesh.overhang`.
        warnings: About how it will come out.
    """

    judged: Judged
    rotation: Rotation
    placement: Placement
    needs_support: bool
    warnings: tuple[QuoteWarning, ...] = ()


def judge_model(
    source: Path | int, volume: BuildVolume, *, max_triangles: int, unit: Unit | None = Unit.MM
) -> Judged:
    """Reads a model file, repairs and measures it.

    Args:
        source: The caller's bytes, of any format and not trusted; a path or a descriptor.
        volume: The printer's box, to find a wrong unit.
        max_triangles: More are refused before they are read.
        unit: Of the coordinates, if the format states none; None if they are known to be in mm.

    Raises:
        ModelFormat: Not a format that we read.
        ModelInvalid: Damaged, open, without volume, too thin, or too many triangles.
    """
    format_name, reading = read_model(source, max_triangles)
    read_in = None if reading.unit_known else unit
    corners, reading_warnings = in_mm(reading.corners, read_in or Unit.MM), reading.warnings
    stated = reading.stated_unit
    del reading
    require_coordinates(corners)
    triangles = len(corners)
    mesh = weld(corners)
    del corners
    require_faces(mesh)

    solid = make_solid(mesh, read_in.length_mm if read_in else 1.0)
    del mesh
    box = box_of(solid.mesh.points)
    doubt = partial(unit_hint, box.size_mm, volume, read_in, stated=stated)
    require_size(box.size_mm, doubt())

    material = material_of(solid, box)
    volume_mm3 = float(material.measures.volumes_mm3.sum())
    hint = doubt(volume_mm3=volume_mm3)
    surface_mm2 = material.measures.surface_mm2 - solid.overlap_mm2
    require_volume(volume_mm3, surface_mm2)
    return Judged(
        format=format_name,
        triangles=triangles,
        watertight=solid.watertight,
        mesh=material.mesh,
        body_of_face=material.body_of_face,
        bodies=material.bodies,
        box=box,
        measures=material.measures,
        volume_mm3=volume_mm3,
        surface_mm2=surface_mm2,
        unit_hint=hint,
        read_warnings=(*reading_warnings, *doubt_unit(box.size_mm, hint)),
        repair_warnings=(*solid.warnings, *_warnings_of_bodies(material)),
    )


def set_down(
    judged: Judged,
    destination: BinaryIO | None,
    volume: BuildVolume,
    *,
    orientation: Orientation,
    layer_height_mm: float,
) -> SetDown:
    """Sets the part down as it is printed, and writes the clean STL for the slicer.

    Args:
        judged: Is not altered.
        destination: An empty file for the clean STL; written only if the part fits. None where
            nothing is to be sliced.
        volume: The printer's box; the part is centred on its bed.
        orientation: Whether another side may lie down.
        layer_height_mm: Of the print.

    Raises:
        ModelExceedsBuildVolume: Larger than the printer in every pose that is allowed.
    """
    rotation, posed = UNTURNED, judged.mesh
    in_need = needs_support(posed, judged.body_of_face, layer_height_mm)
    if orientation is Orientation.AUTO:
        rotation = best_rotation(
            posed, judged.measures, volume, layer_height_mm, given_needs_support=in_need
        )
    if rotation != UNTURNED:
        posed = in_pose(posed, rotation)
        in_need = needs_support(posed, judged.body_of_face, layer_height_mm)
    placement = place(
        posed, judged.body_of_face, volume, orientation=orientation, unit_hint=judged.unit_hint
    )
    del posed
    if destination is not None:
        write_stl(placement.mesh, destination, placement.move_mm)
    return SetDown(
        judged,
        rotation,
        placement,
        in_need,
        _thickened(placement.box.size_mm[2], layer_height_mm),
    )


def describe(part: SetDown, *, line_width_mm: float) -> Part:
    """Judges the shape of the part and sums up all figures and warnings.

    Slicing does not need the result, so this may run meanwhile.

    Args:
        part: As it was set down.
        line_width_mm: Of one extrusion of the outer wall.

    Returns:
        The part: format, triangle count and watertightness of the file, all else as sliced.
    """
    judged, placement = part.judged, part.placement
    shape = judge_shape(placement.set_down(), judged.body_of_face, line_width_mm=line_width_mm)
    return Part(
        format=judged.format,
        triangles=judged.triangles,
        bodies=judged.bodies,
        watertight=judged.watertight,
        dimensions_mm=judged.box.size_mm,
        volume_mm3=judged.volume_mm3,
        surface_mm2=judged.surface_mm2,
        pose=Pose(one_after_another(part.rotation, placement.rotation), placement.box.size_mm),
        outline=outline_of(placement.mesh.points, placement.move_mm),
        overhang_share=shape.overhang_share,
        warnings=(
            *judged.read_warnings,
            *placement.warnings,
            *part.warnings,
            *judged.repair_warnings,
            *shape.warnings,
        ),
    )


def _thickened(height_mm: float, layer_height_mm: float) -> tuple[QuoteWarning, ...]:
    if height_mm > layer_height_mm - FIT_TOLERANCE_MM:
        return ()
    return (
        QuoteWarning(
            "thinner_than_a_layer",
            f"The part is {length_text(height_mm)} mm high as it is printed and comes out thicker: "
            f"a layer is {length_text(layer_height_mm)} mm.",
            {"height_mm": round(height_mm, 4), "layer_height_mm": layer_height_mm},
        ),
    )


def _warnings_of_bodies(material: Material) -> Iterator[QuoteWarning]:
    if material.non_manifold:
        yield QuoteWarning(
            "non_manifold",
            f"Edges that belong to more than two triangles: {material.non_manifold:,}. "
            "Check in a preview that the part is sliced as you meant it.",
            {"edges": material.non_manifold},
        )
    if material.turned:
        yield QuoteWarning(
            "inverted_normals_fixed",
            "The model was inside out, wholly or in parts; its triangles were turned over.",
        )
    if material.bodies > 1:
        yield QuoteWarning(
            "multiple_bodies",
            f"The file holds {material.bodies:,} separate bodies; the quote is for all of them, "
            "printed together on one plate.",
            {"bodies": material.bodies},
        )
