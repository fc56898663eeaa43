"""What a service and its children spend while something happens, and whether `/health` answers.

A look every 20 ms sees what each child has used so far, and its largest resident set. The CPU of
those that begin and end between two looks is known when their parent has waited for them; so the
larger of both counts.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from pricing_fdm.sandbox.process_table import family, peak_memory_bytes
from tests.harness.service import PLAIN

_MIB = 1024 * 1024
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_LOOK_S = 0.02
_PROBE_S = 0.05
_PATIENCE_S = 30.0
_RESET_PEAK = "5"


@dataclass
class Spent:
    """What was spent; complete when the watch has ended.

    Attributes:
        cpu_s: Of the service alone.
        grown_mib: Its highest resident set, above that of the beginning.
        health_s: How long each call of `/health` took; one that failed took its whole patience.
    """

    cpu_s: float = 0.0
    grown_mib: float = 0.0
    child_cpu_s: float = 0.0
    child_mib: float = 0.0
    health_s: list[float] = field(default_factory=list)


@contextlib.contextmanager
def watched(pid: int, base_url: str) -> Iterator[Spent]:
    """Watches the service and its children while the context lasts."""
    spent, ended = Spent(), threading.Event()
    watchers = [
        threading.Thread(target=_watch_children, args=(pid, spent, ended)),
        threading.Thread(target=_probe, args=(base_url, spent, ended)),
    ]
    Path(f"/proc/{pid}/clear_refs").write_text(_RESET_PEAK)
    own_s, all_s, begun_with = _own_cpu_s(pid), _family_cpu_s(pid), peak_memory_bytes(pid)
    for watcher in watchers:
        watcher.start()
    try:
        yield spent
    finally:
        ended.set()
        for watcher in watchers:
            watcher.join()
        spent.cpu_s = _own_cpu_s(pid) - own_s
        waited_for_s = _family_cpu_s(pid) - all_s - spent.cpu_s
        spent.child_cpu_s = max(spent.child_cpu_s, waited_for_s)
        spent.grown_mib = (peak_memory_bytes(pid) - begun_with) / _MIB


def _watch_children(pid: int, spent: Spent, ended: threading.Event) -> None:
    begun_with = {one.pid: _own_cpu_s(one.pid) for one in family(pid)}
    seen: dict[int, float] = {}
    while not ended.wait(_LOOK_S):
        for one in family(pid):
            if one.pid != pid:
                used_s = _own_cpu_s(one.pid) - begun_with.get(one.pid, 0.0)
                seen[one.pid] = max(seen.get(one.pid, 0.0), used_s)
                spent.child_mib = max(spent.child_mib, peak_memory_bytes(one.pid) / _MIB)
    spent.child_cpu_s = sum(seen.values())


def _probe(base_url: str, spent: Spent, ended: threading.Event) -> None:
    """Asks once in any case: an attack may be over before the first pause is."""
    while True:
        began = time.monotonic()
        try:
            answer = httpx.get(f"{base_url}/health", **{**PLAIN, "timeout": _PATIENCE_S})
            good = answer.text == "OK"
        except httpx.HTTPError:
            good = False
        spent.health_s.append(time.monotonic() - began if good else _PATIENCE_S)
        if ended.wait(_PROBE_S):
            return


def _own_cpu_s(pid: int) -> float:
    """Without that of children; 0 when the process is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:13])) / _TICKS_PER_S


def _family_cpu_s(pid: int) -> float:
    return sum(one.cpu_s for one in family(pid))
