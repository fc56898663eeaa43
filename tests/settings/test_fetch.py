"""The rules of the downloader come from the environment, checked at the start."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from pricing_fdm.settings import SettingsError, load_settings


def test_the_policy_is_closed_by_default() -> None:
    """Https only, no private address."""
    policy = load_settings().fetch.policy()
    assert not policy.allow_http
    assert not policy.allowed_cidrs
    assert not policy.allowed_hosts


def test_what_is_opened_reaches_the_policy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hosts, ranges and http, each by its own variable."""
    monkeypatch.setenv("FETCH_ALLOWED_HOSTS", "files.example, .cdn.example")
    monkeypatch.setenv("FETCH_ALLOWED_CIDRS", "10.1.0.0/16,127.0.0.1")
    monkeypatch.setenv("FETCH_ALLOW_HTTP", "true")
    policy = load_settings().fetch.policy()
    assert len(policy.allowed_hosts) == 2
    assert set(policy.allowed_cidrs) == {ip_network("10.1.0.0/16"), ip_network("127.0.0.1/32")}
    assert policy.allow_http


@pytest.mark.parametrize("cidr", ["10.0.0.0/8", "127.0.0.0/24", "169.254.169.254/32", "ten"])
def test_a_range_that_must_stay_closed_is_refused_at_the_start(
    monkeypatch: pytest.MonkeyPatch, cidr: str
) -> None:
    """Too wide, loopback as a whole, cloud metadata, or no range."""
    monkeypatch.setenv("FETCH_ALLOWED_CIDRS", cidr)
    with pytest.raises(SettingsError, match="FETCH_ALLOWED_CIDRS"):
        load_settings()
