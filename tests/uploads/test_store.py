"""Uploads come back byte for byte, are found by nobody else, and go away by themselves."""

from __future__ import annotations

import asyncio
import functools
import hashlib
import os
import resource
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

from pricing_fdm.errors import DownloadFailed, StoreFull, StoreUnavailable
from pricing_fdm.uploads.store import UploadStore
from tests.harness.object_store import BUCKET, ObjectStore
from tests.uploads.conftest import point_at

LONG = 3600
roomy = functools.partial(UploadStore, max_bytes=2**40)
PIECE = bytes(range(256)) * 256


async def release_all(keys: Sequence[str]) -> Sequence[str]:
    """Nobody needs any."""
    return keys


async def pieces(count: int, *, breaks_off: bool = False) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield PIECE
    if breaks_off:
        raise ConnectionResetError("the caller hung up")


async def single(content: bytes) -> AsyncIterator[bytes]:
    yield content


def test_what_was_stored_comes_back_with_its_hash(url: str, tmp_path: Path) -> None:
    """The hash names the model in the quote; it must be of these bytes."""

    async def story() -> None:
        store = roomy(url, ttl_s=LONG)
        key = await store.put(pieces(20))
        assert await store.holds(key)
        download = await store.fetch(key, tmp_path / "copy")
        assert (tmp_path / "copy").read_bytes() == PIECE * 20
        assert download.size_bytes == 20 * len(PIECE)
        assert download.sha256 == hashlib.sha256(PIECE * 20).hexdigest()

    asyncio.run(story())


def test_an_upload_that_breaks_off_leaves_nothing(url: str) -> None:
    """No half file, and the reason comes out as it was raised."""

    async def story() -> None:
        with pytest.raises(ConnectionResetError):
            await roomy(url, ttl_s=LONG).put(pieces(200, breaks_off=True))
        assert await roomy(url, ttl_s=-60).sweep(release_all) == 0

    asyncio.run(story())


def test_a_deleted_upload_is_gone_and_may_be_deleted_again(url: str, tmp_path: Path) -> None:
    """Job and sweep may both want it gone."""

    async def story() -> None:
        store = roomy(url, ttl_s=LONG)
        key = await store.put(single(b"mesh"))
        await store.delete(key)
        await store.delete(key)
        assert not await store.holds(key)
        with pytest.raises(DownloadFailed, match="expired"):
            await store.fetch(key, tmp_path / "copy")
        assert not (tmp_path / "copy").exists()

    asyncio.run(story())


def test_the_sweep_takes_what_is_old_and_nothing_else(url: str) -> None:
    """Two stores of one place, one of which thinks that everything is old."""

    async def story() -> None:
        patient, impatient = roomy(url, ttl_s=LONG), roomy(url, ttl_s=-60)
        keys = [await patient.put(single(b"mesh")) for _ in range(3)]
        assert await patient.sweep(release_all) == 0
        assert await impatient.sweep(release_all) == 3
        assert not any([await patient.holds(key) for key in keys])

    asyncio.run(story())


def test_the_sweep_leaves_what_is_needed(url: str) -> None:
    """However old it is."""

    async def story() -> None:
        store = roomy(url, ttl_s=-60)
        needed, *others = [await store.put(single(b"mesh")) for _ in range(3)]
        asked: list[str] = []

        async def release(keys: Sequence[str]) -> Sequence[str]:
            asked.extend(keys)
            return [key for key in keys if key != needed]

        assert await store.sweep(release) == 2
        assert sorted(asked) == sorted([needed, *others])
        assert await store.holds(needed)
        assert not any([await store.holds(key) for key in others])

    asyncio.run(story())


@pytest.mark.parametrize(
    "key", ["", "x", "../secret", "0" * 47, "0" * 48 + "/..", "A" * 48, "0" * 48]
)
def test_a_key_that_we_did_not_give_finds_nothing(url: str, key: str) -> None:
    """Keys come back from callers."""
    assert not asyncio.run(roomy(url, ttl_s=LONG).holds(key))


def test_keys_cannot_be_guessed_and_hold_nothing_of_the_caller(url: str) -> None:
    """192 random bits each."""

    async def story() -> set[str]:
        store = roomy(url, ttl_s=LONG)
        return {await store.put(single(b"mesh")) for _ in range(5)}

    keys = asyncio.run(story())
    assert len(keys) == 5
    assert all(len(bytes.fromhex(key)) == 24 for key in keys)


def test_memory_does_not_grow_with_the_upload(tmp_path: Path) -> None:
    """B3 for uploads: 256 MiB through a folder, in pieces of 64 KiB."""

    async def story() -> int:
        store = roomy((tmp_path / "store").as_uri(), ttl_s=LONG)
        await store.fetch(await store.put(pieces(64)), tmp_path / "small")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        await store.fetch(await store.put(pieces(4096)), tmp_path / "large")
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before

    assert asyncio.run(story()) < 64 * 1024


