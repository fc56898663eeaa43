"""One price of several parts: set up once, plates shared, shares that add up."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.harness.origin import Origin, hanging, status
from tests.harness.puppet import install_fake_prusa
from tests.harness.service import (
    ORDER,
    PLAIN,
    REPRODUCIBLE,
    RunningService,
    order,
    running_service,
    variant,
)
from tests.harness.shapes import binary_stl, box, tee
from tests.harness.waiting import wait_until
from tests.web.accounts import errors, finished, samples, told
from tests.web.test_body import problem_of

URL = "https://models.example.com/part.stl"


@pytest.fixture(scope="module")
def real(origin: Origin) -> Iterator[RunningService]:
    """A real slicer whose figures repeat."""
    environment = {
        **origin.environment,
        **REPRODUCIBLE,
        "SLICE_CONCURRENCY": "2",
        "MAX_FILE_SIZE_MB": "1",
        "RUSH_MULTIPLIER": "2",
    }
    with running_service(environment) as service:
        yield service


@pytest.fixture(scope="module")
def slicer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a puppet that does as it is told."""
    return tmp_path_factory.mktemp("order")


@pytest.fixture(scope="module")
def puppet(origin: Origin, slicer: Path) -> Iterator[RunningService]:
    """A service with that puppet and one place."""
    environment = {
        **origin.environment,
        "PRUSA_BINARY": str(install_fake_prusa(slicer)),
        "SLICE_CONCURRENCY": "1",
        "QUEUE_PLACES": "0",
        "POISON_SECS": "0",
        "SELF_TEST_RETRY_SECS": "600",
    }
    with running_service(environment) as service:
        yield service


@pytest.fixture(scope="module")
def parts(origin: Origin) -> tuple[str, str, str]:
    """Three small ones."""
    models = {"cube": box(20, 20, 20), "slab": box(40, 20, 4), "tee": tee(24, 12)}
    cube, slab, t = (
        origin.serve(f"o-{name}.stl", binary_stl(each)) for name, each in models.items()
    )
    return cube, slab, t


def part(url: str, **changes: Any) -> dict[str, Any]:
    """A part of an order."""
    return {"file_url": url, **variant(**changes)}


def ordered(service: RunningService, *wanted: dict[str, Any], **whole: Any) -> dict[str, Any]:
    """The answer to an order, which must be one."""
    response = send(service, {"parts": list(wanted), **whole})
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def send(service: RunningService, body: Any, **headers: str) -> httpx.Response:
    sent = {"Content-Type": "application/json", **headers}
    url = f"{service.base_url}{ORDER}"
    return httpx.post(url, content=json.dumps(body), headers=sent, **PLAIN)


def quoted(service: RunningService, url: str, **changes: Any) -> dict[str, Any]:
    """The quote of one part."""
    response = service.post(order(url, **changes))
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def total_of(body: dict[str, Any]) -> Decimal:
    return Decimal(body["price"]["total"])


@pytest.mark.parametrize("changes", [{}, {"quantity": 7}, {"supports": "always"}], ids=str)
def test_an_order_of_one_part_is_a_quote(
    real: RunningService, parts: tuple[str, str, str], changes: dict[str, Any]
) -> None:
    """To the cent, line by line, with the same lead time and plates."""
    for whole in ({}, {"rush": True}):
        body = ordered(real, part(parts[2], **changes), **whole)
        single = quoted(real, parts[2], **changes, **whole)
        names = ("price", "lead_time_days", "valid_until", "review", "currency", "shop_version")
        assert {name: body[name] for name in names} == {name: single[name] for name in names}
        (facts,) = (each["part"] for each in body["parts"])
        assert facts.pop("share") == single["price"]["total"]
        assert facts.pop("warnings") + body["warnings"] == single["warnings"]
        facts["cached"] = single["cached"]
        assert facts == {name: single[name] for name in facts}
        plates = [
            {name: value for name, value in plate.items() if name not in {"printer", "parts"}}
            for plate in body["plates"]
        ]
        assert plates == single["plates"]


