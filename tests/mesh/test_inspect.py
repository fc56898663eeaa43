"""The whole stage: bytes in, a judged part and its clean file out."""

from __future__ import annotations

import contextlib
import itertools
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stl import Mode
from stl.mesh import Mesh as StlMesh

from pricing_fdm.errors import (
    ModelError,
    ModelExceedsBuildVolume,
    ModelFormat,
    ModelInvalid,
    PricingError,
)
from pricing_fdm.mesh.edges import survey
from pricing_fdm.mesh.readers.formats import read_model
from pricing_fdm.mesh.triangles import Corners
from pricing_fdm.mesh.weld import weld
from pricing_fdm.model import UNTURNED, BuildVolume, Part, Pose, Unit
from tests.mesh import shapes
from tests.mesh.inspecting import inspect_model
from tests.mesh.shapes import LIMIT, PRINTER
from tests.mesh.threemf_writer import an_object, built, mesh


def inspected(folder: Path, content: bytes, volume: BuildVolume = PRINTER) -> Part:
    source = shapes.saved(folder, content)
    return inspect_model(source, folder / "part.stl", volume, max_triangles=LIMIT)


def vectors(folder: Path) -> Corners:
    """What was written."""
    mesh = StlMesh.from_file(str(folder / "part.stl"), calculate_normals=False, mode=Mode.BINARY)
    corners: Corners = mesh.vectors
    return corners


def codes(part: Part) -> list[str]:
    return [warning.code for warning in part.warnings]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (shapes.binary_stl(shapes.cube()), "stl-binary"),
        (shapes.ascii_stl(shapes.cube()), "stl-ascii"),
    ],
)
def test_a_cube_has_the_figures_of_a_cube(tmp_path: Path, content: bytes, name: str) -> None:
    """The same part has the same figures in either format."""
    assert inspected(tmp_path, content) == Part(
        format=name,
        triangles=12,
        bodies=1,
        watertight=True,
        dimensions_mm=(20.0, 20.0, 20.0),
        volume_mm3=8000.0,
        surface_mm2=2400.0,
        pose=Pose(UNTURNED, (20.0, 20.0, 20.0)),
        outline=((90.0, 90.0), (110.0, 90.0), (110.0, 110.0), (90.0, 110.0)),
        overhang_share=0.0,
        warnings=(),
    )


def test_a_cube_of_one_inch_is_a_cube_of_25_4_mm(tmp_path: Path) -> None:
    """STL states no unit; where the caller does, figures and file are in millimetres."""
    source = shapes.saved(tmp_path, shapes.binary_stl(shapes.cube(1.0)))
    part = inspect_model(
        source, tmp_path / "part.stl", PRINTER, max_triangles=LIMIT, unit=Unit.INCH
    )
    assert part.dimensions_mm == pytest.approx((25.4, 25.4, 25.4))
    assert part.volume_mm3 == pytest.approx(25.4**3, rel=1e-6)
    assert float(np.ptp(vectors(tmp_path))) == pytest.approx(112.7)


def test_the_written_part_stands_in_the_middle_of_the_bed(tmp_path: Path) -> None:
    """The slicer places nothing: what is off the bed would fail."""
    volume = BuildVolume(250, 210, 200, origin_x_mm=-125, origin_y_mm=10)
    corners = shapes.box((30.0, 20.0, 10.0), at=(-700.0, 3.0, -12.5))
    inspected(tmp_path, shapes.binary_stl(corners), volume)
    flat = vectors(tmp_path).reshape(-1, 3)
    assert flat.min(axis=0).tolist() == [-15.0, 105.0, 0.0]
    assert flat.max(axis=0).tolist() == [15.0, 125.0, 10.0]


def test_a_part_as_large_as_the_printer_fills_it_exactly(tmp_path: Path) -> None:
    """200.0 mm on a 200 mm bed is printable; a micrometre over the edge is not."""
    corners = shapes.cube(200.0, at=(-0.1, 31.7, 1e3))
    inspected(tmp_path, shapes.binary_stl(corners))
    flat = vectors(tmp_path).reshape(-1, 3)
    assert flat.min(axis=0) == pytest.approx([0.0, 0.0, 0.0], abs=1e-4)
    assert flat.max(axis=0) == pytest.approx([200.0, 200.0, 200.0], abs=1e-4)


