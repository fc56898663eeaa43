"""`pricing-fdm estimate train`: parts are really sliced, and the model says what they take."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from pricing_fdm.cli import main
from pricing_fdm.estimate.labels import LABELS_FILE, read_labels
from pricing_fdm.estimate.model_file import read_model
from pricing_fdm.estimate.predict import Prediction, predict
from tests.harness.command import pricing_fdm
from tests.harness.waiting import wait_until

_TRAIN = ("estimate", "train", "--generated", "10", "--prints", "3")
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

    labels, model = read_labels(tmp_path / LABELS_FILE), read_model(tmp_path / "prusa.json")
    assert model.trained_on.families == 10
    errors = []
    for row in (label.row for label in labels):
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
    assert "| generated/gear | 3 |" in report.read_text()
    for name in ("sliced", "families"):
        assert ET.parse(tmp_path / "report" / f"prusa-{name}.svg").getroot().tag.endswith("svg")


def test_without_scikit_learn_nothing_is_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    """A night of slicing would end in an import error."""
    monkeypatch.setattr("pricing_fdm.estimate.fitting.can_fit", lambda: False)
    monkeypatch.setattr("pricing_fdm.estimate.labels.LabelStore", None)
    assert main([*_TRAIN]) == 1


def test_too_few_slices_are_told_and_fit_nothing(tmp_path: Path) -> None:
    """Exit code 1, and no model."""
    result = pricing_fdm(*_TRAIN, "--to", tmp_path, "--minutes", "0")
    assert result.returncode == 1
    assert "too few slices to fit anything" in result.stderr
    assert not list(tmp_path.glob("*.json"))
