"""Many prices of one part in one answer: each is that of a single quote, or its problem."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.harness.origin import Origin, hanging, status
from tests.harness.puppet import install_fake_prusa
from tests.harness.service import (
    OPTIONS,
    PLAIN,
    REPRODUCIBLE,
    RunningService,
    running_service,
    started_service,
    variant,
)
from tests.harness.shapes import binary_stl, box, tee
from tests.harness.waiting import wait_until
from tests.web.accounts import errors, finished, requests_with, samples, told
from tests.web.test_body import problem_of

PER_CALL = {"quote_id", "timing_ms", "cached"}
URL = "https://models.example.com/part.stl"


@pytest.fixture(scope="module")
def real(origin: Origin) -> Iterator[RunningService]:
    """A real slicer that is asked each time: what is remembered would equal itself."""
    environment = {
        **origin.environment,
        **REPRODUCIBLE,
        "CACHE_TTL_SECS": "0",
        "SLICE_CONCURRENCY": "2",
        "RUSH_MULTIPLIER": "2",
    }
    with running_service(environment) as service:
        yield service


@pytest.fixture(scope="module")
def slicer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a puppet that does as it is told."""
    return tmp_path_factory.mktemp("options")


@pytest.fixture(scope="module")
def shared(origin: Origin, slicer: Path) -> Iterator[RunningService]:
    """A service with that puppet and two slots."""
    environment = {
        **origin.environment,
        "PRUSA_BINARY": str(install_fake_prusa(slicer)),
        "SLICE_CONCURRENCY": "2",
        "QUEUE_PLACES": "0",
        "POISON_SECS": "0",
        "SELF_TEST_RETRY_SECS": "600",
    }
    with running_service(environment) as service:
        yield service


@pytest.fixture
def service(shared: RunningService, slicer: Path) -> Iterator[RunningService]:
    """That service with a slicer that behaves, at rest before and after."""
    install_fake_prusa(slicer)
    yield shared
    wait_until(lambda: gauges(shared) == (0, 0))
    assert shared.leftovers() == []


@pytest.fixture
def cube(origin: Origin, request: pytest.FixtureRequest) -> str:
    """A part of the test's own."""
    name = "".join(c if c.isalnum() else "-" for c in request.node.name)
    return origin.serve(f"{name}.stl", binary_stl(box(20, 20, 20), header=name.encode()[-80:]))


def gauges(service: RunningService) -> tuple[float, float]:
    """How many requests wait, and how many slices run."""
    values = {sample.name: sample.value for sample in samples(service)}
    return values["pricing_fdm_queue_depth"], values["pricing_fdm_slices_in_progress"]


def answered(response: httpx.Response) -> list[dict[str, Any]]:
    """The options of an answer that must be one."""
    assert response.status_code == 200, response.text
    options: list[dict[str, Any]] = response.json()["options"]
    return options


def lasting(quote: dict[str, Any]) -> dict[str, Any]:
    """What must be equal for equal input."""
    return {name: value for name, value in quote.items() if name not in PER_CALL}


def totals(service: RunningService) -> dict[str, float]:
    """Counters and the counts of histograms by name, over all labels but an error's."""
    found: dict[str, float] = {}
    for sample in samples(service):
        label = sample.labels.get("stage") or sample.labels.get("status")
        if sample.name.endswith(("_total", "_count")) and "error_type" not in sample.labels:
            name = f"{sample.name}{{{label}}}" if label else sample.name
            found[name] = found.get(name, 0) + sample.value
    return found


def grown(service: RunningService, before: dict[str, float]) -> dict[str, float]:
    """Which of the totals have grown, and by how much."""
    after = totals(service)
    differences = {name: after[name] - before.get(name, 0) for name in after}
    return {name: difference for name, difference in differences.items() if difference}


VARIANTS = (
    variant(),
    variant(quantity=25),
    variant(infill=60, rush=True),
    variant(material="PETG", layer_thickness=300),
    variant(supports="never", orientation="keep"),
    variant(units="inch"),
    variant(units="m"),
)


