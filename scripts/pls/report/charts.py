"""Charts as SVG that lies in the page: it takes the page's colours, light or dark.

Altair describes the larger ones; the small ones of dossiers, of which there are thousands, are
written as they are.
"""

from __future__ import annotations

import math
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


LIFT_EDGE = 16
"""Lifts are drawn from a sixteenth to sixteen; what lies beyond ends in an arrow."""


def _lift_place(value: float) -> float:
    """Place a lift on a log scale of 100 units with 1 in the middle."""
    bounded = min(max(value, 1 / LIFT_EDGE), LIFT_EDGE)
    return 50 + 46 * math.log(bounded) / math.log(LIFT_EDGE)


def interval(value: float, low: float, high: float, label: str) -> Markup:
    """Draw a lift with its interval beside the line of no lift at all.

    Args:
        value: The lift.
        low: The least it may be.
        high: The most.
        label: What it shows.

    Returns:
        The SVG.
    """
    start, end, middle = (_lift_place(each) for each in (low, high, value))
    parts = [
        '<line class="one" x1="50" x2="50" y1="0" y2="16"/>',
        f'<line class="span" x1="{start:.1f}" x2="{end:.1f}" y1="8" y2="8"/>',
    ]
    if low < 1 / LIFT_EDGE:
        parts.append('<path class="tip" d="M0 8 4.5 4.5v7z"/>')
    if high > LIFT_EDGE:
        parts.append('<path class="tip" d="M100 8 95.5 4.5v7z"/>')
    if 1 / LIFT_EDGE <= value <= LIFT_EDGE:
        parts.append(f'<circle cx="{middle:.1f}" cy="8" r="3"/>')
    return Markup(
        f'<svg class="interval" viewBox="0 0 100 16" role="img" aria-label="{escape(label)}">'
        f"{''.join(parts)}</svg>"
    )


def interval_axis() -> Markup:
    """Draw the scale that stands above the intervals.

    Returns:
        The SVG; the numbers stand in the rows.
    """
    ticks = "".join(
        f'<text x="{_lift_place(value):.1f}" y="11" text-anchor="middle">{text}</text>'
        for value, text in ((1 / 8, "⅛"), (1, "1"), (8, "8"))
    )
    return Markup(f'<svg class="interval" viewBox="0 0 100 16" aria-hidden="true">{ticks}</svg>')


def shares_by_bucket(rows: Sequence[Row], base: float | None, label: str) -> Markup:
    """Draw shares with intervals, bucket by bucket, beside the share of all.

    Args:
        rows: With name, share, low and high, in order.
        base: The share of all; None to leave it out.
        label: What it shows.

    Returns:
        The SVG.
    """
    data = _data(rows)
    # On two lines, so that ten names have room beside each other.
    names = "split(replace(datum.label, ' to ', ' to|'), '|')"
    x = alt.X("name:O", sort=None, title="score", axis=alt.Axis(labelAngle=0, labelExpr=names))
    y_axis = alt.Axis(tickCount=4, format="~%")
    layers = [
        alt.Chart(data)
        .mark_rule(color=FIRST, strokeWidth=2)
        .encode(x=x, y=alt.Y("low:Q", title="share that paid", axis=y_axis), y2="high:Q"),
        alt.Chart(data).mark_point(color=FIRST, filled=True, size=60, opacity=1).encode(
            x=x, y="share:Q"
        ),
    ]  # fmt: skip
    if base is not None:
        level = alt.Chart(_data([{"base": base}]))
        layers.append(level.mark_rule(color=FAINT, strokeDash=[4, 4]).encode(y="base:Q"))
    return figure(alt.layer(*layers), label)


def _ticks(most: float) -> list[int]:
    """Give up to five round numbers from 0 to the least that is no smaller than the most."""
    step = 1
    while 4 * step < most:
        step = step * 5 // 2 if str(step).startswith("2") else step * 2
    return [step * n for n in range(math.ceil(most / step) + 1)] if most else [0, 1]


def _minus(value: float) -> str:
    """Write a whole number, the minus as typeset."""
    return f"{value:,.0f}".replace("-", "−")


