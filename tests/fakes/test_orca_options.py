"""The stand-in obeys OrcaSlicer's command line strictly, traps included.

An adapter that gets the grammar wrong must fail here, not first against the real program.
"""

from __future__ import annotations

import json
import os
import signal
import threading
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.fakes.bench import Bench

CRASH = -signal.SIGSEGV


@pytest.mark.parametrize(
    ("extra", "exit_code", "stderr"),
    [
        pytest.param(["--bogus"], 254, "Invalid option --bogus\n", id="unknown"),
        pytest.param(["--layer_height", "1"], 254, "Invalid option", id="underscore"),
        pytest.param(["--no-enable-support"], 254, "Invalid option", id="no negation"),
        pytest.param(["--printer-model", "X"], 254, "Invalid option", id="hidden setting"),
        pytest.param(["-"], 254, "Invalid option --\n", id="lone dash"),
        pytest.param(["--slice", "x"], 254, "Invalid value supplied for --slice", id="bad int"),
        pytest.param(["--layer-height", "x"], 254, "Invalid value", id="bad float"),
        pytest.param(["--brim-type", "x"], 254, "Invalid value", id="bad choice"),
        pytest.param(["--load-settings", '"open'], 254, "Invalid value", id="open quote"),
        pytest.param(["--layer-height", "0"], 254, "layer_height: invalid value", id="zero layer"),
        pytest.param(
            ["--sparse-infill-density", "120%"], 254, "not in range [0", id="out of range"
        ),
    ],
)
def test_a_wrong_option_ends_the_run_without_a_result(
    bench: Bench, extra: list[str], exit_code: int, stderr: str
) -> None:
    """Nothing but the exit code and stderr tells the adapter what happened."""
    ran = bench.slice(*extra)
    assert ran.exit == exit_code
    assert stderr in ran.stderr
    assert ran.files == []


def test_an_unknown_option_prints_the_help(bench: Bench) -> None:
    """Both streams carry text, so both must be read."""
    assert "OrcaSlicer-2.3.1:\nUsage: orca-slicer" in bench.slice("--bogus").stdout


def test_a_value_missing_at_the_end_is_an_error(bench: Bench) -> None:
    """The last option cannot take a next token."""
    ran = bench.run(*bench.arguments(), "--layer-height")
    assert (ran.exit, ran.stderr) == (254, "No value supplied for --layer-height\n\n")


@pytest.mark.parametrize(
    ("extra", "exit_code", "code"),
    [
        pytest.param(["--min-save", "1"], 253, -3, id="a boolean takes no next token"),
        pytest.param(["--", "--odd.stl"], 253, -3, id="two dashes end the options"),
        pytest.param(["--repetitions", "2"], 254, -2, id="repetitions of a mesh"),
        pytest.param(["--metadata-name", "a"], 254, -2, id="name without value"),
        pytest.param(["--mtcpp", "5"], 197, -59, id="triangle limit"),
        pytest.param(["--export-3mf", "/an/out.3mf"], 243, -13, id="absolute project name"),
        pytest.param(["--export-3mf", "sub/out.3mf"], 243, -13, id="nested project name"),
    ],
)
def test_a_refused_combination_leaves_a_result(
    bench: Bench, extra: list[str], exit_code: int, code: int
) -> None:
    """`result.json` carries the code that the exit status repeats."""
    ran = bench.slice(*extra)
    assert (ran.exit, ran.result["return_code"]) == (exit_code, code)


@pytest.mark.parametrize(
    ("extra", "arrange"),
    [
        pytest.param(["--load-slicedata", "x"], "1", id="slice data"),
        pytest.param(["--scale", "2"], "1", id="scale and arrange"),
        pytest.param(["--rotate-x", "90"], "1", id="rotate and arrange"),
    ],
)
def test_what_crashes_the_real_program_crashes(
    bench: Bench, extra: list[str], arrange: str
) -> None:
    """No code and no result: the caller sees a signal."""
    ran = bench.slice(*extra, arrange=arrange)
    assert ran.exit == CRASH
    assert ran.files in ([], ["plate_1.gcode"])


def test_the_project_option_swallows_the_model(bench: Bench) -> None:
    """`--slice 0 --export-3mf model.stl` looks right, and has no input at all."""
    assert bench.run("--slice", "0", "--export-3mf", "models/cube.stl").exit == CRASH


def test_actions_after_the_slice_come_too_late(bench: Bench) -> None:
    """`--mtcpp` behind `--slice` limits nothing."""
    assert bench.run(*bench.arguments(), "--mtcpp", "5").exit == 0


def test_no_check_before_the_slice_names_the_fault(bench: Bench) -> None:
    """With it a thick layer passes and other faults carry their own text."""
    assert bench.slice("--no-check", "--layer-height", "0.42").exit == 0
    ran = bench.slice("--no-check", "--line-width", "0.1")
    assert ran.result["error_string"] == "Too small line width"


