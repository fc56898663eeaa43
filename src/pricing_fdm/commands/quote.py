"""`pricing-fdm quote FILE...`: prices local files with the service's own pipeline.

Only the download is replaced. Several files are several orders; `--compare` prices one file in all
that the shop has of one or more things. Exit codes: 0; 1 when there is a file without a price; 2
when the command line is wrong; 130 and 143 after Ctrl-C and SIGTERM.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import re
import signal
import sys
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pricing_fdm.commands.estimate_table import estimate_rows
from pricing_fdm.commands.model_file import ModelFile, model_files
from pricing_fdm.commands.order_options import (
    add_order_options,
    choices_of,
    compared_fields,
    fault_lines,
    field_of,
    given_fields,
    offer_rows,
    option_of,
    order_of,
)
from pricing_fdm.commands.pipeline import estimated, running_pipeline
from pricing_fdm.commands.price_table import (
    FIGURES,
    Priced,
    message_of,
    price_lines,
    remarks,
    total_line,
    total_of,
)
from pricing_fdm.commands.progress import ProgressLine
from pricing_fdm.commands.quote_table import quote_rows
from pricing_fdm.commands.terminal import Row, Style, Terminal, complain, to_reader
from pricing_fdm.errors import FieldFault, InvalidRequest, PricingError
from pricing_fdm.model import Order
from pricing_fdm.quoting.options import quote_options
from pricing_fdm.quoting.pipeline import Pipeline
from pricing_fdm.quoting.quote import Quote
from pricing_fdm.quoting.timing import StageTimer
from pricing_fdm.settings import Settings, SettingsError, load_settings
from pricing_fdm.settings.terminal import in_colour
from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.shop_source import shop_source
from pricing_fdm.slicers.presets.loaded_shop import LoadedShop
from pricing_fdm.telemetry.logs import configure_logs
from pricing_fdm.web.answers import quote_response
from pricing_fdm.web.problems import problem_body
from pricing_fdm.web.schemas import QuoteResponse

_TERMINATED = 128 + signal.SIGTERM
_USAGE = 2


@dataclass(frozen=True, slots=True)
class Ask:
    """A price that is wanted.

    Attributes:
        asked: In the words of the table.
        order: What is ordered, or why the shop does not offer it.
    """

    asked: tuple[str, ...]
    order: Order | InvalidRequest
    file: ModelFile


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
        asks = _asks(options, loaded.shop, settings.fetch.max_bytes)
    except InvalidRequest as error:
        return _refuse(error, as_json=options.json, code=_USAGE)
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
        return _refuse(error, as_json=options.json, code=1)
    if len(asks) == 1 and isinstance(priced[0].outcome, PricingError):
        return _refuse(priced[0].outcome, as_json=options.json, code=1)
    write = _write_json if options.json else _write_text
    write(priced, options.compare, loaded.shop)
    failed = [isinstance(each.outcome, PricingError) for each in priced]
    return int(all(failed) if options.compare else any(failed))


def _asks(options: argparse.Namespace, shop: Shop, max_bytes: int) -> list[Ask]:
    given = given_fields(options, shop)
    if options.estimate and (options.compare or len(options.file) > 1):
        raise InvalidRequest("--estimate is for one file, and not with --compare.")
    if options.compare:
        return _variants(options, given, shop, max_bytes)
    order = order_of(given, shop)
    return [Ask((file.name,), order, file) for file in model_files(options.file, max_bytes)]


def _estimate(settings: Settings, loaded: LoadedShop, asks: Sequence[Ask], *, as_json: bool) -> int:
    """The range of one file's price."""
    try:
        assert isinstance(asks[0].order, Order)  # noqa: S101 - it is not compared
        found = asyncio.run(estimated(settings, loaded, asks[0].order, asks[0].file))
    except asyncio.CancelledError:
        return _TERMINATED
    except PricingError as error:
        return _refuse(error, as_json=as_json, code=1)
    if as_json:
        _print_json(found.model_dump(mode="json", exclude_none=True))
    else:
        to_reader().rows(estimate_rows(asks[0].file.name, found))
    return 0


