"""A model file is complete, small, and of this format."""

from __future__ import annotations

from pathlib import Path

import pytest

from pricing_fdm.estimate.features import VERSION
from pricing_fdm.estimate.model_file import bundled_model, read_model
from pricing_fdm.settings.shop import bundled_shop_folder
from pricing_fdm.shop.load import load_shop
from pricing_fdm.slicers.presets.loaded_shop import load_presets
from tests.estimate.test_fitting import fitted

MOST_BYTES = 300_000


def test_the_bundled_model_of_orcaslicer_knows_the_bundled_shop() -> None:
    """It was fitted to slices of exactly these presets; a change of one asks for a new fit."""
    model = bundled_model("orca")
    assert model is not None
    assert model.trained_on.labels > 500
    assert len(model.model_dump_json()) < MOST_BYTES
    for printer in load_presets(load_shop(bundled_shop_folder())).printers:
        hashes = {
            printer.chosen(quality, material).hash
            for quality in printer.processes
            for material in printer.filaments
        }
        assert hashes <= set(model.profile_hashes)


def test_there_is_no_model_of_an_engine_that_was_never_fitted() -> None:
    """Its prints need a slice."""
    assert bundled_model("another") is None


@pytest.mark.parametrize(
    ("written", "damaged"),
    [(f'"version":{VERSION}', '"version":0'), ('"cooling"', '"heating"'), ('"engine":"orca",', "")],
    ids=["other-version", "unknown-term", "no-engine"],
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, written: str, damaged: str) -> None:
    """A shop's file may be old."""
    file = tmp_path / "model.json"
    text = fitted()[0].model_dump_json()
    file.write_text(text)
    assert read_model(file) == fitted()[0]
    assert written in text
    file.write_text(text.replace(written, damaged, 1))
    with pytest.raises(ValueError, match="validation error"):
        read_model(file)
