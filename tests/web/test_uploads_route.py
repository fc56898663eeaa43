"""A model that is sent once: its estimates and its job name it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.harness.puppet import install_fake_prusa
from tests.harness.service import PLAIN, RunningService, running_service, variant
from tests.harness.shapes import binary_stl, box
from tests.harness.waiting import wait_until
from tests.quoting.fitted import estimating_shop
from tests.web.test_body import problem_of

CUBE = binary_stl(box(20, 20, 20))
NOBODY_S = "0" * 48


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the shop, the slicer and the uploads."""
    return tmp_path_factory.mktemp("uploads")


@pytest.fixture(scope="module")
def service(folder: Path) -> Iterator[RunningService]:
    """One that estimates and does its jobs itself."""
    environment = {
        "SHOP_DIR": str(estimating_shop(folder / "shop")),
        "PRUSA_BINARY": str(install_fake_prusa(folder / "bin")),
        "OBJECT_STORE_URL": f"file://{folder}/store",
    }
    with running_service(environment) as service:
        yield service


def keep(service: RunningService, content: bytes, **fields: str) -> httpx.Response:
    """Sends a model."""
    url = f"{service.base_url}/v1/uploads"
    return httpx.post(url, files={"file": ("part.stl", content)}, data=fields, **PLAIN)


def post(service: RunningService, path: str, body: dict[str, Any]) -> httpx.Response:
    """Sends JSON."""
    return httpx.post(f"{service.base_url}{path}", json=body, **PLAIN)


def test_an_upload_is_estimated_and_priced_without_being_sent_again(
    service: RunningService,
) -> None:
    """The same estimate as of the form, and a job of the same file."""
    kept = keep(service, CUBE)
    assert (kept.status_code, set(kept.json())) == (201, {"upload_id"})
    named = {**kept.json(), **variant()}
    body = post(service, "/v1/estimate", named).json()
    fields = {name: str(value) for name, value in variant().items()}
    url = f"{service.base_url}/v1/estimate"
    form = httpx.post(url, data=fields, files={"file": CUBE}, **PLAIN).json()
    assert {**body, "timing_ms": None} == {**form, "timing_ms": None}
    job_id = post(service, "/v1/jobs", named).json()["job_id"]
    wait_until(lambda: service.get(f"/v1/status/{job_id}").json()["status"] == "completed")


def test_an_estimate_names_one_model_that_is_there(service: RunningService) -> None:
    """Both, neither, an unknown or somebody's made-up one: 400, and nothing is fetched."""
    both = {"file_url": "https://example.com/a.stl", "upload_id": NOBODY_S, **variant()}
    for body in (both, variant()):
        problem_of(post(service, "/v1/estimate", body), 400, "invalid_request")
    gone = post(service, "/v1/estimate", {"upload_id": NOBODY_S, **variant()})
    assert problem_of(gone, 400, "invalid_request")["errors"][0]["field"] == "upload_id"


def test_a_form_with_anything_beside_its_file_is_refused_and_not_kept(
    service: RunningService, folder: Path
) -> None:
    """The order is of the estimate and of the job; here it would be dropped in silence."""
    before = sorted((folder / "store").rglob("*"))
    answer = keep(service, CUBE, material="pla")
    assert problem_of(answer, 400, "invalid_request")["errors"][0]["field"] == "material"
    assert sorted((folder / "store").rglob("*")) == before
