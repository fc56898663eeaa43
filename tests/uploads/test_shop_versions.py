"""The store of the shop's versions, in a folder and behind a URL."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pricing_fdm.errors import (
    ProfileNotFound,
    ShopStoreMissing,
    ShopVersionNotFound,
    StoreUnavailable,
)
from pricing_fdm.uploads.shop_versions import Activation, Keep, VersionStore
from tests.harness.waiting import wait_until

ONE, TWO = "0123456789abcdef", "fedcba9876543210"
DAY_S = 86_400
MORE_THAN_A_PAGE = 1010


def in_days(days: float) -> dt.datetime:
    return dt.datetime.now(dt.UTC) + dt.timedelta(days=days)


@pytest.fixture
def store(place: Path | str) -> VersionStore:
    """An empty one."""
    return VersionStore(place)


def test_what_was_put_is_there(store: VersionStore, place: Path | str) -> None:
    """And a profile beside it; also for the next process that opens the store."""
    assert store.versions() == store.profiles() == []
    store.put(ONE, b"first")
    store.put(TWO, b"second")
    store.put_profile("petg", b"as it came")
    store = VersionStore(place)
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
    with pytest.raises(ShopVersionNotFound):
        store.mark(name, 14)
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


def names(store: VersionStore) -> set[str]:
    return {each.name for each in store.versions()}


def version(number: int) -> str:
    return f"{number:016x}"


def test_a_version_that_is_lost_is_put_back_and_one_that_is_there_stays(
    store: VersionStore,
) -> None:
    """By whichever process has it in force."""
    store.put(ONE, b"first")
    store.put_back(ONE, b"another")
    store.put_back(TWO, b"second")
    assert (store.get(ONE), store.get(TWO)) == (b"first", b"second")


def test_versions_stay_that_somebody_needs(store: VersionStore) -> None:
    """The active one, the one before it, those of jobs and quotes, and the newest."""
    for number in range(5):
        store.put(version(number), b"-")
    store.activate(Activation(version(0), "", before=version(1)))
    store.mark(version(2), valid_days=14)
    store.mark(version(3), valid_days=1)
    keep = Keep(newest=0, needed_s=3 * DAY_S)
    assert store.prune(keep, in_days(2)) == [version(4)]
    assert store.prune(keep, in_days(13)) == [version(3)]
    assert store.prune(keep, in_days(15)) == [version(2)]
    assert names(store) == {version(0), version(1)}
    assert store.active() == Activation(version(0), "", before=version(1))


def test_the_newest_stay_and_what_is_not_ours(store: VersionStore) -> None:
    """Also behind more keys than an object store lists at once."""
    store.put_profile("petg", b"as it came")
    store.put("backup-of-my-own", b"-")
    everything = {version(number) for number in range(MORE_THAN_A_PAGE)}
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: store.put(name, b"-"), everything))
    assert names(store) == everything
    newest = {each.name for each in store.versions()[:1001]}
    assert set(store.prune(Keep(newest=1001, needed_s=0), in_days(2))) == everything - newest
    assert names(store) == newest
    assert store.profile("petg") == b"as it came"


def test_gateways_that_prune_and_put_at_once_keep_what_is_active(place: Path | str) -> None:
    """Each with its own connection. What one removes while another activates it is put back."""
    keep, last = Keep(newest=3, needed_s=3 * DAY_S), [0] * 4

    def gateway(which: int) -> None:
        store = VersionStore(place)
        for number in range(which, 24, 4):
            name = version(number)
            store.put(name, name.encode())
            if number % 8 == which:  # each of them three times
                last[which] = number
                store.put_back(name, name.encode())
                store.activate(Activation(name, ""))
            store.prune(keep, dt.datetime.now(dt.UTC))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(gateway, range(4)))
    store = VersionStore(place)
    for number in last:  # as each gateway does when it looks next
        store.put_back(version(number), version(number).encode())
        store.mark(version(number), 0)
    store.prune(keep, dt.datetime.now(dt.UTC))
    active = store.active()
    assert active is not None
    held = {version(number) for number in last}
    assert active.version in held <= names(store)
    assert len(names(store)) <= len(held) + keep.newest
    assert all(store.get(name) == name.encode() for name in names(store))


def _prune_again_and_again(folder: Path) -> None:
    store, number = VersionStore(folder), 100
    while True:
        number += 1
        store.put(version(number), b"-")
        store.prune(Keep(newest=2, needed_s=0), in_days(2))


def test_a_process_that_is_killed_while_it_prunes_leaves_all_that_is_needed(
    tmp_path: Path,
) -> None:
    """Another one goes on where it ended, and removes what it had begun to write."""
    folder = tmp_path / "versions"
    store = VersionStore(folder)
    for number in range(2):
        store.put(version(number), b"-")
    store.activate(Activation(version(0), "", before=version(1)))
    spawning = multiprocessing.get_context("spawn")
    process = spawning.Process(target=_prune_again_and_again, args=(folder,))
    process.start()
    wait_until(lambda: store.versions()[0].name > version(110))
    process.kill()
    process.join()
    (folder / "shops" / f"{ONE}.zip#1").write_bytes(b"half")
    for each in folder.rglob("*#*"):
        os.utime(each, (0, 0))
    store.prune(Keep(newest=2, needed_s=0), in_days(2))
    assert {version(0), version(1)} < names(store)
    assert len(names(store)) == 4
    assert not list(folder.rglob("*#*"))
