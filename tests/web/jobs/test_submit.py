"""Submitting a job: the original gateway's client works unchanged, wrong requests are named."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest

from pricing_fdm.jobs.connection import digest
from pricing_fdm.jobs.needed_uploads import NeededUploads
from tests.harness.origin import Origin
from tests.harness.redis_server import RedisServer, running_redis
from tests.harness.service import ORDER, PLAIN
from tests.harness.shapes import binary_stl, box
from tests.jobs.desk import Desk, at_desk
from tests.jobs.workers import running_worker
from tests.shop.guide import guided_shop
from tests.web.jobs.conftest import running_gateway
from tests.web.jobs.gateway import Gateway

CUBE = binary_stl(box(20, 20, 20))
SHEET = b"solid nothing\nendsolid nothing\n"
FILE_AND_INFILL = (
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="p.stl"\r\n\r\nsolid\r\n'
    b'--b\r\nContent-Disposition: form-data; name="infill"\r\n\r\n%b\r\n--b--\r\n'
)


def fields_of(answer: httpx.Response) -> set[str]:
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] == "invalid_request"
    return {fault["field"] for fault in answer.json().get("errors", [])}


def test_the_two_calls_of_the_original_get_a_price(busy: Gateway) -> None:
    """Its README posts three fields and polls; nothing else may be needed."""
    link = busy.origin.serve("original.stl", CUBE)
    accepted = busy.quote({"download_url": link, "material": "PLA", "infill": 15})
    assert accepted.status_code == 202
    assert set(accepted.json()) == {"job_id", "message"}
    ended = busy.end_of(accepted.json()["job_id"])
    assert ended["status"] == "completed"
    assert set(ended) == {"status", "data"}
    summary, quote = ended["data"]["summary"], ended["data"]["quote"]
    assert summary == {
        "total_cost": quote["total_usd"],
        "print_time": summary["print_time"],
        "material": "PLA",
        "complexity": quote["print"]["complexity"],
        "layer_height": 0.2,
        "infill_percentage": 15,
    }
    hours, minutes = summary["print_time"].removesuffix("m").split("h ")
    assert int(hours) + int(minutes) / 60 == pytest.approx(quote["print_time_hours"], abs=0.02)
    assert str(uuid.UUID(quote["quote_id"])) == quote["quote_id"]
    assert quote["model"]["dimensions_mm"] == [20, 20, 20]


def test_an_upload_is_priced_and_priced_again_without_another(busy: Gateway) -> None:
    """`Another material` on the page sends no file a second time."""
    accepted = busy.upload(
        CUBE, material="PETG", layer_height="0.3", rush="true", quantity="100"
    ).json()
    first = busy.end_of(accepted["job_id"])["data"]["quote"]
    assert first["print"]["material"] == "petg"
    assert first["print"]["layer_thickness"] == 300
    assert "rush" in {line["code"] for line in first["breakdown"]}
    again = busy.quote({"upload_id": accepted["upload_id"], "material": "abs"})
    second = busy.end_of(again.json()["job_id"])["data"]["quote"]
    assert second["print"]["material"] == "abs"
    assert second["model"]["sha256"] == first["model"]["sha256"]


def test_a_job_is_priced_by_what_the_shop_offers(
    origin: Origin, queue_redis: RedisServer, tmp_path: Path
) -> None:
    """Each field of the shop goes through the form and the queue; any speed overtakes."""
    more = "\n[overrides]\nwall_loops = { min = 2, max = 6 }\n"
    shop = guided_shop(tmp_path / "shop", more)
    environment = {"SHOP_DIR": str(shop), "SLICER": "prusa"}
    environment["OBJECT_STORE_URL"] = (tmp_path / "store").as_uri()
    url = queue_redis.new_url()
    with running_gateway(origin, url, tmp_path / "store", **environment) as gateway:
        order = {"material": "pla-cf", "printer": "big", "quality": "draft", "colour": "gold"}
        usual = gateway.upload(CUBE, None, **order, finishes='["sanded"]').json()
        body = {"upload_id": usual["upload_id"], **order, "overrides": {"wall_loops": 6}}
        quick = gateway.quote({**body, "speed": "rush"}).json()
        form = {**order, "finishes": "sanded", "overrides": '{"wall_loops": 6}'}
        fast = gateway.upload(CUBE, None, **form, speed="rush", quantity="600").json()
        with running_worker(url, {**environment, "SLICE_CONCURRENCY": "1"}) as worker:
            quotes = [
                gateway.end_of(each["job_id"])["data"]["quote"] for each in (usual, quick, fast)
            ]
            done = [line["job_id"] for line in worker.events("job_finished")]
        version = gateway.service.get("/internal/pricing/fdm/shop").json()["shop_version"]
    assert done == [each["job_id"] for each in (quick, fast, usual)]
    for quote in quotes:
        assert (quote["currency"], quote["printer"]["id"]) == ("EUR", "big")
        assert quote["print"]["layer_thickness"] == 400
        assert quote["shop_version"] == version
    lines = [{line["code"] for line in quote["price"]["lines"]} for quote in quotes]
    assert [("finish:sanded" in codes, "speed" in codes) for codes in lines] == [
        (True, False),
        (False, False),  # a small order is not ready any sooner
        (True, True),
    ]
    assert all("colour" in codes for codes in lines)
    assert quotes[1]["filament_weight_g"] > quotes[0]["filament_weight_g"]
    assert quotes[2]["filament_weight_g"] == quotes[1]["filament_weight_g"]


def test_a_model_that_cannot_be_priced_fails_with_the_synchronous_problem(busy: Gateway) -> None:
    """One schema for both modes."""
    accepted = busy.upload(SHEET)
    ended = busy.end_of(accepted.json()["job_id"])
    assert ended["status"] == "failed"
    error = ended["data"]["error"]
    assert (error["code"], error["status"]) == ("model_invalid", 422)
    assert error["request_id"] == accepted.headers["x-request-id"]


URL = "https://example.com/part.stl"
WRONG: dict[str, tuple[dict[str, Any], set[str]]] = {
    "two sources": ({"download_url": "x", "file_url": "y"}, {"(body)"}),
    "text for a number": ({"download_url": "x", "infill": "15"}, {"infill"}),
    "text for a truth value": ({"download_url": "x", "rush": "yes"}, {"rush"}),
    "an unknown field": ({"download_url": "x", "colour": "red"}, {"colour"}),
    "an unknown upload": ({"upload_id": "0" * 48}, {"upload_id"}),
    "an upload that climbs": ({"upload_id": "../../etc/passwd"}, {"upload_id"}),
}


@pytest.mark.parametrize(("body", "fields"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_request_is_told_at_once(
    idle: Gateway, body: dict[str, Any], fields: set[str]
) -> None:
    """Not an hour later, in a job."""
    assert fields_of(idle.quote(body)) == fields


@pytest.mark.parametrize("url", ["http://169.254.169.254/x", "https://localhost/x", "file:///x"])
def test_a_hostile_url_is_refused_before_there_is_a_job(idle: Gateway, url: str) -> None:
    """A1: the text is judged here, the address where it is dialled."""
    answer = idle.quote({"download_url": url})
    assert (answer.status_code, answer.json()["code"]) == (400, "source_refused")
    assert fields_of(idle.quote({"download_url": idle.origin.url("x"), "callback_url": url})) == {
        "callback_url"
    }


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"infill": "5"}, "infill"),
        ({"infill": "many"}, "infill"),
        ({"material": "wood"}, "material"),
        ({"rush": "perhaps"}, "rush"),
        ({"layer_thickness": "1e2"}, "layer_thickness"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_field_of_a_form_is_named_and_the_file_not_kept(
    idle: Gateway, fields: dict[str, str], named: str
) -> None:
    """The same rules as for JSON, and nothing left behind."""
    before = idle.stored()
    assert fields_of(idle.upload(CUBE, None, **fields)) == {named}
    assert idle.stored() == before


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        (f"multipart/form-data; boundary={'b' * 300}", b"--" + b"b" * 300 + b"--\r\n", 415),
        ("multipart/form-data; boundary=\xe4", b"--\xe4--\r\n", 415),
        ("multipart/form-data; boundary=b", b"--b\r\n" + b"X" * 9000, 400),
        ("multipart/form-data; boundary=b", FILE_AND_INFILL % (b"[" * 8000), 400),
        ("multipart/form-data; boundary=b", FILE_AND_INFILL % (b"1" * 8000), 400),
        ("multipart/form-data; boundary=b", FILE_AND_INFILL % b"\x00", 400),
    ],
    ids=["a long boundary", "no ASCII", "a long header", "brackets", "digits", "a zero byte"],
)
def test_a_hostile_form_is_refused_and_nothing_is_kept(
    idle: Gateway, content_type: str, body: bytes, status: int
) -> None:
    """Issue 16, 12: a long boundary and nested brackets in a field were a 500."""
    before = idle.stored()
    headers = {b"Content-Type": content_type.encode("latin-1")}
    answer = httpx.post(f"{idle.service.base_url}/upload", content=body, headers=headers, **PLAIN)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert idle.stored() == before


def test_a_form_without_a_file_is_told(idle: Gateway) -> None:
    """The field's name is part of the contract."""
    answer = httpx.post(
        f"{idle.service.base_url}/upload", files={"model": ("part.stl", CUBE)}, **PLAIN
    )
    assert fields_of(answer) == {"file"}


