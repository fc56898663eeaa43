"""PrusaSlicer's command line, acted out, for what the real one does not do on demand.

Unasked it behaves like 2.5.0, exit codes and texts included; told to claim a version from 2.6 on
it takes `--threads` and, like 2.9.2, ends with 0 and no G-code where 2.5.0 aborts. Only STL is
read, only G-code is exported, and the figures are made up (see `figures`).
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from tests.fakes import console, misbehaviour
from tests.fakes.behaviour import Behaviour, load_behaviour
from tests.fakes.figures import figures_of
from tests.fakes.geometry import Box, bounds, moved, solid_of
from tests.fakes.grammar import BadCommandLine
from tests.fakes.prusa import options
from tests.fakes.prusa.gcode import gcode_text, plan_of
from tests.fakes.records import record
from tests.fakes.stl import NameOverflow, Triangle, UnreadableStl, read_stl

VERSION = "2.5.0+UNKNOWN"
# Measured with 2.5.0: the bytes that tell binary from text begin right after the header.
_TESTED_FROM = 84
_STEPS = (
    "10 => Processing triangulated mesh",
    "20 => Generating perimeters",
    "70 => Infilling layers",
    "30 => Preparing infill",
    "88 => Generating skirt and brim",
)
_NO_LAYERS = (
    "No layers were detected. You might want to repair your STL file(s) or check their size or"
    " thickness and retry.\n\n"
)
_OUTSIDE = "All objects are outside of the print volume.\n"
_NO_FIT = (
    "terminate called after throwing an instance of 'Slic3r::RuntimeError'\n"
    "  what():  Objects could not fit on the bed\n"
)
_HELP = """\
PrusaSlicer-{version} based on Slic3r (with GUI support)
https://github.com/prusa3d/PrusaSlicer

Usage: prusa-slicer [ ACTIONS ] [ TRANSFORM ] [ OPTIONS ] [ file.stl ... ]

Actions:
 --export-gcode, --gcode, -g
                     Slice the model and export toolpaths as G-code.
 --help, -h          Show this help.

Print options are processed in the following order:
\t1) Config keys from the command line, for example --fill-pattern=stars
\t   (highest priority, overwrites everything below)
\t2) Config files loaded with --load
\t3) Config values loaded from amf or 3mf files

Run --help-fff / --help-sla to see the full listing of print options.
"""


class Failure(Exception):
    """The run ends with this exit code and text on stderr."""

    def __init__(self, stderr: str, code: int = 1) -> None:
        super().__init__(stderr)
        self.stderr = stderr
        self.code = code


def main(behaviour_file: str) -> None:
    """Runs with the process's own arguments and ends the process."""
    misbehaviour.obey_signals()
    behaviour = load_behaviour(Path(behaviour_file), sys.argv[1:])
    record(behaviour, "main", with_surroundings=True)
    console.log("trace", "Initializing StaticPrintConfigs")
    try:
        _run(sys.argv[1:], behaviour)
    except (Failure, options.BadConfig) as failure:
        console.err(str(failure))
        sys.exit(failure.code if isinstance(failure, Failure) else 1)
    except MemoryError:
        console.err("std::bad_alloc\n")
        sys.exit(1)
    sys.exit(0)


def _run(arguments: list[str], behaviour: Behaviour) -> None:
    version = behaviour.version or VERSION
    help_text = _HELP.format(version=version)
    try:
        line = options.parse(arguments, version)
    except BadCommandLine as fault:
        misbehaviour.act(behaviour, "start", Path())
        console.out(help_text)
        raise Failure(f"{fault}\n\n") from None
    output = _output(line)
    if behaviour.even_for_help or not line.has("help"):
        misbehaviour.act(behaviour, "start", output.parent)
    if line.has("help"):
        console.out(help_text)
        return
    if not (line.has("export_gcode") or line.has("slice") or line.has("info")):
        console.out(help_text)
        raise Failure("DISPLAY not set, GUI mode not available.\n\n")
    values = options.merged(line)
    for name in line.inputs:
        facets = _read(name)
        if line.has("info"):
            _print_info(name, facets)
        else:
            _slice(facets, values, output, line, behaviour)
    misbehaviour.act(behaviour, "end", output.parent)


