"""The report of a fit: a section for each slicer, with tables and two pictures."""

from __future__ import annotations

import re
from pathlib import Path

from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.training.checks import beyond_the_aim, monotone
from pricing_fdm.training.errors_table import judge, markdown
from pricing_fdm.training.latency import latency_table
from pricing_fdm.training.model_folder import Fitted
from pricing_fdm.training.pictures import by_kind, scatter

_TITLES = {"orca": "OrcaSlicer", "prusa": "PrusaSlicer"}


def write_report(fitted: Fitted, shop: Shop, path: Path) -> None:
    """Writes the section of a slicer into a report, in place of its old one; the rest stays."""
    judged, engine = judge(fitted.labels, fitted.held, shop), fitted.model.engine
    pictures = path.with_suffix("")
    pictures.mkdir(parents=True, exist_ok=True)
    names = []
    for name, drawn in (("sliced", scatter(judged)), ("families", by_kind(judged))):
        names.append(f"{pictures.name}/{engine}-{name}.svg")
        (pictures.parent / names[-1]).write_text(drawn, "utf-8")
    on = fitted.model.trained_on
    hours, grams = (each.anchored.share for each in (fitted.model.time, fitted.model.filament))
    summary = (
        f"{on.labels} slices of {on.parts} parts, {on.families} families. Prints of a part in "
        f"one pose have {hours:.0%} of the error in hours in common, and {grams:.0%} in grams."
    )
    text = "\n".join(
        [
            f"### {_TITLES.get(engine, engine)} {on.slicer}",
            "",
            summary,
            "",
            beyond_the_aim(judged),
            "",
            markdown(judged),
            "",
            monotone(fitted, shop),
            "",
            latency_table(fitted),
            "",
            f"![Predicted against sliced]({names[0]})",
            "",
            f"![Errors by family]({names[1]})",
        ]
    )
    report = path.read_text("utf-8") if path.exists() else "# The estimate\n"
    path.write_text(with_section(report, engine, text), "utf-8")


def with_section(report: str, engine: str, text: str) -> str:
    """The report with another text between the marks of a slicer, or with it at its end."""
    begin, end = f"<!-- {engine}: made by estimate train -->", f"<!-- end of {engine} -->"
    section = f"{begin}\n\n{text}\n\n{end}"
    found = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if found.search(report):
        return found.sub(lambda _: section, report)
    return f"{report}\n{section}\n"
