"""An image gets what its programs need and nothing else, and knows where each file came from."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from scripts import image_closure
from scripts.image_closure import ClosureError, Wanted, main


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder with a program, a link to it, a folder of data, and something for nobody."""
    folder = tmp_path / "source"
    (folder / "data/cache").mkdir(parents=True)
    shutil.copy(str(shutil.which("true")), folder / "program")
    (folder / "link").symlink_to("program")
    (folder / "data/one").write_text("1")
    (folder / "data/cache/two").write_text("2")
    (folder / "other").write_text("for nobody")
    return folder


@pytest.fixture(autouse=True)
def dpkg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: Path) -> Path:
    """A package database that knows one package: this test runs on any Linux."""
    database = tmp_path / "dpkg"
    (database / "info").mkdir(parents=True)
    (database / "info/parts:amd64.list").write_text(f"/.\n{source}\n{source}/data/one\n")
    (database / "status").write_text(
        "Package: parts\nVersion: 1-2\n\nPackage: others\nVersion: 3\n\n"
    )
    monkeypatch.setattr(image_closure, "DPKG", database)
    return database


def closure(tmp_path: Path, lines: Sequence[str], *options: str) -> Path:
    """What a list asks for, in a new root."""
    wanted, root = tmp_path / "wanted.files", tmp_path / "root"
    wanted.write_text("\n".join(lines))
    assert main([str(root), str(wanted), *options]) == 0
    return root


def files(root: Path, below: Path) -> set[str]:
    place = root / below.relative_to("/")
    return {str(each.relative_to(place)) for each in place.rglob("*") if not each.is_dir()}


def libraries(root: Path) -> set[str]:
    return {each.name for each in root.rglob("*.so*")}


def test_a_program_brings_the_libraries_that_it_links(tmp_path: Path, source: Path) -> None:
    """It must be able to run in the new root."""
    root = closure(tmp_path, [f"{source}/program"])
    assert files(root, source) == {"program"}
    assert "libc.so.6" in libraries(root)
    assert any(name.startswith("ld-linux") for name in libraries(root))


def test_the_program_runs_in_the_new_root(tmp_path: Path, source: Path) -> None:
    """With the loader and the libraries of that root alone."""
    root = closure(tmp_path, [f"{source}/program"])
    [loader] = [each for each in root.rglob("ld-linux*") if not each.is_symlink()]
    folders = {str(each.parent) for each in root.rglob("*.so*")}
    program = root / source.relative_to("/") / "program"
    command = [str(loader), "--library-path", ":".join(folders), str(program)]
    assert subprocess.run(command, check=False).returncode == 0


def test_a_link_comes_with_what_it_leads_to(tmp_path: Path, source: Path) -> None:
    root = closure(tmp_path, [f"{source}/link  # a remark"])
    assert files(root, source) == {"link", "program"}
    assert (root / source.relative_to("/") / "link").readlink() == Path("program")


def test_a_folder_comes_whole_but_for_what_is_unwanted(tmp_path: Path, source: Path) -> None:
    root = closure(tmp_path, ["", "# a remark", f"{source}/data", "! */cache"])
    assert files(root, source) == {"data/one"}


def test_a_pattern_brings_all_that_it_finds(tmp_path: Path, source: Path) -> None:
    root = closure(tmp_path, [f"{source}/o*", f"{source}/data/*"])
    assert files(root, source) == {"other", "data/one", "data/cache/two"}


def test_modes_and_times_are_kept(tmp_path: Path, source: Path) -> None:
    """Folders too: one that nobody may read must not become readable."""
    (source / "data").chmod(0o750)
    os.utime(source / "data/one", (1, 1))
    root = closure(tmp_path, [f"{source}/data"])
    copied = root / (source / "data").relative_to("/")
    assert copied.stat().st_mode & 0o777 == 0o750
    assert (copied / "one").stat().st_mtime == 1


def test_libraries_alone_can_be_asked_for(tmp_path: Path, source: Path) -> None:
    """For programs that come another way."""
    root = closure(tmp_path, [f"libraries {source}"])
    assert "libc.so.6" in libraries(root)
    assert not (root / source.relative_to("/")).exists()


def test_what_a_layer_below_holds_is_not_copied_again(tmp_path: Path, source: Path) -> None:
    below = closure(tmp_path, [f"{source}/program"]).rename(tmp_path / "below")
    root = closure(tmp_path, [f"{source}/program", f"{source}/other"], "--without", str(below))
    assert files(root, source) == {"other"}
    assert libraries(root) == set()


def test_the_first_layer_has_the_links_of_a_merged_usr(tmp_path: Path, source: Path) -> None:
    """The loader's own name begins with /lib64."""
    root = closure(tmp_path, [f"{source}/other"])
    assert (root / "lib64").readlink() == Path("usr/lib64")


def test_each_package_leaves_its_entry(tmp_path: Path, source: Path) -> None:
    """Scanners and the bill of materials read them; packages of which nothing came leave none."""
    root = closure(tmp_path, [f"{source}/data"])
    status = root / image_closure.STATUS_FOLDER
    assert {each.name for each in status.iterdir()} == {"parts"}
    assert (status / "parts").read_text() == "Package: parts\nVersion: 1-2\n"


def test_a_library_that_is_missing_ends_the_build(
    tmp_path: Path,
    source: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The program would not start, and only a customer would notice."""
    fake = tmp_path / "bin" / "ldd"
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\necho '\tlibwebkit.so.4 => not found'\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(fake.parent), prepend=os.pathsep)
    wanted = tmp_path / "wanted.files"
    wanted.write_text(f"{source}/program")
    assert main([str(tmp_path / "root"), str(wanted)]) == 1
    assert "libwebkit.so.4" in capsys.readouterr().err


@pytest.mark.parametrize(
    "line",
    ["/not/there", "/not/there*", "package no-such-package-anywhere", "what is this"],
    ids=["a path", "a pattern", "a package", "no line of a list"],
)
def test_what_cannot_be_found_ends_the_build(tmp_path: Path, line: str) -> None:
    """A list that is out of date must not make an image with a hole."""
    if line.startswith("package") and not shutil.which("dpkg"):
        line = "/not/there"
    with pytest.raises(ClosureError):
        image_closure.copy_closure(Wanted([line]), tmp_path / "root", None)


def test_a_link_that_leads_nowhere_ends_the_build(tmp_path: Path, source: Path) -> None:
    (source / "broken").symlink_to("nowhere")
    with pytest.raises(ClosureError, match="nowhere"):
        image_closure.copy_closure(Wanted([f"{source}/broken"]), tmp_path / "root", None)
