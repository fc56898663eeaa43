"""The kernel's table is read right, also where a process is gone between two reads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pricing_fdm.sandbox import process_table

NOBODY = 2**22 + 1  # beyond the largest number that Linux gives


def test_a_process_is_read_with_its_children_and_theirs() -> None:
    """Names may hold blanks and parentheses, which must not shift the fields."""
    text = """
import ctypes, os, time
ctypes.CDLL(None).prctl(15, b"a) b (c", 0, 0, 0)
held = b"x" * 50_000_000
if not os.fork(): time.sleep(600)
print("up", flush=True)
time.sleep(600)
"""
    with subprocess.Popen(
        [sys.executable, "-c", text],
        stdout=subprocess.PIPE,
        env={"NAME": "value", "EMPTY": ""},
        process_group=0,
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        try:
            family = list(process_table.family(child.pid))
            assert [member.group for member in family] == [child.pid, child.pid]
            assert not any(member.ended for member in family)
            assert family[0].started > 0
            assert child.pid in [each.pid for each in process_table.children(os.getpid())]
            assert process_table.peak_memory_bytes(child.pid) > 50_000_000
            assert process_table.environment_value(child.pid, "NAME") == "value"
            assert process_table.environment_value(child.pid, "EMPTY") == ""
            assert process_table.environment_value(child.pid, "OTHER") is None
        finally:
            os.killpg(child.pid, 9)


def test_time_is_counted_in_seconds() -> None:
    """The same as the system says of ourselves, to a hundredth."""
    me = process_table.process(os.getpid())
    assert me is not None
    assert me.cpu_s == pytest.approx(sum(os.times()[:4]), abs=1)


def test_one_that_is_gone_is_nobody() -> None:
    """Not an error: processes end while we look."""
    assert process_table.process(NOBODY) is None
    assert list(process_table.family(NOBODY)) == []
    assert process_table.peak_memory_bytes(NOBODY) == 0
    assert process_table.environment_value(NOBODY, "NAME") is None


def test_a_thread_that_ends_while_we_look_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its listing was there a moment ago."""
    (tmp_path / "1" / "task" / "1" / "children").mkdir(parents=True)  # cannot be read as a file
    monkeypatch.setattr(process_table, "_PROC", tmp_path)
    assert list(process_table.children(1)) == []
