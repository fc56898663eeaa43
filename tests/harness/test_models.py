"""A bare clone runs every test: the suite has models of its own and asks for nothing beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.harness import models
from tests.harness.models import known

TESTS = Path(__file__).parents[1]


def test_without_a_collection_beside_it_each_kind_has_models(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The collection only adds to them."""
    before = {kind: known(kind) for kind in (".stl", ".3mf", ".obj", ".step")}
    monkeypatch.setattr(models, "_BESIDE", tmp_path)
    for kind, found in before.items():
        own = known(kind)
        assert own
        assert own == found[: len(own)]
    assert len(known(".stl", ".3mf", folder="bad")) > 10


@pytest.mark.parametrize("folder", ["", "bad"])
def test_every_model_of_ours_is_listed_with_what_is_known_of_it(folder: str) -> None:
    """A file that no test reads is none."""
    place = TESTS / "fixtures" / "models" / folder
    listed = {entry["file"] for entry in json.loads((place / "manifest.json").read_text())}
    files = {path.name for path in place.iterdir() if path.is_file()}
    others = {"README.md", "manifest.json", ".gitattributes"}
    assert files - others == {name for name in listed if "/" not in name}


def test_only_one_module_looks_beside_the_project() -> None:
    """A test that finds its model there and nowhere else would be gone from a bare clone."""
    looking = {
        path.relative_to(TESTS).as_posix()
        for path in TESTS.rglob("*.py")
        if path != Path(__file__) and '/ "shared"' in path.read_text()
    }
    assert looking == {"harness/models.py"}
