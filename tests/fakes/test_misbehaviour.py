"""Every misbehaviour a test can ask for happens, and only when it was asked for."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import zipfile
from pathlib import Path

import pytest

from tests.fakes.bench import Bench
from tests.fakes.records import read_records
from tests.fakes.stand_in import install_fake_prusa, install_stand_in


def started(binary: Path, folder: Path) -> subprocess.Popen[bytes]:
    """Starts a stand-in in its own session, its streams on pipes."""
    return subprocess.Popen(
        [str(binary), "any", "thing"],
        cwd=folder,
        env={"ONLY": "this"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def first_record(file: Path) -> dict[str, object]:
    """Waits for the stand-in to come up."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if records := read_records(file):
            return records[0]
        time.sleep(0.01)
    raise AssertionError("the stand-in recorded nothing")


def test_an_unknown_misbehaviour_is_refused_at_once(tmp_path: Path) -> None:
    """A typing error must not turn a hostile test into a friendly one."""
    with pytest.raises(TypeError, match="hangs"):
        install_stand_in(tmp_path, hangs=True)


def test_it_runs_with_an_environment_built_from_nothing(tmp_path: Path) -> None:
    """The runner gives its children no PATH and no HOME."""
    binary = install_stand_in(tmp_path / "new folder")
    done = subprocess.run([binary, "--help"], env={}, cwd=tmp_path, capture_output=True, check=True)
    assert b"OrcaSlicer-2.3.1:" in done.stdout


def test_an_interpreter_the_kernel_cannot_start_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Better here than as "no such file" in a test."""
    monkeypatch.setattr("sys.executable", "/a folder/python3")
    with pytest.raises(RuntimeError, match="cannot start"):
        install_stand_in(tmp_path)


def test_the_surroundings_are_recorded(tmp_path: Path) -> None:
    """What a runner promises about its children can be read from the child's side."""
    bench = Bench(
        tmp_path,
        record_to=tmp_path / "record",
        try_to_write=[tmp_path / "written", "/proc/nothing"],
        try_to_read=["/etc/passwd", tmp_path / "missing"],
        try_to_connect=["127.0.0.1:1"],
    )
    bench.slice("--layer-height", "0.1")
    (record,) = read_records(tmp_path / "record")
    assert record["role"] == "main"
    assert record["argv"] == bench.arguments("--layer-height", "0.1")
    assert record["environ"] == {"TMPDIR": str(tmp_path / "tmp")}
    assert record["cwd"] == str(tmp_path)
    assert record["wrote"] == {
        str(tmp_path / "written"): "ok",
        "/proc/nothing": "FileNotFoundError",
    }
    assert record["read"] == {"/etc/passwd": "ok", str(tmp_path / "missing"): "FileNotFoundError"}
    assert record["connected"] == {"127.0.0.1:1": "ConnectionRefusedError"}
    assert {"0", "1", "2"} <= set(record["descriptors"])
    assert record["cpus"] == sorted(os.sched_getaffinity(0))
    assert record["limits"]["RLIMIT_NOFILE"]
    assert record["no_new_privileges"] in {True, False}


def test_it_hangs_until_it_is_terminated(tmp_path: Path) -> None:
    """The plain hang ends with SIGTERM."""
    binary = install_stand_in(tmp_path, hang=True, record_to=tmp_path / "record")
    process = started(binary, tmp_path)
    first_record(tmp_path / "record")
    process.terminate()
    assert process.wait(60) == -signal.SIGTERM
    process.communicate()


def test_it_hangs_until_it_may_go_on(tmp_path: Path) -> None:
    """A test that says when a slice ends need not guess how long its own steps take."""
    record, go_on = tmp_path / "record", tmp_path / "go-on"
    process = started(
        install_stand_in(tmp_path, hang_until=go_on, record_to=record, exit_code=5), tmp_path
    )
    first_record(record)
    assert process.poll() is None
    go_on.touch()
    process.communicate(timeout=60)
    assert process.returncode == 5


