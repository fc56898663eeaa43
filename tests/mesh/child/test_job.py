"""A child answers in every case, in one message or two."""

from __future__ import annotations

import errno
import json
import os
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pricing_fdm.estimate.features import SectionPlan
from pricing_fdm.mesh.child import job
from pricing_fdm.mesh.child.answer import MOST_BYTES, sections_in
from pricing_fdm.mesh.child.task import Task
from tests.harness.shapes import binary_stl, box
from tests.mesh.child.reading import TASK

CUBE = binary_stl(box(20, 20, 20))


def answers(content: bytes, folder: Path, task: Task = TASK) -> list[dict[str, Any]]:
    """What the job says of a model."""
    (folder / "model").write_bytes(content)
    model = os.open(folder / "model", os.O_RDONLY)
    stl = os.open(folder / "part.stl", os.O_CREAT | os.O_RDWR)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours:
        with theirs:
            job.do(task, model, stl, theirs.fileno())
        return [json.loads(message) for message in iter(lambda: ours.recv(65536), b"")]


def test_a_good_model_is_told_of_twice(tmp_path: Path) -> None:
    """Once when it can be sliced, and once when it is described."""
    first, second = answers(CUBE, tmp_path)
    assert first == {"kind": "set_down", "needs_support": False}
    assert second["part"]["dimensions_mm"] == [20, 20, 20]
    assert (tmp_path / "part.stl").stat().st_size == 84 + 12 * 50


def test_sections_are_told_where_they_are_asked_for(tmp_path: Path) -> None:
    """Between the other two, in a small message; nobody slices it, so no clean STL is written."""
    plan = SectionPlan(
        layer_height_mm=0.2,
        first_layer_mm=0.2,
        line_mm=0.42,
        wall_mm=0.9,
        top_mm=0.8,
        bottom_mm=0.6,
        support_angle_degrees=45,
        support_if_needed=True,
        support_bridges=False,
        support_gap_mm=0.2,
    )
    task = Task.from_bytes(replace(TASK, sections=plan).to_bytes())
    first, second, third = answers(CUBE, tmp_path, task)
    assert (first["kind"], third["kind"]) == ("set_down", "part")
    assert (tmp_path / "part.stl").stat().st_size == 0
    message = json.dumps(second).encode()
    assert len(message) < MOST_BYTES / 2
    sections = sections_in(message)
    assert sections.height_mm == pytest.approx(20)
    assert sections.slabs[0].area_mm2 == pytest.approx(400, rel=0.01)


def test_a_refusal_is_told_with_its_code(tmp_path: Path) -> None:
    """The words are the mesh stage's."""
    (told,) = answers(b"", tmp_path)
    assert (told["kind"], told["code"]) == ("refused", "model_format")
    assert "empty" in told["detail"]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (MemoryError(), "out_of_memory"),
        (OSError(errno.ENOSPC, "full"), "no_room"),
        (OSError(errno.EPERM, "refused"), "failed"),
        (ZeroDivisionError(), "failed"),
    ],
)
def test_whatever_happens_is_told(
    error: Exception, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With where it happened, for the log."""

    def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(job, "judge_model", fails)
    (told,) = answers(CUBE, tmp_path)
    assert told["kind"] == kind
    if kind == "failed":
        assert "in fails" in told["log_detail"]


def test_a_clean_stl_becomes_the_mesh_of_a_3mf(tmp_path: Path) -> None:
    """It says so when the file is complete."""
    (tmp_path / "part.stl").write_bytes(CUBE)
    stl = os.open(tmp_path / "part.stl", os.O_RDONLY)
    mesh = os.open(tmp_path / "mesh", os.O_CREAT | os.O_RDWR)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        job.do_mesh(stl, mesh, theirs.fileno())
        assert json.loads(ours.recv(65536)) == {"kind": "mesh"}
    assert (tmp_path / "mesh").read_bytes().count(b"<triangle ") == 12
