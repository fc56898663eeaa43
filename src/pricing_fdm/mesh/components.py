"""Finds the connected components of a graph with millions of edges, in few rounds.

A breadth-first search would take as many rounds as a long strip has triangles. Here, in each round,
every group with a lower neighbour joins the lowest one, then all paths are shortened. A group that
neither joins nor is joined has neighbours that all joined lower ones, so it joins one of those in
the next round. So two rounds leave at most half of the groups (Liu and Tarjan, "Simple Concurrent
Labeling Algorithms for Connected Components", 2022).

Cost: at most 2 log2 n rounds however the nodes are numbered, O(n log^2 n) in nodes and edges.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pricing_fdm.mesh.triangles import Ints, slices


def components(nodes: int, tails: npt.NDArray[np.integer], heads: npt.NDArray[np.integer]) -> Ints:
    """Labels each node with the lowest node of its component."""
    parent = np.arange(nodes, dtype=np.int32)
    while True:
        tails, heads = parent.take(tails), parent.take(heads)
        apart = tails != heads
        if not apart.any():
            return parent
        tails, heads = tails[apart], heads[apart]
        _join_lowest(parent, np.maximum(tails, heads), np.minimum(tails, heads))
        parent = _flattened(parent)


def consecutive(labels: Ints) -> tuple[Ints, int]:
    """Renumbers component labels from 0 in the order of their nodes; also says how many."""
    roots = np.flatnonzero(labels == np.arange(len(labels), dtype=np.int32))
    numbers = np.empty(len(labels), dtype=np.int32)
    numbers[roots] = np.arange(len(roots), dtype=np.int32)
    return numbers.take(labels), len(roots)


def _join_lowest(parent: Ints, high: Ints, low: Ints) -> None:
    """Makes the lowest of its neighbours the parent of each group that has a lower one."""
    # In pieces, since `ufunc.at` keeps the interpreter's lock.
    for part in slices(len(high)):
        np.minimum.at(parent, high[part], low[part])


def _flattened(parent: Ints) -> Ints:
    while True:
        grandparent = parent.take(parent)
        if np.array_equal(grandparent, parent):
            return parent
        parent = grandparent
