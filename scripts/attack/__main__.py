"""Attack: the break-ins that are known, against services of their own, each for a few seconds.

Prints a row for each: what was sent, what the service and its children spent, how long the slowest
`/health` took meanwhile, and what became of it. Exit code 1 if an attack got through, the service
itself spent more on it than it may, or `/health` had to wait.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable

import httpx

from scripts.attack.callers import CALLERS
from scripts.attack.leftovers import LEFTOVERS
from scripts.attack.models import MODELS
from scripts.attack.pieces import PIECES
from scripts.attack.target import Case, Target, targets
from scripts.attack.watch import Spent, watched
from scripts.trial import table, verdict

MOST_HEALTH_S = 2.0

_HEADER = ("attack", "sent", "service: CPU, s", "MiB", "children: CPU, s", "MiB",
           "slowest `/health`, ms", "what became of it")  # fmt: skip
_Failure = (AssertionError, httpx.HTTPError, OSError)


def main() -> int:
    """Runs the attacks, or those whose name holds a word."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="part of the names of the attacks to run")
    only: str = parser.parse_args().only
    rows: list[tuple[object, ...]] = []
    faults: list[str] = []
    chosen = [case for case in (*MODELS, *PIECES, *LEFTOVERS, *CALLERS) if only in case.name]
    for target, cases in targets(chosen):
        for case in cases:
            spent, became = tried(target, case)
            rows.append((case.name, case.sent, *figures(spent), became))
            faults += [f"{case.name}: {fault}" for fault in judged(case, spent, became)]
    table(_HEADER, *rows)
    return verdict(faults)


def tried(target: Target, case: Case) -> tuple[Spent, str]:
    """Runs one attack; what it cost, and what became of it, in words."""
    with watched(target.service.process.pid, target.service.base_url) as spent:
        try:
            became = case.attack(target)
        except _Failure as failure:
            became = f"**got through**: {type(failure).__name__}: {failure}"
    return spent, became


def figures(spent: Spent) -> Iterable[str]:
    """The figures of a row."""
    health_ms = max(spent.health_s, default=0.0) * 1000
    numbers = (spent.cpu_s, spent.grown_mib, spent.child_cpu_s, spent.child_mib, health_ms)
    return [f"{number:.{digits}f}" for number, digits in zip(numbers, (2, 0, 1, 0, 0), strict=True)]


def judged(case: Case, spent: Spent, became: str) -> Iterable[str]:
    """What is wrong with the end of an attack."""
    if "**" in became:
        yield became
    if spent.cpu_s > case.most_cpu_s:
        yield f"{spent.cpu_s:.1f} s of CPU in the service"
    if spent.grown_mib > case.most_mib:
        yield f"{spent.grown_mib:.0f} MiB more in the service"
    if not spent.health_s or max(spent.health_s) > MOST_HEALTH_S:
        yield f"/health took {max(spent.health_s, default=float('inf')):.1f} s"


if __name__ == "__main__":
    sys.exit(main())
