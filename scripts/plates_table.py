"""What real plates come to: each model in several quantities, n times one against its plates.

Prices each model with the real slicer, one slice at a time (PLA, 200 um, 20 % infill), and prints
the tables of docs/plates.md: machine hours, the price, and the CPU time of all slices that a first
order of that quantity needs, beside that of the part alone. Exit code 1 if more copies cost less or
a plate does not weigh what its copies weigh.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import hashlib
import itertools
import os
import resource
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pricing_fdm.assembly import assemble
from pricing_fdm.model import Download, Order, PrintSettings, Slice
from pricing_fdm.quoting.pipeline import Pipeline
from pricing_fdm.quoting.quote import Quote
from pricing_fdm.quoting.timing import StageTimer
from pricing_fdm.settings import load_settings
from pricing_fdm.shop_source import load_shop_files
from pricing_fdm.slicers.engine import Engine, SliceJob
from scripts.trial import table, verdict
from tests.harness import qualities
from tests.quoting.bench import Watched

QUANTITIES = (1, 2, 5, 10, 50, 200)
_WITHIN, _WITHIN_SUPPORTED = 0.005, 0.02
"""How far the weight of a copy may be from that of one by itself: support follows the bed's axes,
and a copy that lies turned has another."""

_PATIENT = {
    "SLICE_TIMEOUT_SECS": "3600",
    "SLICE_SILENCE_SECS": "3600",
    "SLICE_CONCURRENCY": "1",
    "SLICE_REPRODUCIBLE": "true",
    "LOG_LEVEL": "error",
}
_SECONDS_PER_HOUR = 3600


class Metered(Watched):
    """An engine that counts the CPU time of its slices, by the copies on the plate."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.cpu_s: dict[int, float] = {}

    async def slice(self, job: SliceJob) -> Slice:
        """Slices."""
        before_s = _cpu_of_children_s()
        sliced = await super().slice(job)
        self.cpu_s[_copies_in(job.model)] = _cpu_of_children_s() - before_s
        return sliced


def _copies_in(model: Path) -> int:
    """How many copies the file for the slicer holds."""
    if not zipfile.is_zipfile(model):
        return 1
    with zipfile.ZipFile(model) as archive:
        return archive.read("3D/3dmodel.model").count(b"<item ")


@dataclass(frozen=True)
class Row:
    """A model in one quantity.

    Attributes:
        cpu_s: Of slicing the part and all plates.
    """

    quote: Quote
    multiplied: Quote
    cpu_s: float

    @property
    def hours(self) -> tuple[float, float]:
        """N times one, and on plates."""
        return _hours(self.multiplied), _hours(self.quote)


def main() -> int:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", type=Path, nargs="+")
    models: list[Path] = parser.parse_args().models
    with tempfile.TemporaryDirectory(prefix="pricing-fdm-plates-") as folder:
        os.environ.update(_PATIENT, TEMP_DIR=folder)
        rows = {path.name: asyncio.run(rows_of(path)) for path in models}
    print("\nMachine hours, n times one / on plates:\n")
    _print(rows, lambda row: "{:.2f} / {:.2f}".format(*row.hours))
    print("\nPrice in USD, n times one / on plates:\n")
    _print(rows, lambda row: f"{row.multiplied.price.total} / {row.quote.price.total}")
    print("\nCPU time of the slices of a first order, times that of one part:\n")
    _print_cpu(rows)
    return verdict(_faults(rows))


async def rows_of(path: Path) -> list[Row]:
    """A model in all quantities; no plate is sliced twice."""
    settings = load_settings()
    async with assemble(settings, load_shop_files(settings.shop)) as assembly:
        assert assembly.pipeline is not None, assembly.readiness.checks()
        workshop = assembly.pipeline.workshop
        ((name, engine),) = workshop.engines.items()
        meter = Metered(engine)
        pipeline = replace(assembly.pipeline, workshop=replace(workshop, engines={name: meter}))
        rows = []
        for quantity in QUANTITIES:
            quote = await _quoted(pipeline, path, quantity)
            multiplied = await _quoted(_multiplying(pipeline), path, quantity)
            sliced = {1, *(plate.copies for plate in quote.price.plates)}
            cpu_s = sum(meter.cpu_s[copies] for copies in sliced)
            rows.append(Row(quote, multiplied, cpu_s))
            print(f"{path.name} x {quantity}: {cpu_s:.1f} CPU s", file=sys.stderr, flush=True)
    return rows


async def _quoted(pipeline: Pipeline, path: Path, quantity: int) -> Quote:
    order = Order(PrintSettings("pla", 20, qualities.STANDARD), quantity)
    return await pipeline.quote(order, functools.partial(_copied, path), StageTimer())


async def _copied(path: Path, destination: Path) -> Download:
    shutil.copyfile(path, destination)
    content = destination.read_bytes()  # noqa: ASYNC240 - nobody else waits
    return Download(destination, len(content), hashlib.sha256(content).hexdigest())


def _multiplying(pipeline: Pipeline) -> Pipeline:
    """The same for a shop that charges copies one by one."""
    workshop = pipeline.workshop
    tariff = workshop.shop.tariff.model_copy(update={"quantity": "multiply"})
    loaded = replace(workshop.loaded, shop=workshop.shop.model_copy(update={"tariff": tariff}))
    return replace(pipeline, workshop=replace(workshop, loaded=loaded))


def _cpu_of_children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _hours(quote: Quote) -> float:
    times_s = (plate.times * plate.metrics.print_time_s for plate in quote.price.plates)
    return float(sum(times_s)) / _SECONDS_PER_HOUR


def _print(rows: Mapping[str, list[Row]], cell: Callable[[Row], str]) -> None:
    """A table with a row for each model and a column for each quantity."""
    header = ("Part", "on a plate", *map(str, QUANTITIES))
    table(header, *((name, _most(each), *map(cell, each)) for name, each in rows.items()))


def _print_cpu(rows: Mapping[str, list[Row]]) -> None:
    header = ("Part", *(str(quantity) for quantity in QUANTITIES[1:]))
    table(
        header,
        *(
            (name, *(f"{row.cpu_s / one.cpu_s:.1f}" for row in others))
            for name, (one, *others) in rows.items()
        ),
    )


def _most(rows: list[Row]) -> int:
    """Copies on the fullest plate."""
    return max(plate.copies for row in rows for plate in row.quote.price.plates)


def _faults(rows: Mapping[str, list[Row]]) -> Iterator[str]:
    for name, each in rows.items():
        for fewer, more in itertools.pairwise(each):
            if more.quote.price.total < fewer.quote.price.total:
                yield f"{name}: more copies cost less"
        plates = {plate.copies: plate for row in each for plate in row.quote.price.plates}
        one = each[0].quote.metrics
        within = _WITHIN_SUPPORTED if one.support_g else _WITHIN
        for copies, plate in plates.items():
            share = float(plate.metrics.filament_g) / copies / float(one.filament_g)
            if abs(share - 1) > within:
                yield f"{name}: each of {copies} copies weighs {share:.2%} of one by itself"


if __name__ == "__main__":
    sys.exit(main())
