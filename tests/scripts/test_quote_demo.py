from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.scripts.checkout import ROOT, Checkout
from tests.scripts.processes import descendants, is_running, running_with, wait_for

SCRIPT = "scripts/quote_demo.py"
STAND_IN = ROOT / "tests" / "scripts" / "service_stand_in.py"
QUOTE: dict[str, Any] = {
    "lead_time_days": 1,
    "print_time_hours": 5.5,
    "filament_weight_g": 15.02,
    "volume_cm3": 12.11,
    "currency": "EUR",
    "price": {
        "total": "78.39",
        "lines": [
            {"code": "material", "label": "Material", "amount": "0.30"},
            {"code": "machine", "label": "Machine time", "amount": "55.00"},
            {"code": "base_fee", "label": "Base fee", "amount": "5.00"},
            {"code": "margin", "label": "Margin", "amount": "18.09"},
        ],
    },
    "model": {"dimensions_mm": [75.0, 70.0, 92.0]},
    "engine": {"name": "prusa", "version": "2.5.0"},
}


@pytest.fixture
def project(checkout: Checkout) -> Checkout:
    """A checkout with a part, whose service is the stand-in."""
    examples = checkout.root / "examples"
    examples.mkdir()
    (examples / "kickstarter-fdm-test.stl").write_bytes(b"a part of 24 bytes, no STL")
    command = f'exec {sys.executable} {STAND_IN} "$@"'
    checkout.write(checkout.root / ".venv/bin/pricing-fdm", command)
    return checkout


def environment(project: Checkout, quote: object = QUOTE, **changed: str) -> dict[str, str]:
    return {
        "PATH": str(project.bin),
        "STAND_IN_READY": "200",
        "STAND_IN_STATUS": "200",
        "STAND_IN_BODY": json.dumps(quote),
        "STAND_IN_NOTES": str(project.root / "notes"),
    } | changed


def notes(project: Checkout) -> list[str]:
    file = project.root / "notes"
    return file.read_text().splitlines() if file.exists() else []


def run(
    project: Checkout, quote: object = QUOTE, **changed: str
) -> subprocess.CompletedProcess[str]:
    return project.run(str(project.python), SCRIPT, **environment(project, quote, **changed))


def test_request_and_quote_are_printed_and_the_service_is_stopped(project: Checkout) -> None:
    """The main job, as a newcomer sees it first."""
    done = run(project)
    assert done.returncode == 0, done.stderr
    assert re.search(r"\ncurl http://127\.0\.0\.1:\d+/internal/pricing/fdm/quote", done.stdout)
    assert json.dumps(QUOTE, indent=2) in done.stdout
    for row in (
        r"Sliced by +PrusaSlicer 2\.5\.0",
        r"Print time +5\.50 h",
        r"Margin +18\.09 EUR",
        r"Total +78\.39 EUR",
    ):
        assert re.search(row, done.stdout), row
    assert notes(project)[-1] == "asked to stop"


def test_the_printed_order_is_the_one_that_was_sent(project: Checkout) -> None:
    """What is shown must be what happened: the service got this order and could fetch the part."""
    done = run(project)
    [printed] = re.findall(r"--data '(.*)'", done.stdout)
    order = json.loads(printed)
    url = order.pop("file_url")
    assert order == {"material": "pla", "infill": 20, "layer_thickness": 200}
    assert url.endswith("/kickstarter-fdm-test.stl")
    assert notes(project)[0] == f"/internal/pricing/fdm/quote {json.dumps(order)} 26 bytes"


def test_only_the_demo_origin_is_opened(project: Checkout) -> None:
    """The demo must not teach anyone to open more than one exact address."""
    deployed = {"API_TOKEN": "of a deployment", "API_TOKEN_FILE": "/run/secrets/token"}
    done = run(project, FETCH_ALLOWED_HOSTS="everything.example", **deployed)
    [port] = re.findall(r"http://127\.0\.0\.1:(\d+)/kickstarter", done.stdout)
    assert notes(project)[1] == f"127.0.0.1:{port} 127.0.0.1/32 true - -"


def test_proxies_of_the_machine_are_left_aside(project: Checkout) -> None:
    """A company proxy would be asked for 127.0.0.1, and say no."""
    assert run(project, http_proxy="http://127.0.0.1:9", no_proxy="127.0.0.1").returncode == 0


