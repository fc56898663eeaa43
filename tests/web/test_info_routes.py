"""What the service tells of itself is complete and true."""

from __future__ import annotations

import asyncio
import itertools
import json
from pathlib import Path
from types import SimpleNamespace

from prometheus_client.parser import text_string_to_metric_families
from starlette.requests import Request

from pricing_fdm.health.readiness import Check, Readiness
from pricing_fdm.quoting.admission import Admission
from pricing_fdm.quoting.workspace import Workspaces
from pricing_fdm.web.app_state import STATE_KEY
from pricing_fdm.web.info_routes import get_ready
from tests.harness.origin import Origin
from tests.harness.puppet import install_fake_prusa
from tests.harness.service import MATERIALS, RunningService, running_service


def test_health_is_the_two_letters_that_adr_010_promises(service: RunningService) -> None:
    """A container check compares them."""
    response = service.get("/health")
    assert (response.status_code, response.text) == (200, "OK")
    assert response.headers["content-type"].startswith("text/plain")


def test_readiness_names_each_check_and_what_was_found(service: RunningService) -> None:
    """An operator reads which slicer and which profiles are in use."""
    body = service.get("/ready").json()
    assert body["ready"] is True
    assert set(body["checks"]) == {
        *("jobs", "profiles", "sandbox", "shop", "slicer", "self_test", "step", "temp_dir"),
    }
    assert body["checks"]["slicer"]["detail"].startswith("prusa 2.")
    assert "g and" in body["checks"]["self_test"]["detail"]
    assert all(check["ok"] for check in body["checks"].values())
    optional = {name for name, check in body["checks"].items() if not check["needed"]}
    assert optional == {"jobs", "step"}


def test_readiness_looks_once_and_never_contradicts_itself(tmp_path: Path) -> None:
    """A disk that fills up between two looks would say 503 with nothing wrong, or the reverse."""
    readiness = Readiness(
        Workspaces(tmp_path, least_free_bytes=0), Admission(slots=1, places=1, wait_s=1)
    )
    looks = itertools.cycle([True, False])
    readiness.watch(lambda: Check("flickers", ok=next(looks), detail="on and off"))
    request = Request({"type": "http", "state": {STATE_KEY: SimpleNamespace(readiness=readiness)}})
    for expected in (True, False, True, False):
        answer = asyncio.run(get_ready(request))
        body = json.loads(bytes(answer.body))
        assert body["checks"]["flickers"]["ok"] is expected
        assert (body["ready"], answer.status_code) == (expected, 200 if expected else 503)


def test_a_converter_that_does_not_work_is_told_while_the_rest_is_ready(
    origin: Origin, tmp_path: Path
) -> None:
    """An operator who reads `ok` must not be told that STEP works when it does not."""
    environment = {
        **origin.environment,
        "PRUSA_BINARY": str(install_fake_prusa(tmp_path)),
        "CONVERT_TIMEOUT_SECS": "0.001",
    }
    with running_service(environment) as service:
        step = service.get("/ready").json()["checks"]["step"]
    assert (step["ok"], step["needed"]) == (False, False)
    assert step["detail"].startswith("STEP files are refused: the converter does not work")


def test_materials_tell_a_form_what_is_on_offer(service: RunningService) -> None:
    """Rates come from the settings, densities from the profiles, bounds from the schema."""
    body = service.get(MATERIALS).json()
    by_name = {material["name"]: material for material in body["materials"]}
    assert list(by_name) == ["pla", "abs", "petg", "abs-esd", "asa", "nylon", "pc", "tpu"]
    assert by_name["pla"] == {"name": "pla", "cost_usd_per_g": 0.02, "density_g_cm3": 1.24}
    assert [t["value"] for t in body["layer_thicknesses"]] == [100, 200, 300]
    assert body["infill_percent"] == {"min": 10, "max": 100}
    assert body["quantity"] == {"min": 1, "max": 10_000}
    assert body["build_volume_mm"] == {"x": 200, "y": 200, "z": 200}


def test_metrics_are_what_prometheus_reads_h6(service: RunningService) -> None:
    """H6: the official parser takes them; the contract's names are there from the start."""
    response = service.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain")
    families = {family.name for family in text_string_to_metric_families(response.text)}
    assert {
        "pricing_fdm_requests",
        "pricing_fdm_slice_duration_seconds",
        "pricing_fdm_download_size_bytes",
        "pricing_fdm_errors",
        "pricing_fdm_request_duration_seconds",
        "pricing_fdm_slices_in_progress",
        "pricing_fdm_queue_depth",
        "pricing_fdm_build_info",
        "pricing_fdm_ready",
    } <= families
    assert 'pricing_fdm_errors_total{error_type="model_invalid"}' in response.text
    # `tests/web/test_errors_counted.py` counts failures of routes that price nothing.
    assert "pricing_fdm_errors_total Requests of any route, variants and jobs" in response.text


def test_the_description_names_every_route_and_code(service: RunningService) -> None:
    """A generated client must know all answers."""
    api = service.get("/openapi.json").json()
    assert api["openapi"].startswith("3.1")
    quote = api["paths"]["/v1/quote"]["post"]
    assert {"200", "400", "401", "413", "415", "422", "429", "500", "502", "503", "504"} <= set(
        quote["responses"]
    )
    assert "`model_unsliceable`" in quote["responses"]["422"]["description"]
