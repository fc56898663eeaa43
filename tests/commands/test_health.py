"""`pricing-fdm health`: the image's health check, so that it needs no curl."""

from __future__ import annotations

from tests.harness.command import pricing_fdm
from tests.harness.service import RunningService, free_port


def test_a_living_service_is_told(service: RunningService) -> None:
    """By its address, or by the port of the same environment."""
    assert pricing_fdm("health", service.base_url).returncode == 0
    assert pricing_fdm("health", f"{service.base_url}/health").returncode == 0
    port = service.base_url.rpartition(":")[2]
    result = pricing_fdm("health", environment={"PRICING_FDM_PORT": port})
    assert (result.returncode, result.stdout) == (0, "OK\n")
    result = pricing_fdm("health", environment={"pricing_fdm_port": f" {port}"})
    assert (result.returncode, result.stdout) == (0, "OK\n")


def test_a_dead_one_is_told_too() -> None:
    """Exit code 1 and the reason; a proxy of the environment is not asked."""
    url = f"http://127.0.0.1:{free_port()}"
    result = pricing_fdm("health", url, environment={"http_proxy": "http://127.0.0.1:1"})
    assert result.returncode == 1
    assert "does not answer" in result.stderr
    assert pricing_fdm("health", "nonsense").returncode == 1


def test_a_port_that_is_none_is_told_as_by_the_service() -> None:
    """The short way to the port leaves judging it to the settings."""
    result = pricing_fdm("health", environment={"PRICING_FDM_PORT": "eighty"})
    assert result.returncode == 2
    assert "PRICING_FDM_PORT" in result.stderr
