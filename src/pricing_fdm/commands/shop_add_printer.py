"""`pricing-fdm shop add-printer`: brings a printer of a slicer's library into the shop.

Everything is done in a copy of the shop first: the presets are read as the service reads them, the
shop is checked, a cube is sliced. The shop itself is touched only when all of that went well.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from typing import Any

from pricing_fdm.commands.shop_printers import add_source_options, printers_asked_for, table_of
from pricing_fdm.commands.shop_trial import add_trial_options, carry_out, shop_folder
from pricing_fdm.shop_changes.addition import Addition, add_printer
from pricing_fdm.shop_changes.draft import Draft
from pricing_fdm.slicers.library.installed import Found
from pricing_fdm.slicers.library.matching import slug

_NEAR = 0.5


def add_action(actions: Any) -> None:  # noqa: ANN401 - argparse does not name its type
    """The command, with its options."""
    action = actions.add_parser("add-printer", help="bring a printer of `printers` into the shop")
    action.add_argument("name", help="as `shop printers` shows it")
    action.add_argument("--id", help="for the shop file and for requests (made of the name)")
    add_trial_options(action)
    add_source_options(action)
    action.set_defaults(act=_run)


def _run(options: argparse.Namespace) -> int:
    folder = shop_folder(options)
    chosen = _chosen(options) if folder else None
    if folder is None or chosen is None:
        return 1

    def change(draft: Draft) -> list[Addition]:
        offer = chosen.library.offer(chosen.printer)
        return [add_printer(draft, offer, options.id or slug(chosen.printer.name))]

    return carry_out(chosen.printer.name, change, options, folder)


def _chosen(options: argparse.Namespace) -> Found | None:
    """The printer of the name; where it is not exactly one, what there is."""
    remarks: list[str] = []
    printers = printers_asked_for(options, remarks)
    named = [each for each in printers if each.printer.name.lower() == options.name.lower()]
    if len(named) == 1:
        return named[0]
    if named:
        print("Several have this name; choose with --vendor or --engine:", file=sys.stderr)
        print(table_of(named), file=sys.stderr)
        return None
    names = [each.printer.name for each in printers]
    near = [name for name in names if options.name.lower() in name.lower()]
    near = near or difflib.get_close_matches(options.name, names, cutoff=_NEAR)
    print(f"There is no printer {options.name}.", *remarks, sep="\n", file=sys.stderr)
    if near:
        print("Did you mean one of these?", *near, sep="\n  ", file=sys.stderr)
    return None
