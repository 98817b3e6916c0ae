"""The page of the score model: what its signals are worth, and where to draw the line."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from pls.published import Row
from pls.report import charts
from pls.report.rendering import percent, words

Z = 1.959963984540054
"""The normal quantile of a two-sided 95 % interval."""

LEVELS = {
    "user": {"title": "Users", "one": "user", "many": "users", "label": "Grade"},
    "account": {"title": "Accounts", "one": "account", "many": "accounts", "label": "Tier"},
}
"""What is scored, in words."""

STABILITY_BOUNDS = ((0.1, "moving from 0.1"), (0.25, "drifted from 0.25"))
"""Where the verdicts of `tier_drift` begin."""

LOUD = {
    "silent": "silent: nobody fires it, where five or more were to be expected",
    "never_fired": "never fired",
    "fires_for_everyone": "fires for everyone",
}
"""Verdicts of `signal_health` that need a look, in words."""

BANDS = 24
"""Bands of scores in a chart at most."""

MODELS_DRAWN = 3
"""Models that a chart can tell apart; the table has all."""

MEASURES = (
    ("auc", "AUC", "how often the one who paid has the higher score of two; 0.5 is chance"),
    ("average_precision", "Average precision", "how many of the first called pay; more is better"),
    ("brier", "Brier score", "how far the probabilities are off; less is better"),
    ("top_decile_lift", "Lift of the top tenth", "how much more often than all it pays"),
)  # fmt: skip
"""How weights are judged: columns, names and what they mean."""

CAUSES = {
    "changed_weights": "the weights or rules have changed",
    "late_data_or_mapping": "data came late, or people were mapped to other accounts",
}
"""Why scores of the last build's day are others now."""


