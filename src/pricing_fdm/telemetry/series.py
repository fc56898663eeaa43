"""Metrics whose series are all there from the start, so that a rate sees the first event.

Each label is given with the values that it can have; with none, where they are known only later.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Histogram


def counter(registry: CollectorRegistry, name: str, text: str, **labels: Iterable[str]) -> Counter:
    """A counter with a series for each combination of its labels' values."""
    made = Counter(name, text, tuple(labels), registry=registry)
    _begin(made, labels)
    return made


def histogram(
    registry: CollectorRegistry,
    name: str,
    text: str,
    buckets: Sequence[float],
    **labels: Iterable[str],
) -> Histogram:
    """The same of a histogram."""
    made = Histogram(name, text, tuple(labels), buckets=buckets, registry=registry)
    _begin(made, labels)
    return made


def _begin(made: Counter | Histogram, labels: Mapping[str, Iterable[str]]) -> None:
    if labels:
        for values in itertools.product(*labels.values()):
            made.labels(*values)
