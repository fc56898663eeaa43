"""The machine belongs to whoever slices; nobody waits for a core while another lies idle."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path

import pytest

from pricing_fdm.gcode.metrics import extract_metrics
from pricing_fdm.slicers.cores import Cores, usable_cores
from pricing_fdm.slicers.engine import Engine
from pricing_fdm.slicers.orca.engine import OrcaEngine
from pricing_fdm.slicers.program import find_binary
from pricing_fdm.slicers.prusa.engine import PrusaEngine
from tests.harness.origin import Origin
from tests.harness.puppet import install_fake_orca, install_fake_prusa, read_records
from tests.harness.service import REPRODUCIBLE, order, running_service
from tests.harness.shapes import binary_stl, box, tee
from tests.slicers.engines import find, job_of, measure, setup, slice_part


def cores_of(count: int, first: int = 0) -> Cores:
    """A machine with so many cores, which are taken in order."""
    return Cores(lambda: range(count), lambda _: first)


def test_alone_a_slice_gets_all_cores() -> None:
    """Latency: nothing else is there to use them."""
    with cores_of(8).lease() as cores:
        assert cores == frozenset(range(8))


@pytest.mark.parametrize(
    ("count", "sharers", "shares"),
    [
        pytest.param(4, 2, [2, 2], id="even"),
        pytest.param(2, 2, [1, 1], id="one-each"),
        pytest.param(5, 2, [3, 2], id="one-over"),
        pytest.param(8, 3, [3, 3, 2], id="two-over"),
        pytest.param(1, 1, [1], id="one-core"),
    ],
)
def test_sharers_get_all_cores_and_none_twice(count: int, sharers: int, shares: list[int]) -> None:
    """Throughput: no core is idle, and none has two slices while another has none."""
    machine = cores_of(count)
    with contextlib.ExitStack() as running:
        leased = [running.enter_context(machine.lease(sharers=sharers)) for _ in range(sharers)]
    assert [len(cores) for cores in leased] == shares
    assert sorted(core for cores in leased for core in cores) == list(range(count))


def test_more_slices_than_cores_take_turns_on_them() -> None:
    """Three slots on two cores: somebody shares, and it is not always the same core."""
    machine = cores_of(2)
    with contextlib.ExitStack() as running:
        leased = [running.enter_context(machine.lease(sharers=5)) for _ in range(5)]
    assert [sorted(cores) for cores in leased] == [[0], [1], [0], [1], [0]]


def test_who_comes_later_gets_the_cores_that_were_given_back() -> None:
    """The second of three ends; the next slice goes where it was."""
    machine = cores_of(6)
    with contextlib.ExitStack() as running:
        running.enter_context(machine.lease(sharers=3))
        with machine.lease(sharers=3) as second, machine.lease(sharers=3) as third:
            assert not second & third
        with machine.lease(sharers=3) as fourth:
            assert fourth == second


def test_cores_are_given_back_whatever_happens() -> None:
    """A slice that fails must not keep its cores for ever."""
    machine = cores_of(2)
    with contextlib.suppress(ZeroDivisionError), machine.lease(sharers=2, at_most=1) as lost:
        raise ZeroDivisionError
    with machine.lease(sharers=2, at_most=1) as found:
        assert found == lost


def test_who_joins_a_slice_that_has_all_cores_gets_his_share() -> None:
    """The first keeps what it has: its threads are made, and the kernel shares the rest."""
    machine = cores_of(4)
    with machine.lease() as first, machine.lease(sharers=2) as second:
        assert (len(first), len(second)) == (4, 2)


def test_who_can_use_one_core_only_leaves_the_others() -> None:
    """PrusaSlicer pinned: the second of two must not land on the first one's core."""
    machine = cores_of(2)
    with machine.lease(at_most=1) as first, machine.lease(sharers=2, at_most=1) as second:
        assert len(first) == len(second) == 1
        assert not first & second


def test_services_that_share_a_machine_do_not_all_use_one_core() -> None:
    """Two workers of one slot each, always on core 0, would leave the second core idle."""
    machines = [cores_of(4, first) for first in range(4)]
    with contextlib.ExitStack() as running:
        leased = [running.enter_context(machine.lease(at_most=1)) for machine in machines]
    assert frozenset().union(*leased) == {0, 1, 2, 3}
    by_chance = Cores(lambda: range(4))
    assert {core for _ in range(200) for core in _leased(by_chance, at_most=1)} == {0, 1, 2, 3}


def test_a_cpuset_is_obeyed_and_so_is_its_change() -> None:
    """A container's cores may be any, and other ones tomorrow."""
    usable = {3, 7}
    machine = Cores(lambda: usable)
    assert _leased(machine) == {3, 7}
    usable.remove(3)
    assert _leased(machine) == {7}


def test_by_default_the_cores_are_those_of_the_process() -> None:
    """What a cpuset or `taskset` leaves, not what the machine has."""
    assert _leased(Cores()) == usable_cores() == os.sched_getaffinity(0)