def model(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Arrange the page of the score model.

    Args:
        facts: What `model_facts` gives.

    Returns:
        What its template takes.
    """
    levels = [_level(level, facts) for level in LEVELS]
    horizon = next((row["horizon_days"] for row in facts["thresholds"]), None)
    return {
        "model": facts["model"],
        "horizon_days": horizon,
        "levels": levels,
        "axis": charts.interval_axis(),
        "has_past": facts["builds"][0]["builds"] > 1,
    }


def _of(rows: Sequence[Row], level: str) -> list[Row]:
    return [row for row in rows if row["level"] == level]


def _level(level: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    names = LEVELS[level]
    signals = _signals(level, facts)
    weights = _of(facts["weights"], level)
    looks = next(iter(_of(facts["looks"], level)), None)
    drift = _drift(_of(facts["drift"], level), names["many"])
    return {
        **names,
        "level": level,
        "signals": signals,
        "has_suggestions": any(row["suggested"] is not None for row in signals),
        "status": weights[0]["status"] if weights else None,
        "reason": weights[0]["reason"] if weights else None,
        "looks": looks,
        "counts": _counts(signals),
        "curve": _curve(_of(facts["buckets"], level), looks, names["many"]),
        "accuracy": _accuracy(weights),
        "models": _models(_of(facts["models"], level)),
        "simulator": _simulator(
            _of(facts["thresholds"], level),
            next(iter(_of(facts["recommended"], level)), None),
            names,
        ),
        "bands": _bands(_of(facts["scores"], level), _marks(level, facts), names["many"]),
        "labels": _labels(level, facts),
        "drift": drift,
        "odd": [
            {"name": row["name"], "verdict": row["health"], "text": LOUD[row["health"]]}
            for row in signals
            if row["health"] in LOUD
        ],
        "restatements": [
            {**row, "text": CAUSES.get(row["cause"], words(row["cause"]))}
            for row in _of(facts["restatements"], level)
        ],
    }


def _counts(signals: Sequence[Row]) -> list[tuple[str, str, int]]:
    """Count the verdicts that ask for a change, in the words that the signals have beside them."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for row in signals:
        found[row["evidence"] or "", row["evidence_words"]] += 1
    return [
        (verdict, text, n)
        for asking in ("raise", "lower", "drop")
        for (verdict, text), n in sorted(found.items())
        if verdict == asking
    ]


def evidence_words(verdict: str | None, points: int) -> str:
    """Say what the evidence asks for; points that are taken off are raised downwards.

    Args:
        verdict: A verdict of `calibration_signal_lift`.
        points: The points now.

    Returns:
        Such as `Raise`, or `Take off more`.
    """
    if points < 0 and verdict in ("raise", "lower"):
        return "Take off more" if verdict == "raise" else "Take off less"
    return {"too_few": "Too few cases", None: "No evidence"}.get(verdict, words(verdict))


def _signals(level: str, facts: Mapping[str, Any]) -> list[Row]:
    health = {row["signal_id"]: row for row in _of(facts["health"], level)}
    lifts = {row["signal_id"]: row for row in _of(facts["lifts"], level)}
    weights = {row["signal_id"]: row for row in _of(facts["weights"], level)}
    arranged = []
    for signal in _of(facts["signals"], level):
        signal_id = signal["signal_id"]
        now, lift = health.get(signal_id, {}), lifts.get(signal_id, {})
        weight = weights.get(signal_id, {})
        points = int(float(signal["points"] or 0))
        name = signal["description"] or words(signal_id)
        arranged.append(
            {
                "signal_id": signal_id,
                "name": name,
                "category": signal["category"],
                "points": points,
                "share": now.get("fired_share"),
                "share_before": now.get("fired_share_28d"),
                "fired": now.get("fired"),
                "entities": now.get("entities"),
                "health": now.get("verdict"),
                "lift": lift.get("lift"),
                "lift_low": lift.get("lift_low"),
                "lift_high": lift.get("lift_high"),
                "fired_accounts": lift.get("fired_accounts"),
                "evidence": lift.get("verdict"),
                "evidence_words": evidence_words(lift.get("verdict"), points),
                "plot": _plot(name, lift),
                "suggested": weight.get("suggested_points"),
            }
        )
    return sorted(arranged, key=lambda row: (-row["points"], row["name"]))


def _plot(name: str, lift: Mapping[str, Any]) -> Any:
    if lift.get("lift") is None or lift.get("lift_low") is None or lift.get("lift_high") is None:
        return ""
    value, low, high = (lift[column] for column in ("lift", "lift_low", "lift_high"))
    return charts.interval(
        value, low, high, f"{name}: lift {value:.1f}, from {low:.1f} to {high:.1f}"
    )


def wilson(share: float | None, cases: int) -> tuple[float | None, float | None]:
    """Give the interval of a share after Wilson, as the marts do.

    Args:
        share: The share.
        cases: What it rests on; accounts, since looks at one account are not independent.

    Returns:
        The 95 % interval; nothing without a case.
    """
    if share is None or cases <= 0:
        return None, None
    spread = Z * math.sqrt(share * (1 - share) / cases + Z * Z / (4 * cases * cases))
    middle, scale = share + Z * Z / (2 * cases), 1 + Z * Z / cases
    return max((middle - spread) / scale, 0.0), min((middle + spread) / scale, 1.0)


def _converted(row: Mapping[str, Any]) -> dict[str, Any]:
    share = row["converted"] / row["looks"] if row["looks"] else None
    low, high = wilson(share, row["accounts"])
    return {**row, "share": share, "low": low, "high": high}


def _curve(buckets: Sequence[Row], looks: Row | None, many: str) -> dict[str, Any] | None:
    """Draw what share paid by score; a score promises an order and no probability."""
    if not buckets or looks is None or not looks["converted"]:
        return None
    rows = []
    for bucket in buckets:
        low, high = _minus(bucket["low"]), _minus(bucket["high"])
        name = low if low == high else f"{low} to {high}"
        rows.append({**_converted(bucket), "name": name, "from": bucket["low"]})
    falls = [
        (before["name"], after["name"])
        for before, after in zip(rows, rows[1:], strict=False)
        if after["share"] < before["share"]
    ]
    base = looks["converted"] / looks["looks"]
    return {
        "rows": rows,
        "base": base,
        "falls": falls,
        "chart": charts.shares_by_bucket(
            [
                {"name": row["name"], "share": row["share"], "low": row["low"], "high": row["high"]}
                for row in rows
            ],
            base,
            f"Share of looks at {many} that were followed by paying, by score: "
            f"{percent(rows[0]['share'])} at {rows[0]['name']}, "
            f"{percent(rows[-1]['share'])} at {rows[-1]['name']}; numbers below",
        ),
    }


def _minus(value: float) -> str:
    return f"{value:,.0f}".replace("-", "−")


def _accuracy(weights: Sequence[Row]) -> list[Row]:
    """Set the learned weights against those in use; the measures are those of the whole fit."""
    one = next(iter(weights), None)
    if one is None:
        return []
    return [
        {
            "name": name,
            "meaning": meaning,
            "unit": "times" if column == "top_decile_lift" else "",
            "now": [one[f"current_{column}{bound}"] for bound in ("", "_low", "_high")],
            "learned": [one[f"{column}{bound}"] for bound in ("", "_low", "_high")],
        }
        for column, name, meaning in MEASURES
        if one[column] is not None or one[f"current_{column}"] is not None
    ]


def _models(found: Sequence[Row]) -> dict[str, Any]:
    """Set models side by side, the active one first."""
    rows = sorted(
        found, key=lambda row: (row["period_month"], not row["is_champion"], row["score_model"])
    )
    names = sorted(
        {row["score_model"] for row in rows},
        key=lambda name: (
            not any(row["is_champion"] for row in rows if row["score_model"] == name),
            name,
        ),
    )
    drawn = [
        {
            "month": f"{row['period_month']:%b %Y}",
            "model": row["score_model"],
            "auc": row["auc"],
            "auc_low": row["auc_low"],
            "auc_high": row["auc_high"],
        }
        for row in rows
        if row["score_model"] in names[:MODELS_DRAWN]
        and None not in (row["auc"], row["auc_low"], row["auc_high"])
    ]
    return {
        "names": names,
        "rows": rows,
        "chart": charts.accuracy_by_month(
            drawn,
            names[:MODELS_DRAWN],
            f"AUC of {', '.join(names[:MODELS_DRAWN])} by month; numbers below",
        )
        if drawn
        else None,
    }


SIMULATED = (
    "threshold",
    "entities_per_week",
    "precision",
    "recall",
    "lift",
    "conversions",
    "missed_conversions",
    "self_serve_share",
)
"""What the simulator shows of a threshold."""


def _simulator(
    found: Sequence[Row], recommended: Row | None, names: Mapping[str, str]
) -> dict[str, Any] | None:
    if len(found) < 2:
        return None
    current = (recommended or {}).get("current_threshold")
    best = (recommended or {}).get("threshold")
    marks = [
        (value, f"{name}: {_minus(value)}")
        for value, name in ((current, "in use"), (best, "recommended"))
        if value is not None
    ]
    if current is not None and current == best:
        marks = [(current, f"in use and recommended: {_minus(current)}")]
    steps = [int(b["threshold"] - a["threshold"]) for a, b in zip(found, found[1:], strict=False)]
    low, high = found[0]["threshold"], found[-1]["threshold"]
    start = min(max(current if current is not None else best or low, low), high)
    rows = [{column: row[column] for column in SIMULATED} for row in found]
    return {
        "rows": rows,
        "low": low,
        "high": high,
        "step": math.gcd(*steps),
        "start": int(start),
        "current": None if current is None else int(current),
        "recommended": None if best is None else int(best),
        "why": (recommended or {}).get("reason"),
        "weeks": found[0]["weeks"],
        "base_rate": found[0]["base_rate"],
        "horizon_days": found[0]["horizon_days"],
        "data": {
            "rows": rows,
            "horizon_days": found[0]["horizon_days"],
            "one": names["one"],
            "many": names["many"],
        },
        "chart": charts.thresholds(
            rows,
            marks,
            f"Precision and recall of calling {names['many']} by the score from which on they "
            f"are called; {', '.join(name for _, name in marks) or 'no threshold'}; numbers below",
        ),
        "conversions": found[0]["conversions"] + found[0]["missed_conversions"],
    }


def _marks(level: str, facts: Mapping[str, Any]) -> list[Row]:
    seed, name = ("grades", "grade") if level == "user" else ("tiers", "tier_name")
    marks = [
        {"score": math.floor(float(row["min_score"])), "name": _label(level, row[name])}
        for row in facts[seed]
        if row["min_score"]
    ]
    return sorted(marks, key=lambda mark: mark["score"])


def _label(level: str, label: str) -> str:
    """Tiers have names, grades have identifiers."""
    return words(label) if level == "user" else label


def _bands(found: Sequence[Row], marks: Sequence[Row], many: str) -> dict[str, Any] | None:
    """Count scores in bands of one width; a long tail shares the last one."""
    if not found:
        return None
    total = sum(row["entities"] for row in found)
    low = min(row["score"] for row in found)
    seen, high = 0, low
    for row in sorted(found, key=lambda row: row["score"]):
        seen += row["entities"]
        high = row["score"]
        if seen >= 0.98 * total:
            break
    # What grades are told apart by is to be seen, however few have reached it.
    high = max([high, *(mark["score"] for mark in marks)])
    step = next(
        (step for step in (5, 10, 20, 25, 50, 100, 200, 250, 500) if high - low < BANDS * step),
        max(math.ceil((high - low + 1) / BANDS), 1),
    )
    start = math.floor(low / step) * step
    count = int((high - start) // step) + 1
    counts = [0] * count
    for row in found:
        counts[min(int((row["score"] - start) // step), count - 1)] += row["entities"]
    most = max(row["score"] for row in found)
    rows = [
        {"start": start + step * place, "end": start + step * (place + 1), "entities": entities}
        for place, entities in enumerate(counts)
    ]
    for row in rows:
        row["name"] = f"{_minus(row['start'])} to {_minus(row['end'] - 1)}"
    has_tail = most >= rows[-1]["end"]
    if has_tail:
        rows[-1]["name"] = f"{_minus(rows[-1]['start'])} or more, up to {_minus(most)}"
    return {
        "rows": rows,
        "tail": rows[-1]["start"] if has_tail else None,
        "chart": charts.score_bands(
            rows, marks, f"How many {many} have which score; numbers below"
        ),
    }


def _labels(level: str, facts: Mapping[str, Any]) -> list[Row]:
    """Count grades or tiers, the best first, with what became of whoever had them."""
    if level == "user":
        order = [
            (row["grade"], row["min_score"], row["description"])
            for row in sorted(facts["grades"], key=lambda row: -float(row["min_score"] or "-inf"))
        ]
    else:
        order = [
            (row["tier_name"], row["min_score"], row["description"])
            for row in sorted(facts["tiers"], key=lambda row: int(row["tier"] or 0))
        ]
    counted = {row["label"]: row["entities"] for row in _of(facts["labels"], level)}
    became = {row["label"]: row for row in _of(facts["label_conversions"], level)}
    known = [label for label, _, _ in order]
    # A label that the seed no longer has was published all the same.
    order += [(label, None, None) for label in sorted(set(counted) - set(known))]
    total = sum(counted.values())
    rows = []
    for label, _, description in order:
        entities = counted.get(label, 0)
        row = _converted(became.get(label) or {"looks": 0, "converted": 0, "accounts": 0})
        rows.append(
            {
                **row,
                "name": _label(level, label),
                "description": description,
                "entities": entities,
                "share_of_all": entities / total if total else None,
            }
        )
    return rows


def _drift(found: Sequence[Row], many: str) -> dict[str, Any]:
    rows = [row for row in found if row["stability_index"] is not None]
    newest: Row | None = rows[-1] if rows else None
    return {
        "rows": list(found),
        "newest": newest,
        "worst": max(rows, key=lambda row: row["stability_index"]) if rows else None,
        "chart": charts.stability(
            [{"week": row["as_of_date"], "index": row["stability_index"]} for row in rows],
            STABILITY_BOUNDS,
            f"Stability index of {many} by week, now "
            f"{newest['stability_index']:.3f} ({words(newest['verdict']).lower()}); numbers below",
        )
        if newest is not None and len(rows) > 1
        else None,
    }
