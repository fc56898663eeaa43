"""The metrics of what takes jobs in; each is read when it is scraped."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Gauge


def add_gateway_metrics(
    registry: CollectorRegistry,
    *,
    workers: Callable[[], float],
    event_streams: Callable[[], float],
    uploads: Callable[[], float],
    upload_store_bytes: Callable[[], float],
) -> None:
    """Registers the gauges; each calls its function at every scrape."""
    for name, documentation, read in (
        ("workers", "Workers that take jobs; NaN while Redis does not answer.", workers),
        ("event_streams", "Event streams that are open.", event_streams),
        ("uploads_in_progress", "Uploads that are being received.", uploads),
        (
            "upload_store_bytes",
            "Bytes of all uploads in the store; NaN before the first upload to this gateway.",
            upload_store_bytes,
        ),
    ):
        Gauge(f"pricing_fdm_{name}", documentation, registry=registry).set_function(read)
