"""Published databases for the tests of `pls report`, made of one that is built already.

Also a script that makes one of many accounts, to measure the report by hand; no test runs it so,
since how long a page takes depends on the machine:

    python tests/python/report_data.py data/pls.duckdb /tmp/many/pls.duckdb 66
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import duckdb

IDENTIFIERS = ("account_id", "user_id", "entity_id", "contact_user_id", "trigger_id")
"""Columns whose values name something that each copy of an account has for itself."""

NAMES = ("company_name", "domain")
"""Columns that tell accounts apart to a reader."""

HOSTILE_IDS = (
    "a/../../b c",
    "con",
    "CON",
    "acme",
    "ACME",
    "Ünïcode & Söhne 株式会社",
    "ann.secret@hidden.example",
    "<script>window.bad=1</script>",
    "y" * 300,
    "-x",
    ".hidden",
    "%2e%2e%2findex",
    "a?b#c",
    '"><img src=x onerror=window.bad=1>',
    "lpt1.txt",
)
"""Account ids that a careless file name, link or attribute breaks on."""

HOSTILE_TEXTS = (
    "<script>window.bad=1</script>",
    '"><img src=x onerror="window.bad=1">',
    '\'; drop table accounts; -- "quoted"',
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "\u202eevil \u2066turned",
    "שלום شركة",
    "W" * 300,
    "javascript:window.bad=1",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt;, &amp;",
    "</option></select></script><script>window.bad=1</script>",
    "two\nlines, and a comma",
)
"""Texts that are to be shown, and no more than that."""

HOSTILE_OWNER = '"><script>window.bad=1</script>'
"""The name of rep_05 after `spoil`."""

SPARSE = "sparse.example"
"""An account of which `spoil` leaves nothing but its row."""


def columns_of(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """List the columns of each mart."""
    found: dict[str, list[str]] = {}
    for table, column in connection.execute(
        "select table_name, column_name from duckdb_columns() where schema_name = 'marts' "
        "order by table_name, column_index"
    ).fetchall():
        found.setdefault(table, []).append(column)
    return found


def multiply(source: Path, target: Path, copies: int) -> Path:
    """Copy a published database with every account, and all that is about it, several times."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    with duckdb.connect(str(target)) as connection:
        for table, names in columns_of(connection).items():
            own = [name for name in names if name in (*IDENTIFIERS, *NAMES)]
            if not own:
                continue
            changes = [
                f"case when copy = 0 then {name} else {name} || '-' || copy end as {name}"
                for name in own
            ]
            if "queue_position" in names:
                changes.append(f"(queue_position - 1) * {copies} + copy + 1 as queue_position")
            connection.execute(
                "create table marts.many as "
                f"select * exclude (copy) replace ({', '.join(changes)}) from marts.{table} "
                f"cross join range({copies}) copies (copy)"
            )
            connection.execute(f"drop table marts.{table}")
            connection.execute(f"alter table marts.many rename to {table}")
    return target


def spread(db: Path) -> None:
    """Give the rows of the queue every status, priority, day and usage that a filter asks for."""
    with duckdb.connect(str(db)) as connection:
        connection.execute(
            "update marts.sales_queue set "
            "status = if(queue_position % 4 = 0, 'waiting_for_capacity', status), "
            "owner_id = if(queue_position % 4 = 0, null, owner_id), "
            "owner_name = if(queue_position % 4 = 0, null, owner_name), "
            "priority = ['high', 'medium', 'low'][1 + queue_position % 3], "
            "entered_on = as_of_date - if(queue_position % 5 = 0, 2, 30)::int, "
            "due_by = if(queue_position = 5, null, "
            "as_of_date + if(queue_position % 2 = 0, 3, -1)::int)"
        )
        connection.execute(
            "update marts.account_dossiers set active_users_7d = "
            "if(queue.queue_position % 6 = 0, 0, 1 + queue.queue_position) "
            "from marts.sales_queue as queue "
            "where queue.account_id = account_dossiers.account_id"
        )


def spoil(db: Path) -> None:
    """Put hostile ids and texts into the queue, and strip one account of all that is known."""
    with duckdb.connect(str(db)) as connection:
        columns = columns_of(connection)
        connection.execute(
            "update marts.sales_queue set owner_name = ? where owner_id = 'rep_05'", [HOSTILE_OWNER]
        )
        queue = connection.execute(
            "select account_id from marts.sales_queue where queue_position > 2 "
            "order by queue_position"
        ).fetchall()
        old_ids = [account_id for (account_id,) in queue]
        for place, old in enumerate(old_ids[: len(HOSTILE_TEXTS)]):
            words = HOSTILE_TEXTS[place:] + HOSTILE_TEXTS[:place]
            _set(connection, "accounts", old, company_name=words[0], domain=words[4])
            _set(
                connection,
                "sales_queue",
                old,
                company_name=words[0],
                contact_name=words[1],
                trigger_evidence=words[2],
                contact_email=words[3],
            )
            _set(
                connection,
                "account_dossiers",
                old,
                opening_line=words[1],
                recommended_approach=words[2],
                features_wanted=words[3],
                country=words[5],
            )
            _set(connection, "account_routing", old, reason=words[6])
            _set(connection, "users", old, full_name=words[2], email=words[3], job_title=words[7])
            _set(connection, "account_timeline", old, detail=words[4])
            _set(connection, "sales_triggers", old, evidence=words[5])
            connection.execute(
                "update marts.score_breakdown set evidence = ? where entity_id = ?", [words[0], old]
            )
            connection.execute(
                "update marts.score_transitions set causes = ? where entity_id = ?", [words[6], old]
            )
        [(bare,)] = connection.execute(
            "select max(account_id) from marts.accounts where account_rule = 'individual'"
        ).fetchall()
        for table, names in columns.items():
            if table != "accounts" and "account_id" in names:
                connection.execute(f"delete from marts.{table} where account_id = ?", [bare])
        connection.execute("delete from marts.score_breakdown where entity_id = ?", [bare])
        connection.execute("delete from marts.score_transitions where entity_id = ?", [bare])
        _set(connection, "accounts", bare, company_name=None, domain=None, users=0)
        connection.execute("create temporary table renamed (old text, new text)")
        connection.executemany(
            "insert into renamed values (?, ?)",
            [(bare, SPARSE), *zip(old_ids, HOSTILE_IDS, strict=False)],
        )
        for table, names in columns.items():
            for name in names:
                if name in ("account_id", "entity_id"):
                    connection.execute(
                        f"update marts.{table} set {name} = new from renamed where {name} = old"
                    )


def _set(
    connection: duckdb.DuckDBPyConnection, table: str, account_id: str, **values: object
) -> None:
    changes = ", ".join(f"{name} = ?" for name in values)
    connection.execute(
        f"update marts.{table} set {changes} where account_id = ?", [*values.values(), account_id]
    )


if __name__ == "__main__":
    multiply(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
