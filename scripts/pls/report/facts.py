"""What the pages show, read from the published marts; nothing is computed here a second time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb

from pls.errors import InputError
from pls.paths import Project
from pls.published import Row, rows
from pls.seeds import find_rep, read_seed

PEOPLE_SHOWN = 12
"""People of an account on its page."""

EVENTS_SHOWN = 15
"""Entries of each of an account's lists of what happened, on its page."""

SAMPLES_SHOWN = 3
"""Rows of the quarantine shown for each reason."""

LINES_SHOWN = 50
"""Rows of a list that may be as long as the data is bad."""


@dataclass(frozen=True)
class Scope:
    """Whose accounts the site shows.

    Attributes:
        label: In words; empty for all.
        accounts: The accounts that have a page, the best first.
        is_whole: Whether it is everybody's.
    """

    label: str
    accounts: tuple[str, ...]
    is_whole: bool


def read_scope(
    project: Project,
    connection: duckdb.DuckDBPyConnection,
    build: Row,
    owner: str | None,
    team: str | None,
    asked: tuple[str, ...],
) -> Scope:
    """Find the accounts that get a page, and keep them as the temporary table `shown`.

    These are the accounts with a score above 0, those that sales works with and those asked
    for; of an owner or a team, only theirs.

    Args:
        project: The project, for its sales reps.
        connection: The published marts.
        build: The row of the builds mart.
        owner: A rep_id or the name of a rep; None for all.
        team: A role of sales_reps; None for all.
        asked: Accounts to show whatever their score.

    Returns:
        The scope.

    Raises:
        InputError: There is no such rep, team or account.
    """
    rep_id = None if owner is None else find_rep(project, owner)
    owners, label = _owners(read_seed(project, "sales_reps"), rep_id, team)
    unknown = rows(
        connection,
        "select unnest($1::text[]) as account_id except select account_id from marts.accounts",
        [list(asked)],
    )
    if unknown:
        raise InputError(
            f"there is no account {unknown[0]['account_id']!r}",
            "--account",
            "look into the mart accounts for ids",
        )
    connection.execute(
        "create or replace temporary table shown as "
        "select accounts.account_id, coalesce(pqa_scores.score, 0) as score "
        "from marts.accounts "
        "left join marts.pqa_scores on accounts.account_id = pqa_scores.account_id "
        "and pqa_scores.score_model = $model "
        "left join marts.account_routing on accounts.account_id = account_routing.account_id "
        "where ($owners is null or list_contains($owners, account_routing.owner_id)) "
        "and (pqa_scores.score > 0 or account_routing.is_sales_motion "
        "or list_contains($asked, accounts.account_id))",
        {"model": build["active_score_model"], "owners": owners, "asked": list(asked)},
    )
    found = rows(connection, "from shown order by score desc, account_id")
    return Scope(label, tuple(row["account_id"] for row in found), owners is None)


def show(connection: duckdb.DuckDBPyConnection, accounts: tuple[str, ...]) -> None:
    """Keep some accounts as the temporary table `shown`, for a part of what is to be written.

    Args:
        connection: The published marts.
        accounts: The accounts.
    """
    connection.execute(
        "create or replace temporary table shown as select unnest($1::text[]) as account_id",
        [list(accounts)],
    )


def _owners(
    reps: list[dict[str, str | None]], owner: str | None, team: str | None
) -> tuple[list[str] | None, str]:
    if owner is None and team is None:
        return None, ""
    found = [
        rep
        for rep in reps
        if (owner is None or rep["rep_id"] == owner) and (team is None or rep["role"] == team)
    ]
    if not found:
        teams = ", ".join(sorted({str(rep["role"]) for rep in reps})) or "none"
        raise InputError(
            f"nobody is {team!r}" if owner is None else f"{owner} is not of team {team!r}",
            "--team",
            f"teams (roles of reps) are {teams}; see seeds/sales_reps.csv",
        )
    label = str(found[0]["name"] or owner) if owner is not None else f"team {team}"
    return [str(rep["rep_id"]) for rep in found], label


def _named(
    connection: duckdb.DuckDBPyConnection, build: Row, queries: dict[str, str]
) -> dict[str, Any]:
    parameters = {
        "model": build["active_score_model"],
        "as_of": build["as_of_date"],
    }
    return {
        name: rows(
            connection,
            query,
            {key: value for key, value in parameters.items() if f"${key}" in query},
        )
        for name, query in queries.items()
    }


OVERVIEW = {
    "verdict": "from marts.pls_readiness_verdict",
    "questions": "from marts.pls_readiness order by question_order",
    # The first week of the history holds whoever had qualified before it.
    "volumes": "with begun as (select date_trunc('week', min(as_of_date)) + interval 1 week as day "
    "from marts.pqa_score_history), found as ("
    "select 'Leads (PQL)' as kind, pql_on as qualified_on from marts.qualified_accounts union all "
    "select 'Accounts (PQA)', pqa_on from marts.qualified_accounts) "
    "select kind, date_trunc('week', qualified_on)::date as week, count(*) as accounts "
    "from found, begun where qualified_on >= begun.day group by all order by kind, week",
    "stages": "select * from (unpivot (select count(landed_on) as landed, "
    "count(signal_on) as signal, count(qualified_on) as qualified, count(engaged_on) as engaged, "
    "count(expanded_on) as expanded, count(grown_on) as grown from marts.account_stages) "
    "on columns(*) into name stage value accounts)",
    "metrics": "from marts.pls_metrics where segment = 'all' order by metric_id, period_month",
    "revenue": "select date_trunc('month', first_paid_at)::date as period_month, "
    "conversion_motion, count(*) as accounts, sum(new_revenue_usd) as new_revenue_usd "
    "from marts.account_outcomes where first_paid_at is not null "
    "and first_paid_at > $as_of::date - interval 12 month group by all order by all",
    "motions": "select motion, count(*) as accounts, sum(estimated_acv_usd) as acv_usd, "
    "count(owner_id) as owned from marts.account_routing group by motion order by accounts desc",
    "week": "with weeks (week, first_day, last_day) as (values "
    "('this', $as_of::date - 6, $as_of::date), ('last', $as_of::date - 13, $as_of::date - 7)) "
    "select week, "
    "(select count(*) from marts.qualified_accounts where pql_on between first_day and last_day) "
    "as pqls, "
    "(select count(*) from marts.qualified_accounts where pqa_on between first_day and last_day) "
    "as pqas, "
    "(select count(*) from marts.sales_triggers where priority = 'high' "
    "and triggered_on between first_day and last_day) as high_triggers, "
    "(select count(*) from marts.account_outcomes "
    "where first_paid_at::date between first_day and last_day) as first_payments, "
    "(select count(*) from marts.account_timeline where kind = 'activity' "
    "and happened_at::date between first_day and last_day) as touches, "
    "(select count(*) from marts.sales_queue where entered_on between first_day and last_day) "
    "as entered_queue "
    "from weeks order by week desc",
    "movers": "select transitions.entity_id as account_id, accounts.company_name, "
    "transitions.from_label, transitions.to_label, transitions.from_score, transitions.to_score, "
    "transitions.causes, transitions.changed_on "
    "from marts.score_transitions as transitions "
    "inner join shown on transitions.entity_id = shown.account_id "
    "inner join marts.accounts on transitions.entity_id = accounts.account_id "
    "where transitions.level = 'account' and transitions.score_model = $model "
    "and transitions.changed_on > $as_of::date - 7 "
    "qualify row_number() over (partition by transitions.entity_id "
    "order by transitions.changed_on desc) = 1 "
    "order by abs(transitions.to_score - transitions.from_score) desc, account_id limit 8",
    "queue": "select count(*) as accounts, count(*) filter (where is_overdue) as overdue, "
    "count(*) filter (where status = 'waiting_for_capacity') as waiting "
    "from marts.sales_queue inner join shown using (account_id)",
}

QUEUE = {
    "queue": "select queue.*, accounts.domain, dossiers.active_users_7d "
    "from marts.sales_queue as queue inner join shown using (account_id) "
    "inner join marts.accounts using (account_id) "
    "left join marts.account_dossiers as dossiers using (account_id) "
    "order by queue.queue_position",
    "model_tiers": "select tier, min(tier_name) as tier_name from marts.pqa_scores "
    "where score_model = $model group by tier order by tier",
}

# The days within which paying counts are those of the build; whether it followed is then known.
_LABELLED = (
    "horizons as (select level, max(horizon_days) as horizon_days from marts.backtest_thresholds "
    "where score_model = $model group by level), labelled as ("
    "select examples.level, examples.entity_id, examples.account_id, examples.as_of_date, "
    "examples.score, horizons.horizon_days, case horizons.horizon_days "
    "when 30 then examples.is_converted_30d when 60 then examples.is_converted_60d "
    "when 90 then examples.is_converted_90d end as is_converted "
    "from marts.calibration_examples as examples inner join horizons using (level) "
    "where examples.score_model = $model and is_converted is not null) "
)

_CONVERTED = (
    "count(*) as looks, count(*) filter (where is_converted) as converted, "
    "count(distinct account_id) as accounts, "
    "count(distinct account_id) filter (where is_converted) as converted_accounts "
)

BUCKETS = 10
"""Parts of equal size that looks are cut into by their scores; equal scores stay together."""

MODEL = {
    "health": "from marts.signal_health where score_model = $model order by level, signal_id",
    "lifts": "select lifts.* from marts.calibration_signal_lift as lifts inner join ("
    "select level, max(horizon_days) as horizon_days from marts.backtest_thresholds "
    "where score_model = $model group by level) using (level, horizon_days) "
    "where lifts.score_model = $model order by lifts.level, lifts.signal_id",
    "weights": "from marts.calibration_weights where score_model = $model "
    "order by level, signal_id",
    "thresholds": "from marts.backtest_thresholds where score_model = $model "
    "order by level, threshold",
    "recommended": "from marts.recommended_threshold where score_model = $model order by level",
    "models": "from marts.backtest_models order by level, period_month, is_champion desc, "
    "score_model",
    "drift": "from marts.tier_drift where score_model = $model order by level, as_of_date",
    "scores": "select 'user' as level, score, count(*) as entities from marts.pql_scores "
    "where score_model = $model group by all union all "
    "select 'account', score, count(*) from marts.pqa_scores "
    "where score_model = $model group by all order by all",
    "labels": "select 'user' as level, grade as label, count(*) as entities "
    "from marts.pql_scores where score_model = $model group by all union all "
    "select 'account', tier_name, count(*) from marts.pqa_scores "
    "where score_model = $model group by all order by all",
    "buckets": f"with {_LABELLED}, scores as (select level, score, count(*) as looks "
    "from labelled group by level, score), placed as (select level, score, "
    "(sum(looks) over (partition by level order by score) - looks) "
    f"* {BUCKETS} // sum(looks) over (partition by level) as bucket from scores) "
    "select level, bucket, min(score) as low, max(score) as high, "
    f"{_CONVERTED} from labelled inner join placed using (level, score) "
    "group by level, bucket order by level, bucket",
    "looks": f"with {_LABELLED} select level, max(horizon_days) as horizon_days, {_CONVERTED}, "
    "min(as_of_date) as first_day, max(as_of_date) as last_day from labelled group by level "
    "order by level",
    "label_conversions": f"with {_LABELLED}, histories as ("
    "select 'user' as level, user_id as entity_id, as_of_date, grade as label "
    "from marts.pql_score_history where score_model = $model union all "
    "select 'account', account_id, as_of_date, tier_name "
    "from marts.pqa_score_history where score_model = $model) "
    f"select level, label, {_CONVERTED} from labelled inner join histories "
    "using (level, entity_id, as_of_date) group by level, label order by all",
    "restatements": "select level, cause, count(*) as changes, "
    "count(*) filter (where from_label is distinct from to_label) as relabelled, "
    "avg(abs(to_score - from_score)) as mean_change, max(restated_on) as restated_on "
    "from marts.score_restatements where score_model = $model group by all order by all",
    "builds": "select count(*) as builds from marts.builds",
}

HEALTH = {
    "coverage": "from marts.source_coverage order by is_present desc, source_table",
    "reasons": "select source_table, reason, column_name, is_dropped, count(*) as found "
    "from marts.quarantine group by all "
    "order by source_table, is_dropped desc, found desc, reason, column_name",
    "samples": "select source_table, reason, column_name, is_dropped, row_key, raw_row "
    "from marts.quarantine qualify row_number() over ("
    "partition by source_table, reason, column_name, is_dropped order by row_key, raw_row) "
    f"<= {SAMPLES_SHOWN} order by all",
    "unmapped": "from marts.unmapped_events order by event_count desc, event_name "
    f"limit {LINES_SHOWN}",
    "unmapped_all": "select count(*) as names, coalesce(sum(event_count), 0)::bigint as events "
    "from marts.unmapped_events",
    "conflicts": "select conflicts.*, conflicts.largest_account_id as account_id "
    "from marts.account_conflicts as conflicts "
    "inner join shown on conflicts.largest_account_id = shown.account_id "
    "order by conflicts.members_elsewhere desc, conflicts.workspace_id "
    f"limit {LINES_SHOWN}",
    "conflicts_all": "select count(*) as workspaces, "
    "coalesce(sum(members_elsewhere), 0)::bigint as members from marts.account_conflicts",
    "builds": "from marts.builds order by built_at desc, build_id limit 21",
    "builds_all": "select count(*) as builds from marts.builds",
    "problems": "from marts.seed_problems order by all",
    "rules": "select account_rule, count(*) as accounts, sum(users)::bigint as users "
    "from marts.accounts group by account_rule order by accounts desc, account_rule",
}


