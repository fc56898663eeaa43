"""The service's own pipeline, for as long as a command prices something with it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator

from pricing_fdm.assembly import assemble
from pricing_fdm.commands.model_file import ModelFile
from pricing_fdm.errors import InternalError
from pricing_fdm.model import Order
from pricing_fdm.quoting.estimate_record import EstimateRecord
from pricing_fdm.quoting.estimating import Estimator
from pricing_fdm.quoting.pipeline import Pipeline
from pricing_fdm.quoting.timing import StageTimer
from pricing_fdm.settings import Settings
from pricing_fdm.slicers.presets.loaded_shop import LoadedShop
from pricing_fdm.web.estimate_answers import estimate_response
from pricing_fdm.web.estimate_schemas import EstimateResponse


@contextlib.asynccontextmanager
async def running_pipeline(settings: Settings, loaded: LoadedShop) -> AsyncIterator[Pipeline]:
    """A pipeline that takes nothing but this command's orders.

    Raises:
        InternalError: There is no slicer.
    """
    # SIGTERM ends this command as Ctrl-C does: by cancelling, so that nothing is left behind.
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - in a coroutine
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    async with assemble(settings, loaded) as assembly:
        if assembly.pipeline is None:
            reasons = "; ".join(c.detail for c in assembly.readiness.checks() if not c.ok)
            raise InternalError(reasons)
        yield assembly.pipeline


async def estimated(
    settings: Settings, loaded: LoadedShop, order: Order, file: ModelFile
) -> EstimateResponse:
    """The estimate of one file.

    Raises:
        PricingError: As a quote would, before the slice.
    """
    async with running_pipeline(settings, loaded) as pipeline:
        timer = StageTimer()
        estimator = Estimator(EstimateRecord())
        estimate = await estimator.estimate(pipeline, order, file.copied, timer)
        return estimate_response(estimate, timer.timing_ms())
