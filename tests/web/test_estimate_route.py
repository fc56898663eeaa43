"""Estimates over HTTP: contract section 7."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from pricing_fdm.estimate.labels import read_labels
from tests.harness.origin import Origin
from tests.harness.puppet import install_fake_prusa
from tests.harness.service import (
    ESTIMATE,
    OPTIONS,
    PLAIN,
    RunningService,
    running_service,
    variant,
)
from tests.harness.shapes import binary_stl, box
from tests.quoting.fitted import estimating_shop
from tests.web.accounts import errors, finished, samples, told
from tests.web.test_body import problem_of

CUBE = binary_stl(box(20, 20, 20))
"""It has no model of its own, and `auto` needs no slicer to turn it."""


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where slices are kept for the next training."""
    return tmp_path_factory.mktemp("labels") / "labels.jsonl"


@pytest.fixture(scope="module")
def service(
    origin: Origin, labels: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningService]:
    """The bundled shop with a model that knows its standard quality only."""
    shop = estimating_shop(tmp_path_factory.mktemp("estimating") / "shop")
    environment = {
        **origin.environment,
        "SHOP_DIR": str(shop),
        "PRUSA_BINARY": str(install_fake_prusa(shop.parent)),
        "QUEUE_PLACES": "0",
        "ESTIMATE_LABELS": str(labels),
        "SLICE_CONCURRENCY": "1",
    }
    with running_service(environment) as service:
        yield service
        assert service.leftovers() == []


def estimate(service: RunningService, body: dict[str, Any], **options: Any) -> httpx.Response:
    """By the public name, as JSON."""
    return httpx.post(f"{service.base_url}/v1/estimate", json=body, **{**PLAIN, **options})


def totals(service: RunningService) -> dict[str, float]:
    """Of the metrics that tell of estimates, quotes and slices, where they are not 0."""
    names = ("estimate", "requests_total", "slice_duration_seconds_count")
    found = {}
    for sample in samples(service):
        is_count = not sample.name.endswith(("_sum", "_bucket"))
        if is_count and sample.value and any(name in sample.name for name in names):
            labels = " ".join(sample.labels.values())
            found[f"{sample.name.removeprefix('pricing_fdm_')} {labels}".strip()] = sample.value
    return found


def test_an_estimate_is_what_the_contract_says_and_slices_nothing(
    service: RunningService, origin: Origin
) -> None:
    """The same body by both names, from a URL and from a form; counted apart from quotes."""
    url = origin.serve("estimated.stl", CUBE)
    before = totals(service)
    response = estimate(
        service, {"file_url": url, **variant(quantity=2)}, headers={"X-Request-ID": "estimated"}
    )
    assert response.status_code == 200, response.text
    body = response.json()
    assert set(body) == {
        *("binding", "needs_slice", "currency", "quantity", "price", "print_time_hours"),
        *("filament_weight_g", "interval", "basis", "shop_version", "model", "print", "printer"),
        *("warnings", "timing_ms"),
    }
    assert (body["binding"], body["needs_slice"], body["interval"]) == (False, False, 0.9)
    price = body["price"]
    assert float(price["low"]) < float(price["likely"]) < float(price["high"])
    for name in ("print_time_hours", "filament_weight_g"):
        assert 0 < body[name]["low"] < body[name]["likely"] < body[name]["high"]
    assert body["basis"]["trained_on"]["labels"] == 340
    assert (body["model"]["triangles"], body["print"]["material"]) == (12, "pla")
    assert set(body["timing_ms"]) == {"download", "inspect", "total"}
    fields = {name: str(value) for name, value in variant(quantity=2).items()}
    form = httpx.post(
        f"{service.base_url}{ESTIMATE}", data=fields, files={"file": CUBE}, **PLAIN
    ).json()
    assert {**form, "timing_ms": None} == {**body, "timing_ms": None}
    grown = {name: value - before.get(name, 0) for name, value in totals(service).items()}
    assert {name: value for name, value in grown.items() if value} == {
        "estimates_total given": 2,
        "estimate_duration_seconds_count": 2,
    }
    (line,) = finished(service, "estimated")
    assert line["total_low"] == price["low"]
    assert [event["material"] for event in told(service, "estimate_given", "estimated")] == ["pla"]
    assert told(service, "quote_requested", "estimated") == []


