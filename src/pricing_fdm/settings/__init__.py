"""The only reader of the environment.

One frozen group for each part of the service, so that a part is handed its own values and no
others. Variables carry no prefix but the two that ADR-010 names with one. Every fault of every
group is collected, so that an operator corrects a deployment once.
"""

from pricing_fdm.settings.load import GROUPS, Settings, SettingsError, load_settings

__all__ = ["GROUPS", "Settings", "SettingsError", "load_settings"]
