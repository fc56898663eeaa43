from __future__ import annotations

import sys

import pytest

from tests.scripts.checkout import Checkout

SCRIPT = ".ci/run"


@pytest.fixture
def machine(checkout: Checkout) -> Checkout:
    """A machine where we are root, with a `make` and a Python."""
    checkout.fake("id", "echo 0")
    checkout.fake("make", "")
    checkout.fake("python3", f'exec {sys.executable} "$@"')
    return checkout


def test_the_pipeline_is_make_ci_and_nothing_else(machine: Checkout) -> None:
    """What runs there can be run here, by the same name."""
    machine.fake("apt-get", "")
    done = machine.run(SCRIPT)
    assert done.returncode == 0
    assert machine.calls("make") == ["clean", "ci"]
    assert machine.calls("apt-get") == []


def test_nothing_of_an_earlier_run_is_used(machine: Checkout) -> None:
    """As for a stranger: no environment, no package in a cache of this machine or of a user's."""
    machine.fake("make", 'echo "$*: $PIP_NO_CACHE_DIR $UV_CACHE_DIR $npm_config_cache"')
    cleaned, made = machine.run(SCRIPT).stdout.splitlines()[::2]
    caches = machine.root / ".venv/.cache"
    assert cleaned.startswith("clean: ")
    assert made == f"ci: 1 {caches}/uv {caches}/npm"


def test_a_failing_make_fails_the_pipeline(machine: Checkout) -> None:
    """A green pipeline must mean something."""
    machine.fake("make", "exit 2")
    assert machine.run(SCRIPT).returncode == 2


@pytest.mark.parametrize(
    ("missing", "packages"), [("make", "make"), ("python3", "python3 python3-venv")]
)
def test_what_a_bare_machine_lacks_is_installed_first(
    machine: Checkout, missing: str, packages: str
) -> None:
    """The runner's image need not be ours."""
    program = machine.bin / missing
    program.rename(machine.root / missing)
    machine.fake("apt-get", f"cp {machine.root / missing} {program}")
    assert machine.run(SCRIPT).returncode == 0
    [call] = machine.calls("apt-get")
    assert call.endswith(packages)
    assert machine.calls("make") == ["clean", "ci"]
