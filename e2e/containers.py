"""Containers of the image under test, started as docs/deploy.md says and removed whatever happens.

They share the machine's network, so that all traffic is loopback: the service listens on
127.0.0.1 alone, and the origin of the models is a server of the tests.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.harness.service import PLAIN, QUOTE, free_port
from tests.harness.waiting import wait_until

ROOT = Path(__file__).resolve().parents[1]
LABEL = f"pricing-fdm.e2e={os.getpid()}"
LOCKED_DOWN = (
    "--read-only",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--pids-limit=256",
    "--memory=2g",
    "--memory-swap=2g",
)
PATIENCE_S = 90

_PROCESSES = """
import json, os, pathlib
found = []
for folder in pathlib.Path("/proc").iterdir():
    if folder.name.isdigit() and int(folder.name) != os.getpid():
        try:
            stat = (folder / "stat").read_text()
            command = (folder / "cmdline").read_text().split(chr(0))
        except OSError:
            continue
        name, _, rest = stat.partition("(")[2].rpartition(")")
        state, parent = rest.split()[:2]
        found.append({"pid": int(folder.name), "parent": int(parent), "name": name,
                      "state": state, "command": command})
print(json.dumps(found))
"""


def engine(
    *arguments: str, check: bool = True, timeout_s: float = 120
) -> subprocess.CompletedProcess[str]:
    """Runs a command of the container engine to its end."""
    done = subprocess.run(
        [ROOT / "scripts" / "container-engine", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    assert not check or done.returncode == 0, f"{arguments}: {done.stderr}{done.stdout}"
    return done


@dataclass(frozen=True)
class Image:
    """An image under test.

    Attributes:
        name: As the container engine knows it.
        engine: The slicer that it ships: `orca` or `prusa`.
        slicer: Where that lies inside.
        python: The interpreter inside.
    """

    name: str
    engine: str
    slicer: Path
    python: Path

    @property
    def slicer_variable(self) -> str:
        """The setting that names the slicer."""
        return f"{self.engine.upper()}_BINARY"

    def config(self) -> dict[str, Any]:
        """What the image says of itself."""
        found: list[dict[str, Any]] = json.loads(engine("image", "inspect", self.name).stdout)
        return {**found[0], **found[0]["Config"]}


def look_into(name: str) -> Image:
    """Finds out what an image ships."""
    found = run_once(
        name,
        "import json, os, shutil, sys; which = os.environ['SLICER'];"
        "slicer = os.environ.get(f'{which.upper()}_BINARY', f'{which}-slicer');"
        "print(json.dumps([which, os.path.realpath(shutil.which(slicer)),"
        " os.path.realpath(sys.executable)]))",
    )
    which, slicer, python = json.loads(found)
    return Image(name, which, Path(slicer), Path(python))


def run_once(image: str, code: str, *options: str) -> str:
    """What a Python text prints in a container of its own."""
    arguments = ("run", "--rm", "--network=none", "--label", LABEL, *options)
    return engine(*arguments, "--entrypoint=python3", image, "-c", code).stdout


@dataclass
class Container:
    """A container that was started.

    Attributes:
        port: Where its service listens.
        headers: Sent with each request.
    """

    name: str
    port: int
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def base_url(self) -> str:
        """Of the service inside."""
        return f"http://127.0.0.1:{self.port}"

    def post(self, body: Mapping[str, Any], path: str = QUOTE, **options: Any) -> httpx.Response:
        """Posts JSON, by default a quote request."""
        return httpx.post(
            f"{self.base_url}{path}",
            json=dict(body),
            **{**PLAIN, "headers": self.headers} | options,
        )

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Gets a path."""
        return httpx.get(f"{self.base_url}{path}", **{**PLAIN, "headers": self.headers} | options)

    def metric(self, name: str) -> float:
        """The value of a metric, written with its labels as it is served."""
        for line in self.get("/metrics").text.splitlines():
            if line.startswith(f"{name} "):
                return float(line.rpartition(" ")[2])
        raise AssertionError(f"no metric {name}")

    def said(self) -> str:
        """Everything that it wrote to stdout and stderr."""
        done = engine("logs", self.name)
        return done.stdout + done.stderr

    def events(self, name: str) -> list[dict[str, Any]]:
        """The events of one name in its log."""
        lines = [line for line in self.said().splitlines() if line.startswith("{")]
        return [event for event in map(json.loads, lines) if event["event"] == name]

    def python(self, code: str) -> str:
        """What a Python text prints inside, run as the service's user."""
        return engine("exec", self.name, "python3", "-c", code).stdout

    def processes(self) -> list[dict[str, Any]]:
        """What runs inside, but for the one that looks."""
        found: list[dict[str, Any]] = json.loads(self.python(_PROCESSES))
        return found

    def leftovers(self, folder: str = "/tmp") -> list[str]:
        """What lies in its work folder."""
        listing = self.python(f"import json, os; print(json.dumps(os.listdir({folder!r})))")
        return sorted(json.loads(listing))

    def signal(self, name: str) -> None:
        """Sends a signal to its first process."""
        engine("kill", f"--signal={name}", self.name)

    def exit_code(self) -> int:
        """Waits for its end."""
        return int(engine("wait", self.name).stdout)

    def runs(self) -> bool:
        """Whether it runs."""
        return engine("inspect", "--format={{.State.Running}}", self.name).stdout.strip() == "true"

    def start(self) -> None:
        """Starts it again after its end."""
        engine("start", self.name)

    def wait_until_ready(self) -> None:
        """Returns when `/ready` answers 200; fails with the log when that does not happen."""
        self.wait_for_answer("/ready", 200)

    def wait_for_answer(self, path: str, status: int) -> None:
        """Returns when a path is answered with that status."""
        try:
            wait_until(lambda: self._answers(path, status), PATIENCE_S)
        except AssertionError:
            raise AssertionError(f"{path} is not {status}:\n{self.said()}") from None

    def _answers(self, path: str, status: int) -> bool:
        with contextlib.suppress(httpx.TransportError):
            return self.get(path, timeout=10).status_code == status
        return False


