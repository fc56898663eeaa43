"""Which settings of the slicer a shop may let a request change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pricing_fdm.shop.faults import Fault, nearest
from pricing_fdm.shop.load import SHOP_FILE
from pricing_fdm.slicers.presets.file import Profile
from pricing_fdm.slicers.prusa.dictionary import orca_name

# What a request says in fields of its own, or what is no matter of a print.
_FIELDS = {
    "layer_height": "quality",
    "sparse_infill_density": "infill",
    "enable_support": "supports",
    "support_threshold_angle": "supports",
    "bridge_no_support": "supports",
}
_NEVER = frozenset({"name", "type", "from", "inherits", "compatible_printers", "post_process"})


def override_faults(allowed: Iterable[str], processes: Iterable[Profile]) -> Iterator[Fault]:
    """Settings that are not the presets' own, or that a request states otherwise.

    Args:
        allowed: OrcaSlicer's keys in the shop file.
        processes: Of one printer.
    """
    presets = list(processes)
    for key in allowed:
        if key in _FIELDS:
            yield _fault(key, f"is what a request states as `{_FIELDS[key]}`")
            continue
        for preset in presets:
            if key in _NEVER or not preset.texts(key):
                known = sorted(map(orca_name, preset.values)) if preset.values else []
                yield _fault(key, f"is no setting of {preset.path}; {nearest(key, known)}")


def _fault(key: str, message: str) -> Fault:
    return Fault(SHOP_FILE, f"overrides.{key}", None, f"{message}.")
