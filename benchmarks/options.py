"""Many prices of one part: one request for all of them against one request for each."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from benchmarks.parts import PartFile, ball
from benchmarks.place import NO_CACHE, Caller, Place
from benchmarks.section import Claim, Section, Table, at_most
from benchmarks.spread import Spread, ratios
from benchmarks.usage import own_cpu_s
from pricing_fdm.slicers.cores import usable_cores
from pricing_fdm.web.paths import OPTIONS_PATH
from tests.harness.service import QUOTE, order

NAME = "options"

_TURNS = 2
_BALL_MB = 5.0
_VARIANTS: tuple[dict[str, Any], ...] = tuple(
    {"material": material, "infill": infill, "layer_thickness": 300}
    for material in ("pla", "petg", "tpu")
    for infill in (10, 15)
)

_HOW = f"""\
{len(_VARIANTS)} variants of one part, three materials with two infills, none of which can share a
slice with another: in one request to `/options`; as single requests one after the other, as a page
would do that waits for each; and as single requests at once. In turn, with a slot for each core and
nothing remembered (`CACHE_TTL_SECS=0`), so that every turn does all the work. The part is a ball of
{_BALL_MB:g} MB: large to read, small to slice. All three ways must name the same prices."""


@dataclass(frozen=True, slots=True)
class _Way:
    wall_s: float
    cpu_s: float
    downloads: int


Ask = Callable[[Caller, str], list[dict[str, Any]]]


def measure(place: Place) -> Section:
    """Compares the three ways."""
    slots = len(usable_cores())
    part = ball(_BALL_MB)
    together: list[_Way] = []
    in_line: list[_Way] = []
    at_once: list[_Way] = []
    with place.service(**NO_CACHE, SLICE_CONCURRENCY=str(slots), QUEUE_WAIT_SECS="900") as caller:
        for _ in range(_TURNS):
            prices = [
                _measured(caller, part, _together, together),
                _measured(caller, part, _in_line, in_line),
                _measured(caller, part, _at_once, at_once),
            ]
            if any(each != prices[0] for each in prices):
                raise RuntimeError(f"the ways do not agree: {prices}")
    line = Spread.of(ratios(_walls(together), _walls(in_line)))
    once = Spread.of(ratios(_walls(together), _walls(at_once)))
    cpu = Spread.of(ratios([w.cpu_s for w in together], [w.cpu_s for w in in_line]))
    return Section(
        name=NAME,
        title="Many prices of one part",
        how=_HOW,
        claims=[
            at_most(
                f"{len(_VARIANTS)} variants in one request / one after the other, "
                f"{slots} slots, wall",
                line.median,
                1.0,
                figure=line.text(),
            ),
            Claim("The same / single requests at once, wall", once.text()),
            Claim("The service's own CPU, one request / single ones", cpu.text()),
        ],
        tables=[
            Table(
                f"{_TURNS} turns.",
                ("Way", "wall, s", "service itself, CPU s", "downloads"),
                [
                    _row("one request", together),
                    _row("single requests, one after the other", in_line),
                    _row("single requests, at once", at_once),
                ],
            )
        ],
        samples={
            "together_s": _walls(together),
            "in_line_s": _walls(in_line),
            "at_once_s": _walls(at_once),
        },
    )


def _measured(caller: Caller, part: PartFile, ask: Ask, into: list[_Way]) -> list[float]:
    url = caller.place.serve(part)
    downloads = len(caller.place.origin.requests)
    cpu_s, began_s = own_cpu_s(caller.pid), time.perf_counter()
    quotes = ask(caller, url)
    into.append(
        _Way(
            time.perf_counter() - began_s,
            own_cpu_s(caller.pid) - cpu_s,
            len(caller.place.origin.requests) - downloads,
        )
    )
    return [quote["total_usd"] for quote in quotes]


def _together(caller: Caller, url: str) -> list[dict[str, Any]]:
    body = caller.post(OPTIONS_PATH, {"file_url": url, "variants": list(_VARIANTS)}).body
    return [option["quote"] for option in body["options"]]


def _in_line(caller: Caller, url: str) -> list[dict[str, Any]]:
    return [_single(caller, url, variant) for variant in _VARIANTS]


def _at_once(caller: Caller, url: str) -> list[dict[str, Any]]:
    with ThreadPoolExecutor(len(_VARIANTS)) as callers:
        return list(callers.map(lambda variant: _single(caller, url, variant), _VARIANTS))


def _single(caller: Caller, url: str, variant: dict[str, Any]) -> dict[str, Any]:
    return caller.post(QUOTE, order(url, **variant)).body


def _walls(ways: list[_Way]) -> list[float]:
    return [way.wall_s for way in ways]


def _row(name: str, ways: list[_Way]) -> tuple[str, ...]:
    return (
        name,
        Spread.of(_walls(ways)).text(),
        Spread.of(way.cpu_s for way in ways).text(),
        str(ways[0].downloads),
    )
