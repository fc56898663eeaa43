"""What bytes that are no model of ours look like, in words that help the caller.

The name in the URL plays no part: error pages, archives and CAD files all come under the name
of an STL. Nothing of the content is ever repeated.

Cost: O(n) in the first bytes, of which `formats` passes a few thousand.
"""

from __future__ import annotations

import re

_ANSWER = "Check that the URL leads to the model file itself and has not expired."
_PACKED = "Unpack it and send the model inside."
_EXPORT = "Export the part as STL."

_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"PK\x05\x06", "an empty ZIP archive", _EXPORT),
    (b"\x1f\x8b", "a gzip archive", _PACKED),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", _PACKED),
    (b"Rar!\x1a\x07", "a RAR archive", _PACKED),
    (b"\xfd7zXZ\x00", "an xz archive", _PACKED),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", _PACKED),
    (b"BZh", "a bzip2 archive", _PACKED),
    (b"%PDF-", "a PDF document", _EXPORT),
    (b"\x89PNG", "a PNG picture", _EXPORT),
    (b"\xff\xd8\xff", "a JPEG picture", _EXPORT),
    (b"GIF8", "a GIF picture", _EXPORT),
    (b"\x7fELF", "a program", _EXPORT),
    (b"MZ", "a Windows program", _EXPORT),
    (b"#!", "a script", _EXPORT),
    (b"\xd0\xcf\x11\xe0", "a SolidWorks or Office document", _EXPORT),
    (b"BLENDER", "a Blender scene", _EXPORT),
    (b"Kaydara FBX", "an FBX model", _EXPORT),
    (b"glTF", "a glTF model", _EXPORT),
    (b"ply\n", "a PLY model", _EXPORT),
    (b"ply\r", "a PLY model", _EXPORT),
    (b"ISO-10303-21", "a STEP model", _EXPORT),
    (b"\xff\xfe", "text in UTF-16", "Save it as plain ASCII text."),
    (b"\xfe\xff", "text in UTF-16", "Save it as plain ASCII text."),
)

_TEXT: tuple[tuple[re.Pattern[bytes], str, str], ...] = (
    (re.compile(rb"<(?:!doctype\s+)?html"), "a web page", _ANSWER),
    (re.compile(rb"(?:<\?xml[^>]{0,200}>\s*)?<error"), "an XML error message", _ANSWER),
    (re.compile(rb"<"), "an XML document", _EXPORT),
    (re.compile(rb"[{\[]"), "a JSON document", _ANSWER),
    (re.compile(rb"off\s"), "an OFF model", _EXPORT),
    (
        re.compile(rb"(?:#[^\n]*\n|\s)*+(?:v|vn|vt|f|o|g|mtllib|usemtl)[ \t]"),
        "an OBJ without vertices",
        "Export the part again.",
    ),
    (re.compile(rb";|[gm]\d+\s"), "G-code", _EXPORT),
)
_BOM = b"\xef\xbb\xbf"
_NOT_TEXT = re.compile(rb"[\0-\x08\x0e-\x1f\x7f]")


def looks_like(head: bytes) -> tuple[str, str] | None:
    """What the first bytes belong to and what to do about it; None when nothing fits.

    Args:
        head: The first few kilobytes of the file.
    """
    for magic, what, remedy in _MAGIC:
        if head.startswith(magic):
            return what, remedy
    if _NOT_TEXT.search(head):
        return None
    text = head.removeprefix(_BOM).lstrip().lower()
    for pattern, what, remedy in _TEXT:
        if pattern.match(text):
            return what, remedy
    return "plain text", "An ASCII STL begins with the word `solid`."
