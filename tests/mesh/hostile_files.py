"""Model files that bring slow readers to their worst, by size; without the code under test."""

from __future__ import annotations

import zipfile

from tests.mesh.shapes import tetrahedron
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