def test_parts_that_are_printed_alike_share_a_plate(
    real: RunningService, parts: tuple[str, str, str]
) -> None:
    """One price and one set-up; it costs less than the quotes, and the shares add up."""
    wanted = [part(parts[0]), part(parts[1], quantity=2), part(parts[0], infill=60)]
    body = ordered(real, *wanted)
    assert [(plate["parts"], plate["times"]) for plate in body["plates"]] == [
        ([{"part": 0, "copies": 1}, {"part": 1, "copies": 2}], 1),
        ([{"part": 2, "copies": 1}], 1),
    ]
    assert body["plates"][0]["copies"] == 3
    shares = [Decimal(each["part"]["share"]) for each in body["parts"]]
    assert (
        sum(shares)
        == total_of(body)
        == sum(Decimal(line["amount"]) for line in body["price"]["lines"])
    )
    assert [line["amount"] for line in body["price"]["lines"] if line["code"] == "base_fee"] == [
        "5.00"
    ]
    singles = [
        quoted(real, parts[0]),
        quoted(real, parts[1], quantity=2),
        quoted(real, parts[0], infill=60),
    ]
    assert total_of(body) < sum(map(total_of, singles))
    grams = sum(plate["filament_weight_g"] for plate in body["plates"])
    alone = [each["part"]["filament_weight_g"] * each["part"]["quantity"] for each in body["parts"]]
    assert grams == pytest.approx(sum(alone), rel=0.005)
    assert total_of(ordered(real, *wanted[:2])) <= total_of(body)


def test_a_part_with_support_gives_none_to_the_others(
    real: RunningService, parts: tuple[str, str, str]
) -> None:
    """They would be charged with material that they do not need."""
    tee_with_support = part(parts[2], supports="always", orientation="keep")
    body = ordered(real, tee_with_support, part(parts[0]), tee_with_support)
    with_support = body["parts"][0]["part"]["print"]["support_weight_g"]
    assert with_support > 0
    on_plates = [plate["parts"] for plate in body["plates"]]
    assert on_plates[-1] == [{"part": 1, "copies": 1}]
    assert {each["part"] for plate in on_plates[:-1] for each in plate} == {0, 2}


def test_what_fails_one_part_is_told_with_it(
    real: RunningService, origin: Origin, parts: tuple[str, str, str]
) -> None:
    """There is no price then, which might be taken for that of the whole; the rest is empty."""
    origin.behaviours["/order-gone"] = status(404)
    before = errors(real)
    wanted = [part(parts[0]), part(origin.url("order-gone")), part(parts[0], units="m")]
    response = send(real, {"parts": wanted}, **{"X-Request-ID": "two-fail"})
    body = response.json()
    assert response.status_code == 200
    assert set(body) == {"quote_id", "currency", "shop_version", "parts", "warnings", "timing_ms"}
    good, gone, large = body["parts"]
    assert good == {}
    assert gone["problem"]["code"] == "download_failed"
    assert large["problem"]["code"] == "model_exceeds_build_volume"
    assert large["problem"]["request_id"] == "two-fail"
    single = real.post(order(parts[0], units="m"), headers={"X-Request-ID": "two-fail"})
    assert large["problem"] == single.json()
    after = errors(real)
    assert after["download_failed"] == before["download_failed"] + 1
    failed = told(real, "quote_failed", "two-fail")
    assert [event.get("part") for event in failed] == [1, 2, None]


def test_models_are_together_no_larger_than_one_may_be(
    real: RunningService, origin: Origin
) -> None:
    """50 parts must not fill the disk."""
    body = binary_stl(box(20, 20, 20))
    large = origin.serve("o-large.stl", body[:80] + body[80:] + bytes(600_000))
    (_, second) = ordered(real, part(large), part(large, infill=30))["parts"]
    assert second["problem"]["code"] == "model_too_large"


def test_a_repeated_order_has_the_same_answer(
    real: RunningService, parts: tuple[str, str, str]
) -> None:
    """As a quote has; under the key of another order it is a conflict."""
    body, key = {"parts": [part(parts[0]), part(parts[1])]}, {"Idempotency-Key": "order-1"}
    first = send(real, body, **key)
    assert send(real, body, **key).content == first.content
    other = {"parts": [part(parts[0]), part(parts[1], quantity=2)]}
    problem_of(send(real, other, **key), 422, "idempotency_conflict")


