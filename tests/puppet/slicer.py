#!/usr/bin/python3 -IS
"""A puppet in a slicer's place: it replays a recorded slice, and misbehaves when a test asks.

Its file name says whose place it takes: `prusa-slicer` or `orca-slicer`. In the folder `NAME.d`
beside it lie the recorded G-code of a 20 mm cube (by OrcaSlicer 2.3.1 or PrusaSlicer 2.5.0, most
moves left out), OrcaSlicer's `result.json` of that run, and `behaviour.json` with fields of
`BEHAVIOUR`, which is read at each start. It needs the standard library only, so it also runs in a
sandbox and in a container.

Its figures are the recorded ones, scaled; nothing may be priced with them. Filament grows with the
volume of the part, with the infill (as if 40 % of it were walls) and by a tenth with support; time
grows with the filament and with thinner layers. The settings block repeats what was asked for.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import math
import os
import re
import resource
import signal
import struct
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NoReturn

# What a test can ask for; all else is done right. The deeds happen in this order.
BEHAVIOUR: dict[str, Any] = {
    "record_to": "",  # appends a JSON object for each process to this file; see `record`
    "version": "",  # the version to claim
    "become": "",  # turns into this program instead of slicing
    "stage": "start",  # when the deeds happen: "start", "slicing", or "end" with all files there
    "ignore_sigterm": False,  # only SIGKILL ends it and its children
    "child_holds_pipes_s": 0,  # a child in the same group keeps stdout and stderr open so long
    "daemon_s": 0,  # the same of a process in a session of its own, adopted by init
    "fork_until_refused": False,  # leaves as many children behind as it may have
    "stdout": "",
    "stderr": "",
    "flood_stdout_mb": 0,
    "write_file_mb": 0,
    "eat_memory_mb": 0,
    "eaters": 1,  # so many processes eat that much each
    "run": [],  # a Python program and its arguments, whose output goes into the last words
    "sleep_s": 0,
    "hang_until": "",  # goes on when this file is there
    "hang": False,
    "crash_signal": "",  # such as "SIGSEGV"
    "exit_code": None,
    "gcode_says": {},  # the G-code's own words: label or setting to value; None leaves it out
    "write": {},  # files to write beside the result: name to text
    "remove": [],  # results to leave out: patterns of names
    "trap": "",  # a Python program that runs when the results are there, and may replace them
}
HELP = {"orca": "OrcaSlicer-{}:\n", "prusa": "PrusaSlicer-{}+linux-x64 based on Slic3r\n"}
VERSIONS = {"orca": "2.3.1", "prusa": "2.5.0"}
BAD_ALLOC_EXIT = {"orca": 156, "prusa": 1}
OPTIONS_WITH_VALUE = (
    *("arrange", "debug", "export-3mf", "load", "load-filaments", "load-settings", "output"),
    *("outputdir", "pipe", "post-process", "slice"),
)
FIRST_STEPS = {10: "Processing triangulated mesh", 20: "Generating perimeters"}
LATER_STEPS = {30: "Preparing infill", 45: "Making infill", 88: "Generating skirt and brim"}
LAST_STEPS = {90: "Exporting G-code", 100: "All done"}
WORDS = re.compile(r"^; ([^=:\n]+?)( = |: )(.*)$", re.MULTILINE)
CUBE_MM3, RECORDED_INFILL, RECORDED_LAYER_MM, WALLS = 20.0**3, 20, 0.2, 40
UNITS_S = {"d": 86_400, "h": 3600, "m": 60, "s": 1}
MIB = 1 << 20
LONG_S = 1e7
EATEN: list[bytes] = []


def main() -> None:
    """Slices, or does what the test asks for."""
    me = Path(__file__).absolute()
    kind = "prusa" if "prusa" in me.name else "orca"
    folder = me.with_name(f"{me.name}.d")
    behaviour = BEHAVIOUR | json.loads((folder / "behaviour.json").read_text())
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # as in a program that is not Python
        signal.signal(number, signal.SIG_DFL)
    options = parse(sys.argv[1:])
    wants_help, becomes = "help" in options, behaviour["become"]
    record(behaviour, "main", surroundings())
    try:
        if not wants_help:
            act(behaviour, "start")
        if becomes and (wants_help or behaviour["stage"] == "start"):
            os.execv(becomes, [becomes, *sys.argv[1:]])
        elif wants_help:
            sys.stdout.write(HELP[kind].format(behaviour["version"] or VERSIONS[kind]))
        else:
            slice_model(kind, options, behaviour, folder)
    except MemoryError:
        EATEN.clear()
        sys.stderr.write("std::bad_alloc\n")
        sys.exit(BAD_ALLOC_EXIT[kind])


def parse(arguments: list[str]) -> dict[str, str]:
    """The options by their names, settings among them; `model` is the part."""
    options, waiting = {}, list(arguments)
    while waiting:
        word = waiting.pop(0)
        name, equals, value = word.lstrip("-").partition("=")
        if not word.startswith("-"):
            options["model"] = word
        elif name in OPTIONS_WITH_VALUE and not equals:
            options[name] = waiting.pop(0)
        else:
            options[name] = value
    return options


def slice_model(
    kind: str, options: Mapping[str, str], behaviour: Mapping[str, Any], folder: Path
) -> None:
    """Replays the recording for the part, and tells its progress."""
    tell_progress(FIRST_STEPS, options)
    act(behaviour, "slicing")
    tell_progress(LATER_STEPS, options)
    output = Path(options.get("outputdir", "."))
    gcode = gcode_for(kind, options, (folder / "recorded.gcode").read_text())
    gcode = with_words(gcode, behaviour["gcode_says"])
    if kind == "prusa":
        Path(options["output"]).write_text(gcode)
    else:
        write_orca(output, gcode, options.get("export-3mf"), (folder / "result.json").read_text())
    for name, text in behaviour["write"].items():
        (output / name).write_text(text)
    for path in [path for pattern in behaviour["remove"] for path in output.glob(pattern)]:
        path.unlink()
    exec(behaviour["trap"])
    tell_progress(LAST_STEPS, options)
    act(behaviour, "end")


def tell_progress(steps: Mapping[int, str], options: Mapping[str, str]) -> None:
    """PrusaSlicer tells it on stdout, OrcaSlicer through a pipe, if somebody listens."""
    if "pipe" not in options:
        sys.stdout.writelines(f"{percent} => {step}\n" for percent, step in steps.items())
        sys.stdout.flush()
        return
    with contextlib.suppress(OSError):
        pipe = os.open(options["pipe"], os.O_WRONLY | os.O_NONBLOCK)
        for percent, step in steps.items():
            state = {"message": step, "plate_percent": percent, "total_percent": percent}
            os.write(pipe, json.dumps(state).encode() + b"\n")
        os.close(pipe)


def write_orca(output: Path, gcode: str, archive: str | None, result: str) -> None:
    """The files of OrcaSlicer, in its order."""
    (output / "plate_1.gcode").write_text(gcode)
    if archive:
        checksum = hashlib.md5(gcode.encode(), usedforsecurity=False).hexdigest().upper()
        with zipfile.ZipFile(output / archive, "w", zipfile.ZIP_DEFLATED) as opened:
            opened.writestr("Metadata/plate_1.gcode.md5", checksum)
            opened.writestr("Metadata/plate_1.gcode", gcode)
    (output / "result.json").write_text(result)


def asked_settings(kind: str, options: Mapping[str, str]) -> dict[str, str]:
    """All settings as the G-code repeats them: of the profiles, then of the command line."""
    asked: dict[str, str] = {}
    if kind == "prusa":
        lines = Path(options["load"]).read_text().splitlines()
        return {name: value for name, _, value in (line.partition(" = ") for line in lines)}
    for path in (*options["load-settings"].split(";"), options["load-filaments"]):
        for name, value in json.loads(Path(path).read_text()).items():
            asked[name] = ",".join(value) if isinstance(value, list) else str(value)
    return asked | {name.replace("-", "_"): value for name, value in options.items()}


def gcode_for(kind: str, options: Mapping[str, str], recorded: str) -> str:
    """The recorded G-code with the settings that were asked for, and scaled figures."""
    asked = asked_settings(kind, options)

    def number(name: str) -> float:
        return float(asked[name].split(",")[0].rstrip("%"))

    stated = {label: value for label, _, value in WORDS.findall(recorded)}
    volume_mm3, height_mm = measured(Path(options["model"]))
    infill = number("fill_density" if kind == "prusa" else "sparse_infill_density")
    support = asked["support_material" if kind == "prusa" else "enable_support"] == "1"
    scale = volume_mm3 / CUBE_MM3 * (1.1 if support else 1.0)
    scale *= (WALLS + infill) / (WALLS + RECORDED_INFILL)
    layer_mm = number("layer_height")
    length_mm = float(stated["filament used [mm]"]) * scale
    volume_cm3 = length_mm * math.pi / 4 * number("filament_diameter") ** 2 / 1000
    grams = f"{volume_cm3 * number('filament_density'):.2f}"
    time_label = "estimated printing time (normal mode)"
    time_s = seconds(stated[time_label]) * scale * RECORDED_LAYER_MM / layer_mm
    layers = str(max(1, round(height_mm / layer_mm)))
    figures = {
        "filament used [mm]": f"{length_mm:.2f}",
        "filament used [cm3]": f"{volume_cm3:.2f}",
        "filament used [g]": grams,
        "total filament used [g]": grams,
        "total layer number": layers,
        "total layers count": layers,
        time_label: f"{time_s // 60:.0f}m {time_s % 60:.0f}s",
    }
    return with_words(recorded, asked | figures)


def with_words(gcode: str, words: Mapping[str, str | None]) -> str:
    """The G-code with other values behind these labels; None leaves the line out."""

    def line(found: re.Match[str]) -> str:
        label, equals, value = found.groups()
        new = words.get(label, value)
        return "" if new is None else f"; {label}{equals}{new}".replace("\n", "\\n")

    return WORDS.sub(line, gcode)


def seconds(text: str) -> float:
    """Of a time as both slicers write it: `1h 2m 3s`."""
    return sum(float(word[:-1]) * UNITS_S[word[-1]] for word in text.split())


def measured(model: Path) -> tuple[float, float]:
    """Volume and height of a closed part in millimetres, or of all copies on a plate."""
    if model.suffix != ".3mf":
        corners = struct.iter_unpack("<12x9f2x", model.read_bytes()[84:])
        return measured_triangles(corners)
    with zipfile.ZipFile(model) as archive:
        document = archive.read("3D/3dmodel.model").decode()
    volume, height = 0.0, 0.0
    for name, mesh in re.findall(r'<object id="(\d+)"[^>]*>(.*?)</object>', document, re.DOTALL):
        points = [
            [float(number) for number in numbers]
            for numbers in re.findall(r'x="(.*?)" y="(.*?)" z="(.*?)"', mesh)
        ]
        faces = re.findall(r'v1="(\d+)" v2="(\d+)" v3="(\d+)"', mesh)
        each = measured_triangles(
            itertools.chain.from_iterable(points[int(at)] for at in face) for face in faces
        )
        volume += each[0] * document.count(f'<item objectid="{name}"')
        height = max(height, each[1])
    return volume, height


def measured_triangles(triangles: Iterable[Iterable[float]]) -> tuple[float, float]:
    """Volume and height of what they enclose."""
    six_volumes, heights = 0.0, [0.0]
    for ax, ay, az, bx, by, bz, cx, cy, cz in triangles:
        six_volumes += (
            ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx)
        )
        heights += az, bz, cz
    return abs(six_volumes) / 6, max(heights) - min(heights)


# --------------------------------------------------------------------------------------- deeds


def act(behaviour: Mapping[str, Any], stage: str) -> None:
    """Does at this stage what the behaviour asks for; may never return."""
    if stage != behaviour["stage"]:
        return
    if behaviour["ignore_sigterm"]:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    spawn(behaviour)
    consume(behaviour)
    end(behaviour)


def spawn(behaviour: Mapping[str, Any]) -> None:
    """Forks what was asked for, and goes on when each is on record."""
    for role, lifetime_s in (
        ("child", behaviour["child_holds_pipes_s"]),
        ("daemon", behaviour["daemon_s"]),
    ):
        ready, done = os.pipe()
        if lifetime_s and os.fork() == 0:
            if role == "daemon":
                os.setsid()
                if os.fork():
                    os._exit(0)
            record(behaviour, role)
            os.close(done)
            time.sleep(lifetime_s)
            os._exit(0)
        os.close(done)
        os.read(ready, 1)
    for count in itertools.count() if behaviour["fork_until_refused"] else ():
        try:
            if os.fork() == 0:
                time.sleep(LONG_S)
        except OSError:
            last_words(forked=count)


def consume(behaviour: Mapping[str, Any]) -> None:
    """Prints, writes and eats."""
    sys.stderr.write(behaviour["stderr"])
    sys.stdout.write(behaviour["stdout"])
    for _ in range(behaviour["flood_stdout_mb"]):
        sys.stdout.write(("flood " * 10 + "\n") * (MIB // 61))
    sys.stdout.flush()
    if behaviour["write_file_mb"]:
        with Path("huge.bin").open("wb") as file:
            file.writelines(bytes(MIB) for _ in range(behaviour["write_file_mb"]))
    for _ in range(behaviour["eaters"] - 1):
        if os.fork() == 0:
            eat(behaviour["eat_memory_mb"])
            time.sleep(LONG_S)
    eat(behaviour["eat_memory_mb"])
    if behaviour["eaters"] > 1:
        last_words(child_ended_with=os.waitstatus_to_exitcode(os.wait()[1]))


def eat(megabytes: int) -> None:
    """Fills memory and keeps it."""
    EATEN.extend(os.urandom(4096) * (MIB // 4096) for _ in range(megabytes))


def end(behaviour: Mapping[str, Any]) -> None:
    """Waits, hangs, or dies."""
    if behaviour["run"]:
        run = subprocess.run(
            [sys.executable, "-IS", *behaviour["run"]], capture_output=True, text=True, check=False
        )
        last_words(
            printed=run.stdout,
            failed=run.stderr,
            environment=sorted(os.environ),
            beside=[path.name for path in Path("..").iterdir()] if os.access("..", os.R_OK) else [],
            user=os.getuid(),
        )
    time.sleep(behaviour["sleep_s"])
    while behaviour["hang"] or not os.access(behaviour["hang_until"] or "/", os.F_OK):
        time.sleep(0.02)
    if behaviour["crash_signal"]:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.kill(os.getpid(), signal.Signals[behaviour["crash_signal"]])
    if behaviour["exit_code"] is not None:
        sys.exit(behaviour["exit_code"])


def last_words(**facts: object) -> NoReturn:
    """Fails, with something for the log of who has started it."""
    sys.stderr.write(f"\nPUPPET {json.dumps(facts)} TEPPUP\n")
    sys.stderr.flush()
    os._exit(1)


def record(behaviour: Mapping[str, Any], role: str, facts: Mapping[str, Any] = {}) -> None:
    """Notes a process and its `role`: main, child or daemon; of the main one, its surroundings."""
    if behaviour["record_to"]:
        line = json.dumps({"role": role, "pid": os.getpid(), **facts}).encode() + b"\n"
        with Path(behaviour["record_to"]).open("ab", buffering=0) as file:
            file.write(line)


def surroundings() -> dict[str, Any]:
    """How it was started."""
    status = Path("/proc/self/status")
    return {
        "argv": sys.argv[1:],
        "environ": dict(os.environ),
        "cwd": str(Path.cwd()),
        "cpus": sorted(os.sched_getaffinity(0)),
        "nice": os.getpriority(os.PRIO_PROCESS, 0),
        "no_new_privileges": status.exists() and "NoNewPrivs:\t1" in status.read_text(),
    }


if __name__ == "__main__":
    main()
