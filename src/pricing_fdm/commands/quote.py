"""`pricing-fdm quote FILE`: prices a local file with the service's own pipeline.

The file is treated as a stranger's: copied, judged, written anew. Only the download is replaced.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import signal
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from pydantic import ValidationError

from pricing_fdm.assembly import assemble
from pricing_fdm.commands.progress import ProgressLine
from pricing_fdm.commands.quote_table import quote_table
from pricing_fdm.concurrency.completion import complete_in_thread
from pricing_fdm.errors import InternalError, ModelTooLarge, PricingError
from pricing_fdm.model import Download, Order
from pricing_fdm.order_request import Infill, MaterialName, OrderRequest, in_shop
from pricing_fdm.quoting.pipeline import Quote
from pricing_fdm.quoting.timing import StageTimer
from pricing_fdm.settings import Settings, load_settings
from pricing_fdm.shop_loading import load_shop_files
from pricing_fdm.slicers.presets.loaded_shop import LoadedShop
from pricing_fdm.telemetry.logs import configure_logs
from pricing_fdm.web.answers import quote_response
from pricing_fdm.web.body import invalid_request

_CHUNK_BYTES = 1024 * 1024
_TERMINATED = 128 + signal.SIGTERM


class DeskRequest(OrderRequest):
    """An order at the desk, where more may be left out."""

    default_layer_thickness: ClassVar[int | None] = 200

    material: MaterialName = "pla"
    infill: Infill = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, and an option for each field of an order."""
    parser.add_argument("file", type=Path, help="the model")
    schema = DeskRequest.model_json_schema()
    for name, facts in schema["properties"].items():
        named = facts.get("$ref", "").rpartition("/")[2]
        shape: dict[str, Any] = next(
            (each for each in facts.get("anyOf", ()) if each["type"] != "null"), {}
        )
        field = {**schema["$defs"].get(named, {}), **shape, **facts}
        parser.add_argument(f"--{name.replace('_', '-')}", **_option(field))
    parser.add_argument("--json", action="store_true", help="print the quote as JSON")


def _option(field: dict[str, Any]) -> dict[str, Any]:
    """What argparse has to know of a field that JSON Schema describes."""
    about = field["description"].replace("%", "%%")
    kind = "enum" if "enum" in field else field["type"]
    if kind == "boolean":
        return {"action": "store_true", "help": about}
    shown = _METAVARS.get(kind)
    if "minimum" in field:
        shown = f"{field['minimum']}..{field['maximum']}"
    return {
        "type": _READERS[kind],
        "choices": field.get("enum"),
        "metavar": shown,
        "default": field["default"],
        "help": f"{about} (default: %(default)s)" if field["default"] else about,
    }


def _words(text: str) -> list[str]:
    return text.split(",")


_READERS: dict[str, Callable[[str], object]] = {
    "integer": int,
    "enum": str.lower,
    "string": str,
    "array": _words,
    "object": json.loads,
}
_METAVARS = {"array": "ID,ID", "object": "JSON"}


def run(options: argparse.Namespace) -> int:
    """Prints a table for people or, with `--json`, the body of the HTTP answer."""
    settings = load_settings()
    configure_logs("console", "error", sys.stderr)
    loaded = load_shop_files(settings.shop)
    shop = loaded.shop
    given = {name: getattr(options, name) for name in DeskRequest.model_fields}
    try:
        wanted = DeskRequest.model_validate_json(json.dumps(given), context=in_shop(shop))
    except ValidationError as error:
        faults = invalid_request(error).faults
        print(*(f"{fault.field}: {fault.message}" for fault in faults), sep="\n", file=sys.stderr)
        return 2
    progress = ProgressLine(sys.stderr, shown=sys.stderr.isatty() and not options.json)
    timer = StageTimer(progress.show, progress.show_percent)
    try:
        with progress:
            quote = asyncio.run(_price(settings, loaded, wanted.order(shop), options.file, timer))
    except asyncio.CancelledError:
        return _TERMINATED
    except PricingError as error:
        print(f"{error.title}: {error.detail}", file=sys.stderr)
        return 1
    body = quote_response(quote, uuid.uuid4(), timer.timing_ms())
    if options.json:
        print(json.dumps(body.model_dump(mode="json", exclude_none=True), indent=2))
    else:
        print(quote_table(options.file.name, body))
    return 0


async def _price(
    settings: Settings, loaded: LoadedShop, order: Order, file: Path, timer: StageTimer
) -> Quote:
    # SIGTERM ends this command as Ctrl-C does: by cancelling, so that nothing is left behind.
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - in a coroutine
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    max_bytes = settings.fetch.max_bytes
    async with assemble(settings, loaded) as assembly:
        if assembly.pipeline is None:
            reasons = "; ".join(c.detail for c in assembly.readiness.checks() if not c.ok)
            raise InternalError(reasons)
        return await assembly.pipeline.quote(
            order, lambda copy: complete_in_thread(_copy, file, max_bytes, copy), timer
        )


def _copy(file: Path, max_bytes: int, destination: Path) -> Download:
    digest, size = hashlib.sha256(), 0
    try:
        with file.open("rb") as source, destination.open("xb") as copy:
            while chunk := source.read(_CHUNK_BYTES):
                size += len(chunk)
                if size > max_bytes:
                    raise ModelTooLarge(f"The file is larger than {max_bytes} bytes.")
                digest.update(chunk)
                copy.write(chunk)
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise ModelUnreadable(f"{file}: {error.strerror}") from error
    return Download(destination, size, digest.hexdigest())


class ModelUnreadable(PricingError):
    """The file named on the command line cannot be read."""

    code = "model_unreadable"
    title = "The file cannot be read"
