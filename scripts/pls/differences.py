"""What differs between two builds of the same data: who changes grade, tier and motion.

Reads two databases that a connection has attached as `before` and `after`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from pls.published import Row, rows

MARTS = (
    "pql_scores",
    "pqa_scores",
    "score_breakdown",
    "account_routing",
    "sales_queue",
    "seed_problems",
    "backtest_thresholds",
)
"""The marts to be up to date on both sides; the last may be missing."""

SIDES = ("before", "after")

_BACKTEST = ("entities_per_week", "precision", "recall", "lift", "missed_conversions")

_WEIGHTS = "score_model, signal_id, level, category, metric, min_value, max_value, points, ladder"


@dataclass(frozen=True)
class _Level:
    """What is scored: its mart and key, how its scores are named, and where names stand."""

    name: str
    mart: str
    key: str
    label: str
    labels: str
    """A query of the labels, the best first."""


_LEVELS = (
    _Level(
        "user",
        "pql_scores",
        "user_id",
        "grade",
        "select grade as label from after.seeds.pql_grades order by min_score desc nulls last",
    ),
    _Level(
        "account",
        "pqa_scores",
        "account_id",
        "tier_name",
        "select tier_name as label from after.seeds.pqa_tiers order by tier",
    ),
)


def compare(
    connection: duckdb.DuckDBPyConnection, active_model: str, counts_fit_of_users: bool = False
) -> dict[str, Any]:
    """Compare two builds of the same data.

    Args:
        connection: Has the databases `before` and `after` attached.
        active_model: The score model that grades and routes.
        counts_fit_of_users: Whether an account's score holds its users' points for fit.

    Returns:
        `has_changes`; for the active score model and each that differs, users by grade and
        accounts by tier on both sides and who moves; accounts by motion and who moves; who
        enters and leaves the sales queue; and the backtest at the thresholds at which sales
        acts, None unless both sides have one. Who moves comes with scores, largest change
        first, and the signals whose points differ.
    """
    users_points = "true" if counts_fit_of_users else "category <> 'firmographic'"
    models = [
        _model(connection, name, status, active_model, users_points)
        for name, status in _models(connection, active_model)
    ]
    motions = _motions(connection, active_model, users_points)
    queue = _queue(connection, active_model, users_points)
    has_changes = (
        any(model["status"] in ("new", "removed") for model in models)
        or any(model[name]["rescored"] for model in models for name in ("users", "accounts"))
        or any(model[name]["moves"] for model in models for name in ("users", "accounts"))
        or bool(motions["moves"] or queue["entered"] or queue["left"])
    )
    return {
        "active_score_model": active_model,
        "has_changes": has_changes,
        "score_models": models,
        "motions": motions,
        "queue": queue,
        "backtest": _backtest(connection, models),
    }


def _models(connection: duckdb.DuckDBPyConnection, active_model: str) -> list[tuple[str, str]]:
    """List the active score model and those that differ, with new, removed, changed or same."""
    weights: list[dict[str, set[tuple[Any, ...]]]] = []
    for side in SIDES:
        found: dict[str, set[tuple[Any, ...]]] = {}
        for row in connection.execute(f"select {_WEIGHTS} from {side}.seeds.signals").fetchall():
            found.setdefault(str(row[0]), set()).add(row[1:])
        weights.append(found)
    before, after = weights
    models = []
    for name in sorted({active_model, *before, *after}, key=lambda m: (m != active_model, m)):
        if name not in before:
            status = "new"
        elif name not in after:
            status = "removed"
        else:
            status = "same" if before[name] == after[name] else "changed"
        if status != "same" or name == active_model:
            models.append((name, status))
    return models


def _model(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    status: str,
    active_model: str,
    users_points: str,
) -> dict[str, Any]:
    """Compare the scores of a model; those of a new one with the active one's of before."""
    before = active_model if status == "new" else name
    facts: dict[str, Any] = {"score_model": name, "status": status, "compared_with": before}
    for level in _LEVELS:
        counts = _counts(connection, level, before, name)
        found = _moves(connection, level, before, name) if status != "removed" else []
        moves = [row for row in found if row["from"] != row["to"]]
        _add_signals(connection, level.name, moves, before, name, users_points)
        facts[f"{level.name}s"] = {"counts": counts, "rescored": len(found), "moves": moves}
    return facts


