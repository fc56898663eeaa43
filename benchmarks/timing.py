"""Where the time goes for a caller: do the stages add up, and do the histograms tell them apart?

Looks at all quotes that the other benchmarks of the run have had.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from benchmarks.place import NO_CACHE, Place, Seen
from benchmarks.section import Section, Table, at_most
from benchmarks.spread import Spread

NAME = "timing"
GAP_AIM = 0.02
BUCKET_AIM = 0.5

_HISTOGRAMS = {
    "pricing_fdm_request_duration_seconds": "total",
    "pricing_fdm_slice_duration_seconds": "slice",
}

_HOW = """\
All quotes of this run that were really sliced. The gap is what the stages in `timing_ms` leave of
`total`. For the histograms each part counts once, with the median of its quotes, so that a part
that was measured more often does not weigh more; the bounds are read from the service's own
`/metrics`. A histogram tells little if most quotes fall into one of its buckets, or beyond its
last."""


def measure(place: Place) -> Section:
    """Looks at what the others have seen."""
    with place.service(**NO_CACHE) as caller:
        if not place.quotes:  # it was asked for alone
            for part in place.parts[:3]:
                caller.quote(place.serve(part), part.name, infill=10, layer_thickness=300)
        bounds = {
            name: sorted({float(s.labels["le"]) for s in caller.samples(name) if "le" in s.labels})
            for name in _HISTOGRAMS
        }
    gaps = [gap(quote.timing_ms) for quote in place.quotes]
    untold = Spread.of(1 - quote.timing_ms["total"] / quote.wall_ms for quote in place.quotes)
    claims = [
        at_most(
            f"Largest gap between the stages and the total, {len(gaps)} quotes",
            max(gaps),
            GAP_AIM,
            figure=f"{max(gaps):.4%}",
        ),
        at_most(
            "What the caller waits beyond `total`, share of his wall time, median",
            untold.median,
            GAP_AIM,
            figure=f"{untold.median:.2%} ({untold.low:.2%}..{untold.high:.2%})",
        ),
    ]
    tables = []
    for name, stage in _HISTOGRAMS.items():
        values_s = [value / 1000 for value in _medians_ms(place.quotes, stage)]
        shares = bucket_shares(values_s, bounds[name])
        claims.append(
            at_most(
                f"Largest share of one bucket of `{name}`, {len(values_s)} parts",
                max(shares),
                BUCKET_AIM,
                figure=f"{max(shares):.0%}",
                floor="With one part only, it can be nothing else.",
            )
        )
        tables.append(_table(name, bounds[name], shares))
    return Section(
        name=NAME,
        title="Where the time goes",
        how=_HOW,
        claims=claims,
        tables=tables,
        samples={"quotes": [dataclasses.asdict(quote) for quote in place.quotes]},
    )


def gap(timing_ms: dict[str, float]) -> float:
    """What the stages leave of the total, or exceed it by, as a share of it."""
    stages_ms = sum(ms for name, ms in timing_ms.items() if name != "total")
    return abs(timing_ms["total"] - stages_ms) / timing_ms["total"]


def bucket_shares(values: Sequence[float], bounds: Sequence[float]) -> list[float]:
    """Which share of the values falls into each bucket.

    Args:
        values: At least one.
        bounds: Upper bounds, rising; a value that is equal to one is below it.
    """
    counts = [0] * len(bounds)
    for value in values:
        counts[next(n for n, bound in enumerate(bounds) if value <= bound)] += 1
    return [count / len(values) for count in counts]


def _medians_ms(quotes: Sequence[Seen], stage: str) -> list[float]:
    by_part: dict[str, list[float]] = {}
    for quote in quotes:
        by_part.setdefault(quote.name, []).append(quote.timing_ms[stage])
    return [Spread.of(values).median for values in by_part.values()]


def _table(name: str, bounds: Sequence[float], shares: Sequence[float]) -> Table:
    return Table(
        f"`{name}`",
        ("Up to, s", "share of the parts"),
        [(f"{bound:g}", f"{share:.0%}") for bound, share in zip(bounds, shares, strict=True)],
    )
