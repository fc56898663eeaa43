"""Objects in their places: transforms, copies, and how many of them."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from pricing_fdm.mesh.readers.threemf import assembly as threemf_assembly
from pricing_fdm.mesh.triangles import Reading
from tests.mesh import shapes
from tests.mesh.threemf_reading import moved, read, refusal
from tests.mesh.threemf_writer import CUBE, an_object, built, components, mesh

MOVED = "1 0 0 0 1 0 0 0 1 50 60 70"
MIRRORED = "-1 0 0 0 1 0 0 0 1 0 0 0"
TURNED = "0 1 0 -1 0 0 0 0 1 0 0 0"
STRETCHED = "2 0 0 0 1 0 0 0 1 1 0 0"


def signed_volume(reading: Reading) -> float:
    """Negative where the triangles look inwards."""
    return float(np.linalg.det(reading.corners.astype(np.float64)).sum() / 6)


@pytest.mark.parametrize(
    ("transform", "low", "high"),
    [
        pytest.param(MOVED, (50, 60, 70), (70, 80, 90), id="moved"),
        pytest.param(MIRRORED, (-20, 0, 0), (0, 20, 20), id="mirrored"),
        pytest.param(TURNED, (-20, 0, 0), (0, 20, 20), id="turned"),
        pytest.param(STRETCHED, (1, 0, 0), (41, 20, 20), id="stretched"),
    ],
)
def test_items_are_put_in_their_place_right_side_out(
    tmp_path: Path,
    transform: str,
    low: tuple[float, float, float],
    high: tuple[float, float, float],
) -> None:
    """Row vectors, and no transform may turn a part inside out (3MF core, 3.3)."""
    item = f'objectid="1" transform="{transform}"'
    reading = read(tmp_path, built(an_object(1), items=(item,)))
    flat = reading.corners.reshape(-1, 3)
    assert tuple(flat.min(axis=0)) == low
    assert tuple(flat.max(axis=0)) == high
    assert signed_volume(reading) == pytest.approx(np.prod(np.subtract(high, low)))


def test_components_are_placed_within_their_object(tmp_path: Path) -> None:
    """First the component's transform, then the object's, then the unit; in the file's order."""
    pair = an_object(2, components('objectid="1"', f'objectid="1" transform="{MOVED}"'))
    reading = read(
        tmp_path,
        built(
            an_object(1),
            pair,
            items=(f'objectid="2" transform="{TURNED}"', 'objectid="1"'),
            attributes='unit="centimeter"',
        ),
    )
    turn = np.array([[0, 1, 0], [-1, 0, 0], [0, 0, 1]], dtype=np.float32)
    expected = np.concatenate([CUBE @ turn, moved(CUBE, (50, 60, 70)) @ turn, CUBE])
    assert (reading.corners == 10 * expected).all()


def test_copies_of_several_objects_keep_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All copies of one mesh are placed together, some at a time."""
    monkeypatch.setattr(threemf_assembly, "CHUNK_TRIANGLES", 30)
    tetrahedron = shapes.tetrahedron()
    kinds = [1, 2, 1, 1, 2, 1, 2, 2, 1]
    items = tuple(
        f'objectid="{kind}" transform="1 0 0 0 1 0 0 0 1 {30 * at} 0 0"'
        for at, kind in enumerate(kinds)
    )
    reading = read(tmp_path, built(an_object(1), an_object(2, mesh(tetrahedron)), items=items))
    bodies = {1: CUBE, 2: tetrahedron}
    expected = [moved(bodies[kind], (30.0 * at, 0, 0)) for at, kind in enumerate(kinds)]
    assert (reading.corners == np.concatenate(expected)).all()


def test_objects_may_be_defined_after_their_use(tmp_path: Path) -> None:
    """A producer must not do that; slicers read it all the same, and it leaves no doubt."""
    content = built(an_object(1, components('objectid="2"')), an_object(2))
    assert (read(tmp_path, content).corners == CUBE).all()


def test_large_objects_are_placed_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In pieces, so that the interpreter's lock is never held for long."""
    monkeypatch.setattr(threemf_assembly, "CHUNK_TRIANGLES", 1000)
    ball = shapes.sphere(rings=24)
    assert len(ball) > 2000
    reading = read(tmp_path, built(an_object(1, mesh(ball))))
    assert (reading.corners == ball).all()


def test_vertices_that_no_triangle_uses_change_nothing(tmp_path: Path) -> None:
    """They are left out before anything is moved: `test_doubling` tells what that saves."""
    unused = '<vertex x="9" y="9" z="9"/>'
    content = mesh().replace("</vertices>", f"{unused * 3}</vertices>", 1)
    content = content.replace("<vertices>", f"<vertices>{unused * 2}", 1)
    content = re.sub(r'(v\d)="(\d+)"', lambda each: f'{each[1]}="{int(each[2]) + 2}"', content)
    items = (f'objectid="1" transform="{MOVED}"', f'objectid="1" transform="{MIRRORED}"')
    plain = read(tmp_path, built(an_object(1), items=items))
    assert (
        read(tmp_path, built(an_object(1, content), items=items)).corners == plain.corners
    ).all()


def test_a_transform_beyond_all_numbers_is_left_to_the_judgement(tmp_path: Path) -> None:
    """Not finite any more, which is refused in words later."""
    far = 'objectid="1" transform="1e308 0 0 0 1e308 0 0 0 1e308 0 0 0"'
    assert not np.isfinite(read(tmp_path, built(an_object(1), items=(far,))).corners).all()


def test_copies_count_as_triangles(tmp_path: Path) -> None:
    """Counted before anything is placed."""
    content = built(an_object(1), items=('objectid="1"',) * 3)
    assert "has 36 triangles; at most 35" in refusal(tmp_path, content, 35)
    assert len(read(tmp_path, content, 36).corners) == 36


DOUBLED = [
    an_object(number, components(f'objectid="{number - 1}"', f'objectid="{number - 1}"'))
    for number in range(2, 30)
]
CHAIN = [an_object(number, components(f'objectid="{number - 1}"')) for number in range(2, 50)]
EACH_OTHER = (an_object(1, components('objectid="2"')), an_object(2, components('objectid="1"')))
LAST_OF_DOUBLED = ('objectid="29"',)

REFUSED = {
    "no-such-object": (built(an_object(2)), "object that is not in it"),
    "no-such-component": (built(an_object(1, components('objectid="2"'))), "object that is not"),
    "itself": (built(an_object(1, components('objectid="1"'))), "in themselves"),
    "each-other": (built(*EACH_OTHER), "in themselves"),
    "chain": (built(an_object(1), *CHAIN, items=('objectid="49"',)), "too deeply"),
    "bomb": (built(an_object(1), *DOUBLED, items=LAST_OF_DOUBLED), "multiplies"),
    "bomb-of-nothing": (built(an_object(1, ""), *DOUBLED, items=LAST_OF_DOUBLED), "multiplies"),
    "bomb-of-helpers": (
        built(an_object(1, attributes='type="other"'), *DOUBLED, items=LAST_OF_DOUBLED),
        "multiplies",
    ),
}


@pytest.mark.parametrize(("content", "reason"), REFUSED.values(), ids=REFUSED)
def test_objects_that_cannot_be_put_together_are_refused(
    tmp_path: Path, content: bytearray, reason: str
) -> None:
    """Two kilobytes of components within components can ask for a billion copies."""
    assert reason in refusal(tmp_path, content)
