"""Connected components, against a plain search."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing_fdm.mesh import components as module
from pricing_fdm.mesh.components import components, consecutive
from pricing_fdm.mesh.edges import survey
from pricing_fdm.mesh.triangles import Ints
from pricing_fdm.mesh.weld import weld
from tests.mesh import hostile

Edges = list[tuple[int, int]]


def by_search(nodes: int, edges: Edges) -> set[frozenset[int]]:
    groups = {node: {node} for node in range(nodes)}
    for tail, head in edges:
        if groups[tail] is not groups[head]:
            groups[tail] |= groups[head]
            for node in groups[head]:
                groups[node] = groups[tail]
    return {frozenset(group) for group in groups.values()}


def labelled(nodes: int, edges: Edges) -> set[frozenset[int]]:
    pairs = np.array(edges, dtype=np.int64).reshape(-1, 2)
    labels = components(nodes, pairs[:, 0], pairs[:, 1])
    groups = {
        label: frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels.tolist())
    }
    assert all(label == min(group) for label, group in groups.items())
    return set(groups.values())


@given(
    st.integers(1, 30).flatmap(
        lambda nodes: st.tuples(
            st.just(nodes),
            st.lists(st.tuples(st.integers(0, nodes - 1), st.integers(0, nodes - 1)), max_size=60),
        )
    )
)
def test_components_are_those_of_a_plain_search(graph: tuple[int, Edges]) -> None:
    """Bodies, surfaces and welded points rest on this one function; the lowest names its group."""
    nodes, edges = graph
    assert labelled(nodes, edges) == by_search(nodes, edges)


@pytest.mark.parametrize(
    "edges",
    [
        pytest.param([(i, i + 1) for i in range(4999)], id="path"),
        pytest.param([(4999, i) for i in range(4999)], id="star-with-the-highest-centre"),
        pytest.param([(0, i) for i in range(1, 5000)], id="star-with-the-lowest-centre"),
        pytest.param(
            [(i, 4999 - i) for i in range(2500)] + [(i, i + 1) for i in range(2499)], id="comb"
        ),
    ],
)
def test_badly_numbered_graphs_end_in_one_component(edges: Edges) -> None:
    """Numberings that slow down naive hooking must still come to an end and be right."""
    assert len(labelled(5000, edges)) == 1


def bit_reversed(bits: int) -> Ints:
    """A path on which neighbours are far apart in their numbers."""
    numbers = np.arange(1 << bits)
    order = np.zeros_like(numbers)
    for bit in range(bits):
        order |= (numbers >> bit & 1) << (bits - 1 - bit)
    return order.astype(np.int32)


def strip_with_leaves(hubs: int) -> tuple[int, Ints, Ints]:
    mesh = weld(hostile.hooks(hubs))
    edges = survey(mesh.faces)
    return len(mesh.faces), edges.left, edges.right


def path(order: Ints) -> tuple[int, Ints, Ints]:
    return len(order), order[:-1], order[1:]


@pytest.mark.parametrize(
    ("nodes", "tails", "heads"),
    [
        pytest.param(*strip_with_leaves(2000), id="one-pair-of-groups-in-a-round"),
        pytest.param(*path(np.arange(4096, dtype=np.int32)), id="in-order"),
        pytest.param(*path(bit_reversed(12)), id="far-from-each-other"),
        pytest.param(
            *path(np.random.default_rng(1).permutation(4096).astype(np.int32)), id="at-random"
        ),
    ],
)
def test_rounds_are_few_for_every_numbering(
    monkeypatch: pytest.MonkeyPatch, nodes: int, tails: Ints, heads: Ints
) -> None:
    """A 4 MB file whose groups were joined one pair in each round took 11 s (issue 16, 2)."""
    rounds = 0
    flattened = module._flattened

    def counted(parent: Ints) -> Ints:
        nonlocal rounds
        rounds += 1
        return flattened(parent)

    monkeypatch.setattr(module, "_flattened", counted)
    components(nodes, tails, heads)
    assert rounds <= 2 * np.log2(nodes)


def test_labels_are_renumbered_without_gaps() -> None:
    """Bodies are counted from 0, so that sums per body are plain arrays."""
    numbers, count = consecutive(np.array([3, 1, 1, 3, 4], dtype=np.int32))
    assert numbers.tolist() == [1, 0, 0, 1, 2]
    assert count == 3
