"""A model reader, as the service has it, and the processes behind it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

from pricing_fdm.mesh.child.model_reader import ModelReader
from pricing_fdm.mesh.child.task import Task
from pricing_fdm.model import BuildVolume, Orientation, Part, Unit
from pricing_fdm.sandbox import process_table
from pricing_fdm.sandbox.process import Limits
from pricing_fdm.sandbox.sandbox import NoSandbox, Sandbox

T = TypeVar("T")

TASK = Task(BuildVolume(200, 200, 200), 100_000, Unit.MM, Orientation.AUTO, 0.2, 0.42)
MEMORY_BYTES = 1024**3
PATIENCE_S = 60
PUPPET = Path(__file__).with_name("puppet_zygote.py")


def with_reader(
    story: Callable[[ModelReader], Awaitable[T]],
    sandbox: Sandbox | None = None,
    *,
    wall_s: float = PATIENCE_S,
    cpu_s: int = PATIENCE_S,
    at_once: int = 2,
    deaths: list[str] | None = None,
) -> T:
    """Runs a story with a reader; none of its processes is left afterwards."""
    limits = Limits(
        wall_s=wall_s,
        cpu_s=cpu_s,
        memory_bytes=MEMORY_BYTES,
        file_size_bytes=0,
        sandbox=sandbox or NoSandbox(),
    )

    async def told() -> T:
        reported = [] if deaths is None else deaths
        async with ModelReader(
            limits, max_triangles=100_000, at_once=at_once, report=reported.append
        ) as reader:
            async with asyncio.timeout(2 * PATIENCE_S):
                result = await story(reader)
        assert not list(zygotes())
        assert deaths is not None or reported == []
        return result

    return asyncio.run(told())


async def read(reader: ModelReader, content: bytes, folder: Path, name: str = "model") -> Part:
    """Reads a model; its clean STL is called `name.stl`."""
    model = folder / name
    await asyncio.to_thread(model.write_bytes, content)
    reading = await reader.inspect(model, folder / f"{name}.stl", TASK, lambda _auto: None)
    return reading.part


def zygotes(above: int | None = None) -> Iterator[int]:
    """The zygotes below a process, by default this one; not those of services that it runs.

    Services are forks of one process (`tests/harness/program.py`), or new ones.
    """
    for process in process_table.children(os.getpid() if above is None else above):
        program, *words = _command(process.pid)
        if "python" in program and any(word.endswith("zygote.py") for word in words):
            yield process.pid
        elif not {"serve", "worker"} & {*words} and not any("forkserver" in word for word in words):
            yield from zygotes(process.pid)


def children(zygote: int) -> list[int]:
    """The living children of a zygote."""
    return [child.pid for child in process_table.children(zygote) if not child.ended]


def _command(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return [""]
