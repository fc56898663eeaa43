"""What real users reported of other services, over HTTP: the right answer for each kind of file.

The inputs are made here. Files of the same kinds may lie beside the project; their answers are
demanded as well.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from random import Random
from typing import Any

import pytest

from tests.harness.models import beside
from tests.harness.origin import Origin
from tests.harness.service import RunningService, order
from tests.harness.shapes import Corner, Triangle, ascii_stl, binary_stl, box
from tests.mesh.step.step_files import AP214, ORIGIN, StepFile
from tests.mesh.threemf_writer import an_object, built, components, mesh, model

BAMBU = "Metadata/model_settings.config"
OTHER = "3D/Objects/object_1.model"
CUBE = box(20, 20, 20)


@dataclass(frozen=True)
class Right:
    """The right answer.

    Attributes:
        volume_cm3: Of a quote; None for a refusal.
        warnings: Codes that the quote must have.
        says: Words of the refusal, or of the warnings.
        changes: Of the order.
    """

    volume_cm3: float | None = None
    warnings: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    changes: tuple[tuple[str, Any], ...] = ()


def broken_beside(copies: int) -> bytes:
    """A solid whose shell is not in the file, beside copies of a good one."""
    file = StepFile(AP214)
    bad = file.product([file.box((20, 20, 20))])
    good = file.product([file.box((20, 20, 20))])
    file.assembly((bad, ORIGIN), *((good, (30.0 * n, 0, 0)) for n in range(1, copies + 1)))
    return file.content().replace(b"MANIFOLD_SOLID_BREP('',#", b"MANIFOLD_SOLID_BREP('',#99999", 1)


def solid_and_sheet() -> bytes:
    file = StepFile(AP214)
    solid = file.product([file.box((20, 20, 20))])
    sheet = file.product([file.skin(10, 30)], kind="MANIFOLD_SURFACE_SHAPE_REPRESENTATION")
    file.assembly((solid, ORIGIN), (sheet, (40, 0, 0)))
    return file.content()


def obj(head: str) -> bytes:
    corners = [f"v {x} {y} {z}" for z in (0, 20) for y in (0, 20) for x in (0, 20)]
    faces = ("1 3 4 2", "5 6 8 7", "1 2 6 5", "2 4 8 6", "4 3 7 8", "3 1 5 7")
    return "\n".join([head, *corners, *(f"f {face}" for face in faces), ""]).encode()


def with_lattice() -> bytes:
    beams = (
        '<b:beamlattice xmlns:b="http://schemas.microsoft.com/3dmanufacturing/beamlattice/2017/02"'
        ' minlength="0.001" radius="1.5"><b:beams><b:beam v1="0" v2="1"/></b:beams></b:beamlattice>'
    )
    return bytes(built(an_object(1, mesh().replace("</mesh>", f"{beams}</mesh>"))))


def boolean_beside_a_cube() -> bytes:
    shape = (
        '<o:booleanshape xmlns:o="http://schemas.3mf.io/3dmanufacturing/booleanoperations/2023/07"'
        ' objectid="1" operation="difference"><o:boolean objectid="1"/></o:booleanshape>'
    )
    return bytes(built(an_object(1), an_object(3, shape), items=('objectid="3"', 'objectid="1"')))


def beside_the_plate() -> bytes:
    plate = (
        '<config><plate><model_instance><metadata key="object_id" value="10"/>'
        '<metadata key="instance_id" value="0"/></model_instance></plate></config>'
    )
    use = components(f'p:path="/{OTHER}" objectid="1"')
    items = (
        'objectid="10" transform="1 0 0 0 1 0 0 0 1 60 60 0"',
        'objectid="20" transform="1 0 0 0 1 0 0 0 1 190 60 0"',
    )
    parts = {BAMBU: plate, OTHER: model(an_object(1), items=())}
    return bytes(built(an_object(10, use), an_object(20, use), items=items, parts=parts))


def ball_on_a_stem() -> bytes:
    """A ball on a stem of 0.2 mm, which is less than a line."""
    stem = box(0.2, 0.2, 12.0, (9.9, 9.9, 0.0))
    return binary_stl([*stem, *ball(10.0, (10.0, 10.0, 21.0))])


def ball(radius: float, at: tuple[float, float, float], rings: int = 24) -> list[Triangle]:
    def point(ring: int, turn: int) -> tuple[float, float, float]:
        down, around = math.pi * ring / rings, 2 * math.pi * turn / (2 * rings)
        if ring in {0, rings}:
            around = 0.0
        flat = radius * math.sin(down) if 0 < ring < rings else 0.0
        return (
            at[0] + flat * math.cos(around),
            at[1] + flat * math.sin(around),
            at[2] + radius * math.cos(down),
        )

    triangles: list[Triangle] = []
    for ring in range(rings):
        for turn in range(2 * rings):
            following = (turn + 1) % (2 * rings)
            a, b = point(ring, turn), point(ring + 1, turn)
            c, d = point(ring + 1, following), point(ring, following)
            triangles += [] if ring == rings - 1 else [(a, b, c)]
            triangles += [] if ring == 0 else [(a, c, d)]
    return triangles


def inside_out(triangles: list[Triangle]) -> list[Triangle]:
    return [(a, c, b) for a, b, c in triangles]


def shaken(triangles: list[Triangle], by_mm: float) -> list[Triangle]:
    """Each corner moved for itself, as rounding does."""
    random = Random(1)

    def moved(corner: Corner) -> Corner:
        x, y, z = (each + random.uniform(-by_mm, by_mm) for each in corner)
        return x, y, z

    return [(moved(a), moved(b), moved(c)) for a, b, c in triangles]


L = [*box(60, 20, 30), *box(20, 40, 30, (0, 20, 0))]
VOXELS = [
    triangle
    for x, y, z in product((0, 10, 20), repeat=3)
    for triangle in box(10, 10, 10, (x, y, z))
]
HALVES = [*box(12, 30, 30), *box(18, 30, 30, (12, 0, 0))]
STEPS = [*box(30, 30, 10), *box(30, 18, 20, (0, 0, 10)), *box(30, 12, 20, (0, 18, 10))]

SKETCHUP = b"\xff\xfe\xff\x0e" + "SketchUp Model".encode("utf-16-le") + bytes(range(256)) * 9
IGES = b"a part".ljust(72) + b"S      1\n" + b"1H,,1H;,4Hpart,".ljust(72) + b"G      1\n"
TEXT = ascii_stl(CUBE)

LOST = Right(says=("solid that cannot be converted",))
CUBE_IS_RIGHT = Right(8.0)
MADE: dict[str, tuple[bytes, Right]] = {
    "a broken solid": (broken_beside(0), LOST),
    "a broken solid beside three copies": (broken_beside(3), LOST),
    "a solid and a curved sheet": (solid_and_sheet(), Right(8.0, ("surfaces_left_out",))),
    "obj with a bare g": (obj("g"), CUBE_IS_RIGHT),
    "obj with a bare o": (obj("o"), CUBE_IS_RIGHT),
    "obj with a long head": (obj("# licence " * 700 + "\nmtllib a.mtl\no x"), CUBE_IS_RIGHT),
    "boolean beside a cube": (
        boolean_beside_a_cube(),
        Right(8.0, ("geometry_left_out",), ("boolean operations", "id 3", "1 of 2")),
    ),
    "lattice beside a mesh": (
        with_lattice(),
        Right(8.0, ("geometry_left_out",), ("beam lattice", "1 of 1")),
    ),
    "an object beside the plate": (
        beside_the_plate(),
        Right(8.0, ("parts_left_out",), ("beside the plate", "1 of 2")),
    ),
    "end solid": (TEXT.replace(b"endsolid", b"end solid"), CUBE_IS_RIGHT),
    "nuls behind the end": (TEXT + bytes(100), Right(8.0, ("trailing_bytes",))),
    "two inches in inches": (
        binary_stl(box(2, 2, 2)),
        Right(0.008, ("unit_suspected",), ("inches",)),
    ),
    "thinner than a layer": (
        binary_stl(box(40, 40, 0.12)),
        Right(0.192, ("thinner_than_a_layer",), (), (("layer_thickness", 300),)),
    ),
    "a ball on a thin stem": (
        ball_on_a_stem(),
        Right(says=("foot of this part",), changes=(("supports", "never"),)),
    ),
    "two binary stl in one": (
        binary_stl(CUBE) + binary_stl(box(20, 20, 20, (40, 0, 0))),
        Right(16.0, ("multiple_bodies",)),
    ),
    "an inverted peg beside an L": (
        binary_stl([*L, *inside_out(box(20, 20, 30, (30, 30, 0)))]),
        Right(72.0, ("inverted_normals_fixed", "multiple_bodies"), ("2 separate bodies",)),
    ),
    "last digits disagree": (
        binary_stl(shaken(ball(12.0, (0, 0, 0)), 0.001)),
        Right(7.187, ("repaired",), ("less than 0.005 mm apart",)),
    ),
    "double-sided": (binary_stl([*CUBE, *inside_out(CUBE)]), Right(8.0, ("repaired",))),
    "two sides missing": (
        binary_stl([*CUBE[:4], *CUBE[6:8], *CUBE[10:]]),
        Right(says=("not closed", "(x, y, z in the file)")),
    ),
    "sketchup": (SKETCHUP, Right(says=("SketchUp", "Export"))),
    "iges": (IGES, Right(says=("IGES", "Export"))),
}

FILES: dict[str, Right] = {
    "p13_broken_part_once.step": LOST,
    "p13b_broken_part_beside_three_copies.step": LOST,
    "p07b_solid_and_curved_sheet.step": Right(8.0, ("surfaces_left_out",)),
    "o01_bare_g_first.obj": CUBE_IS_RIGHT,
    "o02_bare_o_first.obj": CUBE_IS_RIGHT,
    "o16_long_head.obj": CUBE_IS_RIGHT,
    "t15b_boolean_beside_solid_not_required.3mf": MADE["boolean beside a cube"][1],
    "t13_lattice_beside_mesh_not_required.3mf": MADE["lattice beside a mesh"][1],
    "t18c_bambu_one_beside_the_plate.3mf": MADE["an object beside the plate"][1],
    "s03_end_solid_with_blank.stl": CUBE_IS_RIGHT,
    "s06_nul_padding.stl": Right(8.0, ("trailing_bytes",)),
    "s31_two_inch_cube_in_inches.stl": MADE["two inches in inches"][1],
    "s29_thin_plate_0p12.stl": Right(None, ("thinner_than_a_layer",)),
    "s42_ball_on_thin_stem.stl": MADE["a ball on a thin stem"][1],
    "s22_inverted_peg_beside_L.stl": MADE["an inverted peg beside an L"][1],
    "s21_inverted_part_in_cup.stl": Right(
        72.576, ("inverted_normals_fixed", "multiple_bodies"), ("2 separate bodies",)
    ),
    "s26_voxels_with_inner_faces.stl": Right(27.0),
    "s26c_two_blocks_sharing_face_off_centre.stl": Right(32.0),
    "s34_last_digit_disagrees.stl": Right(None, ("repaired",), ("0.005 mm apart",)),
    "s17_double_sided.stl": Right(8.0, ("repaired",)),
    "x11_two_binary_stl_in_one.stl": Right(None, ("multiple_bodies",)),
    "x01_sketchup.skp": Right(says=("SketchUp", "Export")),
    "x02_iges.igs": Right(says=("IGES", "Export")),
    "x06_fusion.f3d": Right(says=("Fusion", "Export")),
}


def demand(service: RunningService, url: str, right: Right) -> None:
    """Asks for a price and holds the answer against the right one."""
    changes = {"layer_thickness": 300, "orientation": "keep", **dict(right.changes)}
    answer = service.post(order(url, **changes))
    body = answer.json()
    if right.volume_cm3 is None and not right.warnings:
        assert answer.status_code == 422, body
        assert all(words in body["detail"] for words in right.says), body["detail"]
        return
    assert answer.status_code == 200, body
    if right.volume_cm3 is not None:
        assert body["model"]["volume_cm3"] == pytest.approx(right.volume_cm3, rel=1e-3)
    told = {warning["code"]: warning["message"] for warning in body["warnings"]}
    assert set(right.warnings) <= set(told), told
    assert all(words in " ".join(told.values()) for words in right.says), told


CASES = [pytest.param(content, right, id=name) for name, (content, right) in MADE.items()]
CASES += [
    pytest.param(path.read_bytes(), FILES[path.name], id=f"beside-{path.name}")
    for path in beside("models/cases", FILES)
]


@pytest.mark.parametrize(("content", "right"), CASES)
def test_what_users_reported_elsewhere_is_answered_right(
    service: RunningService, origin: Origin, content: bytes, right: Right
) -> None:
    """No lost solid, no phantom body, and the reason in words."""
    demand(service, origin.serve(f"reported-{hash(content)}", content), right)


@pytest.mark.parametrize("meshed", [VOXELS, HALVES, STEPS], ids=["voxels", "halves", "steps"])
def test_a_cube_costs_what_a_cube_costs_however_it_is_put_together(
    service: RunningService, origin: Origin, meshed: list[Triangle]
) -> None:
    """Price, complexity and warnings; faces between its pieces are not there."""
    answers = []
    for part in (box(30, 30, 30), meshed):
        url = origin.serve(f"cube-of-{len(part)}.stl", binary_stl(part))
        answers.append(service.post(order(url, orientation="keep")).json())
    one, other = (
        (body["total_usd"], body["print"]["complexity"], body["warnings"]) for body in answers
    )
    assert other == one