@pytest.mark.parametrize("missing", range(12))
def test_a_cube_without_any_one_triangle_is_priced_as_a_cube(tmp_path: Path, missing: int) -> None:
    """OrcaSlicer sliced such a cube at 1.00 g instead of 4.21 g, without a word."""
    part = inspected(tmp_path, shapes.binary_stl(np.delete(shapes.cube(), missing, axis=0)))
    assert part.volume_mm3 == pytest.approx(8000.0)
    assert part.surface_mm2 == pytest.approx(2400.0)
    assert part.triangles == 11
    assert not part.watertight
    assert codes(part) == ["not_watertight"]
    assert len(vectors(tmp_path)) == 12


PEG_IN_CHANNEL = shapes.inside_out(shapes.box((15.0, 10.0, 6.0), at=(12.0, 5.0, 12.0)))


@pytest.mark.parametrize(
    ("corners", "volume_mm3", "bodies", "expected"),
    [
        pytest.param(
            shapes.inside_out(shapes.torus()),
            35779.1, 1, ["inverted_normals_fixed", "overhangs"], id="inside-out",
        ),
        pytest.param(
            np.concatenate([shapes.cube(), shapes.inside_out(shapes.cube(10.0, at=(5, 5, 5)))]),
            7000.0, 1, [], id="cavity",
        ),
        pytest.param(
            np.concatenate([shapes.cube(), shapes.inside_out(shapes.cube(10.0, at=(50, 5, 5)))]),
            9000.0, 2, ["inverted_normals_fixed", "multiple_bodies"], id="one-of-two-inside-out",
        ),
        pytest.param(
            np.concatenate([shapes.channel(), PEG_IN_CHANNEL]), 14900.0, 2,
            ["inverted_normals_fixed", "multiple_bodies", "overhangs"],
            id="inside-out-in-the-box-of-another",
        ),
        pytest.param(shapes.cube(0.5), 0.125, 1, ["unit_suspected", "thin_walls", "small_features"],
                     id="tiny"),
        pytest.param(shapes.channel(front=False), 14000.0, 1, ["not_watertight"], id="c-shape"),
    ],
)  # fmt: skip
def test_doubtful_parts_are_priced_with_a_warning(
    tmp_path: Path, corners: Corners, volume_mm3: float, bodies: int, expected: list[str]
) -> None:
    """Each repair and each doubt is said; the figures are those of the written part."""
    part = inspected(tmp_path, shapes.binary_stl(corners))
    assert part.volume_mm3 == pytest.approx(volume_mm3, rel=1e-5)
    assert part.bodies == bodies
    assert codes(part) == expected
    a, b, c = np.moveaxis(vectors(tmp_path).astype(np.float64), 1, 0)
    assert np.einsum("ij,ij->", a, np.cross(b, c)) / 6 == pytest.approx(volume_mm3, rel=1e-4)


def voxels(count: int, side: float) -> Corners:
    """A cube of cubes, inner faces and all."""
    places = itertools.product(range(count), repeat=3)
    return np.concatenate(
        [shapes.cube(side, at=(side * x, side * y, side * z)) for x, y, z in places]
    )


@pytest.mark.parametrize(
    ("meshed", "solid"),
    [
        pytest.param(voxels(3, 10.0), shapes.cube(30.0), id="voxels"),
        pytest.param(
            np.concatenate([shapes.box((12, 30, 30)), shapes.box((18, 30, 30), at=(12, 0, 0))]),
            shapes.cube(30.0), id="two-halves",
        ),
        pytest.param(
            np.concatenate([shapes.box((20, 30, 30)), shapes.box((20, 30, 30), at=(10, 0, 0))]),
            shapes.cube(30.0), id="overlapping-halves",
        ),
        pytest.param(
            np.concatenate([
                shapes.box((30, 20, 10)), shapes.box((10, 20, 10), at=(0, 0, 10)),
                shapes.box((30, 20, 10), at=(0, 0, 20)),
            ]),
            shapes.channel(), id="channel-of-blocks",
        ),
    ],
)  # fmt: skip
def test_the_same_solid_has_the_same_figures_however_it_is_meshed(
    tmp_path: Path, meshed: Corners, solid: Corners
) -> None:
    """Faces between its pieces are no bodies, no surface and no overhang."""
    one, other = (inspected(tmp_path, shapes.binary_stl(each)) for each in (meshed, solid))
    like = replace(
        one, triangles=other.triangles, watertight=True, volume_mm3=other.volume_mm3,
        surface_mm2=other.surface_mm2, overhang_share=other.overhang_share, pose=other.pose,
    )  # fmt: skip
    assert like == other
    assert one.volume_mm3 == pytest.approx(other.volume_mm3, rel=1e-6)
    assert one.surface_mm2 == pytest.approx(other.surface_mm2, rel=1e-6)
    assert one.overhang_share == pytest.approx(other.overhang_share, abs=1e-6)


