"""Damaged models by the hundred: each becomes a part or a refusal in words, and nothing else.

`python -m scripts.fuzz_models` runs ten thousand of them, and slices some of those that pass.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pricing_fdm.errors import InternalError, ModelExceedsBuildVolume, ModelInvalid
from pricing_fdm.mesh.readers.formats import READERS
from tests.harness import model_fuzz
from tests.harness.model_doors import inspect
from tests.harness.model_fuzz import QUOTE, fuzz
from tests.mesh import shapes
from tests.mesh.mutations import MAX_BYTES, mutant
from tests.mesh.seed_models import SEEDS

MUTANTS = {"stl-binary": 120, "stl-ascii": 120, "obj": 120, "3mf": 120, "step": 10}
SEED = 2
MOST_MEMORY_MIB = 200


@pytest.mark.parametrize(("kind", "mutants"), MUTANTS.items())
def test_a_damaged_model_is_priced_or_refused(kind: str, mutants: int) -> None:
    """Anything else would be a 500 for a caller, a full disk or a dead process for us."""
    tally = fuzz(kind, mutants, seed=SEED)
    assert tally.faults == {}
    assert tally.outcomes.total() == mutants
    assert tally.outcomes.keys() <= {
        QUOTE,
        "model_format",
        "model_invalid",
        "model_exceeds_build_volume",
    }
    assert tally.outcomes[QUOTE] > mutants / 20, "too damaged to reach what comes after reading"
    assert tally.outcomes["model_invalid"] > mutants / 5, "hardly damaged"
    assert tally.largest[0] < MOST_MEMORY_MIB


def test_mutants_of_every_format_are_tried() -> None:
    """A format that is added is added here, too."""
    assert MUTANTS.keys() == SEEDS.keys()
    assert SEEDS.keys() - {"step"} == {reader.name for reader in READERS}


@pytest.mark.parametrize("kind", SEEDS)
def test_mutants_are_the_same_for_each_seed(kind: str) -> None:
    """A number and a seed are enough to look at one again."""
    some = [mutant(kind, number, seed=SEED) for number in range(40)]
    assert some == [mutant(kind, number, seed=SEED) for number in range(40)]
    assert some != [mutant(kind, number, seed=SEED + 1) for number in range(40)]
    assert len(set(some)) > 30
    assert max(map(len, some)) <= MAX_BYTES


def test_a_part_a_kilometre_long_takes_no_more_memory_than_others(tmp_path: Path) -> None:
    """Found by the fuzz, binary STL 150 of seed 1: its support was estimated before its size.

    A kilobyte of upload took 8 GB and 80 seconds.
    """
    upload = shapes.saved(tmp_path, shapes.binary_stl(shapes.box((30.0, 30.0, 1e6))))
    tracemalloc.start()
    try:
        with pytest.raises(ModelExceedsBuildVolume):
            inspect(upload, tmp_path / "part.stl")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 64 * 1024**2


def _crash(*_: Path) -> Any:
    raise ValueError("a bug")


def _blame_ourselves(*_: Path) -> Any:
    raise InternalError("A fault of ours.")


def _leave_a_file(upload: Path, _: Path) -> Any:
    upload.with_name("left").touch()
    raise ModelInvalid("The model is bad.")


def _tell_the_path(upload: Path, _: Path) -> Any:
    raise ModelInvalid(f"The model {upload} is bad.")


def _touch_the_upload(upload: Path, _: Path) -> Any:
    upload.write_bytes(b"")
    raise ModelInvalid("The model is bad.")


@pytest.mark.parametrize(
    "door", [_crash, _blame_ourselves, _leave_a_file, _tell_the_path, _touch_the_upload]
)
def test_the_fuzz_sees_what_must_not_happen(tmp_path: Path, door: Callable[..., Any]) -> None:
    """A judge that lets everything pass would find nothing for ever."""
    with pytest.raises((ValueError, InternalError, AssertionError)):
        model_fuzz._look(door, b"bytes", tmp_path)


def test_a_mutant_that_ends_the_process_is_named_and_the_others_go_on() -> None:
    """Here each one does, since there is no such format."""
    tally = fuzz("none", 2, seed=SEED)
    assert tally.faults.keys() == {0, 1}
    assert "KeyError" in tally.faults[1]
