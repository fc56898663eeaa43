"""How events are written: one line each, JSON in a container, readable on a terminal.

Events are `noun_verb` names with key-values. A stranger's text can neither break nor flood a line:
control characters are escaped, long values cut.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

_LONGEST_VALUE = 4000

# The constants that name what happens; the values go beside them.
QUOTE_REQUESTED = "quote_requested"
SLICE_SUCCEEDED = "slice_succeeded"
QUOTE_GENERATED = "quote_generated"
QUOTE_FAILED = "quote_failed"
ESTIMATE_REQUESTED = "estimate_requested"
ESTIMATE_GIVEN = "estimate_given"
ESTIMATE_FAILED = "estimate_failed"
ESTIMATE_LABEL_LOST = "estimate_label_lost"
REQUEST_FINISHED = "request_finished"
REQUEST_FAILED = "request_failed"
SERVICE_STARTED = "service_started"
SERVICE_STOPPED = "service_stopped"
CONNECTIONS_NOT_ACCEPTED = "connections_not_accepted"
DEVELOPMENT = "development"
AUTHENTICATION_OFF = "authentication_off"
SELF_TEST_FINISHED = "self_test_finished"
SELF_TEST_PUT_OFF = "self_test_put_off"
SHOP_LOADED = "shop_loaded"
SHOP_CAUTION = "shop_caution"
MODEL_READER_DIED = "model_reader_died"
ADMIN_ACTION = "admin_action"
FETCH_POLICY_CAUTION = "fetch_policy_caution"
TRACING_FAILED = "tracing_failed"
JOB_FINISHED = "job_finished"
WORKER_STARTED = "worker_started"
WORKER_DRAINING = "worker_draining"
WORKER_STOPPED = "worker_stopped"
CALLBACK_DELIVERED = "callback_delivered"
CALLBACK_FAILED = "callback_failed"
BACKGROUND_TASK_FAILED = "background_task_failed"
UPLOADS_SWEPT = "uploads_swept"
UPLOADS_UNSWEPT = "uploads_unswept"
FOLDER_UNREMOVED = "folder_unremoved"
REDIS_AWAY = "redis_away"
REDIS_BACK = "redis_back"
ROOT_UNNEEDED = "root_unneeded"


def configure_logs(
    log_format: str, level: str, stream: TextIO = sys.stdout, *, colour: bool = False
) -> None:
    """Sends the events of this service and of its libraries to `stream`, one line each.

    Args:
        log_format: `json`, or `console` for people.
        level: The least that is written.
        stream: Where to.
        colour: Of the format for people.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _bounded,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _renderer(log_format, colour=colour),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    logging.getLogger("asyncio").setLevel(logging.WARNING)


def _renderer(log_format: str, *, colour: bool) -> structlog.typing.Processor:
    if log_format == "json":
        return structlog.processors.JSONRenderer()
    return structlog.dev.ConsoleRenderer(colors=colour)


def _bounded(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _one_line(value)
    return event


def _one_line(text: str) -> str:
    if len(text) > _LONGEST_VALUE:
        text = f"{text[:_LONGEST_VALUE]}… ({len(text)} characters)"
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
