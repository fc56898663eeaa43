"""What was found out once is not sliced again, and never makes a wrong or an old price."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from tests.harness.origin import Origin
from tests.harness.puppet import install_fake_prusa, read_records
from tests.harness.redis_server import running_redis
from tests.harness.service import REPRODUCIBLE, RunningService, order, running_service
from tests.harness.shapes import binary_stl, box, tee
from tests.harness.waiting import wait_until

PER_CALL = {"quote_id", "timing_ms", "cached"}


@dataclass
class Counted:
    """A service whose slicer is the puppet, which writes down each of its runs.

    Counts are those since `begin`.
    """

    service: RunningService
    folder: Path

    def behave(self, **behaviour: Any) -> None:
        """What the slicer does from now on."""
        install_fake_prusa(self.folder / "bin", record_to=self.folder / "runs.jsonl", **behaviour)

    def hold(self) -> Path:
        """Lets slices wait from now on, until this file is there."""
        go_on = self.folder / f"go-on-{self._all_slices()}"
        self.behave(stage="slicing", hang_until=go_on)
        return go_on

    def begin(self) -> None:
        """Counts from here, with a slicer that behaves."""
        self.behave()
        self._slices, self._results = self._all_slices(), self._all_results()

    @property
    def slices(self) -> int:
        """Models that were sliced."""
        return self._all_slices() - self._slices

    def results(self) -> dict[str, float]:
        """`pricing_fdm_cache_total` by result, those that have grown."""
        now = self._all_results()
        grown = {result: now[result] - self._results[result] for result in now}
        return {result: count for result, count in grown.items() if count}

    def _all_slices(self) -> int:
        runs = read_records(self.folder / "runs.jsonl")
        return sum("--export-gcode" in run.get("argv", ()) for run in runs)

    def _all_results(self) -> dict[str, float]:
        prefix = 'pricing_fdm_cache_total{result="'
        lines = self.service.get("/metrics").text.splitlines()
        shown = [
            line.removeprefix(prefix).split('"} ') for line in lines if line.startswith(prefix)
        ]
        return {result: float(count) for result, count in shown}


@contextmanager
def counted(folder: Path, environment: dict[str, str]) -> Iterator[Counted]:
    folder.mkdir(exist_ok=True)
    binary = install_fake_prusa(folder / "bin", record_to=folder / "runs.jsonl")
    with running_service({**environment, "PRUSA_BINARY": str(binary)}) as service:
        it = Counted(service, folder)
        it.begin()
        yield it


@pytest.fixture(scope="module")
def shared(origin: Origin, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counted]:
    environment = {
        **origin.environment,
        "RUSH_MULTIPLIER": "2",
        "CACHE_FAILURE_SECS": "2",
        "SELF_TEST_RETRY_SECS": "600",
    }
    with counted(tmp_path_factory.mktemp("cache"), environment) as it:
        yield it


@pytest.fixture
def it(shared: Counted) -> Counted:
    """The service that most tests share; each brings a part of its own."""
    shared.begin()
    return shared


@pytest.fixture
def cube(origin: Origin, request: pytest.FixtureRequest) -> str:
    """A part of the test's own at the origin."""
    name = re.sub(r"\W", "-", request.node.name)
    return origin.serve(f"{name}.stl", _part(name))


def _part(name: str) -> bytes:
    """A box of a size that no other test has: the bytes are what is recognised."""
    return binary_stl(box(20, 20, 20), header=name.encode()[-80:])


def lasting(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in PER_CALL}


def priced(service: RunningService, body: dict[str, Any]) -> dict[str, Any]:
    response = service.post(body)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def test_a_repeat_is_the_same_quote_and_costs_no_slice(
    it: Counted, origin: Origin, cube: str
) -> None:
    """Also from another URL: it is the bytes that count."""
    first = priced(it.service, order(cube))
    again = priced(it.service, order(cube))
    content = origin.files[cube.removeprefix(f"http://{origin.host}")]
    third = priced(it.service, order(origin.serve("elsewhere.stl", content)))
    assert [body["cached"] for body in (first, again, third)] == [False, True, True]
    assert lasting(first) == lasting(again) == lasting(third)
    assert it.slices == 1
    assert it.results() == {"miss": 1, "hit": 2}
    times = again["timing_ms"]
    assert (times["queue"], times["slice"], times["extract"]) == (0, 0, 0)
    assert times["download"] + times["inspect"] == pytest.approx(times["total"], rel=0.02)
    assert it.service.leftovers() == []


