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
        The as-of date, users, accounts, how many are in the queue, and grades and tiers of the
        active model.

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
    say(f"{facts['queue']:,} of them in the sales queue")
    place = f"{store.place}, schema marts" if store.lake else f"{store.db} and {store.twin}/"
    say(f"published in {seconds:.1f} s: {place}")


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(connection.execute(f"select count(*) from marts.{table}").fetchall()[0][0])


def _shares(connection: duckdb.DuckDBPyConnection, query: str, model: str) -> dict[str, int]:
    return {str(row["name"]): int(row["n"]) for row in rows(connection, query, [model])}
