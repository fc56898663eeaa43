"""OrcaSlicer 2.3.1's command line, acted out: the order of a run and what it leaves behind.

An adapter that passes against this passes against the real program as far as the grammar, the
profile rules, the file names, the exit codes and the forms of the outputs go. The figures are
made up (see `figures`). Only STL is read, and all inputs go to one plate.
"""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

from tests.fakes import console, misbehaviour
from tests.fakes.behaviour import Behaviour, load_behaviour
from tests.fakes.grammar import BadCommandLine
from tests.fakes.orca import models, options, profiles, report, validation
from tests.fakes.orca.gcode import settings_json
from tests.fakes.orca.progress import Progress
from tests.fakes.orca.report import Crash, Refusal
from tests.fakes.orca.scratch import make_scratch
from tests.fakes.orca.slicing import Run, export_project, slice_plates, slicing_failed
from tests.fakes.records import record

VERSION = "2.3.1"


def main(behaviour_file: str) -> None:
    """Runs with the process's own arguments and ends the process."""
    misbehaviour.obey_signals()
    behaviour = load_behaviour(Path(behaviour_file), sys.argv[1:])
    record(behaviour, "main", with_surroundings=True)
    console.log("trace", "Initializing StaticPrintConfigs")
    try:
        code = _run(sys.argv[1:], behaviour)
    except Crash:
        misbehaviour.die_of(signal.SIGSEGV)
    sys.exit(code)


def _run(arguments: list[str], behaviour: Behaviour) -> int:
    line, fault = _parsed(arguments)
    folder = Path(line.text("outputdir") or ".") if line else Path()
    try:
        if behaviour.even_for_help or line is None or not line.flag("help"):
            misbehaviour.act(behaviour, "start", folder)
        return _answer(line, fault, behaviour, folder)
    except Refusal as refusal:
        return report.finish(refusal, folder)
    except MemoryError:
        return report.finish(slicing_failed("std::bad_alloc\n"), folder)


def _answer(
    line: options.CommandLine | None, fault: str, behaviour: Behaviour, folder: Path
) -> int:
    version = behaviour.version or VERSION
    if line is None:
        console.err(f"{fault}\n\n")
        console.out(options.help_text(version))
        return 256 + report.INVALID_PARAMS
    if faults := validation.out_of_range(line.overrides):
        console.err("\n".join(["Params in command line error: ", *faults, ""]))
        return 256 + report.INVALID_PARAMS
    if line.flag("help"):
        console.out(options.help_text(version))
        report.write_result(Path(), report.SUCCESS)
        return 0
    if not line.actions:
        console.err("Without an action the graphical interface starts; it needs a display.\n")
        return 1
    return _headless(line, behaviour, version, folder)


def _parsed(arguments: list[str]) -> tuple[options.CommandLine | None, str]:
    try:
        return options.parse(arguments), ""
    except BadCommandLine as fault:
        return None, str(fault)


def _headless(line: options.CommandLine, behaviour: Behaviour, version: str, folder: Path) -> int:
    scratch = make_scratch()
    progress = Progress(line.text("pipe"))
    parts = models.read_all(line)
    profiles.check_pairs(line.texts("metadata_name"), line.texts("metadata_value"))
    merged = profiles.load_all(line.texts("load_settings"), line.texts("load_filaments"))
    values = profiles.completed(merged, line.overrides)
    parts = models.transformed(parts, line)
    run = Run(line, behaviour, version=version, progress=progress, values=values, parts=parts)
    for action in line.actions:
        _do(action, run)
    if name := line.text("export_3mf"):
        export_project(run, name, scratch)
    if scratch:
        scratch.rmdir()
    _write_result(run)
    progress.tell("All done, Success", 100, 100)
    progress.close()
    misbehaviour.act(behaviour, "end", folder)
    return 0


def _do(action: str, run: Run) -> None:
    """Actions count in the order given: what follows `--slice` comes too late for it."""
    text = run.line.text(action)
    if action == "slice":
        slice_plates(run, int(text))
    elif action == "no_check":
        run.no_check = run.line.flag(action)
    elif action == "mstpp":
        run.seconds_limit = int(text)
    elif action == "mtcpp":
        run.triangle_limit = int(text)
    elif action == "load_slicedata":
        raise Crash
    elif action == "info":
        models.print_info(run.parts)
    elif action == "export_settings":
        content = json.dumps(settings_json(run.values, run.version), indent=4)
        Path(text).write_text(content, encoding="utf-8")


def _write_result(run: Run) -> None:
    if run.behaviour.no_result_json:
        return
    plate = int(run.line.text("slice") or 0)
    report.write_result(run.folder, report.SUCCESS, plate=plate, plates=run.plates)
    if run.behaviour.result_json is not None:
        (run.folder / "result.json").write_text(run.behaviour.result_json, encoding="utf-8")