def test_each_option_is_what_a_single_quote_would_have_been(
    real: RunningService, origin: Origin
) -> None:
    """The same bodies in the order of the variants, problems included, from one download."""
    url = origin.serve("options-tee.stl", binary_stl(tee(24, 12)))
    headers = {"X-Request-ID": "the-same"}
    asked = len(origin.requests)
    options = answered(real.options(url, *VARIANTS, headers=headers))
    assert len(origin.requests) - asked == 1
    assert [set(option) for option in options] == [{"quote"}] * 5 + [{"problem"}] * 2
    for option, each in zip(options, VARIANTS, strict=True):
        single = real.post({"file_url": url, **each}, headers=headers)
        if "quote" in option:
            assert lasting(option["quote"]) == lasting(single.json())
        else:
            assert option["problem"] == single.json()
    quotes = [option["quote"] for option in options if "quote" in option]
    assert len({quote["quote_id"] for quote in quotes}) == 5
    line = real.line_of("the-same")
    assert (line["variants"], line["questions"], line["slices"], line["failed"]) == (7, 7, 5, 2)


def test_the_times_of_the_whole_and_of_each_quote_are_told(
    service: RunningService, cube: str
) -> None:
    """Each quote's stages add up to its own total, which lies within the whole."""
    response = service.options(cube, *(variant(infill=infill) for infill in (10, 20, 30)))
    whole = response.json()["timing_ms"]
    assert set(whole) == {"download", "total"}
    for option in answered(response):
        timing_ms = option["quote"]["timing_ms"]
        total_ms = timing_ms.pop("total")
        assert sum(timing_ms.values()) == pytest.approx(total_ms, abs=0.05)
        assert timing_ms["download"] == whole["download"]
        assert total_ms <= whole["total"] + 0.01


def test_what_is_remembered_is_said_of_each(service: RunningService, cube: str) -> None:
    """Single quotes and options share one memory."""
    service.post({"file_url": cube, **variant()})
    options = answered(service.options(cube, variant(), variant(infill=30)))
    assert [option["quote"]["cached"] for option in options] == [True, False]


def test_twenty_four_variants_are_taken_and_equal_ones_cost_one_slice(
    service: RunningService, cube: str
) -> None:
    """The usual and the fast delivery of one part."""
    before = totals(service)
    options = answered(service.options(cube, *[variant(), variant(rush=True)] * 12))
    assert [option["quote"]["quantity"] for option in options] == [1] * 24
    assert grown(service, before)["pricing_fdm_slice_duration_seconds_count"] == 1


@pytest.mark.parametrize(
    ("variants", "field", "says"),
    [
        (None, "variants", "array"),
        ([], "variants", "at least 1"),
        ([variant()] * 25, "variants", "at most 24"),
        ([variant(), variant(infill=5)], "variants.1.infill", "10"),
        ([variant(), variant(), {"infill": 20, "layer_thickness": 200}], "variants.2.material", ""),
        ([variant(shade="red")], "variants.0.shade", "no such field"),
        ([variant(file_url=URL)], "variants.0.file_url", "no such field"),
        ([variant(layer_thickness="200")], "variants.0.layer_thickness", "100, 200, 300"),
        (["pla"], "variants.0", ""),
    ],
    ids=[
        *("null", "none", "25", "low infill", "no material", "unknown field", "own url"),
        *("number in quotes", "no object"),
    ],
)
def test_a_wrong_request_is_refused_with_the_variant_and_field_named(
    service: RunningService, variants: object, field: str, says: str
) -> None:
    """As for quotes; the number counts from 0, as in the caller's own list."""
    response = _post(service, {"file_url": URL, "variants": variants})
    body = problem_of(response, 400, "invalid_request")
    assert [error["field"] for error in body["errors"]] == [field]
    assert says in body["errors"][0]["message"]


def test_wrong_fields_of_several_variants_are_named_at_once(service: RunningService) -> None:
    """And of the request itself; a common setting is not guessed from outside the variants."""
    wrong = [variant(infill=5), variant(material="wood")]
    response = _post(service, {"variants": wrong, "quantity": 3})
    body = problem_of(response, 400, "invalid_request")
    fields = {error["field"] for error in body["errors"]}
    assert fields == {"file_url", "variants.0.infill", "variants.1.material", "quantity"}


