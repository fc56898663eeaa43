"""Fuzz: ten thousand damaged models, each of which must become a part or a refusal in words.

A tenth of them are STEP files, which take a sandboxed child each; the other formats share the rest.
Some of those that become a part are then priced by the real service with the real slicer. Prints a
row for each format, and every fault with the number that makes the mutant again. Exit code 1 if
there was a fault or an answer of 5xx.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Mapping

from scripts.trial import table, verdict
from tests.harness.model_fuzz import QUOTE, Tally, fuzz
from tests.harness.origin import running_origin
from tests.harness.service import order, running_service
from tests.mesh.mutations import mutant
from tests.mesh.seed_models import SEEDS

_STEP = "step"
_STEP_SHARE = 10
_SERVER_FAULT = 500
_HEADER = ("format", "mutants", "quotes", "refusals", "slowest, CPU s", "peak, MiB", "faults")


def main() -> int:
    """Runs the fuzz."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutants", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--slices", type=int, default=100, help="of mutants that became a part")
    options = parser.parse_args()
    step = options.mutants // _STEP_SHARE
    share = (options.mutants - step) // (len(SEEDS) - 1)
    numbers = {kind: step if kind == _STEP else share for kind in SEEDS}
    tallies = {kind: fuzz(kind, number, seed=options.seed) for kind, number in numbers.items()}
    table(_HEADER, *(_row(kind, numbers[kind], tally) for kind, tally in tallies.items()))
    faults = [
        f"{kind} {number}, seed {options.seed}:\n{fault}"
        for kind, tally in tallies.items()
        for number, fault in tally.faults.items()
    ]
    return verdict([*faults, *_priced(tallies, options.slices, options.seed)])


def _row(kind: str, number: int, tally: Tally) -> tuple[object, ...]:
    refused = [(code, count) for code, count in tally.outcomes.most_common() if code != QUOTE]
    refusals = ", ".join(f"`{code}` {count:,}" for code, count in refused)
    slowest, largest = (f"{figure:,.2f} (#{of})" for figure, of in (tally.slowest, tally.largest))
    return kind, number, tally.outcomes[QUOTE], refusals, slowest, largest, len(tally.faults)


def _priced(tallies: Mapping[str, Tally], slices: int, seed: int) -> list[str]:
    """Orders some of the accepted mutants, spread over all; returns the failures."""
    answers, failures = Counter[str](), []
    with running_origin() as origin, running_service(origin.environment) as service:
        for kind, tally in tallies.items():
            each = max(1, len(tally.accepted) * len(tallies) // max(1, slices))
            for number in tally.accepted[::each]:
                url = origin.serve(f"{kind}-{number}", mutant(kind, number, seed=seed))
                response = service.post(order(url, infill=10, layer_thickness=300))
                answers[f"{kind}: {response.json().get('code', QUOTE)}"] += 1
                if response.status_code >= _SERVER_FAULT:
                    failures.append(f"{kind} {number}, seed {seed}: {response.text}")
    print(f"\nordered from the service: {answers.total()}, {dict(sorted(answers.items()))}")
    return failures


if __name__ == "__main__":
    sys.exit(main())
