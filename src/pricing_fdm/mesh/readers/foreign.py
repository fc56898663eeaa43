"""Names files of other formats and programs, and says what to export instead.

Marks are those of the formats' descriptions. A name is given only where it is certain; nothing of
the content is repeated. A new format is one more row.

Cost: O(1): the first bytes, or the names of an archive's entries.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TypeAlias

Known: TypeAlias = tuple[str, str]
"""What a file is, and what to do about it."""

ANSWER = "Check that the URL leads to the model file itself and has not expired."
_PACKED = "Unpack it and send the model inside."
_MODEL = "Export the part as STL."
_SOLID = "Export the part from its program as STEP, or as STL or 3MF."
_MESH = "Export the part from its program as STL, OBJ or 3MF."
_DRAWING = "A flat drawing has no volume: export the solid body as STEP or STL."
_ASCII = "Save it as plain ASCII text."

_SKETCHUP = "\N{BYTE ORDER MARK}".encode("utf-16-le") + b"\xff\x0e" + "SketchUp".encode("utf-16-le")

MARKS: tuple[tuple[bytes, str, str], ...] = (
    (_SKETCHUP, "a SketchUp model", _MESH),
    (b"3D Geometry File Format", "a Rhino model", _SOLID),
    (b"V5_CFV2", "a CATIA V5 document", _SOLID),
    (b"#UGC:", "a Creo or Pro/ENGINEER part", _SOLID),
    (b"PS\0\0", "a Parasolid model", _SOLID),
    (b"**ABCDEFGHIJKLMNOPQRSTUVWXYZ", "a Parasolid model", _SOLID),
    (b"ACIS BinaryFile", "an ACIS model", _SOLID),
    (b"ASM BinaryFile", "an ACIS model", _SOLID),
    (b"AutoCAD Binary DXF", "a DXF drawing", _DRAWING),
    (b"AC10", "a DWG drawing", _DRAWING),
    (b"\x08\x09\xfe\x02", "a DGN drawing", _DRAWING),
    (b"BLENDER", "a Blender scene", _MESH),
    (b"Kaydara FBX", "an FBX model", _MESH),
    (b"; FBX", "an FBX model", _MESH),
    (b"glTF", "a glTF model (GLB)", _MESH),
    (b"PXR-USDC", "a USD model", _MESH),
    (b"#usda", "a USD model", _MESH),
    (b"#VRML", "a VRML model", _MESH),
    (b"#X3D", "an X3D model", _MESH),
    (b"#Inventor", "an Open Inventor model", _MESH),
    (b"ply\n", "a PLY model", _MESH),
    (b"ply\r", "a PLY model", _MESH),
    (b"QC4DC4D6", "a Cinema 4D scene", _MESH),
    (b"//Maya ASCII", "a Maya scene", _MESH),
    (b"U3D\0", "a U3D model", _MESH),
    (b"GCDE", "binary G-code", _MODEL),
    (b"ISO-10303-21", "a STEP model", _MODEL),
    (b"PK\x05\x06", "an empty ZIP archive", _MODEL),
    (b"\x1f\x8b", "a gzip archive", _PACKED),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", _PACKED),
    (b"Rar!\x1a\x07", "a RAR archive", _PACKED),
    (b"\xfd7zXZ\x00", "an xz archive", _PACKED),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", _PACKED),
    (b"BZh", "a bzip2 archive", _PACKED),
    (b"%PDF-", "a PDF document", _MODEL),
    (b"\x89PNG", "a PNG picture", _MODEL),
    (b"\xff\xd8\xff", "a JPEG picture", _MODEL),
    (b"GIF8", "a GIF picture", _MODEL),
    (b"\x7fELF", "a program", _MODEL),
    (b"MZ", "a Windows program", _MODEL),
    (b"#!", "a script", _MODEL),
    (b"\xff\xfe", "text in UTF-16", _ASCII),
    (b"\xfe\xff", "text in UTF-16", _ASCII),
)
"""How a file begins."""

# IGES numbers its lines of 80 columns in the last eight, behind the letter of the section.
IGES = re.compile(rb"[^\r\n]{72}[SBC] *0*1[ \r]*(?:\n|\Z|\r)")
PATTERNS: tuple[tuple[re.Pattern[bytes], str, str], ...] = (
    (IGES, "an IGES model", _SOLID),
    (re.compile(rb"Version \d+\.\d+ +JT"), "a JT model", _SOLID),
    (re.compile(rb"MM[^\0]{0,3}\0{0,3}\x02\0\x0a\0\0\0|MM.{4}=="), "a 3DS model", _MESH),
    (re.compile(rb"\s*(?:999\s*\n[^\n]*\n\s*)*0\s*\r?\n\s*SECTION"), "a DXF drawing", _DRAWING),
    (re.compile(rb"\d+ \d+ \d+ \d+\s*\n\d+ [^\n]*(?:ACIS|ASM)"), "an ACIS model", _SOLID),
    (re.compile(rb"DBRep_DrawableShape|\s*CASCADE Topology"), "an OpenCASCADE model", _SOLID),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), "a WebP picture", _MODEL),
)
"""The same, where there is more to it than a few bytes."""

COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Documents of several programs are such a file; streams in it tell which."""

