"""What was estimated and what was sliced, a short while, so that each checks the other.

Two uses: every slice is compared with the estimate that the same question got before, and another
estimate of a mesh that was sliced already starts from that slice. All of it is in this process and
bounded; what is forgotten costs a comparison.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cachetools import LRUCache

from pricing_fdm.model import Metrics
from pricing_fdm.quoting.pipeline import Sliced

PRINT_TIME, FILAMENT = "print_time_hours", "filament_weight_g"
FIGURES = (PRINT_TIME, FILAMENT)
"""What is compared, by the names in the answers."""

_MOST_ESTIMATES = 10_000
_MOST_MESHES = 1_000
_MOST_VARIANTS = 4  # of a mesh


def figures_of(metrics: Metrics) -> dict[str, float]:
    """The figures of a slice that an estimate states, too."""
    return {
        PRINT_TIME: float(metrics.print_time_s) / 3600,
        FILAMENT: float(metrics.filament_g),
    }


class EstimateRecord:
    """The estimates of the last while, and the variants of their meshes that were sliced.

    Attributes:
        on_ratio: Is told the name of a figure, and sliced over estimated.
    """

    def __init__(self) -> None:
        self.on_ratio: Callable[[str, float], None] = lambda _figure, _ratio: None
        self._likely: LRUCache[str, Mapping[str, float]] = LRUCache(_MOST_ESTIMATES)
        self._sliced: LRUCache[str, tuple[Sliced, ...]] = LRUCache(_MOST_MESHES)

    def estimated(self, key: str, likely: Mapping[str, float]) -> None:
        """Keeps an estimate under the key that its slice result would have."""
        self._likely[key] = likely

    def sliced(self, sliced: Sliced) -> None:
        """Keeps a slice for estimates of the same mesh; compares a new one with its estimate."""
        others = [each for each in self._sliced.get(sliced.sha256, ()) if each.key != sliced.key]
        self._sliced[sliced.sha256] = (sliced, *others)[:_MOST_VARIANTS]
        likely = self._likely.pop(sliced.key, None)
        if likely is None or sliced.cached:
            return
        for figure, value in figures_of(sliced.result.metrics).items():
            self.on_ratio(figure, value / likely[figure])

    def variants(self, sha256: str) -> tuple[Sliced, ...]:
        """Those of a mesh that were sliced, the latest first."""
        variants: tuple[Sliced, ...] = self._sliced.get(sha256, ())
        return variants
