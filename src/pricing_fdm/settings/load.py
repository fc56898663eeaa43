"""Reads the environment into the groups, and reports all faults of all groups at once."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr, ValidationError

from pricing_fdm.settings.cache import Cache
from pricing_fdm.settings.fault import SettingsError
from pricing_fdm.settings.fetch import Fetch
from pricing_fdm.settings.group import Group
from pricing_fdm.settings.queue import Jobs, Queue
from pricing_fdm.settings.server import Server
from pricing_fdm.settings.shop import ShopSettings
from pricing_fdm.settings.slicing import Slicing
from pricing_fdm.settings.unknown import unknown_variables


@dataclass(frozen=True, slots=True)
class Settings:
    """All groups, read and valid."""

    server: Server
    shop: ShopSettings
    fetch: Fetch
    slicing: Slicing
    cache: Cache
    queue: Queue
    jobs: Jobs


def load_settings() -> Settings:
    """Reads the environment.

    Raises:
        SettingsError: One or more variables are wrong or unknown; all of them are named.
    """
    faults: list[str] = []
    groups = {name: _read(group, faults) for name, group in GROUPS.items()}
    faults += unknown_variables(os.environ, setting_names(), secret_names())
    if faults:
        raise SettingsError(tuple(faults))
    return Settings(**groups)


GROUPS: dict[str, type[Group]] = {
    "server": Server,
    "shop": ShopSettings,
    "fetch": Fetch,
    "slicing": Slicing,
    "cache": Cache,
    "queue": Queue,
    "jobs": Jobs,
}


def setting_names() -> frozenset[str]:
    """The variables of all settings."""
    return frozenset(name.upper() for group in GROUPS.values() for name in group.model_fields)


def secret_names() -> frozenset[str]:
    """The variables of secrets, whose value may be in the file that `NAME_FILE` names."""
    return frozenset(
        name.upper()
        for group in GROUPS.values()
        for name, field in group.model_fields.items()
        if field.annotation is SecretStr
    )


def _read(group: type[Group], faults: list[str]) -> Any:  # noqa: ANN401 - one of GROUPS
    try:
        return group()
    except ValidationError as error:
        # Never the value itself: it may be a secret.
        faults += [
            f"{str(fault['loc'][0]).upper()}: {fault['msg'].removeprefix('Value error, ')}"
            for fault in error.errors(include_url=False, include_input=False)
        ]
        return None
