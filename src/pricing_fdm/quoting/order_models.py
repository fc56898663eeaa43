"""The models of an order: fetched one after the other, together no larger than one model may be."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field

from pricing_fdm.errors import ModelTooLarge
from pricing_fdm.quoting.admission import SlotDeadline
from pricing_fdm.quoting.pipeline import Pipeline, Source
from pricing_fdm.quoting.slicing import FetchedModel
from pricing_fdm.quoting.timing import StageTimer


@dataclass(slots=True)
class OrderModels:
    """Fetches models into folders that go with the order.

    Attributes:
        stack: Of the order.
        left_bytes: What the models that are still to come may have together.
    """

    pipeline: Pipeline
    stack: contextlib.AsyncExitStack
    timer: StageTimer
    left_bytes: int
    slot_deadline: SlotDeadline = field(init=False)

    def __post_init__(self) -> None:
        self.slot_deadline = self.pipeline.admission.slot_deadline()

    async def fetched(self, source: Source) -> FetchedModel:
        """The next model.

        Raises:
            ModelTooLarge: Those of the order are together too large; it is deleted.
            PricingError: It could not be fetched.
        """
        async with contextlib.AsyncExitStack() as own:
            fetching = self.pipeline.model(source, self.timer, self.slot_deadline)
            model = await own.enter_async_context(fetching)
            self.left_bytes -= model.download.size_bytes
            if self.left_bytes < 0:
                raise ModelTooLarge(
                    "The models of the order are together larger than one model may be.",
                    outcome="too_large",
                )
            self.stack.push_async_exit(own.pop_all())
            return model
