"""Results → an SVG: how near each row is to its target, and how the cost grows; plain text, no library."""

from collections.abc import Sequence
from html import escape

from rows import Result

_WIDTH, _BAR, _LABEL, _SIDE = 860, 22, 300, 200
_MET, _MISSED, _LINE = "#2f7d4f", "#b4432f", "#44607c"
#: a bar ends at this many times its target
_MOST = 4.0


def draw_chart(results: Sequence[Result], heading: str) -> str:
    """Results and a heading → the drawing."""
    promised = [one for one in results if one.target is not None]
    growth: dict[str, list[tuple[float, float, str]]] = {}
    for one in results:
        name, _, axis = one.row.partition(": ")
        if name == "growth":
            growth.setdefault(axis, []).append((float(one.work.replace(",", "")), one.value, one.measure))
    parts = [_text(10, 22, heading, 13)]
    top = 44
    for one in promised:
        parts += _bar(one, top)
        top += _BAR + 6
    if promised:
        # One line marks the target of every bar: how far a bar goes is a share of it.
        x = _LABEL + (_WIDTH - _LABEL - 120) / _MOST
        parts.append(
            f'<line x1="{x:.0f}" y1="36" x2="{x:.0f}" y2="{top}" stroke="#222" stroke-dasharray="4 3"/>'
        )
        parts.append(_text(x - 16, top + 14, "target", 11))
        top += 40
    for number, (axis, points) in enumerate(sorted(growth.items())):
        parts += _curve(axis, sorted(points), 10 + number * (_SIDE + 80), top)
    height = top + (_SIDE + 60 if growth else 0)
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" '
        f'viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif">\n'
        f'<rect width="100%" height="100%" fill="white"/>\n{body}\n</svg>\n'
    )


def _bar(one: Result, top: int) -> list[str]:
    target = one.target or 1.0
    share = target / one.value if one.at_least and one.value else one.value / target
    width = max(1.0, min(_MOST, share) * (_WIDTH - _LABEL - 120) / _MOST)
    color = _MET if one.is_met() else _MISSED
    sign = "≥" if one.at_least else "≤"
    return [
        _text(10, top + 15, one.work, 12),
        f'<rect x="{_LABEL}" y="{top}" width="{width:.1f}" height="{_BAR}" fill="{color}"/>',
        _text(_LABEL + width + 6, top + 15, f"{one.value:.3g} ({sign} {target:g})", 11),
    ]


def _curve(axis: str, points: Sequence[tuple[float, float, str]], left: int, top: int) -> list[str]:
    furthest = max(x for x, _, _ in points) or 1.0
    highest = max(y for _, y, _ in points) or 1.0
    places = [(left + 30 + x / furthest * _SIDE, top + 20 + (1 - y / highest) * _SIDE) for x, y, _ in points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    floor = top + 20 + _SIDE
    drawn = [
        f'<path d="M{left + 30} {top + 20}V{floor}H{left + 30 + _SIDE}" fill="none" stroke="#888"/>',
        f'<polyline points="{path}" fill="none" stroke="{_LINE}" stroke-width="2"/>',
        _text(left + 30, top - 6, f"{points[0][2]} by {axis}", 12),
    ]
    for (x, y), (at, value, _) in zip(places, points, strict=True):
        drawn.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{_LINE}"/>')
        drawn.append(_text(x - 10, y - 8, f"{value:.3g}", 10))
        drawn.append(_text(x - 10, floor + 14, f"{at:,g}", 10))
    return drawn


def _text(x: float, y: float, words: str, size: int) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}">{escape(words)}</text>'
