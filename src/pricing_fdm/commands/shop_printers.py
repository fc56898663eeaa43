"""`pricing-fdm shop printers`: the printers that the installed slicers' own libraries hold."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from pricing_fdm.settings import load_settings
from pricing_fdm.slicers.library.installed import Found, library_folders, printers_in, vendors_in
from pricing_fdm.slicers.library.offer import ENGINES, TITLES, VendorLibrary

_HEAD = ("name", "engine", "vendor", "nozzle mm", "bed mm")


def add_action(actions: Any) -> None:  # noqa: ANN401 - argparse does not name its type
    """The command, with its options."""
    action = actions.add_parser("printers", help="what the installed slicers' libraries hold")
    action.add_argument("word", nargs="?", default="", help="of the printer's or vendor's name")
    add_source_options(action)
    action.set_defaults(act=_run)


def add_source_options(action: argparse.ArgumentParser) -> None:
    """Where printers are looked for."""
    action.add_argument("--engine", choices=ENGINES, help="of this slicer only")
    action.add_argument("--vendor", help="of this vendor only")
    action.add_argument(
        "--library", type=Path, metavar="DIR", help="a slicer's folder of profiles to look in"
    )


def printers_asked_for(options: argparse.Namespace, remarks: list[str]) -> list[Found]:
    """Those of the libraries that the options name."""
    return list(printers_in(libraries_asked_for(options), remarks))


def libraries_asked_for(options: argparse.Namespace) -> list[VendorLibrary]:
    """The vendors that the options name; all where they name none."""
    if options.library:
        folders = [options.library]
    else:
        slicing = load_settings().slicing
        folders = library_folders((slicing.prusa_binary, slicing.orca_binary))
    return [
        each
        for each in vendors_in(folders)
        if options.engine in {None, TITLES[each.format]}
        and (options.vendor or each.vendor).lower() == each.vendor.lower()
    ]


def table_of(rows: list[Found]) -> str:
    """A line for each printer."""
    cells = [_HEAD]
    for printer in (each.printer for each in rows):
        title = TITLES[printer.format]
        cells.append((printer.name, title, printer.vendor, printer.nozzle, printer.bed))
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )


def _run(options: argparse.Namespace) -> int:
    remarks: list[str] = []
    word = options.word.lower()
    rows = [
        found
        for found in printers_asked_for(options, remarks)
        if word in found.printer.name.lower() or word in found.printer.vendor.lower()
    ]
    for remark in remarks:
        print(f"warning: {remark}", file=sys.stderr)
    if not rows:
        print("No such printer in the libraries of the installed slicers.", file=sys.stderr)
        return 1
    print(table_of(rows))
    return 0
