"""The file of labels, over runs that are killed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pricing_fdm.estimate.features import VERSION
from pricing_fdm.estimate.labels import (
    Label,
    LabelFile,
    LabelsInUse,
    LabelStore,
    Refusal,
    read_labels,
)
from pricing_fdm.model import UNTURNED, Supports
from tests.estimate.labels import rows


def _label(sha256: str) -> Label:
    return Label(
        version=VERSION,
        engine="prusa",
        slicer="2.9",
        printer="mk3",
        material="pla",
        quality="standard",
        infill_percent=20,
        supports=Supports.AUTO,
        rotation=UNTURNED,
        row=replace(rows()[0], mesh_sha256=sha256),
    )


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
        assert store.lines.labels == {}


def _of_an_earlier_release(label: Label) -> str:
    line = label.model_dump(mode="json")
    del line["version"], line["rotation"], line["row"]["part"]["slabs"], line["row"]["figures"]
    line |= {"key": "of then"}
    return json.dumps(line) + "\n"


def test_a_label_of_an_earlier_release_keeps_its_figures_and_takes_new_features(
    tmp_path: Path,
) -> None:
    """Whatever the features were then: the slice is not made again."""
    path, label = tmp_path / "labels.jsonl", _label("box")
    path.write_text(_of_an_earlier_release(label))
    with LabelStore(path) as store:
        assert store.keys == set()
        anew = store.lines.stale[label.key].measured(label.row.part, label.row.figures, UNTURNED)
        assert anew == label
        store.add(anew)
    assert read_labels(path).labels == {label.key: label}
    assert read_labels(path).stale == {}


def test_a_label_of_another_print_takes_no_new_features(tmp_path: Path) -> None:
    """The part would lie otherwise today, or would get support."""
    path, label = tmp_path / "labels.jsonl", _label("box")
    path.write_text(label.model_copy(update={"version": VERSION - 1}).model_dump_json() + "\n")
    stale, (part, figures) = read_labels(path).stale[label.key], (label.row.part, label.row.figures)
    turned = ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0), (0.0, 1.0, 0.0))
    assert stale.measured(part, figures, turned) is None
    supported = replace(part, needs_support=not part.needs_support)
    assert stale.measured(supported, figures, UNTURNED) is None
    assert stale.measured(part, figures, UNTURNED) == label


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
    file = LabelFile(path, 50_000, reports.append)
    for number in range(30):
        file.add(_label(f"{number}"))
    assert 20_000 < path.stat().st_size <= 50_000
    found = read_labels(path).labels
    assert len(found) > 3
    assert list(found.values()) == [_label(f"{number}") for number in range(len(found))]
    assert reports == []
    LabelFile(tmp_path / "nowhere" / "labels.jsonl", 50_000, reports.append).add(_label("box"))
    assert len(reports) == 1
