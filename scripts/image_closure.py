"""Copies into a new root what some programs need to run, and nothing else.

Usage: image_closure.py DESTINATION LIST... [--without ROOT]

Runs while an image is built, on the Debian that the files are taken from. Lines of a LIST are

    /path or /glob*    a file, a link with all that it leads to, or a folder with all that is in it
    package NAME       what a Debian package installed, but for its manuals
    libraries /path    only the libraries of the programs in this folder, which is copied otherwise
    ! /glob*           what to leave out, whatever asks for it

Every program that is copied brings the libraries that the loader would find for it (its closure by
`ldd`); a library that is missing ends the build. What a program opens by name while it runs nobody
can see from outside, so the lists name it. Each Debian package that a file came from leaves its
copyright file, and its entry in /var/lib/dpkg/status.d, where scanners look for it.
What --without already holds is not copied again. Standard library only.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path

DPKG = Path("/var/lib/dpkg")
STATUS_FOLDER = "var/lib/dpkg/status.d"
MANUALS = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/info/*", "/usr/share/lintian/*")
# Where /usr is merged these are links; ldd and some packages name files through them.
LINKS = ("bin", "lib", "lib64", "sbin")
ELF = b"\x7fELF"
LDD_BATCH = 200


class ClosureError(Exception):
    """The closure cannot be made; the text says why."""


class Wanted:
    """What the lists ask for."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.paths: list[Path] = []
        self.programs: list[Path] = []
        self.unwanted: list[str] = []
        for line in lines:
            text = line.partition("#")[0].strip()
            if text:
                self._read(text)

    def _read(self, text: str) -> None:
        word, _, rest = text.partition(" ")
        if word == "!":
            self.unwanted.append(rest.strip())
        elif word == "package":
            self.paths += installed_by(rest.strip())
        elif word == "libraries":
            self.programs += files_in(Path(rest.strip()))
        elif text.startswith("/"):
            self.paths += matches(text)
        else:
            raise ClosureError(f"a list has a line that cannot be read: {text}")

    def leaves_out(self, path: Path) -> bool:
        """Whether a path, or a folder above it, is not to be copied."""
        names = [str(each) for each in (path, *path.parents)]
        return any(fnmatchcase(name, each) for each in self.unwanted for name in names)


def main(arguments: list[str]) -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("destination", type=Path)
    parser.add_argument("lists", type=Path, nargs="+")
    parser.add_argument("--without", type=Path)
    options = parser.parse_args(arguments)
    try:
        lines = [line for each in options.lists for line in each.read_text().splitlines()]
        copied = copy_closure(Wanted(lines), options.destination, options.without)
        keep_records(copied, options.destination)
    except ClosureError as error:
        print(f"{error}.", file=sys.stderr)
        return 1
    print(f"{len(copied)} files, {sum(path.lstat().st_size for path in copied) / 1e6:.1f} MB")
    return 0


def copy_closure(wanted: Wanted, destination: Path, without: Path | None) -> list[Path]:
    """Copies everything; returns what was copied, as it is called here."""
    destination.mkdir(parents=True, exist_ok=True)
    if without is None:
        for name in LINKS:
            (destination / name).symlink_to(f"usr/{name}")
    copied: dict[Path, None] = {}
    programs = list(wanted.programs)
    waiting = list(wanted.paths)
    while waiting or programs:
        for path in expanded(waiting):
            if path not in copied and not wanted.leaves_out(path):
                copied[path] = None
                if is_program(path):
                    programs.append(path)
        waiting = [path for path in libraries_of(programs) if real_name(path) not in copied]
        waiting = [path for path in waiting if not wanted.leaves_out(real_name(path))]
        programs = []
    fresh = [path for path in copied if not (without and os.path.lexists(inside(without, path)))]
    for path in fresh:
        copy(path, inside(destination, path))
    return fresh


def expanded(paths: Iterable[Path]) -> Iterator[Path]:
    """Files and links by their real names, what links lead to, and what is in folders."""
    for path in paths:
        real = real_name(path)
        if real.is_symlink():
            yield real
            yield from expanded([real.parent / real.readlink()])
        elif real.is_dir():
            yield from (name for each in files_in(real) for name in expanded([each]))
        elif real.exists():
            yield real
        else:
            raise ClosureError(f"{path} is wanted and not there")