def overview_facts(
    project: Project, connection: duckdb.DuckDBPyConnection, build: Row, scope: Scope
) -> dict[str, Any]:
    """Read what the overview shows.

    Args:
        project: The project, for the names of metrics and for what is measured.
        connection: The published marts, with the table `shown`.
        build: The row of the builds mart.
        scope: Whose accounts are shown.

    Returns:
        Rows by the names of `OVERVIEW`, and the seeds metric_benchmarks and
        readiness_questions.
    """
    return {
        **_named(connection, build, OVERVIEW),
        "benchmarks": read_seed(project, "metric_benchmarks"),
        "measures": read_seed(project, "readiness_questions"),
    }


def queue_facts(
    project: Project, connection: duckdb.DuckDBPyConnection, build: Row, scope: Scope
) -> dict[str, Any]:
    """Read what the queue shows.

    Args:
        project: The project; nothing of it is needed.
        connection: The published marts, with the table `shown`.
        build: The row of the builds mart.
        scope: Whose accounts are shown.

    Returns:
        Rows by the names of `QUEUE`, and the as-of date.
    """
    return {
        **_named(connection, build, QUEUE),
        "as_of": build["as_of_date"],
    }


def model_facts(
    project: Project, connection: duckdb.DuckDBPyConnection, build: Row, scope: Scope
) -> dict[str, Any]:
    """Read what the page of the score model shows.

    Args:
        project: The project, for signals, grades and tiers.
        connection: The published marts.
        build: The row of the builds mart.
        scope: Whose accounts are shown; what a model does is told of all.

    Returns:
        Rows by the names of `MODEL`, the seeds, and the model.
    """
    model = build["active_score_model"]
    return {
        **_named(connection, build, MODEL),
        "signals": [row for row in read_seed(project, "signals") if row["score_model"] == model],
        "grades": read_seed(project, "pql_grades"),
        "tiers": read_seed(project, "pqa_tiers"),
        "model": model,
    }


def health_facts(
    project: Project, connection: duckdb.DuckDBPyConnection, build: Row, scope: Scope
) -> dict[str, Any]:
    """Read what the page of the data's health shows.

    Args:
        project: The project.
        connection: The published marts, with the table `shown`.
        build: The row of the builds mart.
        scope: Whose accounts are shown; rows of the quarantine may be anybody's and are then
            left out.

    Returns:
        Rows by the names of `HEALTH`.
    """
    facts = _named(connection, build, HEALTH)
    if not scope.is_whole:
        facts["samples"] = []
        for row in facts["conflicts"]:
            row["account_ids"] = f"{row['account_id']}, others"
    return {**facts, "is_whole": scope.is_whole}


