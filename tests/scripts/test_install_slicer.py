from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

from tests.scripts.checkout import Checkout

SCRIPT = "scripts/install-slicer"
PIN = "f199e5408914efdbbbfa4fd6752cd6ad4727209b488bc47bff9a0da5f053a701"
UNPACKED = ".slicer/orca-slicer-2.3.1"

# Unpacks like a real AppImage, and leaves a mark where it was executed.
APPIMAGE = """#!/bin/bash
echo executed >>"$MARK"
[ "$1" = --appimage-extract ] || exit 9
mkdir -p squashfs-root/bin
printf '#!/bin/bash\\necho OrcaSlicer-2.3.1\\n' >squashfs-root/bin/orca-slicer
chmod +x squashfs-root/bin/orca-slicer
"""


@pytest.fixture
def machine(checkout: Checkout) -> Checkout:
    """A new x86_64 machine with a recent C library, apt-get, and no slicer."""
    checkout.fake("getconf", "echo glibc 2.39")
    checkout.fake("uname", "echo x86_64")
    checkout.fake("id", "echo 0")
    checkout.fake("ldd", "true")
    # Only the program that the tests ask apt-get for appears, and it works.
    checkout.fake(
        "apt-get",
        f"""case "$*" in *install*prusa-slicer)
          printf '#!/bin/bash\\n' >{checkout.bin}/prusa-slicer
          chmod +x {checkout.bin}/prusa-slicer ;;
        esac""",
    )
    return checkout


def appimage(machine: Checkout, text: str = APPIMAGE, *, pinned: bool) -> str:
    """Writes an AppImage and returns its URL; `pinned` puts its hash into this copy's script."""
    file = machine.root.parent / "orca.AppImage"
    file.write_text(text.replace("$MARK", str(machine.root.parent / "mark")))
    if pinned:
        machine.edit(SCRIPT, PIN, hashlib.sha256(file.read_bytes()).hexdigest())
    return file.as_uri()


def was_executed(machine: Checkout) -> bool:
    return (machine.root.parent / "mark").exists()


def obstacle(done: subprocess.CompletedProcess[str]) -> str:
    """The one line in which the script gives OrcaSlicer up."""
    lines = [line for line in done.stdout.splitlines() if "cannot be installed" in line]
    assert len(lines) == 1, done.stdout + done.stderr
    return lines[0]


def assert_fell_back(machine: Checkout, done: subprocess.CompletedProcess[str]) -> None:
    """PrusaSlicer came from Debian, and nothing of OrcaSlicer is left."""
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Slicer: PrusaSlicer ({machine.bin}/prusa-slicer)" in done.stdout
    [call] = machine.calls("apt-get")
    assert "--no-install-recommends" in call
    assert not (machine.root / ".slicer").exists()
    assert not (machine.root / ".venv/bin/orca-slicer").exists()


@pytest.mark.parametrize(
    ("program", "name"), [("orca-slicer", "OrcaSlicer"), ("prusa-slicer", "PrusaSlicer")]
)
def test_a_slicer_that_is_there_is_named_and_nothing_is_installed(
    machine: Checkout, program: str, name: str
) -> None:
    """Setup must be quick and must not touch a machine that has what it needs."""
    machine.fake(program, "true")
    done = machine.run(SCRIPT)
    assert done.stdout == f"Slicer: {name} ({machine.bin}/{program})\n"
    assert done.returncode == 0
    assert machine.calls("apt-get") == []
    assert not (machine.root / ".slicer").exists()


def test_slicers_are_also_found_by_the_services_own_variables(machine: Checkout) -> None:
    """What the service would use counts as being there."""
    program = machine.write(machine.root.parent / "opt" / "orca", "true")
    assert str(program) in machine.run(SCRIPT, ORCA_BINARY=str(program)).stdout


def test_a_slicer_that_does_not_run_is_named_and_not_papered_over(machine: Checkout) -> None:
    """The service refuses a broken OrcaSlicer, so PrusaSlicer beside it would not help."""
    machine.fake("orca-slicer", "exit 127")
    done = machine.run(SCRIPT)
    assert done.returncode == 1
    assert "is there" in done.stderr
    assert "does not run" in done.stderr
    assert machine.calls("apt-get") == []


