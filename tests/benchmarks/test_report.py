from __future__ import annotations

import os

from benchmarks.report import Claim, Section, at_least, at_most, machine, page
from benchmarks.spread import Spread


def test_an_aim_is_met_at_its_limit() -> None:
    """`<=` means what it says, and the limit has its unit."""
    assert at_most("", Spread.of([60]), 60, " ms", 0) == Claim("", "60 ms", "<= 60 ms", met=True)
    assert at_most("", Spread.of([61]), 60).met is False
    assert at_least("", Spread.of([0.95]), 0.95).met


def test_the_page_names_the_machine_and_tells_how_before_what_came_out() -> None:
    """Figures of an unknown machine cannot be compared; one is worth what its making is."""
    missed = at_least("Throughput", Spread.of([0.9]), 0.95)
    section = Section("cores", "Cores", "Side by side.", [missed], [("Part", "s"), ("a", "1.0")])
    text = page([section], [("Processor", "of some kind")])
    assert text.index("of some kind") < text.index("Side by side.") < text.index("| Throughput |")
    assert "| Throughput | 0.90 | >= 0.95 | **no** |" in text
    assert '<a id="cores"></a>' in text
    assert "| Part | s |\n| --- | ---: |\n| a | 1.0 |\n" in text


def test_the_machine_is_described_without_names() -> None:
    """The page is public."""
    rows = dict(machine())
    assert {"Processor", "Memory", "System", "Python", "Date", "Commit"} <= set(rows)
    assert os.uname().nodename not in " ".join(rows.values())
