"""`scripts/setup` with a real pip and the real uv, on a day when the index is ahead of the locks.

A pip of 2023 took the lock on the day it was written. A week later the index had a newer
`coverage`, and the same pip refused `coverage[toml]`, as it did not see that its version is locked.
What is installed must depend neither on the day nor on the pip that a machine has.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pricing_fdm import __version__
from tests.scripts.checkout import ROOT, Checkout
from tests.scripts.local_index import serve_lock

# Debian 12's own, and the newest when this was written.
PIPS = {
    "23.0.1": "236bcb61156d76c4b8a05821b988c7b8c35bf0da28a4b614e8d6ab5212c25c6f",
    "26.3": "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13",
}
# What the set-up itself runs.
RUN = {"editables", "hatchling", "packaging", "pathspec", "pluggy", "tomlkit", "trove-classifiers"}
RUN.add("uv")


@pytest.fixture(params=PIPS)
def pip(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder with a pip of this version, from the index of this machine."""
    wanted, folder = tmp_path / "pip.lock", tmp_path / "pip"
    wanted.write_text(f"pip=={request.param} --hash=sha256:{PIPS[request.param]}\n")
    uv_pip = [sys.executable, str(ROOT / "scripts/pinned_uv.py"), "pip", "install", "--quiet"]
    options = ["--python", sys.executable, "--require-hashes", "--target", str(folder)]
    subprocess.run([*uv_pip, *options, "--requirement", str(wanted)], check=True)
    return folder


@pytest.fixture
def machine(checkout: Checkout, pip: Path) -> Checkout:
    """A clone that was never set up, and a Python that gives new environments this pip."""
    shutil.rmtree(checkout.root / ".venv")
    for name in ("README.md", "LICENSE"):
        shutil.copy(ROOT / name, checkout.root)
    for name in ("src", "profiles"):
        ignored = shutil.ignore_patterns("__pycache__", "page")  # made, maybe at this moment
        shutil.copytree(ROOT / name, checkout.root / name, ignore=ignored)
    checkout.fake("prusa-slicer", "true")
    checkout.fake("bwrap", "true")
    checkout.fake(
        "python3",
        f"""case "$*" in
          *'print(sys.executable)') echo {checkout.bin}/python3 ;;
          "-m venv --clear .venv")
            {sys.executable} -m venv --clear --without-pip .venv
            cp -r {pip}/* .venv/lib/python3.*/site-packages/ ;;
          *) exec {sys.executable} "$@" ;;
        esac""",
    )
    return checkout


def installed(machine: Checkout) -> dict[str, str]:
    """What is in the environment besides its pip."""
    listed = machine.run(".venv/bin/python", "-m", "pip", "list", "--format", "freeze").stdout
    pairs = (line.lower().split("==") for line in listed.splitlines())
    named = {re.sub(r"[-_.]+", "-", name): version for name, version in pairs}
    return {name: version for name, version in named.items() if name != "pip"}


def test_what_is_locked_is_installed_whatever_is_newer_and_whichever_pip(
    machine: Checkout, file_server: tuple[str, Path]
) -> None:
    """And nothing is said about folders of pip's configuration that are not there."""
    url, folder = file_server
    pins = {
        lock: serve_lock(folder, machine.root / lock, with_files=RUN)
        for lock in sorted(path.name for path in machine.root.glob("*.lock"))
    }
    environment = {
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_INDEX_URL": url,
        "PIP_EXTRA_INDEX_URL": "file:///nowhere/simple",
        "PIP_FIND_LINKS": "/nowhere/wheels",
    }
    own = {"pricing-fdm": __version__}

    done = machine.run("scripts/setup", "run", **environment)
    assert (done.returncode, done.stderr) == (0, "")
    what_runs = ("requirements.lock", "requirements-build.lock", "requirements-uv.lock")
    assert installed(machine) == own | {k: v for lock in what_runs for k, v in pins[lock].items()}

    done = machine.run("scripts/setup", **environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert installed(machine) == own | pins["requirements-dev.lock"]

    where = "import pricing_fdm; print(pricing_fdm.__file__)"
    found = machine.run(".venv/bin/python", "-c", where).stdout
    assert found.strip() == str(machine.root / "src/pricing_fdm/__init__.py")
    assert (machine.root / ".venv/bin/pricing-fdm").exists()
