"""Soak: does anything grow? 500 mixed quotes, then 300 slices of which a tenth goes wrong.

First the real slicer and whatever callers send, three at a time: good parts, broken ones, dead
links, hostile URLs, wrong requests, callers who hang up. Then the puppet of the tests in the
slicer's place, which is killed, hangs, crashes, escapes, floods or does nothing. Prints a row for
each tenth, with the service at rest; exit code 1 if something grew.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from benchmarks.usage import resident
from scripts.trial import table, verdict
from tests.harness.origin import Origin, running_origin, status
from tests.harness.puppet import install_fake_prusa
from tests.harness.service import RunningService, order, running_service
from tests.harness.shapes import ascii_stl, binary_stl, box, tee
from tests.harness.waiting import wait_until

_ROWS = 10
_WARM_UP = 60
# What the interpreter's own arenas may still take after the warm-up; a leak of 100 kB a quote
# would be 44 MB.
_ALLOWED_MIB, _ALLOWED_DESCRIPTORS = 12, 2
_UNCACHED = {"CACHE_TTL_SECS": "0"}  # or most quotes would slice nothing
_HEADER = ("quotes", "RSS, MiB", "descriptors", "threads", "processes", "temp folders")
_FAULTS: tuple[dict[str, object], ...] = (
    {"crash_signal": "SIGKILL", "stage": "slicing"},
    {"crash_signal": "SIGSEGV", "stage": "end"},
    {"hang": True, "ignore_sigterm": True, "stage": "slicing", "child_holds_pipes_s": 600},
    {"daemon_s": 600},
    {"flood_stdout_mb": 50, "exit_code": 1},
    {"exit_code": 0},
)


def main() -> int:
    """Runs both parts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quotes", type=int, default=500)
    parser.add_argument("--slices", type=int, default=300)
    parser.add_argument("--seed", type=int, default=42)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    with running_origin() as origin:
        with running_service({**origin.environment, **_UNCACHED}) as service:
            requests = mixed_requests(origin)
            faults = soak(service, lambda: ask(service, chance.choice(requests)), options.quotes, 3)
        with faulty_service(origin, chance) as slice_one:
            faults += soak(*slice_one, options.slices, 1)
    return verdict(faults)


@contextlib.contextmanager
def faulty_service(
    origin: Origin, chance: random.Random
) -> Iterator[tuple[RunningService, Callable[[], str]]]:
    """A service whose slicer is told anew before each quote what to do, and what asks for one."""
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        folder = Path(name)
        environment = {
            **origin.environment,
            **_UNCACHED,
            "PRUSA_BINARY": str(install_fake_prusa(folder)),
            "SLICE_TIMEOUT_SECS": "2",
            "POISON_SECS": "0",
            "SELF_TEST_RETRY_SECS": "1",
        }
        request = order(origin.serve("plain.stl", binary_stl(box(10, 10, 10))))
        with running_service(environment) as service:

            def slice_one() -> str:
                fault = chance.choice(_FAULTS) if chance.random() < 1 / 10 else {}
                install_fake_prusa(folder, **fault)
                return str(service.post(request).json().get("code", "quote"))

            yield service, slice_one


def mixed_requests(origin: Origin) -> list[dict[str, Any]]:
    """One request of each kind; good ones more often."""
    for name, code in (("/gone", 404), ("/broken", 500), ("/moved", 302)):
        origin.behaviours[name] = status(code)
    cube = origin.serve("cube.stl", binary_stl(box(10, 10, 10)))
    text = origin.serve("text.stl", ascii_stl(box(12, 8, 5)))
    shape = origin.serve("tee.stl", binary_stl(tee(20, 10)))
    return [
        *(order(cube), order(text, material="petg"), order(shape), order(cube, infill=50)),
        order(origin.serve("cut.stl", binary_stl(box(9, 9, 9))[:-60])),
        order(origin.serve("long.stl", binary_stl(box(300, 10, 10)))),
        order(origin.serve("page.stl", b"<html>not here</html>")),
        *(order(origin.url(name)) for name in ("gone", "broken", "moved", "missing")),
        *(order(url) for url in ("http://169.254.169.254/latest", "http://localhost/", "x:y")),
        *({"infill": 3}, order(cube, quantity=0), order(cube, hang_up=True)),
    ]


def ask(service: RunningService, request: dict[str, Any]) -> str:
    """The status of the answer; a caller who hangs up gets none."""
    body = dict(request)
    try:
        return str(
            service.post(body, timeout=0.15 if body.pop("hang_up", False) else 120).status_code
        )
    except httpx.TimeoutException:
        return "hung up"


def soak(
    service: RunningService, ask_one: Callable[[], str], count: int, callers: int
) -> list[str]:
    """Asks so often and prints the rows; returns what grew."""
    with ThreadPoolExecutor(callers) as pool:

        def ask_for(number: int) -> Counter[str]:
            return Counter(pool.map(lambda _: ask_one(), range(number)))

        ask_for(_WARM_UP)
        rows, answers = [look(service, 0)], Counter[str]()
        for number in range(1, _ROWS + 1):
            answers += ask_for(count // _ROWS)
            rows.append(look(service, number * count // _ROWS))
    table(_HEADER, *rows)
    print(f"\nanswers: {dict(sorted(answers.items()))}\n")
    return [*grown(rows[0], rows[-1]), *(["answers of 500"] if "500" in answers else [])]


def look(service: RunningService, quotes: int) -> tuple[float, ...]:
    """Waits until the service is at rest and measures it."""
    pid = service.process.pid
    with contextlib.suppress(AssertionError):
        wait_until(lambda: not service.leftovers() and not service.programs())
    time.sleep(0.5)
    files, tasks = (len(list(Path(f"/proc/{pid}/{what}").iterdir())) for what in ("fd", "task"))
    left = len(service.programs()), len(service.leftovers())
    return (quotes, round(resident(pid).rss_mib, 1), files, tasks, *left)


def grown(first: Sequence[float], last: Sequence[float]) -> list[str]:
    """What is more than it was."""
    _, mib, descriptors, *_ = (after - before for before, after in zip(first, last, strict=True))
    return [
        *([f"memory grew by {mib:.1f} MiB"] if mib > _ALLOWED_MIB else []),
        *([f"{descriptors} descriptors more"] if descriptors > _ALLOWED_DESCRIPTORS else []),
        *(["processes or folders are left"] if any(last[-2:]) else []),
    ]


if __name__ == "__main__":
    sys.exit(main())
