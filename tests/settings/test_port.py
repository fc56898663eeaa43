"""The health check finds the port without loading the settings."""

from __future__ import annotations

import pytest

from pricing_fdm.settings import SettingsError, load_settings
from pricing_fdm.settings.port import stated_port


@pytest.mark.parametrize(
    ("environment", "port"),
    [
        pytest.param({}, 8083, id="default"),
        pytest.param({"PRICING_FDM_PORT": ""}, 8083, id="empty"),
        pytest.param({"PRICING_FDM_PORT": "9000"}, 9000, id="set"),
        pytest.param({"pricing_fdm_port": "9000"}, 9000, id="small letters"),
        pytest.param({"PRICING_FDM_PORT": "09000"}, 9000, id="leading zero"),
    ],
)
def test_the_port_is_the_one_that_the_settings_give(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], port: int
) -> None:
    """Otherwise the health check would ask at another door."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert stated_port() == port
    assert load_settings().server.pricing_fdm_port == port


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param({"PRICING_FDM_PORT": "http"}, id="a word"),
        pytest.param({"PRICING_FDM_PORT": "tcp://10.0.0.1:8083"}, id="a link of Kubernetes"),
        pytest.param({"PRICING_FDM_PORT": "9000", "pricing_fdm_port": "9001"}, id="set twice"),
    ],
)
def test_a_wrong_port_is_left_to_the_settings(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    """They name the fault."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert stated_port() is None
    with pytest.raises(SettingsError, match="PRICING_FDM_PORT"):
        load_settings()
