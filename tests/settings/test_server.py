"""The tokens that callers need, and a warning where none is set."""

from __future__ import annotations

import pytest

from pricing_fdm.settings import load_settings


@pytest.mark.parametrize(
    ("host", "is_open"),
    [
        ("", True),
        ("0.0.0.0", True),
        ("::", True),
        ("192.168.1.9", True),
        ("shop.example", True),
        ("127.0.0.1", False),
        ("127.0.0.2", False),
        ("::1", False),
        ("localhost", False),
    ],
)
def test_no_token_is_cautioned_about_unless_only_this_machine_can_ask(
    monkeypatch: pytest.MonkeyPatch, host: str, is_open: bool
) -> None:
    """The default address is open to all, since a container's must be."""
    monkeypatch.setenv("PRICING_FDM_HOST", host)
    caution = load_settings().server.caution
    assert (caution is not None) == is_open
    if caution is not None:
        assert "no API_TOKEN is set" in caution
    monkeypatch.setenv("API_TOKEN", "a" * 32)
    assert load_settings().server.caution is None


def test_two_tokens_are_valid_during_a_rotation_f1(monkeypatch: pytest.MonkeyPatch) -> None:
    """F1: the new one is announced before the old one goes; F2: short ones never start."""
    monkeypatch.setenv("API_TOKEN", f"{'a' * 32}, {'b' * 40}")
    assert load_settings().server.tokens == ("a" * 32, "b" * 40)
    assert "aaaa" not in repr(load_settings())
