"""The slicer's sandbox inside the container, tried by a spy in the slicer's place."""

from __future__ import annotations

import contextlib
import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.conftest import SECRET, NewPart
from e2e.containers import ROOT, Container, Image
from e2e.puppet import Puppet
from tests.harness.service import order

OTHER = "/tmp/other"
WRITTEN = {
    "write beside its own folder": "/tmp/beside",
    "write to the machine's /tmp": "/tmp/spy-was-here",
}
KNOWN_LEVELS = ("bwrap", "landlock")
CLEAN_ENVIRONMENT = {
    *("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "MALLOC_ARENA_MAX"),
}


def promises(column: str) -> dict[str, str]:
    """A column of the table in docs/sandbox.md."""
    text = (ROOT / "docs" / "sandbox.md").read_text().partition("## What a program can reach")[2]
    lines = [line for line in text.partition("## ")[0].splitlines() if line.startswith("|")]
    header, _, *rows = ([cell.strip(" `") for cell in line.strip("|").split("|")] for line in lines)
    return {row[0]: row[header.index(column)] for row in rows}


@pytest.fixture(scope="module")
def level(rig: Container) -> str:
    """The level that `auto` picked in the container."""
    [found] = re.findall(r'sandbox_info\{level="(\w+)"\} 1', rig.get("/metrics").text)
    return str(found)


class Ears:
    """Sockets on this machine that note whether anybody came."""

    def __init__(self, folder: Path) -> None:
        self.tcp = _bound(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0))
        self.udp = _bound(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0))
        self.abstract = _bound(socket.AF_UNIX, socket.SOCK_STREAM, f"\0{folder}")
        self.deeds = {
            "connect over TCP": self.tcp,
            "send UDP, such as DNS": self.udp,
            "connect to an abstract socket": self.abstract,
        }

    def heard(self) -> set[str]:
        """The deeds that somebody did."""
        return {deed for deed, ear in self.deeds.items() if _was_met(ear)}

    def close(self) -> None:
        """Ends them."""
        for ear in self.deeds.values():
            ear.close()


def _bound(family: int, kind: int, address: Any) -> socket.socket:
    ear = socket.socket(family, kind)
    ear.bind(address)
    if kind == socket.SOCK_STREAM:
        ear.listen()
    ear.settimeout(0)
    return ear


def _was_met(ear: socket.socket) -> bool:
    try:
        if ear.type == socket.SOCK_STREAM:
            ear.accept()[0].close()
        else:
            ear.recv(100)
    except BlockingIOError:
        return False
    return True


@pytest.fixture(scope="module")
def ears(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ears]:
    """What the spy should not reach."""
    ears = Ears(tmp_path_factory.mktemp("ears"))
    yield ears
    ears.close()


@pytest.fixture(scope="module")
def world(rig: Container, ears: Ears) -> dict[str, Any]:
    """What there is to spy on inside the container; the keys are those of the spy."""
    rig.python(
        f"import os, pathlib; other = pathlib.Path({OTHER!r}); other.mkdir();"
        "(other / 'model.stl').write_text('solid secret')"
    )
    [service] = [one for one in rig.processes() if "serve" in one["command"] and one["pid"] != 1]
    found = rig.python("import pricing_fdm; print(pricing_fdm.__file__)").strip()
    return {
        "secret": SECRET,
        "source": found,
        "other_folder": OTHER,
        "other_file": f"{OTHER}/model.stl",
        "beside": WRITTEN["write beside its own folder"],
        "in_tmp": WRITTEN["write to the machine's /tmp"],
        "pid": service["pid"],
        "tcp": ears.tcp.getsockname()[1],
        "udp": ears.udp.getsockname()[1],
        "unix": f"{OTHER}/socket",
        "datagrams": f"{OTHER}/datagrams",
        "abstract": ears.abstract.getsockname().decode(),
        "descriptor": 40,
    }


