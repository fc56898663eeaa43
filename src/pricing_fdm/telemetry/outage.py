"""Logs that Redis does not answer: once, then rarely, and when it is back."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog

from pricing_fdm.telemetry import logs

REPEAT_S = 600.0

_log = structlog.get_logger()


class OutageLog:
    """Logs when Redis goes and when it is back; most checks are not worth a line."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began_s: float | None = None
        self._told_s = 0.0

    def note(self, *, answers: bool) -> None:
        """Logs it when it is news, or has not been said for ten minutes."""
        now_s = self._clock()
        if self._began_s is None:
            if not answers:
                self._began_s = self._told_s = now_s
                _log.error(logs.REDIS_AWAY, away_s=0)
            return
        away_s = round(now_s - self._began_s)
        if answers:
            self._began_s = None
            _log.warning(logs.REDIS_BACK, away_s=away_s)
        elif now_s - self._told_s >= REPEAT_S:
            self._told_s = now_s
            _log.error(logs.REDIS_AWAY, away_s=away_s)
