"""On which line of a TOML file each key stands; `tomllib` does not say.

Reads files that `tomllib` has accepted already, so it looks for structure and checks nothing.
"""

from __future__ import annotations

import re
import tomllib
from typing import TypeAlias

KeyPath: TypeAlias = tuple[str | int, ...]
"""Keys and, in arrays, positions: `("materials", 0, "colours", 1, "hex")`."""

_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\])*"'
    r"|'[^']*'"
    r"|\n|[\[\]{}=,.]|(?P<blank>#[^\n]*|[ \t\r]+)|[^\s\[\]{}=,.#\"']+",
    re.DOTALL,
)


def key_lines(text: str) -> dict[KeyPath, int]:
    """The line, from 1, on which each key and each element of an array begins."""
    return _Reader(text).read()


class _Reader:
    def __init__(self, text: str) -> None:
        found = [match for match in _TOKEN.finditer(text) if match["blank"] is None]
        self._tokens = [match[0] for match in found]
        self._lines: list[int] = []
        line, seen = 1, 0
        for match in found:
            line += text.count("\n", seen, match.start())
            seen = match.start()
            self._lines.append(line)
        self._at = 0
        self._arrays: dict[KeyPath, int] = {}  # of tables: how many are there already
        self.found: dict[KeyPath, int] = {}

    def read(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        while self._at < len(self._tokens):
            if self._take("\n"):
                continue
            if self._tokens[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
        return self.found

    def _header(self) -> KeyPath:
        line = self._lines[self._at]
        is_array = [self._take("["), self._take("[")][1]
        *parents, name = self._keys("]")
        table: KeyPath = ()
        for key in parents:
            table = (*table, key)
            if table in self._arrays:
                table = (*table, self._arrays[table] - 1)
        table = (*table, name)
        self.found.setdefault(table, line)
        if is_array:
            self._take("]")
            number = self._arrays.get(table, 0)
            self._arrays[table] = number + 1
            table = (*table, number)
            self.found[table] = line
        return table

    def _pair(self, table: KeyPath) -> None:
        path, line = table, self._lines[self._at]
        for key in self._keys("="):
            path = (*path, key)
            self.found.setdefault(path, line)
        self._value(path)

    def _keys(self, end: str) -> list[str]:
        """The parts of a dotted key; what they are written in is taken off."""
        keys = []
        while not self._take(end):
            if not self._take("."):
                keys.append(_plain(self._next()))
        return keys

    def _value(self, path: KeyPath) -> None:
        if self._take("["):
            self._array(path)
        elif self._take("{"):
            while not self._take("}"):
                if not (self._take(",") or self._take("\n")):
                    self._pair(path)
        else:
            while self._at < len(self._tokens) and self._tokens[self._at] not in "\n,]}":
                self._at += 1

    def _array(self, path: KeyPath) -> None:
        number = 0
        while not self._take("]"):
            if self._take(",") or self._take("\n"):
                continue
            self.found[*path, number] = self._lines[self._at]
            self._value((*path, number))
            number += 1

    def _next(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1]

    def _take(self, token: str) -> bool:
        """Steps over the token if it is the next one."""
        if self._at < len(self._tokens) and self._tokens[self._at] == token:
            self._at += 1
            return True
        return False


def _plain(key: str) -> str:
    if key[0] in "\"'":
        return str(tomllib.loads(f"key = {key}")["key"])
    return key
