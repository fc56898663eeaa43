"""Where the service of this environment listens, for those who only want to knock.

A container asks for its health every few seconds. Loading all settings for that took 0.8 s of a
core each time; this takes none.
"""

from __future__ import annotations

import os

DEFAULT_PORT = 8083
_VARIABLE = "PRICING_FDM_PORT"


def stated_port() -> int | None:
    """The port; None where the variable is written in a way that only `load_settings` judges."""
    stated = [value for name, value in os.environ.items() if name.upper() == _VARIABLE and value]
    if not stated:
        return DEFAULT_PORT
    if len(stated) > 1 or not (stated[0].isascii() and stated[0].isdigit()):
        return None
    return int(stated[0])
