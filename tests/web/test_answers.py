"""The body of a quote, which the route sends and a worker stores."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from pricing_fdm.model import QuoteWarning
from pricing_fdm.pricing.bill import Line
from pricing_fdm.pricing.quote import price
from pricing_fdm.pricing.review import Reason
from pricing_fdm.quoting.quote import Quote
from pricing_fdm.quoting.timing import Stage, StageTimer
from pricing_fdm.web.answers import quote_body
from pricing_fdm.web.schemas import QuoteResponse
from tests.pricing.jobs import job
from tests.quoting.quotes import quote
from tests.shop.shops import small_shop


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
    assert Decimal(str(body["total_usd"])) == plain.price.total


def test_support_that_no_slicer_reports_is_left_out() -> None:
    """0 would say that there is none."""
    plain = quote()
    metrics = replace(plain.metrics, support_g=None)
    assert "support_weight_g" not in body_of(replace(plain, metrics=metrics))["print"]


def test_lines_engine_and_warnings_are_taken_over_as_they_are() -> None:
    """The bill in its order; the engine that priced, with its profiles."""
    plain = quote("prusa")
    fee, margin = (line for line in plain.price.lines if line.code in {"base_fee", "margin"})
    line = Line("speed", "Rush order", Decimal("2.50"), public=True)
    lines = (*plain.price.lines[:2], fee, margin, line)
    body = body_of(replace(plain, price=replace(plain.price, lines=lines)))
    # Under its name of ADR-010's days in the one, under that of the shop file in the other.
    assert body["breakdown"][-1] == {"code": "rush", "label": "Rush order", "amount_usd": 2.5}
    assert body["price"]["lines"][-1] == {
        "code": "speed",
        "label": "Rush order",
        "amount": "2.50",
        "public": True,
    }
    assert body["engine"] == {
        "name": "prusa",
        "version": plain.engine.version,
        "profile_hash": plain.engine.profile_hash,
    }
    assert body["warnings"] == [
        {"code": w.code, "message": w.message, "figures": dict(w.figures)} for w in plain.warnings
    ]


def test_a_warning_has_its_figures_and_where_it_can_its_places() -> None:
    """A program need not read the sentence."""
    warned = QuoteWarning("thin_walls", "Thin.", {"thinnest_mm": 0.3}, ((1.0, 2.0, 3.5),))
    body = body_of(replace(quote(), warnings=(warned,)))
    assert body["warnings"] == [
        {
            "code": "thin_walls",
            "message": "Thin.",
            "figures": {"thinnest_mm": 0.3},
            "places": [[1.0, 2.0, 3.5]],
        }
    ]


def test_the_price_is_text_with_the_currency_s_decimals(tmp_path: Path) -> None:
    """In euros there is no field of dollars; nothing is there twice under another name."""
    plain = quote()
    found = price(job(plain.metrics, shop=small_shop(tmp_path)))
    body = body_of(replace(plain, price=found))
    assert body["currency"] == "EUR"
    assert body["price"]["total"] == str(found.total)
    assert sum(Decimal(line["amount"]) for line in body["price"]["lines"]) == found.total
    assert not [name for name in body if name.endswith("_usd")]
    assert "breakdown" not in body
    assert "_usd" not in json.dumps(body)


def test_a_quote_says_how_long_it_holds_and_whether_a_person_should_look() -> None:
    """With the shop that it was made with, and the plates."""
    plain = quote()
    reason = Reason("total_above", "Dear.", {"total": Decimal("3.50"), "currency": "USD"})
    body = body_of(replace(plain, price=replace(plain.price, review=(reason,))))
    assert body["valid_until"] == plain.price.valid_until.isoformat()
    assert body["shop_version"] == plain.price.shop_version
    assert body["review"] == {
        "required": True,
        "reasons": [
            {
                "code": "total_above",
                "message": "Dear.",
                "figures": {"total": 3.5, "currency": "USD"},
            }
        ],
    }
    assert body["plates"] == [
        {
            "copies": 1,
            "times": 1,
            "print_time_hours": body["print_time_hours"],
            "filament_weight_g": body["filament_weight_g"],
        }
    ]
    assert body_of(plain)["review"] == {"required": False, "reasons": []}


def test_a_plate_says_what_of_it_is_no_parts() -> None:
    """Rounded for people; left out where it is not known, as in the test above."""
    plain = quote()
    (plate,) = plain.price.plates
    metrics = replace(plate.metrics, overhead_g=Decimal("0.068951"), overhead_s=Decimal("36.1024"))
    known = replace(plain.price, plates=(replace(plate, metrics=metrics),))
    (shown,) = body_of(replace(plain, price=known))["plates"]
    assert (shown["overhead_g"], shown["overhead_s"]) == (0.069, 36.1)


def test_a_stage_that_was_not_reached_took_no_time() -> None:
    """A result from the cache needs no slot and no slice."""
    timer = StageTimer()
    timer.enter(Stage.DOWNLOAD)
    timer.stop()
    timing_ms = quote_body(quote(cached=True), timer)["timing_ms"]
    assert set(timing_ms) == {"download", "inspect", "queue", "slice", "extract", "total"}
    assert timing_ms["slice"] == timing_ms["queue"] == 0
    assert timing_ms["download"] == timing_ms["total"]
