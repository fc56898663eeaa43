"""What the service says it has done: series of its metrics, lines of its log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from tests.harness.service import RunningService


def samples(service: RunningService, **options: Any) -> Iterator[Sample]:
    """All series with their values, as a scrape reads them."""
    for family in text_string_to_metric_families(service.get("/metrics", **options).text):
        yield from family.samples


def series(service: RunningService) -> set[str]:
    """The names and labels of all series."""
    return {f"{sample.name}{sorted(sample.labels.items())}" for sample in samples(service)}


def errors(service: RunningService, **options: Any) -> dict[str, float]:
    """How often each error code was counted."""
    return {
        sample.labels["error_type"]: sample.value
        for sample in samples(service, **options)
        if sample.name == "pricing_fdm_errors_total"
    }


def gauge(service: RunningService, name: str) -> float:
    """The value of a series without labels, by its name without our prefix."""
    [value] = [each.value for each in samples(service) if each.name == f"pricing_fdm_{name}"]
    return value


def requests_with(service: RunningService, status: int, **options: Any) -> float:
    """How many quote requests were answered with a status."""
    return sum(
        sample.value
        for sample in samples(service, **options)
        if sample.name == "pricing_fdm_requests_total" and sample.labels["status"] == str(status)
    )


def finished(service: RunningService, request_id: str) -> list[dict[str, Any]]:
    """The canonical lines of a request; waits until there is one, as it follows the answer."""
    service.line_of(request_id)
    return told(service, "request_finished", request_id)


def told(service: RunningService, event: str, request_id: str) -> list[dict[str, Any]]:
    """The events of one name about one request."""
    return [line for line in service.events(event) if line.get("request_id") == request_id]
