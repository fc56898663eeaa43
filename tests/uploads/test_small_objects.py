"""Small objects, in a folder, in a folder by its URL, and in an object store."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from pricing_fdm.errors import StoreUnavailable
from pricing_fdm.uploads.small_objects import SmallObjects


def test_an_object_is_there_until_it_is_removed(place: Path | str) -> None:
    """Removed by two, it is gone as well; others of its folder are not touched."""
    objects = SmallObjects(place, "inner")
    assert (objects.get("a.one"), objects.has("a.one"), objects.listed("")) == (None, False, [])
    for name in ("a.one", "b.one", "c.two"):
        objects.put(name, name.encode())
    objects.put("a.one", b"another")
    assert (objects.get("a.one"), objects.has("a.one")) == (b"another", True)
    assert {(each.name, each.size_bytes) for each in objects.listed(".one")} == {("a", 7), ("b", 5)}
    objects.delete("a.one")
    objects.delete("a.one")
    objects.sweep_unfinished()
    assert {each.name for each in SmallObjects(place, "inner").listed("")} == {"b.one", "c.two"}


def test_a_store_that_does_not_answer_is_told_within_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The start of a service waits for it."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{nobody.getsockname()[1]}")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"):
            monkeypatch.setenv(name, "key")
        monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
        with pytest.raises(StoreUnavailable) as caught:
            SmallObjects("s3://bucket/shops", "inner").get("name")
        assert caught.value.retry_after_s > 0