def test_a_stubborn_one_ends_only_when_killed(tmp_path: Path) -> None:
    """SIGTERM has no effect; the child in its group keeps the pipes open even longer."""
    record = tmp_path / "record"
    binary = install_stand_in(
        tmp_path,
        hang=True,
        ignore_sigterm=True,
        child_holds_pipes_s=60,
        record_to=record,
    )
    process = started(binary, tmp_path)
    deadline = time.monotonic() + 60
    while len(read_records(record)) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    main, child = read_records(record)
    os.killpg(process.pid, signal.SIGTERM)
    time.sleep(0.1)
    assert process.poll() is None
    assert (child["role"], child["pgid"]) == ("child", main["pgid"])
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("holds", [True, False], ids=["holds the pipes", "lets them go"])
def test_a_daemon_escapes_session_and_group(tmp_path: Path, *, holds: bool) -> None:
    """It survives a kill of the group; only its own number reaches it."""
    record = tmp_path / "record"
    binary = install_stand_in(
        tmp_path, daemon_s=60, daemon_holds_pipes=holds, record_to=record, exit_code=0
    )
    process = started(binary, tmp_path)
    assert process.wait(60) == 0
    main, daemon = read_records(record)
    streams = [str(Path(f"/proc/{daemon['pid']}/fd/{number}").readlink()) for number in (1, 2)]
    os.kill(daemon["pid"], signal.SIGKILL)
    process.communicate(timeout=60)
    assert daemon["sid"] != main["sid"]
    assert all(stream.startswith("pipe:") == holds for stream in streams)


@pytest.mark.parametrize("name", ["SIGSEGV", "SIGABRT", "SIGKILL"])
def test_it_dies_of_a_signal(tmp_path: Path, name: str) -> None:
    """As seen by the parent: the negative number, and no result."""
    ran = Bench(tmp_path, crash_signal=name).slice()
    assert ran.exit == -signal.Signals[name]
    assert ran.files == []


@pytest.mark.parametrize(
    ("stage", "files"),
    [
        pytest.param("start", [], id="at the start"),
        pytest.param("slicing", [], id="while slicing"),
        pytest.param("end", ["out.3mf", "plate_1.gcode", "result.json"], id="at the end"),
    ],
)
def test_deeds_happen_at_their_stage(tmp_path: Path, stage: str, files: list[str]) -> None:
    """A crash after the results must not count as success, either."""
    ran = Bench(tmp_path, crash_signal="SIGSEGV", stage=stage).slice()
    assert (ran.exit, ran.files) == (-signal.SIGSEGV, files)


def test_it_ends_with_a_code_and_texts(tmp_path: Path) -> None:
    """Any code, any last words."""
    ran = Bench(tmp_path, exit_code=7, stdout="so long\n", stderr="out of ink\n").slice()
    assert (ran.exit, ran.stderr) == (7, "out of ink\n")
    assert ran.stdout.endswith("so long\n")


def test_it_floods_both_streams_and_succeeds(tmp_path: Path) -> None:
    """More than any pipe holds."""
    ran = Bench(tmp_path, flood_stdout_mb=2, flood_stderr_mb=1).slice()
    assert ran.exit == 0
    assert len(ran.stdout) > 2_000_000
    assert len(ran.stderr) > 1_000_000


def test_it_consumes_what_it_is_told_to(tmp_path: Path) -> None:
    """Memory, disk, processor and time; then it succeeds."""
    bench = Bench(tmp_path, eat_memory_mb=64, write_file_mb=3, burn_cpu_s=0.2, sleep_s=0.2)
    before = os.times()
    started_at = time.monotonic()
    ran = bench.slice()
    after = os.times()
    assert ran.exit == 0
    assert (ran.out / "huge.bin").stat().st_size == 3 << 20
    assert after.children_user + after.children_system >= before.children_user + 0.2
    assert time.monotonic() - started_at >= 0.4


