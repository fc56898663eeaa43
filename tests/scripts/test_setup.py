"""`scripts/setup` with a Python that makes an environment whose pip and uv only note their calls.

`test_setup_index.py` has the real ones.
"""

from __future__ import annotations

import shutil
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.scripts.checkout import Checkout

SCRIPT = "scripts/setup"

# `pip install` brings a uv of the version that is locked.
PIP_NOTES_ITS_CALLS = f"""
case "$1 $2 $3" in
  "-m pip install")
    echo "pip ${{*:3}}" >>../calls
    sed -n 's/^uv==\\([^ ]*\\).*/uv \\1 (of here)/p' requirements-uv.lock >.venv/uv-version
    cp ../uv .venv/bin/uv
    ;;
  *) exec {sys.executable} "$@" ;;
esac
"""
UV_NOTES_ITS_CALLS = """
if [ "$1" = --version ]; then cat .venv/uv-version; else echo "uv $*" >>../calls; fi
"""


@pytest.fixture
def machine(checkout: Checkout) -> Checkout:
    """A machine with a slicer, its sandbox and a Python, and a checkout that was never set up."""
    shutil.rmtree(checkout.root / ".venv")
    above = checkout.root.parent
    checkout.write(above / "venv-python", PIP_NOTES_ITS_CALLS)
    checkout.write(above / "uv", UV_NOTES_ITS_CALLS)
    checkout.fake("id", "echo 0")
    checkout.fake("prusa-slicer", "true")
    checkout.fake("bwrap", "true")
    checkout.fake("apt-get", "touch ../has-ensurepip")
    (above / "has-ensurepip").touch()
    checkout.fake(
        "python3",
        f"""case "$*" in
          *'print(sys.executable)') echo {checkout.bin}/python3 ;;
          *ensurepip*) [ -e ../has-ensurepip ] ;;
          *d-venv*) echo python3.11-venv ;;
          --version) echo Python 3.11.2 ;;
          "-m venv "*) rm -rf .venv && mkdir -p .venv/bin && cp ../venv-python .venv/bin/python ;;
          *) exit 99 ;;
        esac""",
    )
    return checkout


def installations(machine: Checkout) -> list[str]:
    """What pip and uv were asked for, one line each."""
    notes = machine.root.parent / "calls"
    return notes.read_text().splitlines() if notes.exists() else []


def installed_locks(machine: Checkout) -> list[list[str]]:
    """The locks of each `uv pip sync`."""
    calls = [call for call in installations(machine) if call.startswith("uv pip sync ")]
    return [[word for word in call.split() if word.endswith(".lock")] for call in calls]


def test_a_new_checkout_gets_uv_then_locked_wheels_then_the_package(machine: Checkout) -> None:
    """Every byte from the network has its hash in a lock; the package itself needs none."""
    done = machine.run(SCRIPT)
    assert (done.returncode, done.stderr) == (0, "")
    uv, dependencies, package = installations(machine)
    assert uv.startswith("pip install ")
    assert "--require-hashes --only-binary :all: --requirement requirements-uv.lock" in uv
    assert "--require-hashes --only-binary :all:" in dependencies
    assert dependencies.endswith(" requirements-dev.lock")
    assert "--offline --no-deps --no-build-isolation" in package
    assert package.endswith(" --editable .")
    assert "Slicer: PrusaSlicer" in done.stdout
    assert (machine.root / ".venv/.setup-stamp").exists()
    assert machine.calls("apt-get") == []


def test_what_runs_needs_no_test_tools(machine: Checkout) -> None:
    """Whoever wants a quote or a service does not wait for browsers and type checkers."""
    assert machine.run(SCRIPT, "run").returncode == 0
    assert installed_locks(machine) == [["requirements.lock", "requirements-build.lock"]]
    assert (machine.root / ".venv/.run-stamp").exists()
    assert not (machine.root / ".venv/.setup-stamp").exists()
    machine.run(SCRIPT)
    assert installed_locks(machine)[1:] == [["requirements-dev.lock"]]


def test_a_quote_does_not_take_the_test_tools_away(machine: Checkout) -> None:
    """`make quote` after `make test` leaves an environment in which one can go on working."""
    machine.run(SCRIPT)
    machine.run(SCRIPT, "run")
    assert installed_locks(machine) == [["requirements-dev.lock"]]
    with (machine.root / "requirements-dev.lock").open("a") as file:
        file.write("\n")
    machine.run(SCRIPT, "run")
    assert installed_locks(machine)[1:] == [["requirements-dev.lock"]]


def test_a_second_run_only_looks_at_the_slicer(machine: Checkout) -> None:
    """Idempotent and quick."""
    machine.run(SCRIPT)
    done = machine.run(SCRIPT)
    assert done.stdout.splitlines() == [f"Slicer: PrusaSlicer ({machine.bin}/prusa-slicer)"]
    assert len(installations(machine)) == 3


@pytest.mark.parametrize("changed", ["pyproject.toml", "requirements-dev.lock"])
def test_a_changed_description_is_installed_into_the_same_venv(
    machine: Checkout, changed: str
) -> None:
    """A pulled dependency must not wait for someone to think of it."""
    machine.run(SCRIPT)
    with (machine.root / changed).open("a") as file:
        file.write("\n")
    machine.run(SCRIPT)
    assert [call.split()[0] for call in installations(machine)[3:]] == ["uv", "uv"]
    assert sum(call.startswith("-m venv") for call in machine.calls("python3")) == 1


def test_another_pinned_uv_replaces_the_one_that_is_there(machine: Checkout) -> None:
    machine.run(SCRIPT)
    machine.edit("requirements-uv.lock", "uv==0", "uv==10")
    machine.run(SCRIPT)
    assert installations(machine)[3].startswith("pip install ")


def test_an_installation_that_failed_is_done_again(machine: Checkout) -> None:
    """A broken network must not leave something that looks ready."""
    template = machine.root.parent / "venv-python"
    refusal = 'if [ "$3" = install ]; then echo no network; exit 1; fi'
    machine.write(template, refusal + PIP_NOTES_ITS_CALLS)
    done = machine.run(SCRIPT)
    assert done.returncode != 0
    assert done.stderr == "no network\n"
    assert not (machine.root / ".venv/.setup-stamp").exists()
    machine.write(machine.root / ".venv/bin/python", PIP_NOTES_ITS_CALLS)
    assert machine.run(SCRIPT).returncode == 0
    assert len(installations(machine)) == 3


def test_a_broken_venv_is_made_again(machine: Checkout) -> None:
    """As a newer Python of the system leaves it."""
    machine.run(SCRIPT)
    machine.write(machine.python, "exit 127")
    assert machine.run(SCRIPT).returncode == 0
    assert len(installations(machine)) == 6


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
    assert len(installations(machine)) == 6


def test_two_setups_at_once_do_the_work_once(machine: Checkout) -> None:
    """Two terminals, or make -j: two installations in one folder would break it."""
    with ThreadPoolExecutor() as pool:
        runs = [pool.submit(machine.run, SCRIPT) for _ in range(3)]
    assert [run.result().returncode for run in runs] == [0, 0, 0]
    assert len(installations(machine)) == 3


def test_what_it_makes_may_be_read_by_another_user(machine: Checkout) -> None:
    """A unit's DynamicUser runs what root has set up, whose mask is often 077."""
    done = machine.run("bash", "-c", f"umask 077; {SCRIPT}")
    assert done.returncode == 0
    for path in (machine.root / ".venv", *(machine.root / ".venv").rglob("*")):
        others = path.stat().st_mode & 0o005
        assert others == (0o005 if path.is_dir() else 0o004 | others), path
