"""`pls playbook`: the product-led sales playbook as a document, filled from what is published."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib import resources
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb
import jinja2

from pls import markdown
from pls.console import rounded
from pls.errors import InputError
from pls.paths import Project, Store, write_whole
from pls.published import Row, last_build, open_published, rows
from pls.seeds import read_seed

SeedRow = dict[str, str | None]

COMPANY = "our company"
"""What the title calls the company unless told."""

HORIZON_DAYS = 60
"""Days within which paying counts where no backtest says otherwise."""

LEADS_PER_REP = (30, 50)
"""Leads a month that fill one account executive: the fewest, the most."""

SEEDS = (
    "crm_fields",
    "metric_benchmarks",
    "pqa_tiers",
    "pql_grades",
    "readiness_questions",
    "routing_rules",
    "sales_priorities",
    "sales_reps",
    "segments",
    "signals",
    "talk_tracks",
    "trigger_rules",
)

_AGREEING = re.compile(r"\{(?:\w+:)?(s|ies|people|are)\}")

QUERIES = {
    "verdict": "select verdict, reason from marts.pls_readiness_verdict",
    "questions": "select question_id, kind, question, answer, evidence, answered_by, "
    "unit, value, threshold "
    "from marts.pls_readiness order by question_order, question_id",
    "coverage": "from marts.source_coverage order by source_table",
    # The newest month whose windows have passed; a number of a running month is none.
    "baselines": "from marts.pls_metrics where is_mature qualify row_number() over ("
    "partition by metric_id, segment order by period_month desc) = 1",
    "signups": "select period_month, "
    "max(denominator) filter (where metric_id = 'activation_rate') as users, "
    "max(denominator) filter (where metric_id = 'free_to_paid_rate') as accounts, "
    "max(denominator) filter (where metric_id = 'time_from_signup_to_first_touch') as touched "
    "from marts.pls_metrics where segment = 'all' "
    "and period_month + interval 1 month <= $as_of::date + 1 "
    "group by period_month order by period_month desc limit 1",
    "volumes": "select period_month, value from marts.pls_metrics "
    "where metric_id = 'pql_volume' and segment = 'all' and is_mature "
    "order by period_month desc limit 3",
    "health": "from marts.signal_health where score_model = $model order by level, signal_id",
    "lifts": "from marts.calibration_signal_lift where score_model = $model "
    "and horizon_days = $horizon order by level, signal_id",
    "grades": "select grade, count(*) as users, count(distinct account_id) as accounts "
    "from marts.pql_scores where score_model = $model group by grade",
    "tiers": "select tier, count(*) as accounts, sum(active_users_30d) as active_users "
    "from marts.pqa_scores where score_model = $model group by tier",
    "thresholds": "from marts.recommended_threshold where score_model = $model order by level desc",
    "segments": "select accounts.segment, count(*) as accounts, "
    "count(*) filter (where accounts.is_paying) as paying, "
    "avg(outcomes.new_revenue_usd) filter (where outcomes.conversion_motion = 'self_serve') "
    "as self_serve_usd, "
    "count(*) filter (where outcomes.conversion_motion = 'self_serve') as self_serve_deals, "
    "avg(outcomes.new_revenue_usd) filter (where outcomes.conversion_motion = 'sales_assisted') "
    "as assisted_usd, "
    "count(*) filter (where outcomes.conversion_motion = 'sales_assisted') as assisted_deals "
    "from marts.accounts left join marts.account_outcomes as outcomes "
    "on accounts.account_id = outcomes.account_id "
    "where not accounts.is_internal group by accounts.segment order by accounts.segment",
    "motions": "select accounts.segment, account_routing.motion, count(*) as accounts "
    "from marts.account_routing inner join marts.accounts "
    "on account_routing.account_id = accounts.account_id "
    "group by accounts.segment, account_routing.motion order by accounts desc, motion",
    "rules": "select rule_order, count(*) as accounts, "
    "count(*) filter (where is_sales_motion) as called "
    "from marts.account_routing where rule_order is not null group by rule_order",
    "guards": "select guard, count(*) as accounts from marts.account_guards "
    "group by guard order by accounts desc, guard",
    "statuses": "select status, count(*) as accounts, count(distinct owner_id) as owners "
    "from marts.account_routing where is_sales_motion group by status "
    "order by accounts desc, status",
    "triggers": "select trigger, count(*) as times, count(distinct account_id) as accounts "
    "from marts.sales_triggers where triggered_on > $as_of::date - 30 group by trigger",
    # Companies only: what has no domain may be a person.
    "openings": "select dossiers.company_name, dossiers.recommended_approach, "
    "dossiers.opening_line from marts.account_dossiers as dossiers "
    "inner join marts.account_routing on dossiers.account_id = account_routing.account_id "
    "where account_routing.is_sales_motion and dossiers.domain is not null "
    "order by account_routing.queue_position nulls last, dossiers.account_id",
    "feedback": "select topic, min(item) as item, sum(deals)::bigint as deals, "
    "sum(won_deals)::bigint as won, sum(lost_deals)::bigint as lost, sum(amount_usd) as usd "
    "from marts.product_feedback_monthly "
    "where period_month > date_trunc('month', $as_of::date) - interval 3 month "
    "group by topic, item_key qualify row_number() over ("
    "partition by topic order by sum(deals) desc, sum(amount_usd) desc, item_key) <= 3 "
    "order by topic, sum(deals) desc, sum(amount_usd) desc, item_key",
    "drift": "from marts.tier_drift where score_model = $model qualify row_number() over ("
    "partition by level order by as_of_date desc) = 1 order by level desc",
    "experiments": "select count(distinct experiment_id) as experiments "
    "from marts.experiment_results",
    "acknowledged": "select object_type, count(*) as objects from marts.crm_acknowledged "
    "group by object_type order by object_type",
    "waiting": "select object_type, count(*) as objects from marts.crm_changes "
    "group by object_type order by object_type",
}
"""What is read of the marts, by name; `$model`, `$as_of` and `$horizon` are given."""


def playbook(project: Project, store: Store, company: str = COMPANY) -> str:
    """Write the playbook.

    The same database and seeds give the same text.

    Args:
        project: The project, for its seeds.
        store: Where the marts are published.
        company: What the title calls the company.

    Returns:
        The document, Markdown.

    Raises:
        InputError: Nothing is published, a mart is missing, or a seed cannot be read.
    """
    seeds = {name: read_seed(project, name) for name in SEEDS}
    with open_published(store) as connection:
        build = last_build(connection)
        facts = _read(connection, build)
    try:
        return _render({**arrange(seeds, facts), "company": company, "build": build})
    except (KeyError, ValueError, jinja2.UndefinedError) as error:
        raise InputError(
            f"do not fit each other ({error})", "seeds and marts", "run `pls doctor`, `pls build`"
        ) from error


def write(text: str, to: Path) -> None:
    """Write the document, whole or not at all.

    Args:
        text: The document.
        to: The file.

    Raises:
        InputError: It cannot be written.
    """
    path = to.expanduser().resolve()
    try:
        write_whole(path, text)
    except OSError as error:
        raise InputError(
            f"cannot be written ({error.strerror or error})", str(path), "give another --to"
        ) from error


def arrange(seeds: dict[str, list[SeedRow]], facts: dict[str, Any]) -> dict[str, Any]:
    """Bring what was read into the order of the document.

    Args:
        seeds: The rows of the seeds, by seed.
        facts: The rows of the marts, by the names of `QUERIES`, with model and horizon.

    Returns:
        What the template takes.
    """
    found = {
        **facts,
        "seeds": seeds,
        "questions": _questions(seeds["readiness_questions"], facts["questions"]),
        "baselines": {(row["metric_id"], row["segment"]): row for row in facts["baselines"]},
        "grades": _keyed(facts["grades"], "grade"),
        "tiers": _keyed(facts["tiers"], "tier"),
        "rules": _keyed(facts["rules"], "rule_order"),
        "triggers": _keyed(facts["triggers"], "trigger"),
        "segments": _keyed(facts["segments"], "segment"),
        "motions": _grouped(facts["motions"], "segment"),
        "feedback": _grouped(facts["feedback"], "topic"),
        "acknowledged": _keyed(facts["acknowledged"], "object_type"),
        "waiting": _keyed(facts["waiting"], "object_type"),
        "signups": next(iter(facts["signups"]), None),
        "verdict": next(iter(facts["verdict"]), {"verdict": "unknown", "reason": None}),
        "signals": _signals(seeds["signals"], facts),
        "outreach": _outreach(seeds["talk_tracks"], seeds["signals"], facts),
        "leads_per_month": _mean([row["value"] for row in facts["volumes"]]),
    }
    found["changed_points"] = [
        signal["signal_id"] for signal in found["signals"] if signal["is_changed"]
    ]
    found["top_signals"] = sorted(
        (
            signal
            for signal in found["signals"]
            if (signal["lift"] or 0) > 1
            and signal["points"] > 0
            and signal["verdict"] in ("raise", "keep", "lower")
        ),
        key=lambda signal: (-signal["lift_low"], signal["level"], signal["signal_id"]),
    )[:5]
    found["team"] = team(found["leads_per_month"], seeds["sales_reps"])
    found["timeline"] = timeline(found)
    return found


def team(leads_per_month: float | None, reps: list[SeedRow]) -> dict[str, Any]:
    """Say how many account executives the leads fill.

    Args:
        leads_per_month: Leads a month; None when unknown.
        reps: The rows of the seed sales_reps.

    Returns:
        `in_post` (active reps by role), `capacity` (accounts a week, by role), `fewest` and
        `most` (account executives that the leads keep busy; None when unknown).
    """
    active = [rep for rep in reps if (rep["is_active"] or "").lower() in ("true", "t", "yes", "1")]
    in_post: dict[str, int] = {}
    capacity: dict[str, int] = {}
    for rep in active:
        role = rep["role"] or "unknown"
        in_post[role] = in_post.get(role, 0) + 1
        capacity[role] = capacity.get(role, 0) + int(rep["weekly_capacity"] or 0)
    low, high = LEADS_PER_REP
    known = leads_per_month is not None
    return {
        "in_post": in_post,
        "capacity": capacity,
        "fewest": int((leads_per_month or 0) // high) if known else None,
        "most": int((leads_per_month or 0) // low) if known else None,
        "leads_low": low,
        "leads_high": high,
    }


def timeline(found: dict[str, Any]) -> list[tuple[str, list[tuple[bool, str, str]]]]:
    """Say which steps of the first three months the data shows to be done.

    Args:
        found: What `arrange` has put together.

    Returns:
        For each month its steps: whether it is done, the step, and what shows it.
    """
    answers = {row["question_id"]: row["answer"] for row in found["questions"]}
    signals = found["signals"]
    firing = sum(bool(signal["fired"]) for signal in signals)
    scored = sum(row["accounts"] for row in found["tiers"].values())
    acknowledged = sum(row["objects"] for row in found["acknowledged"].values())
    triggered = sum(row["times"] for row in found["triggers"].values())
    assigned = {row["status"]: row for row in found["statuses"]}.get("assigned")
    touched = (found["signups"] or {}).get("touched")
    named = sum(row["deals"] for rows_ in found["feedback"].values() for row in rows_)
    closes = [key for key in found["baselines"] if key[0].startswith("pql_to_close_rate")]
    judged = [signal for signal in signals if signal["verdict"] not in (None, "too_few")]
    odd = [signal for signal in judged if signal["verdict"] != "keep"]
    moved = [row for row in found["thresholds"] if row["threshold"] is not None]
    apart = [row for row in moved if abs(row["threshold"] - row["current_threshold"]) >= 5]
    group = found["team"]
    reps = sum(group["in_post"].values())
    return [
        (
            "Month 1: Foundation",
            [
                (
                    answers.get("signals_instrumented") == "yes",
                    "Instrument PQL signals",
                    f"{firing} of {len(signals)} signals fire today",
                ),
                (scored > 0, "Build scoring model v1", f"{scored:,} accounts are scored"),
                (
                    acknowledged > 0,
                    "Set up CRM data sync",
                    f"{acknowledged:,} records acknowledged by the CRM"
                    if acknowledged
                    else "the CRM has acknowledged nothing yet",
                ),
                (
                    triggered > 0,
                    "Define handoff triggers",
                    f"{len(found['seeds']['trigger_rules'])} defined, "
                    f"{triggered:,} times met in the last 30 days",
                ),
            ],
        ),
        (
            "Month 2: Pilot",
            [
                (
                    assigned is not None,
                    "Assign 1-2 reps to PQL follow-up",
                    f"{assigned['owners']} reps own {assigned['accounts']:,} accounts"
                    if assigned
                    else "no account has an owner",
                ),
                (
                    bool(touched),
                    "Run personalized outreach",
                    f"{int(touched)} accounts first touched in "
                    f"{markdown.month(found['signups']['period_month'])}; whether the words "
                    "were personal the data cannot tell"
                    if touched
                    else "no first touch in the last whole month",
                ),
                (
                    named > 0,
                    "Collect signal quality feedback",
                    "reps wrote down what tipped and blocked deals in the last three months"
                    if named
                    else "no deal feedback in the last three months",
                ),
                (
                    bool(closes),
                    "Track conversion metrics",
                    "the share of leads that paid is measured"
                    if closes
                    else "no month of leads is old enough yet",
                ),
            ],
        ),
        (
            "Month 3: Iterate",
            [
                (
                    bool(judged) and not odd,
                    "Calibrate scoring model",
                    f"{len(judged)} of {len(signals)} signals can be judged, "
                    f"{len(odd)} of them ask for other points",
                ),
                (
                    bool(moved) and not apart,
                    "Adjust thresholds",
                    "; ".join(
                        f"{row['level']}: {markdown.count(row['current_threshold'], 9)} now, "
                        f"{markdown.count(row['threshold'])} recommended"
                        for row in moved
                    )
                    or "no threshold can be recommended yet",
                ),
                (
                    group["most"] is not None and 0 < group["most"] <= reps,
                    "Expand team if metrics support",
                    f"the leads fill {group['most']} account executives at most, "
                    f"{reps} reps are active"
                    if group["most"] is not None
                    else "the number of leads is unknown",
                ),
                (True, "Document playbook", "this document"),
            ],
        ),
    ]


def _read(connection: duckdb.DuckDBPyConnection, build: Row) -> dict[str, Any]:
    """Read the marts."""
    horizon = rows(connection, "select max(horizon_days) as days from marts.backtest_thresholds")
    given = {
        "model": build["active_score_model"],
        "as_of": build["as_of_date"],
        "horizon": horizon[0]["days"] or HORIZON_DAYS,
    }
    return {
        **given,
        **{
            name: rows(connection, query, {k: v for k, v in given.items() if f"${k}" in query})
            for name, query in QUERIES.items()
        },
    }


def _render(found: dict[str, Any]) -> str:
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        finalize=markdown.escape,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters.update(
        amount=markdown.amount,
        count=markdown.count,
        month=markdown.month,
        rounded=rounded,
        words=markdown.words,
        action=_action,
    )
    environment.globals.update(
        criteria=_criteria,
        conditions=_conditions,
        baseline=_baseline,
        span=markdown.span,
        alarm=markdown.alarm,
        due=_due,
        thresholds_of=_thresholds,
    )
    text = resources.files("pls").joinpath("playbook.md.j2").read_text(encoding="utf-8")
    return environment.from_string(text).render(found)


def _keyed(found: Iterable[Row], key: str) -> dict[Any, Row]:
    return {row[key]: row for row in found}


def _grouped(found: Iterable[Row], key: str) -> dict[Any, list[Row]]:
    """Collect rows by a column, in their order."""
    groups: dict[Any, list[Row]] = {}
    for value, some in groupby(found, key=lambda row: row[key]):
        groups.setdefault(value, []).extend(some)
    return groups


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _signals(seed: list[SeedRow], facts: dict[str, Any]) -> list[Row]:
    """Join the active model's signals with what they did today and what they foretold."""
    health = {(row["level"], row["signal_id"]): row for row in facts["health"]}
    lifts = {(row["level"], row["signal_id"]): row for row in facts["lifts"]}
    found = []
    for row in seed:
        if row["score_model"] != facts["model"]:
            continue
        key = (row["level"], row["signal_id"])
        now, past = health.get(key, {}), lifts.get(key, {})
        points = int(row["points"] or 0)
        found.append(
            {
                **row,
                "points": points,
                "is_changed": past.get("points", points) != points,
                **{name: now.get(name) for name in ("fired", "fired_share")},
                "health": now.get("verdict"),
                **{name: past.get(name) for name in ("lift", "lift_low", "lift_high", "verdict")},
            }
        )
    return found