def test_where_it_cannot_tell_there_are_no_figures(service: RunningService, origin: Origin) -> None:
    """200, for it is an answer; the model was read all the same."""
    url = origin.serve("unfitted.stl", CUBE)
    body = estimate(service, {"file_url": url, **variant(layer_thickness=300)}).json()
    assert body["needs_slice"] is True
    assert "not fitted" in body["reason"]
    assert not {"price", "print_time_hours", "filament_weight_g", "interval"} & set(body)
    assert body["model"]["triangles"] == 12


def test_it_is_refused_as_a_quote_is(service: RunningService, origin: Origin) -> None:
    """The same problems with the same codes."""
    url = origin.serve("refused.stl", CUBE)
    counted, before = errors(service), totals(service)
    wrong = estimate(service, {"file_url": url, **variant(infill=5)})
    assert problem_of(wrong, 400, "invalid_request")["errors"][0]["field"] == "infill"
    large = estimate(service, {"file_url": url, **variant(units="m")})
    quoted = service.post({"file_url": url, **variant(units="m")})
    problem_of(large, 422, "model_exceeds_build_volume")
    assert large.json()["detail"] == quoted.json()["detail"]
    assert errors(service)["model_exceeds_build_volume"] == (
        counted["model_exceeds_build_volume"] + 2
    )
    failed = "estimates_total failed"
    assert totals(service)[failed] == before.get(failed, 0) + 2


def test_a_slice_is_compared_with_its_estimate(
    service: RunningService, origin: Origin, labels: Path
) -> None:
    """The next estimate of that part starts from it, and it is kept as a label."""
    url = origin.serve("compared.stl", binary_stl(box(20, 20, 21)))
    body = {"file_url": url, **variant()}
    before = estimate(service, body).json()
    quote = service.post(body).json()
    counts = totals(service)
    assert counts["estimate_ratio_count print_time_hours"] == 1
    assert counts["estimate_ratio_count filament_weight_g"] == 1
    assert quote["model"]["sha256"] in {
        each.row.mesh_sha256 for each in read_labels(labels).labels.values()
    }
    after = estimate(service, body).json()
    assert after["print_time_hours"]["likely"] == pytest.approx(
        quote["print_time_hours"], abs=0.0001
    )
    widths = [
        each["filament_weight_g"]["high"] - each["filament_weight_g"]["low"]
        for each in (before, after)
    ]
    assert (
        widths[1] / quote["filament_weight_g"] < widths[0] / (before["filament_weight_g"]["likely"])
    )


def test_options_are_estimated_at_once(service: RunningService, origin: Origin) -> None:
    """Each variant has an estimate or a problem, in their order."""
    url = origin.serve("options-estimated.stl", CUBE)
    variants = [variant(), variant(infill=60), variant(units="m"), variant(layer_thickness=100)]
    before = totals(service)
    response = options(service, url, variants, "true")
    assert response.status_code == 200, response.text
    first, denser, large, unfitted = response.json()["options"]
    assert float(first["estimate"]["price"]["likely"]) < float(
        denser["estimate"]["price"]["likely"]
    )
    assert large["problem"]["code"] == "model_exceeds_build_volume"
    assert unfitted["estimate"]["needs_slice"] is True
    grown = {name: value - before.get(name, 0) for name, value in totals(service).items()}
    assert {name: value for name, value in grown.items() if value} == {
        "estimates_total given": 2,
        "estimates_total needs_slice": 1,
        "estimates_total failed": 1,
        "estimate_duration_seconds_count": 1,
    }


def test_options_without_it_are_quotes_and_another_word_is_refused(
    service: RunningService, origin: Origin
) -> None:
    """`?estimate=yes` must not cost a caller a slice that he did not want."""
    url = origin.serve("options-words.stl", CUBE)
    (option,) = options(service, url, [variant()], "false").json()["options"]
    assert set(option) == {"quote"}
    body = problem_of(options(service, url, [variant()], "yes"), 400, "invalid_request")
    assert body["errors"][0]["field"] == "estimate"


def options(
    service: RunningService, url: str, variants: list[dict[str, Any]], estimate: str
) -> httpx.Response:
    """`/options` with a query."""
    body = json.dumps({"file_url": url, "variants": variants})
    headers = {"Content-Type": "application/json"}
    address = f"{service.base_url}{OPTIONS}?estimate={estimate}"
    return httpx.post(address, content=body, headers=headers, **PLAIN)