@pytest.mark.parametrize(
    ("changed", "quote", "reason"),
    [
        pytest.param({"STAND_IN_READY": "0"}, QUOTE, "a setting is wrong", id="service-ends"),
        pytest.param(
            {"STAND_IN_STATUS": "422"}, {"detail": "too large"}, "422: too large", id="refused"
        ),
        pytest.param(
            {},
            QUOTE | {"engine": {"name": "fake", "version": "1"}},
            "no real slicer",
            id="no-real-slicer",
        ),
        pytest.param({}, QUOTE | {"print_time_hours": 0}, "not those of a printed", id="no-time"),
        pytest.param(
            {}, QUOTE | {"filament_weight_g": 0}, "not those of a printed", id="no-weight"
        ),
        pytest.param({}, {"engine": {"name": "orca"}}, "lacks a figure", id="figures-missing"),
        pytest.param({}, [], "no JSON object", id="no-object"),
    ],
)
def test_anything_but_a_real_quote_fails_and_says_why(
    project: Checkout, changed: dict[str, str], quote: object, reason: str
) -> None:
    """Exit code 0 is the claim that a real slicer produced the figures."""
    done = run(project, quote, **changed)
    assert done.returncode == 1
    assert done.stderr.startswith("\nNo quote: ")
    assert reason in done.stderr


def test_without_setup_it_says_what_to_run(project: Checkout) -> None:
    """The script can be started by hand, before anything was installed."""
    (project.root / ".venv/bin/pricing-fdm").unlink()
    done = run(project)
    assert done.returncode == 1
    assert "run `make setup`" in done.stderr


@pytest.mark.slow
def test_a_service_that_never_becomes_ready_fails_with_its_reasons(project: Checkout) -> None:
    """What /ready says is what the reader has to mend."""
    project.edit(SCRIPT, "READY_LIMIT_S = 120", "READY_LIMIT_S = 10")
    done = run(project, STAND_IN_READY="503")
    assert done.returncode == 1
    assert "not ready after 10 s" in done.stderr
    assert "no slicer was found" in done.stderr


@contextmanager
def started(
    project: Checkout, until: str, **changed: str
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Runs the demo until it prints `until`; whatever is left at the end is a leak."""
    marker = f"DEMO_RUN={project.root}"
    demo = subprocess.Popen(
        [str(project.python), SCRIPT],
        cwd=project.root,
        env=environment(project, **changed) | {"DEMO_RUN": str(project.root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert demo.stdout is not None
    with demo, demo.stdout:
        try:
            assert any(until in line for line in demo.stdout)
            yield demo, marker
            demo.wait(60)
        finally:
            demo.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize(
    ("until", "changed"),
    [
        pytest.param("curl", {"STAND_IN_STATUS": "0"}, id="during-the-request"),
        pytest.param("Starting", {"STAND_IN_READY": "503"}, id="during-the-start"),
    ],
)
def test_an_interruption_leaves_no_process(
    project: Checkout, number: signal.Signals, until: str, changed: dict[str, str]
) -> None:
    """Ctrl-C, a pipeline's end and a closed terminal must all take the service along."""
    with started(project, until, **changed) as (demo, marker):
        wait_for(lambda: len(running_with(marker)) == 2)
        demo.send_signal(number)
    assert demo.returncode == 130
    assert running_with(marker) == []


def test_a_service_that_does_not_stop_is_killed(project: Checkout) -> None:
    """A hanging service must not hang the demo."""
    project.edit(SCRIPT, "STOP_LIMIT_S = 15", "STOP_LIMIT_S = 3")
    with started(project, "curl", STAND_IN_STUBBORN="1") as (_, marker):
        pass
    assert notes(project)[-1] == "asked to stop"
    assert running_with(marker) == []


def test_a_second_interruption_kills_at_once(project: Checkout) -> None:
    """The user's patience ends before ours."""
    project.edit(SCRIPT, "STOP_LIMIT_S = 15", "STOP_LIMIT_S = 600")
    changed = {"STAND_IN_STUBBORN": "1", "STAND_IN_STATUS": "0"}
    with started(project, "curl", **changed) as (demo, marker):
        demo.send_signal(signal.SIGINT)
        wait_for(lambda: "asked to stop" in notes(project))
        demo.send_signal(signal.SIGINT)
    assert running_with(marker) == []


@pytest.mark.slow
def test_the_real_service_prices_the_bundled_part_with_a_real_slicer() -> None:
    """`make quote`, for real: nothing stands in for anything."""
    done = subprocess.run(
        [sys.executable, SCRIPT], cwd=ROOT, capture_output=True, text=True, timeout=280, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"Sliced by +(OrcaSlicer|PrusaSlicer) \d", done.stdout)


@pytest.mark.slow
def test_an_interruption_while_the_real_slicer_works_leaves_no_process() -> None:
    """The slicer is a grandchild in a session of its own, and the easiest to forget."""
    demo = subprocess.Popen(
        [sys.executable, SCRIPT],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert demo.stdout is not None
    with demo, demo.stdout:
        try:
            assert any(line.startswith("curl") for line in demo.stdout)
            wait_for(lambda: any("slicer" in child.name for child in descendants(demo.pid)))
            family = descendants(demo.pid)
            demo.send_signal(signal.SIGINT)
            demo.wait(60)
        finally:
            demo.kill()
    assert demo.returncode == 130
    wait_for(lambda: not any(is_running(process) for process in family))
