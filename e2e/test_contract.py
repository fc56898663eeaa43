"""What ADR-010 and the README promise over HTTP, asked of the running image."""

from __future__ import annotations

import subprocess
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from e2e.containers import ROOT, Container, Image, running
from e2e.figures import of_all_plates
from tests.harness.origin import Origin
from tests.harness.service import MATERIALS, REPRODUCIBLE, order
from tests.harness.shapes import binary_stl, box, tee

SCRIPT = Path(__file__).parent / "fdm_pricing_test.sh"
NINE = (
    "quote_id",
    "total_usd",
    "material_cost_usd",
    "machine_cost_usd",
    "base_fee_usd",
    "lead_time_days",
    "print_time_hours",
    "filament_weight_g",
    "volume_cm3",
)
GROUPS = {
    "quantity",
    "unit_usd",
    "breakdown",
    "model",
    "print",
    "engine",
    "warnings",
    "timing_ms",
    "cached",
    "currency",
    "price",
    "printer",
    "plates",
    "shop_version",
    "valid_until",
    "review",
}
VARYING = {"quote_id", "timing_ms", "cached"}


def contract_test(base_url: str, model_url: str) -> subprocess.CompletedProcess[str]:
    """Runs the script that ADR-010 names."""
    return subprocess.run(
        [SCRIPT, base_url, model_url], capture_output=True, text=True, timeout=120, check=False
    )


def quote(service: Container, url: str, **changes: Any) -> dict[str, Any]:
    """A quote, which must be had."""
    answer = service.post(order(url, **changes))
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_the_script_of_adr_010_is_content(service: Container, cube: str) -> None:
    """Anybody can run it against any service; this one passes, and each check has its line."""
    done = contract_test(service.base_url, cube)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert lines[-1] == "all good"
    assert len(lines) > 50
    assert all(line.startswith("ok ") for line in lines[:-1])


def test_the_script_of_adr_010_notices(service: Container, origin: Origin) -> None:
    """A server that is no pricing service fails it, and so does a model that is not there."""
    stranger = contract_test(f"http://{origin.host}", origin.url("cube.stl"))
    assert stranger.returncode == 1
    assert "FAILED  health answers 200" in stranger.stdout
    no_model = contract_test(service.base_url, origin.url("not-there.stl"))
    assert no_model.returncode == 1
    assert "FAILED  a quote answers 200" in no_model.stdout
    assert no_model.stdout.count("FAILED") == 2 + len(NINE)


def test_a_quote_has_the_nine_fields_and_the_groups(service: Container, cube: str) -> None:
    """Callers of ADR-010 read the nine by name; the groups are ours."""
    body = quote(service, cube, quantity=3)
    assert set(body) == {*NINE, *GROUPS}
    UUID(body["quote_id"])
    assert all(type(body[name]) in {int, float} for name in NINE[1:])
    assert isinstance(body["lead_time_days"], int)


def test_the_price_follows_from_the_figures(service: Container, cube: str) -> None:
    """The formula of ADR-010 with the default rates; every plate counts, the base fee once."""
    body = quote(service, cube, material="petg", quantity=7)
    assert sum(plate["times"] * plate["copies"] for plate in body["plates"]) == 7
    grams, hours = of_all_plates(body)
    material, machine = grams * Decimal("0.03"), hours * 10
    total = (material + machine + 5) * Decimal("1.3")
    shown = Decimal(str(body["total_usd"]))
    # Grams and hours are shown rounded, the price is computed from unrounded ones.
    assert abs(shown - total.quantize(Decimal("0.01"), ROUND_HALF_UP)) <= Decimal("0.02")
    assert sum(Decimal(str(line["amount_usd"])) for line in body["breakdown"]) == shown


def test_the_slicer_of_the_image_priced_it(service: Container, image: Image, cube: str) -> None:
    """K5: quote, readiness and metrics name the same engine, the one that the image ships."""
    named = quote(service, cube)["engine"]
    assert named["name"] == image.engine
    assert len(named["profile_hash"]) >= 16
    ready = service.get("/ready").json()["checks"]["slicer"]["detail"]
    assert ready == f"{image.engine} {named['version']}"
    assert f'slicer_version="{named["version"]}"' in service.get("/metrics").text


