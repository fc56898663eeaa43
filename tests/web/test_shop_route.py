"""The shop that a service is in: what a form reads of it, and how another takes its place."""

from __future__ import annotations

import shutil
import signal
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.harness.puppet import install_fake_prusa
from tests.harness.service import PLAIN, QUOTE, RunningService
from tests.harness.waiting import wait_until
from tests.web.shop_service import ADMIN, API, SHOP, TWO_PRINTERS, quoted, serving

RELOAD = f"{SHOP}/reload"
MORE = """
[overrides]
wall_loops = { min = 2, max = 6 }
sparse_infill_pattern = ["grid", "gyroid"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A shop of two printers with more on offer."""
    shop = tmp_path / "shop"
    shutil.copytree(TWO_PRINTERS, shop)
    text = (shop / "shop.toml").read_text()
    colours = 'colours = [{ id = "gold", name = "Gold", hex = "#c9a227", surcharge_percent = 10 }]'
    finish = '[[finishes]]\nid = "sanded"\nname = "Sanded"\nper_part = "4.00"\n\n[tariff]'
    speed = '\n[[tariff.speeds]]\nid = "express"\nname = "Express"\nfactor = "1.25"\n'
    text = text.replace('cost_per_kg = "20.00"', f'cost_per_kg = "20.00"\n{colours}')
    text = text.replace("[tariff]", finish)
    (shop / "shop.toml").write_text(text + speed + 'days_factor = "0.5"\n' + MORE)
    return shop


def rename(folder: Path, old: str, new: str) -> None:
    text = (folder / "shop.toml").read_text()
    assert old in text
    (folder / "shop.toml").write_text(text.replace(old, new))


def reload(service: RunningService, token: str = ADMIN) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.post(f"{service.base_url}{RELOAD}", headers=headers, **PLAIN)


def name_of(service: RunningService) -> str:
    name: str = service.get(SHOP).json()["name"]
    return name


def test_the_shop_is_all_that_a_form_needs(folder: Path, tmp_path: Path) -> None:
    """And nothing of what it costs the shop."""
    with serving(folder, tmp_path) as service:
        body = service.get(SHOP).json()
    version = body.pop("shop_version")
    assert len(version) == 16
    assert body == {
        "name": "Two printers",
        "currency": "EUR",
        "currency_decimals": 2,
        "printers": [
            {
                "id": "dev200",
                "name": "Infinity3D DEV-200",
                "build_volume_mm": {"x": 200, "y": 200, "z": 235},
                "nozzle_mm": 0.4,
            },
            {
                "id": "voron",
                "name": "Voron 2, 0.6 mm",
                "build_volume_mm": {"x": 256, "y": 256, "z": 250},
                "nozzle_mm": 0.6,
            },
        ],
        "qualities": [
            {
                "id": "standard",
                "name": "Standard",
                "layer_thickness": 200,
                "printers": ["dev200", "voron"],
            }
        ],
        "materials": [
            {
                "id": "pla",
                "name": "PLA",
                "description": "",
                "density_g_cm3": 1.24,
                "printers": ["dev200", "voron"],
                "colours": [
                    {"id": "gold", "name": "Gold", "hex": "#c9a227", "surcharge_percent": "10"}
                ],
            }
        ],
        "finishes": [
            {
                "id": "sanded",
                "name": "Sanded",
                "materials": ["pla"],
                "per_part": "4.00",
                "per_cm2": "0",
                "per_order": "0",
                "days": 0,
            }
        ],
        "speeds": [{"id": "express", "name": "Express", "factor": "1.25", "days_factor": "0.5"}],
        "overrides": {
            "wall_loops": {"min": 2, "max": 6},
            "sparse_infill_pattern": ["grid", "gyroid"],
        },
        "infill_percent": {"min": 10, "max": 100},
        "quantity": {"min": 1, "max": 10000},
        "estimates": True,
    }


def test_a_quote_says_on_which_printer_and_with_which_shop(folder: Path, tmp_path: Path) -> None:
    """The log lines of a quote name the version, too."""
    with serving(folder, tmp_path) as service:
        version = service.get(SHOP).json()["shop_version"]
        body = quoted(service, printer="voron").json()
        assert body["printer"] == {"id": "voron", "name": "Voron 2, 0.6 mm", "passed_over": []}
        line = service.event("request_finished", route=QUOTE)
        assert (line["printer"], line["shop_version"]) == ("voron", version)
        for event in ("quote_requested", "slice_succeeded", "quote_generated"):
            assert service.event(event)["shop_version"] == version


def test_overrides_stay_within_what_the_shop_allows(folder: Path, tmp_path: Path) -> None:
    """A 400 names what is allowed; a good one is in the key of the result."""
    with serving(folder, tmp_path) as service:
        assert quoted(service).json()["cached"] is False
        assert quoted(service, overrides='{"wall_loops": 4}').json()["cached"] is False
        assert quoted(service, overrides='{"wall_loops": 4}').json()["cached"] is True
        for wrong, allowed in (
            ('{"wall_loops": 9}', "2 to 6"),
            ('{"sparse_infill_pattern": "cubic"}', "grid, gyroid"),
            ('{"layer_height": 0.1}', "wall_loops, sparse_infill_pattern"),
        ):
            refused = quoted(service, overrides=wrong)
            assert refused.status_code == 400
            assert allowed in refused.json()["errors"][0]["message"]


