"""`pricing-fdm quote FILE`: prices a local file with the service's own pipeline.

The file is treated as a stranger's: copied, judged, written anew. Only the download is replaced.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import hashlib
import json
import signal
import sys
import uuid
from pathlib import Path

from pydantic import ValidationError

from pricing_fdm.assembly import assemble
from pricing_fdm.commands.progress import ProgressLine
from pricing_fdm.commands.quote_table import quote_table
from pricing_fdm.concurrency.completion import complete_in_thread
from pricing_fdm.errors import InternalError, InvalidRequest, ModelTooLarge, PricingError
from pricing_fdm.model import Download, Order
from pricing_fdm.quoting.pipeline import Quote
from pricing_fdm.quoting.timing import StageTimer
from pricing_fdm.settings import Settings, load_settings
from pricing_fdm.telemetry.logs import configure_logs
from pricing_fdm.web.answers import quote_response
from pricing_fdm.web.body import invalid_request
from pricing_fdm.web.schemas import OrderRequest

_CHUNK_BYTES = 1024 * 1024
_TERMINATED = 128 + signal.SIGTERM


def run(options: argparse.Namespace) -> int:
    """Prints a table for people or, with `--json`, the body of the HTTP answer."""
    settings = load_settings()
    configure_logs("console", "error", sys.stderr)
    progress = ProgressLine(sys.stderr, shown=sys.stderr.isatty() and not options.json)
    clock = StageTimer(progress.show, progress.show_percent)
    try:
        with progress:
            quote = asyncio.run(_price(settings, _order(options), options.file, clock))
    except asyncio.CancelledError:
        return _TERMINATED
    except InvalidRequest as error:
        print(*(f"{f.field}: {f.message}" for f in error.faults), sep="\n", file=sys.stderr)
        return 2
    except PricingError as error:
        print(f"{error.title}: {error.detail}", file=sys.stderr)
        return 1
    body = quote_response(quote, uuid.uuid4(), clock.timing_ms())
    if options.json:
        print(json.dumps(body.model_dump(mode="json", exclude_none=True), indent=2))
    else:
        print(quote_table(options.file.name, body))
    return 0


def _order(options: argparse.Namespace) -> Order:
    try:
        return OrderRequest.model_validate_json(
            json.dumps(
                {
                    "material": options.material,
                    "infill": options.infill,
                    "layer_thickness": options.layer_thickness,
                    "quantity": options.quantity,
                    "supports": options.supports,
                    "orientation": options.orientation,
                    "rush": options.rush,
                    "units": options.units,
                }
            )
        ).order()
    except ValidationError as error:
        raise invalid_request(error) from error


async def _price(settings: Settings, order: Order, file: Path, clock: StageTimer) -> Quote:
    _clean_up_when_terminated()
    source = functools.partial(_copy, file, settings.fetch.max_bytes)
    async with assemble(settings) as assembly:
        if assembly.pipeline is None:
            reasons = "; ".join(c.detail for c in assembly.readiness.checks() if not c.ok)
            raise InternalError(reasons)
        return await assembly.pipeline.quote(order, source, clock)


def _clean_up_when_terminated() -> None:
    """SIGTERM ends this command as Ctrl-C does: by cancelling, so that nothing is left behind."""
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - called from a coroutine
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


async def _copy(file: Path, max_bytes: int, destination: Path) -> Download:
    return await complete_in_thread(_copy_blocking, file, max_bytes, destination)


def _copy_blocking(file: Path, max_bytes: int, destination: Path) -> Download:
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
