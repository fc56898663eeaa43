"""Whatever a model does to the child that reads it, the service gets a part or a refusal."""

from __future__ import annotations

import asyncio
import functools
import json
import math
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pricing_fdm.errors import InternalError, ModelFormat, ModelInvalid
from pricing_fdm.mesh.child import zygote_process
from pricing_fdm.mesh.child.model_reader import ModelReader
from pricing_fdm.model import Part
from pricing_fdm.sandbox import process_table
from pricing_fdm.sandbox.sandbox import Sandbox
from tests.harness.shapes import binary_stl, box
from tests.harness.waiting import wait_until
from tests.mesh import shapes
from tests.mesh.child import reading
from tests.mesh.child.puppet_zygote import CLEAN
from tests.mesh.child.reading import PUPPET, children, read, with_reader, zygotes
from tests.sandbox.sandboxes import SANDBOXES

CUBE = binary_stl(box(20, 20, 20))


@pytest.fixture
def puppet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Children that do what the model says."""
    monkeypatch.setattr(zygote_process, "_SCRIPT", PUPPET)


def refusal(content: bytes, folder: Path, **options: Any) -> ModelInvalid:
    """How a model is refused."""

    async def story(reader: ModelReader) -> ModelInvalid:
        with pytest.raises(ModelInvalid) as caught:
            await read(reader, content, folder)
        return caught.value

    return with_reader(story, **options)


async def until(condition: Callable[[], object]) -> None:
    await asyncio.to_thread(wait_until, condition)


def is_gone(pid: int) -> bool:
    return process_table.process(pid) is None


SET_DOWN = b'{"kind": "set_down", "needs_support": false}'


@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_a_model_is_read_in_every_sandbox(sandbox: Sandbox, tmp_path: Path) -> None:
    """The part comes back, and its clean STL lies where it was asked for."""
    seen: list[int] = []

    async def story(reader: ModelReader) -> Part:
        model, clean = tmp_path / "model", tmp_path / "clean.stl"
        model.write_bytes(CUBE)
        read = await reader.inspect(
            model, clean, reading.TASK, lambda _auto: seen.append(clean.stat().st_size)
        )
        assert read.sections is None
        return read.part

    part = with_reader(story, sandbox)
    assert part.dimensions_mm == pytest.approx((20, 20, 20))
    assert seen == [84 + 12 * 50]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clean.stl", "model"]


@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_bodies_are_united_in_every_sandbox(sandbox: Sandbox, tmp_path: Path) -> None:
    """That library starts threads, which a child may; it may start no process."""
    two = np.concatenate([shapes.sphere(), shapes.sphere() + np.float32(3)])

    async def story(reader: ModelReader) -> Part:
        return await read(reader, shapes.binary_stl(two), tmp_path)

    part = with_reader(story, sandbox)
    assert part.volume_mm3 < 1.9 * 4 / 3 * math.pi * 10**3


@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_a_refusal_comes_back_as_it_was_raised(sandbox: Sandbox, tmp_path: Path) -> None:
    """Code and words are those of the mesh stage."""

    async def story(reader: ModelReader) -> None:
        with pytest.raises(ModelFormat, match="web page"):
            await read(reader, b"<!DOCTYPE html><html>", tmp_path)
        with pytest.raises(ModelInvalid, match="truncated"):
            await read(reader, CUBE[:-50], tmp_path)

    with_reader(story, sandbox)


@pytest.mark.usefixtures("puppet")
@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_break_in_1_a_child_has_its_job_and_nothing_else(sandbox: Sandbox, tmp_path: Path) -> None:
    """Three descriptors and no way to a file, a socket, a process, or the next model."""
    found = json.loads(refusal(b"spy", tmp_path, sandbox=sandbox).detail)
    assert len(found["descriptors"]) == 3
    assert found["reached"] == []


@pytest.mark.usefixtures("puppet")
def test_break_in_1_a_model_that_computes_for_ever_is_ended(tmp_path: Path) -> None:
    """By the clock, or by the CPU time that it has used; the loop is free meanwhile."""
    by_clock = refusal(b"loop", tmp_path, wall_s=1)
    by_cpu = refusal(b"loop", tmp_path, cpu_s=1)
    assert "takes too long to read" in by_clock.detail
    assert "takes too long to read" in by_cpu.detail
    assert "wall" in (by_clock.log_detail or "")
    assert f"code {-signal.SIGXCPU}" in (by_cpu.log_detail or "")


@pytest.mark.usefixtures("puppet")
@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_break_in_1_a_model_that_takes_all_memory_is_refused(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """The child runs into its own limit; the service's memory does not move."""
    before = _resident_bytes()
    refused = refusal(b"hog", tmp_path, sandbox=sandbox)
    assert "more memory than the service allows" in refused.detail
    assert _resident_bytes() - before < 100 * 1024**2


