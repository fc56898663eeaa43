"""Fuzz: ten thousand damaged models, each of which must become a part or a refusal in words.

A tenth of them are STEP files, which take a sandboxed child each; the other formats share the rest.
Some of those that become a part are then priced by the real service with the real slicer. Prints a
row for each format, and every fault with the number that makes the mutant again. Exit code 1 if
there was a fault or an answer of 5xx.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Mapping

from tests.harness.model_fuzz import QUOTE, Tally, fuzz
from tests.harness.origin import running_origin
from tests.harness.service import order, running_service
from tests.mesh.mutations import mutant
from tests.mesh.seed_models import SEEDS

_STEP = "step"
_STEP_SHARE = 10
_SERVER_FAULT = 500

HEADER = (
    "| format | mutants | quotes | refusals | slowest, CPU s | peak, MiB | faults |\n"
    "| :----- | ------: | -----: | :------- | -------------: | --------: | -----: |"
)


def main() -> int:
    """Runs the fuzz."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutants", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--slices", type=int, default=100, help="of mutants that became a part")
    options = parser.parse_args()
    started = time.monotonic()
    tallies = {}
    print(HEADER)
    for kind, number in _shares(options.mutants).items():
        tallies[kind] = fuzz(kind, number, seed=options.seed)
        print(_row(kind, number, tallies[kind]), flush=True)
    for kind, tally in tallies.items():
        for number, fault in tally.faults.items():
            print(f"\n{kind} {number}, seed {options.seed}:\n{fault}")
    answers, failures = _priced(tallies, options.slices, options.seed)
    print(f"\nordered from the service: {answers.total()}, {dict(sorted(answers.items()))}")
    print(f"{time.monotonic() - started:.0f} s")
    faults = sum(len(tally.faults) for tally in tallies.values())
    return 1 if faults or failures else 0


def _shares(mutants: int) -> dict[str, int]:
    """How many of each format, in turn those that are cheap and STEP."""
    step = mutants // _STEP_SHARE
    others = [kind for kind in SEEDS if kind != _STEP]
    share, more = divmod(mutants - step, len(others))
    return {kind: share + (place < more) for place, kind in enumerate(others)} | {_STEP: step}


def _row(kind: str, number: int, tally: Tally) -> str:
    refusals = ", ".join(
        f"`{code}` {count:,}" for code, count in tally.outcomes.most_common() if code != QUOTE
    )
    return (
        f"| {kind} | {number:,} | {tally.outcomes[QUOTE]:,} | {refusals} | "
        f"{tally.slowest[0]:.2f} (#{tally.slowest[1]}) | "
        f"{tally.largest[0]:,.0f} (#{tally.largest[1]}) | {len(tally.faults)} |"
    )


def _priced(tallies: Mapping[str, Tally], slices: int, seed: int) -> tuple[Counter[str], int]:
    """Orders some of the accepted mutants, spread over formats and numbers.

    Returns:
        How often each format was answered how, and how many answers were 5xx.
    """
    answers: Counter[str] = Counter()
    failures = 0
    with running_origin() as origin, running_service(origin.environment) as service:
        for kind, tally in tallies.items():
            each = max(1, len(tally.accepted) * len(tallies) // max(1, slices))
            for number in tally.accepted[::each]:
                url = origin.serve(f"{kind}-{number}", mutant(kind, number, seed=seed))
                response = service.post(order(url, infill=10, layer_thickness=300))
                answers[f"{kind}: {response.json().get('code', QUOTE)}"] += 1
                if response.status_code >= _SERVER_FAULT:
                    failures += 1
                    print(f"\n{kind} {number}, seed {seed}: {response.text}")
    return answers, failures


if __name__ == "__main__":
    sys.exit(main())
