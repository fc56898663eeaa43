"""Files that a customer might choose; as small as can be, so that slicing takes no time."""

from __future__ import annotations

from pathlib import Path

from tests.harness.shapes import ascii_stl, binary_stl, box
from tests.mesh import shapes, threemf_writer

CUBE = box(10, 10, 10)
BAR = box(8, 8, 12)


def cube(folder: Path) -> Path:
    """10 x 10 x 10 mm."""
    return _write(folder / "cube.stl", binary_stl(CUBE))


def bar(folder: Path) -> Path:
    """8 x 8 x 12 mm."""
    return _write(folder / "bar.stl", ascii_stl(BAR))


def block(folder: Path) -> Path:
    """40 x 40 x 40 mm: slicing it takes long enough to watch."""
    return _write(folder / "block.stl", binary_stl(box(40, 40, 40)))


def large_block(folder: Path) -> Path:
    """180 x 180 x 180 mm: slicing it finely takes many seconds."""
    return _write(folder / "large.stl", binary_stl(box(180, 180, 180)))


def long_bar(folder: Path) -> Path:
    """250 x 20 x 5 mm: for a large printer."""
    return _write(folder / "long.stl", binary_stl(box(250, 20, 5)))


def plate(folder: Path) -> Path:
    """600 x 400 x 2 mm: larger than any printer of ours."""
    return _write(folder / "plate.stl", binary_stl(box(600, 400, 2)))


def no_model(folder: Path) -> Path:
    """A letter under the name of a model."""
    return _write(folder / "letter.stl", b"Dear print shop,\nplease find attached nothing.\n")


def obj(folder: Path) -> Path:
    """The bar as OBJ."""
    lines = [f"v {x} {y} {z}" for triangle in BAR for x, y, z in triangle]
    lines += [f"f {3 * n + 1} {3 * n + 2} {3 * n + 3}" for n in range(len(BAR))]
    return _write(folder / "bar.obj", "\n".join(lines).encode())


def threemf_in_inches(folder: Path) -> Path:
    """A cube of one inch."""
    model = threemf_writer.built(
        threemf_writer.an_object(1, threemf_writer.mesh(shapes.box((1, 1, 1)))),
        attributes='unit="inch"',
    )
    return _write(folder / "inch.3mf", bytes(model))


def step(folder: Path) -> Path:
    """The first line of a STEP file."""
    return _write(folder / "bracket.STEP", b"ISO-10303-21;\n")


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
