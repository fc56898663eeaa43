"""Opens the files of an import: archives of presets and projects, and single texts.

The files come from strangers. Nothing of an archive is written to disk, an archive in an archive is
not opened, and the size of everything unpacked is bounded.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath

from pricing_fdm.shop.faults import Fault, ShopError
from pricing_fdm.slicers.importing.gcode_block import made_with, settings_block
from pricing_fdm.slicers.presets.file import PresetFormat
from pricing_fdm.zip_archive import ZipArchive

MOST_BYTES = 64 * 1024**2
"""Of all files together, unpacked; the biggest bundle of a vendor's has one of them."""

_MOST_FILE_BYTES = 16 * 1024**2
_ARCHIVE = b"PK"
_BINARY_GCODE = b"GCDE"
_BINARY = (
    "is binary G-code, which is not read here. In PrusaSlicer, File > Export > Export Config gives "
    "the same settings; or switch off Binary G-code in its Printer settings and export once more."
)
# As bbs_3mf.cpp of OrcaSlicer and Bambu Studio and 3mf.cpp of PrusaSlicer name them.
_PROJECT_SETTINGS = ("metadata/project_settings.config", "metadata/slic3r_pe.config")
_PROJECT = "3d/3dmodel.model"
# A bundle has its presets in printer/, process/ and filament/, one of filaments in a folder for
# each vendor, and this list of them (CreatePresetsDialog.cpp), passed over there, too.
_CONTENTS_OF_BUNDLE = "bundle_structure.json"
_PRESETS = (".json", ".ini", ".config")


@dataclass(frozen=True, slots=True)
class Text:
    """A text that may hold presets.

    Attributes:
        file: What messages call it.
        stem: The file's name without its folders and its end.
        settings_of: Whose settings these are, where they are those of a G-code.
        made_with: The slicer and its version; empty where the file does not tell.
    """

    file: str
    stem: str
    content: str
    settings_of: PresetFormat | None
    made_with: str


def opened(files: Iterable[tuple[str, bytes]]) -> Iterator[Text]:
    """The texts of the files, and of the archives among them.

    Raises:
        ShopError: An archive is damaged, nested or false, or a file is too big or no text.
    """
    left = MOST_BYTES

    def spend(count: int) -> None:
        nonlocal left
        left -= count
        if left < 0:
            message = f"the files hold more than {MOST_BYTES >> 20} MiB together."
            raise ShopError((Fault("", "", None, message),))

    for name, content in files:
        spend(len(content))
        if content.startswith(_ARCHIVE):
            archive = ZipArchive(io.BytesIO(content), spend, partial(_refused, name))
            yield from (_text(f"{name}: {part}", inner) for part, inner in _parts(name, archive))
        else:
            yield _text(name, content)


def _parts(name: str, archive: ZipArchive) -> Iterator[tuple[str, bytes]]:
    for part in archive.names():
        if part.startswith("/") or ".." in part.split("/"):
            raise _error(name, f"holds {part}, which leads out of it.")
    chosen = [each for each in _PROJECT_SETTINGS if archive.has(each)]
    if archive.has(_PROJECT) and not chosen:
        raise _error(name, "is a model without the settings of a slicer.")
    for part in chosen or sorted(archive.names()):
        is_preset = part.endswith(_PRESETS) and not part.endswith(_CONTENTS_OF_BUNDLE)
        content = b"".join(archive.chunks(part)) if not part.endswith("/") else b""
        if content.startswith(_ARCHIVE):
            raise _error(name, f"holds another archive, {part}; unpack it first.")
        if is_preset:
            yield part, content


def _text(file: str, content: bytes) -> Text:
    if content.startswith(_BINARY_GCODE):
        raise _error(file, _BINARY)
    slicer, settings = settings_block(content)
    if len(settings) > _MOST_FILE_BYTES:
        raise _error(file, f"is bigger than {_MOST_FILE_BYTES >> 20} MiB.")
    if b"\0" in settings:
        raise _error(file, "is no text.")
    stem = PurePosixPath(file.replace("\\", "/")).stem
    try:
        return Text(file, stem, settings.decode("utf-8-sig"), slicer, made_with(content))
    except UnicodeDecodeError as error:
        raise _error(file, "is not UTF-8 text.") from error


def _refused(name: str, clause: str, remedy: str) -> ShopError:
    return _error(name, f"{clause}. {remedy}")


def _error(file: str, message: str) -> ShopError:
    return ShopError((Fault(file, "", None, message),))
