"""A package index in a folder: what is locked, as it is installed here, and newer releases of it.

The wheels are made from what is installed beside the tests, so no network is needed. They hold the
metadata that tells what a distribution requires; its files only where the set-up runs them.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

NEWER = "9999"
ANY_PLATFORM = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
PIN = re.compile(r"^([\w.-]+)==([^\s;]+)(.*?) \\\n((?:    --hash=\S+(?: \\)?\n)+)", re.MULTILINE)


def add_newer(index: Path, name: str) -> None:
    """Adds an empty release that is newer than every other."""
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {NEWER}\n"
    write_wheel(index, name, NEWER, {"METADATA": metadata.encode()}, {})


def add_installed(index: Path, name: str, *, with_files: bool) -> Path:
    """Adds the version that is installed here."""
    found = distribution(name)
    metadata = {"METADATA": (found.read_text("METADATA") or "").encode()}
    if entry_points := found.read_text("entry_points.txt"):
        metadata["entry_points.txt"] = entry_points.encode()
    files = installed_files(found) if with_files else {}
    return write_wheel(index, name, found.version, metadata, files)


def installed_files(found: Distribution) -> dict[str, bytes]:
    """Modules, and a program that is no script of Python."""
    files = {}
    scripts = {each.name for each in found.entry_points if each.group == "console_scripts"}
    for each in found.files or []:
        if each.parts[-2:-1] == ("bin",) and each.name not in scripts:
            target = f"{wheel_name(found.name)}-{found.version}.data/scripts/{each.name}"
            files[target] = Path(str(each.locate())).read_bytes()
        elif ".." not in each.parts and each.suffix != ".pyc" and ".dist-info" not in each.parts[0]:
            files[str(each)] = Path(str(each.locate())).read_bytes()
    return files


def write_wheel(
    index: Path, name: str, version: str, metadata: dict[str, bytes], files: dict[str, bytes]
) -> Path:
    """Writes a wheel that fits every machine into the folder of its project."""
    stem = f"{wheel_name(name)}-{version}"
    info = f"{stem}.dist-info"
    path = index / re.sub(r"[-_.]+", "-", name).lower() / f"{stem}-py3-none-any.whl"
    if path.exists():  # several locks name it
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    contents = files | {f"{info}/{each}": data for each, data in metadata.items()}
    contents[f"{info}/WHEEL"] = ANY_PLATFORM.encode()
    record = "".join(f"{each},,\n" for each in [*contents, f"{info}/RECORD"])
    contents[f"{info}/RECORD"] = record.encode()
    with zipfile.ZipFile(path, "w") as wheel:
        for each, data in contents.items():
            entry = zipfile.ZipInfo(each)
            entry.external_attr = (0o100755 if ".data/scripts/" in each else 0o100644) << 16
            wheel.writestr(entry, data)
    return path


def wheel_name(name: str) -> str:
    """As the names of wheels spell a project's name."""
    return re.sub(r"[-_.]+", "_", name).lower()


def serve_lock(index: Path, lock: Path, *, with_files: set[str]) -> dict[str, str]:
    """Puts what a lock names into the index and rewrites its hashes; returns what fits here.

    A pin for another platform or Python stays as it is: nobody here is to install it.
    """
    pins: dict[str, str] = {}

    def rewrite(pin: re.Match[str]) -> str:
        name, version, marker, _ = pin.groups()
        add_newer(index, name)
        if installed_version(name) != version:
            return pin[0]
        pins[name] = version
        wheel = add_installed(index, name, with_files=name in with_files)
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        return f"{name}=={version}{marker} \\\n    --hash=sha256:{digest}\n"

    lock.write_text(PIN.sub(rewrite, lock.read_text()))
    return pins


def installed_version(name: str) -> str | None:
    """The version that is installed beside the tests."""
    try:
        return distribution(name).version
    except PackageNotFoundError:
        return None
