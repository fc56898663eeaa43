"""What a measurement hands over, and how it is written: Markdown, with the machine at its head."""

from __future__ import annotations

import datetime as dt
import os
import platform
import re
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.spread import Spread
from pricing_fdm.slicers.cores import usable_cores

_ROOT = Path(__file__).parent.parent
_HEAD = """\
# Performance, in figures

<!-- `make bench` writes this file. -->

A figure is a median, with the lowest and the highest in parentheses. A ratio is of two things that
were measured one right after the other, so it hardly depends on the machine; times do. Why it is
measured like this: [ADR 19](../ADR/0019-benchmarks.md). Every sample:
[performance.json](performance.json).
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """One line: what, its figure with spread and unit, and, where there is one, the aim."""

    what: str
    figure: str
    aim: str = ""
    met: bool | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """All about one question.

    Attributes:
        name: As `BENCH_ONLY` names it, and as the link to it.
        how: How it was measured.
        table: A header, then rows; columns but the first are set to the right.
        samples: Every single measurement; can be written as JSON.
    """

    name: str
    title: str
    how: str
    claims: Sequence[Claim]
    table: Sequence[Sequence[str]] = ()
    samples: dict[str, Any] = field(default_factory=dict)


def at_most(what: str, seen: Spread, limit: float, unit: str = "", digits: int = 2) -> Claim:
    """A claim that holds while the median is not above the limit."""
    text = f"{seen.text(digits)}{unit}"
    return Claim(what, text, f"<= {limit:g}{unit}", seen.median <= limit)


def at_least(what: str, seen: Spread, limit: float, digits: int = 2) -> Claim:
    """A claim that holds while the median is not below the limit."""
    return Claim(what, seen.text(digits), f">= {limit:g}", seen.median >= limit)


def page(sections: Iterable[Section], about: Iterable[tuple[str, str]]) -> str:
    """The whole page."""
    blocks = [_HEAD, table([("The machine", ""), *about])]
    for section in sections:
        blocks += [f'<a id="{section.name}"></a>\n\n## {section.title}\n', f"{section.how}\n"]
        claims = [(c.what, c.figure, c.aim, _MET[c.met]) for c in section.claims]
        blocks.append(table([("What", "figure", "aim", "met"), *claims]))
        blocks += [table(section.table)] if section.table else []
    return "\n".join(blocks)


_MET = {None: "", True: "yes", False: "**no**"}


def table(rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; the first row is its header."""
    header, *others = rows
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *others]
    return "".join(f"| {' | '.join(row)} |\n" for row in lines)


def machine() -> list[tuple[str, str]]:
    """On what is measured, in words; no names of hosts or people, no paths."""
    processor = _first(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo"))
    memory_kib = int(_first(r"^MemTotal:\s+(\d+) kB$", Path("/proc/meminfo")))
    system = _first(r'^PRETTY_NAME="?([^"\n]+)', Path("/etc/os-release"))
    return [
        ("Processor", f"{processor}, {len(usable_cores())} cores"),
        ("Memory", f"{memory_kib / 1024**2:.1f} GiB"),
        ("System", f"{system}, Linux {'.'.join(platform.release().split('.')[:2])}"),
        ("Python", f"{platform.python_version()}, numpy {version('numpy')}"),
        ("Date", dt.datetime.now(tz=dt.UTC).date().isoformat()),
        ("Commit", commit()),
        ("Load before", f"{os.getloadavg()[0]:.1f}"),
    ]


def commit() -> str:
    """The commit that is checked out, and whether files differ from it."""
    try:
        name = _git("rev-parse", "--short=12", "HEAD")
        changed = _git("status", "--porcelain", "--", "src", "profiles")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{name}, with changes in src or profiles" if changed else name


def _git(*arguments: str) -> str:
    command = ("git", "-C", str(_ROOT), *arguments)
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _first(pattern: str, path: Path) -> str:
    found = re.search(pattern, path.read_text("utf-8"), re.MULTILINE)
    return found[1].strip() if found else "unknown"
