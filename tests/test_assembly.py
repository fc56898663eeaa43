"""What prices is built as far as it can be, and readiness says what is missing."""

from __future__ import annotations

import asyncio
import functools
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from pricing_fdm.assembly import Assembly, create_fetcher, prove_and_log
from pricing_fdm.health.self_test import Proof
from pricing_fdm.model import Download, Order, PrintSettings
from pricing_fdm.quoting.quote import Quote
from pricing_fdm.quoting.timing import StageTimer
from pricing_fdm.settings import load_settings
from tests.harness import qualities
from tests.harness.assembled import run_assembled
from tests.harness.puppet import install_fake_prusa
from tests.harness.shapes import binary_stl, box
from tests.shop.shops import bundled_shop
from tests.slicers.profile_folder import ProfileFolder

ORDER = Order(PrintSettings("pla", 20, qualities.STANDARD))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., object]:
    """Runs a story with what prices."""
    return functools.partial(run_assembled, monkeypatch, tmp_path)


class Texts:
    """A store that several processes share."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    async def get(self, key: str) -> str | None:
        return self.texts.get(key)

    async def put(self, key: str, text: str) -> None:
        self.texts[key] = text


async def priced(assembly: Assembly) -> Quote:
    """The quote for a box."""

    async def source(destination: Path) -> Download:
        content = binary_stl(box(20, 20, 20))
        await asyncio.to_thread(destination.write_bytes, content)
        return Download(destination, len(content), hashlib.sha256(content).hexdigest())

    assert assembly.pipeline is not None
    return await assembly.pipeline.quote(ORDER, source, StageTimer())


async def failing(assembly: Assembly) -> set[str]:
    """The checks that are not good, of those that are needed."""
    assert assembly.pipeline is None
    return {check.name for check in assembly.readiness.checks() if check.needed and not check.ok}


def test_presets_that_a_slicer_cannot_be_told_are_a_check(
    run: Callable[..., object], tmp_path: Path
) -> None:
    """They are sound for another slicer; the service says so."""
    folder = ProfileFolder(tmp_path / "shop")
    folder.set("process_fine.json", sparse_infill_pattern="crosshatch")
    assert run(failing, SHOP_DIR=str(folder.path)) == {"slicer", "self_test"}


def test_the_shop_and_what_outweighs_it_are_logged(run: Callable[..., object]) -> None:
    """Whoever wonders about a price looks here first."""

    async def story(_: Assembly) -> None:
        return

    with capture_logs() as log:
        run(story, MARGIN_MULTIPLIER="1.5")
    (loaded,) = [line for line in log if line["event"] == "shop_loaded"]
    assert loaded["outweighed_by"] == {"MARGIN_MULTIPLIER": "1.5"}
    assert loaded["shop_version"] != bundled_shop().version


def test_a_gateway_that_slices_nothing_needs_no_slicer(run: Callable[..., object]) -> None:
    """It knows the materials and makes no self-test."""

    async def story(assembly: Assembly) -> None:
        assert assembly.shops.current.loaded.printers
        assert await failing(assembly) == set()
        assert assembly.readiness.is_ready()
        assert await prove_and_log(assembly) is Proof.GOOD

    run(story, GATEWAY_ONLY="true", REDIS_URL="redis://127.0.0.1:1", PRUSA_BINARY="/nonexistent")


def test_results_are_shared_by_the_store_that_it_is_given(run: Callable[..., object]) -> None:
    """What one process has sliced, another need not."""
    store = Texts()
    first, again = run(priced, store=store), run(priced, store=store)
    assert isinstance(first, Quote)
    assert isinstance(again, Quote)
    assert (first.cached, again.cached) == (False, True)
    assert again.price == first.price
    assert len(store.texts) == 1


def test_folders_of_dead_services_are_removed_at_start(
    run: Callable[..., object], tmp_path: Path
) -> None:
    """A killed service cannot do it itself."""

    async def swept(assembly: Assembly) -> int:
        return assembly.swept

    assert run(swept) == 0
    (tmp_path / "pricing-fdm-0123456789abcdef").mkdir()
    (tmp_path / "pricing-fdm-0123456789abcdef.lock").touch()
    assert run(swept) == 1


def test_a_self_test_is_logged_with_every_check(run: Callable[..., object], tmp_path: Path) -> None:
    """One event says what the service can do; at level error when it cannot price."""

    async def story(assembly: Assembly) -> None:
        with capture_logs() as log:
            assert await prove_and_log(assembly) is Proof.GOOD
            install_fake_prusa(tmp_path / "bin", crash_signal="SIGSEGV")
            assert await prove_and_log(assembly) is Proof.FAILED
        good, bad = log
        assert (good["event"], good["log_level"], good["ready"]) == (
            *("self_test_finished", "info", True),
        )
        assert set(good) >= {
            "profiles",
            "shop",
            "sandbox",
            "slicer",
            "self_test",
            "step",
            "temp_dir",
        }
        assert (bad["log_level"], bad["ready"]) == ("error", False)
        assert "slicer_crashed" in bad["self_test"]

    run(story)


def test_a_self_test_that_cannot_be_made_is_logged_as_put_off(run: Callable[..., object]) -> None:
    """A full queue says nothing of the slicer."""

    async def story(assembly: Assembly) -> None:
        with assembly.admission.place(), assembly.admission.place(), capture_logs() as log:
            assert await prove_and_log(assembly) is Proof.UNDECIDED
        assert [line["event"] for line in log] == ["self_test_put_off"]

    run(story)


@pytest.mark.parametrize(("hosts", "cautions"), [("models.example", 0), ("", 1)])
def test_a_policy_that_allows_much_is_logged(
    monkeypatch: pytest.MonkeyPatch, hosts: str, cautions: int
) -> None:
    """Without a list of hosts, models are fetched from any public one."""
    monkeypatch.setenv("FETCH_ALLOWED_HOSTS", hosts)
    with capture_logs() as log:
        create_fetcher(load_settings().fetch)
    assert [line["event"] for line in log] == ["fetch_policy_caution"] * cautions
