"""The slice and export actions of OrcaSlicer, and the lies a test asked for."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from tests.fakes import console, misbehaviour
from tests.fakes.behaviour import Behaviour
from tests.fakes.figures import Figures, figures_of
from tests.fakes.geometry import Box, Solid, bounds, solid_of
from tests.fakes.orca import placement, report, settings, validation
from tests.fakes.orca.gcode import gcode_text
from tests.fakes.orca.models import Part
from tests.fakes.orca.options import CommandLine
from tests.fakes.orca.plan import plan_of
from tests.fakes.orca.progress import Progress
from tests.fakes.orca.report import Crash, Refusal

# A part narrower than this share of a line leaves nothing to extrude.
_NARROWEST_OF_WIDTH = 0.25
_NO_LAYERS = (
    "No layers were detected. You might want to repair your STL file(s) or check their size or"
    " thickness and retry.\n\n"
)
_NO_EXTRUSION = "No object can be printed. Maybe too small\n"
_CANTILEVER = (
    "It seems object {} has floating cantilever. Please re-orient the object or enable support"
    " generation."
)
_NO_OPENGL = (
    "error_code 65544, description: X11: The DISPLAY environment variable is missing\n",
    "glfwInit return error, code 65544\n",
    "init opengl failed! skip thumbnail generating\n",
)


class Run:
    """One run and what its actions have set or made so far.

    `no_check` and the limits only reach the `--slice` that follows them.
    """

    def __init__(
        self,
        line: CommandLine,
        behaviour: Behaviour,
        *,
        version: str,
        progress: Progress,
        values: settings.Settings,
        parts: list[Part],
    ) -> None:
        self.line = line
        self.behaviour = behaviour
        self.version = version
        self.folder = Path(line.text("outputdir") or ".")
        self.progress = progress
        self.values = values
        self.parts = parts
        self.no_check = False
        self.seconds_limit: int | None = None
        self.triangle_limit = 0
        self.figures: Figures | None = None
        self.gcode: str | None = None
        self.plates: list[dict[str, Any]] = []


def slice_plates(run: Run, plate: int) -> None:
    """`--slice`: everything on plate 1; a plate that does not exist is skipped without a word.

    Raises:
        Refusal: The part cannot be sliced.
    """
    if plate < 0:
        raise Refusal(report.INVALID_PARAMS)
    if plate > 1 or not run.parts:
        return
    run.progress.tell("Slicing begins", 4, 6)
    started = time.monotonic()
    triangles = sum(len(part.facets) for part in run.parts)
    run.parts = placement.placed(run.parts, run.line, run.values)
    if 0 < run.triangle_limit < triangles:
        raise Refusal(report.TRIANGLE_LIMIT, plate=1)
    validation.check_printable(run.values, no_check=run.no_check)
    misbehaviour.act(run.behaviour, "slicing", run.folder)
    run.progress.tell("Generating walls", 15, 16)
    solids = [solid_of(part.facets) for part in run.parts]
    run.figures = _claimed(_sliced(run, solids), run.behaviour)
    run.progress.tell("Generating G-code", 80, 75)
    box = bounds(facet for solid in solids for facet in solid.facets)
    run.gcode = _export_gcode(run, run.figures, box)
    elapsed = int(time.monotonic() - started)
    if run.seconds_limit is not None and elapsed > run.seconds_limit:
        raise Refusal(report.TIME_LIMIT, plate=1)
    run.plates = [_plate_report(run, run.figures, triangles, elapsed)]
    run.progress.tell("Slicing finished", 95, 93)


def export_project(run: Run, name: str, scratch: Path | None) -> None:
    """`--export-3mf`: the name is pasted behind the output folder, whatever it is.

    Raises:
        Refusal: The file cannot be written (-13); the G-code is there all the same.
        Crash: There is no model.
    """
    if not run.parts:
        raise Crash
    run.progress.tell("Exporting 3mf", 97, 97)
    for line in _NO_OPENGL:
        console.log("error", line)
    folder = run.line.text("outputdir")
    path = Path(f"{folder}/{name}" if folder else name)
    failed = Refusal(report.EXPORT_3MF_ERROR, stderr=f"Project export to {path} failed\n")
    if scratch is None:
        raise failed
    # Imported only here: the archive modules take a third of the start-up.
    from tests.fakes.orca.threemf import Project, write_project

    gcode = None if run.gcode is None else run.gcode.encode()
    try:
        project = Project(run.parts, run.values, run.version, run.figures, gcode)
        write_project(path, project._replace(min_save=run.line.flag("min_save")))
    except OSError:
        raise failed from None
    _spoil(path, run.behaviour)


def slicing_failed(stderr: str) -> Refusal:
    """-100: an exception while slicing, its text on stderr."""
    return Refusal(
        report.SLICING_ERROR,
        plate=1,
        log="found slicing or export error for partplate 1\n",
        stderr=stderr,
    )


def _sliced(run: Run, solids: list[Solid]) -> Figures:
    plan = plan_of(run.values)
    narrowest = plan.outer_width * _NARROWEST_OF_WIDTH
    found = [figures_of(solid, plan) for solid in solids]
    if not all(figures.layers for figures in found):
        raise slicing_failed(_NO_LAYERS)
    if any(min(solid.box.size[:2]) < narrowest for solid in solids):
        raise slicing_failed(_NO_EXTRUSION)
    total = found[0]
    for figures in found[1:]:
        total = total._replace(
            print_time_s=total.print_time_s + figures.print_time_s - plan.prepare_s,
            filament_mm=total.filament_mm + figures.filament_mm - plan.purge_mm,
            layers=max(total.layers, figures.layers),
            height_mm=max(total.height_mm, figures.height_mm),
            support_used=total.support_used or figures.support_used,
            cantilever=total.cantilever or figures.cantilever,
        )
    return total


def _claimed(figures: Figures, behaviour: Behaviour) -> Figures:
    time_s, length = behaviour.print_time_s, behaviour.filament_mm
    return figures._replace(
        print_time_s=figures.print_time_s if time_s is None else time_s,
        filament_mm=figures.filament_mm if length is None else length,
    )


def _export_gcode(run: Run, figures: Figures, box: Box) -> str:
    text = gcode_text(figures, run.values, box, version=run.version, name=run.parts[0].name)
    text = misbehaviour.corrupted(run.behaviour, text)
    folder = run.line.text("outputdir")
    if not folder:  # the G-code is a hidden temporary that vanishes
        return text
    if not Path(folder).is_absolute():  # observed: it fails after slicing
        raise slicing_failed(f"Failed to export the G-code to {folder}/plate_1.gcode\n")
    try:
        run.folder.mkdir(exist_ok=True)
        if not run.behaviour.no_gcode:
            (run.folder / "plate_1.gcode").write_text(text, encoding="utf-8")
        if run.behaviour.second_plate:
            (run.folder / "plate_2.gcode").write_text(text, encoding="utf-8")
    except OSError as fault:
        raise slicing_failed(f"{fault}\n") from None
    return text


def _plate_report(run: Run, figures: Figures, triangles: int, elapsed: int) -> dict[str, Any]:
    warning = _CANTILEVER.format(run.parts[0].name)
    if run.no_check or not figures.cantilever:
        warning = ""
    if run.behaviour.warning is not None:
        warning = run.behaviour.warning
    return {
        "id": 1,
        "sliced_time": elapsed,
        "sliced_time_with_cache": 0,
        "triangle_count": triangles,
        "warning_message": warning,
    }


def _spoil(project: Path, behaviour: Behaviour) -> None:
    if behaviour.no_3mf:
        project.unlink()
    elif behaviour.truncate_3mf is not None:
        whole = project.read_bytes()
        project.write_bytes(whole[: int(len(whole) * behaviour.truncate_3mf)])
