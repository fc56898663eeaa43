"""Converts one STEP file into a binary STL in millimetres. A script: it runs sandboxed, as a child.

    step_to_stl.py SOURCE DESTINATION MAX_TRIANGLES

OCCT, in C++, does the geometry on bytes that are not trusted. It may loop, crash or be taken over,
so its output is not trusted either: the STL is read like a caller's own, and the exit code and the
one line on stdout (`3 of 64, 1, 0 of 2`: faces lost of faces stated, surface bodies left out, empty
parts of all) only choose among our sentences.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np
import numpy.typing as npt

from pricing_fdm.mesh.step.bodies import Bodies, stated_bodies
from pricing_fdm.mesh.step.end import End
from pricing_fdm.mesh.step.lost import lost_faces

# The mesh deviates from the surface by at most so much, ...
DEVIATION_MM = 0.05
# ... and its triangles turn by at most so much, which is what keeps the volume of small curves: a
# sphere of any size loses 0.18 % of its volume, a cylinder 0.04 %, a torus 0.08 %.
TURN_RAD = 0.1

_OBJ = Path("mesh.obj")
_CLEANED = Path("cleaned.step")
_BEGINNINGS = re.compile(rb"^\s*+ISO-10303-21\s*;", re.MULTILINE)
_BOM = b"\xef\xbb\xbf"
_LEAST_FREE_BYTES = 1024**2

_STL_HEADER = b"converted from STEP by pricing-fdm, millimetres".ljust(80)
_STL_RECORD = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
_CHUNK_TRIANGLES = 32_768


@dataclass(frozen=True, slots=True)
class ObjMesh:
    """What OCCT has written.

    Attributes:
        points: (n, 3), in mm.
        corners: (m, 3), points by their numbers from 0.
        faces: For each product, wherever it is used, how many of its faces the triangles mesh.
    """

    points: npt.NDArray[np.float32]
    corners: npt.NDArray[np.int32]
    faces: tuple[int, ...]


def main(arguments: Sequence[str], report: TextIO = sys.stdout) -> End:
    """Converts as the arguments say, and reports how it ended and what is not in the mesh.

    Once OCCT is loaded, every failure is due to the file or to a full disk.
    """
    source, destination, max_triangles = arguments
    # Python ignores this signal; without it a file that is too long is just another error.
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    import cascadio  # noqa: PLC0415 - tests of the rest need no OCCT

    try:
        end = _convert(
            Path(source), Path(destination), int(max_triangles), cascadio.step_to_obj, report
        )
    except MemoryError:
        return End.OUT_OF_MEMORY
    except Exception as error:  # noqa: BLE001 - OCCT throws and writes what it likes
        sys.stderr.write(f"{error!r}\n")
        end = End.UNREADABLE
    if end is End.UNREADABLE and shutil.disk_usage(Path()).free < _LEAST_FREE_BYTES:
        return End.NO_ROOM
    return end


def _convert(
    source: Path,
    destination: Path,
    max_triangles: int,
    step_to_obj: Callable[..., int],
    report: TextIO,
) -> End:
    content = source.read_bytes()
    if len(_BEGINNINGS.findall(content)) > 1:
        return End.SEVERAL_FILES
    bodies = stated_bodies(content.removeprefix(_BOM))
    if refusal := _refusal(bodies, max_triangles):
        return refusal
    if bodies.content != content:
        source = _CLEANED
        source.write_bytes(bodies.content)
    del content
    failed = step_to_obj(
        str(source),
        str(_OBJ),
        tol_linear=DEVIATION_MM,
        tol_angular=TURN_RAD,
        use_parallel=False,  # the other cores are slicing
        use_colors=False,
    )
    if failed:
        return End.UNREADABLE
    with _OBJ.open("rb") as file:
        mesh = read_obj(file)
    _OBJ.unlink()
    if len(mesh.corners) > max_triangles:
        return End.TOO_MANY_TRIANGLES
    lost = lost_faces(bodies.solids, mesh.faces)
    if lost is None:
        return End.FACES_LOST
    write_stl(mesh, destination)
    parts = f"{bodies.empty} of {bodies.parts}"
    report.write(f"{lost} of {bodies.faces}, {bodies.surfaces}, {parts}\n")
    return End.DONE


def _refusal(bodies: Bodies, max_triangles: int) -> End | None:
    """Why these bodies need not be converted."""
    if bodies.unreadable:
        return End.SOLIDS_LOST
    if bodies.surfaces and not bodies.solids:
        return End.ONLY_SURFACES
    if bodies.faces > max_triangles:  # an assembly of assemblies may mean any number of parts
        return End.TOO_MANY_TRIANGLES
    return None


def read_obj(lines: Iterable[bytes]) -> ObjMesh:
    """Reads an OBJ as OCCT writes it: a group for each product, in it face by face.

    Of a face there are first its points, then its triangles.

    Raises:
        ValueError: It is not of that kind.
    """
    points, corners = array("f"), array("i")
    faces, in_triangles = [0], False
    for line in lines:
        kind, _, rest = line.partition(b" ")
        if kind == b"v":
            points.extend(map(float, rest.split()))
            in_triangles = False
        elif kind == b"f":
            corners.extend(int(corner.partition(b"/")[0]) - 1 for corner in rest.split())
            faces[-1] += not in_triangles
            in_triangles = True
        elif kind == b"g":
            faces.append(0)
    return ObjMesh(
        np.array(points, dtype=np.float32).reshape(-1, 3),
        np.array(corners, dtype=np.int32).reshape(-1, 3),
        tuple(count for count in faces if count),
    )


def write_stl(mesh: ObjMesh, destination: Path) -> None:
    """Writes the triangles in their order; the normals are left to the reader."""
    with destination.open("wb") as file:
        file.write(_STL_HEADER + len(mesh.corners).to_bytes(4, "little"))
        for start in range(0, len(mesh.corners), _CHUNK_TRIANGLES):
            corners = mesh.corners[start : start + _CHUNK_TRIANGLES]
            records = np.zeros(len(corners), dtype=_STL_RECORD)
            records["corners"] = mesh.points[corners]
            file.write(records.data)


if __name__ == "__main__":
    with os.fdopen(os.dup(1), "w") as alone:
        os.dup2(2, 1)  # where OCCT prints, from buffers of its own and until the very end
        sys.exit(main(sys.argv[1:], alone))
