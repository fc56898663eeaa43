"""Where quotes are measured: the service as its operator runs it, an origin of models, a caller.

Every quote that was really sliced is kept with its timing, for what is said about all of them.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from benchmarks.bare import Overhearer
from benchmarks.parts import PartFile
from benchmarks.usage import own_cpu_s
from tests.harness.origin import Origin
from tests.harness.service import PLAIN, QUOTE, RunningService, order, running_service

NO_CACHE = {"CACHE_TTL_SECS": "0"}
ONE_SLOT = {"SLICE_CONCURRENCY": "1"}


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
        """The stages as the quote tells them, and `total`."""
        return {name: ms for name, ms in self.body["timing_ms"].items() if ms is not None}

    @property
    def overhead_ms(self) -> float:
        """All that was neither download nor slice."""
        timing = self.timing_ms
        return timing["total"] - timing["download"] - timing["slice"]


@dataclass(frozen=True, slots=True)
class Seen:
    """A quote of the run.

    Attributes:
        name: Of the part.
        wall_ms: As its caller waited for it.
    """

    name: str
    timing_ms: dict[str, float]
    wall_ms: float


@dataclass
class Place:
    """What all benchmarks share.

    Attributes:
        quotes: All that were really sliced, of parts with a name.
    """

    origin: Origin
    parts: list[PartFile]
    overhearer: Overhearer
    quotes: list[Seen] = field(default_factory=list)

    @contextlib.contextmanager
    def service(self, **environment: str) -> Iterator[Caller]:
        """Starts a service with these settings, and a caller of it."""
        with (
            running_service({**self.origin.environment, **environment}) as service,
            httpx.Client(**{**PLAIN, "timeout": 900}) as client,
        ):
            yield Caller(self, service, client)

    def serve(self, part: PartFile) -> str:
        """The URL of a part."""
        return self.origin.serve(f"{part.name.replace(' ', '-')}.stl", part.content)


@dataclass(frozen=True)
class Caller:
    """Asks one service, over one connection."""

    place: Place
    service: RunningService
    client: httpx.Client

    @property
    def pid(self) -> int:
        """Of the service."""
        return self.service.process.pid

    def quote(self, url: str, name: str = "", /, **changes: object) -> Answer:
        """Asks for a quote, which must be one.

        Args:
            url: Of the model.
            name: Of the part; without it the quote is not kept.
            changes: Of the order.
        """
        return self.post(QUOTE, order(url, **changes), name)

    def post(self, path: str, body: dict[str, Any], name: str = "") -> Answer:
        """Posts a request, whose answer must be 200."""
        cpu_s, began_s = own_cpu_s(self.pid), time.perf_counter()
        response = self.client.post(f"{self.service.base_url}{path}", json=body)
        wall_s = time.perf_counter() - began_s
        if response.status_code != httpx.codes.OK:
            raise RuntimeError(f"{response.status_code}: {response.text}")
        answer = Answer(response.json(), wall_s, own_cpu_s(self.pid) - cpu_s)
        if name and not answer.body["cached"]:
            self.place.quotes.append(Seen(name, answer.timing_ms, 1000 * wall_s))
        return answer

    def samples(self, family: str) -> list[Sample]:
        """All samples of one metric."""
        text = self.service.get("/metrics").text
        families = text_string_to_metric_families(text)
        return [sample for each in families if each.name == family for sample in each.samples]
