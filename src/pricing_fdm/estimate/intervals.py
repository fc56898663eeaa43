"""How wide an interval is: split-conformal, by group of parts, from errors of held-out families.

For development, as `fitting` is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from pricing_fdm.estimate.inputs import GROUPS
from pricing_fdm.estimate.model_file import Anchored, Shares, Widths
from pricing_fdm.estimate.predict import INTERVAL

Reals = npt.NDArray[np.float64]
Names = npt.NDArray[np.str_]

_TAIL = (1 - INTERVAL) / 2
_TAILS = tuple(_TAIL * share / 20 for share in range(26, 2, -1))
_MIN_IN_GROUP = 20
_MIN_FAMILIES = 3
_NOTHING_KNOWN = 0.5

_ALIKE = 4
"""Prints of a part are alike: so many tell as much as one of another part."""


def group_widths(errors: Reals, families: Names, groups: Names) -> dict[str, Widths]:
    """Intervals of each group, wide enough for a family that is not among these.

    Errors of a family are alike, so quantiles of them all are too narrow for the next one. What is
    left out at both ends shrinks until the families of a group lie within the intervals of the
    others. A group of few has the intervals of all.
    """
    of_all = _of_group(errors, families)
    result = dict.fromkeys(GROUPS, of_all)
    for group in GROUPS:
        here = groups == group
        if here.sum() >= _MIN_IN_GROUP and len(set(families[here])) >= _MIN_FAMILIES:
            result[group] = _of_group(errors[here], families[here])
    return result


def _of_group(errors: Reals, families: Names) -> Widths:
    for tail in _TAILS:
        inside = np.zeros(len(errors), dtype=np.bool_)
        for family in np.unique(families):
            others = families != family
            found = _widths(errors[others], tail)
            inside |= ~others & (-found.low <= errors) & (errors <= found.high)
        if inside.mean() >= INTERVAL:
            break
    return _widths(errors, tail)


def anchored(
    errors: Reals, prints: Names, families: Names, groups: Names, alone: Mapping[str, Widths]
) -> Anchored:
    """Intervals once another print of the same mesh in the same pose has been sliced.

    Its error says part of theirs: the share is that of least squares.

    Args:
        errors: Of each label.
        prints: Equal names: the same mesh in the same pose.
        families: Of each label.
        groups: Of each label.
        alone: The intervals without such a slice; none gets wider by it.
    """
    same = np.unique(prints, return_inverse=True)[1]
    one, other = np.nonzero((same[:, np.newaxis] == same) & ~np.eye(len(same), dtype=np.bool_))
    if not len(one):
        return Anchored(share=0.0, widths=alone)
    known = errors[other]
    share = float(np.clip(errors[one] @ known / max(float(known @ known), 1e-12), 0, 1))
    left = group_widths(errors[one] - share * known, families[one], groups[one])
    return Anchored(
        share=round(share, 4),
        widths={
            group: Widths(low=min(mine.low, each.low), high=min(mine.high, each.high))
            for group, mine, each in ((name, alone[name], left[name]) for name in GROUPS)
        },
    )


def shares(errors: Reals) -> Shares:
    """What leaves out 5 % of the errors at either end."""
    return Shares(low=min(1.0, _quantile(-errors, _TAIL)), high=min(1.0, _quantile(errors, _TAIL)))


def _widths(errors: Reals, tail: float) -> Widths:
    """What leaves out a share of the errors at either end."""
    return Widths(low=_quantile(-errors, tail), high=_quantile(errors, tail))


def _quantile(errors: Reals, tail: float) -> float:
    """The value that errors exceed with the chance `tail`, for a finite sample of parts."""
    if not len(errors):
        return _NOTHING_KNOWN
    parts = len(errors) / _ALIKE
    share = min(1.0, (parts + 1) * (1 - tail) / parts)
    rank = math.ceil(len(errors) * share)
    return round(min(5.0, max(0.0, float(np.sort(errors)[rank - 1]))), 4)
