"""Damaged model files, as bad lines, bad programs and bad people make them; equal for equal seeds.

A mutant is a small good model with one to five changes: bytes flipped, cut out, doubled or put in,
numbers and words edited in text, floats and the count in binary STL, parts of a package unpacked,
changed and packed again.
"""

from __future__ import annotations

import io
import random
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable

from tests.mesh.seed_models import SEEDS

UNREADABLE = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error),
    *(NotImplementedError, RuntimeError, OSError, EOFError, ValueError, KeyError),
)
"""What `zipfile` raises at a broken archive."""

Step = Callable[[random.Random, bytes], bytes]

MAX_BYTES = 400_000
"""No mutant is longer."""

_NUMBER = re.compile(rb"[-+]?\d+\.?\d*(?:[eE][-+]?\d+)?")
_WORD = re.compile(rb"[A-Za-z_\[\]]{1,30}")

ODD_NUMBERS = (
    *(b"0", b"-0", b"1", b"-1", b"2", b"-2", b"7", b"12", b"1e6", b"-1e6", b"1000001", b"0.0001"),
    *(b"nan", b"-nan", b"inf", b"-inf", b"1e-45", b"1e38", b"3.5e38", b"1e39", b"1e308", b"1e309"),
    *(b"255", b"65536", b"2147483647", b"2147483648", b"-2147483648", b"4294967295", b"4294967296"),
    *(b"9223372036854775808", b"9" * 400, b"0." + b"3" * 400, b"1e99999", b"-9" * 200),
    *(b"", b".", b"-", b"1_0", b"0x10", b"1,5", b"1.2.3", b"1e", b"1.#IND", b"\xd9\xa2", b"//"),
)  # fmt: skip
ODD_FLOATS = (
    *(0.0, -0.0, 1e-45, -1e-38, 1e-3, 20.000001, 199.99, 1e6, -1e6, 1.1e6, 3.4e38, -3.4e38),
    *(float("nan"), float("inf"), float("-inf")),
)
ODD_COUNTS = (0, 1, 3, 11, 13, 2**16, 2**24, 2**31 - 1, 2**31, 85_899_346, 2**32 - 1)
ODD_BYTES = (
    *(b"\0", b"\xff" * 4, b"\n", b"\r", b" ", b"\\\n", b"#", b'"', b"<", b"&", b";", b"'", b"\x1a"),
    *(b"\xef\xbb\xbf", b"\xc0\x80", b"solid ", b"endsolid", b"PK\x03\x04", b"PK\x01\x02", b"]]>"),
)
ODD_ENTRIES = (
    *("../../escape", "/etc/passwd", "3D/3dmodel.model", "_rels/.rels", "[Content_Types].xml"),
    *("3D\\3dmodel.model", "a" * 300, "", "3D/\u00e9.model", "CON", "3d/3DMODEL.MODEL", "x\0y"),
)


def mutant(kind: str, number: int, *, seed: int) -> bytes:
    """One damaged model.

    Args:
        kind: A format of `SEEDS`.
        number: Which one of this kind and seed.
        seed: Equal seeds give equal mutants.
    """
    chance = random.Random(f"{seed} {kind} {number}")
    content = chance.choice(SEEDS[kind])
    for _ in range(chance.choice((1, 1, 1, 2, 3, 5))):
        content = chance.choice(STEPS[kind])(chance, content)[:MAX_BYTES]
    return content


def _flip_bit(chance: random.Random, content: bytes) -> bytes:
    if not content:
        return content
    place = chance.randrange(len(content))
    return _replaced(content, place, 1, bytes([content[place] ^ 1 << chance.randrange(8)]))


def _overwrite(chance: random.Random, content: bytes) -> bytes:
    place, length = _stretch(chance, content)
    return _replaced(content, place, length, chance.randbytes(length))


def _cut_out(chance: random.Random, content: bytes) -> bytes:
    return _replaced(content, *_stretch(chance, content), b"")


def _double(chance: random.Random, content: bytes) -> bytes:
    place, length = _stretch(chance, content)
    stretch = content[place : place + length]
    return _replaced(content, place, length, stretch * chance.choice((2, 2, 2, 3, 50)))


def _move(chance: random.Random, content: bytes) -> bytes:
    place, length = _stretch(chance, content)
    stretch = content[place : place + length]
    rest = _replaced(content, place, length, b"")
    return _replaced(rest, chance.randrange(len(rest) + 1), 0, stretch)


