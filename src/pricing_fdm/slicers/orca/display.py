"""A virtual X display for OrcaSlicer, for operators who want one.

OrcaSlicer needs no display; without one it only leaves the thumbnails out of its 3MF. With
`ORCA_DISPLAY=xvfb` one Xvfb runs as long as the service (an `xvfb-run` around each slice would cost
half a second each time, and is known to hang). It listens on no network socket and picks a free
display number by itself.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess

from pricing_fdm.slicers.engine import SlicerUnavailable
from pricing_fdm.slicers.environment import SYSTEM_ENVIRONMENT

_START_TIMEOUT_S = 10.0


class VirtualDisplay:
    """One running Xvfb."""

    def __init__(self, server: subprocess.Popen[bytes], name: str) -> None:
        self._server = server
        self.name = name

    @classmethod
    async def start(cls) -> VirtualDisplay:
        """Starts Xvfb and waits until it takes connections.

        Raises:
            SlicerUnavailable: Xvfb is not installed or does not come up.
        """
        program = shutil.which("Xvfb")
        if program is None:
            raise SlicerUnavailable("ORCA_DISPLAY=xvfb, but Xvfb is not installed (package xvfb)")
        reading, writing = os.pipe()
        server = subprocess.Popen(  # noqa: S603, ASYNC220 - no shell; returns at once
            [program, "-displayfd", str(writing), "-screen", "0", "640x480x24", "-nolisten", "tcp"],
            env=SYSTEM_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(writing,),
            start_new_session=True,
        )
        os.close(writing)
        number = await _read_line(reading)
        if not number:
            _end(server)
            raise SlicerUnavailable("ORCA_DISPLAY=xvfb, but Xvfb did not start")
        return cls(server, f":{number}")

    @property
    def alive(self) -> bool:
        """Whether the server still runs."""
        return self._server.poll() is None

    def stop(self) -> None:
        """Ends the server; waits for it."""
        _end(self._server)


async def _read_line(descriptor: int) -> str:
    """The display number that Xvfb writes when it is ready; empty if it does not become ready.

    The pipe stays open until the end of the line, or Xvfb would end.
    """
    loop, line, read = asyncio.get_running_loop(), bytearray(), asyncio.Event()

    def read_piece() -> None:
        piece = os.read(descriptor, 16)
        line.extend(piece)
        if not piece:
            line.clear()
        if not piece or piece.endswith(b"\n"):
            read.set()

    loop.add_reader(descriptor, read_piece)
    try:
        async with asyncio.timeout(_START_TIMEOUT_S):
            await read.wait()
        return line.decode().strip()
    except TimeoutError:
        return ""
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


def _end(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is None:
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()
