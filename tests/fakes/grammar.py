"""The token rules both slicers share, from `DynamicConfig::read_cli`.

One or two dashes; `--key=value` or the next token; an empty `--key=` takes the next token, too;
a boolean never takes one; a bare `--` ends the options; anything else is an input file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class BadCommandLine(Exception):
    """The program prints the text and its help, and refuses to run."""


class Given(NamedTuple):
    """One option with its value (empty for a bare boolean), or an input file without a name."""

    name: str
    text: str


def read(arguments: list[str], takes_value: Callable[[str], bool]) -> Iterator[Given]:
    """Splits arguments into options and input files.

    Args:
        arguments: Without the program's name.
        takes_value: Says of an option's name whether it needs a value; raises `BadCommandLine`
            for one that is not known.

    Raises:
        BadCommandLine: An option is unknown or its value is missing.
    """
    waiting = list(arguments)
    while waiting:
        token = waiting.pop(0)
        if token == "--":
            yield from (Given("", rest) for rest in waiting)
            return
        if not token.startswith("-"):
            yield Given("", token)
            continue
        name, _, text = token.removeprefix("-").removeprefix("-").partition("=")
        if takes_value(name) and not text:
            if not waiting:
                raise BadCommandLine(f"No value supplied for --{name}")
            text = waiting.pop(0)
        yield Given(name, text)
