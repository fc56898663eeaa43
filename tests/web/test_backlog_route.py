"""The shop's planning says what waits; lead times count it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.harness.origin import Origin
from tests.harness.puppet import install_fake_prusa
from tests.harness.service import RunningService, order, running_service
from tests.harness.shapes import binary_stl, box
from tests.shop.shops import BUNDLED

BACKLOG = "/internal/pricing/fdm/backlog"
CAPACITY = '[lead_time]\nmodel = "capacity"\nhours_per_day = 10\n'
ALL_DAYS = 'working_days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]\n'


@pytest.fixture(scope="module")
def planned(origin: Origin, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service whose shop counts its machine's hours."""
    folder = tmp_path_factory.mktemp("shop")
    for path in BUNDLED.glob("*.json"):
        (folder / path.name).write_bytes(path.read_bytes())
    text = (BUNDLED / "shop.toml").read_text()
    table = '[lead_time]\nmodel = "table"\n'
    assert table in text
    (folder / "shop.toml").write_text(text.replace(table, CAPACITY + ALL_DAYS))
    binary = install_fake_prusa(tmp_path_factory.mktemp("bin"))
    environment = {
        **origin.environment,
        "SLICER": "prusa",
        "PRUSA_BINARY": str(binary),
        "SHOP_DIR": str(folder),
    }
    with running_service(environment) as service:
        yield service


def put(service: RunningService, body: Any) -> httpx.Response:
    return httpx.put(f"{service.base_url}{BACKLOG}", json=body, trust_env=False)


def test_what_waits_moves_the_lead_time(planned: RunningService, origin: Origin) -> None:
    """By hand: 95 h at 10 h a day are the tenth day; the part itself takes under five."""
    url = origin.serve("waiting.stl", binary_stl(box(20, 20, 20)))

    def days() -> int:
        answer = planned.post(order(url))
        assert answer.status_code == 200, answer.text
        lead_time_days: int = answer.json()["lead_time_days"]
        return lead_time_days

    before = days()
    answer = put(planned, {"printer": "fdm-200", "hours": 95})
    assert (answer.status_code, answer.json()) == (200, {"printer": "fdm-200", "hours": 95})
    assert days() == 9 > before
    assert put(planned, {"printer": "fdm-200", "hours": "0"}).status_code == 200
    assert days() == before


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"printer": "mk4", "hours": 1}, "printer"),
        ({"printer": "fdm-200", "hours": -1}, "hours"),
        ({"printer": "fdm-200", "hours": "NaN"}, "hours"),
        ({"printer": "fdm-200"}, "hours"),
        ({"printer": "fdm-200", "hours": 1, "days": 2}, "days"),
    ],
)
def test_what_makes_no_sense_is_refused(planned: RunningService, body: Any, field: str) -> None:
    """With the field, and the printers that there are."""
    answer = put(planned, body)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    if body["printer"] == "mk4":
        assert answer.json()["errors"][0]["message"] == "Must be 'fdm-200'"
