"""Every setting, given to the container by its environment: taken, or named and refused."""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from e2e.conftest import NewPart, open_folder
from e2e.containers import LABEL, ROOT, Container, Image, engine, running, started
from e2e.figures import of_all_plates
from e2e.puppet import Puppet
from e2e.settings_table import ADMIN_TOKEN, SETTINGS, TOKEN
from e2e.stand_ins import INSIDE, OTHER, install
from pricing_fdm.settings import GROUPS
from tests.harness.origin import Origin, hanging
from tests.harness.service import MATERIALS, PLAIN, free_port, order
from tests.harness.shapes import binary_stl, box
from tests.harness.waiting import wait_until
from tests.mesh import shapes as meshes
from tests.mesh.step import step_files

pytestmark = pytest.mark.any_image

FIELDS = {
    name.upper(): field for group in GROUPS.values() for name, field in group.model_fields.items()
}


def test_the_table_knows_every_setting() -> None:
    """A setting that nobody tries in a container is one that may not work there."""
    assert set(SETTINGS) == set(FIELDS)
    written = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    for name, tried in SETTINGS.items():
        seen_by_a_test = f"def {tried.seen}(" in written or tried.seen == "every_test"
        assert seen_by_a_test or tried.seen.startswith("("), name
        if tried.value is not None:
            assert tried.value != str(FIELDS[name].default), name


def refusal(image: Image, environment: dict[str, str]) -> tuple[int, str]:
    """Exit code and words of a container that does not start."""
    settings = [f"--env={name}={value}" for name, value in environment.items()]
    done = engine(
        *("run", "--rm", "--network=none", "--read-only", "--tmpfs=/tmp", "--label", LABEL),
        *(*settings, image.name),
        check=False,
    )
    said = [line for line in (done.stdout + done.stderr).splitlines() if "healthchecks" not in line]
    return done.returncode, "\n".join(said)


def test_every_bad_value_is_named_at_once_e4(image: Image) -> None:
    """E4: one start tells all faults; no traceback, and no value, which may be a secret."""
    bad = {name: tried.bad for name, tried in SETTINGS.items() if tried.bad is not None}
    code, said = refusal(image, bad)
    assert code == 2, said
    named = set(re.findall(r"^\W*([A-Z_]{5,}): ", said, re.MULTILINE))
    assert named == set(bad)
    assert "Traceback" not in said
    assert "short" not in said


def test_what_can_only_be_judged_together_is_refused_e4(image: Image) -> None:
    """E4: settings that are good alone and make no sense beside each other."""
    together = {"GATEWAY_ONLY": "true", "SLICER": "prusa", "SLICER_FALLBACK": "prusa"}
    store = {"REDIS_URL": "redis://127.0.0.1:9/0", "OBJECT_STORE_URL": "ftp://store/parts"}
    for environment, names in (
        (together, {"GATEWAY_ONLY", "SLICER_FALLBACK"}),
        (store, {"OBJECT_STORE_URL"}),
    ):
        code, said = refusal(image, environment)
        assert code == 2, said
        assert all(name in said for name in names), said
        assert "Traceback" not in said


# ------------------------------------------------------------------ one container, most settings


@pytest.fixture(scope="module")
def puppet(image: Image, tmp_path_factory: pytest.TempPathFactory) -> Puppet:
    """The slicer of `configured`."""
    return Puppet(open_folder(tmp_path_factory, "configured"), image)


@pytest.fixture(scope="module")
def metrics_port() -> int:
    """Where `configured` serves its metrics."""
    return free_port()


@pytest.fixture(scope="module")
def configured(
    image: Image,
    origin: Origin,
    puppet: Puppet,
    metrics_port: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Container]:
    """A container in which everything is set that does not get into another's way."""
    profiles = open_folder(tmp_path_factory, "profiles")
    shutil.copytree(ROOT / "profiles", profiles, dirs_exist_ok=True)
    environment = {
        **{name: tried.value for name, tried in SETTINGS.items() if tried.value is not None},
        **origin.environment,
        **puppet.environment,
        "METRICS_PORT": str(metrics_port),
        "SHOP_DIR": "/own-profiles",
        "ORCA_PROFILES_DIR": "/own-profiles",
        "TEMP_DIR": "/own-work",
    }
    mounts = (f"--volume={profiles}:/own-profiles:ro", "--tmpfs=/own-work:mode=1777")
    with started(image, environment, *mounts, *puppet.options) as container:
        container.headers["Authorization"] = f"Bearer {TOKEN}"
        container.wait_until_ready()
        yield container


