"""Lines across a section: what is inside, how often, and from where to where."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest

from pricing_fdm.mesh.shape import scanlines
from pricing_fdm.mesh.shape.scanlines import Overlaps, Scan, scan
from pricing_fdm.mesh.shape.sections import Knife, Section
from pricing_fdm.mesh.triangles import Corners
from tests.mesh import shapes
from tests.mesh.parts import prism, standing, turned

AXES = pytest.mark.parametrize("axis", [0, 1], ids=["along-x", "along-y"])


def section_of(*bodies: Corners) -> Section:
    section = Knife(standing(*bodies)[0]).cut(5.0, span_mm=1.0)
    assert section is not None
    return section


def widths(lines: Scan) -> list[float]:
    """The different widths of material that the lines meet."""
    begins, ends = lines.spans()
    return sorted(set(np.round(lines.at_mm[ends] - lines.at_mm[begins], 3).tolist()))


@AXES
def test_a_cube_is_one_span_on_every_line(axis: int) -> None:
    """The area that the lines stand for is the cube's."""
    lines = scan(section_of(shapes.cube()), axis)
    begins, ends = lines.spans()
    assert len(begins) == scanlines.LINES
    assert widths(lines) == [20.0]
    area = (lines.at_mm[ends] - lines.at_mm[begins]).sum() * lines.cell_mm2
    assert area == pytest.approx(400.0)
    assert lines.winding.max() == 1


@AXES
@pytest.mark.parametrize(
    ("bodies", "found", "most"),
    [
        pytest.param([shapes.cube(), shapes.cube(20, (10, 0, 0)), shapes.cube(20, (0, 10, 0)),
                      shapes.cube(20, (10, 10, 0))], [30.0], 4, id="overlapping"),
        pytest.param([shapes.cube(), shapes.cube(10, (5, 5, 0))], [20.0], 2, id="nested"),
        pytest.param([shapes.cube(), shapes.inside_out(shapes.cube(10, (5, 5, 0)))], [5.0, 20.0], 1,
                     id="hole"),
        pytest.param([shapes.cube(), shapes.inside_out(shapes.cube(10, (30, 30, 0)))], [20.0], 1,
                     id="inside-out-beside"),
        pytest.param([shapes.inside_out(shapes.cube())], [], -1, id="inside-out"),
    ],
)  # fmt: skip
def test_windings_and_spans(
    axis: int, bodies: list[Corners], found: list[float], most: int
) -> None:
    """Material is what is enclosed at least once; walls inside of it are none."""
    lines = scan(section_of(*bodies), axis)
    assert widths(lines) == found
    assert lines.winding[lines.winding != 0].max() == most
    assert lines.winding[-1] == 0


@pytest.mark.parametrize(
    ("gap_mm", "found"),
    [(-0.02, [39.98]), (0.0, [40.0]), (0.03, [40.03]), (0.2, [20.0])],
    ids=["pressed", "touching", "closed-by-the-slicer", "apart"],
)
def test_bodies_that_touch_are_one_span(gap_mm: float, found: list[float]) -> None:
    """A wall glued together of two is as thick as both."""
    section = section_of(shapes.cube(), shapes.cube(20.0, (20.0 + gap_mm, 0.0, 0.0)))
    assert widths(scan(section, 0)) == found


def test_each_line_meets_an_outline_as_often_inward_as_outward() -> None:
    """Also where lines pass through corners and along edges."""
    bodies = [turned(shapes.cube(), angle) for angle in (0.0, 45.0, 90.0)]
    for axis in (0, 1):
        lines = scan(section_of(*bodies), axis)
        assert lines.step.sum() == 0
        assert lines.winding.min() == 0


def test_lines_over_a_torn_outline_do_not_count() -> None:
    """A surface that is wound against itself says nothing of inside and outside."""
    section = section_of(shapes.cube(), shapes.cube(20.0, (50.0, 30.0, 0.0)))
    torn = section.starts[:, 0].max() == section.starts[:, 0]
    kept = ~(torn & (section.ends[:, 0] == section.ends[:, 0].max()))
    section = dataclasses.replace(
        section,
        starts=section.starts[kept],
        ends=section.ends[kept],
        normals=section.normals[kept],
    )
    lines = scan(section, 0)
    assert 0 < len(lines.step) < 2 * scanlines.LINES
    assert widths(lines) == [20.0]
    assert lines.winding[-1] == 0


