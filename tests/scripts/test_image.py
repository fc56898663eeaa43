"""`make image` builds what can be built on this machine, under a name that says what is inside."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.scripts.checkout import ROOT, Checkout

SCRIPT = "scripts/image"
OWN_BASE = "localhost/pricing-fdm-base:trixie"
# An engine in which are the images that the file `images` names, and which reaches a registry
# where there is the file `registry`.
ENGINE = """
case "$1" in
  image) grep --quiet --line-regexp --fixed-strings -e "${*: -1}" images && echo 688000000 ;;
  manifest) [ -e registry ] ;;
  import) cat >/dev/null; echo "${*: -1}" >>images ;;
  build)
    for word; do [ "$previous" != --tag ] || echo "$word" >>images; previous=$word; done
    cat said
    ;;
esac
"""
DEBOOTSTRAP = """
root=${@: -1}
mkdir -p "$root/etc/apt"
echo "deb http://mirror/debian trixie main" >"$root/etc/apt/sources.list"
"""


@pytest.fixture
def machine(checkout: Checkout) -> Checkout:
    """A machine of root's, where no registry answers and OrcaSlicer cannot be had."""
    for name in ("grep", "tar", "basename"):
        (checkout.bin / name).symlink_to(str(shutil.which(name)))
    shutil.copy(ROOT / "Containerfile", checkout.root)
    version = checkout.root / "src/pricing_fdm/__init__.py"
    version.parent.mkdir(parents=True)
    version.write_text('__version__ = "1.2.3"\n')
    for name in ("images", "said"):
        (checkout.root / name).touch()
    checkout.fake("podman", ENGINE)
    checkout.fake("id", "echo 0")
    checkout.fake("npm", "exit 0")
    checkout.fake("debootstrap", DEBOOTSTRAP)
    checkout.fake(
        "git", 'case "$1" in describe) echo 0123abc-dirty ;; log) echo 2026-11-22 ;; esac'
    )
    checkout.write(checkout.root / "scripts/build-web", "echo built >>page")
    cannot_have_orca(checkout)
    return checkout


def cannot_have_orca(machine: Checkout) -> None:
    machine.write(machine.root / "scripts/fetch-orca", "echo no way to the origin. >&2; exit 1")


def can_have_orca(machine: Checkout) -> None:
    machine.write(machine.root / "scripts/fetch-orca", 'echo "$1" >>fetched')


def builds(machine: Checkout) -> list[str]:
    return [call for call in machine.calls("podman") if call.startswith("build ")]


def test_the_default_image_has_orca_and_is_the_latest(machine: Checkout) -> None:
    """`latest` is what compose.yaml runs."""
    can_have_orca(machine)
    (machine.root / "registry").touch()
    done = machine.run("bash", SCRIPT)
    assert (done.returncode, done.stderr) == (0, "")
    [build] = builds(machine)
    assert "--target orca --tag pricing-fdm:orca" in build
    assert "--tag pricing-fdm:latest" in build
    assert "stand-in" not in build
    assert "BASE_IMAGE" not in build  # the pinned one
    assert (machine.root / "page").exists()


def test_without_orca_no_image_is_called_the_latest(machine: Checkout) -> None:
    """Another engine's prices must not come in silence, least of all made-up ones."""
    done = machine.run("bash", SCRIPT)
    assert (done.returncode, done.stderr) == (0, "")
    assert "OrcaSlicer cannot be had here: no way to the origin." in done.stdout
    prusa, stand_in = builds(machine)
    assert "--target prusa --tag pricing-fdm:prusa" in prusa
    assert "ORCA=stand-in" not in prusa
    assert "--target orca --tag pricing-fdm:stand-in" in stand_in
    assert "--build-arg ORCA=stand-in" in stand_in
    assert "latest" not in prusa + stand_in


def test_orca_that_was_asked_for_by_name_is_not_replaced(machine: Checkout) -> None:
    done = machine.run("bash", SCRIPT, "orca")
    assert done.returncode != 0
    assert builds(machine) == []


