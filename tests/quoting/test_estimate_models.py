"""A shop's own model comes before the bundled one, and is read when it changes."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pricing_fdm.estimate.model_file import EstimateModel
from pricing_fdm.estimate.predict import NeedsSlice
from pricing_fdm.quoting.estimate_models import estimate_model, own_model_path
from tests.quoting.fitted import fitted_model


def test_the_shop_s_own_model_is_read_again_when_it_changes(tmp_path: Path) -> None:
    """`estimate train` may run overnight while the service goes on."""
    own = own_model_path(tmp_path, "prusa")
    own.parent.mkdir()
    own.write_text(fitted_model(["one"]).model_dump_json())
    first = estimate_model(tmp_path, "prusa")
    assert isinstance(first, EstimateModel)
    assert first.profile_hashes == ("one",)
    assert estimate_model(tmp_path, "prusa") is first
    own.write_text(fitted_model(["two"]).model_dump_json())
    os.utime(own, ns=(1, 1))
    second = estimate_model(tmp_path, "prusa")
    assert isinstance(second, EstimateModel)
    assert second.profile_hashes == ("two",)


def _wrong(own: Path) -> None:
    own.write_text("{}")


def _of_another_slicer(own: Path) -> None:
    own.write_text(fitted_model(["one"], engine="orca").model_dump_json())


def _endless(own: Path) -> None:
    own.symlink_to("/dev/zero")


def _waiting(own: Path) -> None:
    os.mkfifo(own)


def _huge(own: Path) -> None:
    own.touch()
    os.truncate(own, 1 << 40)


def _circle(own: Path) -> None:
    own.symlink_to(own)


@pytest.mark.parametrize(
    "put", [_wrong, _of_another_slicer, _endless, _waiting, _huge, _circle, Path.mkdir]
)
def test_a_faulty_file_is_no_model_and_not_passed_over(
    tmp_path: Path, put: Callable[[Path], None]
) -> None:
    """The bundled one was fitted for other presets; who wrote the file must hear of it."""
    own = own_model_path(tmp_path, "prusa")
    own.parent.mkdir()
    put(own)
    faulty = estimate_model(tmp_path, "prusa")
    assert isinstance(faulty, NeedsSlice)
    assert "faulty" in faulty.reason


def test_without_any_model_the_reason_is_told(tmp_path: Path) -> None:
    """For a slicer that nobody fitted one for."""
    missing = estimate_model(tmp_path, "another")
    assert isinstance(missing, NeedsSlice)
    assert "slicer" in missing.reason
