"""Where quotes are measured: the service as its operator runs it, an origin of models, a caller."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from benchmarks.bare import Overhearer
from benchmarks.parts import PartFile, real_parts
from benchmarks.usage import own_cpu_s
from tests.harness.origin import Origin, running_origin
from tests.harness.service import PLAIN, QUOTE, RunningService, order, running_service


@dataclass(frozen=True, slots=True)
class Answer:
    """A quote as its caller saw it.

    Attributes:
        body: The JSON of the answer.
        wall_s: From the first byte of the request to the last of the answer.
        cpu_s: That the service itself has used meanwhile, its slicer apart.
    """

    body: dict[str, Any]
    wall_s: float
    cpu_s: float

    @property
    def timing_ms(self) -> dict[str, float]:
        """The stages as the quote states them, and `total`."""
        return {name: ms for name, ms in self.body["timing_ms"].items() if ms is not None}

    @property
    def added_ms(self) -> float:
        """All that was neither download nor slice."""
        timing = self.timing_ms
        return timing["total"] - timing["download"] - timing["slice"]


@dataclass(frozen=True)
class Place:
    """What all benchmarks share."""

    origin: Origin
    parts: list[PartFile]
    overhearer: Overhearer

    @classmethod
    @contextlib.contextmanager
    def open(cls) -> Iterator[Place]:
        """Starts the origin and finds parts and slicer."""
        with running_origin() as origin:
            yield cls(origin, real_parts(), Overhearer())

    @contextlib.contextmanager
    def service(self, **environment: str) -> Iterator[Caller]:
        """Starts a service with these settings, and a caller of it."""
        with (
            running_service({**self.origin.environment, **environment}) as service,
            httpx.Client(**{**PLAIN, "timeout": 900}) as client,
        ):
            yield Caller(service, client)

    def serve(self, part: PartFile) -> str:
        """The URL of a part."""
        return self.origin.serve(f"{part.name.replace(' ', '-')}.stl", part.content)


@dataclass(frozen=True)
class Caller:
    """Asks one service, over one connection that may be shared by threads."""

    service: RunningService
    client: httpx.Client

    @property
    def pid(self) -> int:
        """Of the service."""
        return self.service.process.pid

    def quote(self, url: str, **changes: object) -> Answer:
        """Asks for a quote, which must be one."""
        cpu_s, began_s = own_cpu_s(self.pid), time.perf_counter()
        response = self.client.post(f"{self.service.base_url}{QUOTE}", json=order(url, **changes))
        wall_s = time.perf_counter() - began_s
        if response.status_code != httpx.codes.OK:
            raise RuntimeError(f"{response.status_code}: {response.text}")
        return Answer(response.json(), wall_s, own_cpu_s(self.pid) - cpu_s)
