"""Every failure is counted once under its code and told in one canonical line (H2).

An operator's alerts are built on these counters: an error that counts twice, or not, or under
another's name, is a false alarm or a missed one. Callers who leave are no errors.
"""

from __future__ import annotations

import contextlib
import itertools
import shutil
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from pricing_fdm.web.problems import STATUS
from tests.harness.origin import Origin, hanging, status
from tests.harness.puppet import install_fake_prusa
from tests.harness.service import (
    MATERIALS,
    PLAIN,
    QUOTE,
    RunningService,
    free_port,
    order,
    running_service,
    started_service,
)
from tests.harness.shapes import binary_stl, box
from tests.harness.waiting import wait_until
from tests.shop.shops import BUNDLED
from tests.web.accounts import errors, finished, requests_with, samples, told

_NUMBERS = itertools.count()
TOKEN = "a-token-of-thirty-two-characters"
STATUS_OF = {kind.code: int(status) for kind, status in STATUS.items()}


@dataclass(frozen=True, slots=True)
class Scene:
    """A service whose slicer and whose origin do as they are told."""

    service: RunningService
    origin: Origin
    slicer: Path

    def cube(self) -> str:
        """The URL of a good part that nobody has asked about yet."""
        header = f"cube {next(_NUMBERS)}".encode()
        return self.origin.serve("counted-cube.stl", binary_stl(box(20, 20, 20), header))

    def model(self, request_id: str, content: bytes) -> httpx.Response:
        """Orders a part of this content."""
        return self.order(request_id, self.origin.serve(f"counted-{request_id}", content))

    def sliced(self, request_id: str, **behaviour: object) -> httpx.Response:
        """Orders a good part while the slicer misbehaves."""
        install_fake_prusa(self.slicer, **behaviour)
        return self.order(request_id, self.cube())

    def order(self, request_id: str, url: str) -> httpx.Response:
        """Orders what a URL names."""
        return self.post(request_id, json=order(url))

    def post(self, request_id: str, **request: Any) -> httpx.Response:
        """Posts something to the quote route."""
        return post(self.service, request_id, **request)


def post(service: RunningService, request_id: str, **request: Any) -> httpx.Response:
    """Posts something to the quote route under an id, with which its line is found."""
    headers = {**request.pop("headers", {}), "X-Request-ID": request_id}
    url = f"{service.base_url}{QUOTE}"
    return httpx.post(url, headers=headers, **PLAIN, **request)


