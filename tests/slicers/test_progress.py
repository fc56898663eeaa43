"""A heavy model may take its time; a slicer that hangs may not."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from pricing_fdm.errors import SlicingTimeout
from pricing_fdm.gcode.metrics import extract_metrics
from pricing_fdm.mesh.inspect import inspect_model
from pricing_fdm.model import LayerThickness, Metrics
from pricing_fdm.sandbox.process import Limit, Limits, Outcome, run
from pricing_fdm.sandbox.progress import Progress
from pricing_fdm.slicers.engine import Engine, SliceJob
from pricing_fdm.slicers.line_buffering import line_buffering
from pricing_fdm.slicers.presets.preset_set import load_profiles
from pricing_fdm.slicers.progress import orca_percent, progress_pipe, prusa_percent
from pricing_fdm.slicers.prusa.engine import PrusaEngine
from tests.fakes.stand_in import install_fake_prusa
from tests.harness.origin import Origin
from tests.harness.service import order, running_service
from tests.harness.shapes import Triangle, binary_stl, box
from tests.slicers.engines import ENGINES, LIMITS, PROFILES, STANDARD, find, misbehaving, slice_part

CUBE = box(20, 20, 20)
STEP = "20 => Generating perimeters\n"


@pytest.mark.parametrize(
    ("line", "percent"),
    [
        (b"10 => Processing triangulated mesh", 10),
        (b" 5 => Something", 5),
        (b"88 => Generating skirt and brim", 88),
        (b"90 => Exporting G-code to /tmp/run/out.gcode", 90),
        (b"Slicing result exported to out.gcode", 100),
        (b"70 => Infilling layers", 25),
        (b"30 => Preparing infill", 30),
        (b"Empty layer between 12.2 and 13", None),
        (b"see 10 => there", None),
        (b"1000 => x", None),
        (b"", None),
    ],
)
def test_prusaslicer_s_steps_are_read(line: bytes, percent: int | None) -> None:
    """As recorded from 2.5.0, whose 70 comes before its 30."""
    assert prusa_percent(line) == percent


@pytest.mark.parametrize(
    ("line", "percent"),
    [
        (b'{"message":"Slicing begins","plate_percent":4,"total_percent":6}', 6),
        (b'{"total_percent": 100, "message": "All done, Success"}', 100),
        (b'{"message":"cut off at 512 bytes","plate_perc', None),
        (b'{"total_percent":1000}', None),
        (b"", None),
    ],
)
def test_orcaslicer_s_states_are_read(line: bytes, percent: int | None) -> None:
    """As recorded from 2.3.1."""
    assert orca_percent(line) == percent


def test_percentages_only_rise_and_lines_may_come_in_pieces() -> None:
    """Who watches is not told twice, never that it went back, and never more than all."""
    told: list[int] = []
    progress = Progress(prusa_percent, told.append)
    for piece in (b"1", b"0 => a\n20 =", b"> b\nnoise\n", b"10 => c\n20 => d\n", b"400 => e\n45"):
        progress.hear(piece)
    assert told == [10, 20, 100]


def test_a_line_without_end_costs_no_memory() -> None:
    """500 MB of chatter without a line feed are the slicer's right, not its right to our memory."""
    told: list[int] = []
    progress = Progress(prusa_percent, told.append)
    for _ in range(100):
        progress.hear(b"x" * 65_536)
    assert len(progress._unfinished) <= 1024
    progress.hear(b"\n30 => Preparing infill\n")
    assert told == [30]


