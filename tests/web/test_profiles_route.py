"""Profiles by the admin routes: a slicer's own file goes in, and the shop quotes with it."""

from __future__ import annotations

import base64
import shutil
from pathlib import Path
from typing import Any

import httpx

from tests.harness.service import PLAIN, RunningService, running_service
from tests.web.shop_service import ADMIN, SHOP, TWO_PRINTERS, quoted

PROFILES = "/internal/pricing/fdm/profiles"


def call(service: RunningService, method: str, path: str, **more: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {ADMIN}"}
    return httpx.request(method, service.base_url + path, headers=headers, **more, **PLAIN)


def filament(density: str) -> bytes:
    """A filament of PrusaSlicer's, as it exports one."""
    text = (TWO_PRINTERS / "dev200" / "pla.ini").read_text()
    for key, value in {
        "filament_settings_id": "Heavy PETG",
        "filament_type": "PETG",
        "filament_density": density,
        "filament_cost": "31.5",
    }.items():
        lines = [line for line in text.splitlines() if not line.startswith(f"{key} =")]
        text = "\n".join([*lines, f"{key} = {value}", ""])
    return text.encode()


def test_a_filament_of_a_slicer_becomes_a_material_that_is_really_sliced(tmp_path: Path) -> None:
    """Looked at first, taken in, activated, quoted; the file can be had again."""
    folder = tmp_path / "shop"
    shutil.copytree(TWO_PRINTERS, folder)
    environment = {"SHOP_DIR": str(folder), "ADMIN_TOKEN": ADMIN, "SHOP_WATCH_SECS": "0"}
    content = filament("2.54")
    broken = base64.b64encode(b"PK\3\4nothing").decode()
    wanted = {
        "name": "heavy_petg",
        "profile": base64.b64encode(content).decode(),
        "as": "material:petg",
    }
    with running_service(environment) as service:
        dry = call(service, "POST", f"{PROFILES}?dry_run=true", json=wanted)
        assert dry.status_code == 200, dry.text
        assert any("petg: 2.54 g/cm3" in line for line in dry.json()["report"])
        assert call(service, "GET", PROFILES).json() == {"profiles": []}
        assert quoted(service, material="petg").status_code == 400

        taken = call(service, "POST", PROFILES, json={**wanted, "activate": True})
        assert taken.status_code == 201, taken.text
        body = taken.json()
        assert (body["version"], body["in_force"]) == (dry.json()["version"], True)
        assert "a 10 mm cube takes" in body["self_test"]
        pla, petg = (quoted(service, material=each).json() for each in ("pla", "petg"))
        assert petg["shop_version"] == body["shop_version"]
        times = petg["filament_weight_g"] / pla["filament_weight_g"]
        assert abs(times - 2.54 / 1.24) < 0.05  # the same part of a denser filament

        (listed,) = call(service, "GET", PROFILES).json()["profiles"]
        assert listed["name"] == "heavy_petg"
        kept = call(service, "GET", f"{PROFILES}/heavy_petg").json()
        assert base64.b64decode(kept["profile"]) == content
        assert (kept["as"], kept["version"]) == ("material:petg", body["version"])
        assert kept["report"] == body["report"]

        for wrong, status, code in (
            ({**wanted, "profile": "no base64!"}, 400, "invalid_request"),
            ({**wanted, "name": "../heavy"}, 400, "invalid_request"),
            ({**wanted, "as": "wallpaper"}, 422, "shop_faulty"),
            (
                {**wanted, "profile": broken},
                422,
                "shop_faulty",
            ),
            ({**wanted, "profile": "A" * (8 * 1024 * 1024 + 4)}, 413, "body_too_large"),
        ):
            answer = call(service, "POST", PROFILES, json=wrong)
            assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text[:300]
        answer = call(service, "GET", f"{PROFILES}/other")
        assert (answer.status_code, answer.json()["code"]) == (404, "profile_not_found")
        assert service.get(SHOP).json()["shop_version"] == body["shop_version"]
        (line,) = service.events("admin_action", action="profile_add", outcome="done", status=201)
        assert (line["profile"], line["version"]) == ("heavy_petg", body["version"])
