"""What a library has for one printer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

from pricing_fdm.slicers.library.inheritance import FlatPreset
from pricing_fdm.slicers.presets.file import PresetFormat, ProfileKind

ENGINES = {"orca": PresetFormat.ORCA, "prusa": PresetFormat.PRUSA}
TITLES = {each: name for name, each in ENGINES.items()}
"""What the shop file calls the slicer whose files these are."""


@dataclass(frozen=True, slots=True)
class LibraryPrinter:
    """A line of the list of printers.

    Attributes:
        vendor: The library's part that it stands in.
        nozzle: In mm; several where it has several extruders.
        bed: Size in words.
    """

    name: str
    vendor: str
    format: PresetFormat
    nozzle: str
    bed: str


@dataclass(frozen=True, slots=True)
class PrinterOffer:
    """The presets that belong to a printer.

    Attributes:
        origin: The library's file and version, in words.
        processes: Those that are meant for it, the vendor's default first.
        filaments: Those that the vendor offers for it, the vendor's default first.
        remarks: What is wrong with presets that would perhaps be among them.
        unknown: Keys that we do not know; they are kept for the slicer.
        made_with: The slicers that wrote the presets, with their versions.
    """

    printer: LibraryPrinter
    origin: str
    machine: FlatPreset
    processes: tuple[FlatPreset, ...]
    filaments: tuple[FlatPreset, ...]
    remarks: tuple[str, ...]
    unknown: tuple[str, ...] = ()
    made_with: tuple[str, ...] = ()

    def presets(self) -> Iterator[tuple[ProfileKind, FlatPreset]]:
        """All of them."""
        yield ProfileKind.MACHINE, self.machine
        yield from ((ProfileKind.PROCESS, each) for each in self.processes)
        yield from ((ProfileKind.FILAMENT, each) for each in self.filaments)


class VendorLibrary(ABC):
    """The presets of one vendor, read when they are asked for.

    Attributes:
        format: Whose library it is a part of.
        vendor: Its name.
    """

    format: PresetFormat
    vendor: str

    @abstractmethod
    def printers(self, remarks: list[str]) -> Iterator[LibraryPrinter]:
        """Its printers; `remarks` gets what is wrong with single presets.

        Raises:
            ShopError: The library cannot be read.
        """

    @abstractmethod
    def offer(self, printer: LibraryPrinter, machine: FlatPreset | None = None) -> PrinterOffer:
        """What it has for a printer of its list.

        Args:
            printer: Of the list.
            machine: The owner's own preset of that printer, in place of the library's.

        Raises:
            ShopError: A preset is faulty.
        """

    @abstractmethod
    def preset(self, kind: ProfileKind, name: str) -> FlatPreset | None:
        """A preset by its name; None where there is none.

        Raises:
            ShopError: It, or a parent of it, is faulty.
        """


def bed_in_words(corners: tuple[str, ...], height: str) -> str:
    """`250 x 210 x 210`, or how many corners the bed has where it is no rectangle."""
    try:
        points = [tuple(map(float, corner.strip().split("x"))) for corner in corners]
        xs, ys = [x for x, _ in points], [y for _, y in points]
        size = f"{max(xs) - min(xs):g} x {max(ys) - min(ys):g} x {float(height):g}"
    except ValueError:
        return "unknown"
    if len(points) > _ROUND:
        return f"{size}, round"
    return size if len(points) == _RECTANGLE else f"{size}, {len(points)} corners"


_RECTANGLE = 4
_ROUND = 12
