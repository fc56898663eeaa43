"""The machine belongs to whoever slices; nobody waits for a core while another lies idle."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path

import pytest

from pricing_fdm.slicer.cores import Cores, usable_cores
from pricing_fdm.slicer.engine import Engine, SliceJob
from pricing_fdm.slicer.orca import OrcaEngine
from pricing_fdm.slicer.profiles import load_profiles
from pricing_fdm.slicer.prusa import PrusaEngine
from tests.fakes.records import read_records
from tests.fakes.stand_in import install_fake_prusa, install_stand_in
from tests.harness.shapes import binary_stl, box
from tests.slicer.engines import LIMITS, PROFILES, STANDARD


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
    """PrusaSlicer: the second of two must not land on the first one's core."""
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
        pytest.param("prusa", 1, 1, id="prusa-alone"),
        pytest.param("prusa", 64, 1, id="prusa-among-many"),
    ],
)
def test_a_slicer_sees_the_cores_that_it_was_given(
    tmp_path: Path, kind: str, sharers: int, expected: int | None
) -> None:
    """OrcaSlicer scales and is the same on any number; no PrusaSlicer is."""
    engine = _engine(kind, tmp_path)
    (tmp_path / "run").mkdir()
    stl = tmp_path / "run" / "model.stl"
    stl.write_bytes(binary_stl(box(20, 20, 20, (90, 90, 0)), attribute=0xFFFF))
    asyncio.run(engine.slice(SliceJob(stl, STANDARD, tmp_path / "run", sharers=sharers)))
    seen = read_records(tmp_path / "seen")[-1]["cpus"]
    assert len(seen) == (len(usable_cores()) if expected is None else expected)
    assert set(seen) <= usable_cores()


def _engine(kind: str, folder: Path) -> Engine:
    profiles, seen = load_profiles(PROFILES), folder / "seen"
    if kind == "orca":
        binary = install_stand_in(folder / "bin", record_to=seen)
        return asyncio.run(OrcaEngine.find(binary, profiles, LIMITS))
    binary = install_fake_prusa(folder / "bin", record_to=seen)
    return asyncio.run(PrusaEngine.find(binary, profiles, LIMITS))


def _leased(machine: Cores, at_most: int | None = None) -> frozenset[int]:
    with machine.lease(at_most=at_most) as cores:
        return cores
