"""`pricing-fdm estimate train`: parts are really sliced, and the model says what they take."""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from pricing_fdm.cli import main
from pricing_fdm.estimate.features import VERSION
from pricing_fdm.estimate.labels import LABELS_FILE, Label, LabelFile, read_labels
from pricing_fdm.estimate.model_file import read_model
from pricing_fdm.estimate.predict import Prediction, predict
from pricing_fdm.model import UNTURNED, Supports
from pricing_fdm.settings.shop import bundled_shop_folder
from pricing_fdm.shop.load import load_shop
from pricing_fdm.slicers.presets.loaded_shop import load_presets
from tests.estimate.labels import rows
from tests.harness.command import pricing_fdm
from tests.harness.waiting import wait_until

# The kinds that are sliced in a second each; a lattice takes twenty.
_TRAIN = ("estimate", "train", "--generated", "6", "--prints", "5")
_PATIENCE_S = 400


def _killed_after(labels: int, folder: Path) -> int:
    """Starts a run, kills it when it has made some labels, and says how many it left."""
    command = [sys.executable, "-m", "pricing_fdm", *_TRAIN, "--to", str(folder)]
    environment = {"PATH": os.environ["PATH"], "SLICER": "prusa"}
    path = folder / LABELS_FILE
    with subprocess.Popen(command, env=environment) as run:
        wait_until(lambda: path.exists() and path.read_bytes().count(b"\n") >= labels, 120)
        run.send_signal(signal.SIGKILL)
    return path.read_bytes().count(b"\n")


@pytest.mark.slow
@pytest.mark.timeout(2 * _PATIENCE_S)
def test_a_killed_training_goes_on_and_the_model_says_what_the_slicer_says(tmp_path: Path) -> None:
    """From nothing but the generator: labels, the fit, and the report of its errors."""
    kept = _killed_after(5, tmp_path)
    with (tmp_path / LABELS_FILE).open("ab") as file:
        file.write(b'{"kind": "label", "key": "ha')
    done = pricing_fdm(*_TRAIN, "--to", tmp_path, patience_s=_PATIENCE_S)
    assert done.returncode == 0, done.stderr
    assert f"{kept} slices were there, {30 - kept} were made" in done.stdout

    labels, model = read_labels(tmp_path / LABELS_FILE).labels, read_model(tmp_path / "prusa.json")
    assert model.trained_on.families == 6
    errors = []
    for row in (label.row for label in labels.values()):
        said = predict(row.part, row.figures, model, profile_hash=row.profile_hash)
        assert isinstance(said, Prediction), said
        assert said.filament_g.low <= said.filament_g.likely <= said.filament_g.high
        errors += [
            abs(said.filament_g.likely / row.filament_g - 1),
            abs(said.print_time_s.likely / row.print_time_s - 1),
        ]
    assert 0 < statistics.median(errors) < 0.1

    report = tmp_path / "report.md"
    again = pricing_fdm(
        *(*_TRAIN, "--minutes", "0"),
        *("--to", tmp_path, "--report", report),
        patience_s=_PATIENCE_S,
    )
    assert again.returncode == 0, again.stderr
    assert "| generated/gear | 5 |" in report.read_text()
    for name in ("sliced", "families"):
        assert ET.parse(tmp_path / "report" / f"prusa-{name}.svg").getroot().tag.endswith("svg")


def test_without_scikit_learn_nothing_is_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    """A night of slicing would end in an import error."""
    monkeypatch.setattr("pricing_fdm.estimate.fitting.can_fit", lambda: False)
    monkeypatch.setattr("pricing_fdm.commands.estimate.LabelStore", None)
    assert main([*_TRAIN]) == 1


def test_too_few_slices_are_told_and_fit_nothing(tmp_path: Path) -> None:
    """Exit code 1, and no model."""
    result = pricing_fdm(*_TRAIN, "--to", tmp_path, "--minutes", "0")
    assert result.returncode == 1
    assert "too few slices to fit anything" in result.stderr
    assert not list(tmp_path.glob("*.json"))


def test_labels_of_an_earlier_release_are_measured_anew_and_not_sliced_again(
    tmp_path: Path,
) -> None:
    """One whose part is no longer there is left out, and that is told."""
    train = ("estimate", "train", "--prints", "1", "--to", tmp_path)
    pricing_fdm(*train, "--generated", "2", patience_s=_PATIENCE_S)
    path = tmp_path / LABELS_FILE
    before = read_labels(path).labels
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        line["key"] = "of the release before"
        del line["version"], line["row"]["part"]["slabs"][0]["area_mm2"]
        line["row"]["print_time_s"] = 12_345
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))

    # PrusaSlicer and OrcaSlicer, if it is there: a label of each part on each.
    result = pricing_fdm(*train, "--generated", "1", "--minutes", "0", patience_s=_PATIENCE_S)
    half = len(before) // 2
    assert f"0 slices were there, 0 were made\n{half} of an earlier" in result.stdout
    assert f"{half} of an earlier release were left out" in result.stdout
    for key, label in read_labels(path).labels.items():
        assert label.row == replace(before[key].row, print_time_s=12_345)


def test_slices_that_a_service_kept_are_learned_from(tmp_path: Path) -> None:
    """Nothing is sliced for it."""
    printer = load_presets(load_shop(bundled_shop_folder())).printers[0]
    profile_hash = printer.chosen("standard", "pla").hash
    file = LabelFile(tmp_path / "kept.jsonl", 10_000_000, pytest.fail)
    for number, row in enumerate((*rows(), *rows())):
        label = Label(
            version=VERSION,
            engine="orca",
            slicer="2.9",
            printer=printer.id,
            material="pla",
            quality="standard",
            infill_percent=number,
            supports=Supports.AUTO,
            rotation=UNTURNED,
            row=replace(row, profile_hash=profile_hash),
        )
        file.add(label)
    train = ("estimate", "train", "--minutes", "0", "--to", str(tmp_path / "models"))
    assert main([*train, "--labels", str(tmp_path / "kept.jsonl")]) == 0
    model = read_model(tmp_path / "models" / "orca.json")
    assert model.trained_on.labels == 48
    assert profile_hash in model.profile_hashes
