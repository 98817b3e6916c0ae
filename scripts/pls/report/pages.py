"""What was read, brought into the order of each page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from pls.markdown import alarm
from pls.published import Row
from pls.report import charts
from pls.report.rendering import day, words

WEEK_DAYS = 7

ROWS_FIRST = 200
"""Rows of the queue that are laid out before somebody asks for more."""

FUNNEL = {
    "landed": "Signed up",
    "signal": "Showed a signal",
    "qualified": "Qualified (PQL or PQA)",
    "engaged": "In touch with sales since",
    "expanded": "Pays with the help of sales",
    "grown": "Has added revenue since",
}
"""The stages of accounts, in order, in words."""

METRIC_GROUPS = (
    (
        "From lead to deal",
        (
            "pql_volume",
            "pqa_volume",
            "pql_to_sql_rate",
            "pql_to_opportunity_rate",
            "pql_to_close_rate_30d",
            "pql_to_close_rate_60d",
            "pql_to_close_rate_90d",
            "time_to_close",
            "time_from_signup_to_first_touch",
            "sales_cycle_vs_outbound",
            "usage_after_first_touch",
        ),
    ),
    (
        "The product by itself",
        ("activation_rate", "free_to_paid_rate", "self_serve_ceiling"),
    ),
    (
        "Revenue",
        (
            "sales_assisted_conversion_rate",
            "sales_assisted_revenue_share",
            "expansion_revenue_share",
            "product_sourced_pipeline_share",
            "average_deal_size",
            "average_deal_size_sales_assisted",
            "average_deal_size_self_serve",
            "deal_size_pql_vs_mql",
            "time_to_close_pql_vs_mql",
            "incremental_revenue",
        ),
    ),
)
"""Metrics of the overview; those that watch for damage have a place of their own."""


READINESS = {
    "diagnostic": "Signs that it is time",
    "prerequisite": "Prerequisites",
    "threshold": "Rules of thumb",
}
"""What the questions of readiness are to the verdict, in order, in words."""


def overview(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Arrange the overview.

    Args:
        facts: What `overview_facts` gives.

    Returns:
        What its template takes.
    """
    names = {row["metric_id"]: row for row in facts["benchmarks"] if row["segment"] == "all"}
    metrics = _metrics(facts["metrics"], names)
    shown = {metric_id for _, group in METRIC_GROUPS for metric_id in group}
    rest = [
        metric_id
        for metric_id, metric in metrics.items()
        if metric_id not in shown and not metric["is_counter_metric"]
    ]
    groups = [
        (title, [metrics[metric_id] for metric_id in group if metric_id in metrics])
        for title, group in (*METRIC_GROUPS, ("More", rest))
    ]
    return {
        **facts,
        "verdict": next(iter(facts["verdict"]), {"verdict": None, "reason": None}),
        "readiness": _readiness(facts["questions"], facts["measures"]),
        "groups": [(title, group) for title, group in groups if group],
        "counter_metrics": [metric for metric in metrics.values() if metric["is_counter_metric"]],
        "alarms": [metric for metric in metrics.values() if metric["is_alarm"]],
        "uncertain": sum(
            1
            for metric in metrics.values()
            if metric["newest"]
            and metric["newest"]["verdict"] in metric["alarms"]
            and not metric["is_alarm"]
        ),
        "funnel": _funnel(facts["stages"]),
        "volumes": _volumes(facts["volumes"]),
        "revenue_chart": charts.stacked_months(
            [
                {**row, "conversion_motion": words(row["conversion_motion"])}
                for row in facts["revenue"]
            ],
            "new_revenue_usd",
            "conversion_motion",
            "New yearly revenue by month, self-serve and sales-assisted; numbers below",
        )
        if facts["revenue"]
        else None,
        "week": _week(facts["week"]),
        "queue": facts["queue"][0],
    }


