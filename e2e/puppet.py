"""The tests' puppet in the slicer's place in a container: it does what a test asks for, meanwhile.

It lies beside the image's own slicer and turns into it, unless the folder that test and container
share asks for a deed. So one container goes through many troubles, and what prices in between is
what the image ships.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from pathlib import Path

from e2e.containers import Image
from tests.harness.puppet import install
from tests.sandbox.spying import SPY


class Puppet:
    """A slicer on strings.

    Args:
        folder: Of the test's, for what is mounted.
        image: Whose slicer it stands for.
    """

    def __init__(self, folder: Path, image: Image) -> None:
        self._program = folder / "puppet-slicer"
        self._strings = folder / "puppet-slicer.d"
        self._image = image
        self._numbers = itertools.count()
        self._held_until = self._strings / "unused"
        self.begin()
        self._strings.chmod(0o755)
        (self._strings / "spy.py").write_text(SPY)

    @property
    def inside(self) -> Path:
        """Where the container has it: beside the slicer, where every sandbox lets it be seen."""
        return self._image.slicer.with_name(self._program.name)

    @property
    def spy(self) -> str:
        """The program that tries everything that docs/sandbox.md speaks of."""
        return str(self.inside.with_name(self._strings.name) / "spy.py")

    @property
    def options(self) -> tuple[str, ...]:
        """Mounts it."""
        return tuple(
            f"--volume={path}:{self.inside.with_name(path.name)}:ro"
            for path in (self._program, self._strings)
        )

    @property
    def environment(self) -> dict[str, str]:
        """The setting that puts it in the slicer's place."""
        return {self._image.slicer_variable: str(self.inside)}

    @contextlib.contextmanager
    def doing(self, **behaviour: object) -> Iterator[None]:
        """Every slice does this while the context lasts; see `tests/puppet/slicer.py`."""
        self.begin(**behaviour)
        try:
            yield
        finally:
            self.stop()

    @contextlib.contextmanager
    def holding(self) -> Iterator[None]:
        """Every slice waits before it begins while the context lasts."""
        self.hold()
        try:
            yield
        finally:
            self.stop()

    def begin(self, **behaviour: object) -> None:
        """Every slice does this from now on."""
        behaviour["become"] = self._image.slicer
        install(self._program, behaviour, self._image.python)

    def hold(self) -> None:
        """Every slice from now on waits until it is stopped, and then slices."""
        self._held_until = self._strings / f"go-on-{next(self._numbers)}"
        self.begin(hang_until=self.inside.with_name(self._strings.name) / self._held_until.name)

    def stop(self) -> None:
        """Every slice is as it should be from now on; those that are held go on."""
        self.begin()
        self._held_until.touch()