@pytest.mark.parametrize(
    ("tool", "body", "reason"),
    [
        pytest.param(
            "getconf", "echo glibc 2.36", "needs glibc 2.39, this machine has 2.36", id="old-glibc"
        ),
        pytest.param("getconf", "exit 1", "needs glibc 2.39, this machine has none", id="no-glibc"),
        pytest.param("uname", "echo aarch64", "this machine is aarch64", id="other-processor"),
    ],
)
def test_a_machine_that_cannot_run_orca_gets_prusa_without_a_download(
    machine: Checkout, tool: str, body: str, reason: str
) -> None:
    """A hundred megabytes that cannot run would be fetched for nothing."""
    machine.fake(tool, body)
    done = machine.run(SCRIPT, ORCA_APPIMAGE_URL=appimage(machine, pinned=True))
    assert reason in obstacle(done)
    assert "Downloading" not in done.stdout
    assert_fell_back(machine, done)


@pytest.mark.parametrize(
    ("reported", "accepted"), [("2.38", False), ("2.39", True), ("2.41", True), ("2.100", True)]
)
def test_glibc_versions_are_compared_as_versions(
    machine: Checkout, reported: str, *, accepted: bool
) -> None:
    """As text, 2.100 would stand before 2.39."""
    machine.fake("getconf", f"echo glibc {reported}")
    done = machine.run(SCRIPT, ORCA_APPIMAGE_URL="file:///nowhere")
    assert ("Downloading" in done.stdout) is accepted


def test_glibc_is_asked_of_ldd_where_getconf_is_missing(machine: Checkout) -> None:
    """Small images have no getconf."""
    (machine.bin / "getconf").unlink()
    machine.fake("ldd", 'echo "ldd (Debian GLIBC 2.36-9) 2.36"; echo Copyright')
    assert "this machine has 2.36" in obstacle(machine.run(SCRIPT))


def test_an_unreachable_origin_is_given_up_in_one_line(machine: Checkout, closed_port: int) -> None:
    """Behind a registry-only network this is what every setup meets."""
    done = machine.run(SCRIPT, ORCA_APPIMAGE_URL=f"http://127.0.0.1:{closed_port}/orca.AppImage")
    assert "the download failed" in obstacle(done)
    assert_fell_back(machine, done)


def test_an_origin_without_the_file_is_given_up_in_one_line(
    machine: Checkout, file_server: tuple[str, Path]
) -> None:
    """A mirror that was cleaned up must not stop the setup."""
    done = machine.run(SCRIPT, ORCA_APPIMAGE_URL=f"{file_server[0]}/orca.AppImage")
    assert "404" in obstacle(done)
    assert_fell_back(machine, done)


def test_a_file_with_another_hash_is_removed_and_never_executed(machine: Checkout) -> None:
    """Unpacking executes the file: the pin is all that stands between a mirror and this machine."""
    url = appimage(machine, pinned=False)
    digest = hashlib.sha256(Path(url.removeprefix("file://")).read_bytes()).hexdigest()
    done = machine.run(SCRIPT, ORCA_APPIMAGE_URL=url, sha256=digest, ORCA_APPIMAGE_SHA256=digest)
    assert "SHA-256" in obstacle(done)
    assert not was_executed(machine)
    assert_fell_back(machine, done)


def test_the_pinned_file_is_unpacked_and_linked_beside_our_python(
    machine: Checkout, file_server: tuple[str, Path]
) -> None:
    """The service looks on PATH and beside its own Python."""
    url = appimage(machine, pinned=True)
    Path(url.removeprefix("file://")).rename(file_server[1] / "orca.AppImage")
    done = machine.run(SCRIPT, ORCA_APPIMAGE_URL=f"{file_server[0]}/orca.AppImage")
    assert done.returncode == 0, done.stdout + done.stderr
    link = machine.root / ".venv/bin/orca-slicer"
    assert link.resolve() == machine.root / UNPACKED / "bin/orca-slicer"
    assert f"Slicer: OrcaSlicer ({link})" in done.stdout
    assert [path.name for path in (machine.root / ".slicer").iterdir()] == ["orca-slicer-2.3.1"]
    assert machine.calls("apt-get") == []


def test_what_was_unpacked_is_linked_again_into_a_new_venv(machine: Checkout) -> None:
    """Making .venv again must not cost another download."""
    url = appimage(machine, pinned=True)
    machine.run(SCRIPT, ORCA_APPIMAGE_URL=url)
    (machine.root / ".venv/bin/orca-slicer").unlink()
    done = machine.run(SCRIPT, ORCA_APPIMAGE_URL="file:///nowhere")
    assert done.stdout == f"Slicer: OrcaSlicer ({machine.root}/.venv/bin/orca-slicer)\n"