def test_an_outline_without_width_is_met_by_no_line() -> None:
    """A flap folded flat has a section, and nothing in it."""
    flap = shapes.soup([(0, 0, 0), (0, 9, 0), (0, 0, 9)])
    lines = scan(section_of(flap, flap[:, ::-1].copy()), 1)
    assert len(lines.step) == 0
    assert [len(each) for each in lines.spans()] == [0, 0]


@pytest.mark.parametrize("most", [1, 10, 100], ids=["one-line", "few", "half"])
def test_fewer_lines_are_drawn_where_there_would_be_too_many_crossings(
    monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """Time and memory are bounded whatever the part; what is measured stays right."""
    monkeypatch.setattr(scanlines, "MAX_CROSSINGS", most)
    lines = scan(section_of(shapes.cube()), 0)
    begins, ends = lines.spans()
    assert 1 <= len(begins) <= max(1, most // 2)
    area = (lines.at_mm[ends] - lines.at_mm[begins]).sum() * lines.cell_mm2
    assert area == pytest.approx(400.0)


BOW_TIE = [(0.0, 0.0), (20.0, 20.0), (20.0, 0.0), (0.0, 20.0)]


def said_of(*bodies: Corners) -> list[str]:
    overlaps = Overlaps()
    for section in Knife(standing(*bodies)[0]).sections():
        for axis in (0, 1):
            overlaps.look(scan(section, axis))
    warnings = list(overlaps.warnings())
    assert {warning.code for warning in warnings} <= {"self_intersections"}
    return [warning.message for warning in warnings]


@pytest.mark.parametrize(
    ("bodies", "percent"),
    [
        pytest.param([shapes.cube(), shapes.cube(20.0, (10.0, 10.0, 0.0))], 100 / 7, id="overlap"),
        pytest.param([shapes.cube(), shapes.cube(10.0, (5.0, 5.0, 5.0))], 12.5, id="nested"),
        pytest.param([turned(shapes.cube(), 20.0), turned(shapes.cube(), 20.0) + np.float32(0.01)],
                     100.0, id="doubled"),
        pytest.param([prism(BOW_TIE, 20.0)], 100.0, id="one-surface-through-itself"),
    ],
)  # fmt: skip
def test_what_is_enclosed_twice_or_inside_out_is_told_of(
    bodies: list[Corners], percent: float
) -> None:
    """The share says how far the stated volume is off."""
    (message,) = said_of(*bodies)
    found = re.search(r"about ([\d.]+)% of its volume", message)
    assert found
    assert float(found[1]) == pytest.approx(percent, rel=0.03)


@pytest.mark.parametrize(
    "bodies",
    [
        pytest.param([shapes.cube()], id="cube"),
        pytest.param([shapes.torus()], id="torus"),
        pytest.param([shapes.cube(), shapes.cube(20.0, (20.0, 0.0, 0.0))], id="face-to-face"),
        pytest.param([shapes.cube(), shapes.cube(20.0, (20.0, 20.0, 0.0))], id="edge-to-edge"),
        pytest.param([shapes.cube(), shapes.cube(20.0, (19.96, 0.0, 0.0))], id="rounded-export"),
        pytest.param([shapes.cube(), shapes.inside_out(shapes.cube(10.0, (5.0, 5.0, 5.0)))],
                     id="cavity"),
        pytest.param([turned(shapes.channel(), 33.0), shapes.cube(5.0, (60.0, 0.0, 0.0))],
                     id="apart"),
    ],
)  # fmt: skip
def test_sound_bodies_are_left_alone(bodies: list[Corners]) -> None:
    """Touching encloses nothing twice."""
    assert said_of(*bodies) == []


def test_a_few_crossings_are_left_unsaid() -> None:
    """Less than is shown of the volume."""
    assert said_of(shapes.cube(80.0), shapes.cube(2.0, (79.0, 40.0, 40.0))) == []
