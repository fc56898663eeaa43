"""A service with a shop of its own, and a token for the admin routes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import httpx

from tests.harness.puppet import install_fake_prusa
from tests.harness.service import PLAIN, QUOTE, RunningService, running_service
from tests.harness.shapes import binary_stl, box

TWO_PRINTERS = Path(__file__).parents[1] / "fixtures" / "two_printers"
SHOP = "/internal/pricing/fdm/shop"
ADMIN = "admin-token-of-thirty-two-letters-and-more"
API = "caller-token-of-thirty-two-letters-and-more"


@contextlib.contextmanager
def serving(folder: Path, tmp_path: Path, **environment: str) -> Iterator[RunningService]:
    program = install_fake_prusa(tmp_path / "bin")
    usual = {
        "SHOP_DIR": str(folder),
        "SHOP_WATCH_SECS": "0",
        "SLICER": "prusa",
        "PRUSA_BINARY": str(program),
        "ADMIN_TOKEN": ADMIN,
    }
    with running_service({**usual, **environment}) as service:
        yield service


def quoted(service: RunningService, **fields: str) -> httpx.Response:
    asked = {"material": "pla", "infill": "20", **fields}
    asked |= {} if "quality" in fields else {"layer_thickness": "200"}
    files = {"file": ("part.stl", binary_stl(box(20, 20, 20)))}
    return httpx.post(f"{service.base_url}{QUOTE}", data=asked, files=files, **PLAIN)