def _questions(seed: list[SeedRow], found: list[Row]) -> list[Row]:
    """Say of each question what is measured."""
    measures = {row["question_id"]: row["measure"] for row in seed}
    return [{**row, "measure": measures.get(row["question_id"])} for row in found]


def _outreach(tracks: list[SeedRow], signals: list[SeedRow], facts: dict[str, Any]) -> list[Row]:
    """Give each talk track the first account in the queue that was opened with it."""
    named = {
        (row["level"], row["signal_id"]): row["description"]
        for row in signals
        if row["score_model"] == facts["model"]
    }
    found: list[Row] = [
        {
            **track,
            # As they read of several; what agrees with a number is no blank to fill.
            **{
                name: _AGREEING.sub(r"\1", track[name] or "")
                for name in ("recommended_approach", "opening_line")
            },
            "description": named.get((track["level"], track["signal_id"]), track["signal_id"]),
            "example": None,
        }
        for track in tracks
    ]
    patterns = [
        (_filled(track["recommended_approach"]), _filled(track["opening_line"])) for track in tracks
    ]
    for row in facts["openings"]:
        for track, (approach, opening) in zip(found, patterns, strict=True):
            if approach.fullmatch(row["recommended_approach"] or "") and opening.fullmatch(
                row["opening_line"] or ""
            ):
                track["example"] = track["example"] or row
                break
    return found


