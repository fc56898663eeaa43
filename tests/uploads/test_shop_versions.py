"""The store of the shop's versions, in a folder and behind a URL."""

from __future__ import annotations

import multiprocessing
import socket
from pathlib import Path

import pytest

from pricing_fdm.errors import (
    ProfileNotFound,
    ShopStoreMissing,
    ShopVersionNotFound,
    StoreUnavailable,
)
from pricing_fdm.uploads.shop_versions import Activation, VersionStore

ONE, TWO = "0123456789abcdef", "fedcba9876543210"


@pytest.fixture(params=["folder", "url"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> VersionStore:
    """An empty one."""
    folder = tmp_path / "versions"
    return VersionStore(folder if request.param == "folder" else folder.as_uri())


def test_what_was_put_is_there_and_never_changes(store: VersionStore) -> None:
    """The name stands for the content, so a second one of the name is the same."""
    assert store.versions() == []
    store.put(ONE, b"first")
    store.put(ONE, b"another")
    store.put(TWO, b"second")
    store.put_profile("petg", b"as it came")
    assert (store.get(ONE), store.get(TWO)) == (b"first", b"second")
    assert {each.name: each.size_bytes for each in store.versions()} == {ONE: 5, TWO: 6}
    assert [each.name for each in store.profiles()] == ["petg"]
    assert store.profile("petg") == b"as it came"


@pytest.mark.parametrize("name", [TWO, "active", "../secret", "", "profiles/x"])
def test_there_is_nothing_under_any_other_name(store: VersionStore, name: str) -> None:
    """Neither an unknown one nor one that leads elsewhere."""
    store.put(ONE, b"first")
    store.activate(Activation(ONE, ""))
    with pytest.raises(ShopVersionNotFound):
        store.get(name)
    with pytest.raises(ProfileNotFound):
        store.profile(name)


def test_the_active_version_is_whatever_was_activated_last(store: VersionStore) -> None:
    """None before that."""
    assert store.active() is None
    store.activate(Activation(ONE, "what lay in the folder"))
    store.activate(Activation(TWO, ""))
    assert store.active() == Activation(TWO, "")


def _activate_again_and_again(folder: Path) -> None:
    store = VersionStore(folder)
    while True:
        store.activate(Activation(ONE, "x" * 20_000))
        store.activate(Activation(TWO, ""))


def test_a_process_that_is_killed_while_it_writes_leaves_the_old_or_the_new(
    tmp_path: Path,
) -> None:
    """Three times, at whatever moment; what it was still writing is not taken for anything."""
    folder = tmp_path / "versions"
    store = VersionStore(folder)
    store.activate(Activation(ONE, ""))
    forking = multiprocessing.get_context("spawn")
    for _ in range(3):
        process = forking.Process(target=_activate_again_and_again, args=(folder,))
        process.start()
        before = store.active()
        while store.active() == before:  # it has begun
            pass
        process.kill()
        process.join()
        assert store.active() in {
            Activation(ONE, ""),
            Activation(ONE, "x" * 20_000),
            Activation(TWO, ""),
        }
        assert store.versions() == []
        store.activate(Activation(ONE, ""))


def test_a_folder_that_cannot_be_written_is_no_place_for_versions(tmp_path: Path) -> None:
    """The shop that lies there is priced with all the same."""
    (tmp_path / "versions").touch()
    store = VersionStore(tmp_path / "versions")
    assert (store.versions(), store.active()) == ([], None)
    with pytest.raises(ShopStoreMissing, match="SHOP_VERSIONS=store"):
        store.put(ONE, b"first")


def test_a_pointer_that_is_not_ours_is_not_guessed_at(tmp_path: Path) -> None:
    """The prices of a shop hang on it."""
    store = VersionStore(tmp_path)
    store.activate(Activation(ONE, ""))
    (tmp_path / "shops" / "active").write_text("{}")
    with pytest.raises(StoreUnavailable):
        store.active()


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
            VersionStore("s3://bucket/shops").active()
        assert caught.value.retry_after_s > 0
