"""Takes the slicer's place in a container and does what a test tells it, while the service runs.

The puppet lies beside the image's own slicer and turns into it, unless a deed is asked for in a
folder that test and container share. So one container goes through many troubles, and what prices
in between is what the image ships.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

from e2e.containers import Image
from tests.sandbox.spying import SPY

_STRINGS = "puppet.d"


class Puppet:
    """A slicer on strings.

    Args:
        folder: Of the test's, for what is mounted.
        image: Whose slicer it stands for.
    """

    def __init__(self, folder: Path, image: Image) -> None:
        self._strings = folder / _STRINGS
        self._strings.mkdir(parents=True)
        self._strings.chmod(0o755)
        self._program = folder / "puppet-slicer"
        text = (Path(__file__).parent / "puppet_slicer.py").read_text()
        self._program.write_text(f"#!{image.python} -IS\n{text}")
        self._program.chmod(0o755)
        (self._strings / "spy.py").write_text(SPY)
        (self._strings / "real").write_text(str(image.slicer))
        self._image = image

    @property
    def options(self) -> tuple[str, ...]:
        """Mounts it beside the slicer, where every cage lets the service look."""
        beside = self._image.slicer.parent
        return (
            f"--volume={self._program}:{beside / self._program.name}:ro",
            f"--volume={self._strings}:{beside / _STRINGS}:ro",
        )

    @property
    def environment(self) -> dict[str, str]:
        """The setting that puts it in the slicer's place."""
        return {self._image.slicer_variable: str(self._image.slicer.parent / self._program.name)}

    @contextlib.contextmanager
    def doing(self, deed: str, *arguments: object) -> Iterator[None]:
        """Every slice does this while the context lasts; see `puppet_slicer`."""
        self.begin(deed, *arguments)
        try:
            yield
        finally:
            self.stop()

    def begin(self, deed: str, *arguments: object) -> None:
        """Every slice does this from now on."""
        draft = self._strings / "draft"
        draft.write_text(json.dumps([deed, *arguments]))
        draft.rename(self._strings / "deed")

    def stop(self) -> None:
        """Every slice is as it should be from now on; those that are held go on."""
        (self._strings / "deed").unlink(missing_ok=True)
