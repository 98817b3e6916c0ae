"""Charts as SVG that lies in the page: it takes the page's colours, light or dark.

Altair describes the larger ones; the small ones of dossiers, of which there are thousands, are
written as they are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import altair as alt
import vl_convert
from markupsafe import Markup, escape

from pls.published import Row

INK, FAINT, LINE, FIRST, SECOND, THIRD = (
    "#010101",
    "#020202",
    "#030303",
    "#040404",
    "#050505",
    "#060606",
)
"""Colours that the style sheet gives: texts, labels, grid, and up to three series."""

_COLOURS = {
    INK: "var(--ink)",
    FAINT: "var(--faint)",
    LINE: "var(--line)",
    FIRST: "var(--first)",
    SECOND: "var(--second)",
    THIRD: "var(--third)",
}

WIDTH = 560
"""Units across a chart, which is then as wide as its place."""

_THEME = {
    "background": "transparent",
    "font": "system-ui, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": FAINT,
        "titleColor": FAINT,
        "gridColor": LINE,
        "domainColor": LINE,
        "tickColor": LINE,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelPadding": 6,
    },
    "axisX": {"grid": False},
    "axisY": {
        "domain": False,
        "ticks": False,
        "titleAngle": 0,
        "titleAlign": "left",
        "titleY": -12,
        "titleX": 0,
    },
    "legend": {
        "labelColor": INK,
        "title": None,
        "orient": "top",
        "labelFontSize": 12,
        "symbolType": "square",
        "offset": 4,
    },
    "title": {"color": INK, "anchor": "start", "fontSize": 13},
    "range": {"category": [FIRST, SECOND, THIRD]},
}


def figure(chart: Any, label: str, height: int = 200) -> Markup:
    """Draw a chart.

    Args:
        chart: What Altair describes.
        label: What it shows, for who cannot see it.
        height: Units down, axes apart.

    Returns:
        The SVG.
    """
    spec = chart.properties(width=WIDTH, height=height).configure(**_THEME).to_dict()
    svg = vl_convert.vegalite_to_svg(spec)
    for colour, variable in _COLOURS.items():
        svg = svg.replace(colour, variable)
    svg = re.sub(r' (width|height)="[\d.]+"', "", svg, count=2)
    svg = re.sub(r' aria-[a-z]+="[^"]*"| role="[^"]*"', "", svg)
    attributes = f'class="chart" role="img" aria-label="{escape(label)}" focusable="false"'
    return Markup(svg.replace("<svg ", f"<svg {attributes} ", 1))


def weekly(rows: Sequence[Row], label: str) -> Markup:
    """Draw accounts a week.

    Args:
        rows: With week and accounts.
        label: What it shows.

    Returns:
        The SVG.
    """
    chart = (
        alt.Chart(alt.Data(values=_plain(rows)))
        .mark_bar(color=FIRST)
        .encode(
            x=alt.X("week:T", title=None, axis=alt.Axis(format="%b %Y", labelOverlap=True)),
            y=alt.Y("accounts:Q", title="accounts", axis=alt.Axis(tickCount=4, tickMinStep=1)),
        )
    )
    return figure(chart, label, 160)


def stacked_months(rows: Sequence[Row], value: str, kind: str, unit: str, label: str) -> Markup:
    """Draw a sum a month, one kind upon the other.

    Args:
        rows: With period_month, the value and the kind.
        value: The column that is summed.
        kind: The column that names the kinds, three at most.
        unit: What the value is in.
        label: What it shows.

    Returns:
        The SVG.
    """
    chart = (
        alt.Chart(alt.Data(values=_plain(rows)))
        .mark_bar()
        .encode(
            x=alt.X(
                "yearmonth(period_month):O",
                title=None,
                axis=alt.Axis(format="%b %Y", labelAngle=0, labelOverlap=True),
            ),
            y=alt.Y(f"sum({value}):Q", title=unit, axis=alt.Axis(tickCount=4, format="~s")),
            color=alt.Color(f"{kind}:N"),
        )
    )
    return figure(chart, label)


def _plain(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Write days as text, since a chart is described in JSON."""
    return [
        {
            key: value.isoformat() if hasattr(value, "isoformat") else value
            for key, value in row.items()
        }
        for row in rows
    ]


def bar(points: float, most: float) -> Markup:
    """Draw points as a bar from the middle, up to the right and down to the left.

    Args:
        points: The points.
        most: The largest of all bars beside it, whatever its sign.

    Returns:
        The SVG; a picture of a number that stands beside it.
    """
    width = 50 * abs(points) / most if most else 0
    start = 50 - width if points < 0 else 50
    kind = "down" if points < 0 else "up"
    return Markup(
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="axis" x="49.75" y="0" width=".5" height="10"/>'
        f'<rect class="{kind}" x="{start:.1f}" y="1" width="{width:.1f}" height="8"/></svg>'
    )


def spark(values: Sequence[float | None], label: str) -> Markup:
    """Draw a small line without axes.

    Args:
        values: In order; None leaves a gap.
        label: What it shows.

    Returns:
        The SVG; empty with fewer than two values.
    """
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return Markup("")
    low, high = min(known), max(known)
    width = 100 / (len(values) - 1)
    points = [
        (width * place, 22 - 20 * ((value - low) / (high - low) if high > low else 0.5))
        for place, value in enumerate(values)
        if value is not None
    ]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    x, y = points[-1]
    return Markup(
        f'<svg class="spark" viewBox="-3 0 106 24" role="img" aria-label="{escape(label)}">'
        f'<polyline points="{path}"/><circle cx="{x:.1f}" cy="{y:.1f}" r="2.5"/></svg>'
    )


def lines(days: Sequence[Any], series: Sequence[tuple[str, Sequence[float]]], label: str) -> Markup:
    """Draw lines over days with their own least and most, for thousands of pages.

    Args:
        days: The days, in order.
        series: Up to two names with a value per day.
        label: What it shows.

    Returns:
        The SVG; empty with fewer than two days.
    """
    if len(days) < 2:
        return Markup("")
    span = (days[-1] - days[0]).days or 1
    low = min(0, *(value for _, values in series for value in values))
    high = max(*(value for _, values in series for value in values), low + 1)
    height, left, right = 120, 40, 470

    def x(day: Any) -> float:
        return left + (right - left) * (day - days[0]).days / span

    def y(value: float) -> float:
        return 10 + height * (high - value) / (high - low)

    parts = []
    for value in sorted({low, (low + high) / 2, high}):
        parts.append(
            f'<line class="grid" x1="{left}" x2="{right}" y1="{y(value):.1f}" y2="{y(value):.1f}"/>'
            f'<text x="{left - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:,.0f}</text>'
        )
    parts.append(
        f'<text x="{left}" y="152">{days[0].day} {days[0]:%b %Y}</text>'
        f'<text x="{right}" y="152" text-anchor="end">{days[-1].day} {days[-1]:%b %Y}</text>'
    )
    for kind, (_, values) in zip(("first", "second"), series, strict=False):
        path = " ".join(
            f"{x(day):.1f},{y(value):.1f}" for day, value in zip(days, values, strict=True)
        )
        parts.append(f'<polyline class="{kind}" points="{path}"/>')
    return Markup(
        f'<svg class="lines" viewBox="0 0 480 158" role="img" aria-label="{escape(label)}">'
        f"{''.join(parts)}</svg>"
    )
