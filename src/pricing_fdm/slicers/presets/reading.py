"""Reads the preset files of a shop, each once, and finds the lines of their keys."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from pricing_fdm.shop.faults import Fault, ShopError
from pricing_fdm.shop.files import read_file
from pricing_fdm.slicers.presets.file import PresetFormat, Profile, ProfileKind
from pricing_fdm.slicers.presets.orca_file import read_orca
from pricing_fdm.slicers.presets.prusa_file import read_prusa

_READERS = {PresetFormat.ORCA: read_orca, PresetFormat.PRUSA: read_prusa}


class PresetReader:
    """The preset files of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[tuple[str, ProfileKind], Profile | ShopError] = {}

    def read(self, name: str, kind: ProfileKind) -> Profile:
        """The preset of one file; read once, whoever asks for it.

        Raises:
            ShopError: It cannot be read, or is no preset of this kind.
        """
        if (name, kind) not in self._read:
            self._read[name, kind] = self._outcome(Path(name), kind)
        outcome = self._read[name, kind]
        if isinstance(outcome, ShopError):
            raise outcome
        return outcome

    def located(self, faults: Iterable[Fault]) -> Iterator[Fault]:
        """The same faults with the lines on which their keys stand."""
        for fault in faults:
            yield fault if fault.line else replace(fault, line=self._line_of(fault))

    def _outcome(self, path: Path, kind: ProfileKind) -> Profile | ShopError:
        if path.suffix not in _READERS:
            ends = " or ".join(_READERS)
            return _error(path, f"must end in {ends}: a flattened preset of one of the slicers.")
        try:
            content = read_file(self._folder / path)
        except FileNotFoundError:
            return _error(path, "the file is missing.")
        except OSError as error:
            return _error(path, f"cannot be read ({error.strerror}).")
        try:
            return _READERS[PresetFormat(path.suffix)](path, content, kind)
        except ShopError as error:
            return error

    def _line_of(self, fault: Fault) -> int | None:
        if not fault.key:
            return None
        try:
            lines = read_file(self._folder / fault.file).decode("utf-8", "replace").splitlines()
        except OSError:
            return None
        key = re.escape(fault.key.rpartition(".")[2])
        stated = re.compile(rf'\s*(?:"{key}"\s*:|{key}\s*=)')
        return next((number for number, line in enumerate(lines, 1) if stated.match(line)), None)


def _error(path: Path, message: str) -> ShopError:
    return ShopError((Fault(str(path), "", None, message),))
