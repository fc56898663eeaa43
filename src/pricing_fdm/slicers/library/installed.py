"""Where the libraries of the installed slicers are, and which printers they hold."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pricing_fdm.shop.faults import ShopError
from pricing_fdm.slicers.library.offer import LibraryPrinter, VendorLibrary
from pricing_fdm.slicers.library.orca import SHARED, OrcaLibrary
from pricing_fdm.slicers.library.prusa import PrusaLibrary

# From the folder of a slicer's program: as packages, archives and AppImages have them.
_BESIDE = (
    *("../share/PrusaSlicer/profiles", "../resources/profiles", "resources/profiles"),
    *("../share/OrcaSlicer/profiles", "../Resources/profiles"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """A printer, and the library that holds it."""

    printer: LibraryPrinter
    library: VendorLibrary


def library_folders(binaries: Iterable[str]) -> list[Path]:
    """The folders of presets that belong to these programs."""
    folders: dict[Path, None] = {}
    for binary in binaries:
        program = shutil.which(binary)
        for beside in _BESIDE if program else ():
            folder = (Path(str(program)).resolve().parent / beside).resolve()
            if folder.is_dir():
                folders[folder] = None
    return list(folders)


def printers_in(libraries: Iterable[VendorLibrary], remarks: list[str]) -> Iterator[Found]:
    """Every printer; `remarks` gets what is wrong with a library or with a preset in it."""
    for library in libraries:
        try:
            yield from (Found(each, library) for each in library.printers(remarks))
        except ShopError as error:
            remarks += map(str, error.faults)


def vendors_in(folders: Iterable[Path]) -> Iterator[VendorLibrary]:
    """The vendors' libraries."""
    for folder in folders:
        yield from _vendors(folder)


def _vendors(folder: Path) -> Iterator[VendorLibrary]:
    yield from map(PrusaLibrary, sorted(folder.glob("*.ini")))
    index = folder / f"{SHARED}.json"
    shared = OrcaLibrary(index) if index.exists() else None
    if shared:
        yield shared
    for each in sorted(folder.glob("*.json")):
        # The container image has the indexes only.
        if each != index and any((each.with_suffix("") / "machine").glob("*.json")):
            yield OrcaLibrary(each, shared)
