"""Reads the presets of files: named bytes in, flattened presets out.

Parents come from the other files and from the installed slicers' libraries; nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from pricing_fdm.shop.faults import Fault, ShopError
from pricing_fdm.slicers.importing.contents import opened
from pricing_fdm.slicers.importing.documents import FoundPreset, presets_in
from pricing_fdm.slicers.importing.kinds import known_keys
from pricing_fdm.slicers.library.inheritance import FlatPreset, Inheritance, RawPreset
from pricing_fdm.slicers.library.offer import TITLES, VendorLibrary
from pricing_fdm.slicers.presets.file import PresetFormat, ProfileKind

_OF_EVERY_KIND = ("compatible_", "printer_settings_id", "print_settings_id", "filament_settings_id")
_HALF = 2


@dataclass(frozen=True, slots=True)
class ImportedPreset:
    """A preset of a file, with everything that it inherits.

    Attributes:
        together: The printer whose settings stand in the same file; empty: none.
        made_with: The slicer and its version; empty where the file does not tell.
        unknown: Keys that we do not know; they are kept for the slicer.
    """

    format: PresetFormat
    kind: ProfileKind
    preset: FlatPreset
    together: str
    made_with: str
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """What the files hold.

    Attributes:
        files: Their names.
        remarks: What was passed over, and why.
    """

    files: tuple[str, ...]
    presets: tuple[ImportedPreset, ...]
    remarks: tuple[str, ...]

    def of(self, kind: ProfileKind) -> tuple[ImportedPreset, ...]:
        """The presets of a kind."""
        return tuple(each for each in self.presets if each.kind is kind)


def read_files(
    files: Sequence[tuple[str, bytes]], libraries: Sequence[VendorLibrary] = ()
) -> Imported:
    """Reads the presets of files, whichever slicer wrote them.

    Args:
        files: Name and content of each; the name is for messages only.
        libraries: Where parents are found that are not in the files.

    Raises:
        ShopError: A file cannot be read, two presets have one name, or none can be used.
    """
    remarks: list[str] = []
    found = [each for text in opened(files) for each in presets_in(text, remarks)]
    parents = _Parents(_named(found), libraries, remarks)
    presets: list[ImportedPreset] = []
    faults: list[Fault] = []
    for each in parents.named.values():
        try:
            if not each.raw.name.startswith("*"):
                presets.append(parents.flattened(each))
        except ShopError as error:
            faults += error.faults
    if not presets:
        raise ShopError(faults) if faults else _error("", "", "the files hold no preset.")
    remarks += map(str, faults)
    return Imported(tuple(name for name, _ in files), tuple(presets), tuple(remarks))


def _named(found: Iterable[FoundPreset]) -> dict[_Key, FoundPreset]:
    named: dict[_Key, FoundPreset] = {}
    for each in found:
        raw = each.raw
        other = named.setdefault((each.format, each.kind, raw.name), each).raw
        if (other.values, other.parents) != (raw.values, raw.parents):
            message = f"there is another {each.kind} preset of this name in {other.file}."
            raise _error(raw.file, raw.name, message)
    return named


class _Parents:
    """The presets of the files, and those of the libraries that they inherit from."""

    def __init__(
        self,
        named: dict[_Key, FoundPreset],
        libraries: Sequence[VendorLibrary],
        remarks: list[str],
    ) -> None:
        self.named = named
        self._libraries = libraries
        self._remarks = remarks
        self._inheritance = {
            (slicer, kind): Inheritance(partial(self._find, slicer, kind))
            for slicer in PresetFormat
            for kind in ProfileKind
        }

    def flattened(self, found: FoundPreset) -> ImportedPreset:
        """A preset of the files with its parents' values.

        Raises:
            ShopError: A parent is missing, or inherits from itself, or it prints no filament.
        """
        slicer, kind = found.format, found.kind
        if not found.together and any(self._in_libraries(slicer, kind, found.raw.name)):
            remark = "a vendor has a preset of this name; the file's is taken"
            self._remarks.append(f"{found.raw.name}: {remark}")
        flat = self._inheritance[slicer, kind].flattened(self._without_lost(found))
        if flat.values.get("printer_technology") == "SLA":
            raise _error(flat.file, flat.name, "is for a printer of resin.")
        known = known_keys(slicer, kind)
        unknown = [k for k in flat.values if k not in known and not k.startswith(_OF_EVERY_KIND)]
        return ImportedPreset(
            slicer, kind, flat, found.together, found.made_with, tuple(sorted(unknown))
        )

    def _without_lost(self, found: FoundPreset) -> RawPreset:
        """The preset; one that states everything itself, without the parents that are missing."""
        raw, known = found.raw, known_keys(found.format, found.kind)
        if found.format is PresetFormat.ORCA:  # which saves what differs from the parent
            return raw
        if len(known & raw.values.keys()) * _HALF < len(known):
            return raw
        there = [each for each in raw.parents if self._find(found.format, found.kind, each)]
        if lost := [each for each in raw.parents if each not in there]:
            remark = f"inherits from {lost[0]}, which is not there; it states all values itself"
            self._remarks.append(f"{raw.name}: {remark}")
        return replace(raw, parents=tuple(there))

    def _find(
        self, slicer: PresetFormat, kind: ProfileKind, name: str
    ) -> RawPreset | FlatPreset | None:
        if (slicer, kind, name) in self.named:
            return self.named[slicer, kind, name].raw
        there = list(self._in_libraries(slicer, kind, name))
        if any(each.values != there[0].values for each in there):
            message = "several vendors have a preset of this name; choose with --vendor."
            raise _error(f"{TITLES[slicer]}'s libraries", name, message)
        return next(iter(there), None)

    def _in_libraries(
        self, slicer: PresetFormat, kind: ProfileKind, name: str
    ) -> Iterator[FlatPreset]:
        for library in self._libraries:
            try:
                if library.format is slicer and (preset := library.preset(kind, name)):
                    yield preset
            except ShopError as error:
                self._remarks += (str(each) for each in error.faults)


def _error(file: str, key: str, message: str) -> ShopError:
    return ShopError((Fault(file, key, None, message),))


_Key = tuple[PresetFormat, ProfileKind, str]
