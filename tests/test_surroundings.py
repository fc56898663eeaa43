"""What requests and jobs are done with besides the pipeline."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from pricing_fdm.errors import DownloadFailed
from pricing_fdm.fetch.download import Fetcher
from pricing_fdm.jobs.record import JobSource, SourceKind
from pricing_fdm.model import Download
from pricing_fdm.settings import load_settings
from pricing_fdm.surroundings import _fetch
from tests.telemetry.scraped import service_metrics, values


def test_a_model_comes_from_its_source_and_is_counted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By URL or from the store of uploads, where it may be gone."""
    settings = load_settings()
    uploads = settings.jobs.upload_store(tmp_path)
    fetcher = Fetcher(settings.fetch.policy(), max_bytes=1000, total_timeout_s=10)
    metrics = service_metrics()

    async def from_url(url: str, destination: Path) -> Download:
        assert url == "https://models.example/part.stl"
        return Download(destination, 3, "0" * 64)

    monkeypatch.setattr(fetcher, "fetch", from_url)

    async def story() -> None:
        by_url = JobSource(SourceKind.URL, "https://models.example/part.stl")
        gone = JobSource(SourceKind.UPLOAD, "0" * 48)
        assert (await _fetch(fetcher, uploads, metrics, by_url, tmp_path / "a")).size_bytes == 3
        with pytest.raises(DownloadFailed):
            await _fetch(fetcher, uploads, metrics, gone, tmp_path / "b")

    asyncio.run(story())
    assert sum(values(metrics, "pricing_fdm_source_verdicts_total").values()) == 2
    assert values(metrics, "pricing_fdm_source_verdicts_total")["ok",] == 1
