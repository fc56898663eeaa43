"""Soak: 500 mixed quotes against the real service, and whether anything grows.

Good parts, broken ones, dead links, hostile URLs, wrong requests and callers who hang up, in a
seeded order, three at a time. Prints a row for every fifty: memory, descriptors, threads, child
processes and folders of the service after it has come to rest. Exit code 1 if something grew.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.harness.origin import Origin, running_origin, status
from tests.harness.service import RunningService, order, running_service
from tests.harness.shapes import ascii_stl, binary_stl, box, tee

_CALLERS = 3
_ROWS = 10
_WARM_UP = 60
# What the interpreter's own arenas may still take after the warm-up; a leak of 100 kB a quote
# would be 44 MB.
_ALLOWED_MIB = 12
_ALLOWED_DESCRIPTORS = 2


@dataclass(frozen=True)
class Row:
    """The service at rest after so many quotes."""

    quotes: int
    rss_mib: float
    descriptors: int
    threads: int
    children: int
    folders: int

    def __str__(self) -> str:
        return (
            f"| {self.quotes:6} | {self.rss_mib:8.1f} | {self.descriptors:11} | "
            f"{self.threads:7} | {self.children:9} | {self.folders:12} |"
        )


HEADER = (
    "| quotes | RSS, MiB | descriptors | threads | processes | temp folders |\n"
    "| -----: | -------: | ----------: | ------: | --------: | -----------: |"
)


def main() -> int:
    """Runs the soak."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quotes", type=int, default=500)
    parser.add_argument("--seed", type=int, default=42)
    options = parser.parse_args()
    with running_origin() as origin, running_service(origin.environment) as service:
        requests = mixed_requests(origin)
        answers: dict[str, int] = {}
        picked = random.Random(options.seed).choices(requests, k=_WARM_UP + options.quotes)
        ask_all(service, picked[:_WARM_UP], answers)
        answers.clear()
        rows = [look(service, 0)]
        print(HEADER, rows[0], sep="\n", flush=True)
        started = time.monotonic()
        share = options.quotes // _ROWS
        for number in range(_ROWS):
            start = _WARM_UP + number * share
            ask_all(service, picked[start : start + share], answers)
            rows.append(look(service, (number + 1) * share))
            print(rows[-1], flush=True)
        elapsed = time.monotonic() - started
        print(f"\n{elapsed:.0f} s, answers: {dict(sorted(answers.items()))}")
        return verdict(rows, answers)


def mixed_requests(origin: Origin) -> list[dict[str, object]]:
    """One request of each kind; good ones more often."""
    origin.behaviours["/gone"] = status(404)
    origin.behaviours["/broken"] = status(500)
    origin.behaviours["/moved"] = status(302)
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


def ask_all(
    service: RunningService, requests: list[dict[str, object]], answers: dict[str, int]
) -> None:
    """Sends the requests, a few at a time, and counts what came back."""

    def ask(request: dict[str, object]) -> str:
        body = dict(request)
        if body.pop("hang_up", False):
            try:
                service.post(body, timeout=0.15)
            except httpx.TimeoutException:
                return "hung up"
        return str(service.post(body).status_code)

    with ThreadPoolExecutor(_CALLERS) as callers:
        for answer in callers.map(ask, requests):
            answers[answer] = answers.get(answer, 0) + 1


def look(service: RunningService, quotes: int) -> Row:
    """Waits until the service is at rest and measures it."""
    process = Path(f"/proc/{service.process.pid}")
    end = time.monotonic() + 30
    while (service.leftovers() or children_of(process)) and time.monotonic() < end:
        time.sleep(0.05)
    time.sleep(0.5)
    rss_kib = next(
        int(line.split()[1])
        for line in (process / "status").read_text().splitlines()
        if line.startswith("VmRSS")
    )
    return Row(
        quotes=quotes,
        rss_mib=rss_kib / 1024,
        descriptors=len(list((process / "fd").iterdir())),
        threads=len(list((process / "task").iterdir())),
        children=len(children_of(process)),
        folders=len(service.leftovers()),
    )


def children_of(process: Path) -> list[str]:
    """Processes that the service has started and that are not reaped yet."""
    return [
        child
        for task in (process / "task").iterdir()
        for child in (task / "children").read_text().split()
    ]


def verdict(rows: list[Row], answers: dict[str, int]) -> int:
    """Says what grew; 1 if anything did."""
    first, last = rows[0], rows[-1]
    faults = []
    if last.rss_mib - first.rss_mib > _ALLOWED_MIB:
        faults.append(f"memory grew by {last.rss_mib - first.rss_mib:.1f} MiB")
    if last.descriptors - first.descriptors > _ALLOWED_DESCRIPTORS:
        faults.append(f"{last.descriptors - first.descriptors} descriptors more")
    if last.children or last.folders:
        faults.append(f"{last.children} processes and {last.folders} folders are left")
    if answers.get("500"):
        faults.append(f"{answers['500']} answers of 500")
    print("nothing grew" if not faults else "; ".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
