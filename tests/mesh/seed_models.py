"""Small good models of each format that we read: what mutants begin as."""

from __future__ import annotations

import numpy as np

from tests.mesh import shapes
from tests.mesh import threemf_writer as writer
from tests.mesh.step import step_files

_PAIR = np.concatenate([shapes.cube(10.0), shapes.tetrahedron(8.0) + np.float32(15.0)])

_CUBE_OBJ = """# cube
mtllib cube.mtl
o cube
v 0.0 0.0 0.0
v 20.0 0.0 0.0
v 0.0 20.0 0.0
v 20.0 20.0 0.0
v 0.0 0.0 20.0
v 20.0 0.0 20.0
v 0.0 20.0 20.0
v 20.0 20.0 20.0
vn 0 0 1
vt 0.5 0.5
usemtl red
s off
f 1/1/1 3/1/1 4/1/1 2/1/1
f 5//1 6//1 8//1 7//1
f 1/1 2/1 6/1 5/1
f 2 4 8 6
f 4 3 \\
  7 8
f 3 1 5 7
"""

_CHANNEL_OBJ = "\n".join(
    [
        "g channel",
        *(
            f"v {x} {y} {z} 1.0"
            for z in (0, 12.5)
            for x, y in ((0, 0), (30, 0), (30, 10), (10, 10), (10, 20), (30, 20), (30, 30), (0, 30))
        ),
        "f -9 -10 -11 -12 -13 -14 -15 -16",
        "f 9 10 11 12 13 14 15 16",
        *(f"f {n} {n % 8 + 1} {n % 8 + 9} {n + 8}" for n in range(1, 9)),
        "",
    ]
)

_PLACED = writer.built(
    writer.an_object(1),
    writer.an_object(2, writer.mesh(shapes.tetrahedron(9.0))),
    writer.an_object(
        3,
        writer.components('objectid="1"', 'objectid="2" transform="1 0 0 0 1 0 0 0 1 30 0 0"'),
    ),
    items=('objectid="3" transform="0 1 0 -1 0 0 0 0 1 50 50 5"', 'objectid="2"'),
)


def _assembly() -> bytes:
    file = step_files.StepFile()
    box = file.product([file.box((10.0, 10.0, 10.0))])
    ball = file.product([file.sphere(6.0)])
    file.assembly((box, (0.0, 0.0, 0.0)), (ball, (30.0, 0.0, 0.0)), (box, (0.0, 20.0, 0.0)))
    return file.content()


SEEDS: dict[str, tuple[bytes, ...]] = {
    "stl-binary": (
        shapes.binary_stl(shapes.torus(10, 6), b"exported by a program"),
        shapes.binary_stl(shapes.cube(), b"solid cube"),
        shapes.binary_stl(_PAIR, trailing=b"\0\n"),
    ),
    "stl-ascii": (
        shapes.ascii_stl(shapes.cube()),
        shapes.ascii_stl(_PAIR[:12], end="\r\n").upper()
        + shapes.ascii_stl(_PAIR[12:], end="\r\n").upper(),
    ),
    "obj": (_CUBE_OBJ.encode(), _CHANNEL_OBJ.encode()),
    "3mf": (bytes(writer.package()), bytes(_PLACED)),
    "step": (
        step_files.one("box", (20.0, 10.0, 5.0)),
        step_files.one("cylinder", 5.0, 20.0, schema=step_files.AP203),
        step_files.one("box", (1.0, 1.0, 0.5), unit=step_files.INCH, schema=step_files.AP242),
        _assembly(),
    ),
}