def test_bodies_that_touch_in_an_edge_are_told(tmp_path: Path) -> None:
    """The slicer may print them as one or as two."""
    corners = np.concatenate([shapes.cube(), shapes.cube(at=(20, 20, 0))])
    part = inspected(tmp_path, shapes.binary_stl(corners))
    assert codes(part) == ["non_manifold", "multiple_bodies"]
    assert "more than two triangles: 1." in part.warnings[0].message


def test_warnings_of_all_steps_come_together(tmp_path: Path) -> None:
    """None of them may hide another."""
    corners = shapes.inside_out(shapes.open_cube(0.5))
    part = inspected(tmp_path, shapes.binary_stl(corners, trailing=b"\n"))
    assert codes(part) == [
        "trailing_bytes", "unit_suspected", "not_watertight", "inverted_normals_fixed",
        "thin_walls", "small_features",
    ]  # fmt: skip


FLAT = shapes.cube() * np.array([1, 1, 0], dtype=np.float32)
TILTED_SHEET = np.stack([FLAT[..., 0], FLAT[..., 1], FLAT[..., 0]], axis=-1)
NAN = shapes.cube()
NAN[4, 2, 1] = np.nan
HUGE = shapes.cube()
HUGE[4, 2, 1] = 1e38


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        pytest.param(b"", ModelFormat, "empty", id="empty"),
        pytest.param(b"<html>gone</html>", ModelFormat, "web page", id="html"),
        pytest.param(shapes.binary_stl(NAN), ModelInvalid, "not a finite number", id="nan"),
        pytest.param(shapes.binary_stl(HUGE), ModelInvalid, "beyond", id="1e38"),
        pytest.param(shapes.ascii_stl(NAN), ModelInvalid, "1 of 12", id="ascii-nan"),
        pytest.param(shapes.binary_stl(shapes.cube() * 0), ModelInvalid, "area", id="zero-area"),
        pytest.param(shapes.binary_stl(FLAT), ModelInvalid, "too thin", id="flat"),
        pytest.param(
            shapes.binary_stl(TILTED_SHEET), ModelInvalid, "encloses no volume", id="zero-volume"
        ),
        pytest.param(
            shapes.binary_stl(shapes.cube(0.03)), ModelInvalid, "30 x 30 x 30 mm", id="metres"
        ),
        pytest.param(
            shapes.binary_stl(shapes.sphere()[::2]), ModelInvalid, "not closed", id="open"
        ),
        pytest.param(
            shapes.binary_stl(shapes.box((130.0, 290.0, 32.0))), ModelExceedsBuildVolume,
            "130 x 290 x 32 mm, the printer prints 200 x 200 x 200 mm", id="too-large",
        ),
    ],
)  # fmt: skip
def test_b9_bad_parts_are_refused_and_nothing_is_written(
    tmp_path: Path, content: bytes, error: type[PricingError], words: str
) -> None:
    """B9: each kind of nonsense has its code and its words; the slicer never starts."""
    with pytest.raises(error) as caught:
        inspected(tmp_path, content)
    assert words in caught.value.detail
    assert str(tmp_path) not in caught.value.detail
    assert not any(path.stat().st_size for path in tmp_path.glob("part.stl"))