def real_name(path: Path) -> Path:
    """The path without links in its folders; its last part stays, be it a link or not."""
    return Path(os.path.realpath(path.parent)) / path.name


def inside(root: Path, path: Path) -> Path:
    """The same path below another root."""
    return root / path.relative_to("/")


def copy(path: Path, target: Path) -> None:
    """Copies one file or link with its mode and time."""
    make_folder_like(path.parent, target.parent)
    shutil.copy2(path, target, follow_symlinks=False)


def make_folder_like(folder: Path, target: Path) -> None:
    """Makes a folder, and those above it, with the modes that they have here."""
    if target.exists():
        return
    make_folder_like(folder.parent, target.parent)
    target.mkdir()
    shutil.copymode(folder, target)


def files_in(folder: Path) -> list[Path]:
    """Every file and link below a folder, in a fixed order."""
    found = []
    for parent, folders, names in os.walk(folder):
        folders.sort()
        links = [name for name in folders if Path(parent, name).is_symlink()]
        found += [Path(parent, name) for name in sorted([*names, *links])]
    return found


def matches(pattern: str) -> list[Path]:
    """What a pattern finds; it must find something."""
    found = sorted(Path("/").glob(pattern.removeprefix("/")))
    if not found:
        raise ClosureError(f"{pattern} is wanted and not there")
    return found


def is_program(path: Path) -> bool:
    """Whether the loader has to do with it: an executable or a library."""
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(ELF)) == ELF


def libraries_of(programs: list[Path]) -> list[Path]:
    """What the loader finds for these programs."""
    asked = [str(path) for path in programs if is_program(path)]
    found: dict[Path, None] = {}
    for start in range(0, len(asked), LDD_BATCH):
        # Its exit code says only that one of them is linked statically.
        answer = subprocess.run(
            ["ldd", *asked[start : start + LDD_BATCH]], capture_output=True, text=True, check=False
        )
        for line in answer.stdout.splitlines():
            if "not found" in line:
                raise ClosureError(f"a library is missing: {line.strip()}")
            name = line.partition("=>")[2] or line
            path = name.strip().partition(" (")[0]
            if path.startswith("/") and not path.endswith(":"):
                found[Path(path)] = None
    return list(found)


def installed_by(package: str) -> list[Path]:
    """Files and links of a Debian package, but for its manuals."""
    answer = subprocess.run(
        ["dpkg", "--listfiles", package], capture_output=True, text=True, check=False
    )
    if answer.returncode:
        raise ClosureError(f"the package {package} is wanted and not installed")
    paths = [Path(line) for line in answer.stdout.splitlines() if line.startswith("/")]
    kept = [path for path in paths if not any(fnmatchcase(str(path), each) for each in MANUALS)]
    return [path for path in kept if path.is_symlink() or path.is_file()]


def keep_records(copied: Iterable[Path], root: Path) -> None:
    """Writes the entry and the copyright file of every package that something came from."""
    owners = package_of_each_file()
    packages = {owners[path] for path in copied if path in owners}
    entries = {entry_name(entry): entry for entry in status_entries()}
    for package in sorted(packages):
        status = root / STATUS_FOLDER / package
        status.parent.mkdir(parents=True, exist_ok=True)
        status.write_text(entries[package] + "\n")
        notice = Path("/usr/share/doc", package, "copyright")
        if notice.exists():
            kept = inside(root, notice)
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(notice, kept)


def package_of_each_file() -> dict[Path, str]:
    """Who installed what, by its real name; architectures are left out of the names."""
    owners = {}
    for listed in sorted((DPKG / "info").glob("*.list")):
        package = listed.stem.partition(":")[0]
        for line in listed.read_text().splitlines():
            path = Path(line)
            if line != "/." and not path.is_dir():
                owners[real_name(path)] = package
    return owners


def status_entries() -> list[str]:
    """The installed packages, as dpkg describes them."""
    return [entry for entry in (DPKG / "status").read_text().split("\n\n") if entry.strip()]


def entry_name(entry: str) -> str:
    """The name of the package that an entry describes."""
    return entry.partition("Package: ")[2].partition("\n")[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
