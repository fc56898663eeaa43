"""Extensions that a 3MF demands: support it, or do not price the part."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mesh.threemf_reading import read, refusal
from tests.mesh.threemf_writer import an_object, built

MICROSOFT = "http://schemas.microsoft.com/3dmanufacturing"
CONSORTIUM = "http://schemas.3mf.io/3dmanufacturing"


def demanding(namespace: str, prefixes: str = "b p") -> bytearray:
    attributes = f'xmlns:b="{namespace}" requiredextensions="{prefixes}"'
    return built(an_object(1), attributes=attributes)


@pytest.mark.parametrize("name", ["material/2015/02", "trianglesets/2021/07", "core/2015/02"])
def test_extensions_that_leave_the_shape_alone_are_accepted(tmp_path: Path, name: str) -> None:
    """Colours and groups of triangles do not change what is printed in one material."""
    assert len(read(tmp_path, demanding(f"{MICROSOFT}/{name}")).corners) == 12


@pytest.mark.parametrize(
    ("namespace", "said"),
    [
        (f"{MICROSOFT}/beamlattice/2017/02", "the beam lattice extension"),
        (f"{MICROSOFT}/slice/2015/07", "the slice extension"),
        (f"{MICROSOFT}/securecontent/2019/04", "the secure content extension"),
        (f"{CONSORTIUM}/booleanoperations/2023/07", "the boolean operations extension"),
        ("urn:unheard-of", "an extension"),
    ],
)
def test_extensions_that_make_the_shape_are_refused_by_name(
    tmp_path: Path, namespace: str, said: str
) -> None:
    """The mesh alone is not the part, and a consumer must not make it (3MF core, 3.4)."""
    assert f"demands {said}, which we do not support" in refusal(tmp_path, demanding(namespace))


def test_a_demanded_prefix_must_be_declared(tmp_path: Path) -> None:
    """What stands for nothing cannot be supported."""
    assert "an extension" in refusal(tmp_path, demanding("urn:x", "c"))


def test_an_extension_that_is_only_used_is_skipped(tmp_path: Path) -> None:
    """The core must be read the same with optional extensions (3MF core, 3.4)."""
    content = built(an_object(1), attributes='xmlns:b="urn:x" b:more="1"')
    assert len(read(tmp_path, content).corners) == 12
