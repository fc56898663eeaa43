"""What a repeat costs: a remembered quote, equal questions at the same time, a trusted ETag."""

from __future__ import annotations

import os
import socket
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from benchmarks.download import download_cpu_s
from benchmarks.parts import PartFile, ball
from benchmarks.place import Answer, Caller, Place
from benchmarks.section import Claim, Section, Table, at_most
from benchmarks.spread import Spread, in_turn
from benchmarks.usage import own_cpu_s
from tests.harness.puppet import install_fake_prusa, read_records

NAME = "repeats"
HIT_MS_AIM = 5.0

_SIZES_MB = (0.02, 1.0, 5.0)
_HITS = 40
_TURNS = 5
_AT_ONCE = 8
_SLICE_S = 1.5
_SENT_AT_ONCE = 16 * 1024
_ORDER = {"infill": 10, "layer_thickness": 300}

_HOW = """\
**A hit.** The same part is asked for again. The service's processor time, from the kernel's clock
of that process, for so many hits in a row; beside it, in turn, the processor time of the same
downloads by the same code in a process of its own. Their difference is what a hit costs beyond the
download: HTTP, parsing, looking up, pricing, the answer, the log. Nothing else is taken off.

**At the same time.** Eight callers ask for the same new part at once; the slicer is a stand-in that
sleeps and writes down each of its runs, so the slices are counted by the slicer and not by our own
metric.

**A trusted ETag** (`CACHE_TRUST_ETAG_HOSTS`). The origin counts the bytes of the body that its
kernel took before the service hung up. It sends in pieces and with a small buffer; a large buffer
would only count what never left the machine."""


@dataclass
class _Etagged:
    """An origin's object with a strong ETag, which counts what is read of it."""

    content: bytes
    sent: list[int] = field(default_factory=list)

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SENT_AT_ONCE)
        handler.send_response(200)
        handler.send_header("ETag", '"the-same"')
        handler.send_header("Content-Length", str(len(self.content)))
        handler.end_headers()
        self.sent.append(0)
        for start in range(0, len(self.content), _SENT_AT_ONCE):
            piece = self.content[start : start + _SENT_AT_ONCE]
            handler.wfile.write(piece)
            self.sent[-1] += len(piece)


def measure(place: Place) -> Section:
    """Measures all three."""
    with place.service() as caller:
        rows = [_hits(caller, ball(size_mb)) for size_mb in _SIZES_MB]
        health_ms = Spread.of(_health_ms(caller) for _ in range(_TURNS))
    slices, shared = _at_once(place)
    first, again = _etag(place)
    beyond = [row.beyond_ms for row in rows]
    return Section(
        name=NAME,
        title="What a repeat costs",
        how=_HOW,
        claims=[
            at_most(
                f"CPU of a hit beyond the download, {row.part.name}",
                spread.median,
                HIT_MS_AIM,
                figure=f"{spread.text(2)} ms",
                unit=" ms",
                floor="A request that does nothing, `GET /health`, costs what is told beside it.",
            )
            for row, spread in zip(rows, map(Spread.of, beyond), strict=True)
        ]
        + [
            Claim("CPU of `GET /health`, which does nothing", f"{health_ms.text(2)} ms"),
            at_most(
                f"Slices for {_AT_ONCE} equal questions at once (the others shared it: {shared})",
                slices,
                1,
                figure=str(slices),
            ),
            Claim(
                "Bytes that the origin sent: first quote, and the same again with a trusted ETag",
                f"{first:,}, then {again:,}",
                f"< {first:,}",
                again < first,
            ),
        ],
        tables=[_table(rows)],
        samples={
            "hits": [
                {"part": r.part.name, "hit_ms": r.hit_ms, "download_ms": r.download_ms}
                for r in rows
            ],
        },
    )


@dataclass(frozen=True, slots=True)
class _Row:
    part: PartFile
    miss: Answer
    hit_ms: list[float]
    download_ms: list[float]
    wall_ms: list[float]

    @property
    def beyond_ms(self) -> list[float]:
        return [hit - load for hit, load in zip(self.hit_ms, self.download_ms, strict=True)]


def _hits(caller: Caller, part: PartFile) -> _Row:
    url = caller.place.serve(part)
    miss = caller.quote(url, part.name, **_ORDER)
    wall_ms: list[float] = []

    def hits() -> float:
        before_s = own_cpu_s(caller.pid)
        for _ in range(_HITS):
            answer = caller.quote(url, **_ORDER)
            if not answer.body["cached"]:
                raise RuntimeError("a repeat was sliced again")
            wall_ms.append(1000 * answer.wall_s)
        return 1000 * (own_cpu_s(caller.pid) - before_s) / _HITS

    environment = {**caller.place.origin.environment, "PATH": os.environ["PATH"]}
    hit_ms, download_ms = in_turn(
        _TURNS, hits, lambda: 1000 * download_cpu_s(url, _HITS, environment)
    )
    return _Row(part, miss, hit_ms, download_ms, wall_ms)


def _health_ms(caller: Caller) -> float:
    """Over the same connection, as a hit is asked for."""
    before_s = own_cpu_s(caller.pid)
    for _ in range(_HITS):
        caller.client.get(f"{caller.service.base_url}/health").raise_for_status()
    return 1000 * (own_cpu_s(caller.pid) - before_s) / _HITS


def _at_once(place: Place) -> tuple[int, int]:
    """Slices made, as the slicer counts them, and questions that shared one, as the metric does."""
    url = place.serve(ball(_SIZES_MB[0], radius_mm=9))
    with tempfile.TemporaryDirectory(prefix="bench-stand-in-") as folder:
        runs = Path(folder) / "runs"
        binary = install_fake_prusa(Path(folder), sleep_s=_SLICE_S, record_to=str(runs))
        with place.service(PRUSA_BINARY=str(binary)) as caller:
            before = len(read_records(runs))
            with ThreadPoolExecutor(_AT_ONCE) as callers:
                bodies: list[Any] = list(
                    callers.map(lambda _: caller.quote(url).body["total_usd"], range(_AT_ONCE))
                )
            if len(set(bodies)) != 1:
                raise RuntimeError(f"equal questions, different prices: {bodies}")
            totals = {s.labels["result"]: s.value for s in caller.samples("pricing_fdm_cache")}
            return len(read_records(runs)) - before, int(totals["shared"])


def _etag(place: Place) -> tuple[int, int]:
    """Bytes of the body that the origin sent for the first quote, and for the second."""
    part = ball(_SIZES_MB[-1], radius_mm=8)
    stored = _Etagged(part.content)
    place.origin.behaviours["/stored.stl"] = stored
    with place.service(CACHE_TRUST_ETAG_HOSTS=place.origin.host) as caller:
        for _ in range(2):
            caller.quote(place.origin.url("stored.stl"), **_ORDER)
    first, again = stored.sent
    return first, again


def _table(rows: list[_Row]) -> Table:
    return Table(
        f"CPU ms; {_TURNS} turns of {_HITS} hits and {_HITS} downloads.",
        ("Part", "a hit", "its download alone", "beyond", "a hit, wall", "the first quote, wall",
         "hit / first quote"),
        [
            (
                row.part.name,
                Spread.of(row.hit_ms).text(),
                Spread.of(row.download_ms).text(),
                Spread.of(row.beyond_ms).text(),
                f"{Spread.of(row.wall_ms).median:.1f}",
                f"{1000 * row.miss.wall_s:,.0f}",
                f"{Spread.of(row.wall_ms).median / 1000 / row.miss.wall_s:.4f}",
            )
            for row in rows
        ],
    )  # fmt: skip
