"""Load: twice what the service can do, from callers who retry, and whether it recovers.

First one caller alone gives the baseline. Then twice as many callers as there are places ask
without a pause, honour Retry-After, and never give up. Then one caller alone again. Prints the
answers and the latencies as ratios of the baseline; exit code 1 if the service refused wrongly,
refused slowly, or did not recover.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

import httpx

from tests.harness.origin import running_origin
from tests.harness.service import PLAIN, QUOTE, RunningService, order, running_service
from tests.harness.shapes import binary_stl, box

_SLOTS, _PLACES = 1, 2
_ALONE = 9
_ALLOWED_RECOVERY = 1.2
_ALLOWED_REFUSAL_S = 0.25
_OK = 200


@dataclass
class Seen:
    """What all callers saw."""

    answers: Counter[str] = field(default_factory=Counter)
    accepted_s: list[float] = field(default_factory=list)
    refused_s: list[float] = field(default_factory=list)
    health_s: list[float] = field(default_factory=list)
    without_retry_after: int = 0


def main() -> int:
    """Runs the load."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    environment = {"SLICE_CONCURRENCY": str(_SLOTS), "QUEUE_PLACES": str(_PLACES)}
    with (
        running_origin() as origin,
        running_service({**origin.environment, **environment}) as service,
    ):
        url = origin.serve("cube.stl", binary_stl(box(20, 20, 20)))
        baseline_s = alone(service, url)
        seen = overload(service, url, options.seconds)
        recovered_s = alone(service, url)
    return report(baseline_s, seen, recovered_s, options.seconds)


def alone(service: RunningService, url: str) -> float:
    """Median latency of one caller."""
    with httpx.Client(**PLAIN) as client:
        return statistics.median(timed(client, service, url)[0] for _ in range(_ALONE))


def timed(client: httpx.Client, service: RunningService, url: str) -> tuple[float, int, float]:
    """Latency, status and what the answer says about coming back."""
    started = time.perf_counter()
    response = client.post(f"{service.base_url}{QUOTE}", json=order(url))
    elapsed = time.perf_counter() - started
    return elapsed, response.status_code, float(response.headers.get("retry-after", -1))


def overload(service: RunningService, url: str, seconds: float) -> Seen:
    """Twice as many callers as there is room for, each retrying until the time is up."""
    seen, end = Seen(), time.monotonic() + seconds

    def call() -> None:
        client = httpx.Client(**PLAIN)
        while time.monotonic() < end:
            elapsed, status, retry_after_s = timed(client, service, url)
            seen.answers[str(status)] += 1
            if status == _OK:
                seen.accepted_s.append(elapsed)
                continue
            seen.refused_s.append(elapsed)
            seen.without_retry_after += retry_after_s < 1
            time.sleep(min(max(retry_after_s, 0), max(0.0, end - time.monotonic())))
        client.close()

    def probe() -> None:
        client = httpx.Client(**PLAIN)
        while time.monotonic() < end:
            started = time.perf_counter()
            client.get(f"{service.base_url}/health")
            seen.health_s.append(time.perf_counter() - started)
            time.sleep(0.1)
        client.close()

    callers = [threading.Thread(target=call) for _ in range(2 * (_SLOTS + _PLACES))]
    threads = [*callers, threading.Thread(target=probe)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


def report(baseline_s: float, seen: Seen, recovered_s: float, seconds: float) -> int:
    """Prints the figures; 1 if one of them is not good."""
    accepted, refused = sorted(seen.accepted_s), sorted(seen.refused_s)
    p95 = accepted[int(0.95 * len(accepted))]
    throughput = len(accepted) / seconds * baseline_s
    health_p99 = sorted(seen.health_s)[int(0.99 * len(seen.health_s))]
    refusal = statistics.median(refused) if refused else 0.0
    print(f"answers: {dict(seen.answers)}")
    print(f"one caller alone: {baseline_s * 1000:.0f} ms")
    print(f"accepted under load: p95 {p95 / baseline_s:.1f} x alone")
    print(f"throughput under load: {throughput:.2f} x one caller without a pause")
    print(f"refused under load: median {refusal * 1000:.1f} ms, {refusal / baseline_s:.2f} x alone")
    print(f"/health under load: p99 {health_p99 * 1000:.1f} ms")
    print(f"one caller alone afterwards: {recovered_s / baseline_s:.2f} x before")
    faults = []
    if set(seen.answers) - {"200", "503"}:
        faults.append("answers other than 200 and 503")
    if seen.without_retry_after:
        faults.append(f"{seen.without_retry_after} refusals without Retry-After")
    if refusal > _ALLOWED_REFUSAL_S:
        faults.append("refusals are slow")
    if recovered_s > _ALLOWED_RECOVERY * baseline_s:
        faults.append("not recovered")
    print("good" if not faults else "; ".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