def test_what_fails_for_all_is_the_answer_s_own_status(
    service: RunningService, origin: Origin
) -> None:
    """Nothing is known of the model then; it counts once, whatever the number of variants."""
    origin.behaviours["/options-503"] = status(503)
    before, counted = totals(service), errors(service)
    answer = service.options(
        origin.url("options-503"), *VARIANTS, headers={"X-Request-ID": "no-model"}
    )
    problem_of(answer, 502, "source_failed")
    assert len(finished(service, "no-model")) == 1
    assert errors(service) == {**counted, "source_failed": counted["source_failed"] + 1}
    assert grown(service, before) == {
        "pricing_fdm_requests_total{502}": 1,
        "pricing_fdm_request_duration_seconds_count": 1,
        "pricing_fdm_stage_duration_seconds_count{download}": 1,
        "pricing_fdm_source_verdicts_total": 1,
    }


def test_no_place_is_told_before_anything_is_downloaded(
    service: RunningService, origin: Origin
) -> None:
    """One request takes one place, however many prices it wants."""
    until = threading.Event()
    origin.behaviours["/options-hangs"] = hanging(until)
    with ThreadPoolExecutor(2) as callers:
        url = origin.url("options-hangs")
        inside = [callers.submit(service.options, url, *VARIANTS) for _ in range(2)]
        wait_until(lambda: gauges(service) == (2, 0))
        refused = service.options(url, variant())
        problem_of(refused, 503, "queue_full")
        assert int(refused.headers["retry-after"]) >= 1
        until.set()
        for each in inside:
            each.result()


def test_each_variant_counts_as_a_quote_and_each_work_once(
    service: RunningService, cube: str
) -> None:
    """Operators count prices and failures; slices and times are those that there were."""
    before, counted = totals(service), errors(service)
    variants = [variant(), variant(rush=True), variant(infill=30), *[variant(units="m")] * 2]
    response = service.options(cube, *variants, headers={"X-Request-ID": "counts"})
    assert [set(option) for option in answered(response)] == [{"quote"}] * 3 + [{"problem"}] * 2
    (line,) = finished(service, "counts")
    assert (line["status"], line.get("error_type")) == (200, None)
    assert (line["variants"], line["questions"], line["slices"]) == (5, 3, 2)
    assert (line["failed"], line["cached"]) == (2, 0)
    assert line["model_bytes"] == 684
    large = "model_exceeds_build_volume"
    assert errors(service) == {**counted, large: counted[large] + 2}
    assert grown(service, before) == {
        "pricing_fdm_requests_total{200}": 3,
        "pricing_fdm_requests_total{422}": 2,
        "pricing_fdm_request_duration_seconds_count": 1,
        "pricing_fdm_slice_duration_seconds_count": 2,
        "pricing_fdm_stage_duration_seconds_count{download}": 1,
        "pricing_fdm_stage_duration_seconds_count{inspect}": 3,
        "pricing_fdm_stage_duration_seconds_count{queue}": 3,
        "pricing_fdm_stage_duration_seconds_count{slice}": 2,
        "pricing_fdm_stage_duration_seconds_count{extract}": 2,
        "pricing_fdm_download_size_bytes_count": 1,
        "pricing_fdm_source_verdicts_total": 1,
        "pricing_fdm_cache_total": 3,
    }


def test_each_variant_has_one_event_that_tells_how_it_ended(
    service: RunningService, cube: str
) -> None:
    """A quote's number is found in the log, with what it was for; a URL is not."""
    response = service.options(
        f"{cube}?X-Amz-Signature=canary7d1",
        *(variant(quantity=4), variant(units="m")),
        headers={"X-Request-ID": "events"},
    )
    good, bad = answered(response)
    finished(service, "events")
    assert [event["variants"] for event in told(service, "quote_requested", "events")] == [2]
    (quoted,) = told(service, "quote_generated", "events")
    (failed,) = told(service, "quote_failed", "events")
    assert (quoted["variant"], failed["variant"]) == (0, 1)
    assert quoted["quote_id"] == good["quote"]["quote_id"]
    assert float(quoted["total_usd"]) == good["quote"]["total_usd"]
    assert (quoted["material"], quoted["quantity"]) == ("pla", 4)
    assert failed["error_type"] == bad["problem"]["code"]
    assert "canary7d1" not in service.log_path.read_text() + response.text


