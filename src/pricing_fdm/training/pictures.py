"""Pictures of a model's errors, as SVG: predicted against sliced, and errors by kind."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from pricing_fdm.training.errors_table import Judged, Reals

_SIDE, _MARGIN = 340, 54
_COLOURS = {"plain": "#4477aa", "supported": "#ee6677", "lattice": "#228833", "tiny": "#ccbb44"}
_PANELS = (("grams", "filament, g", 1.0), ("hours", "print time, h", 3600.0))
_ROW = 20


def scatter(judged: Judged) -> str:
    """Predicted against sliced on logarithmic axes, filament and time side by side."""
    body = [
        line
        for number, (figure, title, unit) in enumerate(_PANELS)
        for line in _panel(judged, figure, title, unit, number * (_SIDE + _MARGIN) + _MARGIN)
    ]
    body += [
        f'<circle cx="{_MARGIN + 8 + 110 * number}" cy="14" r="4" fill="{colour}"/>'
        f'<text x="{_MARGIN + 16 + 110 * number}" y="18">{group}</text>'
        for number, (group, colour) in enumerate(_COLOURS.items())
    ]
    return _svg(2 * (_SIDE + _MARGIN) + 10, _SIDE + 90, body)


def _panel(judged: Judged, figure: str, title: str, unit: float, left: int) -> Iterator[str]:
    sliced, likely = judged.sliced[figure] / unit, judged.likely[figure] / unit
    low = math.floor(math.log10(min(sliced.min(), likely.min())))
    high = math.ceil(math.log10(max(sliced.max(), likely.max())))
    bottom = 30 + _SIDE

    def at(value: float) -> float:
        return (math.log10(value) - low) / (high - low) * _SIDE

    yield f'<rect x="{left}" y="30" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#999"/>'
    yield (
        f'<line x1="{left}" y1="{bottom}" x2="{left + _SIDE}" y2="30" stroke="#000" '
        'stroke-dasharray="4 3"/>'
    )
    for power in range(low, high + 1):
        spot, text = at(10.0**power), f"{10.0**power:g}"
        yield f'<text x="{left + spot:.0f}" y="{bottom + 16}" text-anchor="middle">{text}</text>'
        yield f'<text x="{left - 4}" y="{bottom - spot + 4:.0f}" text-anchor="end">{text}</text>'
    for x, y, group in zip(sliced.tolist(), likely.tolist(), judged.groups.tolist(), strict=True):
        yield (
            f'<circle cx="{left + at(x):.1f}" cy="{bottom - at(y):.1f}" r="2" '
            f'fill="{_COLOURS[group]}" fill-opacity="0.6"/>'
        )
    yield (
        f'<text x="{left + _SIDE / 2:.0f}" y="{bottom + 36}" text-anchor="middle">'
        f"{title}: sliced across, predicted upward</text>"
    )


def by_kind(judged: Judged) -> str:
    """Errors of each family: from the 5th to the 95th percentile, with the median."""
    families = sorted(set(judged.families.tolist()))
    body: list[str] = []
    for number, (figure, title, _) in enumerate(_PANELS):
        left = 190 + number * (_SIDE + 50)
        rows = [judged.error(figure)[judged.families == family] * 100 for family in families]
        body += _bars(title.partition(",")[0], rows, left)
    body += [
        f'<text x="180" y="{52 + _ROW * row}" text-anchor="end">{family}</text>'
        for row, family in enumerate(families)
    ]
    return _svg(190 + 2 * (_SIDE + 50), 80 + _ROW * len(families), body)


def _bars(title: str, rows: Sequence[Reals], left: int) -> Iterator[str]:
    reach, bottom = 50, 40 + _ROW * len(rows)

    def at(percent: float) -> float:
        return left + (max(-reach, min(reach, percent)) + reach) / (2 * reach) * _SIDE

    for percent in range(-reach, reach + 1, 25):
        stroke = "#000" if percent == 0 else "#ccc"
        x = f"{at(percent):.0f}"
        yield f'<line x1="{x}" y1="36" x2="{x}" y2="{bottom}" stroke="{stroke}"/>'
        yield f'<text x="{x}" y="{bottom + 16}" text-anchor="middle">{percent} %</text>'
    for row, errors in enumerate(rows):
        low, middle, high = (at(each) for each in np.quantile(errors, [0.05, 0.5, 0.95]))
        y = 48 + _ROW * row
        yield (
            f'<line x1="{low:.1f}" y1="{y}" x2="{high:.1f}" y2="{y}" stroke="#4477aa" '
            'stroke-width="6" stroke-opacity="0.5"/>'
        )
        yield f'<circle cx="{middle:.1f}" cy="{y}" r="4" fill="#225588"/>'
    yield (
        f'<text x="{left + _SIDE / 2:.0f}" y="22" text-anchor="middle">'
        f"{title}: predicted too little or too much</text>"
    )


def _svg(width: int, height: int, body: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" font-family="sans-serif" font-size="11">'
    )
    ground = f'<rect width="{width}" height="{height}" fill="#fff"/>'
    return "\n".join([head, ground, *body, "</svg>", ""])
