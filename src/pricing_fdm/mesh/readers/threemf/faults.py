"""How the 3MF reader refuses: one sentence on what is wrong, one on how to mend it.

No sentence repeats a name, a number or a text of the file, except counts that we made ourselves.

Cost: O(1).
"""

from __future__ import annotations

from pricing_fdm.errors import ModelInvalid


def fault(clause: str, remedy: str = "Export the part again.") -> ModelInvalid:
    """Builds the error; `clause` is what the 3MF does wrong, from its verb on."""
    return ModelInvalid(f"The 3MF {clause}. {remedy}")
