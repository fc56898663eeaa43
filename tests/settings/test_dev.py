"""`--dev` opens the machine to itself, and to nobody else."""

from __future__ import annotations

import pytest

from pricing_fdm.fetch.addresses import may_dial
from pricing_fdm.fetch.outcomes import FetchOutcome
from pricing_fdm.fetch.source_url import admit
from pricing_fdm.settings import SettingsError, load_settings
from pricing_fdm.settings.dev import for_development


def test_it_listens_on_loopback_and_logs_for_people() -> None:
    """Unless a setting says otherwise."""
    server = for_development(load_settings()).server
    assert (server.pricing_fdm_host, server.log_format) == ("127.0.0.1", "console")


def test_what_is_set_by_name_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting outweighs a default of --dev."""
    monkeypatch.setenv("PRICING_FDM_HOST", "::1")
    monkeypatch.setenv("LOG_FORMAT", "json")
    monkeypatch.setenv("FETCH_ALLOWED_HOSTS", "models.example.com")
    monkeypatch.setenv("MAX_FILE_SIZE_MB", "7")
    settings = for_development(load_settings())
    assert (settings.server.pricing_fdm_host, settings.server.log_format) == ("::1", "json")
    assert settings.fetch.max_file_size_mb == 7
    assert [rule.name for rule in settings.fetch.policy().allowed_hosts] == ["models.example.com"]


def test_the_machine_itself_may_be_fetched_from_on_any_port() -> None:
    """Over http; other private networks and the metadata services stay closed."""
    policy = for_development(load_settings()).fetch.policy()
    for url in ("http://localhost:9000/a", "http://127.0.0.1:1234/a", "http://[::1]:80/a"):
        admit(url, policy)
    for address in ("127.0.0.1", "127.0.1.1", "::1"):
        assert may_dial(address, policy.allowed_cidrs) is FetchOutcome.OK
    for address in ("169.254.169.254", "10.98.76.54"):
        assert may_dial(address, policy.allowed_cidrs) is not FetchOutcome.OK


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "machine.example"])
def test_other_machines_may_not_reach_it_without_a_token(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through it they would reach what runs on this machine."""
    monkeypatch.setenv("PRICING_FDM_HOST", host)
    with pytest.raises(SettingsError, match=r"^--dev: other machines can reach"):
        for_development(load_settings())
    monkeypatch.setenv("API_TOKEN", "t" * 32)
    assert for_development(load_settings()).server.pricing_fdm_host == host
