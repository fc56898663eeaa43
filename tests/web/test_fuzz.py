"""Ten thousand wrong requests: none is our fault, none adds a series or breaks a line of the log.

A real service behind real connections that are kept alive; only the slicer is a puppet, since
some of the requests are right. They are the same in each run.
"""

from __future__ import annotations

import contextlib
import http.client
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pricing_fdm.fetch.outcomes import FetchOutcome
from pricing_fdm.model import WARNING_CODES
from pricing_fdm.pricing.review import REASONS
from pricing_fdm.quoting.timing import Stage
from pricing_fdm.web.access_log import CALLER_LEFT_STATUS
from pricing_fdm.web.openapi import describe
from pricing_fdm.web.problems import STATUS
from tests.harness.origin import Origin
from tests.harness.puppet import install_fake_prusa
from tests.harness.qualities import MATERIALS
from tests.harness.service import QUOTE, RunningService, order, running_service
from tests.harness.shapes import binary_stl, box
from tests.harness.waiting import wait_until
from tests.shop.shops import bundled_shop
from tests.web.accounts import samples, series
from tests.web.mutations import Sent, orders, strays

CONNECTIONS = 4
SEED = 2025
PROBLEM = "application/problem+json"
ANSWERS: dict[str, Any] = describe(bundled_shop())["paths"][QUOTE]["post"]["responses"]
GET = frozenset({"GET", "HEAD"})
ROUTES = {
    **{
        path: frozenset(verb.upper() for verb in verbs) | (GET if "get" in verbs else set())
        for path, verbs in describe(bundled_shop())["paths"].items()
        if "{" not in path  # anything that stands there is another job, and not another route
    },
    **dict.fromkeys(("/openapi.json", "/docs"), GET),
}
MOST_SERIES = 450
LABELS: dict[str, set[str]] = {
    "material": {*MATERIALS, "unknown"},
    "status": {*ANSWERS, str(CALLER_LEFT_STATUS)},
    "error_type": {kind.code for kind in STATUS},
    "verdict": {*FetchOutcome},
    "stage": {*Stage},
    "reason": {*REASONS, *WARNING_CODES},
}


