"""Where the shop comes from: the folder of the settings, or the store of its versions.

Which of them counts is decided here (`ShopSource.load`): the version that was activated last, or
the shop's folder, if somebody has edited it since.
"""

from __future__ import annotations

import contextlib
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pricing_fdm.errors import ShopVersionNotFound, StoreUnavailable
from pricing_fdm.health.shop_candidate import Profile
from pricing_fdm.settings import Settings
from pricing_fdm.settings.fault import SettingsError
from pricing_fdm.settings.shop import ShopSettings, VersionsIn
from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.shop.checks import named_files
from pricing_fdm.shop.contents import Contents, contents_of, unpacked, write_files
from pricing_fdm.shop.faults import Fault, ShopError
from pricing_fdm.shop.files import read_file
from pricing_fdm.shop.load import SHOP_FILE, digest, load_shop
from pricing_fdm.slicers.library.installed import library_folders, vendors_in
from pricing_fdm.slicers.presets.loaded_shop import LoadedShop, load_presets
from pricing_fdm.uploads.shop_versions import VersionStore

if TYPE_CHECKING:
    from pricing_fdm.shop_changes.addition import Addition

_VERSIONS = ".versions"


def load_shop_files(settings: ShopSettings, folder: Path | None = None) -> LoadedShop:
    """The shop and its presets, as they lie in a folder.

    Args:
        settings: Of the shop.
        folder: In place of the shop's own.

    Raises:
        SettingsError: The shop is faulty; everything that is wrong is named.
    """
    shop = settings.load(folder)
    try:
        return load_presets(shop)
    except ShopError as error:
        raise SettingsError(tuple(map(str, error.faults))) from error


def shop_source(settings: Settings) -> ShopSource:
    """Where the shop of the settings comes from.

    Raises:
        SettingsError: The store of versions cannot be used.
    """
    shop, url = settings.shop, settings.jobs.object_store_url
    place: Path | str | None = shop.own_folder and shop.own_folder / _VERSIONS
    if shop.shop_versions is VersionsIn.STORE:
        if not url:
            raise SettingsError(("SHOP_VERSIONS: store needs OBJECT_STORE_URL",))
        place = url
    try:
        versions = VersionStore(place) if place else None
    except ValueError as error:
        raise SettingsError((f"OBJECT_STORE_URL: {error}",)) from error
    slicing = settings.slicing
    return ShopSource(shop, versions, slicing.temp_dir, (slicing.prusa_binary, slicing.orca_binary))


