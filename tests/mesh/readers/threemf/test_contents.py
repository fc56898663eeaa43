"""Which part of the archive is the model, and which others it uses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pricing_fdm.errors import ModelFormat
from pricing_fdm.mesh.readers.formats import read_model
from tests.mesh import shapes
from tests.mesh.threemf_reading import moved, read, refusal
from tests.mesh.threemf_writer import (
    CUBE,
    ROOT,
    an_object,
    built,
    components,
    model,
    relationships,
    zipped,
)

PLAIN = model(an_object(1))
OTHER = "3D/Objects/object_1.model"
IN_OTHER = f'p:path="/{OTHER}" objectid="1"'

THUMBNAIL = relationships("/a.png").replace("3dmodel", "thumbnail")

FOUND = {
    "relationships-to-other-things": {"_rels/.rels": THUMBNAIL, ROOT: PLAIN},
    "relationships-without-a-model": {"_rels/.rels": relationships(), ROOT: PLAIN},
    "relative-and-in-another-case": {"_rels/.rels": relationships("a/b.M"), "a/B.m": PLAIN},
    "the-same-twice": {"_rels/.rels": relationships(ROOT, f"/{ROOT}"), ROOT: PLAIN},
    "not-the-usual-one": {"_rels/.rels": relationships("/b.model"), "b.model": PLAIN, ROOT: "x"},
    "usual-name": {"3d/3DModel.model": PLAIN},
    "backslashes": {"3D\\3dmodel.model": PLAIN},
}


@pytest.mark.parametrize("parts", FOUND.values(), ids=FOUND)
def test_the_root_part_is_found(tmp_path: Path, parts: dict[str, str]) -> None:
    """By its relationship, or under the name that everybody uses."""
    assert (read(tmp_path, zipped(parts)).corners == CUBE).all()


def test_objects_may_lie_in_parts_of_their_own(tmp_path: Path) -> None:
    """The production extension, as Bambu Studio and OrcaSlicer write it; only the root builds."""
    pair = components(f'{IN_OTHER} transform="1 0 0 0 1 0 0 0 1 50 60 70"')
    other = model(an_object(1), items=('objectid="1"', 'objectid="9"'), attributes="")
    items = ('objectid="2"', IN_OTHER)
    demand = 'requiredextensions="p"'
    content = built(an_object(2, pair), items=items, attributes=demand, parts={OTHER: other})
    expected = np.concatenate([moved(CUBE, (50, 60, 70)), CUBE])
    assert (read(tmp_path, content).corners == expected).all()


BACK = model(an_object(1, components(f'p:path="/{ROOT}" objectid="1"')))
IN_INCHES = model(an_object(1), attributes='unit="inch"')

REFUSED = {
    "missing-root": (
        zipped({"_rels/.rels": relationships("/gone.model"), ROOT: PLAIN}),
        "part that is not in it",
    ),
    "two-roots": (
        zipped({"_rels/.rels": relationships(ROOT, "b.model"), ROOT: PLAIN}),
        "more than one part",
    ),
    "root-outside": (
        zipped({"_rels/.rels": relationships("../a.model"), "../a.model": PLAIN}),
        "outside of itself",
    ),
    "missing-part": (built(items=(IN_OTHER,)), "part that is not in it"),
    "no-path": (built(items=('p:path="" objectid="1"',)), "outside of itself"),
    "part-outside": (
        built(items=('p:path="/../o.model" objectid="1"',), parts={"../o.model": PLAIN}),
        "outside of itself",
    ),
    "part-to-part": (built(items=(IN_OTHER,), parts={OTHER: BACK}), "only its root"),
    "two-units": (built(items=(IN_OTHER,), parts={OTHER: IN_INCHES}), "different units"),
    "object-of-another-part": (
        built(an_object(2), items=(IN_OTHER.replace('"1"', '"2"'),), parts={OTHER: PLAIN}),
        "object that is not in it",
    ),
}


@pytest.mark.parametrize(("content", "reason"), REFUSED.values(), ids=REFUSED)
def test_references_that_lead_nowhere_are_refused(
    tmp_path: Path, content: bytearray, reason: str
) -> None:
    """Half of a model is another model."""
    assert reason in refusal(tmp_path, content)


def test_b7_another_zip_archive_is_called_one(tmp_path: Path) -> None:
    """B7: what came is an archive of something; its sender must hear that."""
    content = zipped({"part.stl": b"solid", "_rels/.rels": relationships()})
    with pytest.raises(ModelFormat, match="ZIP archive") as caught:
        read_model(shapes.saved(tmp_path, bytes(content)), shapes.LIMIT)
    assert "part.stl" not in caught.value.detail