def _readiness(found: Sequence[Row], measures: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Part the questions by their kind; what is measured is told beside the number."""
    measured = {row["question_id"]: row["measure"] for row in measures}
    parts = []
    for kind, title in READINESS.items():
        rows = [
            {
                **row,
                "basis": row["evidence"]
                if row["answered_by"] not in ("data", None)
                else measured.get(row["question_id"]) or row["evidence"],
            }
            for row in found
            if row["kind"] == kind
        ]
        met = sum(row["answer"] == "yes" for row in rows)
        parts.append({"title": title, "rows": rows, "met": met})
    return [part for part in parts if part["rows"]]


def _metrics(found: Sequence[Row], names: Mapping[str, Mapping[str, Any]]) -> dict[str, Row]:
    """Take of each metric its newest month that has matured, with the months before."""
    metrics: dict[str, Row] = {}
    for row in found:
        benchmark = names.get(row["metric_id"], {})
        metric = metrics.setdefault(
            row["metric_id"],
            {
                "metric_id": row["metric_id"],
                "name": benchmark.get("metric_name") or words(row["metric_id"]),
                "description": benchmark.get("description"),
                "months": [],
                "newest": None,
                "is_counter_metric": row["is_counter_metric"],
                "is_alarm": False,
                "unit": row["unit"],
                "alarms": {benchmark.get(f"{side}_verdict") for side in ("low", "high")} - {None},
                "formula": benchmark.get("formula"),
                "alarm": alarm(benchmark) if benchmark else "",
                "benchmark_low": row["benchmark_low"],
                "benchmark_high": row["benchmark_high"],
            },
        )
        if row["is_mature"]:
            metric["newest"] = row
            metric["is_alarm"] = row["is_alarm"]
            metric["months"].append(row["value"])
    for metric in metrics.values():
        metric["spark"] = charts.spark(
            metric["months"][-12:], f"{metric['name']}, last {len(metric['months'][-12:])} months"
        )
    return metrics


def _funnel(stages: Sequence[Row]) -> list[Row]:
    counts = {row["stage"]: row["accounts"] for row in stages}
    most = max(counts.values(), default=0) or 1
    return [
        {
            "name": name,
            "accounts": counts.get(stage, 0),
            "share": counts.get(stage, 0) / most,
        }
        for stage, name in FUNNEL.items()
    ]


def _volumes(found: Sequence[Row]) -> list[tuple[str, Any, list[Row]]]:
    """Draw each kind of lead, weeks without any among them."""
    drawn = []
    if not found:
        return []
    first, last = min(row["week"] for row in found), max(row["week"] for row in found)
    weeks = [first + timedelta(n) for n in range(0, (last - first).days + 1, WEEK_DAYS)]
    for kind in sorted({row["kind"] for row in found}, reverse=True):
        counted = {row["week"]: row["accounts"] for row in found if row["kind"] == kind}
        rows = [{"week": week, "accounts": counted.get(week, 0)} for week in weeks]
        drawn.append((kind, charts.weekly(rows, f"{kind} by week; numbers below"), rows))
    return drawn


WEEK = {
    "pqls": "New product-qualified leads",
    "pqas": "New product-qualified accounts",
    "high_triggers": "Triggers of high priority",
    "entered_queue": "Accounts that entered the queue and are still in it",
    "touches": "Activities of sales",
    "first_payments": "First payments",
}
"""What is compared week by week, in words."""


def _week(found: Sequence[Row]) -> list[Row]:
    weeks = {row["week"]: row for row in found}
    return [
        {"name": name, "now": weeks["this"][column], "before": weeks["last"][column]}
        for column, name in WEEK.items()
    ]


def queue(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Arrange the queue.

    Args:
        facts: What `queue_facts` gives.

    Returns:
        What its template takes.
    """
    rows = [
        {
            **row,
            "owner": row["owner_name"] or row["owner_id"],
            "is_new": row["entered_on"] > facts["as_of"] - timedelta(WEEK_DAYS),
            "is_due": row["due_by"] is not None and row["due_by"] <= facts["as_of"],
            "is_quiet": not row["active_users_7d"],
            "reason": _why_now(row) or (row["top_signals"] or "").split("; ")[0] or None,
        }
        for row in facts["queue"]
    ]

    def choices(column: str) -> list[str]:
        return sorted({str(row[column]) for row in rows if row[column]})

    return {
        "rows": rows,
        "first": ROWS_FIRST,
        "owners": sorted(
            {(row["owner_id"], row["owner"]) for row in rows if row["owner_id"]},
            key=lambda each: each[1],
        ),
        "tiers": [
            row for row in facts["model_tiers"] if row["tier"] in {each["tier"] for each in rows}
        ],
        "segments": choices("segment"),
        "plays": choices("play"),
        "statuses": choices("status"),
        "priorities": [p for p in ("high", "medium", "low") if p in choices("priority")],
    }


def _why_now(row: Mapping[str, Any] | None) -> str | None:
    """Tell the evidence of a trigger, with its day where that has gone by."""
    if row is None or not row["trigger_evidence"]:
        return None
    fired_on = row["triggered_on"]
    is_past = fired_on is not None and fired_on < row["as_of_date"]
    return f"{row['trigger_evidence']}, {day(fired_on)}" if is_past else row["trigger_evidence"]


def account(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Arrange the page of an account.

    Args:
        facts: What `account_facts` yields.

    Returns:
        What its template takes.
    """
    one = facts["account"][0]
    routing = next(iter(facts["routing"]), None)
    dossier = next(iter(facts["dossier"]), None)
    counted = [row for row in facts["signals"] if row["is_counted"]]
    parts = [
        {
            "name": facts["signal_words"].get(row["signal_id"]) or words(row["signal_id"]),
            "points": row["points"],
            "evidence": row["evidence"],
            "first": row["first_event_at"],
            "last": row["last_event_at"],
        }
        for row in counted
    ]
    for part, bar in zip(parts, charts.bars([part["points"] for part in parts]), strict=True):
        part["bar"] = bar
    # What people add is large and has bars of its own, person by person.
    if one["user_score"]:
        parts.append(
            {
                "name": "What its people do",
                "points": one["user_score"],
                "evidence": "The sum of their behaviour, person by person below",
                "first": None,
                "last": None,
                "bar": None,
            }
        )
    behaviours = [person["behaviour_score"] or 0 for person in facts["people"]]
    people = [
        {**person, "bar": bar}
        for person, bar in zip(facts["people"], charts.bars(behaviours), strict=True)
    ]
    history = next(iter(facts["history"]), None)
    hidden = max(one["users"] - len(facts["people"]), 0)
    done = {step.strip() for step in ((dossier or {}).get("onboarding_done") or "").split(",")}
    return {
        "account": one,
        "name": one["company_name"] or one["domain"] or one["account_id"],
        "routing": routing,
        "why_now": _why_now(routing),
        "dossier": dossier,
        "guards": [
            {**row, "words": facts["guard_words"].get(row["guard"]) or words(row["guard"])}
            for row in facts["guards"]
        ],
        "parts": sorted(parts, key=lambda part: (-part["points"], part["name"])),
        "uncounted": len(facts["signals"]) - len(counted),
        "people": people,
        "hidden_people": hidden,
        "steps": [
            {"text": step["description"], "is_done": step["step"] in done}
            for step in facts["steps"]
        ],
        "timeline": facts["timeline"],
        "dealings": facts["dealings"],
        "score_chart": history
        and charts.lines(
            history["days"],
            [("score", history["scores"])],
            f"Score by week, now {history['scores'][-1]:,}",
        ),
        "people_chart": history
        and charts.lines(
            history["days"],
            [("users", history["users"]), ("active in 30 days", history["active_users"])],
            f"Users by week, now {history['users'][-1]:,}, "
            f"{history['active_users'][-1]:,} of them active in 30 days",
        ),
    }
