"""Load: twice what the service can do, from callers who retry, and whether it recovers.

First one caller alone gives the baseline. Then twice as many callers as there are places ask
without a pause, honour Retry-After, and never give up. Then one caller alone again. Prints answers
and latencies; exit code 1 if the service refused wrongly, refused slowly, or did not recover.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import httpx

from scripts.trial import table, verdict
from tests.harness.origin import running_origin
from tests.harness.service import PLAIN, QUOTE, order, running_service
from tests.harness.shapes import binary_stl, box

_SLOTS, _PLACES = 1, 2
_ALONE = 9
_ALLOWED_RECOVERY, _ALLOWED_REFUSAL_S = 1.2, 0.25
_OK, _BUSY = 200, 503


class Seen(NamedTuple):
    """One answer."""

    status: int
    wall_s: float
    retry_after_s: float


def main() -> int:
    """Runs the load."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    seconds: float = parser.parse_args().seconds
    environment = {
        "SLICE_CONCURRENCY": str(_SLOTS), "QUEUE_PLACES": str(_PLACES), "CACHE_TTL_SECS": "0"
    }  # fmt: skip
    with (
        running_origin() as origin,
        running_service({**origin.environment, **environment}) as service,
        httpx.Client(base_url=service.base_url, **PLAIN) as client,
    ):
        wanted = order(origin.serve("cube.stl", binary_stl(box(20, 20, 20))))

        def quote() -> Seen:
            return timed(lambda: client.post(QUOTE, json=wanted))

        before_s = statistics.median(quote().wall_s for _ in range(_ALONE))
        end = time.monotonic() + seconds
        with ThreadPoolExecutor(2 * (_SLOTS + _PLACES) + 1) as callers:
            probe = callers.submit(insist, lambda: timed(lambda: client.get("/health")), end, 0.1)
            asking = [callers.submit(insist, quote, end) for _ in range(2 * (_SLOTS + _PLACES))]
        answers = [seen for caller in asking for seen in caller.result()]
        after_s = statistics.median(quote().wall_s for _ in range(_ALONE))
    return report(answers, probe.result(), before_s, after_s / before_s)


def timed(ask: Callable[[], httpx.Response]) -> Seen:
    """Asks once."""
    began_s = time.perf_counter()
    answer = ask()
    wall_s = time.perf_counter() - began_s
    return Seen(answer.status_code, wall_s, float(answer.headers.get("retry-after", 0)))


def insist(ask: Callable[[], Seen], end: float, pause_s: float = 0) -> list[Seen]:
    """Asks again and again until the time is up, and comes back when it is told to."""
    answers = []
    while time.monotonic() < end:
        answers.append(ask())
        time.sleep(max(0.0, min(answers[-1].retry_after_s or pause_s, end - time.monotonic())))
    return answers


def report(answers: list[Seen], health: list[Seen], before_s: float, recovery: float) -> int:
    """Prints the figures; 1 if one of them is not good."""
    accepted_s = sorted(seen.wall_s for seen in answers if seen.status == _OK)
    refused = [seen for seen in answers if seen.status == _BUSY]
    refusal_s = statistics.median(seen.wall_s for seen in refused) if refused else 0.0
    health_s = sorted(seen.wall_s for seen in health)
    table(
        ("What", "Figure"),
        ("answers", f"{len(accepted_s)} quotes, {len(refused)} of 503, {len(answers)} in all"),
        ("one caller alone, before", f"{before_s * 1000:.0f} ms"),
        ("accepted under load, p95", f"{_part(accepted_s, 0.95) / before_s:.1f} x alone"),
        ("refused, median", f"{refusal_s * 1000:.1f} ms"),
        ("`/health` under load, p99", f"{_part(health_s, 0.99) * 1000:.1f} ms"),
        ("one caller alone, afterwards", f"{recovery:.2f} x before"),
    )
    faults = {
        "answers other than 200 and 503": len(answers) > len(accepted_s) + len(refused),
        "nobody was refused: that was no load": not refused,
        "refusals without Retry-After": any(seen.retry_after_s < 1 for seen in refused),
        "refusals are slow": refusal_s > _ALLOWED_REFUSAL_S,
        "`/health` failed": any(seen.status != _OK for seen in health),
        "not recovered": recovery > _ALLOWED_RECOVERY,
    }
    return verdict(fault for fault, is_so in faults.items() if is_so)


def _part(ordered: list[float], share: float) -> float:
    return ordered[int(share * len(ordered))]


if __name__ == "__main__":
    sys.exit(main())
