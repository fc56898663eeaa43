"""`make attack` says so when an attack gets through, and measures what one costs."""

from __future__ import annotations

import os
import subprocess
import sys
from types import SimpleNamespace
from typing import Any, cast

import pytest

from scripts.attack.__main__ import judged, tried
from scripts.attack.callers import CALLERS
from scripts.attack.leftovers import LEFTOVERS
from scripts.attack.models import MODELS
from scripts.attack.pieces import PIECES
from scripts.attack.target import Case, Target
from scripts.attack.watch import Spent, watched
from tests.harness.origin import Origin

HARMLESS = Case("an attack", "real", "nothing", lambda _: "refused")


@pytest.mark.parametrize(
    ("spent", "became", "fault"),
    [
        (Spent(health_s=[0.1]), "**got through**: AssertionError", "got through"),
        (Spent(cpu_s=1.1, health_s=[0.1]), "refused", "1.1 s of CPU"),
        (Spent(grown_mib=101, health_s=[0.1]), "refused", "101 MiB"),
        (Spent(health_s=[0.1, 9.0]), "refused", "/health took 9.0 s"),
        (Spent(), "refused", "/health took inf s"),
    ],
)
def test_what_an_attack_may_not_do_is_a_fault(spent: Spent, became: str, fault: str) -> None:
    [said] = judged(HARMLESS, spent, became)
    assert fault in said


def test_what_children_spend_is_no_fault() -> None:
    """They have limits of their own, and end with them."""
    spent = Spent(cpu_s=0.9, grown_mib=99, child_cpu_s=60, child_mib=2000, health_s=[0.1])
    assert list(judged(HARMLESS, spent, "refused")) == []


def test_the_watch_tells_a_process_from_its_children(origin: Origin) -> None:
    """CPU and memory of each, and that `/health` answered meanwhile."""
    origin.serve("health", b"OK")
    child = "x = bytearray(120 << 20); sum(i * i for i in range(8_000_000)); input()"
    parent = (
        "import subprocess, sys; input(); x = bytearray(40 << 20); "
        f"one = subprocess.Popen([sys.executable, '-c', {child!r}], stdin=subprocess.PIPE); "
        "sum(i * i for i in range(2_000_000)); one.communicate(b'\\n'); print('done'); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        with watched(process.pid, origin.url("").rstrip("/")) as spent:
            process.stdin.write(b"\n")
            process.stdin.flush()
            assert process.stdout.readline() == b"done\n"
        process.communicate(b"\n")
    assert 0 < spent.cpu_s < spent.child_cpu_s
    assert 40 <= spent.grown_mib < 120 <= spent.child_mib
    assert all(took_s < 30 for took_s in spent.health_s)


def test_an_attack_that_fails_is_told_as_one_that_got_through(origin: Origin) -> None:
    """In its row, with what was seen."""
    origin.serve("health", b"OK")
    service = SimpleNamespace(
        process=SimpleNamespace(pid=os.getpid()), base_url=origin.url("").rstrip("/")
    )

    def attack(_: Target) -> str:
        raise AssertionError("priced at 1,010.38 USD")

    target = cast("Any", SimpleNamespace(service=service))
    _, became = tried(target, Case("an attack", "real", "nothing", attack))
    assert became == "**got through**: AssertionError: priced at 1,010.38 USD"


def test_every_kind_of_the_break_in_is_tried() -> None:
    """Each point that an attack from outside can show, and each format of a model."""
    names = [case.name for case in (*MODELS, *PIECES, *LEFTOVERS, *CALLERS)]
    assert len(set(names)) == len(names)
    for kind in (
        *("3MF", "STL:", "STL, text", "OBJ", "STEP"),
        *("link", "FIFO", "nested folders", "permissions", "brackets", "200 MB"),
        *("answered", "half a head", "one byte", "scrapes", "lookups", "two lengths"),
        *("tokens", "boundary", "event streams", "uploads"),
    ):
        assert any(kind in name for name in names), kind
