"""What a build says at its end, and the morning queue."""

from __future__ import annotations

from typing import Any

import duckdb

from pls.console import clean, number, print_table, say
from pls.paths import Store
from pls.published import Row, last_build, open_published, rows

QUEUE_LENGTH = 12
"""Accounts in the morning queue."""


def summary(store: Store) -> dict[str, Any]:
    """Count what is published.

    Args:
        store: Where it is published.

    Returns:
        The as-of date, users, accounts, and grades and tiers of the active model.

    Raises:
        InputError: Nothing is published there.
    """
    with open_published(store) as connection:
        build = last_build(connection)
        model = build["active_score_model"]
        return {
            "as_of_date": build["as_of_date"],
            "score_model": model,
            "users": _count(connection, "users"),
            "accounts": _count(connection, "accounts"),
            "grades": _shares(
                connection,
                "select grade as name, count(*) as n from marts.pql_scores "
                "where score_model = ? group by grade order by min(score) desc, grade",
                model,
            ),
            "tiers": _shares(
                connection,
                "select tier_name as name, count(*) as n from marts.pqa_scores "
                "where score_model = ? group by tier, tier_name order by tier",
                model,
            ),
        }


def print_summary(store: Store, facts: dict[str, Any], seconds: float) -> None:
    """Print what was built.

    Args:
        store: Where it is published.
        facts: What `summary` gives.
        seconds: How long the build took.
    """
    for name in ("grades", "tiers"):
        facts = {**facts, name: ", ".join(f"{n:,} {clean(k)}" for k, n in facts[name].items())}
    say(f"as of {facts['as_of_date']}, score model {clean(facts['score_model'])}")
    say(f"{facts['users']:,} users: {facts['grades'] or 'none scored'}")
    say(f"{facts['accounts']:,} accounts: {facts['tiers'] or 'none scored'}")
    place = f"{store.place}, schema marts" if store.lake else f"{store.db} and {store.twin}/"
    say(f"published in {seconds:.1f} s: {place}")


def morning_queue(store: Store, length: int = QUEUE_LENGTH) -> list[Row]:
    """List the best accounts.

    Args:
        store: Where it is published.
        length: How many.

    Returns:
        Accounts with tier, score, contact and reasons, best first.

    Raises:
        InputError: Nothing is published there.
    """
    with open_published(store) as connection:
        model = last_build(connection)["active_score_model"]
        return rows(connection, _QUEUE, [model, length])


def print_queue(queue: list[Row]) -> None:
    """Print the morning queue as a table.

    Args:
        queue: What `morning_queue` gives.
    """
    print_table(
        [
            ("score", {"justify": "right", "min_width": 5}),
            ("tier", {"min_width": 10}),
            ("account and contact", {"min_width": 30, "max_width": 36, "overflow": "ellipsis"}),
            ("why", {}),
        ],
        [
            (
                number(row["score"]),
                row["tier_name"],
                f"{clean(row['company_name'] or row['account_id'])}\n{clean(row['contact'])}",
                "\n".join(clean(reason) for reason in row["reasons"] or ()),
            )
            for row in queue
        ],
        title="Morning queue",
    )


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(connection.execute(f"select count(*) from marts.{table}").fetchall()[0][0])


def _shares(connection: duckdb.DuckDBPyConnection, query: str, model: str) -> dict[str, int]:
    return {str(row["name"]): int(row["n"]) for row in rows(connection, query, [model])}


# Reasons are the strongest counted signals of the account and of the person to talk to;
# what the company is (firmographic) is no reason to call it today.
_QUEUE = """
with

best as (

    select
        accounts.account_id,
        accounts.company_name,
        accounts.recommended_contact,
        pqa_scores.tier,
        pqa_scores.tier_name,
        pqa_scores.score
    from marts.pqa_scores
    inner join marts.accounts on pqa_scores.account_id = accounts.account_id
    where pqa_scores.score_model = $1
    order by pqa_scores.score desc, accounts.account_id
    limit $2

),

reasons as (

    select
        best.account_id,
        score_breakdown.evidence,
        row_number() over (
            partition by best.account_id
            order by
                score_breakdown.points desc,
                score_breakdown.last_event_at desc nulls last,
                score_breakdown.signal_id,
                score_breakdown.level
        ) as rank
    from best
    inner join marts.score_breakdown
        on
            (
                score_breakdown.level = 'account'
                and score_breakdown.entity_id = best.account_id
            )
            or (
                score_breakdown.level = 'user'
                and score_breakdown.entity_id = best.recommended_contact
            )
    where
        score_breakdown.score_model = $1
        and score_breakdown.is_counted
        and score_breakdown.points > 0
        and score_breakdown.category != 'firmographic'

)

select
    best.account_id,
    best.company_name,
    best.tier,
    best.tier_name,
    best.score,
    best.recommended_contact as contact_user_id,
    coalesce(users.email, best.recommended_contact) as contact,
    (
        select list(reasons.evidence order by reasons.rank)
        from reasons
        where reasons.account_id = best.account_id and reasons.rank <= 2
    ) as reasons
from best
left join marts.users on best.recommended_contact = users.user_id
order by best.score desc, best.account_id
"""
