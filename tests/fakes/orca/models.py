"""Loads the input files and moves the parts, as OrcaSlicer does before it slices.

The loader drops each part to z = 0. `--scale` and `--rotate*` come later and undo that, and they
crash the program when it arranges as well; `--orient` without `--arrange 1` throws parts off
the bed. A part below the bed is legal and cut off.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from tests.fakes import console
from tests.fakes.geometry import bounds, mapped, moved, solid_of, turned
from tests.fakes.orca.options import CommandLine
from tests.fakes.orca.report import (
    DATA_FILE_ERROR,
    FILE_NOT_FOUND,
    INVALID_PARAMS,
    Crash,
    Refusal,
)
from tests.fakes.stl import NameOverflow, Triangle, UnreadableStl, read_stl

# What the real program reads and this one does not; both refuse everything else with -6.
_OTHER_FORMATS = {".oltp", ".obj", ".svg", ".amf", ".3mf"}
# Observed: the bytes that tell binary from text begin one facet after the header.
_TESTED_FROM = 134
_AXES = {"rotate": 2, "rotate_x": 0, "rotate_y": 1}
_SMALL_METRES_MM3 = 0.008
_SMALL_INCHES_MM3 = 8.0


class Part(NamedTuple):
    """One input file."""

    name: str
    facets: list[Triangle]


def read_all(line: CommandLine) -> list[Part]:
    """Reads the input files.

    Raises:
        Refusal: A file is missing (-3) or unreadable (-6).
        Crash: The real program's reader corrupts its memory on this file.
    """
    return [_read(name) for name in line.inputs]


def transformed(parts: list[Part], line: CommandLine) -> list[Part]:
    """Applies the transforms, in the order given.

    Raises:
        Refusal: A transform is refused (-2).
        Crash: The real program dies on this combination.
    """
    turns = [name for name in line.values if name == "scale" or name in _AXES]
    if turns and line.text("arrange") != "0":
        raise Crash
    for name in line.values:
        parts = [_transformed(part, name, line) for part in parts]
    if line.text("orient") == "1":
        parts = [_oriented(part) for part in parts]
    if line.flag("ensure_on_bed"):
        parts = [_dropped(part) for part in parts]
    return parts


def print_info(parts: list[Part]) -> None:
    """`--info`: facts of each mesh, one a line."""
    for part in parts:
        solid = solid_of(part.facets)
        lines = [f"[{part.name}]"]
        lines += [f"size_{a} = {v:.6f}" for a, v in zip("xyz", solid.box.size, strict=True)]
        lines += [f"min_{a} = {v:.6f}" for a, v in zip("xyz", solid.box.low, strict=True)]
        lines += [f"max_{a} = {v:.6f}" for a, v in zip("xyz", solid.box.high, strict=True)]
        lines += [f"number_of_facets = {len(part.facets)}", f"volume = {solid.volume_mm3:.6f}"]
        console.out("\n".join(lines) + "\n")


def _read(name: str) -> Part:
    path = Path(name)
    if not path.is_file():
        raise Refusal(FILE_NOT_FOUND, stderr=f"No such file: {name}\n")
    failed = f"{name}: Loading of a model file failed.\n"
    if path.suffix.lower() != ".stl":
        unknown = path.suffix.lower() not in _OTHER_FORMATS
        raise Refusal(
            DATA_FILE_ERROR,
            stderr=f"{name}: Unknown file format.\n" if unknown else failed,
        )
    try:
        facets = read_stl(path, name, tested_from=_TESTED_FROM)
    except UnreadableStl as fault:
        raise Refusal(DATA_FILE_ERROR, log=str(fault), stderr=failed) from None
    except NameOverflow:
        raise Crash from None
    if not facets:
        raise Refusal(DATA_FILE_ERROR, stderr=failed)
    return _dropped(Part(path.name, facets))


def _transformed(part: Part, name: str, line: CommandLine) -> Part:
    if name == "repetitions":
        raise Refusal(INVALID_PARAMS)
    if name == "scale":
        return part._replace(facets=_scaled(part.facets, float(line.text("scale"))))
    if name in _AXES:
        return _centred(
            part._replace(facets=turned(part.facets, _AXES[name], float(line.text(name))))
        )
    if name == "convert_unit" and line.flag("convert_unit"):
        return part._replace(facets=_converted(part.facets))
    return part


def _scaled(facets: list[Triangle], factor: float) -> list[Triangle]:
    """Grows about its own centre: above 1 the part sinks, below 1 it floats."""
    if factor <= 0:
        raise Refusal(INVALID_PARAMS)
    box = bounds(facets)
    cx, cy, cz = ((low + high) / 2 for low, high in zip(box.low, box.high, strict=True))
    return mapped(
        facets,
        lambda p: (
            cx + (p[0] - cx) * factor,
            cy + (p[1] - cy) * factor,
            cz + (p[2] - cz) * factor,
        ),
    )


def _centred(part: Part) -> Part:
    """A turned mesh is centred on the origin, so that half of it is under the bed."""
    box = bounds(part.facets)
    shift = [-(low + high) / 2 for low, high in zip(box.low, box.high, strict=True)]
    return part._replace(facets=moved(part.facets, shift[0], shift[1], shift[2]))


def _converted(facets: list[Triangle]) -> list[Triangle]:
    sx, sy, sz = bounds(facets).size
    volume = sx * sy * sz
    if volume >= _SMALL_INCHES_MM3:
        return facets
    factor = 1000.0 if volume < _SMALL_METRES_MM3 else 25.4
    return mapped(facets, lambda p: (p[0] * factor, p[1] * factor, p[2] * factor))


def _oriented(part: Part) -> Part:
    """Lays the part on its largest box face; the real program weighs costs and prints them."""
    length_x, length_y, height = bounds(part.facets).size
    facets = part.facets
    if height > min(length_x, length_y):
        facets = turned(facets, 1 if length_x <= length_y else 0, 90)
    best = "0.000000 0.000000 1.000000" if facets is part.facets else "-0.000000 -1.000000 0.000000"
    console.out(f"best:{best}, costs:0.0,\t0.0,\t0.0,\t0.0,\t0.0,\t0.0,\t0.0\n")
    return _dropped(part._replace(facets=facets))


def _dropped(part: Part) -> Part:
    return part._replace(facets=moved(part.facets, 0, 0, -bounds(part.facets).low[2]))