@pytest.mark.usefixtures("puppet")
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"answer:", id="nothing"),
        pytest.param(b"answer:no JSON", id="no JSON"),
        pytest.param(b'answer:{"kind": "part", "part": {}}', id="no part"),
        pytest.param(b'answer:{"kind": "refused", "code": "internal_error"}', id="another code"),
        pytest.param(b"answer:" + b"x" * 150_000, id="a huge message"),
        pytest.param(b"answer:" + b"[" * 60_000, id="a deep message"),
        pytest.param(b'answer:{"kind": "part", "part": {part}}', id="no STL"),
        pytest.param(
            b"answer:" + SET_DOWN + b"|" + SET_DOWN,
            id="an empty STL",
        ),
        pytest.param(
            b"stl:" + SET_DOWN + b"|" + SET_DOWN,
            id="no end",
        ),
        pytest.param(b"stl:" + SET_DOWN + b'|{"kind": "part"', id="half a message"),
        pytest.param(b"crash", id="a crash"),
    ],
)
def test_break_in_1_a_child_that_lies_or_crashes_is_a_refused_model(
    content: bytes, tmp_path: Path
) -> None:
    """Nothing that it says is believed, and the caller hears one plain sentence."""
    refused = refusal(content, tmp_path)
    assert refused.detail.startswith("The reader failed at this file.")
    assert len(refused.log_detail or "") < 5000


@pytest.mark.usefixtures("puppet")
def test_break_in_1_what_is_sliced_is_out_of_the_childs_reach(tmp_path: Path) -> None:
    """The child still holds the file that it wrote; the service's is another."""
    content = b"stl:" + SET_DOWN + b'|{"kind": "part", "part": {part}}'

    async def story(reader: ModelReader) -> Part:
        return await read(reader, content, tmp_path)

    assert with_reader(story).bodies == 1
    assert (tmp_path / "model.stl").read_bytes() == CLEAN
    assert (tmp_path / "model.stl").stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("puppet")
def test_break_in_1_two_models_never_share_a_child(tmp_path: Path) -> None:
    """A child that was taken over by one never sees the other."""

    async def story(reader: ModelReader) -> list[int]:
        pids = []
        for _ in range(3):
            with pytest.raises(ModelInvalid) as caught:
                await read(reader, b"who", tmp_path)
            pids.append(json.loads(caught.value.detail)["pid"])
        return pids

    assert len(set(with_reader(story))) == 3


@pytest.mark.usefixtures("puppet")
@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_break_in_1_a_caller_who_leaves_ends_the_child(sandbox: Sandbox, tmp_path: Path) -> None:
    """And gives back its turn."""

    async def story(reader: ModelReader) -> None:
        for _ in range(3):
            reads = asyncio.create_task(read(reader, b"loop", tmp_path))
            await until(lambda: [child for each in zygotes() for child in children(each)])
            (child,) = [child for each in zygotes() for child in children(each)]
            reads.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reads
            assert process_table.process(child) is None

    with_reader(story, sandbox, at_once=1)


@pytest.mark.usefixtures("puppet")
def test_no_more_children_work_at_once_than_allowed(tmp_path: Path) -> None:
    """Further models wait for their turn."""

    async def story(reader: ModelReader) -> None:
        reads = [
            asyncio.create_task(read(reader, b"loop", tmp_path, f"model{number}"))
            for number in range(4)
        ]
        await until(lambda: sum(len(children(each)) for each in zygotes()) == 2)
        await asyncio.gather(*reads, return_exceptions=True)

    with_reader(story, wall_s=1)