def test_a_file_that_a_killed_process_left_unfinished_is_swept(tmp_path: Path) -> None:
    """The store does not list it; only its name tells what it is. Other files are left alone."""
    folder = tmp_path / "uploads"
    folder.mkdir()
    torn, young = folder / f"{'a' * 48}#1", folder / f"{'b' * 48}#1"
    foreign = folder / "notes#1"
    for path in (torn, young, foreign):
        path.write_bytes(b"half")
    for path in (torn, foreign):
        os.utime(path, (0, 0))
    assert asyncio.run(roomy(tmp_path.as_uri(), ttl_s=LONG).sweep(release_all)) == 1
    assert not torn.exists()
    assert young.exists()
    assert foreign.exists()


@pytest.mark.parametrize("name", ["a" * 48, f"{'a' * 48}#1"], ids=["whole", "unfinished"])
def test_a_file_that_vanishes_during_the_sweep_does_not_end_it(tmp_path: Path, name: str) -> None:
    """Others sweep the same folder: what is listed may be gone before it is looked at."""
    store, folder = roomy(tmp_path.as_uri(), ttl_s=LONG), tmp_path / "uploads"
    (folder / name).symlink_to(folder / "gone")
    for old in (f"{'b' * 48}#1", "c" * 48):
        (folder / old).write_bytes(b"half")
        os.utime(folder / old, (0, 0))
    assert asyncio.run(store.sweep(release_all)) == 2
    assert [path.name for path in folder.iterdir()] == [name]


def test_a_store_that_refuses_is_told_from_an_upload_that_is_gone(
    object_store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One is our trouble and may pass, the other is for the caller to mend."""
    point_at(object_store, monkeypatch)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    store = roomy(f"s3://{BUCKET}", ttl_s=LONG)
    with pytest.raises(StoreUnavailable) as caught:
        asyncio.run(store.put(single(b"mesh")))
    assert "wrong" not in f"{caught.value} {caught.value.log_detail}"


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", "/tmp", "file:relative", "http://host/", "memory:///", "file:///proc/none"],
)
def test_what_is_no_store_stops_the_start(url: str) -> None:
    """An operator learns it at once, not with the first upload."""
    with pytest.raises(ValueError, match=r"store|begin with|cannot be made"):
        roomy(url, ttl_s=LONG)


@pytest.mark.parametrize("declared", [True, False])
def test_the_store_never_holds_more_than_it_may(url: str, *, declared: bool) -> None:
    """Neither by what is declared nor by what comes; what broke off leaves its room to others."""
    limit = 30 * len(PIECE)

    async def story() -> None:
        store = UploadStore(url, ttl_s=LONG, max_bytes=limit)
        first = await store.put(pieces(20))
        with pytest.raises(StoreFull) as caught:
            await (store.require_room(11 * len(PIECE)) if declared else store.put(pieces(11)))
        assert caught.value.retry_after_s
        with pytest.raises(ConnectionResetError):
            await store.put(pieces(9, breaks_off=True))
        assert store.taken_bytes == 20 * len(PIECE)
        await store.put(pieces(10))
        assert store.taken_bytes == limit
        with pytest.raises(StoreFull):
            await store.require_room(1)
        assert await store.holds(first)

    asyncio.run(story())


def test_uploads_at_once_share_the_room_that_is_left(tmp_path: Path) -> None:
    """Each alone would fit."""

    async def story() -> list[str | BaseException]:
        store = UploadStore(tmp_path.as_uri(), ttl_s=LONG, max_bytes=30 * len(PIECE))
        uploads = (store.put(pieces(20)) for _ in range(4))
        return await asyncio.gather(*uploads, return_exceptions=True)

    ends = asyncio.run(story())
    kept = [path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()]
    assert kept in ([], [20 * len(PIECE)])
    assert sum(isinstance(end, StoreFull) for end in ends) == 4 - len(kept)


def test_a_folder_leaves_half_of_its_disk_to_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By default it lies in TEMP_DIR, where quotes work: uploads must not stop them."""
    free = 20 * len(PIECE)
    monkeypatch.setattr(
        "pricing_fdm.uploads.store.shutil.disk_usage", lambda _: SimpleNamespace(free=free)
    )

    async def story() -> None:
        store = roomy(tmp_path.as_uri(), ttl_s=LONG)
        await store.require_room(10 * len(PIECE))
        with pytest.raises(StoreFull):
            await store.require_room(10 * len(PIECE) + 1)

    asyncio.run(story())