def _filled(template: str | None) -> re.Pattern[str]:
    """Make a pattern of what a text with names in braces may have become."""
    parts = re.split(r"\{[\w:]+\}", template or "")
    return re.compile(".*?".join(re.escape(part) for part in parts), re.DOTALL)


def _criteria(tier: SeedRow) -> str:
    """Write what makes a tier."""
    parts = []
    if tier["min_users"]:
        parts.append(f"{tier['min_users']}+ users")
    if tier["min_departments"]:
        parts.append(f"{tier['min_departments']}+ departments")
    if (tier["requires_icp"] or "").lower() == "true":
        parts.append("ideal customer")
    if tier["min_score"]:
        score = float(tier["min_score"])
        # A score is whole: a threshold just above a number means more than that number.
        is_above = 0 < score % 1 < 0.01
        parts.append(
            f"score above {int(score)}" if is_above else f"score {tier['min_score']} or more"
        )
    return ", ".join(parts) or "everyone else"


def _action(description: str | None) -> str | None:
    """Take what is to be done from a tier's description."""
    if description is None:
        return None
    words = description.rpartition(": ")[2]
    return words[:1].upper() + words[1:]


def _conditions(rule: SeedRow) -> str:
    """Write when a routing rule holds."""
    parts = [
        f"{rule[axis]} {axis.removesuffix('_axis')}"
        for axis in ("value_axis", "engagement_axis")
        if rule[axis]
    ]
    if rule["segment"]:
        parts.append(f"segment {markdown.words(rule['segment'])}")
    if rule["estimated_acv_above_usd"]:
        parts.append(
            f"worth more than {markdown.amount(rule['estimated_acv_above_usd'], 'usd')} a year"
        )
    for column, text in (
        ("has_hand_raiser", "somebody asked for a person"),
        ("has_procurement_signals", "signs of procurement"),
    ):
        if rule[column]:
            parts.append(text if (rule[column] or "").lower() == "true" else f"not: {text}")
    return ", ".join(parts) or "always"


