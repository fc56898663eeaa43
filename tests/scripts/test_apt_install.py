from __future__ import annotations

import pytest

from tests.scripts.checkout import Checkout

SCRIPT = "scripts/apt-install"


@pytest.fixture
def machine(checkout: Checkout) -> Checkout:
    """A machine where we are root."""
    checkout.fake("id", "echo 0")
    return checkout


def test_packages_are_installed_without_questions_or_recommendations(machine: Checkout) -> None:
    """Setup runs in pipelines, and recommends would add a desktop."""
    machine.fake("apt-get", 'echo "$DEBIAN_FRONTEND" >frontend')
    done = machine.run(SCRIPT, "one", "two")
    assert done.returncode == 0
    [call] = machine.calls("apt-get")
    assert call.endswith("install --yes --no-install-recommends one two")
    assert (machine.root / "frontend").read_text() == "noninteractive\n"


def test_the_package_lists_are_renewed_once_when_the_package_is_unknown(machine: Checkout) -> None:
    """A fresh container has no lists at all."""
    machine.fake("apt-get", 'case "$*" in *update) touch lists ;; *) [ -e lists ] ;; esac')
    assert machine.run(SCRIPT, "one").returncode == 0
    assert [call.split()[3] for call in machine.calls("apt-get")] == [
        "install",
        "update",
        "install",
    ]


@pytest.mark.parametrize("failing", ["update", "install"])
def test_apts_last_words_are_shown_when_it_fails(machine: Checkout, failing: str) -> None:
    """Otherwise its output is noise."""
    machine.fake(
        "apt-get",
        f'case "$*" in *update) [ update != {failing} ] || {{ echo E: no lists; exit 100; }} ;; '
        "*) echo E: Unable to locate package; exit 100 ;; esac",
    )
    done = machine.run(SCRIPT, "one")
    assert done.returncode == 1
    assert {"update": "E: no lists", "install": "E: Unable to locate"}[failing] in done.stderr
    assert done.stderr.endswith("apt-get could not install: one.\n")


def test_who_is_not_root_uses_sudo_without_a_question(machine: Checkout) -> None:
    """A password prompt would hang a pipeline."""
    machine.fake("id", "echo 1000")
    machine.fake("sudo", '[ "$1" = -n ] && shift && exec "$@"')
    machine.fake("apt-get", "")
    assert machine.run(SCRIPT, "one").returncode == 0
    assert len(machine.calls("apt-get")) == 1
    assert all(call.startswith("-n ") for call in machine.calls("sudo"))


@pytest.mark.parametrize("sudo", [None, "echo 'sudo: a password is required' >&2; exit 1"])
def test_where_nobody_can_become_root_the_command_is_given(
    machine: Checkout, sudo: str | None
) -> None:
    """The reader can run it, or ask who may."""
    machine.fake("id", "echo 1000")
    machine.fake("apt-get", "")
    if sudo is not None:
        machine.fake("sudo", sudo)
    done = machine.run(SCRIPT, "one")
    assert done.returncode == 1
    assert "sudo apt-get install --no-install-recommends one" in done.stderr
    assert done.stderr.count("\n") == 1
    assert machine.calls("apt-get") == []


def test_a_system_without_apt_is_told_so(machine: Checkout) -> None:
    """Fedora and macOS users should not have to read the script."""
    done = machine.run(SCRIPT, "one")
    assert done.returncode == 1
    assert done.stderr.startswith("There is no apt-get here")
