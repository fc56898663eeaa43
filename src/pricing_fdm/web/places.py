"""A bounded number of places, each taken for as long as something lasts."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from pricing_fdm.errors import CapacityError


class Places:
    """A counter with a limit.

    Args:
        most: How many places there are.
        refusal: Makes the error for a request that finds none free.
    """

    def __init__(self, most: int, refusal: Callable[[], CapacityError]) -> None:
        self._most = most
        self._refusal = refusal
        self._taken = 0

    @property
    def taken(self) -> int:
        """How many are taken now."""
        return self._taken

    @contextlib.contextmanager
    def place(self) -> Iterator[None]:
        """Holds a place while the context lasts; raises the refusal when all are taken."""
        if self._taken >= self._most:
            raise self._refusal()
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1