@pytest.fixture(scope="module")
def fuzzed(origin: Origin, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service of its own, for its log grows by many megabytes; probes are logged as well."""
    binary = install_fake_prusa(tmp_path_factory.mktemp("fuzz"))
    environment = {
        **origin.environment,
        "PRUSA_BINARY": str(binary),
        "LOG_LEVEL": "debug",
        "POISON_SECS": "0",
    }
    with running_service(environment) as service:
        yield service


@pytest.fixture(scope="module")
def cube(origin: Origin) -> str:
    """What a right order names."""
    return origin.serve("fuzz-cube.stl", binary_stl(box(20, 20, 20)))


@pytest.mark.slow
def test_ten_thousand_wrong_bodies_are_answered_400_or_the_like_b13_h1(
    fuzzed: RunningService, origin: Origin, cube: str
) -> None:
    """B13: a 500 is a fault of ours, whatever was sent. H1: nothing of a caller becomes a label."""
    file_urls = (*["https://models.example.com/part.stl"] * 40, origin.url("no.stl"), cube)
    sent = list(orders(QUOTE, 10_000, seed=SEED, file_urls=file_urls))
    statuses = send_all(fuzzed, sent, judge_order)
    assert set(statuses) == {200, 400, 413, 415}, statuses
    assert statuses[400] > 8_500, statuses  # a compressed body is 415
    assert_series_are_bounded(fuzzed)
    assert_told_once_each(fuzzed, statuses)
    assert fuzzed.post(order(cube)).status_code == 200
    assert fuzzed.leftovers() == []


@pytest.mark.slow
def test_a_thousand_stray_paths_and_methods_are_404_or_405_h1(fuzzed: RunningService) -> None:
    """H1: scanners try thousands of paths; each would be a series if the path were a label."""
    before = series(fuzzed)
    sent = list(strays(ROUTES, 1_000, seed=SEED))
    statuses = send_all(fuzzed, sent, judge_stray)
    assert set(statuses) == {404, 405}
    assert series(fuzzed) == before
    assert_told_once_each(fuzzed, statuses)


def send_all(service: RunningService, sent: list[Sent], judge: Any) -> Counter[int]:
    """Sends everything over a few connections; returns how often each status came."""
    host = service.base_url.removeprefix("http://")

    def send_share(share: Iterable[Sent]) -> Counter[int]:
        statuses: Counter[int] = Counter()
        with contextlib.closing(http.client.HTTPConnection(host, timeout=120)) as connection:
            for request in share:
                status, headers, body = exchange(connection, request)
                try:
                    judge(request, status, headers, body)
                except Exception as error:
                    raise AssertionError(f"{status} {body[:500]!r} to {request}") from error
                statuses[status] += 1
        return statuses

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        shares = [sent[number::CONNECTIONS] for number in range(CONNECTIONS)]
        return sum(pool.map(send_share, shares), Counter())


def exchange(
    connection: http.client.HTTPConnection, request: Sent
) -> tuple[int, http.client.HTTPMessage, bytes]:
    """Sends one request and reads its answer; the connection stays open."""
    connection.putrequest(request.method, request.target, skip_accept_encoding=True)
    for name, value in request.headers:
        connection.putheader(name, value)
    body = b"".join(request.chunks)
    if len(request.chunks) > 1:
        connection.putheader("Transfer-Encoding", "chunked")
        connection.endheaders(iter(request.chunks), encode_chunked=True)
    else:
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
    response = connection.getresponse()
    return response.status, response.headers, response.read()


def judge_order(_request: Sent, status: int, headers: http.client.HTTPMessage, body: bytes) -> None:
    """A quote, or a problem document with a code that is documented for its status."""
    assert status in {200, 400, 413, 415, 422}
    answer = json.loads(body)
    if status == 200:
        assert answer["total_usd"] > 0
        return
    documented = ANSWERS[str(status)]["content"][PROBLEM]["examples"]
    assert answer["code"] in documented
    judge_problem(answer, status, headers)
    assert len(body) < 20_000, "a small request must not make a large answer"


def judge_stray(request: Sent, status: int, headers: http.client.HTTPMessage, body: bytes) -> None:
    """Not found, or not allowed with what is."""
    assert status in {404, 405}
    assert ("Allow" in headers) == (status == 405)
    if request.method == "HEAD":
        assert body == b""
        return
    answer = json.loads(body)
    assert answer["code"] == {404: "not_found", 405: "method_not_allowed"}[status]
    judge_problem(answer, status, headers)


def judge_problem(answer: dict[str, Any], status: int, headers: http.client.HTTPMessage) -> None:
    assert headers["Content-Type"] == PROBLEM
    assert answer["status"] == status
    assert answer["request_id"] == headers["X-Request-ID"]
    assert answer["detail"]


def assert_series_are_bounded(service: RunningService) -> None:
    """Labels hold what is listed and no more, and all that they could hold is not much."""
    values: dict[tuple[str, ...], set[str]] = {}
    for sample in samples(service):
        key = (sample.name, *sample.labels)
        for label, value in sample.labels.items():
            assert value in LABELS.get(label, {value}), sample
        values.setdefault(key, set()).add(sample.labels.get("le", ""))
    most = 0
    for (_, *labels), bounds in values.items():
        combinations = len(bounds)
        for label in labels:
            combinations *= len(LABELS.get(label, "1"))
        most += combinations
    assert len(series(service)) <= most < MOST_SERIES


def assert_told_once_each(service: RunningService, statuses: Counter[int]) -> None:
    """One canonical line for each request; every line of the log is JSON, or reading it fails."""

    def told() -> Counter[int]:
        lines = service.events("request_finished")
        kinds = [
            line["status"] for line in lines if line["method"] != "GET" or line["status"] != 200
        ]
        return Counter(status for status in kinds if status in statuses)

    wait_until(lambda: told().total() >= statuses.total())
    assert told() == statuses
