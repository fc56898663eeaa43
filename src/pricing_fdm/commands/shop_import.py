"""`pricing-fdm shop import`: brings presets out of files of a slicer's into the shop."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from pricing_fdm.commands.shop_printers import add_source_options, libraries_asked_for
from pricing_fdm.commands.shop_trial import add_trial_options, carry_out, shop_folder
from pricing_fdm.commands.terminal import complain
from pricing_fdm.shop_changes.addition import Addition
from pricing_fdm.shop_changes.draft import Draft
from pricing_fdm.shop_changes.imports import ImportWish, add_files
from pricing_fdm.slicers.importing.contents import MOST_BYTES

_END_BYTES = 1024**2


def add_action(actions: Any) -> None:  # noqa: ANN401 - argparse does not name its type
    """The command, with its options."""
    action = actions.add_parser("import", help="bring presets out of a slicer's files")
    action.add_argument("files", nargs="+", type=Path, help="presets, bundles, projects, G-code")
    action.add_argument(
        "--as", dest="target", default="", metavar="WHAT", help="printer, quality or material:ID"
    )
    action.add_argument("--name", default="", help="only the preset of this name")
    action.add_argument("--id", default="", help="of the new printer (made of its name)")
    action.add_argument("--printer", default="", help="of the shop, that the presets are for")
    add_trial_options(action)
    add_source_options(action)
    action.set_defaults(act=_run)


def _run(options: argparse.Namespace) -> int:
    folder = shop_folder(options)
    if folder is None:
        return 1
    try:
        files = [(path.name, _content(path)) for path in options.files]
    except OSError as error:
        complain([f"{error.filename} cannot be read: {error.strerror}"])
        return 1
    wish = ImportWish(options.target, options.name, options.id or options.printer)

    def change(draft: Draft) -> list[Addition]:
        return add_files(draft, files, wish, libraries_asked_for(options))

    return carry_out(", ".join(name for name, _ in files), change, options, folder)


def _content(path: Path) -> bytes:
    """A file; of a huge one the beginning and the end, where a G-code has its settings."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size <= MOST_BYTES:
            return file.read(MOST_BYTES)
        beginning = file.read(_END_BYTES)
        file.seek(-_END_BYTES, os.SEEK_END)
        return beginning + b"\n" + file.read(_END_BYTES)
