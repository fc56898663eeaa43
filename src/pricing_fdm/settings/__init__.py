"""The only reader of the environment.

One frozen group for each part of the service, so that a part is handed its own values and no
others. Variables carry no prefix but the two that ADR-010 names with one. Every fault of every
group is collected, so that an operator corrects a deployment once.

The groups are loaded when they are first asked for: `--version` and the health check need none.
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
