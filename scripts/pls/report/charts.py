"""Charts as SVG that lies in the page: it takes the page's colours, light or dark.

Altair describes the larger ones; the small ones of dossiers, of which there are thousands, are
written as they are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
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
        alt.Chart(_data(rows))
        .mark_bar(color=FIRST, width=min(0.7 * WIDTH / len(rows), 40))
        .encode(
            x=alt.X(
                "week:T",
                title=None,
                axis=alt.Axis(format="%b %Y", tickCount="month", labelOverlap=True),
            ),
            y=alt.Y("accounts:Q", title="accounts", axis=alt.Axis(tickCount=4, tickMinStep=1)),
        )
    )
    return figure(chart, label, 160)


def stacked_months(rows: Sequence[Row], value: str, kind: str, label: str) -> Markup:
    """Draw a sum a month, one kind upon the other.

    Args:
        rows: With period_month, the value and the kind.
        value: The column that is summed.
        kind: The column that names the kinds, three at most.
        label: What it shows.

    Returns:
        The SVG.
    """
    chart = (
        alt.Chart(_data(rows))
        .mark_bar()
        .encode(
            x=alt.X(
                "yearmonth(period_month):O",
                title=None,
                axis=alt.Axis(format="%b %Y", labelAngle=0, labelOverlap=True),
            ),
            y=alt.Y(f"sum({value}):Q", title=None, axis=alt.Axis(tickCount=4, format="~s")),
            color=alt.Color(f"{kind}:N"),
        )
    )
    return figure(chart, label)


def _data(rows: Sequence[Row]) -> Any:
    """Give rows to a chart, which is described in JSON: days are text."""
    values = [
        {key: value.isoformat() if isinstance(value, date) else value for key, value in row.items()}
        for row in rows
    ]
    return alt.Data(values=values)  # type: ignore[no-untyped-call]


def bars(values: Sequence[float]) -> list[Markup]:
    """Draw points as bars, up to the right and down to the left of one axis.

    Args:
        values: The points, those of bars that stand above each other.

    Returns:
        An SVG each; a picture of a number that stands beside it.
    """
    least, most = min(0, *values, 0), max(0, *values, 0)
    scale = 100 / ((most - least) or 1)
    axis = -least * scale
    drawn = []
    for value in values:
        width = abs(value) * scale
        start, kind = (axis - width, "down") if value < 0 else (axis, "up")
        drawn.append(
            Markup(
                '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" '
                f'aria-hidden="true"><rect class="axis" x="{min(axis, 99.5):.1f}" width=".5" '
                f'height="10"/><rect class="{kind}" x="{start:.1f}" y="1" width="{width:.1f}" '
                'height="8"/></svg>'
            )
        )
    return drawn


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


def lines(
    days: Sequence[date], series: Sequence[tuple[str, Sequence[float]]], label: str
) -> Markup:
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
    first, last = days[0], days[-1]
    span = (last - first).days or 1
    all_values = [float(value) for _, values in series for value in values]
    low = min(0.0, *all_values)
    high = max(low + 1, *all_values)
    height, left, right = 120, 40, 470

    def x(day: date) -> float:
        return left + (right - left) * (day - first).days / span

    def y(value: float) -> float:
        return 10 + height * (high - value) / (high - low)

    parts = []
    for value in sorted({low, (low + high) / 2, high}):
        parts.append(
            f'<line class="grid" x1="{left}" x2="{right}" y1="{y(value):.1f}" y2="{y(value):.1f}"/>'
            f'<text x="{left - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:,.0f}</text>'
        )
    parts.append(
        f'<text x="{left}" y="152">{first.day} {first:%b %Y}</text>'
        f'<text x="{right}" y="152" text-anchor="end">{last.day} {last:%b %Y}</text>'
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
