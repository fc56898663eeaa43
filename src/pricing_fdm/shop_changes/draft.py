"""A copy of a shop that is changed, checked and tried before the shop itself is."""

from __future__ import annotations

import shutil
from pathlib import Path, PurePath

from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.shop.files import read_file
from pricing_fdm.shop.load import SHOP_FILE, load_shop


class Draft:
    """A change to a shop that is not made yet.

    Args:
        folder: The shop's, which only `write` changes.
        copy: An empty folder.

    Raises:
        ShopError: The shop is faulty.
    """

    def __init__(self, folder: Path, copy: Path) -> None:
        self.copy = copy
        self._folder = folder
        self._new: list[PurePath] = []
        for name in (*load_shop(folder).file_names(), SHOP_FILE):
            _put(copy / name, (folder / name).read_bytes())

    def shop(self) -> Shop:
        """The shop with what was changed so far.

        Raises:
            ShopError: It is not sound.
        """
        return load_shop(self.copy)

    def text(self) -> str:
        """Of the shop file with what was changed so far."""
        return (self.copy / SHOP_FILE).read_text("utf-8")

    def there(self, path: PurePath) -> bytes | None:
        """A file of the shop, or of the draft; None where there is none."""
        for folder in (self.copy, self._folder):
            try:
                return read_file(folder / path)
            except OSError:
                continue
        return None

    def has_folder(self, path: PurePath) -> bool:
        """Whether the shop has such a folder, or a file of that name."""
        return (self._folder / path).exists()

    def put(self, path: PurePath, content: bytes) -> None:
        """Adds a file."""
        _put(self.copy / path, content)
        self._new.append(path)

    def put_text(self, text: str) -> None:
        """Replaces the shop file."""
        _put(self.copy / SHOP_FILE, text.encode())

    def write(self) -> None:
        """Writes the files, then the shop file in one step: a service never reads half a change."""
        for path in self._new:
            _put(self._folder / path, (self.copy / path).read_bytes())
        new = self._folder / f".{SHOP_FILE}.new"
        _put(new, (self.copy / SHOP_FILE).read_bytes())
        shutil.copymode(self._folder / SHOP_FILE, new)
        new.replace(self._folder / SHOP_FILE)


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
