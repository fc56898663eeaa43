"""`pricing-fdm estimate train`: fits the estimate to the printers of the shop in force.

It makes parts, slices them with the service's own pipeline, fits a model for each slicer and writes
it where the service reads it. A run that is interrupted goes on where it was. Exit codes: 0; 1 when
there is nothing to fit; 130 and 143 after Ctrl-C and SIGTERM.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pricing_fdm.assembly import assemble
from pricing_fdm.commands.progress import StatusLine
from pricing_fdm.commands.terminal import complain, to_reader
from pricing_fdm.errors import InternalError, PricingError
from pricing_fdm.estimate import fitting
from pricing_fdm.estimate.labels import LABELS_FILE, LabelsInUse, LabelStore, Lines, read_labels
from pricing_fdm.settings import Settings, load_settings
from pricing_fdm.settings.terminal import in_colour
from pricing_fdm.shop_source import shop_source
from pricing_fdm.slicers.presets.loaded_shop import LoadedShop
from pricing_fdm.telemetry.logs import configure_logs
from pricing_fdm.training.labelling import Progress, make_labels
from pricing_fdm.training.model_folder import (
    LEAST_FAMILIES,
    LEAST_LABELS,
    MODELS_FOLDER,
    fit_all,
    write_model,
)
from pricing_fdm.training.orders import training_orders
from pricing_fdm.training.parts import TrainingPart, generated_in, parts_in
from pricing_fdm.training.report import write_report
from pricing_fdm.training.table import Table

_TERMINATED = 128 + signal.SIGTERM
_GENERATED = 170
_NIGHT_MIN = 480.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options: the parts, the time limit, and the folder for the result."""
    actions = parser.add_subparsers(required=True, metavar="ACTION", dest="action")
    train = actions.add_parser("train", help="slice parts and fit the estimate to what they take")
    train.add_argument(
        "--parts",
        type=Path,
        metavar="FOLDER",
        help="models to learn from, besides generated ones; a manifest.json in it may name the "
        "family of each file",
    )
    train.add_argument(
        "--generated",
        type=_count,
        default=_GENERATED,
        metavar="N",
        help="how many parts are generated (default: %(default)s)",
    )
    train.add_argument(
        "--prints",
        type=_count,
        default=4,
        metavar="N",
        help="how many prints of each part on each printer (default: %(default)s)",
    )
    train.add_argument(
        "--minutes",
        type=float,
        default=_NIGHT_MIN,
        metavar="N",
        help="no slice is begun after these; 0 fits what is there (default: %(default)g)",
    )
    train.add_argument(
        "--table",
        nargs=3,
        action="append",
        default=[],
        metavar=("CSV", "SLICER", "VERSION"),
        help="quotes of the parts that were made elsewhere, with orca or prusa",
    )
    train.add_argument(
        "--labels", type=Path, metavar="FILE", help="slices that a service kept (ESTIMATE_LABELS)"
    )
    train.add_argument(
        "--to", type=Path, metavar="FOLDER", help="for models and labels (SHOP_DIR/estimate)"
    )
    train.add_argument(
        "--report", type=Path, metavar="FILE", help="write the errors to this file of Markdown, too"
    )


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError("must be a whole number")
    return int(text)


def run(options: argparse.Namespace) -> int:
    """Labels, fits, and reports."""
    settings = load_settings()
    configure_logs("console", "error", sys.stderr, colour=in_colour(sys.stderr))
    if not fitting.can_fit():
        complain(["fitting needs scikit-learn: pip install 'pricing-fdm[train]'"])
        return 1
    loaded = shop_source(settings).load()
    folder: Path = options.to or loaded.shop.folder / MODELS_FOLDER
    try:
        with LabelStore(folder / LABELS_FILE) as store:
            asyncio.run(_label(settings, loaded, options, store))
            lines = [store.lines, *([read_labels(options.labels)] if options.labels else [])]
            return _fit(loaded, lines, folder, options.report)
    except LabelsInUse:
        complain([f"{folder}: another run writes there"])
    except PricingError as error:
        complain([error.detail])
    except OSError as error:
        complain([f"{error.filename or folder}: {error.strerror}"])
    except asyncio.CancelledError:
        return _TERMINATED
    return 1


async def _label(
    settings: Settings, loaded: LoadedShop, options: argparse.Namespace, store: LabelStore
) -> None:
    """Adds the labels that are not there yet."""
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - in a coroutine
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    given = parts_in(options.parts) if options.parts else []
    for table, engine, slicer in options.table:
        for label in Table(Path(table), engine, slicer).labels(given, loaded, store.keys):
            store.add(label)
    if not options.minutes and not store.lines.stale:
        return
    with tempfile.TemporaryDirectory(prefix="pricing-fdm-") as made:
        parts = [*given, *generated_in(Path(made), options.generated)]
        await _slice(settings, loaded, parts, options, store)


async def _slice(
    settings: Settings,
    loaded: LoadedShop,
    parts: Sequence[TrainingPart],
    options: argparse.Namespace,
    store: LabelStore,
) -> None:
    names = [part.path.name for part in parts]
    asks = [(parts[i], order) for i, order in training_orders(loaded, names, options.prints)]
    progress = Progress(options.minutes)
    async with assemble(settings, loaded) as assembly:
        if assembly.pipeline is None:
            reasons = "; ".join(c.detail for c in assembly.readiness.checks() if not c.ok)
            raise InternalError(reasons)
        with StatusLine(sys.stderr, shown=sys.stderr.isatty(), text=progress.text):
            await make_labels(assembly.pipeline, asks, store, progress)
    to_reader().say(f"{progress.kept} slices were there, {progress.made} were made")
    if progress.measured:
        to_reader().say(f"{progress.measured} of an earlier release were measured anew")


def _fit(loaded: LoadedShop, lines: Sequence[Lines], folder: Path, report: Path | None) -> int:
    terminal = to_reader()
    labels = [label for each in lines for label in each.labels.values()]
    if stale := sum(len(each.stale) for each in lines):
        terminal.say(f"{stale} of an earlier release were left out: this run does not print them")
    fitted = 0
    for each in fit_all(labels, loaded, dt.datetime.now(dt.UTC).date()):
        path = write_model(each.model, folder)
        on = each.model.trained_on
        terminal.say(f"{path}: {on.labels} slices of {on.parts} parts, {on.families} families")
        if report is not None:
            write_report(each, loaded.shop, report)
        fitted += 1
    if not fitted:
        least = f"{LEAST_LABELS} slices of {LEAST_FAMILIES} families are the least"
        complain([f"too few slices to fit anything: {least}; give it more --minutes"])
    return 0 if fitted else 1
