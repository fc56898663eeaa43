"""The command line: what it lists, what it refuses, and how it ends."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.harness.command import pricing_fdm


def test_help_and_version_are_there() -> None:
    """What everybody types first."""
    for command in ("serve", "quote", "worker", "check", "health", "shop"):
        assert f"\n    {command} " in pricing_fdm("--help").stdout
    assert pricing_fdm("--version").stdout.startswith("pricing-fdm 0.")


@pytest.mark.parametrize("arguments", [(), ("qoute",), ("serve", "--port", "many"), ("quote",)])
def test_a_wrong_command_line_is_explained(arguments: tuple[str, ...]) -> None:
    """Exit code 2, as every command-line tool does."""
    result = pricing_fdm(*arguments)
    assert result.returncode == 2
    assert result.stderr.startswith("usage: pricing-fdm")


@pytest.mark.parametrize(
    ("arguments", "usage", "says"),
    [
        (("quote", "x.stl", "--layr", "3"), "quote", "there is no --layr; did you mean --layer-"),
        (("shop", "chek"), "shop", "there is no chek; did you mean check?"),
        (("serve", "--prot", "1"), "serve", "there is no --prot; did you mean --port?"),
        (("health", "one", "two"), "health", "two is one too many"),
        (("qoute",), "[-h]", "there is no qoute; did you mean quote?"),
    ],
)
def test_the_usage_is_that_of_the_command_that_was_meant(
    arguments: tuple[str, ...], usage: str, says: str
) -> None:
    """The list of commands helps nobody who has mistyped an option."""
    result = pricing_fdm(*arguments)
    assert result.returncode == 2
    assert result.stderr.startswith(f"usage: pricing-fdm {usage} ")
    assert says in result.stderr


def test_a_reader_who_leaves_is_no_fault() -> None:
    """`pricing-fdm shop check | head -0`: little output is written when the command is over."""
    reading, writing = os.pipe()
    os.close(reading)
    result = subprocess.run(
        [sys.executable, "-m", "pricing_fdm", "shop", "check"],
        env={"PATH": os.environ["PATH"]},
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert (result.returncode, result.stderr) == (141, b"")