ACCOUNTS = {
    "account": "select accounts.account_id, accounts.company_name, accounts.domain, "
    "accounts.is_paying, accounts.is_internal, accounts.users, accounts.first_seen_on, "
    "scores.score, scores.user_score, scores.account_signal_score, "
    "scores.fit_score, scores.tier, scores.tier_name "
    "from marts.accounts inner join shown using (account_id) "
    "left join marts.pqa_scores as scores on accounts.account_id = scores.account_id "
    "and scores.score_model = $model",
    "dossier": "select dossiers.* from marts.account_dossiers as dossiers "
    "inner join shown using (account_id)",
    "routing": "select routing.*, queue.trigger_evidence, queue.owner_name, queue.is_overdue, "
    "queue.triggered_on "
    "from marts.account_routing as routing inner join shown using (account_id) "
    "left join marts.sales_queue as queue using (account_id)",
    "guards": "select guards.* from marts.account_guards as guards "
    "inner join shown using (account_id) order by guards.guard",
    "signals": "select breakdown.entity_id as account_id, breakdown.signal_id, breakdown.category, "
    "breakdown.points, breakdown.is_counted, breakdown.evidence, breakdown.first_event_at, "
    "breakdown.last_event_at from marts.score_breakdown as breakdown "
    "inner join shown on breakdown.entity_id = shown.account_id "
    "where breakdown.level = 'account' and breakdown.score_model = $model "
    "order by breakdown.is_counted desc, breakdown.points desc, breakdown.signal_id",
    # Reasons are written of the people shown alone, a small part of all.
    "people": "with people as ("
    "select users.account_id, users.user_id, users.email, users.full_name, users.job_title, "
    "users.persona, users.is_recommended_contact, users.is_opted_out, scores.score, "
    "scores.behaviour_score, scores.grade, scores.grade_cap_reason "
    "from marts.users inner join shown using (account_id) "
    "left join marts.pql_scores as scores on users.user_id = scores.user_id "
    "and scores.score_model = $model "
    "qualify row_number() over (partition by users.account_id order by "
    "users.is_recommended_contact desc, scores.behaviour_score desc nulls last, users.user_id) "
    f"<= {PEOPLE_SHOWN}), "
    # The four of most points, ties by name: one text to order by is faster than a window.
    "signals as (select entity_id, min_by("
    "evidence || ' (' || case when points < 0 then '−' else '+' end || abs(points) || ')', "
    "lpad((1000000 - points)::text, 8, '0') || signal_id, 4) as reasons "
    "from marts.score_breakdown where level = 'user' and score_model = $model and is_counted "
    "and category != 'firmographic' and entity_id in (select user_id from people) "
    "group by entity_id) "
    "select people.*, coalesce(signals.reasons, []) as reasons "
    "from people left join signals on people.user_id = signals.entity_id "
    "order by people.is_recommended_contact desc, people.behaviour_score desc nulls last, "
    "people.user_id",
    "timeline": "with told as ("
    "select account_id, triggered_on as day, 'trigger' as kind, trigger as happening, "
    "evidence as detail, user_id from marts.sales_triggers where priority != 'low' union all "
    "select entity_id, changed_on, 'tier', from_label || ' → ' || to_label, causes, null "
    "from marts.score_transitions where level = 'account' and score_model = $model), "
    "newest as (select told.*, count(*) over (partition by told.account_id) as of_all "
    "from told inner join shown using (account_id) "
    "qualify row_number() over (partition by told.account_id "
    "order by told.day desc, told.kind, told.happening, told.detail, told.user_id) "
    f"<= {EVENTS_SHOWN}) "
    "select newest.*, coalesce(users.full_name, users.email, newest.user_id) as person "
    "from newest left join marts.users as users on newest.user_id = users.user_id "
    "order by newest.day desc, newest.kind, newest.happening, newest.detail, newest.user_id",
    "dealings": "select timeline.account_id, timeline.happened_at as day, timeline.kind, "
    "timeline.happening, timeline.detail, timeline.owner_id, timeline.amount_usd, "
    "count(*) over (partition by timeline.account_id) as of_all "
    "from marts.account_timeline as timeline inner join shown using (account_id) "
    "qualify row_number() over (partition by timeline.account_id "
    "order by timeline.happened_at desc, timeline.happening_id) "
    f"<= {EVENTS_SHOWN} order by timeline.happened_at desc, timeline.happening_id",
    "history": "select history.account_id, list(history.as_of_date order by history.as_of_date) "
    "as days, list(history.score order by history.as_of_date) as scores, "
    "list(history.users order by history.as_of_date) as users, "
    "list(history.active_users_30d order by history.as_of_date) as active_users "
    "from marts.pqa_score_history as history inner join shown using (account_id) "
    "where history.score_model = $model "
    "and (($as_of::date - history.as_of_date) % 7 = 0) group by history.account_id",
}
"""What an account's page shows; every query gives account_id."""


def account_facts(
    project: Project, connection: duckdb.DuckDBPyConnection, build: Row, scope: Scope
) -> Iterator[dict[str, Any]]:
    """Read what the pages of accounts show.

    Args:
        project: The project, for what guards and steps are called.
        connection: The published marts, with the table `shown`.
        build: The row of the builds mart.
        scope: Whose accounts are shown.

    Yields:
        Per account its rows by the names of `ACCOUNTS`.
    """
    facts = _named(connection, build, ACCOUNTS)
    words = {
        "guard_words": {row["guard"]: row["description"] for row in read_seed(project, "guards")},
        "signal_words": {
            row["signal_id"]: row["description"]
            for row in read_seed(project, "signals")
            if row["score_model"] == build["active_score_model"]
        },
        "steps": read_seed(project, "onboarding_steps"),
    }
    grouped: dict[str, dict[str, list[Row]]] = {}
    for name, found in facts.items():
        by_account: dict[str, list[Row]] = defaultdict(list)
        for row in found:
            by_account[row["account_id"]].append(row)
        grouped[name] = by_account
    for account_id in scope.accounts:
        yield {
            "account_id": account_id,
            **words,
            **{name: by_account.get(account_id, []) for name, by_account in grouped.items()},
        }
