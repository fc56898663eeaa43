"""What runs beside requests and jobs for as long as a service or a worker does."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import signal
import threading
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import structlog

from pricing_fdm.concurrency.supervisor import BackgroundTask, Supervisor, Work
from pricing_fdm.health.shop_reload import ShopInForce
from pricing_fdm.health.shop_versions import ShopVersions
from pricing_fdm.sandbox.user import other_user
from pricing_fdm.surroundings import Surroundings
from pricing_fdm.telemetry import logs
from pricing_fdm.web.metrics_port import metrics_port

if TYPE_CHECKING:
    from pricing_fdm.jobs.connection import Client

_LOOK_FOR_VERSION_S = 15.0

_log = structlog.get_logger()


@contextlib.asynccontextmanager
async def upkeep(around: Surroundings, redis: Client | None) -> AsyncIterator[None]:
    """Proves the slicer, follows the shop's files and versions, and answers on the metrics port."""
    settings, shops = around.settings, around.assembly.shops
    server, supervisor = settings.server, around.supervisor
    async with contextlib.AsyncExitStack() as stack:
        enter = stack.enter_async_context
        await enter(supervisor.running(BackgroundTask.WATCHDOG, around.watchdog.watch))
        await enter(_watching_shop(shops, settings.shop.shop_watch_secs, supervisor))
        await enter(_following_versions(around.assembly.versions, supervisor, redis))
        if server.metrics_port:
            await enter(metrics_port(around.metrics, server.pricing_fdm_host, server.metrics_port))
        yield


def warn_of_root() -> None:
    """Says at the start that the service need not be root."""
    if os.geteuid() == 0:
        _log.warning(logs.ROOT_UNNEEDED, user_of_programs=other_user() or 0)


@contextlib.asynccontextmanager
async def _watching_shop(
    shops: ShopInForce, period_s: float, supervisor: Supervisor
) -> AsyncIterator[None]:
    """Loads the shop again at SIGHUP and, every `period_s` seconds, when its files have changed."""
    loop = asyncio.get_running_loop()
    is_main = threading.current_thread() is threading.main_thread()
    if is_main:  # only there can signals be heard
        loop.add_signal_handler(signal.SIGHUP, shops.ask)
    try:
        watch = functools.partial(shops.watch, period_s)
        async with supervisor.running(BackgroundTask.SHOP_WATCH, watch):
            yield
    finally:
        if is_main:
            loop.remove_signal_handler(signal.SIGHUP)


@contextlib.asynccontextmanager
async def _following_versions(
    versions: ShopVersions, supervisor: Supervisor, redis: Client | None
) -> AsyncIterator[None]:
    """Has this process follow the store of the shop's versions."""
    async with contextlib.AsyncExitStack() as stack:
        follow: Work = functools.partial(_look_again, versions)
        if redis is not None:
            from pricing_fdm.jobs.shop_news import ShopNews  # noqa: PLC0415

            news = ShopNews(redis, versions.look, _LOOK_FOR_VERSION_S)
            versions.announce, follow = news.announce, news.follow
            running = supervisor.running(BackgroundTask.SHOP_NEWS, news.run)
            await stack.enter_async_context(running)
        await stack.enter_async_context(supervisor.running(BackgroundTask.SHOP_VERSIONS, follow))
        yield


async def _look_again(versions: ShopVersions) -> None:
    while True:
        await versions.look()
        await asyncio.sleep(_LOOK_FOR_VERSION_S)
