"""`pricing-fdm check`: examines the installation and explains what is wrong."""

from __future__ import annotations

import argparse
import asyncio
import sys

from pricing_fdm.assembly import Assembly, assemble
from pricing_fdm.health import Check
from pricing_fdm.settings import Settings, load_settings
from pricing_fdm.telemetry.logs import configure_logs


def run(_options: argparse.Namespace) -> int:
    """Prints one line for each check; exit code 1 if one is not good."""
    settings = load_settings()
    configure_logs("console", "error", sys.stderr)
    checks = asyncio.run(_examine(settings))
    for check in checks:
        print(f"{'ok  ' if check.ok else 'FAIL'}  {check.name:<10} {check.detail}")
    return 0 if all(check.ok for check in checks) else 1


async def _examine(settings: Settings) -> tuple[Check, ...]:
    async with assemble(settings) as assembly:
        await assembly.prove()
        await _examine_redis(settings, assembly)
        return assembly.readiness.checks()


async def _examine_redis(settings: Settings, assembly: Assembly) -> None:
    url = settings.jobs.redis_url.get_secret_value()
    if url:
        from pricing_fdm.jobs.connection import connect  # noqa: PLC0415 - the queue's alone
        from pricing_fdm.jobs.examine import examine  # noqa: PLC0415

        async with connect(url) as client:
            assembly.readiness.set(await examine(client))
