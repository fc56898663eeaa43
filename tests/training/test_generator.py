"""Generated parts: sound, the same each time, and of every kind."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pricing_fdm.model import BuildVolume
from pricing_fdm.training.generator import generated_parts
from pricing_fdm.training.kinds import KINDS

_BED = BuildVolume(200, 200, 200)


def test_a_part_is_the_same_whatever_else_is_made(tmp_path: Path) -> None:
    """A run that goes on finds its labels again by the bytes of the files."""
    digests = []
    for count in (3, 25):
        folder = tmp_path / str(count)
        folder.mkdir()
        part = list(generated_parts(count))[2]
        part.write(folder / part.name)
        digests.append(hashlib.sha256((folder / part.name).read_bytes()).hexdigest())
    assert digests[0] == digests[1]


def test_parts_of_one_kind_differ() -> None:
    """Otherwise there would be one part of it."""
    volumes = [part.solid.volume() for part in generated_parts(3 * len(KINDS))]
    assert len({round(volume, 3) for volume in volumes}) == len(volumes)
