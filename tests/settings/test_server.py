"""Who can reach a service that asks for no token."""

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
