"""`pricing-fdm shop add-printer`: brings a printer of a slicer's library into the shop.

Everything is done in a copy of the shop first: the presets are read as the service reads them, the
shop is checked, a cube is sliced. The shop itself is touched only when all of that went well.
"""

from __future__ import annotations

import argparse
import asyncio
import difflib
import re
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from pricing_fdm.commands.shop_addition import Addition, report
from pricing_fdm.commands.shop_entries import entries_of, text_with
from pricing_fdm.commands.shop_printers import add_source_options, printers_asked_for, table_of
from pricing_fdm.commands.terminal import complain
from pricing_fdm.health.readiness import SELF_TEST
from pricing_fdm.health.self_test import Proof, SelfTest, try_printer
from pricing_fdm.settings import load_settings
from pricing_fdm.settings.shop import bundled_shop_folder
from pricing_fdm.shop.faults import Fault, ShopError
from pricing_fdm.shop.load import SHOP_FILE, load_shop
from pricing_fdm.shop.values import ID_PATTERN
from pricing_fdm.slicers.library.installed import Found
from pricing_fdm.slicers.library.judging import usable
from pricing_fdm.slicers.library.snapshot import MANIFEST, manifest, slug, snapshot
from pricing_fdm.slicers.presets.loaded_shop import LoadedShop, load_presets

_NEAR = 0.5
_UNTRIED = {
    Proof.FAILED: "Nothing was written: this printer cannot be priced on.",
    Proof.UNDECIDED: "Nothing was written: its slicer cannot be tried here. --untested adds it "
    "all the same, for a service elsewhere.",
}


def add_action(actions: Any) -> None:  # noqa: ANN401 - argparse does not name its type
    """The command, with its options."""
    action = actions.add_parser("add-printer", help="bring a printer of `printers` into the shop")
    action.add_argument("name", help="as `shop printers` shows it")
    action.add_argument("--id", help="for the shop file and for requests (made of the name)")
    action.add_argument("--shop", type=Path, metavar="DIR", help="the shop's folder (SHOP_DIR)")
    action.add_argument("--dry-run", action="store_true", help="tell all and write nothing")
    action.add_argument("--untested", action="store_true", help="where its slicer is not installed")
    add_source_options(action)
    action.set_defaults(act=_run)


def _run(options: argparse.Namespace) -> int:
    folder: Path = options.shop or load_settings().shop.folder
    if folder.resolve() == bundled_shop_folder().resolve():
        message = "Give your shop's folder with --shop or SHOP_DIR; `shop init` makes one."
        complain([message])
        return 1
    chosen = _chosen(options)
    if chosen is None:
        return 1
    printer_id = options.id or slug(chosen.printer.name)
    try:
        with tempfile.TemporaryDirectory(prefix="pricing-fdm-shop-") as copy:
            addition = _tried(chosen, printer_id, folder, Path(copy))
    except ShopError as error:
        complain(map(str, error.faults), f"{chosen.printer.name}:")
        return 1
    print(*report(addition), sep="\n")
    if not (
        addition.test.proof is Proof.GOOD
        or (addition.test.proof is Proof.UNDECIDED and (options.untested or options.dry_run))
    ):
        complain([_UNTRIED[addition.test.proof]])
        return 1
    if options.dry_run:
        print("Nothing was written (--dry-run).")
    else:
        _write(addition, folder)
        print(f"Written to {folder}.")
    return 0


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


def _tried(chosen: Found, printer_id: str, folder: Path, copy: Path) -> Addition:
    if not re.fullmatch(ID_PATTERN, printer_id):  # before it is a part of a path
        message = f"an id has small letters, digits, `.`, `_` and `-`; {printer_id} has not."
        raise ShopError((Fault(SHOP_FILE, "printers", None, message),))
    shop = load_shop(folder)
    if any(each.id == printer_id for each in shop.printers) or _home(folder, printer_id).exists():
        message = f"there is a printer {printer_id} already; give another --id."
        raise ShopError((Fault(SHOP_FILE, "printers", None, message),))
    for name in shop.file_names():
        _put(copy / name, (folder / name).read_bytes())
    offer = chosen.library.offer(chosen.printer)
    files = snapshot(offer, printer_id)
    for file in files:
        _put(copy / file.path, file.content)
    found = usable(files, copy)
    entries = entries_of(shop, printer_id, chosen.printer.name, found)
    text = text_with((folder / SHOP_FILE).read_text("utf-8"), entries)
    _put(copy / SHOP_FILE, text.encode())
    loaded = load_presets(load_shop(copy))
    if all(each.id != printer_id for each in loaded.printers):
        message = "has none of this printer's materials, and their presets state no cost."
        raise ShopError((Fault(SHOP_FILE, "materials", None, message),))
    return Addition(
        offer, files, found, entries, text, loaded, asyncio.run(_test(loaded, printer_id))
    )


async def _test(loaded: LoadedShop, printer_id: str) -> SelfTest:
    # Loads what serves quotes, which a list of printers has no use for.
    from pricing_fdm.assembly import assemble  # noqa: PLC0415
    from pricing_fdm.telemetry.logs import configure_logs  # noqa: PLC0415

    configure_logs("console", "error", sys.stderr)
    printer = next(each for each in loaded.printers if each.id == printer_id)
    alone = replace(loaded, printers=(printer,), warnings=())
    async with assemble(load_settings(), alone) as assembly:
        if assembly.pipeline is None:
            checks = [each for each in assembly.readiness.checks() if each.name != SELF_TEST]
            reasons = [each.detail for each in checks if not each.ok]
            return SelfTest(Proof.UNDECIDED, f"not made: {'; '.join(reasons)}")
        return await try_printer(assembly.pipeline, printer)


def _write(addition: Addition, folder: Path) -> None:
    """The presets first and the shop file last, in one step: a service that looks finds a whole."""
    for file in addition.files:
        _put(folder / file.path, file.content)
    home = _home(folder, addition.entries.printer)
    _put(home / MANIFEST, manifest(addition.offer, addition.files))
    new = folder / f".{SHOP_FILE}.new"
    shutil.copymode(folder / SHOP_FILE, _put(new, addition.text.encode()))
    new.replace(folder / SHOP_FILE)


def _home(folder: Path, printer_id: str) -> Path:
    return folder / "presets" / printer_id


def _put(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
