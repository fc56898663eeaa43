"""The body of a quote, which the route sends and a worker stores."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

from pricing_fdm.pricing.quote import Line
from pricing_fdm.quoting.pipeline import Quote
from pricing_fdm.quoting.timing import Stage, StageTimer
from pricing_fdm.web.answers import quote_body
from pricing_fdm.web.schemas import QuoteResponse
from tests.quoting.quotes import quote


def body_of(finished: Quote) -> dict[str, Any]:
    """The body of a quote's answer."""
    return quote_body(finished, StageTimer())


def test_a_client_reads_back_what_was_sent() -> None:
    """No field is missing, none is of another kind, and what is not known is left out."""
    body = body_of(quote())
    read_back = QuoteResponse.model_validate_json(json.dumps(body))
    assert read_back.model_dump(mode="json", exclude_none=True) == body


def test_each_answer_has_an_id_of_its_own() -> None:
    """Also a quote that a worker stores."""
    assert body_of(quote())["quote_id"] != body_of(quote())["quote_id"]


def test_figures_are_rounded_and_money_has_its_cents() -> None:
    """More digits would be noise; a price is never touched."""
    plain = quote()
    metrics = replace(
        plain.metrics,
        filament_g=Decimal("12.345678"),
        filament_mm=Decimal("4321.128"),
        support_g=Decimal("0.00007"),
    )
    body = body_of(replace(plain, metrics=metrics))
    assert body["filament_weight_g"] == 12.3457
    assert body["print"]["filament_length_m"] == 4.32113
    assert body["print"]["support_weight_g"] == 0.0001
    assert Decimal(str(body["total_usd"])) == plain.price.total_usd


def test_support_that_no_slicer_reports_is_left_out() -> None:
    """0 would say that there is none."""
    plain = quote()
    metrics = replace(plain.metrics, support_g=None)
    assert "support_weight_g" not in body_of(replace(plain, metrics=metrics))["print"]


def test_lines_engine_and_warnings_are_taken_over_as_they_are() -> None:
    """The bill in its order; the engine that priced, with its profiles."""
    plain = quote("prusa")
    line = Line("rush", "Rush order", Decimal("2.50"))
    body = body_of(replace(plain, price=replace(plain.price, breakdown=(line,))))
    assert body["breakdown"] == [{"code": "rush", "label": "Rush order", "amount_usd": 2.5}]
    assert body["engine"] == {
        "name": "prusa",
        "version": plain.engine.version,
        "profile_hash": plain.engine.profile_hash,
    }
    assert body["warnings"] == [{"code": w.code, "message": w.message} for w in plain.warnings]


def test_a_stage_that_was_not_reached_took_no_time() -> None:
    """A result from the cache needs no slot and no slice."""
    timer = StageTimer()
    timer.enter(Stage.DOWNLOAD)
    timer.stop()
    timing_ms = quote_body(quote(cached=True), timer)["timing_ms"]
    assert set(timing_ms) == {"download", "inspect", "queue", "slice", "extract", "total"}
    assert timing_ms["slice"] == timing_ms["queue"] == 0
    assert timing_ms["download"] == timing_ms["total"]