def _insert(chance: random.Random, content: bytes) -> bytes:
    odd = chance.choice((*ODD_BYTES, chance.randbytes(chance.randrange(1, 64))))
    return _replaced(content, chance.randrange(len(content) + 1), 0, odd)


def _truncate(chance: random.Random, content: bytes) -> bytes:
    return content[: chance.randrange(len(content) + 1)]


def _append(chance: random.Random, content: bytes) -> bytes:
    return content + chance.choice((bytes(50), bytes(100), b"\n", content, chance.randbytes(99)))


BYTE_STEPS: tuple[Step, ...] = (
    *(_flip_bit, _flip_bit, _overwrite, _cut_out),
    *(_double, _move, _insert, _truncate, _append),
)


def _edit_number(chance: random.Random, content: bytes) -> bytes:
    return _edit(chance, content, _NUMBER, lambda _: chance.choice(ODD_NUMBERS))


def _nudge_number(chance: random.Random, content: bytes) -> bytes:
    def nudged(number: bytes) -> bytes:
        factor = chance.choice((-1.0, 0.0, 0.5, 1.0001, 2.0, 1000.0))
        return repr(float(number) * factor).encode()

    return _edit(chance, content, _NUMBER, nudged)


def _swap_numbers(chance: random.Random, content: bytes) -> bytes:
    return _edit(chance, content, _NUMBER, lambda _: chance.choice(_NUMBER.findall(content)))


def _swap_words(chance: random.Random, content: bytes) -> bytes:
    return _edit(chance, content, _WORD, lambda _: chance.choice(_WORD.findall(content)))


def _drop_word(chance: random.Random, content: bytes) -> bytes:
    return _edit(chance, content, _WORD, lambda _: b"")


def _with_lines(chance: random.Random, content: bytes) -> bytes:
    lines = content.split(b"\n")
    place, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    match chance.randrange(5):
        case 0:
            del lines[place]
        case 1:
            lines[place:place] = [lines[other]] * chance.choice((1, 1, 2, 100, 2000))
        case 2:
            lines[place], lines[other] = lines[other], lines[place]
        case 3:
            lines[place] += lines[other]
        case _:
            lines[place] = lines[place] * chance.choice((2, 3, 300))
    return b"\n".join(lines)


TEXT_STEPS: tuple[Step, ...] = (
    *(_edit_number, _edit_number, _edit_number, _nudge_number, _swap_numbers),
    *(_swap_words, _drop_word, _with_lines, _with_lines),
)