def _output(line: options.CommandLine) -> Path:
    beside = str(Path(line.inputs[-1]).with_suffix(".gcode")) if line.inputs else "out.gcode"
    return Path(line.text("output", beside))


def _read(name: str) -> list[Triangle]:
    path = Path(name)
    if not path.is_file():
        raise Failure(f"No such file: {name}\n")
    if path.suffix.lower() != ".stl":
        raise Failure(f"Unknown file format. Input file must have .stl extension: {name}\n")
    try:
        return read_stl(path, name, tested_from=_TESTED_FROM)
    except UnreadableStl as fault:
        console.log("error", str(fault))
        raise Failure(f"{name}: Loading of a model file failed.\n") from None
    except NameOverflow:
        misbehaviour.die_of(signal.SIGSEGV)


def _slice(
    facets: list[Triangle],
    values: dict[str, str],
    output: Path,
    line: options.CommandLine,
    behaviour: Behaviour,
) -> None:
    if not facets:
        misbehaviour.die_of(signal.SIGSEGV)
    newer = (behaviour.version or VERSION) >= "2.6"
    if options.number(values, "layer_height") > options.number(values, "nozzle_diameter"):
        raise Failure("Layer height can't be greater than nozzle diameter\n", 0 if newer else 1)
    bed = _bed(values)
    keeps_place = line.has("dont_arrange") or line.has("center")
    fits = all(size <= room for size, room in zip(bounds(facets).size[:2], bed.size, strict=False))
    too_high = 0 < bed.high[2] < bounds(facets).size[2]
    if newer and (not fits or too_high):
        raise Failure(_OUTSIDE, 0)
    if not fits and not keeps_place:
        console.err(_NO_FIT)
        misbehaviour.die_of(signal.SIGABRT)
    misbehaviour.act(behaviour, "slicing", output.parent)
    _export(_placed(facets, bed), values, output, behaviour)


def _export(
    facets: list[Triangle], values: dict[str, str], output: Path, behaviour: Behaviour
) -> None:
    console.out(f"{_STEPS[0]}\n")
    solid = solid_of(facets)
    figures = figures_of(solid, plan_of(values))
    if not figures.layers:
        raise Failure(_NO_LAYERS)
    if behaviour.print_time_s is not None:
        figures = figures._replace(print_time_s=behaviour.print_time_s)
    if behaviour.filament_mm is not None:
        figures = figures._replace(filament_mm=behaviour.filament_mm)
    console.out("".join(f"{step}\n" for step in _STEPS[1:]))
    console.out(f"90 => Exporting G-code to {output}\n")
    version = (behaviour.version or VERSION).partition("+")[0]
    text = gcode_text(figures, values, solid.box, version)
    unfinished = output.with_name(output.name + ".tmp")
    try:
        unfinished.write_text(misbehaviour.corrupted(behaviour, text), encoding="utf-8")
    except OSError:
        raise Failure(
            f"G-code export to {output} failed.\nCannot open the file for writing.\n\n"
        ) from None
    unfinished.rename(output)
    if behaviour.no_gcode:
        output.unlink()
    console.out(f"Slicing result exported to {output}\n")


def _bed(values: dict[str, str]) -> Box:
    corners = [corner.split("x") for corner in values["bed_shape"].split(",")]
    xs, ys = [float(corner[0]) for corner in corners], [float(corner[1]) for corner in corners]
    return Box(
        (min(xs), min(ys), 0.0), (max(xs), max(ys), options.number(values, "max_print_height"))
    )


def _placed(facets: list[Triangle], bed: Box) -> list[Triangle]:
    box = bounds(facets)
    shift = [(bed.low[i] + bed.high[i] - box.low[i] - box.high[i]) / 2 for i in (0, 1)]
    return moved(facets, shift[0], shift[1], -box.low[2])


def _print_info(name: str, facets: list[Triangle]) -> None:
    box = bounds(facets)
    lines = [f"[{Path(name).name}]"]
    lines += [f"size_{axis} = {size:.6f}" for axis, size in zip("xyz", box.size, strict=True)]
    lines += [f"number_of_facets = {len(facets)}", f"volume = {solid_of(facets).volume_mm3:.6f}"]
    console.out("\n".join(lines) + "\n")
