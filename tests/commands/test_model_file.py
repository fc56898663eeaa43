"""A local model is copied as a download would be: counted, hashed, bounded."""

from __future__ import annotations

import asyncio
import hashlib
import io
from pathlib import Path

import pytest

from pricing_fdm.commands.model_file import model_files
from pricing_fdm.errors import InvalidRequest, ModelTooLarge


class Piped:
    """A standard input that somebody sends something through."""

    def __init__(self, content: bytes, *, terminal: bool = False) -> None:
        self.buffer = io.BytesIO(content)
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


def test_a_file_is_copied_with_its_size_and_hash(tmp_path: Path) -> None:
    """The cache and the answer want both."""
    path = tmp_path / "part.stl"
    path.write_bytes(b"solid")
    (file,) = model_files([str(path)], 5)
    download = asyncio.run(file.copied(tmp_path / "copy"))
    assert (tmp_path / "copy").read_bytes() == b"solid"
    assert (download.size_bytes, download.sha256) == (5, hashlib.sha256(b"solid").hexdigest())


@pytest.mark.parametrize("name", ["missing.stl", "."])
def test_what_is_no_file_is_told_by_its_name(tmp_path: Path, name: str) -> None:
    """Missing, or a folder."""
    (file,) = model_files([str(tmp_path / name)], 5)
    with pytest.raises(InvalidRequest, match="cannot be read: "):
        asyncio.run(file.copied(tmp_path / "copy"))


def test_the_standard_input_is_a_file_like_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`unzip -p parts.zip part.stl | pricing-fdm quote -`."""
    monkeypatch.setattr("sys.stdin", Piped(b"solid"))
    (file,) = model_files(["-"], 5)
    assert asyncio.run(file.copied(tmp_path / "copy")).size_bytes == 5


def test_no_more_is_read_from_it_than_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pipe may never end."""
    endless = Piped(b"x" * 1000)
    monkeypatch.setattr("sys.stdin", endless)
    (file,) = model_files(["-"], 5)
    assert endless.buffer.tell() == 6
    with pytest.raises(ModelTooLarge):
        asyncio.run(file.copied(tmp_path / "copy"))


def test_a_terminal_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody types an STL."""
    monkeypatch.setattr("sys.stdin", Piped(b"", terminal=True))
    with pytest.raises(InvalidRequest, match="is a terminal; send a file through a pipe"):
        model_files(["-"], 5)


def test_it_can_be_named_once() -> None:
    """What is read is gone."""
    with pytest.raises(InvalidRequest, match="can be read once"):
        model_files(["-", "-"], 5)
