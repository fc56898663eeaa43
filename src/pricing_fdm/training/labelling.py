"""Makes labels: slices parts with the service's own pipeline, and keeps what each came to.

It goes on where an earlier run was, and begins no slice after its time is up. A label that an
earlier release measured is measured anew, which takes no slice.
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
from pricing_fdm.estimate.features import Sections
from pricing_fdm.estimate.labels import Label, LabelStore, Refusal, Stale, label_key
from pricing_fdm.estimate.preset_figures import PresetFigures, section_plan
from pricing_fdm.model import Order, Rotation
from pricing_fdm.quoting.estimate_notes import figures_for
from pricing_fdm.quoting.pipeline import Pipeline, Source
from pricing_fdm.quoting.slice_labels import label_of
from pricing_fdm.quoting.slicing import FetchedModel, Sliced
from pricing_fdm.quoting.timing import StageTimer
from pricing_fdm.quoting.workshop import Plan
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
        measured: How many of an earlier release this one measured anew.
    """

    minutes: float
    wanted: int = 0
    kept: int = 0
    made: int = 0
    measured: int = 0
    began_s: float = field(default_factory=time.monotonic)

    @property
    def left_s(self) -> float:
        """Until the time is up."""
        return self.began_s + 60 * self.minutes - time.monotonic()

    def text(self) -> str:
        """A bar, how many of how many, and the time that is left."""
        done = self.kept + self.measured + self.made
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
    keyed = {_key(pipeline, part, order): (part, order) for part, order in asks}
    known, stale = store.keys, store.lines.stale
    todo = [(key, *ask) for key, ask in keyed.items() if key not in known]
    progress.wanted, progress.kept = len(keyed), len(keyed) - len(todo)
    turns = iter(sorted(todo, key=lambda each: each[0] not in stale))
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
        stale = store.lines.stale.get(key)
        try:
            line: Label | Refusal | None = None
            if stale is not None:
                line = await _measured_anew(pipeline, stale, part, order)
            if line is not None:
                progress.measured += 1
            elif progress.left_s > 0:
                line = await _label(pipeline, key, part, order)
                progress.made += 1
            else:
                continue
        except PricingError as error:
            if error.code in _TRANSIENT:
                raise
            line = Refusal(key=key, code=error.code)
            progress.made += 1
        store.add(line)


def _key(pipeline: Pipeline, part: TrainingPart, order: Order) -> str:
    (plan,) = pipeline.workshop.plans(order)
    slicer, settings = f"{plan.engine.name} {plan.engine.version}", order.print_settings
    return label_key(
        slicer, part.sha256, plan.presets.hash, settings.infill_percent, settings.supports
    )


async def _label(pipeline: Pipeline, key: str, part: TrainingPart, order: Order) -> Label:
    timer = StageTimer()
    (plan,) = pipeline.workshop.plans(order)
    async with pipeline.fetched(_source(part.path), timer) as model:
        sections, figures, _ = await _measured(model, plan, order)
        result = (await pipeline.answer(order, model, timer)).result
    sliced = Sliced(key, part.sha256, plan, order, result, cached=False)
    return label_of(sliced, sections, figures, part.family)


async def _measured_anew(
    pipeline: Pipeline, stale: Stale, part: TrainingPart, order: Order
) -> Label | None:
    (plan,) = pipeline.workshop.plans(order)
    async with pipeline.fetched(_source(part.path), StageTimer()) as model:
        return stale.measured(*await _measured(model, plan, order))


async def _measured(
    model: FetchedModel, plan: Plan, order: Order
) -> tuple[Sections, PresetFigures, Rotation]:
    """What the fit is told of a part, and the pose that it is printed in."""
    figures = figures_for(plan, order)
    setup = replace(plan.setup, sections=section_plan(figures, order.print_settings.supports))
    async with model.inspection.inspected(setup) as inspected:
        return await inspected.sections(), figures, (await inspected.part()).pose.rotation


def _source(path: Path) -> Source:
    return ModelFile(path.name, lambda: path.open("rb"), path.stat().st_size).copied