def _counts(
    connection: duckdb.DuckDBPyConnection, level: _Level, before: str, after: str
) -> list[Row]:
    return _both_counts(
        connection,
        level.labels,
        [
            f"select {level.label} as label from {side}.marts.{level.mart} where score_model = ?"
            for side in SIDES
        ],
        [before, after],
    )


def _both_counts(
    connection: duckdb.DuckDBPyConnection,
    labels: str,
    queries: Sequence[str],
    parameters: Sequence[str] = (),
) -> list[Row]:
    """Count labels on both sides, in the order of their seed."""
    counted: dict[str, Row] = {}
    for row in rows(
        connection,
        f"select label, count(*) filter (is_before) as before, "
        f"count(*) filter (not is_before) as after "
        f"from (select *, true as is_before from ({queries[0]}) "
        f"union all select *, false from ({queries[1]})) group by label order by label",
        parameters,
    ):
        counted[str(row["label"])] = row
    known = [str(row["label"]) for row in rows(connection, labels)]
    order = [*known, *(label for label in counted if label not in known)]
    return [counted.get(label, {"label": label, "before": 0, "after": 0}) for label in order]


def _moves(
    connection: duckdb.DuckDBPyConnection, level: _Level, before: str, after: str
) -> list[Row]:
    """List who has another score or label."""
    side = (
        f"select {level.key} as entity_id, account_id, {level.label} as label, score "
        f"from {{side}}.marts.{level.mart} where score_model = ?"
    )
    return rows(
        connection,
        f"with b as ({side.format(side='before')}), a as ({side.format(side='after')}) "
        "select entity_id, coalesce(a.account_id, b.account_id) as account_id, "
        'b.label as "from", a.label as "to", b.score as score_from, a.score as score_to '
        "from b full join a using (entity_id) "
        "where b.label is distinct from a.label or b.score is distinct from a.score "
        "order by abs(coalesce(a.score, 0) - coalesce(b.score, 0)) desc, entity_id",
        [before, after],
    )


def _add_signals(
    connection: duckdb.DuckDBPyConnection,
    level: str,
    moves: list[Row],
    before: str,
    after: str,
    users_points: str,
) -> None:
    """Give each row the signals whose points differ; an account's also those of its users.

    Users add nothing below 0 each, so that the differences of an account need not add up.
    """
    points = [_points(level, side, users_points) for side in SIDES]
    signals = rows(
        connection,
        f"with entities as (select unnest(?::varchar[]) as entity_id), b as ({points[0]}), "
        f"a as ({points[1]}) "
        "select entity_id, level, signal_id, coalesce(b.points, 0)::bigint as points_from, "
        "coalesce(a.points, 0)::bigint as points_to, "
        "points_to - points_from as difference "
        "from b full join a using (entity_id, level, signal_id) "
        "where coalesce(b.points, 0) <> coalesce(a.points, 0) "
        "order by entity_id, abs(difference) desc, level, signal_id",
        [[row["entity_id"] for row in moves], *[before] * points[0].count("?")]
        + [after] * points[1].count("?"),
    )
    by_entity: dict[str, list[Row]] = {}
    for signal in signals:
        by_entity.setdefault(str(signal.pop("entity_id")), []).append(signal)
    for row in moves:
        row["signals"] = by_entity.get(str(row["entity_id"]), [])


def _points(level: str, side: str, users_points: str) -> str:
    own = (
        f"select entity_id, level, signal_id, sum(points) as points "
        f"from {side}.marts.score_breakdown semi join entities using (entity_id) "
        f"where level = '{level}' and score_model = ? and is_counted group by all"
    )
    if level == "user":
        return own
    return (
        f"{own} union all select scores.account_id as entity_id, 'user' as level, signal_id, "
        f"sum(points) as points from {side}.marts.score_breakdown as breakdown "
        f"join {side}.marts.pql_scores as scores on scores.user_id = breakdown.entity_id "
        "and scores.score_model = breakdown.score_model "
        "where breakdown.level = 'user' and breakdown.score_model = ? and is_counted "
        f"and {users_points} and scores.account_id in (select entity_id from entities) "
        "group by all"
    )


