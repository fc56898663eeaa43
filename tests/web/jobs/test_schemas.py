"""The queue's JSON: the original gateway's names and the service's own say the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from pricing_fdm.jobs.record import JobSource, SourceKind
from pricing_fdm.model import Order, PrintSettings
from pricing_fdm.order_request import in_shop
from pricing_fdm.web.jobs.schemas import JobOptions, QuoteJobRequest
from tests.harness import qualities
from tests.shop.shops import bundled_shop, small_shop

THICK = "layer_thickness = 250"


def read(**fields: Any) -> QuoteJobRequest:
    body = json.dumps({"download_url": "x", **fields})
    return QuoteJobRequest.model_validate_json(body, context=in_shop(bundled_shop()))


def test_a_job_may_say_nothing_but_where_the_model_is() -> None:
    """The original's defaults: PLA, 15 percent, 0.2 mm."""
    assert read().order(bundled_shop()) == Order(PrintSettings("pla", 15, qualities.STANDARD))


@pytest.mark.parametrize("height_mm", [0.1, 0.2, 0.3])
def test_a_height_in_mm_is_the_thickness_in_micrometres(height_mm: float) -> None:
    """Also where both are given and agree; the queue keeps one."""
    thickness = round(height_mm * 1000)
    for wanted in (
        read(layer_height=height_mm),
        read(layer_height=height_mm, layer_thickness=thickness),
    ):
        assert wanted.order(bundled_shop()).print_settings.quality.layer_thickness == thickness
        assert wanted.record()["layer_thickness"] == thickness
        assert "layer_height" not in wanted.record()


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"layer_height": 0.25}, "layer_height must be one of 0.1, 0.2, 0.3"),
        ({"layer_height": 0.2, "layer_thickness": 300}, "contradict each other"),
        ({"file_url": "y"}, "exactly one of download_url, file_url, upload_id"),
        ({"download_url": None}, "exactly one of"),
    ],
    ids=["another height", "a contradiction", "two sources", "no source"],
)
def test_what_contradicts_itself_is_refused(fields: dict[str, Any], says: str) -> None:
    """Whichever of two was obeyed, the other was asked for."""
    with pytest.raises(ValidationError, match=says):
        read(**fields)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("download_url", SourceKind.URL),
        ("file_url", SourceKind.URL),
        ("upload_id", SourceKind.UPLOAD),
    ],
)
def test_the_source_has_one_of_three_names(name: str, kind: SourceKind) -> None:
    """Two of them are URLs."""
    assert read(**{"download_url": None, name: "it"}).source() == JobSource(kind, "it")


def test_the_queue_keeps_no_address() -> None:
    """A presigned URL is a password, and the record is read by whoever may read Redis."""
    wanted = read(download_url="https://secret.example/x", callback_url="https://secret.example/y")
    assert "secret" not in json.dumps(wanted.record())
    assert set(wanted.record()) < set(JobOptions.model_fields)


def test_what_is_left_out_is_the_shops_first_where_it_has_not_the_usual(tmp_path: Path) -> None:
    """A client of the original prices in any shop; what was asked for is never replaced."""
    shop = small_shop(
        tmp_path / "shop", ('id = "pla"', 'id = "pla-cf"'), ("layer_thickness = 200", THICK)
    )

    def order(**fields: Any) -> Order:
        body = json.dumps({"download_url": "x", **fields})
        return QuoteJobRequest.model_validate_json(body, context=in_shop(shop)).order(shop)

    for wanted in (order(), order(layer_height=0.25), order(quality="standard")):
        settings = wanted.print_settings
        assert (settings.material, settings.quality.layer_thickness) == ("pla-cf", 250)
    for fields in ({"material": "pla"}, {"layer_height": 0.2}, {"layer_thickness": 200}):
        with pytest.raises(ValidationError, match=r"one of 0\.25|should be"):
            order(**fields)
