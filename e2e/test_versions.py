"""Versions of the shop in a fleet: two gateways and a worker that share a store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx
import pytest

from e2e.conftest import open_folder, open_socket
from e2e.containers import ROOT, Container, Image, running, started
from e2e.settings_table import ADMIN_TOKEN
from tests.harness.origin import Origin
from tests.harness.redis_server import running_redis
from tests.harness.service import PLAIN
from tests.harness.waiting import wait_until

pytestmark = pytest.mark.any_image

PATIENCE_S = 120
CENT, MARGIN = Decimal("0.01"), Decimal("1.30")
BASE_FEE, OTHER_BASE_FEE = "5.00", "7.50"


@dataclass
class Fleet:
    """Two gateways and a worker."""

    gateways: tuple[Container, Container]
    worker: Container
    part: str

    def admin(self, gateway: Container, method: str, path: str, **more: Any) -> dict[str, Any]:
        """Asks an admin route, which grants it."""
        headers = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
        url = f"{gateway.base_url}/v1/shop{path}"
        answer = httpx.request(method, url, headers=headers, **more, **PLAIN)
        assert answer.is_success, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def quote(self, gateway: Container) -> dict[str, Any]:
        """The same question each time."""
        asked = {"download_url": self.part, "material": "pla", "infill": 20}
        job_id = gateway.post(asked, "/quote").json()["job_id"]

        def status() -> dict[str, Any]:
            body: dict[str, Any] = gateway.get(f"/status/{job_id}").json()
            return body

        wait_until(lambda: status()["status"] in {"completed", "failed"}, PATIENCE_S)
        assert status()["status"] == "completed", status()
        quote: dict[str, Any] = status()["data"]["quote"]
        return quote

    def follows(self, version: str) -> bool:
        """Whether all of them have this version in force."""
        told = [each.get("/v1/shop").json()["shop_version"] for each in self.gateways]
        told += [each["shop_version"] for each in self.worker.events("shop_loaded")[-1:]]
        return told == [version] * 3


@pytest.fixture(scope="module")
def fleet(
    image: Image, origin: Origin, cube: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Fleet]:
    """The fleet, ready."""
    store = open_folder(tmp_path_factory, "versions")
    with running_redis() as server:
        url = server.new_url()
        folder = open_socket(url)
        environment = {
            **origin.environment,
            "REDIS_URL": url,
            "OBJECT_STORE_URL": "file:///uploads",
            "SHOP_VERSIONS": "store",
        }
        gateway = {**environment, "GATEWAY_ONLY": "true", "ADMIN_TOKEN": ADMIN_TOKEN}
        mounts = (f"--volume={store}:/uploads", f"--volume={folder}:{folder}")
        with (
            started(image, environment, *mounts, command=["worker"]) as worker,
            running(image, gateway, *mounts) as one,
            running(image, gateway, *mounts) as two,
        ):
            wait_until(lambda: bool(worker.events("self_test_finished")), PATIENCE_S)
            yield Fleet((one, two), worker, cube)


def test_a_version_changes_the_price_everywhere_and_is_taken_back(fleet: Fleet) -> None:
    """SHOP_VERSIONS: uploaded, looked at, activated at one gateway and taken back at the other."""
    one, two = fleet.gateways
    first = one.get("/v1/shop").json()["shop_version"]
    before = fleet.quote(two)
    assert (before["shop_version"], before["base_fee_usd"]) == (first, float(BASE_FEE))
    text = (ROOT / "profiles" / "shop.toml").read_text()
    assert f'base_fee = "{BASE_FEE}"' in text
    changed = text.replace(f'base_fee = "{BASE_FEE}"', f'base_fee = "{OTHER_BASE_FEE}"')

    report = fleet.admin(one, "POST", "?dry_run=true", content=changed)
    assert (report["sound"], report["stored"]) == (True, False)
    assert fleet.quote(two)["price"] == before["price"]

    version = fleet.admin(one, "POST", "", content=changed)["version"]
    assert version == report["version"]
    assert fleet.quote(two)["price"] == before["price"]

    fleet.admin(one, "POST", "/activate", json={"version": version})
    wait_until(lambda: fleet.follows(version), PATIENCE_S)
    after = fleet.quote(two)
    assert after["shop_version"] == version
    same = ("print_time_hours", "filament_weight_g", "material_cost_usd", "machine_cost_usd")
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    costs = [after["material_cost_usd"], after["machine_cost_usd"], OTHER_BASE_FEE]
    expected = sum(Decimal(str(cost)) for cost in costs) * MARGIN
    assert abs(Decimal(after["price"]["total"]) - expected) <= 2 * CENT
    dearer = Decimal(after["price"]["total"]) - Decimal(before["price"]["total"])
    assert abs(dearer - (Decimal(OTHER_BASE_FEE) - Decimal(BASE_FEE)) * MARGIN) <= CENT

    fleet.admin(two, "POST", "/activate", json={"version": first})
    wait_until(lambda: fleet.follows(first), PATIENCE_S)
    again = fleet.quote(one)
    assert (again["price"], again["shop_version"]) == (before["price"], first)
    kept = fleet.admin(one, "GET", "/versions")
    assert {each["version"]: each["in_force"] for each in kept["versions"]} == {
        first: True,
        version: False,
    }
