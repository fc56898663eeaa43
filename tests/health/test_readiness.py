"""An operator reads from the checks what is wrong, and a load balancer whether to send quotes."""

from __future__ import annotations

from pathlib import Path

import pytest

from pricing_fdm.health.readiness import SELF_TEST, Check, is_ready
from pricing_fdm.quoting.admission import Admission
from tests.health.idle import check_of, idle_readiness


@pytest.mark.parametrize(
    ("checks", "ready"),
    [
        ([], True),
        ([Check("a", ok=True, detail="")], True),
        ([Check("a", ok=True, detail=""), Check("b", ok=False, detail="")], False),
        ([Check("a", ok=False, detail="", needed=False)], True),
    ],
    ids=["nothing checked", "all good", "one bad", "one bad that is not needed"],
)
def test_ready_is_when_all_that_is_needed_is_good(checks: list[Check], ready: bool) -> None:
    """STEP files may be refused while everything else is priced."""
    assert is_ready(checks) is ready


def test_a_later_check_replaces_an_earlier_one_of_its_name(tmp_path: Path) -> None:
    """A self-test that is good again makes the service ready again."""
    readiness = idle_readiness(tmp_path)
    assert not readiness.is_proved()
    readiness.set(Check(SELF_TEST, ok=False, detail="the cube was not priced"))
    assert (readiness.is_ready(), readiness.is_proved()) == (False, False)
    readiness.set(Check(SELF_TEST, ok=True, detail="2 g"))
    assert (readiness.is_ready(), readiness.is_proved()) == (True, True)
    assert check_of(readiness, SELF_TEST).detail == "2 g"


def test_what_is_watched_is_looked_at_each_time(tmp_path: Path) -> None:
    """A display that has ended since the start, say."""
    readiness, alive = idle_readiness(tmp_path), [True]
    readiness.watch(lambda: Check("display", ok=alive[0], detail="on and off"))
    assert readiness.is_ready()
    alive[0] = False
    assert not readiness.is_ready()


def test_a_temporary_folder_that_goes_makes_the_service_unready(tmp_path: Path) -> None:
    """It is looked at each time, since a disk fills up while the service runs."""
    folder = tmp_path / "temp"
    folder.mkdir()
    readiness = idle_readiness(folder)
    assert check_of(readiness, "temp_dir").detail == f"{folder} is writable and has room"
    folder.rmdir()
    assert not check_of(readiness, "temp_dir").ok
    assert not readiness.is_ready()


def test_a_service_that_is_leaving_is_not_ready(tmp_path: Path) -> None:
    """Load balancers then send quotes elsewhere."""
    admission = Admission(slots=1, places=1, wait_s=1)
    readiness = idle_readiness(tmp_path, admission)
    assert readiness.is_ready()
    admission.drain()
    assert check_of(readiness, "draining").detail == "the service is shutting down"
    assert not readiness.is_ready()
