"""A sliver may be lost, a solid never, however many good parts stand beside it."""

from __future__ import annotations

from collections import Counter

import pytest

from pricing_fdm.mesh.step.bodies import Solids
from pricing_fdm.mesh.step.lost import lost_faces


def uses(*products: Solids) -> Counter[Solids]:
    return Counter(products)


@pytest.mark.parametrize(
    ("stated", "meshed", "lost"),
    [
        (uses((6,)), [6], 0),
        (uses((6,), (6,), (3,)), [3, 6, 6], 0),
        (uses((6, 6, 3)), [15], 0),
        (uses((6, 6, 3)), [6, 3, 6], 0),
        (uses((200,)), [199], 1),
        (uses((200,)), [198], 2),
        (uses((200,)), [197], None),
        (uses((200,)), [212], 0),
        (uses(*[(100,)] * 9, (50,)), [*[100] * 9, 49], 1),
        (uses(*[(100,)] * 9, (9,)), [*[100] * 9, 8], None),
        (uses(*[(100,)] * 90, (6,)), [100] * 90, None),
        (uses(*[(100,)] * 90, (6,)), [*[104] * 90], None),
        (uses((1000, 6)), [1000], None),
        (uses((1000, 6)), [1005], 1),
        (uses((1000, 1)), [1000], None),
        (uses(), [], 0),
    ],
)
def test_losses_are_counted_product_by_product(
    stated: Counter[Solids], meshed: list[int], lost: int | None
) -> None:
    """None: refused. What OCCT cuts in two in one part makes up for nothing in another."""
    assert lost_faces(stated, meshed) == lost
