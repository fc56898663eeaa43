"""The only reader of the environment.

There is one frozen group for each part of the service, and a part receives its own group only.
Variables have no prefix, except the two that ADR-010 names with one. All faults of all groups are
reported together, so that an operator corrects a deployment once.

The groups are loaded on first access: `--version` and the health check need none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pricing_fdm.settings.fault import SettingsError

if TYPE_CHECKING:
    from pricing_fdm.settings.load import GROUPS, Settings, load_settings

__all__ = ["GROUPS", "Settings", "SettingsError", "load_settings"]


def __getattr__(name: str) -> object:
    """See `settings.load`."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from pricing_fdm.settings import load  # noqa: PLC0415 - with it comes pydantic, 0.4 s

    return getattr(load, name)
