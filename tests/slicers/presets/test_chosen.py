"""The hash of a slice's presets names what the three of them say."""

from __future__ import annotations

import itertools
import json

import pytest

from tests.slicers.profile_folder import BUNDLED, ProfileFolder, chosen, only_printer


def test_the_hash_is_short_hex() -> None:
    """It stands in every quote and every log line."""
    assert len(chosen().hash) == 16
    int(chosen().hash, 16)


def test_the_hash_does_not_depend_on_spelling(folder: ProfileFolder) -> None:
    """Order of keys and white space change no price."""
    for file in ("machine.json", "process_standard.json", "filament_pla.json"):
        turned = dict(reversed(folder.read(file).items()))
        folder.write(file, json.dumps(turned, indent=7))
    assert chosen(path=folder.path).hash == chosen().hash


@pytest.mark.parametrize(
    ("file", "values"),
    [
        ("machine.json", {"machine_max_jerk_x": ["9"]}),
        ("process_standard.json", {"wall_loops": "2"}),
        ("filament_pla.json", {"filament_flow_ratio": ["0.99"]}),
    ],
    ids=["machine", "process", "filament"],
)
def test_the_hash_changes_with_every_preset_that_takes_part(
    folder: ProfileFolder, file: str, values: dict[str, object]
) -> None:
    """Equal hashes promise equal prices."""
    folder.set(file, **values)
    assert chosen(path=folder.path).hash != chosen().hash


def test_the_hash_ignores_presets_that_take_no_part(folder: ProfileFolder) -> None:
    """A change to PETG throws no cached PLA quote away."""
    folder.set("filament_petg.json", filament_flow_ratio=["0.5"])
    folder.set("process_fine.json", wall_loops="7")
    assert chosen(path=folder.path).hash == chosen().hash


def test_the_hash_differs_between_any_two_choices() -> None:
    """24 choices, 24 hashes."""
    printer = only_printer(BUNDLED)
    choices = list(itertools.product(printer.processes, printer.filaments))
    assert len({printer.chosen(*choice).hash for choice in choices}) == len(choices) == 24


def test_values_of_the_process_can_be_replaced() -> None:
    """What a request overrides; the preset itself stays as it is."""
    changed = chosen().with_process_values({"wall_loops": "5"})
    assert changed.process.text("wall_loops") == "5"
    assert chosen().process.text("wall_loops") == "3"
    assert changed.hash != chosen().hash
    assert chosen().with_process_values({}) == chosen()