def _motions(
    connection: duckdb.DuckDBPyConnection, model: str, users_points: str
) -> dict[str, Any]:
    """Compare what is done with accounts."""
    moves = rows(
        connection,
        'select account_id as entity_id, b.motion as "from", a.motion as "to", '
        "b.score as score_from, a.score as score_to, a.reason "
        "from before.marts.account_routing as b "
        "full join after.marts.account_routing as a using (account_id) "
        "where b.motion is distinct from a.motion "
        "order by abs(coalesce(a.score, 0) - coalesce(b.score, 0)) desc, entity_id",
    )
    _add_signals(connection, "account", moves, model, model, users_points)
    counts = _both_counts(
        connection,
        "select motion as label from after.seeds.motions order by is_sales desc, motion",
        [f"select motion as label from {side}.marts.account_routing" for side in SIDES],
    )
    return {"counts": counts, "moves": moves}


def _queue(connection: duckdb.DuckDBPyConnection, model: str, users_points: str) -> dict[str, Any]:
    """Compare who is to be called."""
    facts: dict[str, Any] = {}
    for side in SIDES:
        ((facts[side],),) = connection.execute(
            f"select count(*) from {side}.marts.sales_queue"
        ).fetchall()
    for name, there, other in (("entered", "after", "before"), ("left", "before", "after")):
        facts[name] = rows(
            connection,
            f"select account_id as entity_id, queue.queue_position, "
            'b.motion as "from", a.motion as "to", '
            "b.score as score_from, a.score as score_to, a.reason "
            f"from {there}.marts.sales_queue as queue "
            f"anti join {other}.marts.sales_queue as known using (account_id) "
            "left join before.marts.account_routing as b using (account_id) "
            "left join after.marts.account_routing as a using (account_id) "
            "order by queue.queue_position, entity_id",
        )
        _add_signals(connection, "account", facts[name], model, model, users_points)
    return facts


def _backtest(
    connection: duckdb.DuckDBPyConnection, models: list[dict[str, Any]]
) -> list[Row] | None:
    """Compare how well a score tells who will pay, at the thresholds at which sales acts."""
    ((sides,),) = connection.execute(
        "select count(*) from duckdb_tables() where database_name in ('before', 'after') "
        "and schema_name = 'marts' and table_name = 'backtest_thresholds'"
    ).fetchall()
    if sides < len(SIDES):
        return None
    columns = ", ".join(
        f"{side}.{column} as {side}_{column}" for side in SIDES for column in _BACKTEST
    )
    found: list[Row] = []
    for model in models:
        for row in rows(
            connection,
            "with acting as ("
            "select 'user' as level, min_score from after.seeds.pql_grades where grade = 'hot' "
            "union all "
            "select 'account' as level, min_score from after.seeds.pqa_tiers where tier = 2), "
            # Thresholds go in steps of 5.
            "thresholds as (select level, (min_score // 5 * 5)::integer as threshold from acting), "
            "before as (from before.marts.backtest_thresholds where score_model = $1), "
            "after as (from after.marts.backtest_thresholds where score_model = $2) "
            f"select level, threshold, horizon_days, {columns} "
            "from before full join after using (level, threshold, horizon_days) "
            "join thresholds using (level, threshold) order by level desc, horizon_days",
            [model["compared_with"], model["score_model"]],
        ):
            found.append(
                {
                    **{name: model[name] for name in ("score_model", "compared_with")},
                    **{name: row[name] for name in ("level", "threshold", "horizon_days")},
                    **{
                        side: {column: row[f"{side}_{column}"] for column in _BACKTEST}
                        for side in SIDES
                    },
                }
            )
    return found
