"""`pricing-fdm worker`: does the jobs of the queue.

Exit codes: 0 after a signal; 1 when this machine cannot price; 2 when a setting is wrong or
REDIS_URL is missing; 70 when the slicer failed three self-tests.
"""

from __future__ import annotations

import argparse
import asyncio
import sys

from pricing_fdm.settings import SettingsError, load_settings
from pricing_fdm.settings.terminal import in_colour
from pricing_fdm.telemetry.log_writer import log_in_background
from pricing_fdm.telemetry.logs import configure_logs
from pricing_fdm.worker import work


def run(_options: argparse.Namespace) -> int:
    """Works until a signal ends it."""
    settings = load_settings()
    if not settings.jobs.address:
        raise SettingsError(("REDIS_URL: a worker needs the Redis that holds the jobs",))
    server = settings.server
    configure_logs(server.log_format, server.log_level, colour=in_colour(sys.stdout))
    with log_in_background():
        return asyncio.run(work(settings))
