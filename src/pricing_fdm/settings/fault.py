"""How wrong settings are told; apart, so that who only catches it loads no settings."""

from __future__ import annotations


class SettingsError(Exception):
    """Some variables are wrong.

    Attributes:
        faults: One sentence for each, beginning with the variable's name.
    """

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults
