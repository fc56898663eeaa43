"""`pricing-fdm serve`: the service in the foreground."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace

import structlog
from pydantic import SecretStr

from pricing_fdm.app import create_app
from pricing_fdm.settings import Settings, load_settings
from pricing_fdm.settings.dev import CAUTION, for_development
from pricing_fdm.settings.terminal import in_colour
from pricing_fdm.telemetry import logs
from pricing_fdm.telemetry.log_writer import log_in_background
from pricing_fdm.telemetry.logs import configure_logs
from pricing_fdm.web.server import ServerOptions, run_server

LOCAL_REDIS = "redis://127.0.0.1:6379/0"

_log = structlog.get_logger()


def run(options: argparse.Namespace) -> int:
    """Serves until a signal ends it."""
    settings = _with_options(load_settings(), options)
    if options.dev:
        settings = for_development(settings)
    log_format, level = settings.server.log_format, settings.server.log_level
    configure_logs(log_format, level, colour=in_colour(sys.stdout))
    app = create_app(settings)
    server = ServerOptions(
        host=settings.server.pricing_fdm_host,
        port=settings.server.pricing_fdm_port,
        most_connections=settings.server.max_connections,
        pause_s=settings.server.drain_pause_secs,
        grace_s=settings.server.drain_grace_secs,
    )
    with log_in_background():
        if options.dev:
            page = f"http://{server.host}:{server.port}/"
            _log.warning(logs.DEVELOPMENT, caution=CAUTION, page=page)
        if settings.server.caution:
            _log.warning(logs.AUTHENTICATION_OFF, caution=settings.server.caution)
        started = run_server(app, server)
    return int(getattr(app.state, "exit_code", 0 if started else 1))


def _with_options(settings: Settings, options: argparse.Namespace) -> Settings:
    """The settings, where options take precedence over the environment."""
    jobs = settings.jobs
    if options.queue and not jobs.address:
        jobs = jobs.model_copy(update={"redis_url": SecretStr(LOCAL_REDIS)})
    given = {"pricing_fdm_host": options.host, "pricing_fdm_port": options.port}
    changes = {name: value for name, value in given.items() if value is not None}
    return replace(settings, server=settings.server.model_copy(update=changes), jobs=jobs)
