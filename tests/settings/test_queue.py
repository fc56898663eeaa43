"""How many requests are taken on, and what the queue mode needs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from pricing_fdm.settings import SettingsError, load_settings


def test_places_follow_the_slots_unless_they_are_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """0 is a number of places: nobody waits then."""
    monkeypatch.setenv("SLICE_CONCURRENCY", "3")
    assert load_settings().queue.places == 6
    monkeypatch.setenv("QUEUE_PLACES", "0")
    assert load_settings().queue.places == 0


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("GATEWAY_ONLY", "true", "a gateway needs REDIS_URL"),
        ("CALLBACK_SECRET", "a" * 31, "needs at least 32 characters"),
        ("REDIS_URL", "http://redis:6379", ""),
        ("OBJECT_STORE_URL", "s3://key:secret@bucket/prefix", "takes no credentials"),
        (
            "OBJECT_STORE_URL",
            "s3://bucket/prefix?aws_secret_access_key=secret",
            "takes no credentials",
        ),
    ],
)
def test_a_queue_mode_that_cannot_work_or_is_not_safe_is_refused(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, message: str
) -> None:
    """Refused at the start; the message never repeats the value."""
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as wrong:
        load_settings()
    [fault] = wrong.value.faults
    assert fault.startswith(f"{variable}: {message}")
    assert value not in fault


def test_uploads_lie_in_the_folder_that_is_given_or_made(tmp_path: Path) -> None:
    """One machine needs no further setting; a folder that has to be made is, for its first use."""
    load_settings().jobs.upload_store(tmp_path / "uploads")
    assert (tmp_path / "uploads").is_dir()
    made = []

    def make() -> Path:
        made.append(tmp_path / "made")
        return made[0]

    store = load_settings().jobs.upload_store(make)
    assert made == []
    assert asyncio.run(store.sweep(_nothing)) == 0
    assert made == []
    assert not asyncio.run(store.holds("0" * 48))
    assert made == [tmp_path / "made"]


async def _nothing(_keys: Sequence[str]) -> Sequence[str]:
    return ()


def test_a_store_that_does_not_exist_is_a_fault_of_its_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It is named like any other wrong setting."""
    monkeypatch.setenv("OBJECT_STORE_URL", "gopher://bucket")
    with pytest.raises(SettingsError, match=r"^OBJECT_STORE_URL: "):
        load_settings().jobs.upload_store(tmp_path)
