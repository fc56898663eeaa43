"""Colour is for terminals, and for those who want it."""

from __future__ import annotations

import io

import pytest

from pricing_fdm.settings.terminal import in_colour


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, True),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, True),
        ({"TERM": "dumb"}, False),
    ],
    ids=["nothing said", "NO_COLOR", "empty NO_COLOR", "dumb terminal"],
)
def test_a_terminal_has_colour_unless_it_is_refused(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], expected: bool
) -> None:
    """As https://no-color.org has it."""
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert in_colour(Screen()) is expected


def test_a_pipe_has_none() -> None:
    """Escape sequences in a file are rubbish."""
    assert in_colour(io.StringIO()) is False
