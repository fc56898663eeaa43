"""`pricing-fdm quote FILE...`: prices local files with the service's own pipeline.

What is asked for is in `quote_asks`, and how the answer is shown in `quote_output`. Only the
download is replaced. Several files are several orders; `--compare` prices one file in all that the
shop has of one or more things. Exit codes: 0; 1 when there is a file without a price; 2 when the
command line is wrong; 130 and 143 after Ctrl-C and SIGTERM.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import uuid
from collections.abc import Sequence

from pricing_fdm.commands.estimate_table import estimate_rows
from pricing_fdm.commands.order_options import add_order_options, compared_fields, offer_rows
from pricing_fdm.commands.pipeline import estimated, running_pipeline
from pricing_fdm.commands.price_table import Priced
from pricing_fdm.commands.progress import ProgressLine
from pricing_fdm.commands.quote_asks import Ask, asks_of
from pricing_fdm.commands.quote_output import print_json, refuse, write_json, write_text
from pricing_fdm.commands.terminal import Row, to_reader
from pricing_fdm.errors import InvalidRequest, PricingError
from pricing_fdm.model import Order
from pricing_fdm.quoting.options import quote_options
from pricing_fdm.quoting.pipeline import Pipeline
from pricing_fdm.quoting.quote import Quote
from pricing_fdm.quoting.timing import StageTimer
from pricing_fdm.settings import Settings, SettingsError, load_settings
from pricing_fdm.settings.terminal import in_colour
from pricing_fdm.shop_source import shop_source
from pricing_fdm.slicers.presets.loaded_shop import LoadedShop
from pricing_fdm.telemetry.logs import configure_logs
from pricing_fdm.web.answers import quote_response
from pricing_fdm.web.schemas import QuoteResponse

_TERMINATED = 128 + signal.SIGTERM
_USAGE = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The files, an option for each field of an order, and how the answer is shown."""
    parser.add_argument("-h", "--help", action=_Help, nargs=0, help="show this and leave")
    parser.add_argument("file", nargs="+", help="a model; - for the standard input")
    add_order_options(parser)
    parser.add_argument(
        "--compare",
        type=compared_fields,
        metavar="NAME,NAME",
        help="price one file with all that the shop has of these: material, layer_thickness, ...",
    )
    parser.add_argument(
        "--estimate",
        action="store_true",
        help="say within a second where the price of one file lies, without slicing it",
    )
    parser.add_argument("--json", action="store_true", help="print JSON, also when it fails")


class _Help(argparse.Action):
    """Shows the options, and what the shop in force has for them."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object, **__: object) -> None:
        parser.print_help()
        try:
            shop = load_settings().shop.load()
        except SettingsError:  # told when something is to be priced
            parser.exit()
        terminal = to_reader()
        print()
        terminal.say(f"{shop.name} offers:")
        terminal.rows(Row(f"  {option}", text) for option, text in offer_rows(shop))
        parser.exit()


def run(options: argparse.Namespace) -> int:
    """Prints a table for people or, with `--json`, the bodies of the HTTP answers."""
    settings = load_settings()
    configure_logs("console", "error", sys.stderr, colour=in_colour(sys.stderr))
    loaded = shop_source(settings).load()
    try:
        asks = asks_of(options, loaded.shop, settings.fetch.max_bytes)
    except InvalidRequest as error:
        return refuse(error, as_json=options.json, code=_USAGE)
    if options.estimate:
        return _estimate(settings, loaded, asks, as_json=options.json)
    timers: list[StageTimer] = []
    shown = sys.stderr.isatty() and not options.json
    try:
        with ProgressLine(sys.stderr, shown=shown, timers=timers, expected=len(asks)):
            priced = asyncio.run(_price(settings, loaded, asks, timers))
    except asyncio.CancelledError:
        return _TERMINATED
    except PricingError as error:
        return refuse(error, as_json=options.json, code=1)
    if len(asks) == 1 and isinstance(priced[0].outcome, PricingError):
        return refuse(priced[0].outcome, as_json=options.json, code=1)
    write = write_json if options.json else write_text
    write(priced, options.compare, loaded.shop)
    failed = [isinstance(each.outcome, PricingError) for each in priced]
    return int(all(failed) if options.compare else any(failed))


def _estimate(settings: Settings, loaded: LoadedShop, asks: Sequence[Ask], *, as_json: bool) -> int:
    """The range of one file's price."""
    try:
        assert isinstance(asks[0].order, Order)  # noqa: S101 - it is not compared
        found = asyncio.run(estimated(settings, loaded, asks[0].order, asks[0].file))
    except asyncio.CancelledError:
        return _TERMINATED
    except PricingError as error:
        return refuse(error, as_json=as_json, code=1)
    if as_json:
        print_json(found.model_dump(mode="json", exclude_none=True))
    else:
        to_reader().rows(estimate_rows(asks[0].file.name, found))
    return 0


async def _price(
    settings: Settings, loaded: LoadedShop, asks: Sequence[Ask], timers: list[StageTimer]
) -> list[Priced]:
    async with running_pipeline(settings, loaded) as pipeline:
        is_one_model = len({id(ask.file) for ask in asks}) == 1
        work = _price_variants if is_one_model and len(asks) > 1 else _price_files
        return await work(pipeline, asks, timers)


async def _price_files(
    pipeline: Pipeline, asks: Sequence[Ask], timers: list[StageTimer]
) -> list[Priced]:
    """As many at a time as there are slots."""
    turns = asyncio.Semaphore(pipeline.admission.slots)

    async def priced(ask: Ask) -> Priced:
        async with turns:
            timer = StageTimer()
            timers.append(timer)
            try:
                assert isinstance(ask.order, Order)  # noqa: S101 - files are all of one order
                quote = await pipeline.quote(ask.order, ask.file.copied, timer)
            except PricingError as error:
                return Priced(ask.asked, error)
            return Priced(ask.asked, _body(quote, timer))

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(priced(ask)) for ask in asks]
    return [task.result() for task in tasks]


async def _price_variants(
    pipeline: Pipeline, asks: Sequence[Ask], timers: list[StageTimer]
) -> list[Priced]:
    """Over one model that is read and judged once."""
    timers.append(StageTimer())
    orders = [ask.order for ask in asks if isinstance(ask.order, Order)]
    options = iter(await quote_options(pipeline, orders, asks[0].file.copied, timers[0]))
    priced = []
    for ask in asks:
        outcome: QuoteResponse | PricingError
        if isinstance(ask.order, InvalidRequest):
            outcome = ask.order
        else:
            option = next(options)
            quote = option.outcome
            outcome = quote if isinstance(quote, PricingError) else _body(quote, option.timer)
        priced.append(Priced(ask.asked, outcome))
    return priced


def _body(quote: Quote, timer: StageTimer) -> QuoteResponse:
    return quote_response(quote, uuid.uuid4(), timer.timing_ms())
