"""A wrong command line, reported with the usage of the command that was meant."""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

_CHOICE = re.compile(r"argument (\S+): invalid choice: '(.*)' \(choose from (.*)\)")


_LEAST_LIKENESS = 0.6


class UsageError(Exception):
    """The command line is wrong.

    Attributes:
        usage: Of the command.
        message: What is wrong.
    """

    def __init__(self, usage: str, message: str) -> None:
        super().__init__(message)
        self.usage = usage
        self.message = message


class CommandParser(argparse.ArgumentParser):
    """Refuses unknown options itself, and raises an error where argparse exits."""

    def parse_known_args(  # type: ignore[override]
        self,
        args: Sequence[str] | None = None,
        namespace: Any = None,  # noqa: ANN401 - as argparse has it
    ) -> tuple[argparse.Namespace, list[str]]:
        """Refuses unknown arguments; argparse leaves them to the program's parser."""
        known, unknown = super().parse_known_args(args, namespace)
        options = [each for each in unknown if each.startswith("-") and each != "-"]
        several = [each.dest for each in self._actions if each.nargs == "+"]
        if options:
            wrong = options[0].partition("=")[0]
            self.error(f"there is no {wrong}{alike(wrong, self._option_string_actions)}")
        if unknown and not several:
            self.error(f"{unknown[0]} is one too many")
        if unknown:  # that stand behind an option, which argparse does not bring together
            getattr(known, several[0]).extend(unknown)
        return known, []

    def error(self, message: str) -> NoReturn:
        """Raises it.

        Raises:
            UsageError: Always.
        """
        if chosen := _CHOICE.fullmatch(message):
            known = [each.strip(" '") for each in chosen[3].split(",")]
            hint = alike(chosen[2], known) or f"; choose from {', '.join(known)}"
            message = f"argument {chosen[1]}: there is no {chosen[2]}{hint}"
        raise UsageError(self.format_usage(), message.removeprefix("argument "))


def alike(name: str, known: Iterable[str]) -> str:
    """The end of a sentence that names what was probably meant; empty where nothing is like it."""
    likeness = {
        each: max(_ratio(name, each), _ratio(name, each[: len(name) + 1])) for each in known
    }
    best = max(likeness, key=lambda each: likeness[each], default="")
    return f"; did you mean {best}?" if likeness.get(best, 0) > _LEAST_LIKENESS else ""


def _ratio(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one.lstrip("-"), other.lstrip("-")).ratio()
