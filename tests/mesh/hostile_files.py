"""Model files that bring slow readers to their worst, by size; without the code under test."""

from __future__ import annotations

import math
import zipfile

from tests.mesh.outlines import comb
from tests.mesh.shapes import ascii_stl, tetrahedron
from tests.mesh.threemf_writer import ROOT, an_object, mesh, model, relationships, zipped

_TETRAHEDRON = mesh(tetrahedron())


def unused_vertices(size: int) -> bytes:
    """3MF: one object with many vertices that no triangle uses, placed many times."""
    unused = '<vertex x="0" y="0" z="0"/>' * (40 * size)
    content = _TETRAHEDRON.replace("</vertices>", f"{unused}</vertices>")
    return stored(model(an_object(1, content), items=('objectid="1"',) * size))


def copies(size: int) -> bytes:
    """3MF: the smallest solid, placed many times."""
    return stored(model(an_object(1, _TETRAHEDRON), items=('objectid="1"',) * size))


def openings_in_a_comment(size: int) -> bytes:
    """3MF: what looks like the start of a list of vertices, but lies in one long comment."""
    plain = model(an_object(1, _TETRAHEDRON))
    return stored(plain.replace("<resources>", f"<resources><!--{'<vertices>' * size}-->"))


def openings_out_of_place(size: int) -> bytes:
    """3MF: lists of vertices where there may be none."""
    lists = "<vertices></vertices>" * size
    return stored(model(an_object(1, _TETRAHEDRON), f"<x>{lists}</x>"))


def empty_lists(size: int) -> bytes:
    """3MF: one mesh with many lists of vertices, nearly all of them empty."""
    content = _TETRAHEDRON.replace("<mesh>", f"<mesh>{'<vertices></vertices>' * size}")
    return stored(model(an_object(1, content)))


def many_objects(size: int) -> bytes:
    """3MF: empty objects that nobody uses."""
    empty = (an_object(number, "") for number in range(2, size + 2))
    return stored(model(an_object(1, _TETRAHEDRON), *empty))


def stored(document: str) -> bytes:
    """A 3MF that is not packed, since one that packs too well is refused."""
    entries = {"_rels/.rels": relationships(f"/{ROOT}"), ROOT: document}
    return bytes(zipped(entries, zipfile.ZIP_STORED))


def obj(line: bytes, size: int) -> bytes:
    """OBJ: a triangle, and a line many times."""
    return b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n" + line * size


def polygons_of_all_lengths(size: int) -> bytes:
    """OBJ: polygons of three corners, of four, of five and so on, with so many corners in all."""
    longest = math.isqrt(2 * size)
    return b"".join(
        (obj(b"", 0), *(b"f" + b" 1 2 3" * (corners // 3 + 1) for corners in range(longest)))
    ).replace(b"f 1", b"\nf 1")


def polygons_to_clip(size: int) -> bytes:
    """OBJ: polygons that are no fan from any corner."""
    corners = b"".join(b"v %f %f 0\n" % place for place in comb(8))
    return (
        corners + (b"f " + b" ".join(b"%d" % n for n in range(1, len(comb(8)) + 1)) + b"\n") * size
    )


def many_solids(size: int) -> bytes:
    """ASCII STL: solids of one triangle."""
    return ascii_stl(tetrahedron()[:1]) * size


def facets_far_apart(size: int) -> bytes:
    """ASCII STL: blanks, and a triangle now and then."""
    facet = ascii_stl(tetrahedron()[:1]).split(b"\n", 1)[1].rsplit(b"endsolid", 1)[0]
    return b"solid\n" + (facet + b" " * 20_000) * size + b"endsolid\n"
