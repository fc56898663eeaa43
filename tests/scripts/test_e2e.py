"""`make e2e` tries images of today's sources: built first where they are missing or older."""

from __future__ import annotations

import os
import shutil

import pytest

from tests.scripts.checkout import Checkout

SCRIPT = "scripts/e2e"
SOURCES = (
    *(".containerignore", "Containerfile", "LICENSE", "README.md", "pyproject.toml"),
    *("requirements.lock", "deploy/image/a", "profiles/a", "src/pricing_fdm/a", "tests/puppet/a"),
    *("web/a", "src/pricing_fdm/__pycache__/a", "src/pricing_fdm/page/a", "web/node_modules/a"),
)
OLD, NEW = "2026-01-02T03:04:05.123456789Z", "2026-01-04T03:04:05Z"
BETWEEN_S = 1_767_409_445  # 2026-01-03
LATER_S = BETWEEN_S + 2 * 86_400
ENGINE = 'file="image-${*: -1}"; [ -e "$file" ] && cat "$file"'


@pytest.fixture
def machine(checkout: Checkout) -> Checkout:
    """A machine whose sources are of 3 January."""
    for name in SOURCES:
        (checkout.root / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout.root / name).touch()
    (checkout.bin / "paste").symlink_to(str(shutil.which("paste")))
    for path in checkout.root.rglob("*"):
        os.utime(path, (BETWEEN_S, BETWEEN_S))
    checkout.write(checkout.root / "scripts/container-engine", ENGINE)
    checkout.write(
        checkout.root / "scripts/image",
        "touch was-built; echo Building; for name in prusa stand-in; do"
        ' echo "pricing-fdm:$name is built: 688 MB unpacked"; done',
    )
    checkout.write(checkout.python, 'echo "images=$E2E_IMAGES $*"')
    return checkout


def has_image(machine: Checkout, name: str, created: str) -> None:
    """As the engine tells it: the history's dates stand in it too."""
    text = f'[{{"Id": "1", "Created": "{created}", "History": [{{"created": "{NEW}"}}]}}]\n'
    (machine.root / f"image-pricing-fdm:{name}").write_text(text)


def tried(machine: Checkout, *arguments: str, **environment: str) -> tuple[str, bool]:
    """What pytest is told, and whether images were built."""
    done = machine.run("bash", SCRIPT, *arguments, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1], (machine.root / "was-built").exists()


def test_images_of_todays_sources_are_taken(machine: Checkout) -> None:
    """Byte code, the built page and the modules of Node do not count as sources."""
    has_image(machine, "prusa", NEW)
    has_image(machine, "stand-in", NEW)
    for made in SOURCES[-3:]:
        os.utime(machine.root / made, (LATER_S, LATER_S))
    said, built = tried(machine, "-k", "sigterm")
    assert said == "images=pricing-fdm:prusa,pricing-fdm:stand-in -m pytest e2e -k sigterm"
    assert not built


def test_the_image_with_orca_stands_for_all(machine: Checkout) -> None:
    has_image(machine, "orca", NEW)
    assert tried(machine) == ("images=pricing-fdm:orca -m pytest e2e", False)


@pytest.mark.parametrize("present", [{}, {"prusa": NEW}, {"prusa": NEW, "stand-in": OLD}])
def test_missing_or_old_images_are_built_first(machine: Checkout, present: dict[str, str]) -> None:
    """And those are tried that were built."""
    for name, created in present.items():
        has_image(machine, name, created)
    said, built = tried(machine)
    assert said == "images=pricing-fdm:prusa,pricing-fdm:stand-in -m pytest e2e"
    assert built


def test_an_image_that_is_named_is_tried_as_it_is(machine: Checkout) -> None:
    said, built = tried(machine, E2E_IMAGES="registry/pricing-fdm:1.2")
    assert (said, built) == ("images=registry/pricing-fdm:1.2 -m pytest e2e", False)


def test_a_failed_build_is_no_success(machine: Checkout) -> None:
    machine.write(machine.root / "scripts/image", "echo no room >&2; exit 1")
    done = machine.run("bash", SCRIPT)
    assert done.returncode == 1
    assert "pytest" not in done.stdout