def test_each_line_grants_the_silence_anew_but_never_more_than_the_hard_limit() -> None:
    """A slice of an hour that says something every minute is alive."""

    async def watch() -> None:
        loop, progress = asyncio.get_running_loop(), Progress(prusa_percent)
        async with asyncio.timeout(100) as deadline:
            hard_s = deadline.when()
            assert hard_s is not None
            with progress.ending(deadline, 10):
                assert deadline.when() == hard_s, "silent before its first word: not judged by it"
                ends: list[float] = []
                for line in (b"10 => a\n", b"20 => b\n", b"15 => no higher, but alive\n"):
                    before = loop.time()
                    progress.hear(line)
                    end = deadline.when()
                    assert end is not None
                    assert before + 10 <= end <= loop.time() + 10
                    ends.append(end)
                    await asyncio.sleep(0.01)
                assert ends == sorted(set(ends))
                progress.hear(b"Warning: noise is no progress\n")
                assert deadline.when() == ends[-1]
            with progress.ending(deadline, 1000):
                progress.hear(b"30 => c\n")
                assert deadline.when() == ends[-1]
            progress.hear(b"40 => nobody waits any longer\n")
        assert not progress.fell_silent

    asyncio.run(watch())


def test_a_line_that_comes_after_the_hard_limit_changes_nothing() -> None:
    """It may stand in the pipe when the group is being killed."""
    progress = Progress(prusa_percent)

    async def watch() -> None:
        async with asyncio.timeout(0) as deadline:
            with progress.ending(deadline, 5):
                try:
                    await asyncio.sleep(60)
                finally:
                    progress.hear(b"10 => too late\n")

    with pytest.raises(TimeoutError):
        asyncio.run(watch())
    assert not progress.fell_silent


def outcome_of(text: str, folder: Path, *, silence_s: float) -> Outcome:
    """Runs a Python text that tells of its progress on stdout."""
    limits = Limits(
        wall_s=120, cpu_s=120, memory_bytes=2 * 1024**3, file_size_bytes=1, silence_s=silence_s
    )
    return asyncio.run(
        run(
            [sys.executable, "-I", "-S", "-c", text],
            cwd=folder,
            env={"PATH": "/usr/bin:/bin"},
            limits=limits,
            progress=Progress(prusa_percent, in_stdout=True),
        )
    )


@pytest.mark.parametrize(
    "stuck", ["import time; time.sleep(600)", "while True: pass"], ids=["sleeps", "burns CPU"]
)
def test_a_program_that_gets_stuck_is_ended_long_before_the_hard_limit(
    tmp_path: Path, stuck: str
) -> None:
    """An endless loop in the geometry burns CPU like honest work; only a further step is life."""
    outcome = outcome_of(f"print('10 => a', flush=True)\n{stuck}", tmp_path, silence_s=0.5)
    assert outcome.limit is Limit.SILENCE
    assert "10 => a" in outcome.stdout
    assert outcome.wall_s < 120


def test_a_program_that_never_tells_is_left_to_the_hard_limit(tmp_path: Path) -> None:
    """A release with other words must not fail at every model."""
    outcome = outcome_of("import time; time.sleep(1)", tmp_path, silence_s=0.2)
    assert (outcome.limit, outcome.exit_code) == (None, 0)


def test_a_pipe_is_heard_to_its_end_whoever_opens_and_closes_it(tmp_path: Path) -> None:
    """A FIFO whose writer has gone would report its end without end, at 100 % CPU."""
    heard: list[bytes] = []
    news = asyncio.Event()
    path = tmp_path / "progress"

    def hear(chunk: bytes) -> None:
        heard.append(chunk)
        news.set()

    def write(text: bytes) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        os.write(descriptor, text)
        os.close(descriptor)

    async def listen() -> None:
        with progress_pipe(path, hear):
            for text in (b"one\n", b"two\n"):
                news.clear()
                write(text)
                await news.wait()
            write(b"three\n")

    asyncio.run(listen())
    assert heard == [b"one\n", b"two\n", b"three\n"]


def test_a_pipe_that_nobody_writes_to_is_no_fault(tmp_path: Path) -> None:
    """A slicer may crash before it opens it."""
    heard: list[bytes] = []

    async def listen() -> None:
        with progress_pipe(tmp_path / "progress", heard.append):
            pass

    asyncio.run(listen())
    assert heard == []