def score_bands(rows: Sequence[Row], marks: Sequence[Row], label: str) -> Markup:
    """Draw how many have which score, with lines where grades or tiers begin.

    Args:
        rows: With start, end and entities; bands of one width.
        marks: With score and name, the lowest first.
        label: What it shows.

    Returns:
        The SVG.
    """
    low, high = rows[0]["start"], rows[-1]["end"]
    shown = [mark for mark in marks if low < mark["score"] < high]
    left, right, top, height = 54, 538, 8 + 15 * len(shown), 140
    ticks = _ticks(max(row["entities"] for row in rows))

    def x(value: float) -> float:
        return float(left + (right - left) * (value - low) / (high - low))

    def y(value: float) -> float:
        return float(top + height * (1 - value / ticks[-1]))

    parts = [
        f'<line class="grid" x1="{left}" x2="{right}" y1="{y(tick):.1f}" y2="{y(tick):.1f}"/>'
        f'<text x="{left - 6}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:,}</text>'
        for tick in ticks
    ]
    parts += [
        f'<rect class="band" x="{x(row["start"]) + 0.5:.1f}" y="{y(row["entities"]):.1f}" '
        f'width="{x(row["end"]) - x(row["start"]) - 1:.1f}" '
        f'height="{top + height - y(row["entities"]):.1f}"/>'
        for row in rows
    ]
    every = math.ceil(len(rows) / 7)
    parts += [
        f'<text x="{x(row["start"]):.1f}" y="{top + height + 18}" text-anchor="middle">'
        f"{_minus(row['start'])}</text>"
        for row in rows[::every]
    ]
    for place, mark in enumerate(shown):
        # The lowest score is named highest, so that no line goes through a name.
        line = 10 + 15 * place
        at, end = x(mark["score"]), x(mark["score"]) > right - 110
        parts.append(
            f'<line class="mark" x1="{at:.1f}" x2="{at:.1f}" y1="{line - 8}" '
            f'y2="{top + height}"/><text class="name" x="{at + (-4 if end else 4):.1f}" '
            f'y="{line + 2}" text-anchor="{"end" if end else "start"}">{escape(mark["name"])}'
            "</text>"
        )
    parts.append(f'<text x="{right}" y="{top + height + 34}" text-anchor="end">score</text>')
    return Markup(
        f'<svg class="lines thresholds" viewBox="0 0 560 {top + height + 38}" role="img" '
        f'aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )


def accuracy_by_month(rows: Sequence[Row], names: Sequence[str], label: str) -> Markup:
    """Draw the AUC of up to three models by month, with intervals.

    Args:
        rows: With month, model, auc, auc_low and auc_high.
        names: The models, the active one first.
        label: What it shows.

    Returns:
        The SVG.
    """
    data = _data(rows)
    models = list(names)
    x = alt.X("month:O", sort=None, title=None, axis=alt.Axis(labelAngle=0))
    offset = alt.XOffset("model:N", sort=models)
    colour = alt.Color("model:N", sort=models, legend=alt.Legend() if len(models) > 1 else None)
    # Every layer says so, or the others bring zero back.
    scale = alt.Scale(domain=[min(0.4, *(row["auc_low"] for row in rows)), 1], zero=False)
    chance = alt.Chart(_data([{"chance": 0.5}]))
    return figure(
        alt.layer(
            chance.mark_rule(color=FAINT, strokeDash=[4, 4]).encode(
                y=alt.Y("chance:Q", scale=scale)
            ),
            alt.Chart(data)
            .mark_rule(strokeWidth=2)
            .encode(
                x=x,
                xOffset=offset,
                color=colour,
                y=alt.Y("auc_low:Q", title="AUC", scale=scale, axis=alt.Axis(tickCount=5)),
                y2="auc_high:Q",
            ),
            alt.Chart(data)
            .mark_point(filled=True, size=60, opacity=1)
            .encode(x=x, xOffset=offset, color=colour, y=alt.Y("auc:Q", scale=scale)),
        ),
        label,
        180,
    )


def stability(rows: Sequence[Row], bounds: Sequence[tuple[float, str]], label: str) -> Markup:
    """Draw the stability index week by week, with the lines that it should not cross.

    Args:
        rows: With week and index.
        bounds: Where a verdict begins, and its name.
        label: What it shows.

    Returns:
        The SVG.
    """
    lines_at = [{"bound": bound, "name": name} for bound, name in bounds]
    most = max(row["index"] for row in rows)
    # A line far above everything would flatten what there is to see.
    lines_at = lines_at[: 1 + sum(1 for bound, _ in bounds if bound <= most)]
    data = _data(lines_at)
    return figure(
        alt.layer(
            alt.Chart(data).mark_rule(color=FAINT, strokeDash=[4, 4]).encode(y="bound:Q"),
            alt.Chart(data)
            .mark_text(color=FAINT, align="right", baseline="bottom", dy=-3, fontSize=12)
            .encode(x=alt.value(WIDTH), y="bound:Q", text="name:N"),
            alt.Chart(_data(rows))
            .mark_line(color=FIRST, strokeWidth=2)
            .encode(
                x=alt.X("week:T", title=None, axis=alt.Axis(format="%b %Y", labelOverlap=True)),
                y=alt.Y("index:Q", title="stability index", axis=alt.Axis(tickCount=4)),
            ),
        ),
        label,
        140,
    )


def thresholds(rows: Sequence[Row], marks: Sequence[tuple[float, str]], label: str) -> Markup:
    """Draw precision and recall over thresholds, with a marker that a script may move.

    Args:
        rows: With threshold, precision and recall; two at least.
        marks: Thresholds to name, and their names.
        label: What it shows.

    Returns:
        The SVG; its data-low, data-high, data-left and data-right tell where the marker goes.
    """
    low, high = rows[0]["threshold"], rows[-1]["threshold"]
    left, right, top, height = 54, 538, 34, 150

    def x(value: float) -> float:
        return float(left + (right - left) * (value - low) / (high - low))

    def y(share: float) -> float:
        return float(top + height * (1 - share))

    parts = [
        f'<line class="grid" x1="{left}" x2="{right}" y1="{y(share):.1f}" y2="{y(share):.1f}"/>'
        f'<text x="{left - 6}" y="{y(share) + 4:.1f}" text-anchor="end">{share:.0%}</text>'
        for share in (0, 0.25, 0.5, 0.75, 1)
    ]
    ticks = [low + (high - low) * n / 4 for n in range(5)]
    parts += [
        f'<text x="{x(tick):.1f}" y="{top + height + 18}" text-anchor="middle">{tick:g}</text>'
        for tick in ticks
    ]
    parts.append(f'<text x="{right}" y="{top + height + 34}" text-anchor="end">score</text>')
    # The lowest is named highest, so that no line goes through a name.
    for place, (value, name) in enumerate(sorted(marks)):
        if not low <= value <= high:
            continue
        end = x(value) > right - 130
        parts.append(
            f'<line class="mark" x1="{x(value):.1f}" x2="{x(value):.1f}" '
            f'y1="{6 + 14 * place}" y2="{top + height}"/>'
            f'<text class="name" x="{x(value) + (-4 if end else 4):.1f}" y="{14 + 14 * place}"'
            f' text-anchor="{"end" if end else "start"}">{escape(name)}</text>'
        )
    for kind, column in (("first", "precision"), ("second", "recall")):
        path = " ".join(
            f"{x(row['threshold']):.1f},{y(row[column]):.1f}"
            for row in rows
            if row[column] is not None
        )
        parts.append(f'<polyline class="{kind}" points="{path}"/>')
    parts.append(
        f'<line class="moving" data-marker hidden x1="{left}" x2="{left}" y1="{top}" '
        f'y2="{top + height}"/>'
    )
    return Markup(
        f'<svg class="lines thresholds" viewBox="0 0 560 222" role="img" '
        f'aria-label="{escape(label)}" data-low="{low}" data-high="{high}" data-left="{left}" '
        f'data-right="{right}">{"".join(parts)}</svg>'
    )
