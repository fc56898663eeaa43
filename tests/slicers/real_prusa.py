"""The installed PrusaSlicer, run plainly: no code of ours between a test and the program."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import struct
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

Box = tuple[float, float, float, float, float, float]

_CONFIG = re.compile(
    r"^; prusaslicer_config = begin\n(.*?)^; prusaslicer_config = end$", re.MULTILINE | re.DOTALL
)
_LINE = re.compile(r"^; (\w+) =(?: (.*))?$", re.MULTILINE)
_UNIT = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
# The corners of each side of a box, counter-clockwise seen from outside.
_SIDES = ("0264", "1573", "0451", "2376", "0132", "4675")


@dataclass(frozen=True, slots=True)
class Sliced:
    """The text of a finished slice."""

    gcode: str

    @property
    def config(self) -> dict[str, str]:
        """The settings that PrusaSlicer says it used."""
        block = _CONFIG.search(self.gcode)
        assert block, "no settings block"
        return dict(_LINE.findall(block[1]))

    @property
    def grams(self) -> Decimal:
        """Weight of one part, from the length, which is less rounded than the printed weight."""
        area_mm2 = Decimal("2.405281875")
        return Decimal(self.figure("filament used [mm]")) * area_mm2 / 1000 * self._density

    @property
    def seconds(self) -> int:
        """Printing time."""
        text = self.figure("estimated printing time (normal mode)")
        return sum(int(part[:-1]) * _UNIT[part[-1]] for part in text.split())

    def figure(self, name: str) -> str:
        """One figure of the footer."""
        found = re.search(rf"^; {re.escape(name)} = (.*)$", self.gcode, re.MULTILINE)
        assert found, f"no {name}"
        return found[1]

    @property
    def _density(self) -> Decimal:
        return Decimal(self.config["filament_density"])


def slice_with_prusa(config: Mapping[str, str], stl: Path, folder: Path) -> Sliced:
    """Slices `stl` where it stands; a missing program fails the test."""
    binary = shutil.which(os.environ.get("PRUSA_BINARY", "prusa-slicer"))
    if binary is None:
        pytest.fail("PrusaSlicer is not installed; these tests compare with the real program")
    ini, gcode = folder / "profile.ini", folder / "out.gcode"
    ini.write_text("".join(f"{key} = {value}\n" for key, value in config.items()), "utf-8")
    run = subprocess.run(
        [
            binary,
            "--export-gcode",
            "--dont-arrange",
            "--load",
            ini,
            "--post-process",
            "",
            "--output",
            gcode,
            stl,
        ],
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    assert "substituted" not in run.stdout, run.stdout
    return Sliced(gcode.read_text("utf-8"))


def write_boxes(path: Path, boxes: Iterable[Box]) -> Path:
    """Writes boxes (x0, y0, z0, x1, y1, z1, in mm) as one binary STL."""
    triangles = [triangle for box in boxes for triangle in _triangles(box)]
    path.write_bytes(
        bytes(80) + struct.pack("<I", len(triangles)) + b"".join(map(_facet, triangles))
    )
    return path


def _triangles(box: Box) -> Iterable[tuple[tuple[float, ...], ...]]:
    x, y, z = (box[0], box[3]), (box[1], box[4]), (box[2], box[5])
    corners = list(itertools.product(x, y, z))
    for side in _SIDES:
        a, b, c, d = (corners[int(number)] for number in side)
        yield a, b, c
        yield a, c, d


def _facet(triangle: tuple[tuple[float, ...], ...]) -> bytes:
    a, b, c = triangle
    u = [b[axis] - a[axis] for axis in range(3)]
    v = [c[axis] - a[axis] for axis in range(3)]
    normal = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]]
    length = sum(component**2 for component in normal) ** 0.5
    unit = [component / length for component in normal]
    return struct.pack("<12fH", *unit, *a, *b, *c, 0)
