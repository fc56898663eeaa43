"""A service that can accept no more connections logs little and comes back (break-in 5)."""

from __future__ import annotations

import asyncio
import errno
import resource
import socket
from pathlib import Path

from structlog.testing import capture_logs

from pricing_fdm.web.accepting import AcceptFailures
from tests.harness.origin import Origin
from tests.harness.service import running_service
from tests.harness.waiting import wait_until


def test_a_service_without_descriptors_logs_a_line_and_comes_back(origin: Origin) -> None:
    """Break-in 5: the log grew by 212 MB, and nobody was told what was wrong."""
    with running_service(origin.environment) as service:
        host, _, port = service.base_url.removeprefix("http://").partition(":")
        pid, log_bytes = service.process.pid, service.log_path.stat().st_size
        usual = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        open_now = len(list(Path(f"/proc/{pid}/fd").iterdir()))
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (open_now + 10, usual[1]))
        callers = [socket.create_connection((host, int(port)), timeout=60) for _ in range(100)]
        service.event("connections_not_accepted")
        for caller in callers:
            caller.close()
        resource.prlimit(pid, resource.RLIMIT_NOFILE, usual)
        wait_until(lambda: service.get("/health").text == "OK")
        assert service.log_path.stat().st_size - log_bytes < 64 * 1024


def test_failures_are_counted_between_the_lines() -> None:
    """An operator sees how many there were; other errors of the loop keep their traceback."""
    failures, others = AcceptFailures(), []

    class Loop(asyncio.SelectorEventLoop):
        now_s = 1000.0

        def time(self) -> float:
            return self.now_s

        def default_exception_handler(self, context: dict[str, object]) -> None:
            others.append(context)

    loop = Loop()
    full = OSError(errno.EMFILE, "Too many open files")
    with capture_logs() as captured:
        for _ in range(5000):
            failures.handle(loop, {"message": "accept", "exception": full})
        loop.now_s += 10
        failures.handle(loop, {"message": "accept", "exception": full})
        failures.handle(loop, {"message": "else", "exception": ValueError()})
    loop.close()
    assert [line["attempts"] for line in captured] == [1, 5000]
    assert [context["message"] for context in others] == ["else"]


def test_beyond_its_limit_a_service_still_answers(origin: Origin) -> None:
    """Break-in 5: the limit is a setting, and idle callers make room."""
    with running_service({**origin.environment, "MAX_CONNECTIONS": "16"}) as service:
        host, _, port = service.base_url.removeprefix("http://").partition(":")
        open_before = len(list(Path(f"/proc/{service.process.pid}/fd").iterdir()))
        callers = [socket.create_connection((host, int(port)), timeout=60) for _ in range(200)]
        assert service.get("/health").text == "OK"
        open_now = len(list(Path(f"/proc/{service.process.pid}/fd").iterdir()))
        assert open_now - open_before <= 20
        for caller in callers:
            caller.close()
