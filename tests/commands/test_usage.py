"""A wrong command line is told by the parser of the command it belongs to."""

from __future__ import annotations

import pytest

from pricing_fdm.commands.usage import CommandParser, UsageError, alike


def parser() -> CommandParser:
    """Of a program with one command."""
    program = CommandParser(prog="cook")
    command = program.add_subparsers(dest="command").add_parser("boil")
    command.add_argument("what")
    command.add_argument("--minutes", type=int)
    command.add_argument("--salt", choices=("some", "none"))
    return program


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("boil", "egg", "--minuts", "3"), "there is no --minuts; did you mean --minutes?"),
        (("boil", "egg", "--minutz=3"), "there is no --minutz; did you mean --minutes?"),
        (("boil", "egg", "--zzz"), "there is no --zzz"),
        (("boil", "egg", "ham"), "ham is one too many"),
        (("boil", "egg", "--salt", "much"), "--salt: there is no much; choose from some, none"),
        (("boil", "egg", "--minutes", "x"), "--minutes: invalid int value: 'x'"),
    ],
)
def test_each_mistake_is_named_with_what_was_meant(arguments: tuple[str, ...], says: str) -> None:
    """And with the usage of the command, not of the program."""
    with pytest.raises(UsageError) as caught:
        parser().parse_args(arguments)
    assert caught.value.message == says
    assert caught.value.usage.startswith("usage: cook boil ")


def test_a_beginning_is_like_the_whole() -> None:
    """People shorten long names."""
    assert alike("--layr", ["--layer-thickness", "--colour"]) == "; did you mean --layer-thickness?"
    assert alike("--xyz", ["--layer-thickness"]) == ""
    assert alike("x", []) == ""


def test_files_may_stand_before_and_behind_options() -> None:
    """`quote a.stl --infill 20 b.stl` is what people type."""
    program = CommandParser(prog="cook")
    program.add_argument("what", nargs="+")
    program.add_argument("--minutes", type=int)
    parsed = program.parse_args(["egg", "--minutes", "3", "ham", "-"])
    assert (parsed.what, parsed.minutes) == (["egg", "ham", "-"], 3)