@pytest.fixture(scope="module")
def spied(
    rig: Container, puppet: Puppet, world: dict[str, Any], new_part: NewPart
) -> dict[str, Any]:
    """What the spy told from inside the sandbox."""
    with puppet.doing(run=[puppet.spy, json.dumps(world)]):
        assert rig.post(order(new_part())).json()["code"] == "slicer_crashed"
    told = rig.events("quote_failed")[-1]["detail"].partition("PUPPET ")[2].partition(" TEPPUP")[0]
    spied: dict[str, Any] = json.loads(told)
    assert spied["printed"], spied["failed"]
    return {**spied, "reached": json.loads(spied["printed"])}


def test_auto_picks_a_sandbox_under_the_default_seccomp_profile(
    rig: Container, image: Image, level: str, record_property: Any
) -> None:
    """`none` would be a container in which a model that takes the slicer over owns the service."""
    detail = rig.get("/ready").json()["checks"]["sandbox"]["detail"]
    record_property("sandbox", f"{image.name}: {detail}")
    assert level in KNOWN_LEVELS, detail
    assert detail.startswith(level)


def test_a_spy_reaches_what_the_table_says_and_no_more_a11(
    spied: dict[str, Any], level: str, ears: Ears, rig: Container
) -> None:
    """A11, C9: callers' files, network, other processes and secrets are out of its reach."""
    met = ears.heard() | {deed for deed, path in WRITTEN.items() if exists(rig, path)}
    witnessed = {*ears.deeds, *WRITTEN}  # in a world of its own it may write and send as it likes
    reached = {deed for deed, done in spied["reached"].items() if done and deed not in witnessed}
    reached |= met
    allowed = {deed for deed, promise in promises(level).items() if promise.startswith("yes")}
    as_the_user = {
        deed
        for deed, promise in promises(level).items()
        if promise == "as the user may" or "6.12" in promise
    }
    assert set(spied["reached"]) == set(promises(level))
    assert allowed <= reached
    assert reached <= allowed | as_the_user


def exists(container: Container, path: str) -> bool:
    """Whether a file is there, as the service sees it."""
    return container.python(f"import os; print(os.path.exists({path!r}))").strip() == "True"


def test_a_spy_does_not_find_the_callers_bytes_beside_it(spied: dict[str, Any]) -> None:
    """The upload lies in the folder above the slicer's own."""
    assert "upload" not in spied["beside"]


def test_the_spys_environment_is_the_allow_list_c9(spied: dict[str, Any]) -> None:
    """C9: no setting of the service, no secret, no proxy."""
    assert set(spied["environment"]) <= CLEAN_ENVIRONMENT | {"LC_CTYPE", "PWD", "SHLVL", "_"} | {
        "PRICING_FDM_RUN",
        "GLIBC_TUNABLES",
        "LD_PRELOAD",
        "_STDBUF_O",
    }
    assert not any("SECRET" in name or "REDIS" in name for name in spied["environment"])


def test_the_spys_user_is_nobody_of_importance(spied: dict[str, Any]) -> None:
    """The slicer is never root, not even of a container."""
    assert spied["user"] != 0


def test_the_spy_would_notice(rig: Container, world: dict[str, Any], ears: Ears) -> None:
    """A spy that cannot spy proves nothing: outside the sandbox it reaches what its user may."""
    code = (Path(__file__).parent.parent / "tests" / "sandbox" / "spying.py").read_text()
    spy = code.partition('SPY = r"""')[2].partition('"""')[0]
    text = f"import os, sys; os.chdir('/tmp'); sys.argv = ['spy', {json.dumps(world)!r}]\n{spy}"
    reached = json.loads(rig.python(text))
    with contextlib.suppress(AssertionError):
        rig.python(f"import os; [os.remove(path) for path in {[*WRITTEN.values()]!r}]")
    for deed in ("read another run's files", "connect over TCP", "read a process's environment"):
        assert reached[deed], deed
    assert ears.heard() >= {"connect over TCP", "send UDP, such as DNS"}