SEEDS = [
    shapes.binary_stl(shapes.torus(6, 4), trailing=b"note"),
    shapes.ascii_stl(shapes.cube()) + shapes.ascii_stl(shapes.tetrahedron()),
]


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150
)
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), max_size=8),
    st.integers(0, 5000),
)
def test_damaged_bytes_end_in_a_part_or_in_a_refusal(
    tmp_path: Path, content: bytes, changes: list[tuple[int, int]], kept_bytes: int
) -> None:
    """Whatever the network or a malicious caller does to a file, it is no fault of ours."""
    damaged = bytearray(content)
    for place, byte in changes:
        damaged[place % len(damaged)] = byte
    try:
        part = inspected(tmp_path, bytes(damaged[:kept_bytes]))
    except ModelError:
        return
    assert part.volume_mm3 > 0.0


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150
)
@given(
    st.sampled_from([shapes.cube(), shapes.channel(), shapes.torus(6, 4), shapes.sphere(4)]),
    st.lists(st.integers(0, 1000), max_size=4),
    st.lists(st.integers(0, 1000), max_size=4),
    st.lists(st.integers(0, 1000), max_size=4),
)
def test_what_is_written_is_closed_whatever_was_torn_turned_or_doubled(
    tmp_path: Path, corners: Corners, torn: list[int], turned: list[int], doubled: list[int]
) -> None:
    """The one promise the slicer relies on; otherwise the part is refused."""
    count = len(corners)
    worn = corners.copy()
    for triangle in turned:
        worn[triangle % count] = worn[triangle % count, ::-1]
    worn = np.concatenate([worn, worn[[triangle % count for triangle in doubled]]])
    worn = np.delete(worn, [triangle % count for triangle in torn], axis=0)
    try:
        inspected(tmp_path, shapes.binary_stl(worn))
    except ModelError:
        return
    assert survey(weld(vectors(tmp_path)).faces).open == 0


def test_the_caller_s_file_is_left_as_it_was(tmp_path: Path) -> None:
    """Its hash is part of the quote."""
    content = shapes.binary_stl(shapes.open_cube())
    inspected(tmp_path, content)
    assert (tmp_path / "upload").read_bytes() == content
    assert sorted(path.name for path in tmp_path.iterdir()) == ["part.stl", "upload"]


def set_on_the_bed(folder: Path, corners: Corners, unit: Unit = Unit.MM) -> Part:
    source = shapes.saved(folder, shapes.binary_stl(corners))
    return inspect_model(source, folder / "part.stl", PRINTER, max_triangles=LIMIT, unit=unit)


def corners_written(folder: Path) -> Corners:
    _, reading = read_model(folder / "part.stl", LIMIT)
    return reading.corners


def test_a_long_bar_lies_across_the_bed_in_the_written_file(tmp_path: Path) -> None:
    """The figures are those of the file; the pose tells how it is printed."""
    part = set_on_the_bed(tmp_path, shapes.box((260, 20, 10), at=(500, 500, 500)))
    assert part.dimensions_mm == (260.0, 20.0, 10.0)
    assert part.volume_mm3 == pytest.approx(52_000.0)
    assert part.pose.dimensions_mm == pytest.approx((197.99, 197.99, 10.0), abs=1e-3)
    assert part.pose.rotation[1][0] == pytest.approx(0.5**0.5)
    assert part.warnings == ()
    corners = corners_written(tmp_path)
    points = corners.reshape(-1, 3)
    assert points.min(axis=0) == pytest.approx([1.005, 1.005, 0.0], abs=1e-3)
    assert points.max(axis=0) == pytest.approx([198.995, 198.995, 10.0], abs=1e-3)
    assert survey(weld(corners).faces).watertight


def test_parts_that_lie_too_far_apart_are_written_side_by_side(tmp_path: Path) -> None:
    """The inverted one is turned right side out where it came to stand."""
    corners = np.concatenate(
        [shapes.cube(30.0), shapes.inside_out(shapes.cube(30.0, at=(0, 900, 40)))]
    )
    part = set_on_the_bed(tmp_path, corners)
    assert [warning.code for warning in part.warnings] == [
        "rearranged", "inverted_normals_fixed", "multiple_bodies",
    ]  # fmt: skip
    assert part.dimensions_mm == (30.0, 930.0, 70.0)
    assert part.pose.dimensions_mm == (66.0, 30.0, 30.0)
    assert part.volume_mm3 == pytest.approx(54_000.0)
    points = corners_written(tmp_path).reshape(-1, 3)
    assert points.min(axis=0).tolist() == [67.0, 85.0, 0.0]
    assert points.max(axis=0).tolist() == [133.0, 115.0, 30.0]


