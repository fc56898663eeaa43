"""A real Redis of one's own: on a socket in a folder, gone when the context is left."""

from __future__ import annotations

import contextlib
import itertools
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import redis

from tests.harness.waiting import wait_until

_DATABASES = 4096


class RedisServer:
    """A server that can be stopped and started again.

    Args:
        folder: For its socket and what it keeps; the path must be short, as sockets demand.
        keeps: Whether it writes what it is told to disk before it answers, and reads it at start
            (AOF).
    """

    def __init__(self, folder: Path, *, keeps: bool) -> None:
        self._folder = folder
        self._keeps = keeps
        self._numbers = itertools.count()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The running server."""
        assert self._process is not None
        return self._process

    def new_url(self) -> str:
        """The address of a database that nobody has used yet."""
        return f"unix://{self._socket}?db={next(self._numbers)}"

    def start(self) -> None:
        """Starts it and waits until it answers."""
        program = _program(self._folder)
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *("setpriv", "--pdeathsig", "KILL", str(program)),
                    *("--port", "0", "--unixsocket", str(self._socket)),
                    *("--dir", str(self._folder), "--databases", str(_DATABASES)),
                    *("--save", "", "--appendonly", "yes" if self._keeps else "no"),
                    # `everysec`, the default, holds a write back while the disk is slow to sync
                    # the one before: a kill then loses what was answered already.
                    *("--appendfsync", "always"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        wait_until(self._answers)

    def stop(self, number: int = signal.SIGKILL) -> None:
        """Ends it, by default without giving it a chance to tidy up."""
        self.process.send_signal(number)
        self.process.wait()
        self._socket.unlink(missing_ok=True)

    @property
    def _socket(self) -> Path:
        return self._folder / "redis.sock"

    def _answers(self) -> bool:
        assert self.process.poll() is None, (self._folder / "log").read_text()
        with redis.Redis(unix_socket_path=str(self._socket)) as client:
            try:
                return bool(client.ping())
            except redis.ConnectionError:
                return False


def _program(folder: Path) -> Path:
    """The server under its own name.

    Debian's `redis-tools` holds the same program as `redis-check-rdb`; only `redis-server` brings a
    system service as well, which nobody here needs. It goes by the name that it is called by.
    """
    program = shutil.which("redis-server") or shutil.which("redis-check-rdb")
    assert program, "there is no Redis: run `make test`, or apt-get install redis-tools"
    link = folder / "redis-server"
    if not link.exists():
        link.symlink_to(Path(program).resolve())
    return link


@contextlib.contextmanager
def running_redis(*, keeps: bool = False) -> Iterator[RedisServer]:
    """Runs a server until the context is left."""
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        server = RedisServer(Path(folder), keeps=keeps)
        server.start()
        try:
            yield server
        finally:
            server.stop()
