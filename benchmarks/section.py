"""What a benchmark hands over: claims with their aims, tables, and all samples behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Claim:
    """One line of the summary.

    Attributes:
        figure: With its spread and unit.
        aim: What it should be; empty if it is only told.
        met: None if there is no aim.
        floor: Why it cannot be better; shown where the aim is not met.
    """

    what: str
    figure: str
    aim: str = ""
    met: bool | None = None
    floor: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text below a header; columns but the first are set to the right.

    Attributes:
        caption: What is seen; a sentence.
    """

    caption: str
    header: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Section:
    """All about one question.

    Attributes:
        name: As `BENCH_ONLY` names it, and as the link to it.
        how: How it was measured, in paragraphs.
        samples: Every single measurement; can be written as JSON.
    """

    name: str
    title: str
    how: str
    claims: Sequence[Claim] = ()
    tables: Sequence[Table] = ()
    samples: dict[str, Any] = field(default_factory=dict)


def at_most(
    what: str, value: float, limit: float, *, figure: str, unit: str = "", floor: str = ""
) -> Claim:
    """A claim that holds while the value is not above the limit."""
    return Claim(what, figure, f"<= {limit:g}{unit}", value <= limit, floor)


def at_least(
    what: str, value: float, limit: float, *, figure: str, unit: str = "", floor: str = ""
) -> Claim:
    """A claim that holds while the value is not below the limit."""
    return Claim(what, figure, f">= {limit:g}{unit}", value >= limit, floor)