@contextlib.contextmanager
def started(
    image: Image,
    environment: Mapping[str, str],
    *options: str,
    command: Sequence[str] = (),
    tmpfs: str = "/tmp:mode=1777",
) -> Iterator[Container]:
    """Starts a locked-down container and removes it; does not wait until it is ready.

    Args:
        image: What to start.
        environment: Settings beside address and port.
        *options: Of `run`, beside those that lock it down.
        command: Instead of the image's own.
        tmpfs: Its only folder that can be written to.
    """
    port = int(environment.get("PRICING_FDM_PORT", free_port()))
    variables = {"PRICING_FDM_HOST": "127.0.0.1", "PRICING_FDM_PORT": str(port), **environment}
    settings = [f"--env={name}={value}" for name, value in variables.items()]
    arguments = (*LOCKED_DOWN, "--network=host", f"--tmpfs={tmpfs}", *settings, *options)
    with _created(image, arguments, command) as name:
        yield Container(name, port)


@contextlib.contextmanager
def running(
    image: Image, environment: Mapping[str, str], *options: str, tmpfs: str = "/tmp:mode=1777"
) -> Iterator[Container]:
    """The same, and waits until it is ready."""
    with started(image, environment, *options, tmpfs=tmpfs) as container:
        container.wait_until_ready()
        yield container


@contextlib.contextmanager
def published(image: Image, *options: str) -> Iterator[Container]:
    """Starts the image out of the box: its port published on loopback, no setting made."""
    port = free_port()
    arguments = (*LOCKED_DOWN, "--tmpfs=/tmp", f"--publish=127.0.0.1:{port}:8083", *options)
    with _created(image, arguments, ()) as name:
        yield Container(name, port)


@contextlib.contextmanager
def _created(image: Image, arguments: Sequence[str], command: Sequence[str]) -> Iterator[str]:
    name = engine(
        *("run", "--detach", "--label", LABEL, *arguments, image.name, *command)
    ).stdout.strip()
    try:
        yield name
    finally:
        engine("kill", name, check=False)
        engine("rm", "--force", "--volumes", name)


def left_behind() -> list[str]:
    """Containers of this run of the tests that are still there."""
    return engine("ps", "--all", "--quiet", f"--filter=label={LABEL}").stdout.split()
