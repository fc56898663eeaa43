"""Remembers for a short time why a model was refused.

Only what is the model's own fault, and with the very settings it was refused with: the answer would
be the same. Crashes and time limits are `Quarantine`'s, which asks for two of them; errors of ours are
nobody's, and are tried again.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from pricing_fdm.errors import ModelError

_MOST = 10_000  # about 5 MB


class NegativeCache:
    """The refusals of the last while.

    Args:
        remember_s: Seconds for which one is remembered; 0 remembers none.
        most: When there are more, the one that is longest ago is forgotten.
        clock: Seconds that never go back.
    """

    def __init__(
        self, *, remember_s: float, most: int = _MOST, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._remember_s = remember_s
        self._most = most
        self._clock = clock
        self._refused: OrderedDict[str, _Refusal] = OrderedDict()

    def get(self, key: str) -> ModelError | None:
        """The refusal of this question, made anew; None if it was not refused lately."""
        refusal = self._refused.get(key)
        if refusal is None:
            return None
        if self._clock() >= refusal.until_s:
            del self._refused[key]
            return None
        return refusal.kind(refusal.detail, log_detail=refusal.log_detail)

    def put(self, key: str, error: ModelError) -> None:
        """Remembers a refusal."""
        if self._remember_s <= 0:
            return
        self._refused[key] = _Refusal(
            type(error), error.detail, error.log_detail, self._clock() + self._remember_s
        )
        self._refused.move_to_end(key)
        if len(self._refused) > self._most:
            self._refused.popitem(last=False)


@dataclass(frozen=True, slots=True)
class _Refusal:
    kind: type[ModelError]
    detail: str
    log_detail: str | None
    until_s: float