def _set_float(chance: random.Random, content: bytes) -> bytes:
    triangle = chance.randrange(max(1, (len(content) - 84) // 50))
    place = 84 + 50 * triangle + 4 * chance.randrange(12)
    return _replaced(content, place, 4, struct.pack("<f", chance.choice(ODD_FLOATS)))


def _copy_float(chance: random.Random, content: bytes) -> bytes:
    floats = [84 + 50 * n + 4 * m for n in range((len(content) - 84) // 50) for m in range(3, 12)]
    if not floats:
        return content
    here, there = chance.choice(floats), chance.choice(floats)
    return _replaced(content, here, 4, content[there : there + 4])


def _with_triangles(chance: random.Random, content: bytes) -> bytes:
    """Drops or doubles whole triangles, with the count put right half of the time."""
    place = 84 + 50 * chance.randrange(max(1, (len(content) - 84) // 50))
    triangle = content[place : place + 50]
    times = chance.choice((0, 0, 2, 3, 500))
    changed = _replaced(content, place, 50, triangle * times)
    if chance.random() < 0.5:
        changed = _replaced(changed, 80, 4, struct.pack("<I", max(0, len(changed) - 84) // 50))
    return changed


def _set_count(chance: random.Random, content: bytes) -> bytes:
    held = max(0, len(content) - 84) // 50
    count = chance.choice((*ODD_COUNTS, max(0, held - 1), held + 1, held + 7))
    return _replaced(content, 80, 4, struct.pack("<I", count))


def _set_header(chance: random.Random, content: bytes) -> bytes:
    header = chance.choice((b"solid x", b"v 1 2 3\n", b"# x\nv 1 2 3", b"PK\3\4", b"ISO-10303-21;"))
    return _replaced(content, 0, len(header), header)


RECORD_STEPS: tuple[Step, ...] = (
    *(_set_float, _set_float, _copy_float, _copy_float),
    *(_with_triangles, _with_triangles, _set_count, _set_header),
)


def _with_part(chance: random.Random, content: bytes) -> bytes:
    """Changes what one part of the package holds."""
    parts = _unpacked(content)
    if not parts:
        return content
    place = chance.randrange(len(parts))
    name, part = parts[place]
    for _ in range(chance.choice((1, 1, 2, 4))):
        part = chance.choice((*TEXT_STEPS, *TEXT_STEPS, *BYTE_STEPS))(chance, part)[:MAX_BYTES]
    parts[place] = (name, part)
    return _packed(chance, parts)


def _with_entries(chance: random.Random, content: bytes) -> bytes:
    """Drops, doubles, renames or moves parts of the package."""
    parts = _unpacked(content)
    if not parts:
        return content
    place, other = chance.randrange(len(parts)), chance.randrange(len(parts))
    match chance.randrange(5):
        case 0:
            del parts[place]
        case 1:
            parts.append((parts[other][0], parts[place][1]))
        case 2:
            parts[place] = (chance.choice(ODD_ENTRIES), parts[place][1])
        case 3:
            parts[place], parts[other] = parts[other], parts[place]
        case _:
            parts.append((chance.choice(ODD_ENTRIES), chance.randbytes(chance.randrange(2000))))
    return _packed(chance, parts)


def _lie_about_entry(chance: random.Random, content: bytes) -> bytes:
    """Changes a field of a local header, of the directory or of its end."""
    marks = [match.start() for match in re.finditer(rb"PK(?:\x01\x02|\x03\x04|\x05\x06)", content)]
    if not marks:
        return content
    place = chance.choice(marks) + 4 + 2 * chance.randrange(22)
    odd = chance.choice((b"\0\0", b"\1\0", b"\xff\xff", b"\x08\0", b"\x0c\0", chance.randbytes(2)))
    return _replaced(content, place, 2, odd)


PACKAGE_STEPS: tuple[Step, ...] = (
    *(_with_part, _with_part, _with_part, _with_part, _with_part, _with_part),
    *(_with_entries, _lie_about_entry, _lie_about_entry),
)

STEPS: dict[str, tuple[Step, ...]] = {
    "stl-binary": (*RECORD_STEPS, *BYTE_STEPS),
    "stl-ascii": (*TEXT_STEPS, *BYTE_STEPS),
    "obj": (*TEXT_STEPS, *BYTE_STEPS),
    "3mf": (*PACKAGE_STEPS, *PACKAGE_STEPS, *BYTE_STEPS),
    "step": (*TEXT_STEPS, *TEXT_STEPS, *BYTE_STEPS),
}


def _stretch(chance: random.Random, content: bytes) -> tuple[int, int]:
    """Where a stretch begins and how long it is: mostly short, seldom up to half of the file."""
    longest = chance.choice((1, 4, 16, 50, 300, 1 + len(content) // 2))
    return chance.randrange(len(content) + 1), chance.randrange(1, longest + 1)


def _replaced(content: bytes, place: int, length: int, new: bytes) -> bytes:
    return content[:place] + new + content[place + length :]


def _edit(
    chance: random.Random,
    content: bytes,
    pattern: re.Pattern[bytes],
    change: Callable[[bytes], bytes],
) -> bytes:
    found = list(pattern.finditer(content))
    if not found:
        return content
    match = chance.choice(found)
    return content[: match.start()] + change(match.group()) + content[match.end() :]


def _unpacked(content: bytes) -> list[tuple[str, bytes]]:
    """The parts of a package; none where earlier changes have left nothing to unpack."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return [
                (entry.filename, archive.read(entry))
                for entry in archive.infolist()
                if entry.file_size < MAX_BYTES
            ]
    except UNREADABLE:
        return []


def _packed(chance: random.Random, parts: list[tuple[str, bytes]]) -> bytes:
    compression = chance.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))
    target = io.BytesIO()
    with warnings.catch_warnings():
        # A name that comes twice is what we want.
        warnings.simplefilter("ignore", UserWarning)
        with zipfile.ZipFile(target, "w", compression) as archive:
            for name, part in parts:
                archive.writestr(zipfile.ZipInfo(name), part, compression)
    return target.getvalue()
