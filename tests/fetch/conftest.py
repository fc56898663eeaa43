"""What the tests of the fetch stage share."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest


@pytest.fixture
def anyio_backend() -> str:
    """The service runs on asyncio, and so do these tests."""
    return "asyncio"


@pytest.fixture(autouse=True)
def _restore_log_levels() -> Iterator[None]:
    """Building a `Fetcher` quiets two loggers of the process; the next test gets them back."""
    loggers = [logging.getLogger(name) for name in ("httpx", "httpcore")]
    levels = [logger.level for logger in loggers]
    yield
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)
