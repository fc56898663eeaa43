"""How many machine hours wait at each printer already, as the shop's own planning says.

Kept by this process and, where there is a shared store, by all of them. A store that does not
answer costs no quote: what was known last counts.
"""

from __future__ import annotations

import contextlib
from decimal import Decimal

from pricing_fdm.quoting.cache.result_cache import SharedStore, Unreachable


class Backlog:
    """The hours by printer; a printer of which nothing was said has those of the shop file."""

    def __init__(self, store: SharedStore | None = None) -> None:
        self._store = store
        self._known: dict[str, Decimal] = {}

    async def hours(self, printer: str) -> Decimal | None:
        """What was said last; None if nothing was."""
        if self._store is not None:
            with contextlib.suppress(Unreachable):
                text = await self._store.get(printer)
                if text is not None:
                    self._known[printer] = Decimal(text)
        return self._known.get(printer)

    async def put(self, printer: str, hours: Decimal) -> None:
        """Takes over what is said.

        Raises:
            Unreachable: The others could not be told; nothing has changed.
        """
        if self._store is not None:
            await self._store.put(printer, str(hours))
        self._known[printer] = hours