_STREAMS: tuple[tuple[str, str], ...] = (
    ("SwDocMgrTempStorage", "a SolidWorks document"),
    ("SwDocContentMgr", "a SolidWorks document"),
    ("ISolidWorksInformation", "a SolidWorks document"),
    ("RSeDb", "an Inventor document"),
    ("RSeStorage", "an Inventor document"),
    ("UGPART", "a Siemens NX part"),
    ("JSitesList", "a Solid Edge document"),
    ("WordDocument", "an Office document"),
    ("Workbook", "an Office document"),
)

TEXTS: tuple[tuple[re.Pattern[bytes], str, str], ...] = (
    (re.compile(rb"<(?:!doctype\s+)?html"), "a web page", ANSWER),
    (re.compile(rb"(?:<\?xml[^>]{0,200}>\s*)?<error"), "an XML error message", ANSWER),
    *(
        (re.compile(rb"(?:<[?!][^>]{0,300}>\s*){0,9}<(?:\w{1,20}:)?" + tag + rb"\b"), what, remedy)
        for tag, what, remedy in (
            (rb"amf", "an AMF model", _MESH),
            (rb"collada", "a COLLADA model", _MESH),
            (rb"x3d", "an X3D model", _MESH),
            (rb"svg", "an SVG drawing", _DRAWING),
            (rb"model_3dxml", "a 3DXML model", _SOLID),
            (rb"plmxml", "a PLM XML document", _SOLID),
            (rb"model", "the inner part of a 3MF", "Send the whole 3MF."),
        )
    ),
    (re.compile(rb"<"), "an XML document", _MODEL),
    (
        re.compile(rb'\{(?=.{0,4000}"asset")(?=.{0,4000}"version")', re.DOTALL),
        "a glTF model",
        _MESH,
    ),
    (re.compile(rb"[{\[]"), "a JSON document", ANSWER),
    (re.compile(rb"(?:st|c|n|4)*off\s"), "an OFF model", _MESH),
    (
        re.compile(
            rb"(?:\s++|//[^\n]*+|/\*(?>.*?\*/))*+(?:(?:module|function|use|include)\s*[\w<]|\$f[nas]"
            rb"|(?:cube|cylinder|sphere|translate|rotate|union|difference|intersection|hull"
            rb"|minkowski|linear_extrude|rotate_extrude|polyhedron|color|scale|mirror)\s*\()",
            re.DOTALL,
        ),
        "an OpenSCAD script",
        "Render it in OpenSCAD and export STL or 3MF.",
    ),
    (
        re.compile(rb"(?:#[^\n]*\n|\s)*+(?:v|vn|vt|f|o|g|mtllib|usemtl)(?:[ \t]|\r?\n)"),
        "an OBJ without vertices",
        "Export the part again.",
    ),
    (re.compile(rb";|[gm]\d+\s"), "G-code", _MODEL),
)
"""How a text begins, in lower case."""

_ENTRIES: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (re.compile(r"document\.xml"), "a FreeCAD document", _SOLID),
    (re.compile(r"fusionassetname.*|.*\.f3d"), "a Fusion design", _SOLID),
    (re.compile(r".*\.usd[ac]?"), "a USDZ model", _MESH),
    (re.compile(r".*\.amf"), "a zipped AMF model", _MESH),
    (re.compile(r".*\.dae|doc\.kml"), "a zipped COLLADA model", _MESH),
    (re.compile(r".*\.3dxml|manifest\.xml"), "a 3DXML or DWF document", _SOLID),
    (re.compile(r"document\.json|.*\.skp"), "a SketchUp model", _MESH),
    (re.compile(r"word/.*|xl/.*|ppt/.*|mimetype"), "an Office document", _MODEL),
)
"""What an archive holds, in lower case."""

_BOM = b"\xef\xbb\xbf"
_NOT_TEXT = re.compile(rb"[\0-\x08\x0e-\x1f\x7f]")


def unmistakable(head: bytes) -> Known | None:
    """What the file is for certain, whatever word it begins with."""
    return ("an IGES model", _SOLID) if IGES.match(head) else None


def looks_like(head: bytes) -> Known | None:
    """What the first bytes are and what to do about it; None if nothing fits.

    Args:
        head: The first few kilobytes of the file.
    """
    if head.startswith(COMPOUND):
        return _compound(head)
    text = head.removeprefix(_BOM).lstrip()
    for mark, what, remedy in MARKS:
        if head.startswith(mark) or text.startswith(mark):
            return what, remedy
    if known := _matched(PATTERNS, head):
        return known
    if _NOT_TEXT.search(head):
        return None
    return _matched(TEXTS, text.lower()) or (
        "plain text",
        "An ASCII STL begins with the word `solid`.",
    )


def _matched(patterns: tuple[tuple[re.Pattern[bytes], str, str], ...], head: bytes) -> Known | None:
    for pattern, what, remedy in patterns:
        if pattern.match(head):
            return what, remedy
    return None


def packed(names: Collection[str]) -> Known | None:
    """What an archive is by the names of its entries, in lower case; None if nothing fits."""
    for pattern, what, remedy in _ENTRIES:
        if any(pattern.fullmatch(name) for name in names):
            return what, remedy
    return None


def _compound(head: bytes) -> Known:
    for name, what in _STREAMS:
        if name.encode("utf-16-le") in head:
            return what, _SOLID
    return "a document of SolidWorks, Inventor, Solid Edge, 3ds Max or Office", _SOLID
