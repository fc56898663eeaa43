"""Versions of the shop: kept in a store, looked at, and put in force by one step for all processes.

Which version is active stands in the store, and nowhere else. Every process looks there, at its
start, when it is told that something has changed, and every some seconds. So a process that missed
the news, or was killed in the middle, ends with the version that all others have.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import replace

import structlog

from pricing_fdm.errors import (
    InternalError,
    PricingError,
    ProfileNotFound,
    ShopStoreMissing,
    ShopVersionNotFound,
)
from pricing_fdm.health.readiness import Check, Readiness
from pricing_fdm.health.shop_candidate import Candidate, Loader, Profile
from pricing_fdm.health.shop_keeping import StoreKeeper
from pricing_fdm.health.shop_reload import ShopInForce, ShopState
from pricing_fdm.quoting.pipeline import Pipeline
from pricing_fdm.shop.faults import ShopError
from pricing_fdm.uploads.shop_versions import Activation, Keep, VersionStore
from pricing_fdm.uploads.small_objects import Stored

SHOP_VERSIONS = "shop_versions"

_OF_JOBS = 4  # versions besides the one in force that jobs in the queue may need

_log = structlog.get_logger()


class ShopVersions:
    """The versions of the shop of one process.

    Args:
        shops: Which shop is in force.
        store: None where there is no place for versions.
        loader: Reads and tries them.
        readiness: Is told when the store does not answer.
        keep: Which versions stay.
        keeps: Whether the shop in force is stored, so that one can go back to it, and so that
            workers have it for the jobs that were taken in with it.
    """

    def __init__(
        self,
        shops: ShopInForce,
        store: VersionStore | None,
        loader: Loader,
        readiness: Readiness,
        keep: Keep,
        *,
        keeps: bool,
    ) -> None:
        self._shops = shops
        self._loader = loader
        self._readiness = readiness
        self._keeper = StoreKeeper(store, loader, keep) if store else None
        self._keeps = keeps
        self._seen: Activation | None = None
        self._of_jobs: OrderedDict[str, Pipeline | None] = OrderedDict()
        self.announce: Callable[[], Awaitable[object]] = _nobody
        """Tells the other processes that another version is active."""

    async def submit(self, text: bytes, *, dry_run: bool) -> Candidate:
        """Checks and tries the shop with another shop file, and stores it as a version.

        Args:
            text: The shop file.
            dry_run: Whether nothing is stored.

        Raises:
            ShopError: It is faulty.
            ShopStoreMissing, StoreUnavailable: It cannot be stored.
        """
        keeper = None if dry_run else self._required()
        candidate = await self._loader.edited(text, self._shops.current)
        if keeper:
            await keeper.put(candidate)
        return candidate

    async def add_profile(self, profile: Profile, *, dry_run: bool) -> Candidate:
        """Checks and tries the shop with the presets of a profile, and stores both.

        Raises:
            ShopError, ShopStoreMissing, StoreUnavailable: As `submit`.
        """
        keeper = None if dry_run else self._required()
        candidate = await self._loader.with_profile(profile, self._shops.current)
        if keeper:
            await keeper.put(candidate)
            kept = replace(profile, version=candidate.version, report=candidate.report)
            await asyncio.to_thread(lambda: keeper.store.put_profile(kept.name, kept.record()))
        return candidate

    async def profiles(self) -> list[Stored]:
        """The profiles that were taken in, the newest first.

        Raises:
            StoreUnavailable: The store does not answer.
        """
        return [] if self._keeper is None else await asyncio.to_thread(self._keeper.store.profiles)

    async def profile(self, name: str) -> Profile:
        """One of them.

        Raises:
            ProfileNotFound, StoreUnavailable: As they say.
        """
        if self._keeper is None:
            raise ProfileNotFound("No profile of this name was taken in.")
        store = self._keeper.store
        return await asyncio.to_thread(lambda: Profile.of_record(store.profile(name)))

    async def activate(self, version: str) -> ShopState:
        """Puts a stored version in force, here and wherever the store is looked at.

        Raises:
            ShopError: It is faulty here; nothing has changed.
            ShopVersionNotFound, ShopStoreMissing, StoreUnavailable: As they say.
        """
        keeper = self._required()

        async def make(old: ShopState) -> ShopState:
            await keeper.hold(old.shop)
            await keeper.want(version)
            new = await self._loader.stored(version, old)
            await keeper.hold(new.shop)
            folder = await self._loader.folder_mark()
            activation = Activation(version, folder, self._before(version, old.shop.files_version))
            await asyncio.to_thread(keeper.store.activate, activation)
            self._seen = activation
            return new

        state = await self._shops.put(make)
        await self.announce()
        await keeper.prune()
        return state

    async def listed(self) -> list[Stored]:
        """The stored versions, the newest first.

        Raises:
            StoreUnavailable: The store does not answer.
        """
        return [] if self._keeper is None else await asyncio.to_thread(self._keeper.store.versions)

    async def before(self) -> str | None:
        """The version that was in force before the active one, if one was.

        Raises:
            StoreUnavailable: The store does not answer.
        """
        if self._keeper is None:
            return None
        active = await asyncio.to_thread(self._keeper.store.active)
        return (active.before or None) if active else None

    async def look(self) -> None:
        """Follows the store: asks for a reload when another version is active."""
        if self._keeper is None:
            return
        try:
            active = await asyncio.to_thread(self._keeper.store.active)
            if active != self._seen:
                self._seen = active
                if active and active.version != self._shops.current.shop.files_version:
                    self._shops.ask()
            if self._keeps:
                await self._keeper.hold(self._shops.current.shop)
        except (PricingError, ShopError) as error:
            detail = getattr(error, "detail", None) or str(error)
            self._readiness.set(Check(SHOP_VERSIONS, ok=False, detail=detail, needed=False))
        else:
            detail = f"active: {active.version}" if active else "none was activated"
            self._readiness.set(Check(SHOP_VERSIONS, ok=True, detail=detail, needed=False))

    async def pipeline_of(self, version: str) -> Pipeline | None:
        """What prices a job that was taken in with a version; None where nothing is sliced.

        A version that was never stored cannot be had again: then the shop in force prices the job,
        as it does where there is no store. The answer says which shop did.

        Raises:
            StoreUnavailable: The store does not answer.
            InternalError: The version cannot be used here.
        """
        current = self._shops.current
        if self._keeper is None or version in {"", current.shop.files_version}:
            return current.pipeline
        if version not in self._of_jobs:
            try:
                state = await self._loader.stored(version, current, tried=False)
            except ShopVersionNotFound:
                _log.warning("job_shop_missing", version=version)
                return current.pipeline
            except ShopError as error:
                faults = "; ".join(map(str, error.faults))
                detail = "The shop with which this job was taken in cannot be used here."
                raise InternalError(detail, log_detail=faults) from error
            self._of_jobs[version] = state.pipeline
            if len(self._of_jobs) > _OF_JOBS:
                self._of_jobs.popitem(last=False)
        return self._of_jobs[version]

    def _required(self) -> StoreKeeper:
        if self._keeper is None:
            raise ShopStoreMissing(
                "The bundled shop has no versions. Set SHOP_DIR to a folder of your own, or "
                "SHOP_VERSIONS=store."
            )
        return self._keeper

    def _before(self, version: str, in_force: str) -> str:
        """The version to go back to once another is active."""
        if version == in_force:
            return self._seen.before if self._seen else ""
        return in_force


async def _nobody() -> None:
    """There is no other process."""
