"""What the commands write fits the terminal, and is plain where there is none."""

from __future__ import annotations

import io

import pytest

from pricing_fdm.commands import terminal as module
from pricing_fdm.commands.terminal import Line, Row, Style, Terminal

LONG = "The mesh had holes, which were closed where their rims were simple. " * 3


class Screen(io.StringIO):
    """A terminal of 80 columns, since it does not say how wide it is."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """Without colour, so that a line is as long as it looks."""
    monkeypatch.setenv("NO_COLOR", "1")
    return Screen()


def test_a_long_text_is_wrapped_below_its_beginning(screen: Screen) -> None:
    """Its label stands alone in its column."""
    Terminal(screen).rows([Row("part", "x.stl"), Row("warning", LONG, Style.CAUTION)])
    first, second, *others = screen.getvalue().splitlines()
    assert first == "part     x.stl"
    assert second.startswith("warning  The mesh")
    assert others
    assert {line[:9] for line in others} == {" " * 9}
    assert all(len(line) <= 80 for line in screen.getvalue().splitlines())


def test_in_a_pipe_one_thing_is_one_line() -> None:
    """`grep` finds it whole, without colour."""
    stream = io.StringIO()
    Terminal(stream).rows([Row("warning", LONG.strip(), Style.CAUTION)])
    assert stream.getvalue() == f"warning  {LONG.strip()}\n"


def test_colours_are_put_on_after_the_columns_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their codes take no room."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    stream = Screen()
    Terminal(stream).rows([Row("total", "1 USD", Style.STRONG), Row("lead time", "1 day")])
    assert stream.getvalue() == (
        "\x1b[1mtotal\x1b[0m      \x1b[1m1 USD\x1b[0m\n\x1b[2mlead time\x1b[0m  1 day\n"
    )


def test_a_table_shortens_names_and_keeps_figures(screen: Screen) -> None:
    """The price is what the table is for."""
    name = f"{'a' * 60}-left.stl"
    Terminal(screen).table(
        ("file", "time", "price"),
        [Line((name, "1h 00m", "10.00 USD")), Line(("b.stl", "0h 10m", "9.00 USD"))],
    )
    head, long, short = screen.getvalue().splitlines()
    assert {len(head), len(long), len(short)} == {80}
    assert long.endswith("-left.stl  1h 00m  10.00 USD")
    assert "…" in long


def test_a_line_without_figures_has_its_message_wrapped(screen: Screen) -> None:
    """Why there is no price takes more room than a price."""
    Terminal(screen).table(("file", "price"), [Line(("a.stl",), LONG), Line(("b.stl", "9 USD"))])
    lines = screen.getvalue().splitlines()
    assert lines[1].startswith("a.stl  The mesh")
    assert lines[2].startswith("    ")
    assert all(len(line) <= 80 for line in lines)


def test_what_a_name_holds_does_not_drive_the_terminal(screen: Screen) -> None:
    """The name of a file from a customer may hold escape sequences."""
    Terminal(screen).say("evil\x1b[2J\nname.stl")
    assert screen.getvalue() == "evil\\x1b[2J\\nname.stl\n"


def test_complaints_go_to_the_error_stream(capsys: pytest.CaptureFixture[str]) -> None:
    """Below what is known of the whole."""
    module.complain(["one", "two"], "These are wrong:")
    assert capsys.readouterr() == ("", "These are wrong:\n  one\n  two\n")