def slice_and_watch(
    engine: Engine, folder: Path, triangles: list[Triangle], **changes: Any
) -> list[tuple[int, bool]]:
    """Each percentage that was told, and whether the G-code was there by then."""
    folder.mkdir()
    (folder / "upload").write_bytes(binary_stl(triangles))
    clean = folder / "model.stl"
    inspect_model(
        folder / "upload",
        clean,
        load_profiles(PROFILES).build_volume,
        max_triangles=1_000_000,
    )
    told: list[tuple[int, bool]] = []

    def note(percent: int) -> None:
        told.append((percent, any(folder.glob("**/*.gcode"))))

    settings = dataclasses.replace(STANDARD, **changes)
    asyncio.run(engine.slice(SliceJob(clean, settings, folder, on_progress=note)))
    return told


@pytest.mark.parametrize("name", ENGINES)
def test_each_engine_tells_its_progress_while_it_works(name: str, tmp_path: Path) -> None:
    """From the first step to 100; the first comes long before there is a result."""
    told = slice_and_watch(
        find(name, tmp_path),
        tmp_path / "run",
        box(80, 80, 80),
        layer_thickness=LayerThickness.FINE,
        infill_percent=40,
    )
    percentages = [percent for percent, _ in told]
    assert percentages == sorted(set(percentages))
    assert len(percentages) > 3
    assert percentages[0] <= 20
    assert percentages[-1] == 100
    assert not told[0][1], "told only when all was over"


HANGS: dict[str, dict[str, Any]] = {
    "orca": {"stage": "slicing", "hang": True},
    "prusa": {"stage": "slicing", "hang": True, "stdout": STEP},
}


@pytest.mark.parametrize("kind", HANGS)
def test_a_slicer_that_hangs_in_a_step_is_ended_by_its_silence(tmp_path: Path, kind: str) -> None:
    """The caller reads a sentence of its own, the log which limit it was."""
    limits = dataclasses.replace(LIMITS, silence_s=1)
    engine = misbehaving(kind, tmp_path, limits=limits, **HANGS[kind])
    with pytest.raises(SlicingTimeout, match="did not get any further") as ended:
        slice_part(engine, tmp_path / "run", CUBE)
    assert str(ended.value.log_detail).startswith("silence limit")


def test_a_hung_slice_is_a_timeout_to_the_caller(origin: Origin, tmp_path: Path) -> None:
    """End to end: the setting reaches the runner, and the sentence the caller."""
    binary = install_fake_prusa(tmp_path / "bin")
    environment = {"PRUSA_BINARY": str(binary), "SLICE_SILENCE_SECS": "1"}
    with running_service({**origin.environment, **environment}) as service:
        install_fake_prusa(tmp_path / "bin", **HANGS["prusa"])
        answer = service.post(order(origin.serve("hangs.stl", binary_stl(CUBE))))
        assert (answer.status_code, answer.json()["code"]) == (504, "slicing_timeout")
        assert "did not get any further" in answer.json()["detail"]
        request_id = answer.headers["x-request-id"]
        assert "silence limit" in service.event("quote_failed", request_id=request_id)["detail"]


def test_line_buffering_is_what_the_installed_stdbuf_says(tmp_path: Path) -> None:
    """Where its library lies is the distribution's matter; where it is missing is no fault."""
    variables = asyncio.run(line_buffering())
    assert variables["_STDBUF_O"] == "L"
    assert Path(variables["LD_PRELOAD"]).is_file()
    assert asyncio.run(line_buffering(str(tmp_path))) == {}


def test_line_buffering_changes_no_figure(tmp_path: Path) -> None:
    """It is a library of others inside the slicer; it must stay without effect on a price."""
    buffered = find("prusa", tmp_path)
    assert isinstance(buffered, PrusaEngine)
    plain = PrusaEngine(
        buffered._binary,
        buffered.version,
        buffered._profiles,
        buffered._limits,
        {},
        reproducible=True,
    )

    def metrics_of(engine: Engine, folder: Path) -> Metrics:
        sliced, _ = slice_part(engine, folder, CUBE)
        return extract_metrics(sliced.gcode, sliced.member, sliced.expected)

    assert metrics_of(buffered, tmp_path / "a") == metrics_of(plain, tmp_path / "b")
