"""The metrics of a gateway are read when they are scraped."""

from __future__ import annotations

import math

from prometheus_client import CollectorRegistry

from pricing_fdm.telemetry.gateway_metrics import add_gateway_metrics

NAMES = ("workers", "event_streams", "uploads_in_progress", "upload_store_bytes")


def test_each_scrape_shows_the_figures_of_that_moment() -> None:
    """A gauge that kept the value of the start would hide an outage."""
    figures = dict(zip(NAMES, (2.0, 3.0, 5.0, 7.0), strict=True))
    registry = CollectorRegistry()
    add_gateway_metrics(
        registry,
        workers=lambda: figures["workers"],
        event_streams=lambda: figures["event_streams"],
        uploads=lambda: figures["uploads_in_progress"],
        upload_store_bytes=lambda: figures["upload_store_bytes"],
    )

    def scraped() -> dict[str, float | None]:
        return {name: registry.get_sample_value(f"pricing_fdm_{name}") for name in NAMES}

    assert scraped() == figures
    figures["event_streams"], figures["workers"] = 4.0, math.nan
    assert scraped()["event_streams"] == 4.0
    assert math.isnan(scraped()["workers"] or 0), "Redis does not answer"
