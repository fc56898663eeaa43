"""Soak of the runner: 300 slices, a tenth of which are killed, hang, crash or escape.

The slicer is the stand-in of the tests, told anew before each quote what to do. Prints the same
rows as `scripts/soak.py`; exit code 1 if a process, a descriptor, a folder or memory is left.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

from scripts.soak import HEADER, look, verdict
from tests.harness.origin import running_origin
from tests.harness.puppet import install_fake_prusa
from tests.harness.service import order, running_service
from tests.harness.shapes import binary_stl, box

_ROWS = 10
_WARM_UP = 20
_TIMEOUT_S = 2
_FAULTS: tuple[dict[str, object], ...] = (
    {"crash_signal": "SIGKILL", "stage": "slicing"},
    {"crash_signal": "SIGSEGV", "stage": "end"},
    {"hang": True, "ignore_sigterm": True, "stage": "slicing", "child_holds_pipes_s": 600},
    {"daemon_s": 600},
    {"flood_stdout_mb": 50, "exit_code": 1},
    {"exit_code": 0},
)


def main() -> int:
    """Runs the soak."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slices", type=int, default=300)
    parser.add_argument("--seed", type=int, default=42)
    options = parser.parse_args()
    chance, answers = random.Random(options.seed), dict[str, int]()
    with (
        tempfile.TemporaryDirectory(prefix="soak-") as folder,
        running_origin() as origin,
    ):
        binary = install_fake_prusa(Path(folder))
        environment = {
            **origin.environment,
            "PRUSA_BINARY": str(binary),
            "SLICE_TIMEOUT_SECS": str(_TIMEOUT_S),
            "POISON_SECS": "0",
            "SELF_TEST_RETRY_SECS": "1",
        }
        url = origin.serve("cube.stl", binary_stl(box(10, 10, 10)))
        with running_service(environment) as service:

            def slice_one() -> None:
                fault = chance.choice(_FAULTS) if chance.random() < 1 / 10 else {}
                install_fake_prusa(Path(folder), **fault)
                answer = service.post(order(url)).json()
                ended = str(answer.get("code", "quote"))
                answers[ended] = answers.get(ended, 0) + 1

            for _ in range(_WARM_UP):
                slice_one()
            answers.clear()
            rows = [look(service, 0)]
            print(HEADER, rows[0], sep="\n", flush=True)
            for number in range(_ROWS):
                for _ in range(options.slices // _ROWS):
                    slice_one()
                rows.append(look(service, (number + 1) * options.slices // _ROWS))
                print(rows[-1], flush=True)
        print(f"\nanswers: {dict(sorted(answers.items()))}")
    return verdict(rows, {})


if __name__ == "__main__":
    sys.exit(main())