@pytest.mark.parametrize(
    ("kind", "sharers", "expected"),
    [
        pytest.param("orca", 1, None, id="orca-alone"),
        pytest.param("orca", 64, 1, id="orca-among-many"),
        pytest.param("prusa", 1, None, id="prusa-alone"),
        pytest.param("prusa", 64, 1, id="prusa-among-many"),
        pytest.param("prusa, reproducible", 1, 1, id="prusa-reproducible-alone"),
        pytest.param("prusa, reproducible", 64, 1, id="prusa-reproducible-among-many"),
    ],
)
def test_a_slicer_sees_the_cores_that_it_was_given(
    tmp_path: Path, kind: str, sharers: int, expected: int | None
) -> None:
    """Alone it gets all. PrusaSlicer gets one where the same part must have the same figures."""
    engine = _engine(kind, tmp_path)
    (tmp_path / "run").mkdir()
    stl = tmp_path / "run" / "model.stl"
    stl.write_bytes(binary_stl(box(20, 20, 20, (90, 90, 0)), attribute=0xFFFF))
    asyncio.run(engine.slice(job_of(stl, tmp_path / "run", sharers=sharers)))
    seen = read_records(tmp_path / "seen")[-1]["cpus"]
    assert len(seen) == (len(usable_cores()) if expected is None else expected)
    assert set(seen) <= usable_cores()


@pytest.mark.parametrize("kind", ["orca", "prusa"])
def test_a_slicer_on_many_cores_reserves_no_memory_for_each(tmp_path: Path, kind: str) -> None:
    """On 64 cores PrusaSlicer ended at `SLICE_MEMORY_MB=1408`: pthread_create has failed."""
    engine = _engine(kind, tmp_path)
    slice_part(engine, tmp_path / "run", box(20, 20, 20))
    environment = read_records(tmp_path / "seen")[-1]["environ"]
    assert int(environment["MALLOC_ARENA_MAX"]) <= 8


def test_by_default_the_cores_move_a_figure_by_next_to_nothing(tmp_path: Path) -> None:
    """The real PrusaSlicer as it runs by default, alone and among many, and on one core."""
    binary = find_binary("prusa-slicer")
    assert binary is not None, "PrusaSlicer is missing; run `make setup`"
    usual = asyncio.run(PrusaEngine.find(binary, setup()))
    alone = measure(usual, tmp_path / "alone", tee())
    job = job_of(tmp_path / "alone" / "model.stl", tmp_path / "many", sharers=64)
    job.folder.mkdir()
    sliced = asyncio.run(usual.slice(job))
    among_many = extract_metrics(sliced.gcode, sliced.member, sliced.expected)
    pinned = measure(find("prusa", tmp_path), tmp_path / "pinned", tee())
    for other in (among_many, pinned):
        assert float(other.filament_g) == pytest.approx(float(alone.filament_g), rel=0.001)
        assert float(other.print_time_s) == pytest.approx(float(alone.print_time_s), rel=0.01)
        assert other.layers == alone.layers


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        pytest.param({}, len(usable_cores()), id="by-default"),
        pytest.param(REPRODUCIBLE, 1, id="reproducible"),
    ],
)
def test_a_lone_quote_uses_all_cores_unless_its_figures_must_repeat(
    origin: Origin, tmp_path: Path, environment: dict[str, str], expected: int
) -> None:
    """A second core halves the time for which a customer waits."""
    binary = install_fake_prusa(tmp_path / "bin", record_to=tmp_path / "seen")
    url = origin.serve("cores.stl", binary_stl(box(20, 20, 20)))
    variables = {**origin.environment, **environment, "PRUSA_BINARY": str(binary)}
    with running_service(variables) as service:
        assert service.post(order(url)).status_code == 200
    assert len(read_records(tmp_path / "seen")[-1]["cpus"]) == expected


def _engine(kind: str, folder: Path) -> Engine:
    seen = folder / "seen"
    if kind == "orca":
        binary = install_fake_orca(folder / "bin", record_to=seen)
        return asyncio.run(OrcaEngine.find(binary, setup()))
    binary = install_fake_prusa(folder / "bin", record_to=seen)
    reproducible = kind == "prusa, reproducible"
    return asyncio.run(PrusaEngine.find(binary, setup(reproducible=reproducible)))


def _leased(machine: Cores, at_most: int | None = None) -> frozenset[int]:
    with machine.lease(at_most=at_most) as cores:
        return cores


@pytest.mark.parametrize("kind", ["orca", "prusa"])
def test_a_slice_in_the_background_has_the_lowest_priority(tmp_path: Path, kind: str) -> None:
    """A shop that is tried takes no processor from the slices of callers."""
    engine = _engine(kind, tmp_path)
    for background, expected in ((False, os.getpriority(os.PRIO_PROCESS, 0)), (True, 19)):
        folder = tmp_path / f"run-{background}"
        folder.mkdir()
        stl = folder / "model.stl"
        stl.write_bytes(binary_stl(box(20, 20, 20, (90, 90, 0)), attribute=0xFFFF))
        asyncio.run(engine.slice(job_of(stl, folder, in_background=background)))
        assert read_records(tmp_path / "seen")[-1]["nice"] == expected
