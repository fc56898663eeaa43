"""`pricing-fdm check`: examines the installation and explains what is wrong."""

from __future__ import annotations

import argparse
import asyncio
import sys

from pricing_fdm.assembly import assemble
from pricing_fdm.commands.terminal import Row, Style, to_reader
from pricing_fdm.health.readiness import Check
from pricing_fdm.health.self_test import prove
from pricing_fdm.settings import Settings, SettingsError, load_settings
from pricing_fdm.settings.server import Server
from pricing_fdm.settings.terminal import in_colour
from pricing_fdm.shop_source import shop_source
from pricing_fdm.slicers.presets.loaded_shop import LoadedShop
from pricing_fdm.telemetry.logs import configure_logs

_STYLES = {"ok": Style.GOOD, "WARN": Style.CAUTION, "FAIL": Style.FAULT}


def run(_options: argparse.Namespace) -> int:
    """Prints what each check found; exit code 1 if one is not good. A warning is good."""
    settings = load_settings()
    configure_logs("console", "error", sys.stderr, colour=in_colour(sys.stderr))
    try:
        loaded = shop_source(settings).load()
    except SettingsError as error:
        to_reader().rows(_row("FAIL", "shop", fault) for fault in error.faults)
        return 1
    checks = asyncio.run(_examine(settings, loaded))
    to_reader().rows(
        [
            *(_row("WARN", "shop", str(warning)) for warning in loaded.warnings),
            *(_row("ok" if check.ok else "FAIL", check.name, check.detail) for check in checks),
            _row(*_examine_access(settings.server)),
        ]
    )
    return 0 if all(check.ok for check in checks) else 1


def _row(result: str, name: str, detail: str) -> Row:
    return Row(f"{result:<4}  {name}", detail, _STYLES[result])


def _examine_access(server: Server) -> tuple[str, str, str]:
    """Who can ask for quotes. A warning at most: a firewall may keep strangers out."""
    if server.caution:
        return "WARN", "access", server.caution
    if server.tokens:
        return "ok", "access", "callers must send the token"
    return "ok", "access", "without a token, and from this machine only"


async def _examine(settings: Settings, loaded: LoadedShop) -> tuple[Check, ...]:
    async with assemble(settings, loaded) as assembly:
        await prove(assembly.pipeline, assembly.readiness)
        if settings.jobs.address:
            assembly.readiness.set(await _examine_redis(settings.jobs.address))
        return assembly.readiness.checks()


async def _examine_redis(address: str) -> Check:
    from pricing_fdm.jobs.connection import connect  # noqa: PLC0415 - the queue mode's alone
    from pricing_fdm.jobs.examine import examine  # noqa: PLC0415

    async with connect(address) as redis:
        return await examine(redis)
