"""What a build says at its end."""

from __future__ import annotations

from typing import Any

import duckdb

from pls.console import clean, say
from pls.paths import Store
from pls.published import last_build, open_published, rows


def summary(store: Store) -> dict[str, Any]:
    """Count what is published.

    Args:
        store: Where it is published.

    Returns:
        The as-of date, users, accounts, how many of each are internal, how many are in the queue,
        and grades and tiers of the active model.

    Raises:
        InputError: Nothing is published there.
    """
    with open_published(store) as connection:
        build = last_build(connection)
        model = build["active_score_model"]
        return {
            "as_of_date": build["as_of_date"],
            "score_model": model,
            "queue": _count(connection, "sales_queue"),
            "users": _count(connection, "users"),
            "accounts": _count(connection, "accounts"),
            "internal_users": _count(
                connection,
                "users where account_id in "
                "(select account_id from marts.accounts where account_rule = 'internal')",
            ),
            "internal_accounts": _count(connection, "accounts where account_rule = 'internal'"),
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
    say(f"as of {facts['as_of_date']}, score model {clean(facts['score_model'])}")
    say(f"{facts['users']:,} users: {_parts(facts, 'users', 'grades')}")
    say(f"{facts['accounts']:,} accounts: {_parts(facts, 'accounts', 'tiers')}")
    say(f"{facts['queue']:,} of them in the sales queue")
    place = f"{store.place}, schema marts" if store.lake else f"{store.db} and {store.twin}/"
    say(f"published in {seconds:.1f} s: {place}")


def _parts(facts: dict[str, Any], entities: str, shares: str) -> str:
    """Write what all users or accounts are made of; those who are our own have no score."""
    parts = {**facts[shares], "internal": facts[f"internal_{entities}"]}
    parts["not scored"] = facts[entities] - sum(parts.values())
    written = [f"{n:,} {clean(name)}" for name, n in parts.items() if n]
    return " and ".join(part for part in (", ".join(written[:-1]), *written[-1:]) if part) or "none"


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(connection.execute(f"select count(*) from marts.{table}").fetchall()[0][0])


def _shares(connection: duckdb.DuckDBPyConnection, query: str, model: str) -> dict[str, int]:
    return {str(row["name"]): int(row["n"]) for row in rows(connection, query, [model])}
