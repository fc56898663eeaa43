"""The log of a started program: JSON lines, each written a moment after what it tells of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.harness.waiting import wait_until


class Logged:
    """A program that writes its events to a file.

    Attributes:
        log_path: What it writes to stdout and stderr.
    """

    log_path: Path

    def log(self) -> list[dict[str, Any]]:
        """The log so far, an event an item; a line that is being written is left out."""
        whole = self.log_path.read_bytes().rpartition(b"\n")[0]
        return [json.loads(line) for line in whole.splitlines()]

    def events(self, name: str, **values: Any) -> list[dict[str, Any]]:
        """The events so far of one name, with these values."""
        return [
            event
            for event in self.log()
            if event["event"] == name and values.items() <= event.items()
        ]

    def event(self, name: str, **values: Any) -> dict[str, Any]:
        """The first event of one name with these values; waits for it."""
        wait_until(lambda: self.events(name, **values))
        return self.events(name, **values)[0]
