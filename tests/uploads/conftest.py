"""A store of each kind for these tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.object_store import BUCKET, ObjectStore, running_object_store


@pytest.fixture(scope="module")
def object_store() -> Iterator[ObjectStore]:
    """A real one that checks signatures."""
    with running_object_store() as store:
        yield store


@pytest.fixture(params=["folder", "s3"])
def url(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """The same promises for each kind of store."""
    if request.param == "folder":
        yield (tmp_path / "store").as_uri()
        return
    store: ObjectStore = request.getfixturevalue("object_store")
    point_at(store, monkeypatch)
    yield f"s3://{BUCKET}/{tmp_path.name}"


@pytest.fixture(params=["folder", "url", "s3"])
def place(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path | str:
    """Of an empty store of each kind."""
    folder = tmp_path / "versions"
    if request.param != "s3":
        return folder if request.param == "folder" else folder.as_uri()
    point_at(request.getfixturevalue("object_store"), monkeypatch)
    return f"s3://{BUCKET}/{tmp_path.name}"


def point_at(store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gives the operator's tools the store's address and key."""
    for name, value in store.tools_environment.items():
        monkeypatch.setenv(name, value)
