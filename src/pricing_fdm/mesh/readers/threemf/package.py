"""The parts of a 3MF's archive, which is not trusted; `zip_archive` says what is refused.

Cost: O(n) in bytes; O(e log e) in entries of the directory, whose size is bounded.
"""

from __future__ import annotations

from functools import partial
from typing import BinaryIO

from pricing_fdm.mesh.readers.threemf.budget import Budget, fault
from pricing_fdm.zip_archive import ZipArchive, part_key


class Package(ZipArchive):
    """A 3MF as an archive; each of its errors is a `ModelInvalid`."""

    def __init__(self, file: BinaryIO, budget: Budget) -> None:
        super().__init__(file, partial(budget.spend, "bytes"), fault)


def part_name(reference: str) -> str:
    """The name of the part that a reference names, absolute or from the package's root.

    Raises:
        ModelInvalid: It leads out of the package, or nowhere.
    """
    name = reference.removeprefix("/")
    if any(segment in {"", ".", ".."} for segment in name.split("/")):
        raise fault("refers to a part outside of itself")
    return part_key(name)