def test_a_part_may_be_an_upload(real: RunningService, parts: tuple[str, str, str]) -> None:
    """What a page has sent once need not be sent again."""
    model = {"file": ("part.stl", binary_stl(box(20, 20, 20)))}
    job = httpx.post(f"{real.base_url}/v1/upload", files=model, **PLAIN).json()
    uploaded = {"upload_id": job["upload_id"], **variant()}
    body = ordered(real, uploaded, part(parts[1]))
    assert total_of(body) == total_of(ordered(real, part(parts[0]), part(parts[1])))
    expired = ordered(real, {"upload_id": "0" * 32, **variant()})
    assert expired["parts"][0]["problem"]["code"] == "download_failed"


@pytest.mark.parametrize(
    ("body", "field", "says"),
    [
        ({}, "parts", "required"),
        ({"parts": []}, "parts", "at least 1"),
        ({"parts": [part(URL)] * 51}, "parts", "at most 50"),
        ({"parts": [part(URL), part(URL, infill=5)]}, "parts.1.infill", "10"),
        ({"parts": [part(URL, rush=True)]}, "parts.0.rush", "no such field"),
        ({"parts": [variant()]}, "parts.0", "exactly one of file_url, upload_id"),
        ({"parts": [part(URL, upload_id="a")]}, "parts.0", "exactly one"),
        ({"parts": [{"upload_id": "../x", **variant()}]}, "parts.0.upload_id", "match"),
        ({"parts": [part(URL)], "speed": "warp"}, "speed", "'rush'"),
        ({"parts": [part(URL)], "material": "pla"}, "material", "no such field"),
    ],
    ids=[
        *("nothing", "none", "51", "low infill", "rush of a part", "no source", "two sources"),
        *("odd upload", "no such speed", "material of all"),
    ],
)
def test_a_wrong_order_is_refused_with_the_field_named(
    puppet: RunningService, body: dict[str, Any], field: str, says: str
) -> None:
    """The number counts from 0, as in the caller's own list."""
    problem = problem_of(send(puppet, body), 400, "invalid_request")
    assert [error["field"] for error in problem["errors"]] == [field]
    assert says in problem["errors"][0]["message"]


def test_fifty_parts_with_long_urls_are_taken(puppet: RunningService, origin: Origin) -> None:
    """More than the 64 KiB of other bodies; each presigned URL has its signature."""
    url = origin.serve("o-fifty.stl", binary_stl(box(20, 20, 20)))
    wanted = [part(f"{url}?X-Amz-Signature={'a' * 1500}", quantity=2)] * 50
    body = ordered(puppet, *wanted)
    assert len(body["parts"]) == 50
    assert sum(plate["copies"] * plate["times"] for plate in body["plates"]) == 100


def test_an_order_takes_one_place(puppet: RunningService, origin: Origin) -> None:
    """However many parts it has; another is refused before anything is downloaded."""
    until = threading.Event()
    origin.behaviours["/order-hangs"] = hanging(until)
    wanted = {"parts": [part(origin.url("order-hangs"))] * 3}
    with ThreadPoolExecutor(1) as callers:
        inside = callers.submit(send, puppet, wanted)
        wait_until(lambda: value_of(puppet, "pricing_fdm_queue_depth") == 1)
        problem_of(send(puppet, wanted), 503, "queue_full")
        until.set()
        assert inside.result().status_code == 200


def test_a_caller_who_leaves_leaves_nothing_behind(
    puppet: RunningService, slicer: Path, origin: Origin
) -> None:
    """No slicer runs for nobody, no folder stays, and the place is free."""
    url = origin.serve("o-leaves.stl", binary_stl(box(20, 20, 20), header=b"leaves"))
    install_fake_prusa(slicer, hang=True, stage="slicing")
    wanted = {"parts": [part(url, infill=infill) for infill in (10, 20, 30)]}
    with puppet.leaving(wanted, "order-leaves", ORDER):
        wait_until(puppet.programs)
    (line,) = finished(puppet, "order-leaves")
    assert line["status"] == 499
    wait_until(lambda: puppet.programs() == [] and puppet.leftovers() == [])
    install_fake_prusa(slicer)
    assert "price" in ordered(puppet, *wanted["parts"])


def value_of(service: RunningService, name: str) -> float:
    return next(sample.value for sample in samples(service) if sample.name == name)
