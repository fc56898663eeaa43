"""What the tests need is got by itself, from Debian, and only where it is missing."""

from __future__ import annotations

from tests.scripts.checkout import Checkout

SCRIPT = "scripts/setup-tests"
NEEDED = ("redis-check-rdb", "node", "npm", "setpriv", "chromium")


def test_what_is_there_is_left_alone(checkout: Checkout) -> None:
    for program in (*NEEDED, "apt-get"):
        checkout.fake(program, "exit 1")
    done = checkout.run("bash", SCRIPT)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert checkout.calls("apt-get") == []
    assert (checkout.root / ".venv/.tests-stamp").exists()


def test_what_is_missing_comes_from_debian(checkout: Checkout) -> None:
    """In one go, and the browser by itself, as not every distribution has it."""
    checkout.fake("id", "echo 0")
    checkout.fake("apt-get", "exit 0")
    done = checkout.run("bash", SCRIPT)
    assert done.returncode == 0, done.stderr
    first, second = (call for call in checkout.calls("apt-get") if "install" in call)
    assert "redis-tools nodejs npm util-linux" in first
    assert second.endswith("chromium")


def test_where_debian_has_no_browser_playwright_gets_one(checkout: Checkout) -> None:
    """Ubuntu has Chromium as a snap only."""
    for program in NEEDED[:-1]:
        checkout.fake(program, "exit 0")
    checkout.write(checkout.python, f'echo "$*" >>{checkout.bin}/python.calls')
    done = checkout.run("bash", SCRIPT)
    assert done.returncode == 0, done.stderr
    assert checkout.calls("python") == ["-m playwright install --with-deps --only-shell chromium"]


def test_it_fails_where_nothing_can_be_had(checkout: Checkout) -> None:
    """Else the tests would fail later, and say less."""
    done = checkout.run("bash", SCRIPT)
    assert done.returncode != 0
    assert "redis-tools" in done.stderr
    assert not (checkout.root / ".venv/.tests-stamp").exists()
