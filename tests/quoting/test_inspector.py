"""What an inspection depends on, as the result cache names it."""

from __future__ import annotations

from dataclasses import replace

from pricing_fdm.model import Orientation, Unit
from tests.harness import qualities
from tests.quoting.bench import Bench, Run, order_of


def test_what_moves_an_inspection_is_in_its_identity(run: Run) -> None:
    """The result cache relies on it."""

    async def test(bench: Bench) -> None:
        inspector = bench.pipeline.inspector
        orders = [
            order_of(),
            order_of(unit=Unit.INCH),
            order_of(orientation=Orientation.KEEP),
            order_of(layer=qualities.FINE),
        ]
        setups = [bench.pipeline.workshop.plans(order)[0].setup for order in orders]
        identities = {inspector.identity(setup) for setup in setups}
        others = {
            replace(inspector, max_triangles=5).identity(setups[0]),
            replace(inspector, converter=None).identity(setups[0]),
        }
        assert len(identities | others) == len(orders) + 2

    run(test)
