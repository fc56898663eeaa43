"""Workers as their operator runs them, and jobs for them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.harness.log import Logged
from tests.harness.program import Program, start
from tests.harness.waiting import wait_until

ORDER = {"material": "pla", "infill": 20, "layer_thickness": 200}


@dataclass
class RunningWorker(Logged):
    """A started `pricing-fdm worker`."""

    process: Program
    temp_dir: Path
    log_path: Path

    def wait_until_ready(self) -> None:
        """Returns when its self-test was good."""
        try:
            wait_until(lambda: self.events("self_test_finished"), 60)
        except AssertionError:
            raise AssertionError(self.log_path.read_text()) from None
        assert self.events("self_test_finished")[-1]["ready"], self.log_path.read_text()

    @property
    def lives(self) -> bool:
        """Whether it runs."""
        return self.process.poll() is None

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Sends a signal."""
        self.process.send_signal(number)

    def leftovers(self) -> list[str]:
        """Folders of quotes that are still there."""
        return sorted(path.name for path in self.temp_dir.iterdir())


@contextlib.contextmanager
def running_worker(redis_url: str, environment: Mapping[str, str]) -> Iterator[RunningWorker]:
    """Starts a worker, waits until it takes jobs, ends it."""
    with started_worker(redis_url, environment) as worker:
        worker.wait_until_ready()
        yield worker


@contextlib.contextmanager
def running_workers(
    redis_url: str, environment: Mapping[str, str], count: int
) -> Iterator[list[RunningWorker]]:
    """Starts several at once."""
    with contextlib.ExitStack() as stack:
        workers = [
            stack.enter_context(started_worker(redis_url, environment)) for _ in range(count)
        ]
        for worker in workers:
            worker.wait_until_ready()
        yield workers


@contextlib.contextmanager
def started_worker(redis_url: str, environment: Mapping[str, str]) -> Iterator[RunningWorker]:
    """Starts a worker and ends it; does not wait until it takes jobs."""
    with tempfile.TemporaryDirectory(prefix="worker-test-") as folder:
        temp_dir, log_path = Path(folder) / "temp", Path(folder) / "log"
        temp_dir.mkdir()
        process = start(
            ["worker"],
            {
                "PATH": os.environ["PATH"],
                "REDIS_URL": redis_url,
                "TEMP_DIR": str(temp_dir),
                "OBJECT_STORE_URL": f"file://{folder}/uploads",
                "SLICER": "prusa",
                "SLICE_CONCURRENCY": "1",
                "WORKER_LOST_SECS": "2",
                "JOB_RETRY_SECS": "0.2",
                "DRAIN_GRACE_SECS": "20",
                # The puppet keeps its records where no sandbox lets it write.
                **({"SANDBOX": "none"} if "PRUSA_BINARY" in environment else {}),
                **environment,
            },
            log_path,
        )
        try:
            yield RunningWorker(process, temp_dir, log_path)
        finally:
            process.send_signal(signal.SIGCONT)
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
