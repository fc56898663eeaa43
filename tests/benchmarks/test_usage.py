from __future__ import annotations

import mmap
import os
import subprocess
import sys
import time

import pytest

from benchmarks.parts import ball
from benchmarks.usage import forget_peak, machine_busy_s, own_cpu_s, peak_mib, resident

MIB = 1024 * 1024


def test_processor_time_is_that_of_the_process_itself() -> None:
    """The slicer is its child, and is measured by itself."""
    before_s = own_cpu_s(os.getpid())
    subprocess.run([sys.executable, "-c", "sum(range(20_000_000))"], check=True)
    assert own_cpu_s(os.getpid()) == pytest.approx(time.process_time(), abs=0.1)
    assert own_cpu_s(os.getpid()) >= before_s


def test_what_the_machine_does_counts_whoever_does_it() -> None:
    """How much others took of it is what is left of this."""
    busy_s, own_s, began_s = machine_busy_s(), time.process_time(), time.perf_counter()
    while time.process_time() < own_s + 0.5:
        pass
    grown_s = machine_busy_s() - busy_s
    most_s = (time.perf_counter() - began_s) * (os.cpu_count() or 1)
    assert 0.4 < grown_s < most_s + 0.2


def test_a_peak_is_forgotten_and_seen_again() -> None:
    """Each part has its own peak, though one process does them all."""
    fresh(64 * MIB).close()
    forget_peak(os.getpid())
    before_mib = peak_mib(os.getpid())
    with fresh(32 * MIB):
        assert 24 < peak_mib(os.getpid()) - before_mib < 64


def fresh(size_bytes: int) -> mmap.mmap:
    """Memory that the process did not have before, every page of it used."""
    memory = mmap.mmap(-1, size_bytes)
    for page in range(0, size_bytes, mmap.PAGESIZE):
        memory[page] = 1
    return memory


def test_shared_pages_count_once() -> None:
    """PSS divides what RSS counts for each."""
    memory = resident(os.getpid())
    assert 0 < memory.pss_mib <= memory.rss_mib


@pytest.mark.parametrize("size_mb", [1.0, 5.0])
def test_a_ball_has_the_size_it_was_asked_for(size_mb: float) -> None:
    """Within a few percent: its triangles come in rings."""
    assert len(ball(size_mb).content) / 1e6 == pytest.approx(size_mb, rel=0.05)