def _variants(
    options: argparse.Namespace, given: dict[str, Any], shop: Shop, max_bytes: int
) -> list[Ask]:
    """One file with everything that the shop has of the fields to compare."""
    names = options.compare
    if len(options.file) > 1:
        raise InvalidRequest("--compare is for one file.")
    if stated := [FieldFault(name, "is to be compared") for name in names if name in given]:
        raise InvalidRequest("Wrong: compare.", tuple(stated))
    choices = choices_of(shop, given)
    (file,) = model_files(options.file, max_bytes)
    asks = []
    for values in itertools.product(*(choices[name] for name in names)):
        chosen = {name: value for name, value in zip(names, values, strict=True) if value}
        try:
            order: Order | InvalidRequest = order_of({**given, **chosen}, shop)
        except InvalidRequest as error:
            order = error
        asks.append(Ask(tuple(map(_shown, values)), order, file))
    refusals = [ask.order for ask in asks if isinstance(ask.order, InvalidRequest)]
    if len(refusals) == len(asks):
        raise refusals[0] if refusals else InvalidRequest("There is nothing to compare.")
    return asks


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value or "-")


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


def _write_text(priced: Sequence[Priced], compared: Sequence[str] | None, shop: Shop) -> None:
    terminal = to_reader()
    if compared:
        head = [option_of(name).lstrip("-") for name in compared]
        terminal.table((*head, *FIGURES), price_lines(priced), left=len(head))
        _say_remarks(terminal, priced)
    elif len(priced) == 1:
        (name,), quote = priced[0].asked, priced[0].outcome
        assert isinstance(quote, QuoteResponse)  # noqa: S101 - `run` refuses
        terminal.rows(quote_rows(name, quote))
    else:
        lines = [*price_lines(priced), total_line(priced, shop.currency)]
        terminal.table(("file", *FIGURES), lines)
        _say_remarks(terminal, priced)


def _say_remarks(terminal: Terminal, priced: Sequence[Priced]) -> None:
    for text, names in remarks(priced).items():
        about = "all" if len(names) == len(priced) else ", ".join(names)
        terminal.say(f"{about}: {text}", Style.CAUTION, indent="  ")


def _write_json(priced: Sequence[Priced], compared: Sequence[str] | None, shop: Shop) -> None:
    bodies = [_as_json(each.outcome) for each in priced]
    document: dict[str, Any]
    if compared:
        document = {"options": bodies}
    elif len(priced) == 1:
        document = bodies[0]["quote"]
    else:
        files = [{"file": each.asked[0], **body} for each, body in zip(priced, bodies, strict=True)]
        total = total_of(each.outcome for each in priced if isinstance(each.outcome, QuoteResponse))
        document = {"files": files, "total": f"{total:f}", "currency": shop.currency}
    _print_json(document)


def _as_json(outcome: QuoteResponse | PricingError) -> dict[str, Any]:
    if isinstance(outcome, PricingError):
        return {"problem": _problem(outcome)}
    return {"quote": outcome.model_dump(mode="json", exclude_none=True)}


def _refuse(error: PricingError, *, as_json: bool, code: int) -> int:
    if as_json:
        _print_json(_problem(error))
    else:
        complain(fault_lines(error) if isinstance(error, InvalidRequest) else [message_of(error)])
    return code


def refuse_usage(faults: Sequence[str]) -> None:
    """Prints the problem of a wrong command line or setting, as `--json` wants it."""
    named = [re.fullmatch(r"(--[\w-]+)\S*: (.*)", fault) for fault in faults]
    fields = tuple(FieldFault(field_of(each[1]), each[2]) for each in named if each)
    _print_json(_problem(InvalidRequest("; ".join(faults), fields)))


def _problem(error: PricingError) -> dict[str, Any]:
    body = problem_body(error, "")
    del body["request_id"]  # there is no request
    return body


def _print_json(document: dict[str, Any]) -> None:
    print(json.dumps(document, indent=2))
