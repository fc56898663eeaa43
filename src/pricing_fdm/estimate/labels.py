"""The labels: what was asked of a slicer, what the part looked like, and what it came to.

One line of JSON each, in a file that only grows. A label holds features and figures: no part can be
made of it. A run that is killed while it writes leaves half a line, which the next run cuts off.
"""

from __future__ import annotations

import fcntl
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from pricing_fdm.estimate.rows import Row
from pricing_fdm.model import Supports

LABELS_FILE = "labels.jsonl"


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Label(_Line):
    """A slice.

    Attributes:
        key: Of the question: the model, the presets, the settings and the slicer.
        slicer: Its version.
        row: What the fit is told.
    """

    kind: Literal["label"] = "label"
    key: str
    engine: str
    slicer: str
    printer: str
    material: str
    quality: str
    infill_percent: int
    supports: Supports
    row: Row


class Refusal(_Line):
    """A question that has no answer; it is not asked again."""

    kind: Literal["refusal"] = "refusal"
    key: str
    code: str


_LINES: TypeAdapter[Label | Refusal] = TypeAdapter(
    Annotated[Label | Refusal, Field(discriminator="kind")]
)


class LabelsInUse(Exception):
    """Another run writes to the same file."""


class LabelStore:
    """The file of labels, open for one run.

    Raises:
        LabelsInUse: Another run has it open.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a+b")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._file.close()
            raise LabelsInUse(str(path)) from error
        _cut_half_line(self._file)
        self.keys = {line.key for line in _read(self._file)}

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """Closes the file."""
        self._file.close()

    def add(self, line: Label | Refusal) -> None:
        """Appends a line, in one write."""
        self.keys.add(line.key)
        self._file.write(_LINES.dump_json(line) + b"\n")
        self._file.flush()

    def labels(self) -> list[Label]:
        """All labels."""
        return [line for line in _read(self._file) if isinstance(line, Label)]


def read_labels(path: Path) -> list[Label]:
    """The labels of a file that nobody need have finished."""
    with path.open("rb") as file:
        return [line for line in _read(file) if isinstance(line, Label)]


class LabelFile:
    """Where a service adds a label for each slice, until the file is large enough.

    Args:
        path: Several processes may add to it.
        most_bytes: It grows no larger.
        report: Is told why a label could not be written; no quote fails of it.
    """

    def __init__(self, path: Path, most_bytes: int, report: Callable[[str], None]) -> None:
        self._path = path
        self._most_bytes = most_bytes
        self._report = report

    def add(self, label: Label) -> None:
        """Appends a line, in one write."""
        line = _LINES.dump_json(label) + b"\n"
        try:
            with self._path.open("ab", buffering=0) as file:
                if file.tell() + len(line) <= self._most_bytes:
                    file.write(line)
        except OSError as error:
            self._report(str(error))


def _read(file: io.BufferedIOBase) -> Iterator[Label | Refusal]:
    """Every whole line; those of an older form are passed over, and made again."""
    file.seek(0)
    for line in file:
        try:
            yield _LINES.validate_json(line)
        except ValidationError:
            continue


def _cut_half_line(file: io.BufferedRandom) -> None:
    file.seek(0, os.SEEK_END)
    size = file.tell()
    file.seek(0)
    whole = sum(len(line) for line in file if line.endswith(b"\n"))
    if whole < size:
        file.truncate(whole)
    file.seek(0, os.SEEK_END)