@dataclass(frozen=True, slots=True)
class ShopSource:
    """Where the shop comes from: its folder, or the store of its versions.

    The methods read files and wait for the store; call them in a thread.

    Attributes:
        versions: None where there is no place for them.
        temp_dir: Where a version is unpacked while it is read.
        slicers: The programs in whose libraries the parents of a profile are looked for.
    """

    settings: ShopSettings
    versions: VersionStore | None
    temp_dir: Path
    slicers: tuple[str, ...] = ()

    def load(self) -> LoadedShop:
        """The shop that should be in force.

        That is the version that was activated last, as long as the shop's folder holds what it held
        then. Who edits the folder afterwards means that; a warning says so. The bundled shop is
        edited by nobody: a release may bring another.

        Raises:
            SettingsError: It is faulty, or it is not known which one it is.
        """
        try:
            active = self.versions and self.versions.active()
            if not active:
                return load_shop_files(self.settings)
            if self.settings.own_folder is None or self.folder_mark() == active.folder:
                return self.stored(active.version)
        except ShopError as error:
            raise SettingsError(tuple(map(str, error.faults))) from error
        except ShopVersionNotFound as error:
            fault = (
                "the active version is not in the store any more. Put it back there, or remove "
                "`shops/active` to begin with the shop's folder"
            )
            raise SettingsError((f"SHOP_VERSIONS: {fault}",)) from error
        except StoreUnavailable as error:
            fault = "the store of the shop's versions does not answer: which is active is not known"
            raise SettingsError((f"SHOP_VERSIONS: {fault}; {error.log_detail}",)) from error
        loaded = load_shop_files(self.settings)
        message = f"was edited after {active.version} had been activated, and is in force instead."
        warning = Fault(str(self.settings.folder), "", None, message)
        return replace(loaded, warnings=(*loaded.warnings, warning))

    def stored(self, version: str) -> LoadedShop:
        """A stored version.

        Raises:
            ShopVersionNotFound: There is none of this name.
            ShopError: It is faulty here: the rates of the environment do not fit it, for example.
            StoreUnavailable: The store does not answer.
        """
        return self._loaded(self._archived(version), version)

    def edited(self, text: bytes, shop: Shop) -> tuple[LoadedShop, Contents]:
        """A shop with another shop file, and its files.

        Args:
            text: The new shop file. The files that it names are those of the shop in force, or of
                the shop's folder.
            shop: The one in force.

        Raises:
            ShopError: It is faulty.
        """
        known = dict(self.contents(shop))
        contents = {name: known[name] for name in _named(text) if name in known}
        for name in _named(text) - known.keys():
            with contextlib.suppress(OSError):  # whatever is missing is told with the other faults
                if _stays_inside(name):
                    contents[name] = read_file(self.settings.folder / name)
        contents[SHOP_FILE] = text
        with self._unpacked(contents) as folder:
            loaded = self._load(folder)
            return self._as_stored(loaded), contents_of(loaded.shop)

    def with_profile(
        self, profile: Profile, shop: Shop
    ) -> tuple[LoadedShop, Contents, list[Addition]]:
        """A shop with the presets of a profile, and its files.

        Raises:
            ShopError: The profile cannot be read, or the shop would be faulty.
        """
        # Edits shop files, which a service does seldom.
        from pricing_fdm.shop_changes.draft import Draft  # noqa: PLC0415
        from pricing_fdm.shop_changes.imports import ImportWish, add_files  # noqa: PLC0415

        libraries = list(vendors_in(library_folders(self.slicers)))
        with self._unpacked(self.contents(shop)) as folder, self._unpacked({}) as copy:
            files = [(profile.name, profile.content)]
            wish = ImportWish(profile.target)
            additions = add_files(Draft(folder, copy), files, wish, libraries)
            loaded = self._load(copy)
            return self._as_stored(loaded), contents_of(loaded.shop), additions

    def contents(self, shop: Shop) -> Contents:
        """The files of the shop in force.

        Raises:
            ShopError: They have changed since it was loaded.
        """
        if shop.stored:
            return self._archived(shop.files_version)
        return contents_of(shop, self.settings.shop_file)

    def folder_mark(self) -> str:
        """Stands for what lies in the shop's folder, sound or not; empty for the bundled one."""
        if self.settings.own_folder is None:
            return ""
        try:
            return load_shop(self.settings.folder, self.settings.shop_file).files_version
        except ShopError:
            try:
                return digest([(SHOP_FILE, read_file(self.settings.shop_file))])
            except OSError:
                return ""

    def _archived(self, version: str) -> Contents:
        assert self.versions is not None  # noqa: S101 - a shop that is stored has a store
        try:
            return unpacked(self.versions.get(version))
        except ValueError as error:
            raise ShopError([_not_itself(version)]) from error

    def _loaded(self, contents: Contents, version: str) -> LoadedShop:
        with self._unpacked(contents) as folder:
            loaded = self._load(folder)
        if loaded.shop.files_version != version:
            raise ShopError([_not_itself(version)])
        return self._as_stored(loaded)

    def _load(self, folder: Path) -> LoadedShop:
        try:
            return load_shop_files(self.settings, folder)
        except SettingsError as error:
            raise shop_error(error) from error

    @contextlib.contextmanager
    def _unpacked(self, contents: Contents) -> Iterator[Path]:
        with contextlib.ExitStack() as stack:
            try:
                place = tempfile.TemporaryDirectory(prefix="pricing-fdm-shop-", dir=self.temp_dir)
                folder = Path(stack.enter_context(place))
                write_files(contents, folder)
            except (OSError, ValueError) as error:
                message = f"the shop cannot be unpacked there: {error}"
                raise ShopError([Fault("TEMP_DIR", "", None, message)]) from error
            yield folder

    def _as_stored(self, loaded: LoadedShop) -> LoadedShop:
        origin = replace(loaded.shop.origin, folder=self.settings.folder, stored=True)
        return replace(loaded, shop=loaded.shop.read_from(origin))


def _named(text: bytes) -> set[str]:
    """The files that a shop file names; none where it is not TOML, which is told later."""
    try:
        return {name for _, name in named_files(tomllib.loads(text.decode()))}
    except (ValueError, RecursionError):
        return set()


def _stays_inside(name: str) -> bool:
    return ".." not in Path(name).parts and not Path(name).is_absolute()


def _not_itself(version: str) -> Fault:
    return Fault(SHOP_FILE, "", None, f"what is stored as {version} is something else.")


def shop_error(error: SettingsError) -> ShopError:
    """The faults as those of a shop."""
    if isinstance(error.__cause__, ShopError):
        return error.__cause__
    return ShopError(Fault("environment", "", None, fault) for fault in error.faults)
