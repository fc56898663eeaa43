"""What `orientation: auto` saves: each model of a folder, quoted as it lies and as we lay it.

Asks the service, with a real slicer, for two quotes of each model (PLA, 200 um, 20 % infill,
supports where needed), and prints the table of docs/orientation.md. The cost is that of machine and
material at the default rates, without base fee and margin. Exit code 1 if `auto` wins or ties on
fewer than nine in ten, loses more than a tenth on one, or refuses what was printable.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from scripts.trial import table, verdict
from tests.harness.origin import running_origin
from tests.harness.service import RunningService, order, running_service

_TIE, _WORST, _SHARE = 0.005, 0.10, 0.9
_OK = 200
_PATIENT = {"SLICE_TIMEOUT_SECS": "1800", "SLICE_SILENCE_SECS": "1800"}
_HEADER = ("Part", "support g, keep", "auto", "hours, keep", "auto", "USD, keep", "auto", "change")

Figures = tuple[float, float, float]


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", type=Path, nargs="?", default=Path("../shared/models"))
    folder: Path = parser.parse_args().models
    models = sorted(path for path in folder.iterdir() if path.suffix not in {".md", ".json", ""})
    changes, rows, faults = [], [], []
    with running_origin() as origin, running_service({**origin.environment, **_PATIENT}) as service:
        for path in models:
            url = origin.serve(path.name, path.read_bytes())
            keep, auto = (printed(service, url, orientation) for orientation in ("keep", "auto"))
            if isinstance(keep, str) or isinstance(auto, str):
                if not isinstance(keep, str):
                    faults.append(f"{path.name} is refused with auto alone")
                continue
            changes.append(auto[2] / keep[2] - 1)
            pairs = [f"{figure:.2f}" for pair in zip(keep, auto, strict=True) for figure in pair]
            rows.append((path.name, *pairs, f"{changes[-1]:+.1%}"))
    table(_HEADER, *rows)
    won = sum(change < -_TIE for change in changes)
    lost = sum(change > _TIE for change in changes)
    print(f"\nParts: {len(rows)}. Won {won}, lost {lost}, worst {max(changes, default=0):+.1%}.")
    if lost > (1 - _SHARE) * len(rows) or not rows:
        faults.append("auto wins or ties on too few")
    if max(changes, default=0) > _WORST:
        faults.append("auto loses too much on one")
    return verdict(faults)


def printed(service: RunningService, url: str, orientation: str) -> Figures | str:
    """Support in grams, hours and cost of one quote; the error's code where it is refused."""
    answer = service.post(order(url, orientation=orientation), timeout=3600)
    body: dict[str, Any] = answer.json()
    if answer.status_code != _OK:
        return str(body["code"])
    cost_usd = body["machine_cost_usd"] + body["material_cost_usd"]
    return body["print"]["support_weight_g"], body["print_time_hours"], cost_usd


if __name__ == "__main__":
    sys.exit(main())
