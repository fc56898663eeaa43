"""Files of strangers: each trick ends in a named fault, in bounded time and memory."""

from __future__ import annotations

import io
import random
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from pricing_fdm.shop.faults import ShopError
from pricing_fdm.slicers.importing.imported import read_files
from tests.slicers.importing.files import ORCA, ORCA_GCODE, PRUSA, archive, prusa_gcode, user

MEBIBYTE = 1024**2
PROCESS = {"name": "Fine", "layer_height": "0.1"}


def zeros() -> bytes:
    """A hundredth of a percent of what they unpack to."""
    target = io.BytesIO()
    piece = bytes(16 * MEBIBYTE)
    with (
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as written,
        written.open("process/big.json", "w", force_zip64=True) as part,
    ):
        for _ in range(8):
            part.write(piece)
    return target.getvalue()


def nested(depth: int) -> bytes:
    content: bytes = archive({"a.json": PROCESS})
    for _ in range(depth):
        content = archive({"inner.orca_printer": content})
    return content


def many_pieces() -> bytes:
    """Parts that are allowed one by one, and 70 MiB together."""
    padded = {"layer_height": "0.1", "notes": " " * (MEBIBYTE - 100)}
    return archive({f"{number}.json": {"name": f"{number}", **padded} for number in range(70)})


def circle(length: int) -> bytes:
    """A thousand presets, each of which inherits from the next."""
    return archive(
        {
            f"process/{number}.json": user(
                f"P{(number + 1) % length}", name=f"P{number}", layer_height="0.1"
            )
            for number in range(length)
        }
    )


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "zeros": (zeros, "x.zip: holds a part that unpacks to more than 200 times"),
    "ten-thousand-members": (
        lambda: archive({f"p/{number}.json": "{}" for number in range(10_000)}),
        "x.zip: holds more parts than we read",
    ),
    "nested-ten-deep": (lambda: nested(10), "x.zip: holds another archive, inner.orca_printer"),
    "climbing": (lambda: archive({"../../etc/a.json": PROCESS}), "../../etc/a.json, which leads"),
    "climbing-backwards": (lambda: archive({"..\\a.json": PROCESS}), "../a.json, which leads out"),
    "absolute": (lambda: archive({"/etc/a.json": PROCESS}), "/etc/a.json, which leads out of it"),
    "thousand-parents-in-a-circle": (lambda: circle(1000), "is more than 50 parents above P"),
    "many-pieces": (many_pieces, "the files hold more than 64 MiB together"),
    "cut": (lambda: archive({"a.json": PROCESS})[:-30], "x.zip: is damaged"),
    "magic-only": (lambda: b"PK\3\4", "x.zip: is damaged"),
    "model-only": (lambda: archive({"3D/3dmodel.model": "<"}), "is a model without the settings"),
    "endless-line": (lambda: b"a = " + b"1" * (17 * MEBIBYTE), "is bigger than 16 MiB"),
    "deep-json": (lambda: b'{"a": ' + b"[" * MEBIBYTE, "x.zip: is not JSON"),
    "huge-number": (lambda: b'{"a": ' + b"9" * 100_000 + b"}", "x.zip: is not JSON"),
    "only-brackets": (lambda: b"[\n" * 100_000, "is no line of the form"),
}


@pytest.mark.parametrize(
    ("build", "told"), [pytest.param(*case, id=name) for name, case in HOSTILE.items()]
)
def test_a_hostile_file_is_a_named_fault(build: Callable[[], bytes], told: str) -> None:
    """Bounded before it is read, and counted while it is read; nothing is written to disk."""
    content = build()
    began_s = time.thread_time()
    with pytest.raises(ShopError) as error:
        read_files([("x.zip", content)])
    assert time.thread_time() - began_s < 5
    assert told in "\n".join(map(str, error.value.faults))


@pytest.mark.parametrize("name", ["zeros", "many-pieces", "endless-line"])
def test_memory_is_bounded_too(name: str) -> None:
    """What is taken of a file, and not what it claims or unpacks to, decides."""
    content = HOSTILE[name][0]()
    tracemalloc.start()
    with pytest.raises(ShopError):
        read_files([("x.zip", content)])
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < 150 * MEBIBYTE


def test_nothing_that_is_broken_escapes_as_another_error() -> None:
    """A fuzz of a second: bytes changed, taken out, doubled and cut off in each kind of file."""
    rng = random.Random(20)
    bundle: dict[str, Any] = {
        "printer/a.json": user("gone", name="a", nozzle_diameter=["0.4"]),
        "process/b.json": PROCESS,
    }
    seeds = [archive(bundle), archive({"Metadata/project_settings.config": ORCA})]
    seeds += [text.encode() for text in (ORCA_GCODE, PRUSA, prusa_gcode(), str(ORCA))]
    read = refused = 0
    for number in range(600):
        content = bytearray(seeds[number % len(seeds)])
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(content))
            piece = bytes(rng.choices(range(256), k=rng.randint(0, 3)))
            content[at : at + rng.randint(0, 3)] = piece * rng.choice((1, 1, 50))
        if rng.random() < 0.1:
            del content[rng.randrange(len(content)) :]
        try:
            read_files([("x", bytes(content))])
            read += 1
        except ShopError:
            refused += 1
    assert read > 50
    assert refused > 100
