from __future__ import annotations

from benchmarks.report import report, section_text, summary, table
from benchmarks.section import Claim, Section, Table, at_least, at_most

MET = at_most("Ratio", 1.02, 1.05, figure="1.02 (1.01..1.04)")
MISSED = at_least("Throughput", 0.9, 0.95, figure="0.90", floor="One core only.")
TOLD = Claim("Memory", "72 MiB")
SECTION = Section(
    name="speed",
    title="How fast",
    how="Side by side.",
    claims=[MET, MISSED, TOLD],
    tables=[Table("All parts.", ("Part", "s"), [("a|b", "1.0")])],
)


def test_an_aim_is_met_at_its_limit() -> None:
    """`<=` means what it says."""
    assert at_most("", 1.05, 1.05, figure="").met
    assert at_least("", 0.95, 0.95, figure="").met
    assert not at_most("", 1.06, 1.05, figure="").met


def test_a_limit_is_written_with_its_unit() -> None:
    """60 of what, a reader would ask."""
    assert at_most("", 1, 60, figure="", unit=" ms").aim == "<= 60 ms"


def test_a_table_is_markdown_whose_cells_cannot_break_it() -> None:
    """Names of parts come from files."""
    assert table(SECTION.tables[0]) == (
        "All parts.\n\n| Part | s |\n| --- | ---: |\n| a\\|b | 1.0 |\n"
    )


def test_the_summary_has_all_aims_with_links_and_tells_why_one_is_missed() -> None:
    """A miss stands where everybody looks, with its reason."""
    text = summary([SECTION])
    assert "| [Ratio](#speed) | 1.02 (1.01..1.04) | <= 1.05 | yes |" in text
    assert "| [Throughput](#speed) | 0.90 | >= 0.95 | **no** |" in text
    assert "- Throughput: 0.90. One core only." in text
    assert "Memory" not in text


def test_a_section_tells_how_it_was_measured_before_what_came_out() -> None:
    """A figure is worth what its making is."""
    text = section_text(SECTION)
    assert text.index('<a id="speed">') < text.index("Side by side.") < text.index("| Memory |")


def test_the_page_names_the_machine_first() -> None:
    """Figures of an unknown machine cannot be compared."""
    page = report([SECTION], [("Processor", "of some kind, 2 cores")])
    assert page.index("of some kind, 2 cores") < page.index("## Aims") < page.index("## How fast")
