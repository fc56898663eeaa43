"""No reader takes much more than eight times as long for a file that is eight times as long."""

from __future__ import annotations

import io

import numpy as np
import pytest

from pricing_fdm.errors import ModelInvalid
from pricing_fdm.mesh.readers import ears, foreign, obj, stl_ascii
from pricing_fdm.mesh.readers.threemf import project
from pricing_fdm.mesh.readers.threemf import reader as threemf
from pricing_fdm.mesh.readers.threemf.model import Object
from pricing_fdm.mesh.triangles import Reading
from tests.mesh import hostile_files
from tests.mesh.doubling import MOST, Case, growth
from tests.mesh.outlines import spiral
from tests.mesh.shapes import LIMIT


def read_3mf(content: bytes) -> Reading:
    return threemf.read(io.BytesIO(content), len(content), LIMIT)


def read_obj(content: bytes) -> Reading:
    return obj.read(io.BytesIO(content), len(content), LIMIT)


def read_ascii(content: bytes) -> Reading:
    return stl_ascii.read(io.BytesIO(content), len(content), LIMIT)


def look_at(head: bytes) -> object:
    return obj.claims(head, len(head) + 1), stl_ascii.claims(head, 0), foreign.looks_like(head)


def overlapping_ranges(size: int) -> tuple[Object, project._Remarks]:
    """Many helpers, each of which reaches to the last of many triangles."""
    faces = np.zeros((64 * size, 3), dtype=np.int32)
    told = {(first, len(faces)): "SupportBlocker" for first in range(size)}
    return Object(True, np.zeros((1, 3)), faces, ()), project._Remarks(ranges={1: told})


CASES = {
    "3mf-unused-vertices-placed-often": Case(hostile_files.unused_vertices, read_3mf, 200),
    "3mf-copies": Case(hostile_files.copies, read_3mf, 500),
    "3mf-openings-in-a-comment": Case(hostile_files.openings_in_a_comment, read_3mf, 4000),
    "3mf-openings-out-of-place": Case(hostile_files.openings_out_of_place, read_3mf, 1000),
    "3mf-empty-lists": Case(hostile_files.empty_lists, read_3mf, 1000),
    "3mf-many-objects": Case(hostile_files.many_objects, read_3mf, 200),
    "3mf-overlapping-ranges": Case(
        overlapping_ranges, lambda given: project._without_helpers(given[0], 1, given[1]), 1000
    ),
    "obj-polygons-of-all-lengths": Case(hostile_files.polygons_of_all_lengths, read_obj, 4000),
    "obj-polygons-to-clip": Case(hostile_files.polygons_to_clip, read_obj, 20),
    "obj-continued-lines": Case(
        lambda size: hostile_files.obj(b"f 1 \\\n2 \\\n3\n", size), read_obj, 1000
    ),
    "obj-slashes": Case(
        lambda size: hostile_files.obj(b"f 1/-/-/-/-//// 2////- 3/\n", size), read_obj, 1000
    ),
    "obj-comments": Case(
        lambda size: hostile_files.obj(b"# " + b"x" * 60_000 + b"\\\nf 1 2 3\n", size), read_obj, 4
    ),
    "ascii-solids": Case(hostile_files.many_solids, read_ascii, 200),
    "ascii-blanks": Case(hostile_files.facets_far_apart, read_ascii, 20),
    "heads-of-blanks": Case(lambda size: b"\n \t" * size, look_at, 300),
    "heads-of-comments": Case(lambda size: b"# #\n" * size, look_at, 300),
    "heads-of-half-numbers": Case(lambda size: b"v " + b"1-" * size + b"x", look_at, 500),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_eight_times_the_file_takes_about_eight_times_as_long(case: Case) -> None:
    """Sixty-four times would be a square."""
    assert case.growth() < MOST


def test_outlines_beyond_the_allowance_take_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clipping ears is a square of the corners, up to a number of comparisons for all of them."""
    monkeypatch.setattr(ears, "MAX_LOOKS", 20_000)

    def refused(outline: list[ears.Place]) -> None:
        with pytest.raises(ModelInvalid):
            ears.EarClipper().clip(outline)

    assert growth(spiral, refused, 400) < MOST