def test_every_setting_moves_the_figures(service: Container, origin: Origin) -> None:
    """The slicer really gets what was asked for: figures move, and the right way."""
    url = origin.serve("tee.stl", binary_stl(tee()))
    plain = quote(service, url, orientation="keep", supports="never")
    denser = quote(service, url, orientation="keep", supports="never", infill=80)
    finer = quote(service, url, orientation="keep", supports="never", layer_thickness=100)
    held = quote(service, url, orientation="keep", supports="always")
    heavier = quote(service, url, orientation="keep", supports="never", material="pc")
    assert denser["filament_weight_g"] > plain["filament_weight_g"]
    assert finer["print_time_hours"] > plain["print_time_hours"]
    assert held["filament_weight_g"] > plain["filament_weight_g"]
    assert heavier["material_cost_usd"] > plain["material_cost_usd"]


def test_equal_orders_get_equal_quotes_k1(image: Image, rig: Container, origin: Origin) -> None:
    """K1: sliced anew in two containers, with addresses that a container does not let us fix."""
    url = origin.serve("again.stl", binary_stl(tee(44, 23)))
    with running(image, {**origin.environment, **REPRODUCIBLE}) as other:
        bodies = [quote(other, url), *(quote(rig, url) for _ in range(3))]
    assert not any(body["cached"] for body in bodies)
    steady = [{name: body[name] for name in body if name not in VARYING} for body in bodies]
    assert all(body == steady[0] for body in steady)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"material": "wood"}, "material"),
        ({"infill": 9.5}, "infill"),
        ({"layer_thickness": 150}, "layer_thickness"),
        ({"quantity": 0}, "quantity"),
        ({"file_url": 7}, "file_url"),
        ({"colour": "red"}, "colour"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_field_is_named_b13(
    service: Container, cube: str, changes: dict[str, Any], field: str
) -> None:
    """B13: 400 as a problem document that names the field and echoes nothing."""
    answer = service.post(order(cube) | changes)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (400, "invalid_request")
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["field"] for error in problem["errors"]] == [field]
    assert problem["request_id"] == answer.headers["x-request-id"]


def test_the_other_routes_answer(service: Container) -> None:
    """Liveness, readiness, figures, description, and what a form needs."""
    health = service.get("/health")
    assert (health.status_code, health.text) == (200, "OK")
    assert service.get("/ready").json()["ready"] is True
    assert service.metric("pricing_fdm_ready") == 1
    assert service.get("/openapi.json").json()["openapi"].startswith("3.1")
    assert "<html" in service.get("/docs").text
    assert len(service.get(MATERIALS).json()["materials"]) == 8
    assert "<html" in service.get("/").text
    assert service.get("/ready").json()["checks"]["jobs"]["ok"] is True
    missing = service.get("/nowhere")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")


def test_a_presigned_url_is_told_to_nobody_f4(
    service: Container, origin: Origin, cube: str
) -> None:
    """F4: it is a password; it reaches the origin, and no log, answer, metric or process."""
    secret, asked = "canary7c1e", len(origin.requests)
    answers = [
        service.post(order(f"{url}?X-Amz-Signature={secret}"))
        for url in (cube, origin.url("expired.stl"))
    ]
    assert [answer.status_code for answer in answers] == [200, 400]
    assert sum(secret in request for request in origin.requests[asked:]) == 2
    told = [answer.text for answer in answers]
    told += [service.said(), service.get("/metrics").text, str(service.processes())]
    assert secret not in "".join(told)


@pytest.mark.beyond_ci
def test_a_real_part_is_priced(service: Container, origin: Origin) -> None:
    """The bundled test part, as `make quote` orders it."""
    part = (ROOT / "examples" / "kickstarter-fdm-test.stl").read_bytes()
    body = quote(service, origin.serve("kickstarter.stl", part))
    assert body["model"]["triangles"] == 12234
    assert 20 < body["filament_weight_g"] < 80
    assert 1 < body["print_time_hours"] < 8


def test_a_cube_takes_the_same_room_in_every_unit(service: Container, origin: Origin) -> None:
    """The slicer gets the part in the unit that was meant."""
    inches = origin.serve("inches.stl", binary_stl(box(1, 1, 1)))
    metric = origin.serve("metric.stl", binary_stl(box(25.4, 25.4, 25.4)))
    weights = [quote(service, inches, units="inch"), quote(service, metric)]
    assert weights[0]["filament_weight_g"] == pytest.approx(
        weights[1]["filament_weight_g"], rel=1e-3
    )
