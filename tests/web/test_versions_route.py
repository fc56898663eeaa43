"""Versions of the shop by the admin routes: taken in, looked at, put in force, taken back."""

from __future__ import annotations

import contextlib
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from pricing_fdm.settings.shop import ShopSettings
from pricing_fdm.shop_source import ShopSource
from pricing_fdm.uploads.shop_versions import VersionStore
from tests.harness.object_store import BUCKET, ObjectStore, running_object_store
from tests.harness.puppet import install_fake_prusa
from tests.harness.redis_server import RedisServer, running_redis
from tests.harness.service import PLAIN, RunningService, running_service
from tests.harness.shapes import binary_stl, box
from tests.harness.waiting import wait_until
from tests.jobs.workers import running_worker
from tests.web.shop_service import ADMIN, API, SHOP, TWO_PRINTERS, quoted, serving

FAULTY = {
    "value": (b'currency = "EUR"', b'currency = "ERU"', "currency"),
    "missing": (b"voron/pla.ini", b"voron/other.ini", "there is no file voron/other.ini"),
    "climbs": (b"voron/pla.ini", b"../voron/pla.ini", "must be in the folder"),
    "no TOML": (b"[tariff]", b"[tariff", "is not TOML"),
}
VERSIONS, ACTIVATE = f"{SHOP}/versions", f"{SHOP}/activate"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A shop of two printers."""
    shop = tmp_path / "shop"
    shutil.copytree(TWO_PRINTERS, shop)
    return shop


def call(service: RunningService, method: str, path: str, **more: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {more.pop('token', ADMIN)}"}
    return httpx.request(method, service.base_url + path, headers=headers, **more, **PLAIN)


def renamed(folder: Path, name: str) -> bytes:
    text = (folder / "shop.toml").read_text()
    assert 'name = "Two printers"' in text
    return text.replace('name = "Two printers"', f'name = "{name}"').encode()


def submitted(service: RunningService, text: bytes) -> str:
    answer = call(service, "POST", SHOP, content=text)
    assert answer.status_code == 201, answer.text
    version: str = answer.json()["version"]
    return version


def activate(service: RunningService, version: str) -> httpx.Response:
    return call(service, "POST", ACTIVATE, json={"version": version})


def name_of(service: RunningService) -> str:
    name: str = service.get(SHOP).json()["name"]
    return name


def name_at_start(folder: Path) -> str:
    """Of the shop that would be in force after a restart."""
    settings = ShopSettings(shop_dir=folder)
    source = ShopSource(settings, VersionStore(folder / ".versions"), Path(tempfile.gettempdir()))
    return source.load().shop.name


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        str(each.relative_to(folder)): each.read_bytes()
        for each in folder.rglob("*")
        if each.is_file()
    }


def test_a_new_shop_file_becomes_a_version_that_is_activated_and_taken_back(
    folder: Path, tmp_path: Path
) -> None:
    """The folder stays as its owner wrote it; after a restart the activated version is in force."""
    before = files_of(folder)
    with serving(folder, tmp_path) as service:
        first = service.get(SHOP).json()["shop_version"]
        version = submitted(service, renamed(folder, "Second"))
        assert name_of(service) == "Two printers"
        report = activate(service, version).json()
        assert report["version"] == report["shop_version"] == version
        assert (report["sound"], report["stored"], report["in_force"]) == (True, True, True)
        assert "dev200: a 10 mm cube takes" in report["self_test"]
        assert name_of(service) == "Second"
        assert quoted(service).json()["shop_version"] == version
        body = call(service, "GET", VERSIONS).json()
        assert (body["in_force"], body["before"]) == (version, first)
        assert {each["version"]: each["in_force"] for each in body["versions"]} == {
            first: False,
            version: True,
        }
        assert name_at_start(folder) == "Second"
        assert activate(service, first).status_code == 200
        assert name_of(service) == name_at_start(folder) == "Two printers"
        # One that was sound when it was stored, and is not sliced any more.
        install_fake_prusa(tmp_path / "bin", exit_code=1, stderr="No layers were detected.")
        answer = activate(service, version)
        assert (answer.status_code, answer.json()["code"]) == (422, "shop_faulty")
        assert "was not priced on" in answer.json()["errors"][0]["message"]
        assert name_of(service) == name_at_start(folder) == "Two printers"
    kept = {name: content for name, content in files_of(folder).items() if name in before}
    assert kept == before


def test_of_versions_that_nobody_needs_only_the_newest_stay(folder: Path, tmp_path: Path) -> None:
    """Those that were in force stay for as long as their quotes hold."""
    with serving(folder, tmp_path, SHOP_VERSIONS_KEPT="1") as service:
        first = service.get(SHOP).json()["shop_version"]
        tried = [submitted(service, renamed(folder, f"Tried {n}")) for n in range(2)]
        in_force = submitted(service, renamed(folder, "Second"))
        activate(service, in_force)
        newest = [submitted(service, renamed(folder, f"Newer {n}")) for n in range(2)][-1]
        body = call(service, "GET", VERSIONS).json()
        assert {each["version"] for each in body["versions"]} == {first, in_force, newest}
        assert activate(service, tried[0]).status_code == 404
        assert activate(service, first).status_code == 200
        pruned = service.events("shop_versions_pruned")
        assert tried == [name for line in pruned[:2] for name in line["versions"]]


def test_who_edits_the_folder_after_an_activation_means_it(folder: Path, tmp_path: Path) -> None:
    """Nothing is overridden in silence: the edited folder is in force, and a warning says so."""
    with serving(folder, tmp_path) as service:
        version = submitted(service, renamed(folder, "Second"))
        activate(service, version)
        (folder / "shop.toml").write_bytes(renamed(folder, "By hand"))
        answer = call(service, "POST", f"{SHOP}/reload").json()
        assert name_of(service) == name_at_start(folder) == "By hand"
        (warning,) = (each for each in answer["warnings"] if "was edited after" in each)
        assert version in warning
        assert activate(service, version).status_code == 200
        assert name_of(service) == name_at_start(folder) == "Second"


def test_a_dry_run_and_a_faulty_file_change_nothing(folder: Path, tmp_path: Path) -> None:
    """Of a sound file it tells what it would be, of a faulty one every fault with its line."""
    before = files_of(folder)
    with serving(folder, tmp_path) as service:
        stored = call(service, "GET", VERSIONS).json()["versions"]
        sound = call(service, "POST", f"{SHOP}?dry_run=true", content=renamed(folder, "Second"))
        body = sound.json()
        assert (sound.status_code, body["sound"], body["stored"]) == (200, True, False)
        assert "dev200: a 10 mm cube takes" in body["self_test"]
        text = renamed(folder, "Third").replace(*FAULTY["value"][:2])
        text = text.replace(*FAULTY["missing"][:2])
        faulty = call(service, "POST", f"{SHOP}?dry_run=true", content=text)
        assert (faulty.status_code, faulty.json()["sound"]) == (200, False)
        assert {each["field"].split(":")[0] for each in faulty.json()["faults"]} == {"shop.toml"}
        assert len(faulty.json()["faults"]) == 2
        for old, new, message in FAULTY.values():
            text = renamed(folder, "Second")
            assert old in text
            answer = call(service, "POST", f"{SHOP}?activate=true", content=text.replace(old, new))
            assert (answer.status_code, answer.json()["code"]) == (422, "shop_faulty")
            assert any(message in f"{e['field']} {e['message']}" for e in answer.json()["errors"])
        assert name_of(service) == "Two printers"
        assert call(service, "GET", VERSIONS).json()["versions"] == stored
    assert {name: files_of(folder)[name] for name in before} == before


def test_what_is_wrong_with_a_request_is_told(folder: Path, tmp_path: Path) -> None:
    """Another token, an unknown version, an unknown flag, a body without an end."""
    with serving(folder, tmp_path, API_TOKEN=API) as service:
        for method, path in (("POST", SHOP), ("GET", VERSIONS), ("POST", ACTIVATE)):
            assert call(service, method, path, token=API).status_code == 401
            assert httpx.request(method, service.base_url + path, **PLAIN).status_code == 401
        assert call(service, "GET", SHOP, token=API).status_code == 200
        for unknown in ("0123456789abcdef", "../../../etc/passwd"):
            answer = activate(service, unknown)
            assert (answer.status_code, answer.json()["code"]) == (404, "shop_version_not_found")
        for query in ("dryrun=true", "dry_run=yes", "dry_run=true&dry_run=false"):
            assert call(service, "POST", f"{SHOP}?{query}", content=b"").status_code == 400
        both = call(service, "POST", f"{SHOP}?dry_run=true&activate=true", content=b"")
        assert both.json()["errors"][0]["field"] == "activate"
        answer = call(service, "POST", SHOP, content=b"#" * (1024 * 1024 + 1))
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
        lines = service.events("admin_action", action="shop_activate")
        assert [line["outcome"] for line in lines] == ["refused"] * 4
        assert lines[-2]["version"] == "0123456789abcdef"
        assert lines[-1]["peer"] == "127.0.0.1"
        assert ADMIN not in service.log_path.read_text()
        metrics = service.get("/metrics", headers={"Authorization": f"Bearer {API}"}).text
        counted = 'pricing_fdm_admin_actions_total{action="shop_activate",outcome="refused"} 4.0'
        assert counted in metrics


def test_without_an_admin_token_no_route_for_versions_is_there(
    folder: Path, tmp_path: Path
) -> None:
    """And nothing is written beside the shop."""
    before = files_of(folder)
    with serving(folder, tmp_path, ADMIN_TOKEN="") as service:
        assert call(service, "POST", SHOP, content=b"").status_code == 405
        assert call(service, "GET", VERSIONS).status_code == 404
        assert activate(service, "0123456789abcdef").status_code == 404
        assert "/shop/versions" not in service.get("/openapi.json").text
    assert files_of(folder) == before


def test_activations_at_once_end_with_one_of_them_whole(folder: Path, tmp_path: Path) -> None:
    """And what is in force is what is there after a restart."""
    with serving(folder, tmp_path) as service:
        versions = [submitted(service, renamed(folder, f"Shop {n}")) for n in range(3)]
        answers: list[int] = []
        threads = [
            threading.Thread(target=lambda v=v: answers.append(activate(service, v).status_code))
            for v in versions
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers == [200, 200, 200]
        name = name_of(service)
        body = call(service, "GET", VERSIONS).json()
        assert body["in_force"] in versions
        assert name_at_start(folder) == name


@pytest.mark.slow
def test_a_process_that_is_killed_while_it_activates_leaves_the_old_or_the_new(
    folder: Path, tmp_path: Path
) -> None:
    """Killed at some moment of many activations, and whole after the next start."""
    with serving(folder, tmp_path) as service:
        versions = [submitted(service, renamed(folder, f"Shop {n}")) for n in range(2)]
        begun = threading.Event()

        def go_on() -> None:
            with contextlib.suppress(httpx.TransportError):
                for number in range(1000):
                    activate(service, versions[number % 2])
                    begun.set()

        thread = threading.Thread(target=go_on)
        thread.start()
        begun.wait(60)
        service.process.send_signal(signal.SIGKILL)
        thread.join()
    with serving(folder, tmp_path) as service:
        assert name_of(service) in {"Shop 0", "Shop 1"}
        body = call(service, "GET", VERSIONS).json()
        assert body["in_force"] in versions
        assert len(body["versions"]) == 3


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """A Redis for this test."""
    with running_redis() as server:
        yield server


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[ObjectStore]:
    """A real object store, which this process reaches, too."""
    with running_object_store() as store:
        for name, value in store.tools_environment.items():
            monkeypatch.setenv(name, value)
        yield store


def test_gateways_and_workers_change_together_and_a_job_keeps_its_version(
    folder: Path, tmp_path: Path, redis_server: RedisServer, s3: ObjectStore
) -> None:
    """A job that waits is priced with the shop that it was taken in with, by whatever worker.

    They share an object store, for the uploads as well.
    """
    url, store = redis_server.new_url(), f"s3://{BUCKET}/fleet"
    environment = {
        **s3.tools_environment,
        "SHOP_DIR": str(folder),
        "SHOP_WATCH_SECS": "0",
        "SHOP_VERSIONS": "store",
        "OBJECT_STORE_URL": store,
        "PRUSA_BINARY": str(install_fake_prusa(tmp_path / "bin")),
    }
    gateway = {**environment, "REDIS_URL": url, "ADMIN_TOKEN": ADMIN, "GATEWAY_ONLY": "true"}
    other_material = renamed(folder, "Second").replace(b'id = "pla"', b'id = "plastic"')
    model = {"file": ("part.stl", binary_stl(box(20, 20, 20)))}

    def submit(service: RunningService, material: str) -> str:
        asked = {"material": material, "infill": "20", "layer_thickness": "200"}
        answer = httpx.post(f"{service.base_url}/upload", data=asked, files=model, **PLAIN)
        assert answer.status_code == 202, answer.text
        job: str = answer.json()["job_id"]
        return job

    def end_of(service: RunningService, job: str) -> dict[str, Any]:
        def ended() -> bool:
            return service.get(f"/status/{job}").json()["status"] in {"completed", "failed"}

        wait_until(ended)
        body: dict[str, Any] = service.get(f"/status/{job}").json()
        return body

    with running_service(gateway) as one, running_service(gateway) as two:
        first = one.get(SHOP).json()["shop_version"]
        with running_worker(url, environment) as worker:
            version = submitted(one, other_material)
            assert activate(one, version).status_code == 200
            wait_until(lambda: name_of(two) == "Second")
            wait_until(lambda: worker.events("shop_loaded", shop_version=version))
        waiting = submit(two, "plastic")
        assert activate(two, first).status_code == 200
        wait_until(lambda: name_of(one) == "Two printers")
        with running_worker(url, environment) as worker:
            assert worker.events("shop_loaded")[0]["shop_version"] == first
            quote = end_of(one, waiting)["data"]["quote"]
            assert (quote["shop_version"], quote["print"]["material"]) == (version, "plastic")
            quote = end_of(one, submit(one, "pla"))["data"]["quote"]
            assert quote["shop_version"] == first
            # Two at once: the one that was written last counts, everywhere.
            asked = [(one, version), (two, first)]
            threads = [threading.Thread(target=activate, args=each) for each in asked]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            active = VersionStore(store).active()
            assert active is not None
            wait_until(
                lambda: (
                    {each.get(SHOP).json()["shop_version"] for each in (one, two)}
                    == {active.version}
                )
            )
            wait_until(lambda: worker.events("shop_loaded")[-1]["shop_version"] == active.version)
