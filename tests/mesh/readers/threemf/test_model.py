"""One model part: units, ids and what refers to what."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.mesh.threemf_reading import read, refusal
from tests.mesh.threemf_writer import CORE, CUBE, an_object, built, mesh, package


@pytest.mark.parametrize(
    ("attributes", "factor"),
    [
        ('unit="micron"', 0.001),
        ('unit="millimeter"', 1.0),
        ('unit="centimeter"', 10.0),
        ('unit="inch"', 25.4),
        ('unit="foot"', 304.8),
        ('unit="meter"', 1000.0),
        ("", 1.0),
    ],
)
def test_the_unit_of_the_file_rules(tmp_path: Path, attributes: str, factor: float) -> None:
    """K4: a 3MF knows its unit, a millimetre unless it says otherwise; nobody has to guess."""
    reading = read(tmp_path, built(an_object(1), attributes=attributes))
    assert (reading.corners == (CUBE.astype(np.float64) * factor).astype(np.float32)).all()


REFUSED = {
    "unknown-unit": (built(an_object(1), attributes='unit="parsec"'), "in a unit"),
    "one-id-twice": (built(an_object(1), an_object(1)), "same id"),
    "no-id": (built(f"<object>{mesh()}</object>"), "lacks an attribute"),
    "no-objectid": (built(an_object(1), items=("",)), "lacks an attribute"),
    "no-namespace": (package("<model><resources/><build/></model>"), "does not begin"),
    "another-root": (package(f'<mode1 xmlns="{CORE}"/>'), "does not begin"),
    "sixty-thousand-items": (
        built(items=tuple(f'objectid="{number}"' for number in range(60_000))),
        "more objects than we read",
    ),
}


@pytest.mark.parametrize(("content", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_model_part_is_refused(tmp_path: Path, content: bytearray, reason: str) -> None:
    """A guess at a half-readable model would be a guess at a price."""
    assert reason in refusal(tmp_path, content)


def test_vertices_are_bounded_too(tmp_path: Path) -> None:
    """Nobody needs more than three for each triangle."""
    vertices = "".join(f'<vertex x="{x}" y="0" z="0"/>' for x in range(101_000))
    content = built(an_object(1, f"<mesh><vertices>{vertices}</vertices></mesh>"))
    assert "more vertices than we read" in refusal(tmp_path, content, 100)