def test_a_rush_is_priced_anew_without_a_slice(it: Counted, cube: str) -> None:
    """It changes a price and no toolpath. The slices are one part, a full plate and the rest."""
    usual = priced(it.service, order(cube, quantity=100))
    fast = priced(it.service, order(cube, quantity=100, rush=True))
    assert (usual["cached"], fast["cached"]) == (False, True)
    assert fast["machine_cost_usd"] == usual["machine_cost_usd"]
    assert "rush" in {line["code"] for line in fast["breakdown"]}
    assert it.slices == 3


@pytest.mark.parametrize(
    "change",
    [
        {"infill": 21},
        {"layer_thickness": 300},
        {"material": "tpu"},
        {"supports": "never"},
        {"orientation": "keep"},
        {"units": "cm"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_whatever_can_move_a_figure_is_another_question(
    it: Counted, cube: str, change: dict[str, Any]
) -> None:
    """A quote of the neighbour's setting would be an invented number."""
    assert not priced(it.service, order(cube))["cached"]
    assert not priced(it.service, order(cube, **change))["cached"]
    assert it.slices == 2


def test_equal_requests_at_the_same_time_share_one_slice(it: Counted, cube: str) -> None:
    """All get their own quote of it."""
    go_on = it.hold()
    with ThreadPoolExecutor(6) as callers:
        asking = [callers.submit(priced, it.service, order(cube)) for _ in range(6)]
        wait_until(lambda: it.results().get("shared") == 5)
        go_on.touch()
        bodies = [asked.result() for asked in asking]
        assert it.slices == 1
        assert len({body["quote_id"] for body in bodies}) == 6
        assert all(lasting(body) == lasting(bodies[0]) for body in bodies)
        assert it.results() == {"miss": 1, "shared": 5}
        for body in bodies:
            stages = sum(ms for name, ms in body["timing_ms"].items() if name != "total")
            assert stages == pytest.approx(body["timing_ms"]["total"], rel=0.02)
        assert it.service.leftovers() == []


def test_the_first_caller_s_hanging_up_fails_nobody_else(it: Counted, cube: str) -> None:
    """He brought the model; the others wait for the slice of it."""
    go_on = it.hold()
    with ThreadPoolExecutor(1) as callers:
        with it.service.leaving(order(cube), "the-first"):
            wait_until(lambda: it.slices == 1)
            second = callers.submit(priced, it.service, order(cube))
            wait_until(lambda: it.results().get("shared"))
        go_on.touch()
        assert second.result()["cached"] is False
        assert it.slices == 1
        wait_until(lambda: it.service.leftovers() == [])


def test_when_all_have_hung_up_the_slice_is_ended(it: Counted, cube: str) -> None:
    """Nobody waits for it, and its slot is wanted by others."""
    it.hold()
    with it.service.leaving(order(cube), "one"), it.service.leaving(order(cube), "another"):
        wait_until(lambda: it.results() == {"miss": 1, "shared": 1})
    wait_until(lambda: it.service.leftovers() == [])
    it.behave()
    assert priced(it.service, order(cube))["cached"] is False


def test_a_refusal_is_repeated_for_a_while_and_no_longer(it: Counted, origin: Origin) -> None:
    """The same poison is not looked at ten times; `CACHE_FAILURE_SECS` is 2 here."""
    url = origin.serve("cache-large.stl", binary_stl(box(400, 400, 400)))
    problems = [it.service.post(order(url)).json() for _ in range(3)]
    assert {problem["code"] for problem in problems} == {"model_exceeds_build_volume"}
    assert len({problem["detail"] for problem in problems}) == 1
    results = it.results()
    assert results.get("refused", 0) >= 1
    assert sum(results.values()) == 3
    misses = results["miss"]

    def looked_at_again() -> bool:
        it.service.post(order(url))
        return it.results()["miss"] > misses

    wait_until(looked_at_again)


@pytest.mark.parametrize(
    "behaviour",
    [{"crash_signal": "SIGSEGV"}, {"gcode_says": {"filament used [g]": None}}],
    ids=["crash", "incomplete"],
)
def test_what_is_our_fault_is_tried_again(
    it: Counted, cube: str, behaviour: dict[str, Any]
) -> None:
    """It may have been the machine; a quote must not fail for a minute because of it."""
    it.behave(**behaviour)
    assert it.service.post(order(cube)).status_code == 500
    it.behave()
    assert priced(it.service, order(cube))["cached"] is False
    assert it.results() == {"miss": 2}


def test_nothing_is_remembered_where_the_operator_wants_that(
    origin: Origin, cube: str, tmp_path: Path
) -> None:
    """`CACHE_TTL_SECS=0`."""
    with counted(tmp_path, {**origin.environment, "CACHE_TTL_SECS": "0"}) as it:
        assert [priced(it.service, order(cube))["cached"] for _ in range(2)] == [False, False]
        assert it.slices == 2


def test_the_real_slicer_on_all_cores_is_asked_once(origin: Origin) -> None:
    """By default a second slice could differ in the sixth digit; the same question never does."""
    url = origin.serve("cache-all-cores.stl", binary_stl(tee(24, 12)))
    with running_service(origin.environment) as service:
        first, again, ten, twice = (
            priced(service, order(url, quantity=quantity)) for quantity in (1, 1, 10, 10)
        )
    assert [body["cached"] for body in (first, again, ten, twice)] == [False, True, False, True]
    assert lasting(first) == lasting(again)
    assert lasting(ten) == lasting(twice)
    for figure in ("filament_weight_g", "print_time_hours", "print"):
        assert ten[figure] == first[figure]


def test_figures_that_must_repeat_are_never_taken_from_those_that_need_not(
    origin: Origin, cube: str, tmp_path: Path
) -> None:
    """`SLICE_REPRODUCIBLE`: what another service sliced on all cores is another question."""
    with running_redis() as redis:
        environment = {**origin.environment, "REDIS_URL": redis.new_url()}
        with counted(tmp_path / "usual", environment) as usual:
            assert not priced(usual.service, order(cube))["cached"]
        with counted(tmp_path / "repeating", {**environment, **REPRODUCIBLE}) as repeating:
            assert not priced(repeating.service, order(cube))["cached"]
            assert priced(repeating.service, order(cube))["cached"]
        with counted(tmp_path / "usual", environment) as usual:
            assert priced(usual.service, order(cube))["cached"]


def test_two_services_share_what_they_found_out_and_live_without_the_store(
    origin: Origin, cube: str, tmp_path: Path
) -> None:
    """A damaged entry in Redis, and no Redis at all, cost a slice and no quote."""
    with running_redis() as redis:
        environment = {**origin.environment, "REDIS_URL": redis.new_url()}
        with (
            counted(tmp_path / "one", environment) as one,
            counted(tmp_path / "two", environment) as two,
        ):
            first = priced(one.service, order(cube))
            assert lasting(priced(two.service, order(cube))) == lasting(first)
            assert (one.slices, two.slices) == (1, 0)
            priced(one.service, order(cube, infill=30))
            with Redis.from_url(environment["REDIS_URL"]) as client:
                keys = sorted(client.keys("pricing-fdm:result:*"))
                assert len(keys) == 2
                for key in keys:
                    assert 0 < client.ttl(key) <= 86_400
                    client.append(key, b" ")
            assert priced(two.service, order(cube, infill=30))["cached"] is False
            assert two.results()["corrupt"] == 1
            redis.stop()
            assert priced(two.service, order(cube, infill=40))["cached"] is False
            assert priced(two.service, order(cube, infill=40))["cached"] is True
            assert two.results()["unreachable"] >= 1
