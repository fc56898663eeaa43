"""The file of labels, over runs that are killed."""

from __future__ import annotations

from pathlib import Path

import pytest

from pricing_fdm.estimate.labels import (
    Label,
    LabelFile,
    LabelsInUse,
    LabelStore,
    Refusal,
    read_labels,
)
from pricing_fdm.model import Supports
from tests.estimate.labels import rows


def test_half_a_line_is_cut_off_and_the_others_stay(tmp_path: Path) -> None:
    """What a run that was killed leaves."""
    path = tmp_path / "labels.jsonl"
    with LabelStore(path) as store:
        store.add(Refusal(key="one", code="model_unsliceable"))
        store.add(Refusal(key="two", code="model_unsliceable"))
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"kind": "refusal", "ke')
    with LabelStore(path) as store:
        assert store.keys == {"one", "two"}
        store.add(Refusal(key="three", code="model_unsliceable"))
    assert path.read_bytes().startswith(whole)
    assert len(path.read_bytes().splitlines()) == 3


def test_a_line_of_another_release_is_passed_over(tmp_path: Path) -> None:
    """It is made again."""
    path = tmp_path / "labels.jsonl"
    path.write_text('{"kind": "label", "of": "long ago"}\n')
    with LabelStore(path) as store:
        assert store.keys == set()
        assert store.labels() == []


def test_two_runs_do_not_write_to_one_file(tmp_path: Path) -> None:
    """They would slice everything twice."""
    path = tmp_path / "labels.jsonl"
    with LabelStore(path), pytest.raises(LabelsInUse):
        LabelStore(path)
    with LabelStore(path):
        pass  # it is free again


def test_a_service_adds_labels_until_the_file_is_large_enough(tmp_path: Path) -> None:
    """It must not fill a disk, and no quote may fail of a file that cannot be written."""
    path, reports = tmp_path / "labels.jsonl", list[str]()
    label = Label(
        key="box",
        engine="prusa",
        slicer="2.9",
        printer="mk3",
        material="pla",
        quality="standard",
        infill_percent=20,
        supports=Supports.AUTO,
        row=rows()[0],
    )
    file = LabelFile(path, 50_000, reports.append)
    for _ in range(30):
        file.add(label)
    assert 20_000 < path.stat().st_size <= 50_000
    assert all(found == label for found in read_labels(path))
    assert reports == []
    LabelFile(tmp_path / "nowhere" / "labels.jsonl", 50_000, reports.append).add(label)
    assert len(reports) == 1