def test_a_token_is_demanded(configured: Container, new_part: NewPart) -> None:
    """API_TOKEN: 401 without it or with another; health and readiness need none."""
    for headers in ({}, {"Authorization": f"Bearer {TOKEN[::-1]}"}):
        answer = configured.post(order(new_part()), headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
        assert answer.headers["www-authenticate"]
    assert configured.get("/health", headers={}).status_code == 200


def test_the_owner_loads_the_shop_again(configured: Container) -> None:
    """ADMIN_TOKEN: another one than the callers'."""
    url = f"{configured.base_url}/v1/shop/reload"
    for token, status in ((TOKEN, 401), (ADMIN_TOKEN, 200)):
        headers = {"Authorization": f"Bearer {token}"}
        assert httpx.post(url, headers=headers, **PLAIN).status_code == status


def test_pages_of_named_origins_may_call(configured: Container) -> None:
    """CORS_ALLOWED_ORIGINS: that one, and no other."""
    for origin, allowed in (("https://shop.example", "https://shop.example"), ("https://x", None)):
        answer = configured.get("/health", headers={"Origin": origin})
        assert answer.headers.get("access-control-allow-origin") == allowed


def test_the_metrics_have_a_port_of_their_own_f5(configured: Container, metrics_port: int) -> None:
    """F5, METRICS_PORT: callers do not find them."""
    assert configured.get("/metrics").status_code == 404
    own = httpx.get(f"http://127.0.0.1:{metrics_port}/metrics", **PLAIN)
    assert "pricing_fdm_ready 1.0" in own.text


def test_connections_are_bounded_as_it_is_set(configured: Container) -> None:
    """MAX_CONNECTIONS=24: the first of 40 idle ones is closed before its ten seconds are over."""
    host, _, port = configured.base_url.removeprefix("http://").partition(":")
    with contextlib.ExitStack() as stack:
        callers = [
            stack.enter_context(socket.create_connection((host, int(port)), timeout=5))
            for _ in range(40)
        ]
        assert callers[0].recv(1) == b""
        assert configured.get("/health").status_code == 200


def test_the_log_is_as_it_is_set(configured: Container) -> None:
    """LOG_FORMAT=console is for people; LOG_LEVEL=warning leaves the start out."""
    configured.post({"material": "wood"})
    said = configured.said()
    assert said.strip()
    assert not [line for line in said.splitlines() if line.startswith("{")]
    assert "service_started" not in said
    assert "fetch_policy_caution" in said


def test_materials_cost_what_is_set(configured: Container) -> None:
    """MATERIAL_..._COST_PER_G, all eight."""
    for fact in configured.get(MATERIALS).json()["materials"]:
        variable = f"MATERIAL_{fact['name'].upper().replace('-', '_')}_COST_PER_G"
        assert Decimal(str(fact["cost_usd_per_g"])) == Decimal(SETTINGS[variable].value or "")


def test_the_price_is_made_of_what_is_set(configured: Container, new_part: NewPart) -> None:
    """BASE_FEE_USD, MACHINE_RATE_USD_PER_HOUR, MARGIN_MULTIPLIER, RUSH_MULTIPLIER."""
    # So many that a rush is sooner; one that is not would cost nothing more.
    body = configured.post(order(new_part(), rush=True, quantity=1000)).json()
    grams, hours = of_all_plates(body)
    costs = grams * Decimal("0.31") + hours * 21 + Decimal("7.50")
    total = costs * 2 * 3
    assert body["base_fee_usd"] == 7.5
    assert abs(Decimal(str(body["total_usd"])) / total - 1) < Decimal("0.001")


def test_downloads_are_bounded_as_set(configured: Container, origin: Origin, trap: Origin) -> None:
    """FETCH_..., MAX_FILE_SIZE_MB, REQUEST_TIMEOUT_SECS."""
    large = origin.serve("one-byte-too-many.stl", bytes(2**20 + 1))
    answer = configured.post(order(large))
    assert (answer.status_code, answer.json()["code"]) == (413, "model_too_large")
    assert configured.post(order(trap.url("x"))).json()["code"] == "source_refused"
    until = threading.Event()
    origin.behaviours["/hangs"] = hanging(until)
    try:
        answer = configured.post(order(origin.url("hangs")))
    finally:
        until.set()
    assert (answer.status_code, answer.json()["code"]) == (504, "source_timeout")


def test_models_are_bounded_as_set(configured: Container, origin: Origin) -> None:
    """MAX_TRIANGLES, CONVERT_TIMEOUT_SECS."""
    torus = bytes(meshes.binary_stl(meshes.torus(12, 6)))
    answer = configured.post(order(origin.serve("torus.stl", torus)))
    assert (answer.status_code, answer.json()["code"]) == (422, "model_invalid")
    assert "triangles" in answer.json()["detail"]
    step = origin.serve("box.step", step_files.one("box", (21, 20, 20)))
    answer = configured.post(order(step))
    # So short a time that the reader does not even say its version: STEP is refused, and told so.
    assert (answer.status_code, answer.json()["code"]) == (422, "model_format")
    assert "refused" in configured.get("/ready").json()["checks"]["step"]["detail"]


def test_places_and_waiting_are_as_set(
    configured: Container, puppet: Puppet, new_part: NewPart, metrics_port: int
) -> None:
    """SLICE_CONCURRENCY=1, QUEUE_PLACES=1, QUEUE_WAIT_SECS=2."""

    def depth() -> bool:
        figures = httpx.get(f"http://127.0.0.1:{metrics_port}/metrics", **PLAIN).text
        return (
            "pricing_fdm_slices_in_progress 1.0" in figures
            and "pricing_fdm_queue_depth 1.0" in figures
        )

    with ThreadPoolExecutor(2) as callers, puppet.holding():
        both = [callers.submit(configured.post, order(new_part())) for _ in range(2)]
        wait_until(depth)
        full = configured.post(order(new_part()))
        wait_until(lambda: any(one.done() for one in both))
        puppet.stop()
        answers = sorted((one.result() for one in both), key=lambda one: one.status_code)
    assert full.json()["code"] == "queue_full"
    assert "All 2 places" in full.json()["detail"]
    assert [one.status_code for one in answers] == [200, 503]
    assert answers[1].json()["code"] == "queue_timeout"
    assert "within 2 s" in answers[1].json()["detail"]


def test_the_folders_are_those_that_are_set(configured: Container) -> None:
    """SHOP_DIR, ORCA_PROFILES_DIR, TEMP_DIR, and SANDBOX, which is told at the same place."""
    checks = configured.get("/ready").json()["checks"]
    checked = engine("exec", configured.name, "pricing-fdm", "shop", "check").stdout
    assert checked.startswith("/own-profiles: ")
    assert checks["temp_dir"]["detail"].startswith("/own-work ")
    assert checks["sandbox"]["detail"].startswith("none")


def test_a_refusal_is_found_anew(configured: Container, origin: Origin) -> None:
    """CACHE_FAILURE_SECS=0: what was mended at the same place is seen at once."""
    url = origin.serve("mended.stl", binary_stl(box(20, 20, 20))[:-9])
    for _ in range(2):
        answer = configured.post(order(url))
        assert answer.json()["code"] == "model_invalid"
    origin.serve("mended.stl", binary_stl(box(20, 19, 20)))
    assert configured.post(order(url)).status_code == 200


# ------------------------------------------------------------------------------ other slicers


@pytest.fixture(scope="module")
def stand_ins(image: Image, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Mounts the tests' own slicers."""
    return install(open_folder(tmp_path_factory, "stand-ins"), image)


def test_both_slicers_are_found_where_it_is_set(image: Image, stand_ins: str) -> None:
    """SLICER=auto takes OrcaSlicer; SLICER_FALLBACK, ORCA_BINARY, PRUSA_BINARY."""
    missing = OTHER[image.engine]
    environment = {
        "SLICER": "auto",
        "SLICER_FALLBACK": "prusa",
        f"{missing.upper()}_BINARY": f"{INSIDE}/{missing}-slicer",
    }
    with running(image, environment, stand_ins) as container:
        detail = container.get("/ready").json()["checks"]["slicer"]["detail"]
    assert re.fullmatch(r"orca [\d.]+, where it crashes prusa [\d.]+", detail)


def test_orcas_result_is_read_as_it_is_set(
    image: Image, origin: Origin, stand_ins: str, new_part: NewPart
) -> None:
    """ORCA_RESULT=gcode: the figures come from a plain file."""
    environment = {
        **origin.environment,
        "SLICER": "orca",
        "ORCA_BINARY": f"{INSIDE}/orca-slicer",
        "ORCA_RESULT": "gcode",
    }
    with running(image, environment, stand_ins) as container:
        body = container.post(order(new_part())).json()
    assert body["engine"]["name"] == "orca"
    assert body["filament_weight_g"] > 0


def test_a_broken_slicer_is_not_ready_and_no_other_prices_e6(
    image: Image, origin: Origin, stand_ins: str, new_part: NewPart
) -> None:
    """E6: the image names its slicer; another one that works is at hand, and is not taken."""
    other = OTHER[image.engine]
    environment = {
        **origin.environment,
        image.slicer_variable: f"{INSIDE}/broken-slicer",
        f"{other.upper()}_BINARY": f"{INSIDE}/{other}-slicer",
    }
    with started(image, environment, stand_ins) as container:
        container.wait_for_answer("/ready", 503)
        check = container.get("/ready").json()["checks"]["slicer"]
        assert check["ok"] is False
        assert "broken-slicer" in check["detail"]
        assert container.get("/health").text == "OK"
        answer = container.post(order(new_part()))
        assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
        assert container.metric("pricing_fdm_ready") == 0


def test_what_is_missing_is_told_e6(image: Image) -> None:
    """E6: the work folder has its reason, and health stays 200."""
    with started(image, {"TEMP_DIR": "/nowhere"}) as container:
        container.wait_for_answer("/ready", 503)
        assert container.get("/ready").json()["checks"]["temp_dir"]["ok"] is False
        assert container.get("/health").text == "OK"


@pytest.mark.every_image  # only one of them has Xvfb
def test_a_display_that_is_asked_for_is_looked_after_e6(image: Image) -> None:
    """ORCA_DISPLAY=xvfb: it runs where the image has one; else the service says what is missing."""
    with started(image, {"ORCA_DISPLAY": "xvfb"}) as container:
        wait_until(lambda: _asks(container).keys() & {"display", "slicer"}, 60)
        checks = _asks(container)
        if "display" in checks:
            assert checks["display"]["ok"], (checks["display"], container.said())
            container.wait_until_ready()
        else:
            assert checks["slicer"] == {
                "ok": False,
                "needed": True,
                "detail": "ORCA_DISPLAY=xvfb, but Xvfb is not installed (package xvfb)",
            }


def _asks(container: Container) -> dict[str, dict[str, object]]:
    try:
        checks: dict[str, dict[str, object]] = container.get("/ready").json()["checks"]
    except httpx.TransportError:
        return {}
    return checks


# ---------------------------------------------------------------- a slicer that needs patience


@pytest.fixture(scope="module")
def bad_slicer(image: Image, tmp_path_factory: pytest.TempPathFactory) -> Puppet:
    """The slicer of `impatient`."""
    return Puppet(open_folder(tmp_path_factory, "impatient"), image)


@pytest.fixture(scope="module")
def impatient(image: Image, origin: Origin, bad_slicer: Puppet) -> Iterator[Container]:
    """A container that waits for no slicer."""
    environment = {
        **origin.environment,
        **bad_slicer.environment,
        "SLICE_TIMEOUT_SECS": "20",
        "SLICE_SILENCE_SECS": "6",
        "SELF_TEST_RETRY_SECS": "0.2",
        "POISON_SECS": "0",
        "CACHE_TTL_SECS": "0",
    }
    with running(image, environment, *bad_slicer.options) as container:
        yield container


@pytest.mark.parametrize(
    ("stage", "limit"), [("start", "wall limit"), ("slicing", "silence limit")]
)
def test_a_slice_is_ended_when_it_is_set(
    impatient: Container, bad_slicer: Puppet, new_part: NewPart, stage: str, limit: str
) -> None:
    """SLICE_TIMEOUT_SECS, SLICE_SILENCE_SECS: 504, and the next quote succeeds."""
    with bad_slicer.doing(stage=stage, hang=True):
        answer = impatient.post(order(new_part()))
    assert (answer.status_code, answer.json()["code"]) == (504, "slicing_timeout")
    assert limit in impatient.events("quote_failed")[-1]["detail"]
    assert impatient.post(order(new_part())).status_code == 200


def test_a_crashing_file_may_be_tried_again(
    impatient: Container, bad_slicer: Puppet, new_part: NewPart
) -> None:
    """POISON_SECS=0: the third try reaches the slicer too, and succeeds when that works again."""
    url = new_part()
    with bad_slicer.doing(crash_signal="SIGSEGV"):
        codes = [impatient.post(order(url)).json()["code"] for _ in range(2)]
    assert codes == ["slicer_crashed"] * 2
    assert impatient.post(order(url)).status_code == 200


def test_a_slicer_that_stays_broken_ends_the_service_e5(
    impatient: Container, bad_slicer: Puppet, new_part: NewPart
) -> None:
    """E5: three crashes raise doubt, three failed self-tests end it with a code of its own."""
    with bad_slicer.doing(crash_signal="SIGSEGV"):
        for _ in range(3):
            impatient.post(order(new_part()))
        assert impatient.exit_code() == 70
    tests = impatient.events("self_test_finished")
    assert [test["ready"] for test in tests[-3:]] == [False] * 3
