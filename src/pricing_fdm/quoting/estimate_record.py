"""What was estimated and what was sliced, a short while, so that each checks the other.

Two uses: every slice is compared with the estimate that the same question got before, and another
estimate of a mesh that was sliced already starts from that slice. All of it is in this process and
bounded; what is forgotten costs a comparison.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext

from cachetools import LRUCache

from pricing_fdm.model import Metrics
from pricing_fdm.pricing.exact import EXACT
from pricing_fdm.quoting.slicing import Sliced

PRINT_TIME, FILAMENT = "print_time_hours", "filament_weight_g"
FIGURES = (PRINT_TIME, FILAMENT)
"""What is compared, by the names in the answers."""

_MOST_ESTIMATES = 10_000
_MOST_MESHES = 1_000
_MOST_AWAITED = 200  # each holds sections, some 40 kB
_MOST_PRESETS = 1_000
_MOST_VARIANTS = 4  # of a mesh


def figures_of(metrics: Metrics) -> dict[str, float]:
    """The figures of a slice that an estimate states, too."""
    return {
        PRINT_TIME: float(metrics.print_time_s) / 3600,
        FILAMENT: float(metrics.filament_g),
    }


@dataclass(frozen=True, slots=True)
class Overhead:
    """What each plate takes besides its copies; it is in the figures of a copy by itself."""

    print_time_s: Decimal = Decimal(0)
    filament_g: Decimal = Decimal(0)

    def of_plate(self, copy: Metrics, copies: int) -> Metrics:
        """The figures of a plate of copies, which has the overhead once."""
        with localcontext(EXACT):
            saved = copies - 1
            time_s, grams = copy.print_time_s, copy.filament_g
            of_plate_g = copies * grams - saved * min(self.filament_g, grams)
            return replace(
                copy,
                print_time_s=copies * time_s - saved * min(self.print_time_s, time_s),
                filament_g=of_plate_g,
                filament_mm=copy.filament_mm * of_plate_g / grams,
                volume_cm3=copy.volume_cm3 * of_plate_g / grams,
                support_g=None if copy.support_g is None else copies * copy.support_g,
            )


class EstimateRecord:
    """The estimates of the last while, and the variants of their meshes that were sliced.

    Attributes:
        on_ratio: Is told the name of a figure, and sliced over estimated.
    """

    def __init__(self) -> None:
        self.on_ratio: Callable[[str, float], None] = lambda _figure, _ratio: None
        self._awaited: LRUCache[str, Callable[[Sliced], None]] = LRUCache(_MOST_AWAITED)
        self._likely: LRUCache[str, Mapping[str, float]] = LRUCache(_MOST_ESTIMATES)
        self._sliced: LRUCache[str, tuple[Sliced, ...]] = LRUCache(_MOST_MESHES)
        self._overheads: LRUCache[str, Overhead] = LRUCache(_MOST_PRESETS)

    def estimated(self, key: str, likely: Mapping[str, float]) -> None:
        """Keeps an estimate under the key that its slice result would have."""
        self._likely[key] = likely

    def await_slice(self, key: str, on_slice: Callable[[Sliced], None]) -> None:
        """Has somebody told of the slice of a question, if it is made soon."""
        self._awaited[key] = on_slice

    def sliced(self, sliced: Sliced) -> None:
        """Keeps a slice for estimates of the same mesh; compares a new one with its estimate."""
        others = [each for each in self._sliced.get(sliced.sha256, ()) if each.key != sliced.key]
        self._sliced[sliced.sha256] = (sliced, *others)[:_MOST_VARIANTS]
        metrics, presets = sliced.result.metrics, sliced.plan.presets.hash
        if metrics.overhead_s is not None and metrics.overhead_g is not None:
            self._overheads[presets] = Overhead(metrics.overhead_s, metrics.overhead_g)
        on_slice = self._awaited.pop(sliced.key, None)
        if on_slice is not None and not sliced.cached:
            on_slice(sliced)
        likely = self._likely.pop(sliced.key, None)
        if likely is None or sliced.cached:
            return
        for figure, value in figures_of(sliced.result.metrics).items():
            self.on_ratio(figure, value / likely[figure])

    def overhead(self, profile_hash: str) -> Overhead:
        """What the plates of these presets took last; none before a slice was made with them."""
        return self._overheads.get(profile_hash) or Overhead()

    def variants(self, sha256: str) -> tuple[Sliced, ...]:
        """Those of a mesh that were sliced, the latest first."""
        variants: tuple[Sliced, ...] = self._sliced.get(sha256, ())
        return variants