def test_an_unpacked_program_that_stopped_running_is_replaced(machine: Checkout) -> None:
    """A system upgrade can take its libraries away."""
    url = appimage(machine, pinned=True)
    machine.run(SCRIPT, ORCA_APPIMAGE_URL=url)
    machine.write(machine.root / UNPACKED / "bin/orca-slicer", "exit 127")
    done = machine.run(SCRIPT, ORCA_APPIMAGE_URL=url)
    assert done.returncode == 0
    assert "Downloading" in done.stdout
    assert "Slicer: OrcaSlicer" in done.stdout


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("#!/bin/bash\nexit 1\n", "could not be unpacked", id="does-not-unpack"),
        pytest.param("#!/bin/bash\nexit 0\n", "holds no bin/orca-slicer", id="empty"),
        pytest.param(
            APPIMAGE.replace("echo OrcaSlicer-2.3.1", "exit 127"), "does not run", id="broken"
        ),
    ],
)
def test_an_appimage_that_brings_no_working_program_leaves_nothing_behind(
    machine: Checkout, text: str, reason: str
) -> None:
    """Half an installation would be found, and trusted, by the next run."""
    done = machine.run(SCRIPT, ORCA_APPIMAGE_URL=appimage(machine, text, pinned=True))
    assert reason in obstacle(done)
    assert_fell_back(machine, done)


def test_missing_libraries_are_installed(machine: Checkout) -> None:
    """The AppImage does not bring GTK and WebKit."""
    machine.fake("ldd", "echo 'libwebkit2gtk-4.1.so.0 => not found'")
    machine.fake("apt-get", f"printf '#!/bin/bash\\n' >{machine.bin}/ldd")
    done = machine.run(SCRIPT, ORCA_APPIMAGE_URL=appimage(machine, pinned=True))
    assert "Slicer: OrcaSlicer" in done.stdout, done.stdout + done.stderr
    [call] = machine.calls("apt-get")
    assert "--no-install-recommends" in call
    assert "libwebkit2gtk-4.1-0" in call


def test_libraries_that_stay_missing_are_named(machine: Checkout) -> None:
    """The reader may find them where apt-get does not."""
    machine.fake("ldd", "echo 'libGL.so.1 => not found'; echo 'libEGL.so.1 => not found'")
    done = machine.run(SCRIPT, ORCA_APPIMAGE_URL=appimage(machine, pinned=True))
    assert "missing: libGL.so.1, libEGL.so.1" in obstacle(done)
    assert "Slicer: PrusaSlicer" in done.stdout
    assert not (machine.root / ".slicer").exists()


def test_slicer_orca_does_not_settle_for_prusa(machine: Checkout) -> None:
    """SLICER means the same here as for the service."""
    machine.fake("prusa-slicer", "true")
    machine.fake("getconf", "echo glibc 2.36")
    done = machine.run(SCRIPT, SLICER="orca")
    assert done.returncode == 1
    assert "needs glibc" in obstacle(done)
    assert done.stderr.startswith("There is no slicer:")


def test_slicer_prusa_does_not_try_orca(machine: Checkout) -> None:
    """SLICER means the same here as for the service."""
    machine.fake("orca-slicer", "true")
    done = machine.run(SCRIPT, SLICER="prusa")
    assert "Orca" not in done.stdout
    assert_fell_back(machine, done)


def test_an_unknown_slicer_is_refused(machine: Checkout) -> None:
    """A typing error must not install something."""
    done = machine.run(SCRIPT, SLICER="cura")
    assert (done.returncode, done.stderr) == (1, "SLICER must be auto, orca or prusa.\n")


@pytest.mark.parametrize("present", ["no-apt-get", "not-root"])
def test_where_nothing_can_be_installed_it_fails_and_says_what_to_do(
    machine: Checkout, present: str
) -> None:
    """Setup must not go on to a service that can price nothing."""
    machine.fake("getconf", "echo glibc 2.36")
    if present == "no-apt-get":
        (machine.bin / "apt-get").unlink()
    else:
        machine.fake("id", "echo 1000")
    done = machine.run(SCRIPT)
    assert done.returncode == 1
    assert "prusa-slicer" in done.stderr
    assert "PRUSA_BINARY" in done.stderr
    assert not (machine.root / ".slicer").exists()
