"""An archive has its caller's limit and errors; the tricks are tested with a 3MF."""

from __future__ import annotations

import io
import zipfile

import pytest

from pricing_fdm.zip_archive import ZipArchive


class RefusedError(ValueError):
    """What this caller raises; `zipfile` raises errors of that kind, too."""


def opened(parts: dict[str, bytes], spend: list[int]) -> ZipArchive:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return ZipArchive(target, spend.append, RefusedError)


def test_every_byte_that_is_unpacked_is_charged() -> None:
    """The caller says how much it takes of all parts together."""
    spent: list[int] = []
    archive = opened({"a": b"12345", "B\\c": b"678"}, spent)
    assert archive.names() == {"a", "b/c"}
    assert b"".join(archive.chunks("A")) == b"12345"
    assert spent == [5]


def test_a_refusal_is_the_callers_own_error() -> None:
    """A model's reader and a preset's have different ones."""
    archive = opened({"a": b" " * 10_000_000}, [])
    with pytest.raises(RefusedError, match="more than 200 times"):
        next(archive.chunks("a"))


def test_the_callers_limit_is_not_taken_for_damage() -> None:
    """Its error may be of a kind that a broken archive causes."""

    def nothing_left(_count: int) -> None:
        raise RefusedError("enough")

    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a", b"12345")
    with pytest.raises(RefusedError, match="enough"):
        list(ZipArchive(target, nothing_left, RefusedError).chunks("a"))
