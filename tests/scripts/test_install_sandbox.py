"""bubblewrap is installed where that can be done, and setup goes on where it cannot."""

from __future__ import annotations

from tests.scripts.checkout import Checkout

SCRIPT = "scripts/install-sandbox"


def test_one_that_is_there_is_left_alone(checkout: Checkout) -> None:
    """Setup runs before every other command; it must not touch the system each time."""
    checkout.fake("bwrap", "exit 0")
    checkout.fake("apt-get", "exit 1")
    done = checkout.run("bash", SCRIPT)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert checkout.calls("apt-get") == []


def test_it_is_installed_from_debian(checkout: Checkout) -> None:
    """The package is small, and the sandbox is better with it."""
    checkout.fake("id", "echo 0")
    checkout.fake("apt-get", "exit 0")
    checkout.fake("apt-cache", "exit 0")
    done = checkout.run("bash", SCRIPT)
    assert done.returncode == 0, done.stderr
    assert any("install" in call and "bubblewrap" in call for call in checkout.calls("apt-get"))


def test_setup_goes_on_where_it_cannot_be_had(checkout: Checkout) -> None:
    """The service works without it and says so; one line tells the person who set it up."""
    done = checkout.run("bash", SCRIPT)
    assert done.returncode == 0
    assert "Landlock" in done.stderr
