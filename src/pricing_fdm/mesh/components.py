"""Which nodes of a graph hang together, for millions of edges and in a logarithm of rounds.

A search by levels would take as many rounds as a long strip has triangles. Here every group
hooks onto a neighbouring group in each round, then all paths are cut short (Shiloach and
Vishkin, 1982). The direction of hooking alternates between lower and higher labels, since one
direction alone can be slowed down by numbering the nodes badly.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pricing_fdm.mesh.triangles import Ints


def components(nodes: int, tails: npt.NDArray[np.integer], heads: npt.NDArray[np.integer]) -> Ints:
    """Labels each node with one node of its component; a label's own label is itself."""
    parent = np.arange(nodes, dtype=np.int32)
    hook_low = True
    while True:
        tails, heads = parent.take(tails), parent.take(heads)
        apart = tails != heads
        if not apart.any():
            return parent
        tails, heads = tails[apart], heads[apart]
        low, high = np.minimum(tails, heads), np.maximum(tails, heads)
        # Of several edges at one group any may win: each leads strictly down (or up).
        if hook_low:
            parent[high] = low
        else:
            parent[low] = high
        hook_low = not hook_low
        parent = _flattened(parent)


def consecutive(labels: Ints) -> tuple[Ints, int]:
    """Renumbers component labels from 0 in the order of their nodes; also says how many."""
    roots = np.flatnonzero(labels == np.arange(len(labels), dtype=np.int32))
    numbers = np.empty(len(labels), dtype=np.int32)
    numbers[roots] = np.arange(len(roots), dtype=np.int32)
    return numbers.take(labels), len(roots)


def _flattened(parent: Ints) -> Ints:
    while True:
        grandparent = parent.take(parent)
        if np.array_equal(grandparent, parent):
            return parent
        parent = grandparent
