"""Makes labels: slices parts with the service's own pipeline, and keeps what each came to.

It goes on where an earlier run was, and begins no slice after its time is up.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from pricing_fdm.commands.model_file import ModelFile
from pricing_fdm.errors import PricingError
from pricing_fdm.estimate.labels import Label, LabelStore, Refusal
from pricing_fdm.estimate.preset_figures import section_plan
from pricing_fdm.model import Order
from pricing_fdm.quoting.estimating import figures_for
from pricing_fdm.quoting.pipeline import Pipeline, Source
from pricing_fdm.quoting.slice_labels import label_of
from pricing_fdm.quoting.slicing import Sliced
from pricing_fdm.quoting.timing import StageTimer
from pricing_fdm.training.parts import TrainingPart

_BAR = 24
_MOST_TRIANGLES = 10_000_000
_TRANSIENT = frozenset({"queue_full", "queue_timeout", "draining", "workspace_full"})


@dataclass(slots=True)
class Progress:
    """How far the labels are.

    Attributes:
        minutes: After these no slice is begun.
        wanted: How many labels there shall be.
        kept: How many an earlier run made.
        made: How many this one made, refusals among them.
    """

    minutes: float
    wanted: int = 0
    kept: int = 0
    made: int = 0
    began_s: float = field(default_factory=time.monotonic)

    @property
    def left_s(self) -> float:
        """Until the time is up."""
        return self.began_s + 60 * self.minutes - time.monotonic()

    def text(self) -> str:
        """A bar, how many of how many, and the time that is left."""
        done = self.kept + self.made
        left_s = self.left_s
        if self.made:
            passed_s = time.monotonic() - self.began_s
            left_s = min(left_s, passed_s / self.made * (self.wanted - done))
        bar = "#" * (_BAR * done // max(self.wanted, 1))
        left_min = math.ceil(max(left_s, 0) / 60)
        return f"[{bar:.<{_BAR}}] {done} of {self.wanted} slices, {left_min} min left"


async def make_labels(
    pipeline: Pipeline,
    asks: Iterable[tuple[TrainingPart, Order]],
    store: LabelStore,
    progress: Progress,
) -> None:
    """Slices what the store has no answer for, in this order, until the time is up."""
    keyed = {pipeline.question(order, part.sha256)[0]: (part, order) for part, order in asks}
    todo = [(key, *ask) for key, ask in keyed.items() if key not in store.keys]
    progress.wanted, progress.kept = len(keyed), len(keyed) - len(todo)
    turns = iter(todo)
    async with asyncio.TaskGroup() as group:
        for _ in range(pipeline.admission.slots):
            group.create_task(_work(pipeline, turns, store, progress))


async def _work(
    pipeline: Pipeline,
    turns: Iterator[tuple[str, TrainingPart, Order]],
    store: LabelStore,
    progress: Progress,
) -> None:
    for key, part, order in turns:  # shared by all workers
        if progress.left_s <= 0:
            return
        try:
            line: Label | Refusal = await _label(pipeline, key, part, order)
        except PricingError as error:
            if error.code in _TRANSIENT:
                raise
            line = Refusal(key=key, code=error.code)
        store.add(line)
        progress.made += 1


async def _label(pipeline: Pipeline, key: str, part: TrainingPart, order: Order) -> Label:
    timer = StageTimer()
    (plan,) = pipeline.workshop.plans(order)
    figures = figures_for(plan, order)
    setup = replace(plan.setup, sections=section_plan(figures, order.print_settings.supports))
    async with pipeline.fetched(_source(part.path), timer) as model:
        async with model.inspection.inspected(setup) as inspected:
            sections = await inspected.sections()
        result = (await pipeline.answer(order, model, timer)).result
    sliced = Sliced(key, part.sha256, plan, order, result, cached=False)
    return label_of(sliced, sections, figures, part.family)


def _source(path: Path) -> Source:
    return ModelFile(path.name, lambda: path.open("rb"), path.stat().st_size).copied
