"""The zygote forks, kills and reaps as it is asked to, and ends with the service."""

from __future__ import annotations

import resource
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pricing_fdm.mesh.child.task import READY
from pricing_fdm.mesh.child.zygote_process import _ENVIRONMENT, _PACKAGES
from pricing_fdm.mesh.step.interpreter import script_command
from pricing_fdm.sandbox import process_table
from tests.harness.waiting import wait_until
from tests.mesh.child.reading import PUPPET, TASK, children


@dataclass
class Running:
    """A zygote without a sandbox, and the socket that leads to it."""

    process: subprocess.Popen[bytes]
    control: socket.socket

    def asked(self, content: bytes, folder: Path) -> tuple[socket.socket, socket.socket]:
        """Has a model read; where the answer and the end of the child are reported."""
        model = folder / "model"
        model.write_bytes(content)
        answer, childs = pair()
        end, zygotes = pair()
        with childs, zygotes, model.open("rb") as source, (folder / "part.stl").open("wb") as stl:
            descriptors = [each.fileno() for each in (source, stl, childs, zygotes)]
            socket.send_fds(self.control, [TASK.to_bytes()], descriptors)
        return answer, end


def pair() -> tuple[socket.socket, socket.socket]:
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


@pytest.fixture
def zygote() -> Iterator[Running]:
    """One that is running."""
    ours, theirs = pair()
    command = script_command(PUPPET, *_PACKAGES)
    with theirs:
        process = subprocess.Popen(
            # Without this, only root may give up system calls.
            ["/usr/bin/setpriv", "--no-new-privs", *command.argv, str(theirs.fileno()), "60"],
            env=_ENVIRONMENT,
            pass_fds=[theirs.fileno()],
        )
    with ours:
        assert ours.recv(len(READY)) == READY
        yield Running(process, ours)
    assert process.wait(60) == 0


def test_it_loads_nothing_that_the_children_do_not_use(zygote: Running) -> None:
    """The service checks values by pydantic: here it was a third of the start, and 10 MB."""
    libraries = Path(f"/proc/{zygote.process.pid}/maps").read_text()
    assert "numpy" in libraries
    assert "pydantic" not in libraries


def test_it_reports_how_a_child_has_ended(zygote: Running, tmp_path: Path) -> None:
    """Exit code or signal, and CPU time."""
    # `abort` cannot signal here, and then makes the processor trap.
    for content, said, codes in ((b"answer:said", b"said", {0}), (b"crash", b"", {-6, -11})):
        answer, end = zygote.asked(content, tmp_path)
        with answer, end:
            assert answer.recv(100) == said
            code, cpu_s = end.recv(100).split()
            assert int(code) in codes
            assert float(cpu_s) < 60
            assert end.recv(100) == b""


def test_a_job_that_is_shut_costs_the_child_its_life(zygote: Running, tmp_path: Path) -> None:
    """Others go on."""
    first_answer, first_end = zygote.asked(b"loop", tmp_path)
    other_answer, other_end = zygote.asked(b"loop", tmp_path)
    with first_answer, first_end, other_answer, other_end:
        wait_until(lambda: len(children(zygote.process.pid)) == 2)
        first_end.shutdown(socket.SHUT_WR)
        assert first_end.recv(100).split()[0] == b"-9"
        assert len(children(zygote.process.pid)) == 1
        other_end.close()
        wait_until(lambda: children(zygote.process.pid) == [])


def test_children_die_with_the_zygote(zygote: Running, tmp_path: Path) -> None:
    """And the zygote ends when nobody is left who could ask it."""
    answer, end = zygote.asked(b"loop", tmp_path)
    with answer, end:
        wait_until(lambda: children(zygote.process.pid))
        (child,) = children(zygote.process.pid)
        zygote.control.close()
        wait_until(lambda: process_table.process(child) is None)


def test_no_descriptor_stays_in_the_zygote(zygote: Running, tmp_path: Path) -> None:
    """It would be the next child's, and sooner or later the last."""
    # Which it has open is closed to every other user than root: a few are all that it may have.
    most = zygote.control.fileno() + 16
    resource.prlimit(zygote.process.pid, resource.RLIMIT_NOFILE, (most, most))
    for _ in range(most):
        answer, end = zygote.asked(b"answer:said", tmp_path)
        with answer, end:
            assert end.recv(100).startswith(b"0 ")
