"""How the container leaves: gracefully, in time, at once, or killed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from e2e.conftest import NewPart, open_folder
from e2e.containers import Container, Image, engine, running
from e2e.puppet import Puppet
from tests.harness.origin import Origin
from tests.harness.service import order
from tests.harness.waiting import wait_until

pytestmark = pytest.mark.any_image

IN_PROGRESS = "pricing_fdm_slices_in_progress"
PAUSE_S = 3
WORK = "/work"


@pytest.fixture(scope="module")
def puppet(image: Image, tmp_path_factory: pytest.TempPathFactory) -> Puppet:
    """The slicer of `mortal`."""
    return Puppet(open_folder(tmp_path_factory, "mortal-puppet"), image)


@pytest.fixture(scope="module")
def work(image: Image, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A TEMP_DIR that outlives the container's processes, as a volume does."""
    return open_folder(tmp_path_factory, f"work-{image.engine}")


@pytest.fixture(scope="module")
def container(image: Image, origin: Origin, puppet: Puppet, work: Path) -> Iterator[Container]:
    """A container that ends and is started again."""
    environment = {
        **origin.environment,
        **puppet.environment,
        "TEMP_DIR": WORK,
        "DRAIN_PAUSE_SECS": str(PAUSE_S),
        "SLICE_CONCURRENCY": "1",
    }
    mount = f"--volume={work}:{WORK}"
    with running(image, environment, *puppet.options, mount) as container:
        yield container


@pytest.fixture
def mortal(container: Container, puppet: Puppet) -> Iterator[Container]:
    """The container, ready."""
    if not container.runs():
        container.start()
    container.wait_until_ready()
    yield container
    puppet.stop()


class Slice:
    """A quote whose slice is held until it is let go."""

    def __init__(self, container: Container, puppet: Puppet, url: str) -> None:
        self._puppet = puppet
        puppet.hold()
        self._callers = ThreadPoolExecutor(1)
        self._quote = self._callers.submit(container.post, order(url))
        wait_until(lambda: container.metric(IN_PROGRESS) == 1)

    def go_on(self) -> None:
        """Lets the slicer work."""
        self._puppet.stop()

    def answer(self) -> httpx.Response:
        """What the caller gets."""
        try:
            return self._quote.result()
        finally:
            self._callers.shutdown()

    def outcome(self) -> str:
        """The code of the answer, or that there was none."""
        try:
            answer = self.answer()
        except httpx.TransportError:
            return "connection lost"
        return "quote" if answer.status_code == 200 else str(answer.json()["code"])


def gone(container: Container) -> Callable[[], bool]:
    """Whether nobody listens any longer."""

    def refused() -> bool:
        try:
            container.get("/health", timeout=5)
        except httpx.TransportError:
            return True
        return False

    return refused


def test_sigterm_finishes_the_slice_and_takes_no_more_e1(
    mortal: Container, puppet: Puppet, new_part: NewPart
) -> None:
    """E1: not ready at once, `draining` for new ones, a quote for the running one, code 0."""
    running_slice = Slice(mortal, puppet, new_part())
    mortal.signal("TERM")
    mortal.wait_for_answer("/ready", 503)
    assert mortal.get("/ready").json()["checks"]["draining"]["ok"] is False
    refused = mortal.post(order(new_part()))
    assert (refused.status_code, refused.json()["code"]) == (503, "draining")
    assert refused.headers["retry-after"]
    wait_until(gone(mortal))  # the listener has closed, and the slice still runs
    assert mortal.runs()
    running_slice.go_on()
    assert running_slice.answer().status_code == 200
    assert mortal.exit_code() == 0
    assert mortal.events("service_stopped")


def test_sigint_skips_the_pause(mortal: Container, puppet: Puppet, new_part: NewPart) -> None:
    """A person at a terminal: the listener closes at once, the slice finishes, exit code 0."""
    running_slice = Slice(mortal, puppet, new_part())
    mortal.signal("INT")
    wait_until(gone(mortal))
    running_slice.go_on()
    assert running_slice.outcome() == "quote"
    assert mortal.exit_code() == 0


def test_a_second_signal_ends_everything_at_once_e3(
    mortal: Container, puppet: Puppet, work: Path, new_part: NewPart
) -> None:
    """E3: the caller still gets an answer; nothing stays in a work folder that outlives it."""
    running_slice = Slice(mortal, puppet, new_part())
    mortal.signal("TERM")
    mortal.wait_for_answer("/ready", 503)
    mortal.signal("TERM")
    assert mortal.exit_code() in {0, 128 + 15}
    assert running_slice.outcome() == "draining"
    assert list(work.iterdir()) == []


def test_the_end_of_the_grace_is_an_answer_e2(
    image: Image, origin: Origin, tmp_path_factory: pytest.TempPathFactory, new_part: NewPart
) -> None:
    """E2: whoever is not done in time hears 503 and not a reset; exit code 0."""
    puppet = Puppet(open_folder(tmp_path_factory, "grace"), image)
    environment = {
        **origin.environment,
        **puppet.environment,
        "DRAIN_PAUSE_SECS": "0",
        "DRAIN_GRACE_SECS": "1",
    }
    with running(image, environment, *puppet.options) as container:
        running_slice = Slice(container, puppet, new_part())
        container.signal("TERM")
        assert running_slice.outcome() == "draining"
        assert container.exit_code() == 0


def test_stop_is_sigterm_and_stays_within_its_grace_e1(
    mortal: Container, puppet: Puppet, new_part: NewPart
) -> None:
    """`podman stop` as an orchestrator does it: a slice of a moment is not cut off."""
    running_slice = Slice(mortal, puppet, new_part())
    with ThreadPoolExecutor(1) as operators:
        stopping = operators.submit(engine, "stop", "--time=60", mortal.name)
        mortal.wait_for_answer("/ready", 503)
        running_slice.go_on()
        assert running_slice.outcome() == "quote"
        begun = time.monotonic()
        stopping.result()
    assert time.monotonic() - begun < 45, "it was killed at the end of the grace"
    assert mortal.exit_code() == 0


def test_kill_9_mid_slice_leaves_nothing_after_the_next_start_c4_e8(
    mortal: Container, puppet: Puppet, work: Path, new_part: NewPart
) -> None:
    """C4, E8: no slicer survives, what lay in TEMP_DIR is removed, and the next quote succeeds."""
    running_slice = Slice(mortal, puppet, new_part())
    assert [path.name for path in work.iterdir()] != []
    mortal.signal("KILL")
    assert mortal.exit_code() == 128 + 9
    assert running_slice.outcome() == "connection lost"
    assert any(path.is_dir() for path in work.iterdir()), "the kill came too late to prove anything"
    puppet.stop()
    mortal.start()
    mortal.wait_until_ready()
    assert list(work.iterdir()) == []
    assert mortal.events("service_started")[-1]["swept"] == 1
    assert not [one for one in mortal.processes() if "slicer" in one["name"]]
    assert mortal.post(order(new_part())).status_code == 200


@pytest.mark.beyond_ci
def test_many_kills_in_a_row_are_survived_e8(mortal: Container, work: Path) -> None:
    """E8: whatever a killed container leaves, the next start is ready."""
    for _ in range(3):
        mortal.signal("KILL")
        mortal.exit_code()
        mortal.start()
        mortal.wait_until_ready()
    assert list(work.iterdir()) == []
