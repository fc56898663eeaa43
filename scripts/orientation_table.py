"""What `orientation: auto` saves: each model of a folder, quoted as it lies and as we lay it.

Starts the service with a real slicer, asks it for two quotes of each model (PLA, 200 um, 20 %
infill, supports where needed), and prints the table of docs/orientation.md. The cost is that of
machine and material at the default rates, without base fee and margin. Exit code 1 if `auto` wins
or ties on fewer than nine in ten, loses more than a tenth on one, or refuses what was printable.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.harness.origin import Origin, running_origin
from tests.harness.service import PLAIN, QUOTE, RunningService, order, running_service

_TIE = 0.005
_WORST = 0.10
_SHARE = 0.9
_OK = 200
_PATIENT = {"SLICE_TIMEOUT_SECS": "1800", "SLICE_SILENCE_SECS": "1800"}
_HEAD = """\
| Part | Support g | | Hours | | USD | | |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| | keep | auto | keep | auto | keep | auto | change |"""


@dataclass(frozen=True, slots=True)
class Printed:
    """What a quote says about printing a part in one pose."""

    support_g: float
    hours: float
    usd: float


@dataclass(frozen=True, slots=True)
class Row:
    """One part in both poses."""

    name: str
    keep: Printed
    auto: Printed

    @property
    def change(self) -> float:
        """What `auto` adds to the cost, as a share of it; negative where it saves."""
        return self.auto.usd / self.keep.usd - 1

    def __str__(self) -> str:
        keep, auto = self.keep, self.auto
        cells = (
            f"{keep.support_g:.1f} | {auto.support_g:.1f} | {keep.hours:.2f} | {auto.hours:.2f} | "
            f"{keep.usd:.2f} | {auto.usd:.2f} | {self.change:+.1%}"
        )
        return f"| {self.name} | {cells} |"


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", type=Path, nargs="?", default=Path("../shared/models"))
    folder: Path = parser.parse_args().models
    models = sorted(path for path in folder.iterdir() if path.suffix not in {".md", ".json", ""})
    print(_HEAD, flush=True)
    rows, broken = [], []
    with running_origin() as origin, running_service({**origin.environment, **_PATIENT}) as service:
        for path in models:
            keep, auto = printings(service, origin, path)
            if isinstance(keep, Printed) and isinstance(auto, Printed):
                rows.append(Row(path.name, keep, auto))
                print(rows[-1], flush=True)
            else:
                print(f"| {path.name} | {told(keep)} | {told(auto)} | | | | | |", flush=True)
                broken += [path.name] if isinstance(keep, Printed) else []
    for line in summary(rows, broken):
        print(line)
    return 0 if is_good(rows, broken) else 1


def printings(
    service: RunningService, origin: Origin, path: Path
) -> tuple[Printed | str, Printed | str]:
    """A part as it lies and as we would lay it; the error's code where it is refused."""
    url = origin.serve(path.name, path.read_bytes())
    keep, auto = (printing(service, url, orientation) for orientation in ("keep", "auto"))
    return keep, auto


def printing(service: RunningService, url: str, orientation: str) -> Printed | str:
    """Asks for one quote."""
    with httpx.Client(**{**PLAIN, "timeout": 3600}) as client:
        answer = client.post(f"{service.base_url}{QUOTE}", json=order(url, orientation=orientation))
    body = answer.json()
    if answer.status_code != _OK:
        return str(body["code"])
    return Printed(
        support_g=float(body["print"]["support_weight_g"]),
        hours=float(body["print_time_hours"]),
        usd=float(body["machine_cost_usd"]) + float(body["material_cost_usd"]),
    )


def told(printed: Printed | str) -> str:
    """What stands in the table where a pose could not be priced."""
    return "printed" if isinstance(printed, Printed) else f"`{printed}`"


def summary(rows: list[Row], broken: list[str]) -> Iterator[str]:
    """The lines below the table."""
    won, tied = (
        sum(row.change < -_TIE for row in rows),
        sum(abs(row.change) <= _TIE for row in rows),
    )
    before, after = sum(row.keep.usd for row in rows), sum(row.auto.usd for row in rows)
    support = sum(row.keep.support_g for row in rows), sum(row.auto.support_g for row in rows)
    yield ""
    yield f"Parts: {len(rows)}. Won {won}, tied {tied}, lost {len(rows) - won - tied}."
    yield f"All together: {after / before - 1:+.1%} cost, {support[0]:.1f} g to {support[1]:.1f} g."
    yield f"Worst: {max(row.change for row in rows):+.1%}."
    if broken:
        yield f"Refused with auto alone: {', '.join(broken)}."


def is_good(rows: list[Row], broken: list[str]) -> bool:
    """Whether `auto` does what it promises."""
    fine = sum(row.change <= _TIE for row in rows)
    return (
        bool(rows)
        and not broken
        and fine >= _SHARE * len(rows)
        and all(row.change <= _WORST for row in rows)
    )


if __name__ == "__main__":
    sys.exit(main())
