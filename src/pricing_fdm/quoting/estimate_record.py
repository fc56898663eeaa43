"""Remembers estimates and slices for a while, so that each checks the other.

Every slice is compared with the estimate that the same question got before, and another estimate of
a mesh that was sliced already starts from that slice. In the queue mode gateways estimate and
workers slice, so all of it is in the store that they share. It is bounded, and what is lost or
cannot be reached costs a comparison and nothing else.
"""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Callable, Mapping
from typing import TypeVar

from pricing_fdm.estimate.labels import Label
from pricing_fdm.quoting.cache.memory_texts import MemoryTexts
from pricing_fdm.quoting.cache.result_cache import SharedStore, Unreachable
from pricing_fdm.quoting.estimate_figures import figures_of
from pricing_fdm.quoting.estimate_notes import (
    Asked,
    Overhead,
    Variant,
    to_note,
    to_text,
    variant_of,
)
from pricing_fdm.quoting.estimate_prices import Measured
from pricing_fdm.quoting.slice_labels import label_of
from pricing_fdm.quoting.slicing import Sliced

KEPT_S = 86_400
"""Seconds for which a note is kept."""

_MEMORY_BYTES = 16 * 1024**2
_PLACES = 4096  # of estimates: anybody can ask for them, and they are few bytes or 15 kB each
_MOST_VARIANTS = 4  # of a mesh

_T = TypeVar("_T")


class EstimateRecord:
    """The estimates of the last while, and the variants of their meshes that were sliced.

    Args:
        store: Shared by processes; left out: this process alone knows.
        on_label: Keeps labels for the next training; None: nobody does.

    Attributes:
        on_ratio: Called with the name of a figure and the ratio of sliced to estimated.
    """

    def __init__(
        self, store: SharedStore | None = None, on_label: Callable[[Label], None] | None = None
    ) -> None:
        self.on_ratio: Callable[[str, float], None] = lambda _figure, _ratio: None
        self._on_label = on_label
        self._store = store or MemoryTexts(_MEMORY_BYTES, KEPT_S)

    async def estimated(self, key: str, likely: Mapping[str, float], measured: Measured) -> None:
        """Notes an estimate under the key that its slice result would have.

        Args:
            key: Of the question.
            likely: What it said; empty where that is not to be compared.
            measured: What a label is made of, if the slice comes.
        """
        asked = Asked(key, likely)
        if self._on_label is not None:
            asked = Asked(key, likely, measured.sections, measured.figures)
        if asked.likely or asked.sections:
            await self._put(Asked, _place(key), asked)

    async def sliced(self, sliced: Sliced) -> None:
        """Notes a slice for estimates of the same mesh; compares it with its own estimate."""
        metrics = sliced.result.metrics
        if metrics.overhead_s is not None and metrics.overhead_g is not None:
            overhead = Overhead(metrics.overhead_s, metrics.overhead_g)
            await self._put(Overhead, _plates(sliced.plan.presets.hash), overhead)
        others = [each for each in await self.variants(sliced.sha256) if each.key != sliced.key]
        variants = (variant_of(sliced), *others)[:_MOST_VARIANTS]
        await self._put(tuple[Variant, ...], _mesh(sliced.sha256), variants)
        asked = await self._get(Asked, _place(sliced.key))
        if asked is None or asked.key != sliced.key:
            return
        figures = figures_of(metrics)
        for figure in figures.keys() & asked.likely.keys():
            self.on_ratio(figure, figures[figure] / asked.likely[figure])
        if self._on_label and asked.sections and asked.figures:
            self._on_label(label_of(sliced, asked.sections, asked.figures))

    async def overhead(self, profile_hash: str) -> Overhead:
        """What the plates of these presets took last; none before a slice was made with them."""
        return await self._get(Overhead, _plates(profile_hash)) or Overhead()

    async def variants(self, sha256: str) -> tuple[Variant, ...]:
        """Those of a mesh that were sliced, the latest first."""
        return await self._get(tuple[Variant, ...], _mesh(sha256)) or ()

    async def _get(self, kind: type[_T], name: str) -> _T | None:
        try:
            return to_note(kind, await self._store.get(name))
        except Unreachable:
            return None

    async def _put(self, kind: type[_T], name: str, note: _T) -> None:
        with contextlib.suppress(Unreachable):
            await self._store.put(name, to_text(kind, note))


def _place(key: str) -> str:
    """Where a question is noted: one of `_PLACES`, so a later question may take its place."""
    return f"asked-{zlib.crc32(key.encode()) % _PLACES}"


def _plates(profile_hash: str) -> str:
    return f"plates-{profile_hash}"


def _mesh(sha256: str) -> str:
    return f"mesh-{sha256}"
