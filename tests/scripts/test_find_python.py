from __future__ import annotations

import sys

import pytest

from tests.scripts.checkout import Checkout

SCRIPT = "scripts/find-python"
WORKS = f'exec {sys.executable} "$@"'
TOO_OLD = "exit 1"  # what the version question ends with
SHIM = "echo 'pyenv: python3.13: command not found' >&2; exit 127"


@pytest.mark.parametrize(
    "pythons",
    [
        pytest.param({"python3": WORKS}, id="plain-name"),
        pytest.param({"python3.12": WORKS, "python3": TOO_OLD}, id="versioned-name-first"),
        pytest.param({"python3.13": SHIM, "python3.11": WORKS}, id="shim-that-fails"),
        pytest.param({"python3.11": TOO_OLD, "python3": WORKS}, id="name-that-lies"),
    ],
)
def test_the_first_python_that_works_is_taken(checkout: Checkout, pythons: dict[str, str]) -> None:
    """A name on PATH proves nothing, so each candidate is run."""
    for name, body in pythons.items():
        checkout.fake(name, body)
    done = checkout.run(SCRIPT)
    assert (done.returncode, done.stdout) == (0, f"{sys.executable}\n")


@pytest.mark.parametrize("pythons", [{}, {"python3": TOO_OLD, "python3.13": SHIM}])
def test_without_a_python_one_sentence_says_what_to_do(
    checkout: Checkout, pythons: dict[str, str]
) -> None:
    """No traceback, no list of attempts."""
    for name, body in pythons.items():
        checkout.fake(name, body)
    done = checkout.run(SCRIPT)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("No Python 3.11 or newer was found")
    assert done.stderr.count("\n") == 1


def test_an_old_python_is_recognized_by_the_version_question(checkout: Checkout) -> None:
    """The stand-ins above end with 1 as a real old Python would: this runs the question itself."""
    checkout.edit(SCRIPT, "(3, 11)", "(99, 0)")
    checkout.fake("python3", WORKS)
    assert checkout.run(SCRIPT).returncode == 1


def test_the_variable_wins(checkout: Checkout) -> None:
    """The user's choice is taken even where another Python would do."""
    checkout.fake("python3.13", SHIM)
    checkout.fake("python3", "echo wrong")
    assert checkout.run(SCRIPT, PYTHON=sys.executable).stdout == f"{sys.executable}\n"


def test_a_wrong_variable_is_not_replaced_in_silence(checkout: Checkout) -> None:
    """Who names a Python wants that one or none."""
    checkout.fake("python3", WORKS)
    done = checkout.run(SCRIPT, PYTHON="python9")
    assert done.returncode == 1
    assert done.stderr.startswith("PYTHON=python9 does not run")