@pytest.fixture(scope="module")
def shared(origin: Origin, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One service for the whole table: one slot, one place beside it, short patience."""
    slicer = tmp_path_factory.mktemp("counted")
    environment = {
        **origin.environment,
        "PRUSA_BINARY": str(install_fake_prusa(slicer)),
        "MAX_FILE_SIZE_MB": "1",
        "REQUEST_TIMEOUT_SECS": "5",
        "SLICE_TIMEOUT_SECS": "10",
        "SLICE_CONCURRENCY": "1",
        "QUEUE_PLACES": "1",
        "QUEUE_WAIT_SECS": "2",
        "POISON_SECS": "0",
    }
    with running_service(environment) as service:
        yield Scene(service, origin, slicer)


@pytest.fixture
def scene(shared: Scene) -> Iterator[Scene]:
    """The service with a slicer that behaves, and nobody inside before and after."""
    install_fake_prusa(shared.slicer)
    yield shared
    wait_until(lambda: occupied(shared.service) == (0, 0))
    assert shared.service.leftovers() == []


def occupied(service: RunningService) -> tuple[float, float]:
    """How many quotes wait or download, and how many are sliced."""
    gauges = {sample.name: sample.value for sample in samples(service)}
    return gauges["pricing_fdm_queue_depth"], gauges["pricing_fdm_slices_in_progress"]


def hang(scene: Scene, until: threading.Event) -> str:
    """The URL of a model that never comes whole."""
    scene.origin.behaviours["/counted-hangs"] = hanging(until)
    return scene.origin.url("counted-hangs")


def waiting(
    service: RunningService, request_id: str, url: str
) -> contextlib.AbstractContextManager[None]:
    """A caller who waits for a quote, and hangs up at the end of the context."""
    return service.leaving(order(url), request_id)


def queue_full(scene: Scene, request_id: str) -> httpx.Response:
    until = threading.Event()
    url = hang(scene, until)
    with waiting(scene.service, "full-1", url), waiting(scene.service, "full-2", url):
        wait_until(lambda: occupied(scene.service) == (2, 0))
        answer = scene.order(request_id, scene.cube())
    until.set()
    return answer


def queue_timeout(scene: Scene, request_id: str) -> httpx.Response:
    install_fake_prusa(scene.slicer, hang=True, stage="slicing")
    with waiting(scene.service, "slow", scene.cube()):
        wait_until(lambda: occupied(scene.service) == (0, 1))
        return scene.order(request_id, scene.cube())


def source_timeout(scene: Scene, request_id: str) -> httpx.Response:
    until = threading.Event()
    answer = scene.order(request_id, hang(scene, until))
    until.set()
    return answer


def source_failed(scene: Scene, request_id: str) -> httpx.Response:
    scene.origin.behaviours["/counted-503"] = status(503)
    return scene.order(request_id, scene.origin.url("counted-503"))


def workspace_full(scene: Scene, request_id: str) -> httpx.Response:
    away = scene.service.temp_dir.with_name("away")
    shutil.move(scene.service.temp_dir, away)
    answer = scene.order(request_id, scene.cube())
    shutil.move(away, scene.service.temp_dir)
    return answer


WAYS: dict[str, Callable[[Scene, str], httpx.Response]] = {
    "invalid_request": lambda scene, name: scene.post(name, json={}),
    "source_refused": lambda scene, name: scene.order(name, "https://models.example.com/a.stl"),
    "download_failed": lambda scene, name: scene.order(name, scene.origin.url("counted-missing")),
    "body_too_large": lambda scene, name: scene.post(name, json="a" * 70_000),
    "model_too_large": lambda scene, name: scene.model(name, bytes(2**20 + 1)),
    "unsupported_media_type": lambda scene, name: scene.post(name, data={"infill": "20"}),
    "model_format": lambda scene, name: scene.model(name, b"<html></html>"),
    "model_invalid": lambda scene, name: scene.model(name, binary_stl([])),
    "model_exceeds_build_volume": lambda scene, name: scene.model(
        name, binary_stl(box(300, 300, 300))
    ),
    "model_unsliceable": lambda scene, name: scene.sliced(
        name, exit_code=1, stderr="No layers were detected.", stage="slicing"
    ),
    "slicer_crashed": lambda scene, name: scene.sliced(name, crash_signal="SIGSEGV"),
    "result_incomplete": lambda scene, name: scene.sliced(
        name, gcode_says={"filament used [g]": None}
    ),
    "slicing_timeout": lambda scene, name: scene.sliced(name, hang=True, stage="slicing"),
    "source_failed": source_failed,
    "source_timeout": source_timeout,
    "queue_full": queue_full,
    "queue_timeout": queue_timeout,
    "workspace_full": workspace_full,
}
ELSEWHERE = {
    "connections_full",
    "unauthorized",
    "rate_limited",
    "internal_error",
    "draining",
    "shop_faulty",
    "shop_version_not_found",
    "shop_store_missing",
    "profile_not_found",
}
OF_THE_QUEUE = {
    "job_not_found",
    "idempotency_conflict",
    "queue_unavailable",
    "store_full",
    "store_unavailable",
    "streams_full",
    "uploads_full",
}
"""`tests/web/jobs/test_errors_counted.py` provokes these."""


NEVER_AN_ANSWER = {"job_cancelled"}
"""It stands in the status of a job whose caller wanted no answer."""


def test_the_tests_of_this_file_provoke_every_code() -> None:
    """A new code needs its way here."""
    assert {*WAYS, *ELSEWHERE, *OF_THE_QUEUE, *NEVER_AN_ANSWER} == set(STATUS_OF)


@pytest.mark.parametrize("code", WAYS)
def test_an_error_is_counted_once_and_told_once_h2(scene: Scene, code: str) -> None:
    """H2: by counter, canonical line and event; no other code moves."""
    before = errors(scene.service)
    answer = WAYS[code](scene, code)
    assert_accounted(scene.service, answer, code)
    assert errors(scene.service) == {**before, code: before[code] + 1}
    assert len(told(scene.service, "quote_failed", code)) == 1


def assert_accounted(service: RunningService, answer: httpx.Response, code: str) -> None:
    """The answer, its header and its only canonical line say the same."""
    assert (answer.status_code, answer.json()["code"]) == (STATUS_OF[code], code)
    lines = finished(service, answer.headers["x-request-id"])
    assert [(line["status"], line["error_type"]) for line in lines] == [(STATUS_OF[code], code)]


def test_wrong_tokens_are_counted_once_each_h2(origin: Origin) -> None:
    """H2: they are refused before any route is asked, and count all the same."""
    port = free_port()
    environment = {**origin.environment, "API_TOKEN": TOKEN, "METRICS_PORT": str(port)}
    with running_service(environment) as service:
        scraped = replace(service, base_url=f"http://127.0.0.1:{port}")
        before = errors(scraped)
        assert_accounted(service, post(service, "no-token", json={}), "unauthorized")
        assert errors(scraped) == {**before, "unauthorized": 1}
        wrong = {"headers": {"Authorization": "Bearer guess"}, "json": {}}
        for number in range(20):
            post(service, f"guess-{number}", **wrong)
        assert_accounted(service, post(service, "guess", **wrong), "rate_limited")
        assert errors(scraped) == {**before, "unauthorized": 21, "rate_limited": 1}


def test_a_service_without_a_slicer_counts_its_own_fault_once_h2(origin: Origin) -> None:
    """H2: on each route that needs one."""
    with started_service({**origin.environment, "PRUSA_BINARY": "/nonexistent"}) as service:
        wait_until(lambda: is_listening(service))
        before = errors(service)
        answer = post(service, "no-slicer", json=order("https://models.example.com/a.stl"))
        assert_accounted(service, answer, "internal_error")
        assert errors(service) == {**before, "internal_error": 1}


def test_a_shop_that_is_refused_is_counted_once_h2(origin: Origin, tmp_path: Path) -> None:
    """H2: its owner is told, and the one in force stays."""
    shop = tmp_path / "shop"
    shutil.copytree(BUNDLED, shop)
    environment = {**origin.environment, "SHOP_DIR": str(shop), "ADMIN_TOKEN": TOKEN}
    environment["PRUSA_BINARY"] = str(install_fake_prusa(tmp_path / "bin"))
    with running_service({**environment, "SHOP_WATCH_SECS": "0"}) as service:
        (shop / "machine.json").unlink()
        before = errors(service)
        url = f"{service.base_url}/internal/pricing/fdm/shop/reload"
        answer = httpx.post(url, headers={"Authorization": f"Bearer {TOKEN}"}, **PLAIN)
        assert_accounted(service, answer, "shop_faulty")
        assert errors(service) == {**before, "shop_faulty": 1}


def test_versions_of_the_shop_that_cannot_be_had_are_counted_once_h2(
    origin: Origin, tmp_path: Path
) -> None:
    """H2: one that is not there, and one for which there is no place."""
    shop = tmp_path / "shop"
    shutil.copytree(BUNDLED, shop)
    environment = {**origin.environment, "SHOP_DIR": str(shop), "ADMIN_TOKEN": TOKEN}
    environment["PRUSA_BINARY"] = str(install_fake_prusa(tmp_path / "bin"))
    with running_service(environment) as service:
        before = errors(service)
        url = f"{service.base_url}/internal/pricing/fdm/shop"
        authorized: dict[str, Any] = {"headers": {"Authorization": f"Bearer {TOKEN}"}, **PLAIN}
        wanted = {"version": "0123456789abcdef"}
        answer = httpx.post(f"{url}/activate", json=wanted, **authorized)
        assert_accounted(service, answer, "shop_version_not_found")
        answer = httpx.get(f"{url.removesuffix('shop')}profiles/none", **authorized)
        assert_accounted(service, answer, "profile_not_found")
        shutil.rmtree(shop / ".versions")
        (shop / ".versions").touch()
        text = (shop / "shop.toml").read_bytes() + b"\n# another version\n"
        answer = httpx.post(url, content=text, **authorized)
        assert_accounted(service, answer, "shop_store_missing")
        after = {"shop_version_not_found": 1, "shop_store_missing": 1, "profile_not_found": 1}
        assert errors(service) == {**before, **after}


def test_a_leaving_service_counts_what_it_refuses_once_h2(origin: Origin, tmp_path: Path) -> None:
    """H2: the last scrape before the end tells how many were turned away."""
    environment = {
        **origin.environment,
        "PRUSA_BINARY": str(install_fake_prusa(tmp_path / "bin")),
        "DRAIN_PAUSE_SECS": "60",
    }
    with running_service(environment) as service:
        before = errors(service)
        service.process.send_signal(signal.SIGTERM)
        wait_until(lambda: service.get("/ready").status_code == 503)
        answer = post(service, "late", json=order("https://models.example.com/a.stl"))
        assert_accounted(service, answer, "draining")
        assert errors(service) == {**before, "draining": 1}
        service.process.send_signal(signal.SIGTERM)


def test_a_service_with_all_connections_busy_counts_what_it_refuses_once_h2(
    origin: Origin,
) -> None:
    """H2: what no route gets to see has no canonical line, and counts all the same."""
    unfinished = f"POST {QUOTE} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    with running_service({**origin.environment, "MAX_CONNECTIONS": "8"}) as service:
        before = errors(service)
        host, _, port = service.base_url.removeprefix("http://").partition(":")
        with contextlib.ExitStack() as stack:
            for _ in range(8):
                busy = socket.create_connection((host, int(port)), timeout=60)
                stack.enter_context(busy)
                # An answer to the first half of the request: it has been begun.
                expecting = "Expect: 100-continue\r\nContent-Length: 9\r\n\r\n"
                busy.sendall((unfinished + expecting).encode())
                assert busy.recv(65_536).startswith(b"HTTP/1.1 100 ")
            answer = service.get(MATERIALS)
        assert (answer.status_code, answer.json()["code"]) == (503, "connections_full")
        assert answer.headers["retry-after"] == "5"
        assert errors(service) == {**before, "connections_full": 1}


def is_listening(service: RunningService) -> bool:
    try:
        return service.get("/health").status_code == 200
    except httpx.TransportError:
        return False


def leaves_while_sending(scene: Scene) -> None:
    with scene.service.leaving(order(scene.cube()), "leaves", unsent_bytes=500):
        pass


def leaves_while_sending_nonsense(scene: Scene) -> None:
    host, _, port = scene.service.base_url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(
            f"POST {QUOTE} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            "X-Request-ID: leaves\r\nTransfer-Encoding: chunked\r\n\r\nno length\r\n".encode()
        )
        assert connection.recv(65_536).startswith(b"HTTP/1.1 400 ")


def leaves_while_downloading(scene: Scene) -> None:
    until = threading.Event()
    with waiting(scene.service, "leaves", hang(scene, until)):
        wait_until(lambda: occupied(scene.service) == (1, 0))
    until.set()


def leaves_while_queued(scene: Scene) -> None:
    install_fake_prusa(scene.slicer, hang=True, stage="slicing")
    with waiting(scene.service, "first", scene.cube()):
        wait_until(lambda: occupied(scene.service) == (0, 1))
        with waiting(scene.service, "leaves", scene.cube()):
            wait_until(lambda: occupied(scene.service) == (1, 1))


def leaves_while_slicing(scene: Scene) -> None:
    install_fake_prusa(scene.slicer, hang=True, stage="slicing")
    with waiting(scene.service, "leaves", scene.cube()):
        wait_until(lambda: occupied(scene.service) == (0, 1))


@pytest.mark.parametrize(
    "leave",
    [
        leaves_while_sending,
        leaves_while_sending_nonsense,
        leaves_while_downloading,
        leaves_while_queued,
        leaves_while_slicing,
    ],
)
def test_a_caller_who_leaves_is_499_and_no_error_h2(
    scene: Scene, leave: Callable[[Scene], None]
) -> None:
    """H2: his impatience must wake nobody at night."""
    before, left = errors(scene.service), requests_with(scene.service, 499)
    earlier = len(told(scene.service, "request_finished", "leaves"))
    leave(scene)
    wait_until(lambda: len(told(scene.service, "request_finished", "leaves")) > earlier)
    line = told(scene.service, "request_finished", "leaves")[earlier:]
    assert [(each["status"], each.get("error_type")) for each in line] == [(499, None)]
    assert errors(scene.service) == before
    assert requests_with(scene.service, 499) - left == 1 + (leave is leaves_while_queued)
