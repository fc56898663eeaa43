"""Slices one plate: inspect its models, write the 3MF, take a slot, slice, extract, remember."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pricing_fdm.concurrency.completion import complete_in_thread
from pricing_fdm.errors import (
    InternalError,
    ModelExceedsBuildVolume,
    ModelUnsliceable,
    SlicingTimeout,
)
from pricing_fdm.model import Order, PrintSettings, SliceResult, Supports
from pricing_fdm.plates.packing import Layout
from pricing_fdm.plates.threemf import write_plate
from pricing_fdm.quoting.full_disk import disk_errors
from pricing_fdm.quoting.slicing import FetchedModel, Slicing, ToSlice
from pricing_fdm.quoting.timing import ProgressListener, Stage
from pricing_fdm.quoting.workshop import Plan


@dataclass(frozen=True, slots=True)
class Copies:
    """So many copies of one part.

    Attributes:
        plan: On which printer, and with which presets.
        order: How many there are, and how they are printed.
        single: The slice result of one by itself.
    """

    plan: Plan
    order: Order
    model: FetchedModel
    single: SliceResult

    @property
    def is_supported(self) -> bool:
        """Whether support stands out of them; a slicer that does not tell may have made some."""
        if self.order.print_settings.supports is Supports.NEVER:
            return False
        return self.single.metrics.support_g != 0

    def as_printed(self) -> Copies:
        """The same, ordered without support where they have none, whatever was asked for."""
        if self.is_supported:
            return self
        never = replace(self.order.print_settings, supports=Supports.NEVER)
        return replace(self, order=replace(self.order, print_settings=never))


@dataclass(frozen=True, slots=True)
class PlateWork:
    """One plate to slice.

    Attributes:
        parts: Those that lie on it, by their numbers in the layout.
    """

    slicing: Slicing
    key: str
    parts: Mapping[int, Copies]
    layout: Layout

    @property
    def suspect(self) -> str:
        """What is held to account; a plate that fails says nothing against a part by itself."""
        return " ".join(
            ["plates of", *(each.model.download.sha256 for each in self.parts.values())]
        )

    async def slice(self, listener: ProgressListener) -> SliceResult:
        """Inspects the models that are not inspected yet, writes the plate, and slices it."""
        slicing, (first, *_) = self.slicing, self.parts.values()
        async with contextlib.AsyncExitStack() as stack:
            # Others may wait for this result after the caller who brought the models has left.
            for each in self.parts.values():
                stack.enter_context(each.model.workspace.held())
            stack.enter_context(disk_errors())
            stack.enter_context(slicing.results.refusals_of(self.key))
            listener.enter(Stage.INSPECT)
            inspected = {
                number: await stack.enter_async_context(
                    each.model.inspection.inspected(each.plan.setup)
                )
                for number, each in self.parts.items()
            }
            folder = first.model.workspace.path
            plate = folder / f"plate-{self.key}.3mf"
            meshes = {number: await each.mesh() for number, each in inspected.items()}
            await complete_in_thread(write_plate, plate, meshes, self.layout)
            settings = [
                inspected[number].settings(each.order.print_settings)
                for number, each in self.parts.items()
            ]
            sliced, metrics = await slicing.sliced(
                ToSlice(
                    key=self.key,
                    file=plate,
                    settings=_with_support_where_needed(settings),
                    plan=first.plan,
                    suspect=self.suspect,
                    folder=folder,
                    slot_deadline=first.model.slot_deadline,
                ),
                listener,
            )
            result = SliceResult(first.single.part, sliced.engine, metrics, sliced.warnings)
            await slicing.remember(self.key, first.plan, result)
            return result


def _with_support_where_needed(settings: Sequence[PrintSettings]) -> PrintSettings:
    """Those of the plate: with support if one of its parts is printed with it."""
    with_support = [each for each in settings if each.supports is not Supports.NEVER]
    return (with_support or settings)[0]


@contextlib.contextmanager
def too_much_for_one_plate(copies: int) -> Iterator[None]:
    """Turns the failure of a plate into an error that names the plate and what the shop can do.

    The part by itself was sliced, so a plate that the slicer does not take is laid out wrongly.
    """
    try:
        yield
    except (SlicingTimeout, ModelUnsliceable) as error:
        raise type(error)(
            f"A plate of {copies} copies: {error.detail} The shop can allow fewer copies on a "
            'plate (`plate_copies_max`), or charge copies one by one (`quantity = "multiply"`).',
            log_detail=error.log_detail,
        ) from error
    except ModelExceedsBuildVolume as error:
        raise InternalError(
            "The slicer does not take a plate of several copies.", log_detail=error.log_detail
        ) from error
