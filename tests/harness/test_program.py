"""What the tests start is what an operator starts, whether it is forked or not."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from tests.harness.program import NEW_PYTHON, start
from tests.harness.service import free_port, started_service


def test_a_fork_and_a_new_python_take_the_same_and_say_the_same(tmp_path: Path) -> None:
    """Arguments, the environment and nothing else of it, stdout, stderr and the exit code."""
    ended: list[tuple[int, str]] = []
    for python in ((), NEW_PYTHON):
        log = tmp_path / f"log-{len(ended)}"
        environment = {"PATH": os.environ["PATH"], "LOG_LEVEL": "loud"}
        process = start(["serve", "--port", str(free_port())], environment, log, python)
        ended.append((process.wait(60), log.read_text()))
    assert ended[0] == ended[1]
    assert ended[0][0] == 2
    assert "LOG_LEVEL: Input should be" in ended[0][1]


def test_a_fork_is_ended_by_a_signal_and_says_by_which() -> None:
    """It is no child of this process, and yet its end is told here."""
    with started_service({}) as service:
        assert service.process.poll() is None
        service.process.send_signal(signal.SIGKILL)
        assert service.process.wait(60) == -signal.SIGKILL
        service.process.terminate()  # of one that has ended: nothing
