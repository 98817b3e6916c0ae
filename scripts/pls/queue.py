"""`pls queue`: whom to talk to this morning, and how to begin."""

from __future__ import annotations

from pls.console import clean, number, print_table, say
from pls.paths import Store
from pls.published import Row, open_published, rows

QUEUE_LENGTH = 12
"""Accounts that the terminal shows; `--all` shows the rest."""


def morning_queue(store: Store, owner: str | None = None) -> list[Row]:
    """List the accounts somebody of sales is to talk to.

    Args:
        store: Where the marts are published.
        owner: A rep_id, to see only this rep's; None for all.

    Returns:
        Rows of the mart sales_queue, best first.

    Raises:
        InputError: Nothing is published there.
    """
    with open_published(store) as connection:
        return rows(
            connection,
            "select * from marts.sales_queue where $1 is null or owner_id = $1 "
            "order by queue_position",
            [owner],
        )


def print_queue(queue: list[Row], whole: bool = False) -> None:
    """Print the queue as a table.

    Args:
        queue: What `morning_queue` gives.
        whole: Whether to print all of it, not only its head.
    """
    shown = queue if whole else queue[:QUEUE_LENGTH]
    print_table(
        [
            ("#", {"justify": "right"}),
            ("due", {"no_wrap": True, "min_width": 10}),
            ("owner", {"max_width": 14, "overflow": "ellipsis"}),
            ("account and contact", {"min_width": 28, "max_width": 34, "overflow": "ellipsis"}),
            ("why", {}),
        ],
        [
            (
                row["queue_position"],
                f"{row['due_by']}\n{'overdue' if row['is_overdue'] else ''}".rstrip(),
                _owner(row),
                f"{clean(row['company_name'])}\n"
                f"{clean(row['contact_email'] or row['contact_user_id'])}",
                "\n".join(_reasons(row)),
            )
            for row in shown
        ],
        title="Morning queue",
    )
    if len(shown) < len(queue):
        say(f"and {len(queue) - len(shown):,} more; pls queue --all lists them")


def _owner(row: Row) -> str:
    if row["owner_name"] or row["owner_id"]:
        return clean(row["owner_name"] or row["owner_id"])
    return "no rep" if row["status"] == "no_rep" else "waits for room"


def _reasons(row: Row) -> list[str]:
    pressing = clean(row["trigger_evidence"]) or f"entered {row['motion']} on {row['entered_on']}"
    day = row["triggered_on"]
    if row["trigger_evidence"] and day and day < row["as_of_date"]:
        year = "" if day.year == row["as_of_date"].year else f" {day.year}"
        pressing += f" ({day.day} {day:%b}{year})"
    return [
        f"{row['priority']}: {pressing}",
        clean(f"{row['motion']}, {row['tier_name']}, score {number(row['score'])}"),
    ]
