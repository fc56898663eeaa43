"""Which benchmarks there are, and their order: what takes the machine whole comes first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from benchmarks import (
    cores,
    large,
    memory,
    options,
    overhead,
    peer,
    repeats,
    start,
    steps,
    timing,
)
from benchmarks.place import Place
from benchmarks.section import Section, Table, at_least, at_most
from benchmarks.spread import Spread

_TURNS_OF_CORES = 2


def _cores(place: Place) -> Section:
    del place  # it has an origin and services of its own
    measured = cores.measure(_TURNS_OF_CORES)
    throughput = Spread.of(ratio for part in measured for ratio in part.throughput)
    latency = Spread.of(ratio for part in measured for ratio in part.latency)
    return Section(
        name="cores",
        title="What is made of the cores",
        how=(cores.__doc__ or "").partition("\n\n")[2].strip(),
        claims=[
            at_least(
                "Throughput with a full queue / `xargs -P` with the bare slicer",
                throughput.median,
                cores.THROUGHPUT_AIM,
                figure=throughput.text(3),
            ),
            at_most(
                "One caller alone / bare slicer, as in daily use",
                latency.median,
                cores.LATENCY_AIM,
                figure=latency.text(3),
            ),
        ],
        tables=[
            Table(
                f"{_TURNS_OF_CORES} turns for each part.",
                ("Part", "slices in the queue", "throughput / `xargs -P`", "alone / bare slicer"),
                [
                    (
                        part.part,
                        str(part.jobs),
                        Spread.of(part.throughput).text(3),
                        Spread.of(part.latency).text(3),
                    )
                    for part in measured
                ],
            )
        ],
        samples=cores.summary(measured),
    )


BENCHMARKS: Mapping[str, Callable[[Place], Section]] = MappingProxyType(
    {
        overhead.NAME: overhead.measure,
        "cores": _cores,
        steps.NAME: steps.measure,
        large.NAME: large.measure,
        repeats.NAME: repeats.measure,
        options.NAME: options.measure,
        start.NAME: start.measure,
        memory.NAME: memory.measure,
        peer.NAME: peer.measure,
        timing.NAME: timing.measure,  # looks at the quotes of all others
    }
)


def chosen(only: Sequence[str], *, with_peer: bool) -> list[str]:
    """The names of what is to be measured, in order.

    Args:
        only: Those; all if empty.
        with_peer: Also the peer pipeline, which needs programs of its own.

    Raises:
        ValueError: There is no such benchmark.
    """
    unknown = set(only) - set(BENCHMARKS)
    if unknown:
        raise ValueError(f"no such benchmark: {', '.join(sorted(unknown))}")
    return [
        name
        for name in BENCHMARKS
        if (name in only if only else name != peer.NAME) or (with_peer and name == peer.NAME)
    ]
