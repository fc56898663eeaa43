"""The port of the service, for the health check.

A container runs the health check every few seconds. Loading all settings took 0.8 s of a core each
time, so this module imports nothing but `os`.
"""

from __future__ import annotations

import os

DEFAULT_PORT = 8083
_VARIABLE = "PRICING_FDM_PORT"


def stated_port() -> int | None:
    """The port; None when the variable is no plain number or is set twice (see `load_settings`)."""
    stated = [value for name, value in os.environ.items() if name.upper() == _VARIABLE and value]
    if not stated:
        return DEFAULT_PORT
    if len(stated) > 1 or not (stated[0].isascii() and stated[0].isdigit()):
        return None
    return int(stated[0])
