"""Generated parts: sound, the same each time, and of every kind."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pricing_fdm.mesh.inspect import judge_model
from pricing_fdm.model import BuildVolume
from pricing_fdm.training.generator import generated_parts
from pricing_fdm.training.kinds import KINDS

_BED = BuildVolume(200, 200, 200)


def test_every_kind_is_a_sound_model_that_fits_a_printer(tmp_path: Path) -> None:
    """A part that the service refuses would teach nothing."""
    kinds = set()
    for part in generated_parts(len(KINDS)):
        path = tmp_path / part.name
        part.write(path)
        judged = judge_model(path, _BED, max_triangles=100_000)
        assert judged.watertight, part.name
        assert max(judged.box.size_mm) < 200, part.name
        kinds.add(part.kind)
    assert kinds == set(KINDS)


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
