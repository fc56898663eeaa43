"""The service as its operator runs it: a process, an environment, a port, signals."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.harness.log import Logged
from tests.harness.program import Program, start
from tests.harness.waiting import PATIENCE_S, wait_until

QUOTE = "/internal/pricing/fdm/quote"
OPTIONS = "/internal/pricing/fdm/options"
ESTIMATE = "/internal/pricing/fdm/estimate"
ORDER = "/internal/pricing/fdm/order"
MATERIALS = "/internal/pricing/fdm/materials"

# For tests that compare figures of two slices to the last digit.
REPRODUCIBLE = {"SLICE_REPRODUCIBLE": "true"}

# Plain HTTP on loopback: reading the certificate authorities for each call would take longer than
# most answers do.
PLAIN: dict[str, Any] = {"timeout": 120, "trust_env": False, "verify": False}


@dataclass
class RunningService(Logged):
    """A started `pricing-fdm serve`.

    Attributes:
        temp_dir: Its TEMP_DIR.
        log_path: What it writes to stdout and stderr.
    """

    process: Program
    base_url: str
    temp_dir: Path
    log_path: Path

    def post(self, body: Mapping[str, Any], **options: Any) -> httpx.Response:
        """Posts a quote request."""
        return httpx.post(f"{self.base_url}{QUOTE}", json=dict(body), **{**PLAIN, **options})

    def options(self, url: str, *variants: Mapping[str, Any], **options: Any) -> httpx.Response:
        """Posts a request for several prices of one model."""
        body = {"file_url": url, "variants": [dict(variant) for variant in variants]}
        return httpx.post(f"{self.base_url}{OPTIONS}", json=body, **{**PLAIN, **options})

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Gets a path."""
        return httpx.get(f"{self.base_url}{path}", **{**PLAIN, **options})

    @contextlib.contextmanager
    def leaving(
        self, body: Mapping[str, Any], request_id: str, path: str = QUOTE, *, unsent_bytes: int = 0
    ) -> Iterator[None]:
        """A caller who has asked, and who hangs up at the end of the context.

        Returns when the service has noted that. With `unsent_bytes`, the body stops so much early.
        """
        earlier = len(self.events("request_finished", request_id=request_id))
        host, _, port = self.base_url.removeprefix("http://").partition(":")
        content = json.dumps(body).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
            f"X-Request-ID: {request_id}\r\nContent-Length: {len(content) + unsent_bytes}\r\n\r\n"
        )
        with socket.create_connection((host, int(port)), timeout=PATIENCE_S) as connection:
            connection.sendall(head.encode() + content)
            yield
        wait_until(lambda: len(self.events("request_finished", request_id=request_id)) > earlier)

    def line_of(self, request_id: str) -> dict[str, Any]:
        """The canonical line of a request; it is written just after the answer."""
        return self.event("request_finished", request_id=request_id)

    def programs(self) -> list[int]:
        """What the service runs for quotes, see `programs_of`."""
        return programs_of(self.process.pid)

    def leftovers(self) -> list[str]:
        """Folders of quotes that are still there."""
        return sorted(path.name for path in self.temp_dir.iterdir())


def programs_of(pid: int) -> list[int]:
    """The children of a service or a worker but for its zygote, which stays."""
    with contextlib.suppress(FileNotFoundError):  # one of them has ended
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [
            int(child)
            for child in children
            if "zygote.py" not in Path(f"/proc/{child}/cmdline").read_text()
        ]
    return []


def order(url: str, **changes: Any) -> dict[str, Any]:
    """A request that is right but for the changes."""
    return {"file_url": url, **variant(**changes)}


def variant(**changes: Any) -> dict[str, Any]:
    """A way to print a part that is right but for the changes."""
    return {"material": "pla", "infill": 20, "layer_thickness": 200, **changes}


@contextlib.contextmanager
def running_service(
    environment: Mapping[str, str], *, python: Sequence[str] = ()
) -> Iterator[RunningService]:
    """Starts the service on a free port, waits until it is ready, ends it."""
    with started_service(environment, python=python) as service:
        wait_until_ready(service)
        yield service


@contextlib.contextmanager
def started_service(
    environment: Mapping[str, str],
    *arguments: str,
    python: Sequence[str] = (),
) -> Iterator[RunningService]:
    """Starts the service on a free port and ends it; does not wait until it is ready.

    Args:
        environment: Besides what every service of the tests has.
        arguments: Of the command.
        python: What a new Python executes, see `start`.
    """
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="service-test-") as folder:
        temp_dir, log_path = Path(folder) / "temp", Path(folder) / "log"
        temp_dir.mkdir()
        process = start(
            ["serve", *arguments],
            {
                "PATH": os.environ["PATH"],
                "PRICING_FDM_HOST": "127.0.0.1",
                "PRICING_FDM_PORT": str(port),
                "TEMP_DIR": str(temp_dir),
                "DRAIN_PAUSE_SECS": "0",
                "QUEUE_WAIT_SECS": "60",
                "QUEUE_PLACES": "20",
                "SLICER": "prusa",
                # The puppet keeps its records where no sandbox lets it write.
                **({"SANDBOX": "none"} if "PRUSA_BINARY" in environment else {}),
                **environment,
            },
            log_path,
            python,
        )
        service = RunningService(process, f"http://127.0.0.1:{port}", temp_dir, log_path)
        try:
            yield service
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_until_ready(service: RunningService) -> None:
    """Returns when `/ready` answers 200; fails with the log when that does not happen."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and service.process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            if service.get("/ready").status_code == 200:
                return
        time.sleep(0.05)
    raise AssertionError(f"the service is not ready:\n{service.log_path.read_text()}")


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