def test_when_no_variant_has_a_price_the_line_says_so(
    service: RunningService, origin: Origin
) -> None:
    """The answer is 200 all the same: each variant has its problem."""
    url = origin.serve("options-page.stl", b"<html></html>")
    headers = {"X-Request-ID": "no-price"}
    options = answered(service.options(url, variant(), variant(infill=30), headers=headers))
    assert {option["problem"]["code"] for option in options} == {"model_format"}
    assert {option["problem"]["request_id"] for option in options} == {"no-price"}
    (line,) = finished(service, "no-price")
    assert (line["slices"], line["failed"]) == (0, 2)
    assert "model_sha256" not in line


def test_a_caller_who_leaves_stops_all_slices_and_is_no_error(
    service: RunningService, slicer: Path, cube: str
) -> None:
    """One 499, and no slicer runs for nobody."""
    install_fake_prusa(slicer, hang=True, stage="slicing")
    counted, left = errors(service), requests_with(service, 499)
    variants = [variant(infill=infill) for infill in (10, 20, 30, 40)]
    body = {"file_url": cube, "variants": variants}
    with service.leaving(body, "leaves", OPTIONS):
        wait_until(service.programs)
    (line,) = finished(service, "leaves")
    assert (line["status"], line.get("error_type")) == (499, None)
    wait_until(lambda: service.programs() == [] and service.leftovers() == [])
    assert requests_with(service, 499) == left + 1
    assert errors(service) == counted
    install_fake_prusa(slicer)
    assert len(answered(service.options(cube, *variants))) == 4


def test_a_slice_that_crashes_is_one_crash_however_many_prices_it_was_for(
    service: RunningService, slicer: Path, cube: str
) -> None:
    """Three crashes in a row raise doubt about the slicer, and it is tested again."""
    install_fake_prusa(slicer, crash_signal="SIGSEGV", stage="slicing")
    service.event("self_test_finished")
    tested = len(service.events("self_test_finished"))
    counted = errors(service)["slicer_crashed"]
    options = answered(service.options(cube, variant(), variant(rush=True), variant()))
    assert {option["problem"]["code"] for option in options} == {"slicer_crashed"}
    assert errors(service)["slicer_crashed"] == counted + 3
    options = answered(service.options(cube, variant(), variant()))
    assert len(options) == 2
    assert len(service.events("self_test_finished")) == tested
    answered(service.options(cube, variant()))
    wait_until(lambda: len(service.events("self_test_finished")) > tested)
    install_fake_prusa(slicer)


def test_a_service_that_must_leave_answers_503_and_leaves_nothing(
    origin: Origin, cube: str, tmp_path: Path
) -> None:
    """At the end of the grace: all of it can be asked for again elsewhere."""
    binary = install_fake_prusa(tmp_path)
    environment = {
        **origin.environment,
        "PRUSA_BINARY": str(binary),
        "SLICE_CONCURRENCY": "2",
        "DRAIN_GRACE_SECS": "1",
    }
    with running_service(environment) as service:
        install_fake_prusa(tmp_path, hang=True, stage="slicing")
        with ThreadPoolExecutor(1) as callers:
            asking = callers.submit(service.options, cube, variant(), variant(infill=30))
            wait_until(lambda: gauges(service) == (0, 2))
            service.process.send_signal(signal.SIGTERM)
            problem_of(asking.result(), 503, "draining")
        assert service.process.wait(20) == 0
        assert service.leftovers() == []


def test_a_service_without_a_slicer_says_that_once(origin: Origin) -> None:
    """For the whole request, as for a quote."""
    with started_service({**origin.environment, "PRUSA_BINARY": "/nonexistent"}) as service:
        wait_until(lambda: _is_listening(service))
        problem_of(service.options(URL, *VARIANTS), 500, "internal_error")
        assert errors(service)["internal_error"] == 1


def _post(service: RunningService, body: dict[str, Any]) -> httpx.Response:
    content = json.dumps(body)
    headers = {"Content-Type": "application/json"}
    return httpx.post(f"{service.base_url}{OPTIONS}", content=content, headers=headers, **PLAIN)


def _is_listening(service: RunningService) -> bool:
    try:
        return service.get("/health").status_code == 200
    except httpx.TransportError:
        return False