@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_a_killed_zygote_is_replaced(sandbox: Sandbox, tmp_path: Path) -> None:
    """What it said is reported; the next model does not notice."""
    deaths: list[str] = []

    async def story(reader: ModelReader) -> None:
        await read(reader, CUBE, tmp_path)
        (first,) = zygotes()
        os.kill(first, signal.SIGKILL)
        await read(reader, CUBE, tmp_path)
        (second,) = zygotes()
        assert second != first

    with_reader(story, sandbox, deaths=deaths)
    assert len(deaths) == 1


@pytest.mark.usefixtures("puppet")
def test_a_model_whose_zygote_dies_is_read_once_more(tmp_path: Path) -> None:
    """It was the fault of none of those that were being read; but it is not tried for ever."""

    async def story(reader: ModelReader) -> None:
        reads = asyncio.create_task(read(reader, b"loop", tmp_path))
        for _ in range(2):
            await until(lambda: [each for each in zygotes() if children(each)])
            (zygote,) = zygotes()
            os.kill(zygote, signal.SIGKILL)
            await until(functools.partial(is_gone, zygote))
        with pytest.raises(InternalError):
            await reads

    deaths: list[str] = []
    with_reader(story, deaths=deaths)
    assert len(deaths) == 2


@pytest.mark.usefixtures("puppet")
def test_a_zygote_that_hangs_is_ended_with_its_child(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stopped one neither forks nor kills; the model is refused all the same."""
    monkeypatch.setattr(zygote_process, "_END_S", 0.2)

    async def story(reader: ModelReader) -> None:
        reads = asyncio.create_task(read(reader, b"loop", tmp_path))
        await until(lambda: [each for each in zygotes() if children(each)])
        (zygote,) = zygotes()
        (child,) = children(zygote)
        os.kill(zygote, signal.SIGSTOP)
        reads.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reads
        assert process_table.process(child) is None

    with_reader(story)


@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_a_clean_stl_is_written_as_a_mesh_in_every_sandbox(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """A plate of copies needs it; nothing else is left behind."""

    async def story(reader: ModelReader) -> None:
        await read(reader, CUBE, tmp_path)
        await reader.write_mesh(tmp_path / "model.stl", tmp_path / "mesh")

    with_reader(story, sandbox)
    assert (tmp_path / "mesh").read_bytes().count(b"<vertex ") == 8
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mesh", "model", "model.stl"]


@pytest.mark.usefixtures("puppet")
@pytest.mark.parametrize(
    "answer", ['{"kind": "mesh"}', '{"kind": "set_down", "needs_support": true}']
)
def test_break_in_1_a_child_that_has_written_no_mesh_is_not_believed(
    answer: str, tmp_path: Path
) -> None:
    """The slicer would be given what a stranger wrote."""
    (tmp_path / "clean.stl").write_bytes(f"stl:{answer}".encode())

    async def story(reader: ModelReader) -> None:
        with pytest.raises(ModelInvalid):
            await reader.write_mesh(tmp_path / "clean.stl", tmp_path / "mesh")

    with_reader(story)
    assert [path.name for path in tmp_path.iterdir()] == ["clean.stl"]


def test_a_program_that_cannot_start_is_a_fault_of_the_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model is not to blame."""
    monkeypatch.setattr(zygote_process, "_SCRIPT", tmp_path / "missing.py")
    deaths: list[str] = []

    async def story(reader: ModelReader) -> None:
        with pytest.raises(InternalError):
            await read(reader, CUBE, tmp_path)

    with_reader(story, deaths=deaths)
    assert "missing.py" in deaths[0]


def test_the_descriptors_of_a_read_are_given_back(tmp_path: Path) -> None:
    """Each takes six."""

    async def story(reader: ModelReader) -> None:
        await read(reader, CUBE, tmp_path)
        before = _open_files()
        for _ in range(3):
            await read(reader, CUBE, tmp_path)
        await until(lambda: _open_files() <= before)

    with_reader(story)


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
