"""SettingsError, in a module of its own so that importing it stays cheap."""

from __future__ import annotations


class SettingsError(Exception):
    """Some variables are wrong.

    Attributes:
        faults: One sentence for each wrong variable, beginning with the variable's name.
    """

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults
