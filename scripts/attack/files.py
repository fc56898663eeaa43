"""Model files of at most 5 MB that cost the most, for each format that is read."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping

from tests.mesh import hostile, hostile_files, shapes
from tests.mesh.seed_models import SEEDS
from tests.mesh.threemf_writer import ROOT, an_object, mesh, model, relationships

_UNUSED = b'<vertex x="0" y="0" z="0"/>' * 10_000


def unused_vertices(vertices: int, copies: int) -> bytes:
    """3MF: an object with vertices that no triangle uses, placed many times.

    Packed at the lowest level: what packs better is refused.
    """
    places = (f"{n % 16 * 13} {n // 16 % 16 * 13} {n // 256 * 13}" for n in range(copies))
    items = tuple(f'objectid="1" transform="1 0 0 0 1 0 0 0 1 {place}"' for place in places)
    whole = model(an_object(1, mesh(shapes.tetrahedron(10.0))), items=items).encode()
    head, end, tail = whole.partition(b"</vertices>")
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("_rels/.rels", relationships(f"/{ROOT}"))
        with archive.open(ROOT, "w") as part:
            part.write(head)
            for _ in range(vertices // 10_000):
                part.write(_UNUSED)
            part.write(end + tail)
    return target.getvalue()


def comb(corners: int) -> bytes:
    """OBJ: one face with so many corners, above them teeth of seven heights."""
    half = corners // 2
    points = [(n, n % 2 * (1 + n % 7)) for n in range(half)]
    points += [(n, -9) for n in reversed(range(half))]
    numbers = b" ".join(b"%d" % (n + 1) for n in range(len(points)))
    return b"".join(b"v %d %d 0\n" % point for point in points) + b"f " + numbers + b"\n"


def points(count: int) -> bytes:
    """STEP: a good part, and points that nothing uses."""
    unused = b"".join(
        b"#%d=CARTESIAN_POINT('',(0.,0.,%d.));\n" % (10**6 + n, n) for n in range(count)
    )
    return SEEDS["step"][0].replace(b"DATA;", b"DATA;\n" + unused, 1)


FILES: Mapping[str, Callable[[], bytes]] = {
    "3MF: a million unused vertices, 400 copies": lambda: unused_vertices(1_000_000, 400),
    "3MF: five million of them, 49,000 copies": lambda: unused_vertices(5_000_000, 49_000),
    "3MF: 40,000 openings in a comment": lambda: hostile_files.openings_in_a_comment(40_000),
    "3MF: 60,000 copies of the smallest solid": lambda: hostile_files.copies(60_000),
    "STL: joined one pair after the other": lambda: shapes.binary_stl(hostile.hooks(32_000)),
    "STL: 24,000 bodies, 500 inside out": lambda: shapes.binary_stl(
        hostile.cavities_beside_bodies(24_000, 500)
    ),
    "STL: 8,000 open boxes": lambda: shapes.binary_stl(hostile.open_boxes(8_000)),
    "STL, text: 15,000 solids": lambda: hostile_files.many_solids(15_000),
    "OBJ: one polygon of 12,000 corners": lambda: comb(12_000),
    "OBJ: polygons of all lengths": lambda: hostile_files.polygons_of_all_lengths(700_000),
    "STEP: 100,000 unused points": lambda: points(100_000),
}
