"""Makes a change to a shop in a copy, slices a cube there, reports, and only then writes."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pricing_fdm.commands.terminal import complain
from pricing_fdm.health.readiness import SELF_TEST
from pricing_fdm.health.self_test import Proof, SelfTest, try_printer
from pricing_fdm.settings import load_settings
from pricing_fdm.settings.shop import bundled_shop_folder
from pricing_fdm.shop.faults import ShopError
from pricing_fdm.shop_changes.addition import Addition
from pricing_fdm.shop_changes.draft import Draft
from pricing_fdm.shop_changes.report import report

_UNTRIED = {
    Proof.FAILED: "Nothing was written: this printer cannot be priced on.",
    Proof.UNDECIDED: "Nothing was written: its slicer cannot be tried here. --untested adds it "
    "all the same, for a service elsewhere.",
}


def add_trial_options(action: argparse.ArgumentParser) -> None:
    """Which shop, and how far to go."""
    action.add_argument("--shop", type=Path, metavar="DIR", help="the shop's folder (SHOP_DIR)")
    action.add_argument("--dry-run", action="store_true", help="tell all and write nothing")
    action.add_argument("--untested", action="store_true", help="where its slicer is not installed")


def shop_folder(options: argparse.Namespace) -> Path | None:
    """The folder of the shop to change; None, and a complaint, where that is the bundled one."""
    folder: Path = options.shop or load_settings().shop.folder
    if folder.resolve() != bundled_shop_folder().resolve():
        return folder
    complain(["Give your shop's folder with --shop or SHOP_DIR; `shop init` makes one."])
    return None


def carry_out(
    title: str,
    change: Callable[[Draft], list[Addition]],
    options: argparse.Namespace,
    folder: Path,
) -> int:
    """Makes the change in a copy of the shop, tries and reports it, and writes it.

    Args:
        title: What is changed, for complaints.
        change: Gets the copy of the shop.
        options: Of `add_trial_options`.
        folder: The shop's.

    Returns:
        The exit code.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="pricing-fdm-shop-") as copy:
            draft = Draft(folder, Path(copy))
            for addition in change(draft):
                test = asyncio.run(_test(addition))
                print(*report(addition, test), sep="\n")
                undecided = test.proof is Proof.UNDECIDED and (options.untested or options.dry_run)
                if not (test.proof is Proof.GOOD or undecided):
                    complain([_UNTRIED[test.proof]])
                    return 1
            if not options.dry_run:
                draft.write()
    except ShopError as error:
        complain(map(str, error.faults), f"{title}:")
        return 1
    except OSError as error:
        complain([f"{error.filename} cannot be written: {error.strerror}"])
        return 1
    is_dry = options.dry_run
    print("Nothing was written (--dry-run)." if is_dry else f"Written to {folder}.")
    return 0


async def _test(addition: Addition) -> SelfTest:
    # Loads what serves quotes, which a list of printers has no use for.
    from pricing_fdm.assembly import assemble  # noqa: PLC0415
    from pricing_fdm.telemetry.logs import configure_logs  # noqa: PLC0415

    configure_logs("console", "error", sys.stderr)
    printer = addition.to_try()
    alone = replace(addition.loaded, printers=(printer,), warnings=())
    async with assemble(load_settings(), alone) as assembly:
        if assembly.pipeline is None:
            checks = [each for each in assembly.readiness.checks() if each.name != SELF_TEST]
            reasons = [each.detail for each in checks if not each.ok]
            return SelfTest(Proof.UNDECIDED, f"not made: {'; '.join(reasons)}")
        return await try_printer(assembly.pipeline, printer)