def by_route(service: RunningService) -> None:
    answer = reload(service)
    assert answer.status_code == 200, answer.text
    assert answer.json()["result"] == "loaded"


def by_signal(service: RunningService) -> None:
    service.process.send_signal(signal.SIGHUP)


def by_itself(_service: RunningService) -> None:
    """The file alone."""


@pytest.mark.parametrize(
    ("ask", "environment"),
    [(by_route, {}), (by_signal, {}), (by_itself, {"SHOP_WATCH_SECS": "0.2"})],
    ids=["route", "SIGHUP", "file"],
)
def test_another_shop_is_put_in_force(
    folder: Path,
    tmp_path: Path,
    ask: Callable[[RunningService], None],
    environment: Mapping[str, str],
) -> None:
    """What it offers holds at once: quotes, forms and the description."""
    with serving(folder, tmp_path, **environment) as service:
        assert quoted(service, quality="coarse").status_code == 400
        rename(folder, 'name = "Two printers"', 'name = "Renamed"')
        rename(folder, 'id = "standard"', 'id = "coarse"')
        ask(service)
        wait_until(lambda: name_of(service) == "Renamed")
        assert quoted(service, quality="coarse").status_code == 200
        assert quoted(service, quality="standard").status_code == 400
        assert "coarse" in service.get("/openapi.json").text
        assert "Renamed" not in service.get("/ready").text


def test_a_faulty_shop_changes_nothing_and_is_loud(folder: Path, tmp_path: Path) -> None:
    """The answer, the log, `/ready` and a metric; quotes go on with the old one."""
    with serving(folder, tmp_path) as service:
        version = service.get(SHOP).json()["shop_version"]
        rename(folder, 'name = "Two printers"', 'name = "Renamed"\nnaem = "x"')
        pla = folder / "voron" / "pla.ini"
        answer = reload(service)
        assert (answer.status_code, answer.json()["code"]) == (422, "shop_faulty")
        (fault,) = answer.json()["errors"]
        assert "naem" in fault["field"]
        assert "did you mean name?" in fault["message"]
        rename(folder, '\nnaem = "x"', "")
        pla.write_text(pla.read_text().replace("filament_density = 1.24", "filament_density = 0"))
        (fault,) = reload(service).json()["errors"]
        assert fault["field"].startswith("voron/pla.ini:")
        assert (name_of(service), service.get(SHOP).json()["shop_version"]) == (
            "Two printers",
            version,
        )
        assert quoted(service).status_code == 200
        ready = service.get("/ready").json()
        assert ready["ready"] is True
        assert ready["checks"]["shop"]["ok"] is False
        assert service.event("shop_refused")["level"] == "error"
        metrics = service.get("/metrics").text
        assert "pricing_fdm_shop_refused 1.0" in metrics
        assert 'pricing_fdm_shop_reloads_total{outcome="refused"} 2.0' in metrics


def test_a_printer_that_does_not_print_the_test_cube_is_refused(
    folder: Path, tmp_path: Path
) -> None:
    """Its presets are sound by themselves, and its slicer does not get on with them."""
    with serving(folder, tmp_path) as service:
        install_fake_prusa(tmp_path / "bin", crash_signal="SIGSEGV")
        rename(folder, 'name = "Two printers"', 'name = "Renamed"')
        answer = reload(service)
        assert answer.status_code == 422
        assert "was not priced on Infinity3D DEV-200" in answer.json()["errors"][0]["message"]
        assert name_of(service) == "Two printers"


def test_a_running_quote_ends_with_the_shop_that_it_began_with(
    folder: Path, tmp_path: Path
) -> None:
    """Its material may not even be there any longer."""
    with serving(folder, tmp_path) as service:
        answers: list[Any] = []
        go_on = tmp_path / "go-on"
        install_fake_prusa(tmp_path / "bin", hang_until=str(go_on))
        asking = threading.Thread(target=lambda: answers.append(quoted(service, material="pla")))
        asking.start()
        wait_until(lambda: "pricing_fdm_slices_in_progress 1.0" in service.get("/metrics").text)
        install_fake_prusa(tmp_path / "bin")
        rename(folder, 'id = "pla"', 'id = "plastic"')
        assert reload(service).status_code == 200
        assert quoted(service, material="pla").status_code == 400
        go_on.touch()
        asking.join()
        assert answers[0].status_code == 200
        assert answers[0].json()["print"]["material"] == "pla"


def test_the_admin_route_needs_the_admin_token(folder: Path, tmp_path: Path) -> None:
    """The callers' token is not enough, and the admin's opens nothing else."""
    with serving(folder, tmp_path, API_TOKEN=API) as service:
        assert [reload(service, token).status_code for token in ("", API, ADMIN)] == [401, 401, 200]
        headers = {"Authorization": f"Bearer {ADMIN}"}
        assert service.get(SHOP, headers=headers).status_code == 401
        assert "/shop/reload" in service.get("/openapi.json").text


def test_without_an_admin_token_the_admin_route_is_not_there(folder: Path, tmp_path: Path) -> None:
    """A service that nobody administers by HTTP has no door for it."""
    with serving(folder, tmp_path, ADMIN_TOKEN="") as service:
        assert reload(service, "").status_code == 404
        assert "/shop/reload" not in service.get("/openapi.json").text
