"""An engine that works is found, or installed, and gets only the settings that it needs here."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scripts.checkout import Checkout

SCRIPT = "scripts/container-engine"
SETTINGS = ".container/containers.conf"
TELL = 'echo "$(basename "$0") $* with [${CONTAINERS_CONF:-}]"'
MAY_RAISE_LIMITS = "000001ffffffffff"
MAY_NOT = "000001fffeffffff"


@pytest.fixture
def machine(checkout: Checkout) -> Checkout:
    """An ordinary user's machine with one kind of cgroups."""
    checkout.edit(SCRIPT, "/sys/fs/cgroup/unified", str(checkout.root / "both-kinds"))
    checkout.edit(SCRIPT, "/proc/self/status", str(checkout.root / "status"))
    checkout.fake("basename", 'echo "${1##*/}"')
    checkout.fake("id", "echo 1000")
    may(checkout, MAY_NOT)
    return checkout


def may(machine: Checkout, capabilities: str) -> None:
    (machine.root / "status").write_text(f"Name:\tbash\nCapEff:\t{capabilities}\n")


def become_root(machine: Checkout) -> None:
    machine.fake("id", "echo 0")


def test_a_docker_that_answers_is_taken(machine: Checkout) -> None:
    """It is what compose.yaml would use, so the image must be in its store."""
    machine.fake("docker", TELL)
    machine.fake("podman", TELL)
    done = machine.run(SCRIPT, "run", "--rm", "an image")
    assert (done.stdout, done.stderr) == ("docker run --rm an image with []\n", "")
    assert machine.run(SCRIPT).stdout == "docker\n"


def test_a_docker_without_its_daemon_is_passed_over(machine: Checkout) -> None:
    """Its client alone is installed on many machines."""
    machine.fake("docker", "exit 1")
    machine.fake("podman", TELL)
    assert machine.run(SCRIPT, "ps").stdout == "podman ps with []\n"


def test_the_caller_may_choose(machine: Checkout) -> None:
    machine.fake("docker", TELL)
    machine.fake("podman", TELL)
    done = machine.run(SCRIPT, "ps", CONTAINER_ENGINE="podman")
    assert done.stdout == "podman ps with []\n"


def test_a_choice_that_is_not_there_installs_nothing(machine: Checkout) -> None:
    """Whoever chooses knows what he wants."""
    machine.fake("apt-get", "exit 0")
    done = machine.run(SCRIPT, "ps", CONTAINER_ENGINE="nerdctl")
    assert done.returncode == 1
    assert "nerdctl" in done.stderr
    assert machine.calls("apt-get") == []


@pytest.mark.parametrize("kind", ["a user", "root with all rights"])
def test_an_ordinary_machine_needs_no_settings(machine: Checkout, kind: str) -> None:
    """Podman's own are the better ones where they work."""
    machine.fake("podman", TELL)
    if kind != "a user":
        become_root(machine)
        may(machine, MAY_RAISE_LIMITS)
    assert machine.run(SCRIPT, "ps").stdout == "podman ps with []\n"
    assert not (machine.root / SETTINGS).exists()


@pytest.mark.parametrize("reason", ["limits", "cgroups"])
def test_settings_are_written_where_podmans_own_fail(machine: Checkout, reason: str) -> None:
    """Root without CAP_SYS_RESOURCE may raise no limit; crun refuses both kinds of cgroups."""
    machine.fake("podman", TELL)
    if reason == "limits":
        become_root(machine)
    else:
        (machine.root / "both-kinds").mkdir()
    settings = machine.root / SETTINGS
    for _ in range(2):
        assert machine.run(SCRIPT, "ps").stdout == f"podman ps with [{settings}]\n"
    assert 'runtime = "runc"' in settings.read_text()
    assert "default_ulimits" in settings.read_text()
    assert list(settings.parent.iterdir()) == [settings]


def test_settings_of_the_callers_own_are_left_alone(machine: Checkout) -> None:
    machine.fake("podman", TELL)
    become_root(machine)
    done = machine.run(SCRIPT, "ps", CONTAINERS_CONF="/mine")
    assert done.stdout == "podman ps with [/mine]\n"


def test_podman_is_installed_where_there_is_no_engine(machine: Checkout) -> None:
    """What it says goes to stderr: the output is the command's."""
    become_root(machine)
    made = machine.write(machine.root / "made", TELL)
    machine.fake("apt-get", f'case "$*" in *install*) cp {made} {machine.bin}/podman ;; esac')
    done = machine.run(SCRIPT, "ps")
    assert done.stdout.startswith("podman ps")
    assert "Installing" in done.stderr
    [installed] = [call for call in machine.calls("apt-get") if "install" in call]
    assert {"podman", "runc", "netavark", "aardvark-dns"} <= set(installed.split())
    assert "uidmap" not in installed


def test_where_nothing_can_be_installed_it_fails(machine: Checkout) -> None:
    done = machine.run(SCRIPT, "ps")
    assert done.returncode == 1
    assert "apt-get" in done.stderr


def test_it_runs_from_anywhere(machine: Checkout, tmp_path: Path) -> None:
    """The settings stay in the checkout."""
    machine.fake("podman", TELL)
    become_root(machine)
    done = machine.run("bash", "-c", f"cd {tmp_path} && {machine.root / SCRIPT} ps")
    assert str(machine.root / SETTINGS) in done.stdout