@pytest.mark.parametrize(
    ("extra", "key", "value"),
    [
        pytest.param(["--layer-height", "0.3"], "layer_height", "0.3", id="next token"),
        pytest.param(["--layer-height=0.30"], "layer_height", "0.3", id="equals"),
        pytest.param(["-layer-height", "0.3"], "layer_height", "0.3", id="one dash"),
        pytest.param(["--layer-height=", "0.3"], "layer_height", "0.3", id="empty equals"),
        pytest.param(["--wall-loops", "2.5"], "wall_loops", "2", id="int cut"),
        pytest.param(
            ["--sparse-infill-density", "20"], "sparse_infill_density", "20%", id="percent"
        ),
        pytest.param(["--enable-support"], "enable_support", "1", id="bare boolean"),
        pytest.param(["--enable-support=true"], "enable_support", "0", id="true is no value"),
        pytest.param(
            ["--enable-support", "--enable-support=x"],
            "enable_support",
            "1",
            id="x changes nothing",
        ),
        pytest.param(["--min-save=yes"], "enable_support", "0", id="nor here"),
        pytest.param(["--brim-type", "no_brim"], "brim_type", "no_brim", id="choice"),
        pytest.param(["--filament-type", "PETG"], "filament_type", "PETG", id="text list"),
        pytest.param(["--filament-soluble"], "filament_soluble", "1", id="boolean list"),
        pytest.param(["--nozzle-temperature", "hot"], "nozzle_temperature", "0", id="bad element"),
        pytest.param(
            ["--filament-density", "1", "--filament-density", "2"],
            "filament_density",
            "1,2",
            id="a repeated list appends",
        ),
        pytest.param(
            ["--post-process", '"a b";c;'], "post_process", '"a b";c;', id="quoted strings"
        ),
        pytest.param(["--post-process", r'"a\nb\"c"'], "post_process", r'"a\nb\"c"', id="escapes"),
        pytest.param(["--post-process", ""], "post_process", "", id="empty list"),
    ],
)
def test_an_override_reaches_the_config_block(
    bench: Bench, extra: list[str], key: str, value: str
) -> None:
    """The config block is the evidence of what was really sliced."""
    assert bench.slice(*extra).stated(key) == value


def test_a_negative_plate_is_refused(bench: Bench) -> None:
    """A wrong plate is noticed only when it is negative."""
    ran = bench.run(*bench.arguments()[:-1], "-1")
    assert (ran.exit, ran.result["return_code"]) == (254, -2)


def test_a_plate_that_does_not_exist_is_skipped_silently(bench: Bench) -> None:
    """Exit 0 and "Success." without G-code: success must not be judged by the exit code."""
    ran = bench.run(*bench.arguments()[:-1], "2")
    assert (ran.exit, ran.result["return_code"], ran.files) == (0, 0, ["out.3mf", "result.json"])


def test_a_relative_output_folder_fails_after_slicing(bench: Bench) -> None:
    """Observed with the real program; only absolute paths are safe."""
    ran = bench.slice("--outputdir", "out")
    assert (ran.exit, ran.result["return_code"]) == (156, -100)


def test_the_output_folder_is_made_one_level_deep(bench: Bench) -> None:
    """It appears with the G-code, so an early failure leaves no result at all."""
    new = bench.folder / "new"
    assert bench.slice("--outputdir", str(new), model="models/none.stl").exit == 253
    assert not new.exists()
    assert bench.slice("--outputdir", str(new / "deep")).exit == 156
    assert bench.slice("--outputdir", str(new)).exit == 0
    assert (new / "plate_1.gcode").is_file()


def test_without_an_output_folder_the_gcode_vanishes(bench: Bench) -> None:
    """`result.json` and the project go to the working directory."""
    profiles = ["--load-settings", "profiles/machine.json;profiles/process.json"]
    ran = bench.run(*profiles, "--export-3mf", "here.3mf", "models/cube.stl", "--slice", "1")
    assert ran.exit == 0
    assert {"result.json", "here.3mf"} <= {path.name for path in bench.folder.iterdir()}
    assert not list(bench.folder.glob("*.gcode"))


def test_help_names_the_version_after_a_log_line(bench: Bench) -> None:
    """A version probe must search for the line, not read the first."""
    ran = bench.run("--help")
    assert ran.exit == 0
    assert ran.stdout.startswith("[trace]   Initializing StaticPrintConfigs\nOrcaSlicer-2.3.1:\n")
    assert (bench.folder / "result.json").is_file()


def test_without_an_action_the_graphical_program_starts(bench: Bench) -> None:
    """Without a display it fails; it must never be mistaken for a slice."""
    assert bench.run("models/cube.stl").exit == 1


def test_settings_are_exported_beside_the_caller(bench: Bench) -> None:
    """`--export-settings` counts from the working directory, not from the output folder."""
    bench.slice("--export-settings", "all.json")
    exported = json.loads((bench.folder / "all.json").read_text(encoding="utf-8"))
    assert exported["from"] == "project"
    assert exported["filament_density"] == ["1.24"]


def test_info_describes_the_model(bench: Bench) -> None:
    """The facts go to stdout, one a line."""
    ran = bench.run("--info", "models/cube.stl")
    assert "number_of_facets = 12\nvolume = 8000.000000\n" in ran.stdout


def test_progress_is_written_to_a_fifo_that_has_a_reader(bench: Bench) -> None:
    """One JSON object a line, up to 100 percent."""
    fifo = bench.folder / "progress"
    os.mkfifo(fifo)
    lines: list[str] = []

    def read() -> None:
        with fifo.open(encoding="utf-8") as stream:
            lines.extend(stream)

    reader = threading.Thread(target=read)
    reader.start()
    ran = bench.slice("--pipe", str(fifo))
    reader.join()
    states = [json.loads(line) for line in lines]
    assert ran.exit == 0
    assert states[0]["message"] == "Slicing begins"
    assert [state["total_percent"] for state in states] == [6, 16, 75, 93, 97, 100]


def test_a_fifo_without_a_reader_is_given_up_silently(bench: Bench) -> None:
    """Correctness must not hang on progress."""
    assert bench.slice("--pipe", str(bench.folder / "nothing")).exit == 0
