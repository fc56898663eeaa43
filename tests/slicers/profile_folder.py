"""A copy of the bundled profiles that a test may spoil."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pricing_fdm.slicers.presets.preset_set import ProfileError, load_profiles, write_index

BUNDLED = Path(__file__).parents[2] / "profiles"

Document = dict[str, Any]


class ProfileFolder:
    """The copy: edits are hashed at once, so that only the edit itself can be found wrong."""

    def __init__(self, path: Path) -> None:
        self.path = path
        shutil.copytree(BUNDLED, path)

    def read(self, file: str) -> Document:
        """One file as it stands."""
        document: Document = json.loads((self.path / file).read_bytes())
        return document

    def edit(self, file: str, change: Callable[[Document], object]) -> None:
        """Applies `change` to the file's JSON object."""
        document = self.read(file)
        change(document)
        self.write(file, json.dumps(document))

    def set(self, file: str, **values: object) -> None:
        """Replaces values; `None` takes a key out."""
        self.edit(file, lambda document: document.update(values))
        self.edit(file, lambda document: [document.pop(k) for k, v in values.items() if v is None])

    def write(self, file: str, text: str) -> None:
        """Replaces a file."""
        (self.path / file).write_text(text, encoding="utf-8")
        write_index(self.path)

    def faults(self) -> tuple[str, ...]:
        """Why the folder is refused."""
        with pytest.raises(ProfileError) as caught:
            load_profiles(self.path)
        return caught.value.faults