def test_one_image_can_be_asked_for(machine: Checkout) -> None:
    """And the engine's own flags are handed on."""
    done = machine.run("bash", SCRIPT, "prusa", "--no-cache")
    assert done.returncode == 0, done.stderr
    [build] = builds(machine)
    assert "--no-cache" in build
    assert "pricing-fdm:prusa is built: 688 MB unpacked" in done.stdout


def test_a_name_that_it_does_not_know_is_refused(machine: Checkout) -> None:
    done = machine.run("bash", SCRIPT, "cura")
    assert done.returncode == 1
    assert "orca, prusa or stand-in" in done.stderr


def test_a_base_is_made_once_where_no_registry_answers(machine: Checkout) -> None:
    """From Debian's packages; with the security updates of the same mirror."""
    machine.edit(SCRIPT, 'tar -C "$root"', 'cp "$root/etc/apt/sources.list" . && tar -C "$root"')
    for _ in range(2):
        done = machine.run("bash", SCRIPT, "prusa")
        assert done.returncode == 0, done.stderr
        assert "No registry answers" in done.stdout
    assert len(machine.calls("debootstrap")) == 1
    assert all(f"BASE_IMAGE={OWN_BASE}" in build for build in builds(machine))
    sources = (machine.root / "sources.list").read_text().splitlines()
    assert "deb http://mirror/debian-security trixie-security main" in sources
    assert list((machine.root / ".container").glob("base.*")) == []


def test_a_base_of_the_callers_is_taken(machine: Checkout) -> None:
    done = machine.run("bash", SCRIPT, "prusa", BASE_IMAGE="mine:1")
    assert done.returncode == 0, done.stderr
    assert "BASE_IMAGE=mine:1" in builds(machine)[0]
    assert machine.calls("debootstrap") == []


def test_making_a_base_needs_root(machine: Checkout) -> None:
    """It says so before it installs anything."""
    machine.fake("id", "echo 1000")
    done = machine.run("bash", SCRIPT, "prusa")
    assert done.returncode == 1
    assert "BASE_IMAGE" in done.stderr
    assert machine.calls("debootstrap") == []


def test_a_base_that_cannot_be_made_leaves_nothing(machine: Checkout) -> None:
    machine.fake("debootstrap", f"{DEBOOTSTRAP}\necho E: no mirror; exit 1")
    done = machine.run("bash", SCRIPT, "prusa")
    assert done.returncode == 1
    assert "E: no mirror" in done.stderr
    assert list((machine.root / ".container").glob("base.*/")) == []
    assert builds(machine) == []


def test_it_tells_what_it_was_made_from(machine: Checkout) -> None:
    """Version, commit (and whether it is that), and the commit's date for both."""
    machine.run("bash", SCRIPT, "prusa")
    [build] = builds(machine)
    for argument in ("VERSION=1.2.3", "REVISION=0123abc-dirty", "CREATED=2026-11-22"):
        assert f"--build-arg {argument}" in build


def test_an_authority_of_the_machines_own_is_lent(machine: Checkout, tmp_path: Path) -> None:
    """As a secret: no layer keeps it."""
    authority = tmp_path / "ca.pem"
    authority.touch()
    machine.run("bash", SCRIPT, "prusa", SSL_CERT_FILE=str(authority))
    assert f"--secret id=ca,src={authority}" in builds(machine)[0]
    machine.run("bash", SCRIPT, "prusa")
    assert "--secret" not in builds(machine)[1]


def test_the_engines_last_words_are_shown_when_it_fails(machine: Checkout) -> None:
    """And where the rest of them is."""
    (machine.root / "said").write_text("STEP 7: no space left\n")
    machine.fake("podman", f'{ENGINE}\n[ "$1" != build ] || exit 125')
    done = machine.run("bash", SCRIPT, "prusa")
    assert done.returncode == 1
    assert "no space left" in done.stderr
    assert ".container/build-prusa.log" in done.stderr


def test_a_page_that_cannot_be_built_stops_it(machine: Checkout) -> None:
    """The image would be without one."""
    machine.write(machine.root / "scripts/build-web", "exit 1")
    assert machine.run("bash", SCRIPT, "prusa").returncode != 0
    assert builds(machine) == []
