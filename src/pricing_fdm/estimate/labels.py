"""The labels: what was asked of a slicer, what the part looked like, and what it came to.

One line of JSON each, in a file that only grows. A label holds features and figures: no part can be
made of it. A run that is killed while it writes leaves half a line, which the next run cuts off.
Figures of a slice stay true when the features are measured in another way: such a label is stale
until its part has been measured anew, and is not sliced again.
"""

from __future__ import annotations

import fcntl
import io
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from pricing_fdm.estimate.features import VERSION, Sections
from pricing_fdm.estimate.preset_figures import PresetFigures
from pricing_fdm.estimate.rows import Row
from pricing_fdm.model import Rotation, Supports

LABELS_FILE = "labels.jsonl"


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def label_key(
    slicer: str, mesh_sha256: str, profile_hash: str, infill_percent: int, supports: Supports
) -> str:
    """Names a print of a part with a slicer (name and version), in every release of ours."""
    return f"{slicer} {mesh_sha256} {profile_hash} {infill_percent} {supports}"


class Label(_Line):
    """A slice.

    Attributes:
        slicer: Its version.
        version: Of the features (`features.VERSION`).
        rotation: The pose that was printed.
        row: What the fit is told.
    """

    kind: Literal["label"] = "label"
    version: int
    engine: str
    slicer: str
    printer: str
    material: str
    quality: str
    infill_percent: int
    supports: Supports
    rotation: Rotation
    row: Row

    @property
    def key(self) -> str:
        """See `label_key`."""
        return _key(self)


class Refusal(_Line):
    """A question that has no answer; it is not asked again."""

    kind: Literal["refusal"] = "refusal"
    key: str
    code: str


class _AnyRow(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow")

    mesh_sha256: str
    profile_hash: str


class Stale(BaseModel):
    """A label whose features were measured by another version; of these it may hold anything."""

    model_config = ConfigDict(frozen=True, extra="allow")

    kind: Literal["label"]
    engine: str
    slicer: str
    infill_percent: int
    supports: Supports
    rotation: Rotation | None = None
    row: _AnyRow

    @property
    def key(self) -> str:
        """See `label_key`."""
        return _key(self)

    def measured(self, part: Sections, figures: PresetFigures, rotation: Rotation) -> Label | None:
        """The label with features of this version; None if another print would be made today."""
        if self.rotation not in {None, rotation}:
            return None
        line = self.model_dump(exclude={"key"})
        row = line["row"]
        if row.get("part", {}).get("needs_support") != part.needs_support:
            return None
        row |= {"part": part, "figures": figures}
        try:
            return Label.model_validate(line | {"version": VERSION, "rotation": rotation})
        except ValidationError:
            return None


def _key(line: Label | Stale) -> str:
    slicer, row = f"{line.engine} {line.slicer}", line.row
    return label_key(slicer, row.mesh_sha256, row.profile_hash, line.infill_percent, line.supports)


_LINES: TypeAdapter[Label | Refusal] = TypeAdapter(
    Annotated[Label | Refusal, Field(discriminator="kind")]
)


@dataclass(slots=True)
class Lines:
    """What a file of labels holds, by key.

    Attributes:
        refused: Keys of refusals.
    """

    labels: dict[str, Label] = field(default_factory=dict)
    stale: dict[str, Stale] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)

    def add(self, line: Label | Refusal | Stale) -> None:
        """Takes a line in, in place of one with the same key."""
        if isinstance(line, Stale):
            self.stale[line.key] = line
            return
        self.stale.pop(line.key, None)
        if isinstance(line, Label):
            self.labels[line.key] = line
        else:
            self.refused.add(line.key)


class LabelsInUse(Exception):
    """Another run writes to the same file."""


class LabelStore:
    """The file of labels, open for one run.

    Attributes:
        lines: What it holds.

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
        self.lines = _read(self._file)

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
        self.lines.add(line)
        self._file.write(_LINES.dump_json(line) + b"\n")
        self._file.flush()

    @property
    def keys(self) -> set[str]:
        """The questions that have an answer."""
        return self.lines.labels.keys() | self.lines.refused


def read_labels(path: Path) -> Lines:
    """The lines of a file, which another run may still be writing."""
    with path.open("rb") as file:
        return _read(file)


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


def _read(file: io.BufferedIOBase) -> Lines:
    """Every whole line; what cannot be read is passed over, and made again."""
    lines = Lines()
    file.seek(0)
    for line in file:
        if (found := _line(line)) is not None:
            lines.add(found)
    return lines


def _line(line: bytes) -> Label | Refusal | Stale | None:
    for read in (_LINES.validate_json, Stale.model_validate_json):
        try:
            found = read(line)
        except ValidationError:
            continue
        if not isinstance(found, Label) or found.version == VERSION:
            return found
    return None


def _cut_half_line(file: io.BufferedRandom) -> None:
    file.seek(0, os.SEEK_END)
    size = file.tell()
    file.seek(0)
    whole = sum(len(line) for line in file if line.endswith(b"\n"))
    if whole < size:
        file.truncate(whole)
    file.seek(0, os.SEEK_END)