def test_eaten_memory_meets_its_limit(tmp_path: Path) -> None:
    """An address-space limit ends both programs as it was observed to."""
    bench = Bench(tmp_path, eat_memory_mb=2000)
    prusa = install_fake_prusa(tmp_path, eat_memory_mb=2000)
    for binary, arguments, code in (
        (bench.binary, bench.arguments(), 156),
        (prusa, ["-g", "models/cube.stl"], 1),
    ):
        done = subprocess.run(
            ["/bin/sh", "-c", 'ulimit -v 300000; exec "$0" "$@"', binary, *arguments],
            cwd=tmp_path,
            capture_output=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (code, b"std::bad_alloc\n")
    assert json.loads((bench.out / "result.json").read_bytes())["return_code"] == -100


def test_a_file_size_limit_kills_it(tmp_path: Path) -> None:
    """As it kills the real program: a signal, not a message."""
    bench = Bench(tmp_path, write_file_mb=8)
    done = subprocess.run(
        ["/bin/sh", "-c", 'ulimit -f 1000; exec "$0" "$@"', bench.binary, *bench.arguments()],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert done.returncode == -signal.SIGXFSZ


def test_help_stays_good_unless_it_is_included(tmp_path: Path) -> None:
    """A version probe works with a slicer that hangs on models; another test may deny it."""
    bench = Bench(tmp_path, exit_code=9, record_to=tmp_path / "record")
    assert bench.run("--help").exit == 0
    assert read_records(tmp_path / "record")[0]["argv"] == ["--help"]
    assert Bench(tmp_path, exit_code=9, even_for_help=True).run("--help").exit == 9


def test_only_the_first_runs_misbehave(tmp_path: Path) -> None:
    """For retries; installing again starts the count again."""
    bench = Bench(tmp_path, exit_code=9, first_runs_only=2, record_to=tmp_path / "record")
    assert bench.run("--help").exit == 0
    assert [bench.slice().exit for _ in range(3)] == [9, 9, 0]
    assert len(read_records(tmp_path / "record")) == 4
    bench = Bench(tmp_path, exit_code=9, first_runs_only=1)
    assert [bench.slice().exit for _ in range(2)] == [9, 0]


@pytest.mark.parametrize(
    ("behaviour", "missing"),
    [
        pytest.param({"no_result_json": True}, "result.json", id="no result.json"),
        pytest.param({"no_gcode": True}, "plate_1.gcode", id="no G-code"),
        pytest.param({"no_3mf": True}, "out.3mf", id="no project"),
    ],
)
def test_a_file_is_missing_though_it_succeeds(
    tmp_path: Path, behaviour: dict[str, bool], missing: str
) -> None:
    """Exit 0 alone must never be believed."""
    ran = Bench(tmp_path, **behaviour).slice()
    assert ran.exit == 0
    assert set(ran.files) == {"out.3mf", "plate_1.gcode", "result.json"} - {missing}


def test_result_json_is_whatever_was_asked(tmp_path: Path) -> None:
    """Garbage, an empty file, or a code that contradicts the exit status."""
    assert Bench(tmp_path, result_json='{"return_code":').slice().result == {}
    assert Bench(tmp_path, result_json='{"return_code": -51}').slice().result["return_code"] == -51


def test_the_project_is_cut_off(tmp_path: Path) -> None:
    """The directory of a zip is at its end: half of it is none."""
    ran = Bench(tmp_path, truncate_3mf=0.5).slice()
    assert ran.exit == 0
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(ran.out / "out.3mf")


def test_a_second_plate_appears(tmp_path: Path) -> None:
    """What overflow of the bed would leave."""
    assert "plate_2.gcode" in Bench(tmp_path, second_plate=True).slice().files


def test_the_gcode_lies_as_asked(tmp_path: Path) -> None:
    """In the file and in the project alike."""
    ran = Bench(
        tmp_path,
        reported_settings={"layer_height": "0.3"},
        drop_lines=["; filament used [g] = "],
        change_lines={"; total layers count = ": "; total layers count = many"},
        padding_mb=1,
    ).slice()
    assert ran.stated("layer_height") == "0.3"
    assert ran.stated("total layers count") == "many"
    assert "; filament used [g]" not in ran.gcode
    assert len(ran.gcode) > 1 << 20
    assert ran.member("Metadata/plate_1.gcode") == ran.gcode.encode()


def test_figures_are_claimed_as_asked(tmp_path: Path) -> None:
    """For prices and lead times at their edges."""
    ran = Bench(
        tmp_path, print_time_s=86400, filament_mm=1000, warning="Beware.", version="2.3.2"
    ).slice()
    assert ran.stated("estimated printing time (normal mode)") == "1d 0h 0m 0s"
    assert ran.stated("filament used [mm]") == "1000.00"
    assert ran.result["sliced_plates"][0]["warning_message"] == "Beware."
    assert "; generated by OrcaSlicer 2.3.2 on " in ran.gcode


def test_the_time_limit_of_the_real_program_is_judged_afterwards(tmp_path: Path) -> None:
    """`--mstpp` is no timeout: it only refuses when all is done."""
    bench = Bench(tmp_path, sleep_s=2, stage="slicing")
    assert bench.slice("--mstpp", "30").exit == 0
    ran = bench.slice("--mstpp", "0")
    assert (ran.exit, ran.result["return_code"]) == (198, -58)


def test_prusa_shares_every_deed(tmp_path: Path) -> None:
    """One more program, the same misbehaviours."""
    binary = install_fake_prusa(tmp_path, exit_code=3, record_to=tmp_path / "record")
    done = subprocess.run([binary, "-g", "x.stl"], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 3
    assert read_records(tmp_path / "record")[0]["argv"] == ["-g", "x.stl"]
    stated = json.loads((tmp_path / "prusa-slicer.behaviour.json").read_text(encoding="utf-8"))
    assert stated["exit_code"] == 3
