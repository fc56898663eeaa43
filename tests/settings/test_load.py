"""All faults of a deployment are named at once, and no value is shown."""

from __future__ import annotations

import os

import pytest

from pricing_fdm.settings import GROUPS, SettingsError, load_settings


def test_defaults_are_those_of_the_contract() -> None:
    """ADR-010 and its deployment rely on them."""
    settings = load_settings()
    assert settings.server.pricing_fdm_port == 8083
    assert settings.fetch.max_bytes == 100 * 1024**2
    assert settings.fetch.request_timeout_secs == 60
    assert settings.slicing.slicer == "auto"
    assert settings.slicing.slice_timeout_secs == 300
    assert settings.shop.folder.joinpath("shop.toml").is_file()
    cores = len(os.sched_getaffinity(0))
    assert settings.queue.slice_concurrency == max(1, cores // 2)
    assert settings.queue.places == 2 * settings.queue.slice_concurrency
    assert settings.server.tokens == ()


def test_every_fault_is_named_once_with_its_variable_e4(monkeypatch: pytest.MonkeyPatch) -> None:
    """E4: wrong, unreadable and unknown ones, of all groups; not one after another."""
    secret = "hunter2-hunter2"
    monkeypatch.setenv("PRICING_FDM_PORT", "http")
    monkeypatch.setenv("API_TOKEN", secret)
    monkeypatch.setenv("MARGIN_MULTIPLIER", "0.9")
    monkeypatch.setenv("FETCH_ALLOWED_CIDRS", "169.254.0.0/16")
    monkeypatch.setenv("SLICER", "cura")
    monkeypatch.setenv("CALLBACK_SECRET_FILE", f"/nonexistent/{secret}")
    monkeypatch.setenv("BASE_FEE", secret)
    with pytest.raises(SettingsError) as wrong:
        load_settings()
    named = [fault.partition(":")[0] for fault in wrong.value.faults]
    assert named == [
        "PRICING_FDM_PORT",
        "API_TOKEN",
        "MARGIN_MULTIPLIER",
        "FETCH_ALLOWED_CIDRS",
        "SLICER",
        "CALLBACK_SECRET",
        "BASE_FEE",
    ]
    assert secret not in str(wrong.value)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("BASE_FEE_USD", "-1"),
        ("BASE_FEE_USD", "nan"),
        ("MACHINE_RATE_USD_PER_HOUR", "inf"),
        ("MATERIAL_PLA_COST_PER_G", "cheap"),
        ("MAX_FILE_SIZE_MB", "0"),
        ("REQUEST_TIMEOUT_SECS", "0"),
        ("FETCH_ALLOWED_HOSTS", "https://x.example/path"),
        ("FETCH_ALLOW_HTTP", "perhaps"),
        ("SLICE_CONCURRENCY", "0"),
        ("QUEUE_PLACES", "-1"),
        ("MAX_TRIANGLES", "3"),
        ("LOG_FORMAT", "xml"),
        ("API_TOKEN", "a" * 32 + ",short"),
    ],
)
def test_values_out_of_bounds_are_refused(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    """A service that starts with a nonsense limit has none."""
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=variable):
        load_settings()


def test_every_field_is_described() -> None:
    """The README's table is made of these sentences."""
    for group in GROUPS.values():
        for name, field in group.model_fields.items():
            assert field.description, name
            assert field.description.endswith("."), name
