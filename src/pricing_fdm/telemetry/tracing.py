"""The trace of a finished quote, and who gets it: nobody, or an OTLP collector.

A quote is recorded once, after its end, with the times that its stage timer has measured. So no
stage knows of tracing, and no tracing runs inside a quote. The attributes come from closed sets:
never a URL, a file's name or content. OpenTelemetry is an optional extra that only `otlp.py`
imports.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from pricing_fdm.quoting.timing import StageTiming

CANCELLED = "cancelled"
"""Stands in place of an error code when the caller has left."""


@dataclass(frozen=True, slots=True)
class TracedWork:
    """One of several works that a request has done side by side.

    Attributes:
        order: Fields of the first order that it answers.
        stage_timings: The stages that it has gone through by itself; there is at least one.
        status: What the order would have been answered with alone.
        failure: An error code or `CANCELLED`; None when there is a quote.
    """

    order: Mapping[str, str | int]
    stage_timings: tuple[StageTiming, ...]
    status: int
    failure: str | None


@dataclass(frozen=True, slots=True)
class TracedQuote:
    """One finished request, however it ended.

    Attributes:
        route: Path template of the route; a constant of ours.
        request_id: As in the answer and on the log lines.
        traceparent: The caller's header of that name (W3C Trace Context), or None.
        order: Fields of the order, as far as they are known.
        total: From the request to its answer.
        stage_timings: The stages that were reached.
        status: Of the HTTP answer.
        failure: An error code or `CANCELLED`; None when there is a quote.
        works: What was done side by side.
    """

    route: str
    request_id: str
    traceparent: str | None
    order: Mapping[str, str | int]
    total: StageTiming
    stage_timings: tuple[StageTiming, ...]
    status: int
    failure: str | None
    works: tuple[TracedWork, ...] = ()


class Tracer(Protocol):
    """Records finished quotes."""

    def record(self, quote: TracedQuote) -> str | None:
        """Records a quote without waiting; returns its trace id, 32 hex digits, if any."""

    async def aclose(self) -> None:
        """Sends what is left, within a bounded time."""


class NullTracer:
    """Records nothing."""

    def record(self, quote: TracedQuote) -> None:
        """Does nothing."""

    async def aclose(self) -> None:
        """Does nothing."""


def extra_is_installed() -> bool:
    """Whether the extra `otel` is there; does not import it."""
    needed = ("opentelemetry.sdk.trace", "opentelemetry.exporter.otlp.proto.http")
    try:
        return all(importlib.util.find_spec(name) is not None for name in needed)
    except ModuleNotFoundError:
        return False