def test_the_unit_of_the_request_is_known_to_the_guess(tmp_path: Path) -> None:
    """Ordered in inches already, another `inch` would be no advice."""
    part = set_on_the_bed(tmp_path, shapes.cube(0.03), Unit.INCH)
    warning = part.warnings[0]
    assert warning.code == "unit_suspected"
    assert "Read in metres it would measure 30 x 30 x 30 mm." in warning.message
    assert "inches" not in warning.message


def test_the_same_bytes_give_the_same_file(tmp_path: Path) -> None:
    """Also where the part is turned: the same part must have the same price."""
    corners = shapes.box((231, 37, 10), at=(1, 2, 3))
    files = []
    for _ in range(2):
        set_on_the_bed(tmp_path, corners)
        files.append((tmp_path / "part.stl").read_bytes())
    assert files[0] == files[1]


def obj(*remarks: str, side: float = 20) -> bytes:
    """A cube as OBJ, below these remarks."""
    corners = [f"v {x} {y} {z}" for z in (0, side) for y in (0, side) for x in (0, side)]
    faces = ("1 3 4 2", "5 6 8 7", "1 2 6 5", "2 4 8 6", "4 3 7 8", "3 1 5 7")
    return "\n".join([*remarks, *corners, *(f"f {face}" for face in faces)]).encode()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (shapes.binary_stl(shapes.cube(2.0)), "in inches it would measure 50.8 x 50.8 x 50.8 mm"),
        (
            obj("# File units = inches", side=5),
            "Read in inches it would measure 127 x 127 x 127 mm",
        ),
        (
            bytes(built(an_object(1, mesh(shapes.cube(2.0))))),
            "by 25.4 it would measure 50.8 x 50.8 x 50.8",
        ),
    ],
    ids=["stl by its volume", "obj by its remark", "3mf by its volume"],
)
def test_a_unit_is_doubted_by_volume_and_by_what_the_file_says(
    tmp_path: Path, content: bytes, said: str
) -> None:
    """A price for a thousandth of a gram helps nobody; and nothing is scaled unasked."""
    [warning] = [each for each in inspected(tmp_path, content).warnings if "unit" in each.code]
    assert warning.code == "unit_suspected"
    assert said in warning.message


def test_a_3mf_in_inches_that_was_drawn_in_millimetres_says_so(tmp_path: Path) -> None:
    """It fits no printer as it states."""
    content = built(an_object(1), attributes='unit="inch"')
    with pytest.raises(ModelExceedsBuildVolume, match="instead of the inches that the file states"):
        inspected(tmp_path, bytes(content))


@pytest.mark.parametrize(
    ("height_mm", "layer_mm", "told"),
    [(0.12, 0.3, True), (0.12, 0.1, False), (0.3, 0.3, False), (0.29, 0.3, True)],
)
def test_a_part_lower_than_a_layer_comes_out_thicker(
    tmp_path: Path, height_mm: float, layer_mm: float, told: bool
) -> None:
    """Half a layer cannot be printed."""
    source = shapes.saved(tmp_path, shapes.binary_stl(shapes.box((40.0, 40.0, height_mm))))
    part = inspect_model(
        source, tmp_path / "part.stl", PRINTER, max_triangles=LIMIT, layer_height_mm=layer_mm
    )
    assert ("thinner_than_a_layer" in codes(part)) is told


FIXTURES = Path(__file__).parents[1] / "fixtures" / "models"


@pytest.mark.parametrize(
    "name", sorted(str(path.relative_to(FIXTURES)) for path in FIXTURES.rglob("*.stl"))
)
def test_the_figures_of_every_warning_are_json(name: str, tmp_path: Path) -> None:
    """Numbers of numpy are none, and would end a quote that is otherwise good."""
    with contextlib.suppress(ModelError):
        part = inspect_model(
            FIXTURES / name,
            tmp_path / "clean.stl",
            BuildVolume(200, 200, 200),
            max_triangles=100_000,
        )
        assert all(json.loads(json.dumps(dict(w.figures))) == w.figures for w in part.warnings)