def test_j3_a_repeated_request_is_the_same_job(idle: Gateway) -> None:
    """J3: a caller who heard no answer may ask again."""
    key, body = str(uuid.uuid4()), {"download_url": idle.origin.url("again.stl")}
    first = idle.quote(body, **{"Idempotency-Key": key})
    second = idle.quote(body, **{"Idempotency-Key": key})
    assert first.json()["job_id"] == second.json()["job_id"]
    other = idle.quote({**body, "infill": 30}, **{"Idempotency-Key": key})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_conflict")


def test_j3_a_repeated_upload_is_the_same_job_and_kept_once(idle: Gateway) -> None:
    """J3: the file came twice; one of them is all that is needed."""
    key, before = {"Idempotency-Key": str(uuid.uuid4())}, idle.stored()
    first = idle.upload(CUBE, key)
    second = idle.upload(CUBE, key)
    assert first.json()["job_id"] == second.json()["job_id"]
    assert idle.stored() == before + 1
    other = idle.upload(CUBE + b"\n", key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_conflict")
    assert idle.stored() == before + 1


@pytest.mark.parametrize("key", [b"", b"with space", b"x" * 256, b"\xe9"])
def test_an_idempotency_key_that_is_none_is_refused(idle: Gateway, key: bytes) -> None:
    """Taken for none, it would make a second job in silence."""
    answer = httpx.post(
        f"{idle.service.base_url}/quote",
        json={"download_url": URL},
        headers={b"Idempotency-Key": key},
        **PLAIN,
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


def test_j7_a_full_queue_is_told_before_a_file_is_taken(
    origin: Origin, queue_redis: RedisServer, tmp_path: Path
) -> None:
    """J7: the queue is bounded, and says when to come back."""
    with running_gateway(origin, queue_redis.new_url(), tmp_path, QUEUE_MAX_JOBS="1") as gateway:
        assert gateway.upload(CUBE).status_code == 202
        for answer in (gateway.upload(CUBE), gateway.quote({"download_url": origin.url("x")})):
            assert (answer.status_code, answer.json()["code"]) == (503, "queue_full")
            assert int(answer.headers["retry-after"]) >= 1
        assert gateway.stored() == 1


def test_j4_without_redis_a_job_is_refused_and_readiness_says_why(
    origin: Origin, tmp_path: Path
) -> None:
    """J4: 503 and when to come back, never a job that nobody knows of."""
    with (
        running_redis() as server,
        running_gateway(origin, server.new_url(), tmp_path) as gateway,
    ):
        server.stop()
        answer = gateway.quote({"download_url": origin.url("x")})
        assert (answer.status_code, answer.json()["code"]) == (503, "queue_unavailable")
        assert "retry-after" in answer.headers
        assert gateway.service.get(f"/status/{uuid.uuid4()}").status_code == 503
        assert gateway.service.get("/health").text == "OK"


def test_an_upload_that_is_being_removed_is_not_taken_for_a_job(idle: Gateway) -> None:
    """It is still in the store; the job would find nothing there."""
    key = idle.upload(CUBE).json()["upload_id"]

    async def give_up(desk: Desk) -> None:
        await desk.redis.delete(f"pricing-fdm:upload:{digest(key)}")  # as if its job had ended
        assert await NeededUploads(desk.redis, kept_s=0).release([key]) == [key]

    at_desk(idle.redis_url, give_up)
    answer = idle.quote({"upload_id": key})
    assert answer.status_code == 400
    assert [fault["field"] for fault in answer.json()["errors"]] == ["upload_id"]
    assert "Upload it again." in answer.json()["errors"][0]["message"]


def test_a_gateway_that_slices_nothing_has_no_quote_route_and_needs_no_slicer(
    idle: Gateway,
) -> None:
    """It is ready all the same, and offers what a form needs."""
    assert idle.service.get("/ready").status_code == 200
    assert "slicer" not in idle.service.get("/ready").json()["checks"]
    assert idle.service.post({}).status_code == 404
    an_order = httpx.post(f"{idle.service.base_url}{ORDER}", json={"parts": []}, **PLAIN)
    assert an_order.status_code == 404
    materials = idle.service.get("/internal/pricing/fdm/materials").json()
    assert {"pla", "petg"} <= {material["name"] for material in materials["materials"]}


def test_f4_neither_url_nor_upload_key_reaches_the_log(idle: Gateway) -> None:
    """F4, J6: a presigned URL is a password, and so is the name of an upload."""
    canary = "canary-signature-7f"
    quoted = idle.quote({"download_url": f"{idle.origin.url('x.stl')}?sig={canary}"})
    uploaded = idle.upload(CUBE)
    for answer in (quoted, uploaded):
        idle.service.line_of(answer.headers["x-request-id"])
    key = uploaded.json()["upload_id"]
    log = idle.service.log_path.read_text()
    assert canary not in log
    assert key not in log
