"""Every kind of generated part is a model that the service takes."""

from __future__ import annotations

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
    assert kinds == {*KINDS, "block"}