def _baseline(row: Row | None, benchmark: SeedRow) -> str:
    """Write a metric's newest mature month, with the cases behind it."""
    if row is None:
        return markdown.UNKNOWN
    unit, formula = str(row["unit"]), benchmark["formula"] or ""
    is_trend = formula.endswith(("_trend", "growth")) and row["value"] > 0
    text = ("+" if is_trend else "") + markdown.amount(row["value"], unit)
    top, bottom = row["numerator"], row["denominator"]
    if formula == "ratio" and None not in (top, bottom):
        text += f" ({markdown.count(top)} of {markdown.count(bottom)})"
    elif formula in ("mean", "median") and bottom is not None:
        text += f" ({markdown.count(bottom)} case{'s' if bottom != 1 else ''})"
    return f"{text}, {markdown.month(row['period_month'])}"


def _due(priorities: list[SeedRow], priority: str | None) -> str:
    """Write how soon somebody acts on a trigger."""
    for row in priorities:
        if row["priority"] == priority:
            days = int(row["due_days"] or 0)
            if (row["calls_for_action"] or "").lower() != "true":
                return "automated nurture first"
            return "the same day" if days == 0 else f"within {days * 24} hours"
    return markdown.UNKNOWN


def _thresholds(rule: SeedRow) -> str:
    """Write the numbers that a trigger's description calls so many, or a share."""
    return "; ".join(
        markdown.amount(value, "share")
        if "share" in (rule["description"] or "") and float(value) <= 1
        else value
        for value in (rule["threshold"], rule["second_threshold"])
        if value
    )
