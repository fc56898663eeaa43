"""What a print shop's engineer would say of a part's shape before printing it.

A warning is given where the part deserves it beyond doubt: a plain part has none, and what was
only glimpsed is left unsaid. Thin walls, pins, holes and overlaps are looked for in some two dozen
horizontal sections, so one may be missed; overhangs are summed over all faces.
"""

from __future__ import annotations

from dataclasses import dataclass

from pricing_fdm.mesh.bodies import boxes_of_bodies, pieces_of
from pricing_fdm.mesh.shape.overhangs import overhang_of
from pricing_fdm.mesh.shape.overlaps import Overlaps
from pricing_fdm.mesh.shape.scanlines import scan
from pricing_fdm.mesh.shape.sections import Knife
from pricing_fdm.mesh.shape.small_features import SmallFeatures
from pricing_fdm.mesh.shape.stance import judge_stance
from pricing_fdm.mesh.shape.thin_walls import ThinWalls
from pricing_fdm.mesh.triangles import Ints, Mesh
from pricing_fdm.model import QuoteWarning

_ALONG_X_AND_Y = (0, 1)


@dataclass(frozen=True, slots=True)
class Shape:
    """What was found out about a part's shape in the pose that is printed.

    Attributes:
        overhang_share: Share of the surface, 0 to 1, that faces down by more than 45 degrees from
            the vertical, what lies on the bed apart.
    """

    overhang_share: float
    warnings: tuple[QuoteWarning, ...]


def judge_shape(mesh: Mesh, body_of_face: Ints, *, line_width_mm: float) -> Shape:
    """Judges a part in the pose that is printed.

    Args:
        mesh: Closed, right side out, lowest point at z = 0.
        body_of_face: Number of the body that each face belongs to, from 0 without gaps.
        line_width_mm: Of one extrusion of the outer wall.
    """
    overhang = overhang_of(mesh)
    pieces = pieces_of(*boxes_of_bodies(mesh, body_of_face))
    knife = Knife(mesh)
    walls, features = ThinWalls(line_width_mm), SmallFeatures(line_width_mm)
    overlaps = Overlaps()
    features.look_at_pieces(pieces)
    for section in knife.sections():
        features.look(section)
        for axis in _ALONG_X_AND_Y:
            lines = scan(section, axis)
            walls.look(section, lines)
            overlaps.look(lines)
    return Shape(
        overhang_share=overhang.share,
        warnings=(
            *walls.warnings(),
            *features.warnings(),
            *overhang.warnings(),
            *judge_stance(knife, body_of_face, pieces),
            *overlaps.warnings(),
        ),
    )
