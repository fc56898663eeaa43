"""What a test can ask a stand-in to do wrong, and where that is stated.

It lies in a JSON file beside the executable and never travels through the environment or the
arguments: a good caller controls those itself.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

Stage = Literal["start", "slicing", "end"]


class Behaviour(NamedTuple):
    """What to do wrong. Everything left out is done right.

    Attributes:
        stage: When the deeds happen: at the start, before the model is sliced, or at the end,
            when all results are written.
        even_for_help: Also when only the help was asked for, as a version probe does.
        first_runs_only: Misbehave in that many runs and then be good; 0 is always.
        record_to: Appends one JSON object for each process to this file; see `read_records`.
        try_to_write: Paths to create; the record tells for each whether it worked.
        try_to_read: Paths to open for reading; likewise.
        try_to_connect: `host:port` to connect to over TCP; likewise.
        ignore_sigterm: Only SIGKILL ends this process and its children.
        child_holds_pipes_s: A child in the same group keeps stdout and stderr open so long.
        daemon_s: A process of its own session, adopted by init, lives so long.
        daemon_holds_pipes: That process keeps stdout and stderr open as well.
        stdout: Text to print.
        stderr: Text to print.
        flood_stdout_mb: Megabytes of lines on stdout.
        flood_stderr_mb: Megabytes of lines on stderr.
        eat_memory_mb: Memory to fill and keep.
        write_file_mb: Size of `huge.bin` in the output folder (or the working directory).
        burn_cpu_s: CPU seconds to spend.
        sleep_s: Seconds to sleep.
        hang_until: Go on when this file is there.
        hang: Never end.
        crash_signal: Die of this signal, such as "SIGSEGV".
        exit_code: End with this code.
        version: The version to claim.
        print_time_s: The time to claim.
        filament_mm: The filament length to claim.
        warning: The plate's warning.
        no_result_json: Write no `result.json`.
        result_json: Its whole text instead of the right one.
        no_gcode: Write no G-code file.
        no_3mf: Write no project file though one was asked for.
        truncate_3mf: Share of the project file that is there, from 0 to 1.
        second_plate: Leave a `plate_2.gcode`, as if the part had not fitted one plate.
        reported_settings: Settings the G-code claims instead of those that were asked for.
        drop_lines: Lines of the G-code that begin so are left out.
        change_lines: Lines of the G-code that begin so, and what stands there instead.
        padding_mb: Megabytes of moves in the middle of the G-code.
    """

    stage: Stage = "start"
    even_for_help: bool = False
    first_runs_only: int = 0
    record_to: str = ""
    try_to_write: tuple[str, ...] = ()
    try_to_read: tuple[str, ...] = ()
    try_to_connect: tuple[str, ...] = ()
    ignore_sigterm: bool = False
    child_holds_pipes_s: float = 0
    daemon_s: float = 0
    daemon_holds_pipes: bool = False
    stdout: str = ""
    stderr: str = ""
    flood_stdout_mb: float = 0
    flood_stderr_mb: float = 0
    eat_memory_mb: int = 0
    write_file_mb: int = 0
    burn_cpu_s: float = 0
    sleep_s: float = 0
    hang_until: str = ""
    hang: bool = False
    crash_signal: str = ""
    exit_code: int | None = None
    version: str = ""
    print_time_s: float | None = None
    filament_mm: float | None = None
    warning: str | None = None
    no_result_json: bool = False
    result_json: str | None = None
    no_gcode: bool = False
    no_3mf: bool = False
    truncate_3mf: float | None = None
    second_plate: bool = False
    reported_settings: dict[str, str] | None = None
    drop_lines: tuple[str, ...] = ()
    change_lines: dict[str, str] | None = None
    padding_mb: float = 0


def load_behaviour(file: Path, arguments: list[str]) -> Behaviour:
    """The behaviour stated beside an installed stand-in, or a good one when its runs are over.

    A run that only asks for the help does not count.
    """
    behaviour = Behaviour(**json.loads(file.read_text(encoding="utf-8")))
    if behaviour.first_runs_only and not {"--help", "-h"} & set(arguments):
        counter = file.with_suffix(".runs")
        with counter.open("ab") as runs:
            runs.write(b".")
        if counter.stat().st_size > behaviour.first_runs_only:
            return Behaviour(record_to=behaviour.record_to, version=behaviour.version)
    return behaviour
