"""Connected components, against a plain search."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing_fdm.mesh.components import components, consecutive

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
    assert (labels[labels] == labels).all()
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels.tolist())}


@given(
    st.integers(1, 30).flatmap(
        lambda nodes: st.tuples(
            st.just(nodes),
            st.lists(st.tuples(st.integers(0, nodes - 1), st.integers(0, nodes - 1)), max_size=60),
        )
    )
)
def test_components_are_those_of_a_plain_search(graph: tuple[int, Edges]) -> None:
    """Bodies, surfaces and welded points all rest on this one function."""
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


def test_labels_are_renumbered_without_gaps() -> None:
    """Bodies are counted from 0, so that sums per body are plain arrays."""
    numbers, count = consecutive(np.array([3, 1, 1, 3, 4], dtype=np.int32))
    assert numbers.tolist() == [1, 0, 0, 1, 2]
    assert count == 3
