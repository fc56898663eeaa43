"""One customer's tab, and what goes on in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from playwright.sync_api import ConsoleMessage, Page

NOTE_VIOLATIONS = """
globalThis.violations = [];
addEventListener("securitypolicyviolation", (event) => violations.push(event.violatedDirective));
"""


@dataclass
class Visit:
    """A tab with the page in it.

    Attributes:
        requests: Method and URL of all requests.
        errors: What the browser's console told as an error.
    """

    page: Page
    base_url: str
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def sent(self, method: str, path: str) -> int:
        """How often a route was asked."""
        return self.requests.count(f"{method} {self.base_url}{path}")

    def expect_error(self, words: str) -> None:
        """Takes out an error that this test provoked."""
        assert any(words in error for error in self.errors), self.errors
        self.errors = [error for error in self.errors if words not in error]

    def choose(self, file: Path) -> None:
        """Chooses a file."""
        self.page.set_input_files("#file", file)

    def ask(self) -> None:
        """Asks for the price."""
        self.page.get_by_role("button", name="Get the price").click()

    def is_clean(self) -> None:
        """Nothing went wrong in silence, and nothing left the house."""
        assert self.errors == []
        assert self.page.evaluate("violations") == []
        strangers = [each for each in self.requests if f" {self.base_url}/" not in each]
        assert [each for each in strangers if " blob:" not in each] == []

    def listen(self) -> None:
        """Takes down what goes on from here on."""
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on(
            "request", lambda request: self.requests.append(f"{request.method} {request.url}")
        )

    def _on_console(self, message: ConsoleMessage) -> None:
        # A refused estimate is told when the price is asked for, and a test of it is one of that.
        is_of_estimate = message.location["url"].endswith("/estimate")
        if message.type == "error" and not is_of_estimate:
            self.errors.append(message.text)


OpenPage: TypeAlias = Callable[..., Visit]
"""Takes the address (default: the gateway's), a script to run first, options of the context."""
