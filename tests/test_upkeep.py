"""What runs beside requests and jobs; in a service it is tested with the routes of the shop."""

from __future__ import annotations

import signal
from pathlib import Path

from tests.harness.puppet import install_fake_prusa
from tests.harness.redis_server import running_redis
from tests.harness.waiting import wait_until
from tests.jobs.workers import running_worker
from tests.slicers.profile_folder import ProfileFolder


def test_a_worker_puts_a_changed_shop_in_force_at_sighup(tmp_path: Path) -> None:
    """As a service does; jobs that begin from then on are priced with it."""
    folder = ProfileFolder(tmp_path / "shop")
    environment = {
        "SHOP_DIR": str(folder.path),
        "SHOP_WATCH_SECS": "0",
        "SLICER": "prusa",
        "PRUSA_BINARY": str(install_fake_prusa(tmp_path / "bin")),
    }
    with running_redis() as redis, running_worker(redis.new_url(), environment) as worker:
        folder.shop('name = "Print shop"', 'name = "Renamed"')
        worker.kill(signal.SIGHUP)
        wait_until(lambda: len(worker.events("shop_loaded")) == 2)
        first, second = worker.events("shop_loaded")
        assert second["result"] == "loaded"
        assert first["shop_version"] != second["shop_version"]
