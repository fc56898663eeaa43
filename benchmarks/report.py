"""Writes docs/performance.md from what was measured; the words between the tables stand here."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.section import Claim, Section, Table

_HEAD = """\
# Performance, in figures

<!-- `make bench` writes this file; its words stand in benchmarks/. -->

What the service adds to the slicer's own work, what a repeat costs, what it makes of the cores and
takes of the memory. `make bench` measures all of it again and writes this page; every single sample
is in [performance.json](performance.json). `BENCH_ONLY=overhead,memory` measures some of it and
prints only. Why it is measured like this: [ADR 19](../ADR/0019-benchmarks.md).

A figure is a median, with the lowest and the highest in parentheses. Ratios are of two things that
were measured one right after the other; processor times are the kernel's own account of one
process. Ratios hardly depend on the machine. Times do, the processor's too: where others share a
core, the same work takes more of it. The last rows of the next table say how much more it was in
this run, and what the second core is worth: 0.5 is a whole core, 1 is none.
"""


def report(sections: Sequence[Section], machine: Sequence[tuple[str, str]]) -> str:
    """The whole page."""
    blocks = [
        _HEAD,
        "## The machine\n",
        table(Table("", ("", ""), list(machine))),
        "## Aims\n",
        summary(sections),
        *(section_text(section) for section in sections),
    ]
    return "\n".join(blocks)


def summary(sections: Sequence[Section]) -> str:
    """All claims with an aim, and why some are not met."""
    aimed = [(section, claim) for section in sections for claim in section.claims if claim.aim]
    rows = [
        (f"[{claim.what}](#{section.name})", claim.figure, claim.aim, _verdict(claim))
        for section, claim in aimed
    ]
    text = table(Table("", ("What", "figure", "aim", "met"), rows))
    missed = [claim for _, claim in aimed if not claim.met and claim.floor]
    if missed:
        lines = "\n".join(f"- {claim.what}: {claim.figure}. {claim.floor}" for claim in missed)
        text += f"\nWhy some are not met:\n\n{lines}\n"
    return text


def section_text(section: Section) -> str:
    """One section: how, claims, tables."""
    blocks = [f'<a id="{section.name}"></a>\n\n## {section.title}\n', f"{section.how}\n"]
    if section.claims:
        rows = [(c.what, c.figure, c.aim, _verdict(c)) for c in section.claims]
        blocks.append(table(Table("", ("What", "figure", "aim", "met"), rows)))
    blocks += [table(each) for each in section.tables]
    return "\n".join(blocks)


def table(what: Table) -> str:
    """Markdown; the first column to the left, the others to the right."""
    lines = [
        _line(what.header),
        _line(["---", *["---:"] * (len(what.header) - 1)]),
        *map(_line, what.rows),
    ]
    caption = f"{what.caption}\n\n" if what.caption else ""
    return caption + "\n".join(lines) + "\n"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _verdict(claim: Claim) -> str:
    if claim.met is None:
        return ""
    return "yes" if claim.met else "**no**"
