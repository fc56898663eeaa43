"""Break-in 10: where the service is root, programs are not."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pricing_fdm.sandbox.user import RUN_USER, hand_over, other_user

Ask = Callable[..., "int | None"]

FULL, NONE = "CapEff:\t000001ffffffffff\n", "CapEff:\t0000000000000000\n"
DOCKER = "CapEff:\t00000000a80425fb\n"
EVERYBODY, ONE = "0 0 4294967295\n", "0 1000 1\n"
ROOTLESS = "0 1000 1\n1 100000 65536\n"


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ask]:
    """Asks for the user of a process that the kernel describes so."""

    def ask(uid: int, status: str, uid_map: str, *, searching: bool = False) -> int | None:
        monkeypatch.setattr(os, "geteuid", lambda: uid)
        texts = {"/proc/self/status": status, "/proc/self/uid_map": uid_map}
        monkeypatch.setattr(Path, "read_text", lambda path: texts[str(path)])
        other_user.cache_clear()
        return other_user(searching=searching)

    yield ask
    monkeypatch.undo()
    other_user.cache_clear()


@pytest.mark.parametrize(
    ("uid", "status", "uid_map", "expected"),
    [
        pytest.param(0, FULL, EVERYBODY, RUN_USER, id="root"),
        pytest.param(0, DOCKER, EVERYBODY, RUN_USER, id="root as Docker makes it"),
        pytest.param(0, FULL, ROOTLESS, RUN_USER, id="root of a rootless container"),
        pytest.param(0, FULL, ONE, None, id="root with one user only"),
        pytest.param(0, NONE, EVERYBODY, None, id="root without capabilities"),
        pytest.param(10001, NONE, EVERYBODY, None, id="another user"),
    ],
)
def test_only_a_root_that_can_be_another_is_one(
    other: Ask, uid: int, status: str, uid_map: str, expected: int | None
) -> None:
    """Otherwise no program would start at all."""
    assert other(uid, status, uid_map) == expected


def test_root_as_docker_makes_it_may_not_search(other: Ask) -> None:
    """Bubblewrap needs that to let another user in."""
    assert other(0, FULL, EVERYBODY, searching=True) == RUN_USER
    assert other(0, DOCKER, EVERYBODY, searching=True) is None


def test_a_run_gets_its_folder_and_not_the_model_that_others_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second slice of the same part reads the same file. Root does it; others can ask only."""
    given: list[str] = []
    monkeypatch.setattr("os.chown", lambda path, *_, **__: given.append(Path(path).name))
    run = tmp_path / "run"
    (run / "out").mkdir(parents=True)
    (run / "profile").write_text("x")
    (run / "away").symlink_to("/etc/passwd")
    (tmp_path / "model").write_text("x")
    (tmp_path / "model").chmod(0o600)
    os.link(tmp_path / "model", run / "model")
    hand_over(run, RUN_USER)
    assert sorted(given) == ["away", "out", "profile", "run"]
    assert stat.S_IMODE((run / "model").stat().st_mode) == 0o644
