"""The choice of the slicer, and the limits that it runs under."""

from __future__ import annotations

import math
import os

import pytest

from pricing_fdm.settings import SettingsError, load_settings


def test_silence_is_a_limit_unless_it_is_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    """By default it ends nothing that could still finish within the hard limit."""
    limits = load_settings().slicing.limits()
    assert (limits.wall_s, limits.silence_s) == (300, 240)
    monkeypatch.setenv("SLICE_SILENCE_SECS", "0")
    assert load_settings().slicing.limits().silence_s == math.inf


def test_cpu_time_is_limited_by_the_time_on_all_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slicer with many threads uses several CPU seconds in a second."""
    monkeypatch.setenv("SLICE_TIMEOUT_SECS", "1.5")
    monkeypatch.setenv("SLICE_MEMORY_MB", "512")
    monkeypatch.setenv("SLICE_OUTPUT_MB", "3")
    limits = load_settings().slicing.limits()
    assert limits.cpu_s == math.ceil(1.5 * (os.cpu_count() or 1))
    assert (limits.memory_bytes, limits.file_size_bytes) == (512 * 1024**2, 3 * 1024**2)


def test_the_step_converter_has_the_slicers_limits_but_its_own_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It runs on one core and reports no progress."""
    monkeypatch.setenv("CONVERT_TIMEOUT_SECS", "7.5")
    slicing = load_settings().slicing
    limits = slicing.convert_limits()
    assert (limits.wall_s, limits.cpu_s, limits.silence_s) == (7.5, 9, math.inf)
    assert limits.memory_bytes == slicing.limits().memory_bytes


def test_a_model_is_read_within_limits_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """On one core, and with less memory than a slicer."""
    monkeypatch.setenv("MODEL_READ_TIMEOUT_SECS", "7.5")
    monkeypatch.setenv("MODEL_READ_MEMORY_MB", "600")
    limits = load_settings().slicing.read_limits()
    assert (limits.wall_s, limits.cpu_s, limits.silence_s) == (7.5, 8, math.inf)
    assert limits.memory_bytes == 600 * 1024**2


def test_a_slicer_cannot_be_its_own_fallback(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that crashes it would crash it again."""
    monkeypatch.setenv("SLICER_FALLBACK", "prusa")
    assert load_settings().slicing.slicer_fallback == "prusa"
    monkeypatch.setenv("SLICER", "prusa")
    with pytest.raises(SettingsError, match="SLICER_FALLBACK: must be another slicer"):
        load_settings()


def test_the_slicers_that_can_be_chosen_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """They come from the table of engines; the preferred one is nobody's fallback."""
    monkeypatch.setenv("SLICER", "cura")
    monkeypatch.setenv("SLICER_FALLBACK", "orca")
    with pytest.raises(SettingsError) as wrong:
        load_settings()
    assert wrong.value.faults == (
        "SLICER: Input should be 'auto', 'orca' or 'prusa'",
        "SLICER_FALLBACK: Input should be 'none' or 'prusa'",
    )
