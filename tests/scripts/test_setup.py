"""`scripts/setup` with a Python that makes an environment whose pip only notes its calls."""

from __future__ import annotations

import shutil
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.scripts.checkout import Checkout

SCRIPT = "scripts/setup"

PIP_NOTES_ITS_CALLS = f"""
case "$1 $2" in "-m pip") echo "$*" >>../pip.calls ;; *) exec {sys.executable} "$@" ;; esac
"""


@pytest.fixture
def machine(checkout: Checkout) -> Checkout:
    """A machine with a slicer, its cage and a Python, and a checkout that was never set up."""
    shutil.rmtree(checkout.root / ".venv")
    template = checkout.write(checkout.root.parent / "venv-python", PIP_NOTES_ITS_CALLS)
    checkout.fake("id", "echo 0")
    checkout.fake("prusa-slicer", "true")
    checkout.fake("bwrap", "true")
    checkout.fake("apt-get", "touch ../has-ensurepip")
    (checkout.root.parent / "has-ensurepip").touch()
    checkout.fake(
        "python3",
        f"""case "$*" in
          *'print(sys.executable)') echo {checkout.bin}/python3 ;;
          *ensurepip*) [ -e ../has-ensurepip ] ;;
          *d-venv*) echo python3.11-venv ;;
          --version) echo Python 3.11.2 ;;
          "-m venv "*) rm -rf .venv && mkdir -p .venv/bin && cp {template} .venv/bin/python ;;
          *) exit 99 ;;
        esac""",
    )
    return checkout


def pip_calls(machine: Checkout) -> list[str]:
    notes = machine.root.parent / "pip.calls"
    return notes.read_text().splitlines() if notes.exists() else []


def test_a_new_checkout_gets_locked_wheels_then_the_package(machine: Checkout) -> None:
    """Every byte from the network has its hash in the lock; the package itself needs none."""
    done = machine.run(SCRIPT)
    assert done.returncode == 0, done.stderr
    dependencies, package = pip_calls(machine)
    assert (
        "--require-hashes --only-binary :all: --requirement requirements-dev.lock" in dependencies
    )
    assert "--no-index --no-deps --no-build-isolation --editable ." in package
    assert "Slicer: PrusaSlicer" in done.stdout
    assert (machine.root / ".venv/.setup-stamp").exists()
    assert machine.calls("apt-get") == []


def test_a_second_run_only_looks_at_the_slicer(machine: Checkout) -> None:
    """Idempotent and quick."""
    machine.run(SCRIPT)
    done = machine.run(SCRIPT)
    assert done.stdout.splitlines() == [f"Slicer: PrusaSlicer ({machine.bin}/prusa-slicer)"]
    assert len(pip_calls(machine)) == 2


@pytest.mark.parametrize("changed", ["pyproject.toml", "requirements-dev.lock"])
def test_a_changed_description_is_installed_into_the_same_venv(
    machine: Checkout, changed: str
) -> None:
    """A pulled dependency must not wait for someone to think of it."""
    machine.run(SCRIPT)
    with (machine.root / changed).open("a") as file:
        file.write("\n")
    machine.run(SCRIPT)
    assert len(pip_calls(machine)) == 4
    assert sum(call.startswith("-m venv") for call in machine.calls("python3")) == 1


def test_an_installation_that_failed_is_done_again(machine: Checkout) -> None:
    """A broken network must not leave something that looks ready."""
    template = machine.root.parent / "venv-python"
    machine.write(template, "exit 1" + PIP_NOTES_ITS_CALLS)
    assert machine.run(SCRIPT).returncode != 0
    assert not (machine.root / ".venv/.setup-stamp").exists()
    machine.write(template, PIP_NOTES_ITS_CALLS)
    assert machine.run(SCRIPT).returncode == 0
    assert len(pip_calls(machine)) == 2


def test_a_missing_venv_module_comes_from_debian(machine: Checkout) -> None:
    """Debian's Python cannot make environments until its python3-venv is there."""
    (machine.root.parent / "has-ensurepip").unlink()
    assert machine.run(SCRIPT).returncode == 0
    [call] = machine.calls("apt-get")
    assert call.endswith("install --yes --no-install-recommends python3.11-venv")


def test_without_a_slicer_setup_fails_and_is_not_ready(machine: Checkout) -> None:
    """The next make tries again."""
    (machine.bin / "prusa-slicer").unlink()
    machine.fake("getconf", "echo glibc 2.36")
    machine.fake("apt-get", "exit 100")
    done = machine.run(SCRIPT)
    assert done.returncode == 1
    assert "There is no slicer" in done.stderr
    assert not (machine.root / ".venv/.setup-stamp").exists()


def test_a_venv_of_another_python_is_made_again(machine: Checkout) -> None:
    """PYTHON=... must not be ignored because a .venv is there already."""
    machine.run(SCRIPT)
    other = machine.write(
        machine.root.parent / "python-other",
        f"""case "$*" in
          *'print(sys.executable)') echo "$0" ;;
          *'print(sys.version)') echo 3.99 ;;
          *) exec {machine.bin}/python3 "$@" ;;
        esac""",
    )
    machine.run(SCRIPT, PYTHON=str(other))
    assert sum(call.startswith("-m venv") for call in machine.calls("python3")) == 2
    assert len(pip_calls(machine)) == 4


def test_two_setups_at_once_do_the_work_once(machine: Checkout) -> None:
    """Two terminals, or make -j: pip in one folder twice at once would break it."""
    with ThreadPoolExecutor() as pool:
        runs = [pool.submit(machine.run, SCRIPT) for _ in range(3)]
    assert [run.result().returncode for run in runs] == [0, 0, 0]
    assert len(pip_calls(machine)) == 2
