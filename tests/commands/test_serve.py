"""`pricing-fdm serve`: what it refuses to start with, and what it says at the start."""

from __future__ import annotations

from pathlib import Path

from tests.harness.command import pricing_fdm
from tests.harness.origin import running_origin
from tests.harness.service import order, started_service, wait_until_ready
from tests.harness.shapes import binary_stl, box

TOKEN = "0123456789abcdef0123456789abcdef"
LOUD = "authentication_off"


def test_what_it_does_not_know_stops_the_start_e4() -> None:
    """E4: all at once, in one message; a misspelt setting would be its default in silence."""
    environment = {
        "MARGIN": "2.5",
        "PRICING_FDM_PROT": "80",
        "MATERIAL_PLA_COST_PER_GRAM": "0.05",
        "API_TOKEN_FILE": f"/nonexistent/{TOKEN}",
        "LOG_LEVEL": "loud",
    }
    result = pricing_fdm("serve", environment=environment)
    assert (result.returncode, result.stdout) == (2, "")
    first, *faults = result.stderr.splitlines()
    assert first == "These settings are wrong:"
    unknown = "there is no such setting; the nearest is"
    assert faults == [
        "  API_TOKEN: the file that API_TOKEN_FILE names cannot be read: No such file or directory",
        "  LOG_LEVEL: Input should be 'debug', 'info', 'warning' or 'error'",
        f"  MARGIN: {unknown} MARGIN_MULTIPLIER",
        f"  MATERIAL_PLA_COST_PER_GRAM: {unknown} MATERIAL_PLA_COST_PER_G",
        f"  PRICING_FDM_PROT: {unknown} PRICING_FDM_PORT",
    ]


def test_an_open_address_without_a_token_is_one_loud_line() -> None:
    """It is the default, and whoever forgets the token must read it in the log."""
    with started_service({"PRICING_FDM_HOST": "0.0.0.0"}) as service:
        wait_until_ready(service)
        line = service.event(LOUD)
    assert line["level"] == "warning"
    assert "no API_TOKEN is set" in line["caution"]


def test_a_token_from_a_file_is_asked_for_and_nothing_is_loud(tmp_path: Path) -> None:
    """The file was once ignored in silence, and the service open."""
    path = tmp_path / "token"
    path.write_text(f"{TOKEN}\n")
    environment = {"PRICING_FDM_HOST": "0.0.0.0", "API_TOKEN_FILE": str(path)}
    with started_service(environment) as service:
        wait_until_ready(service)
        assert service.get("/metrics").status_code == 401
        sent = {"Authorization": f"Bearer {TOKEN}"}
        assert service.get("/metrics", headers=sent).status_code == 200
        service.event("self_test_finished")
        assert service.events(LOUD) == []
        assert TOKEN not in service.log_path.read_text()


def test_on_this_machine_alone_nothing_is_loud() -> None:
    """A developer's service needs no token."""
    with started_service({}) as service:
        wait_until_ready(service)
        service.event("self_test_finished")
        assert service.events(LOUD) == []


def test_dev_prices_from_this_machine_and_says_so_loudly() -> None:
    """The page's address stands beside the caution."""
    with running_origin() as origin, started_service({}, "--dev") as service:
        wait_until_ready(service)
        url = origin.serve("dev.stl", binary_stl(box(10, 10, 10)))
        answer = service.post(order(url.replace("127.0.0.1", "localhost")))
        assert answer.status_code == 200, answer.text
        log = service.log_path.read_text()
    [line] = [line for line in log.splitlines() if "development" in line]
    assert "warning" in line
    assert "For trying out only" in line
    assert f"{service.base_url}/" in line


def test_dev_is_refused_where_other_machines_can_reach_it() -> None:
    """Exit code 2 and one message, unless a token is set."""
    result = pricing_fdm("serve", "--dev", "--host", "0.0.0.0", environment={})
    assert result.returncode == 2
    assert "--dev: other machines can reach 0.0.0.0" in result.stderr


def test_without_dev_the_log_says_what_would_let_a_local_model_in() -> None:
    """The caller is told no more than before."""
    with started_service({"FETCH_ALLOW_HTTP": "true"}) as service:
        wait_until_ready(service)
        refused = service.post(order("http://127.0.0.1:9001/part.stl"))
        assert (refused.status_code, refused.json()["code"]) == (400, "source_refused")
        assert "FETCH_" not in refused.text
        [line] = service.events("quote_failed")
    assert "FETCH_ALLOWED_HOSTS=127.0.0.1:9001 would allow it" in str(line)
