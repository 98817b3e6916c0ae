"""`pls export`: what the CRM does not know yet, as files."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import duckdb

from pls import crm_state
from pls.errors import InputError
from pls.lock import hold
from pls.paths import Project, Store
from pls.published import last_build, open_published
from pls.sql import literal, make_table, quoted

Format = Literal["csv", "jsonl", "parquet"]
Names = Literal["pls", "salesforce", "hubspot"]

OBJECTS = {
    "account": "crm_sync_accounts",
    "contact": "crm_sync_contacts",
    "task": "crm_sync_tasks",
}
"""The kinds of objects of a CRM, with the mart that says what to send."""

ALERTS = "sales_alerts"
"""The file of the alerts."""

HEAD = ("key", "operation", "fields")
TAIL = ("payload_hash", "previous_hash")


def export(
    project: Project, store: Store, to: Path, kind: Format, names: Names, acknowledge: bool
) -> dict[str, Any]:
    """Write what is to be sent, and on request take it for acknowledged.

    The comparison is with what was acknowledged, never with what was written: without
    an acknowledgement the same rows come again, with the same hashes.

    Args:
        project: The project, whose crm_fields.csv names what is sent.
        store: Where the marts are published.
        to: The folder to write to; made if need be.
        kind: csv, jsonl or parquet.
        names: Whose names of fields to use.
        acknowledge: Whether the CRM has taken the rows.

    Returns:
        The as-of date, the files with their rows, and whether they were acknowledged.

    Raises:
        InputError: Nothing is published, or a file cannot be written.
        LockHeld: They are to be acknowledged while a build is running.
    """
    fields = read_fields(project, names)
    folder = to.expanduser().resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            error.strerror or str(error), str(folder), "give a folder you may write to"
        ) from error
    files: dict[str, int] = {}
    with ExitStack() as held:
        if acknowledge:
            held.enter_context(hold(store.lock))
        state = crm_state.read(store.crm_state)
        connection = held.enter_context(open_published(store))
        build = last_build(connection)
        changes = _changes(connection, state)
        with duckdb.connect() as scratch:
            for object_type, mart in OBJECTS.items():
                sent = [change for change in changes if change[0] == object_type]
                path = folder / f"{mart}.{kind}"
                rows = _rows(connection, mart, fields[object_type], sent)
                _write(scratch, path, kind, *rows)
                files[str(path)] = len(rows[1])
            path = folder / f"{ALERTS}.{kind}"
            alerts = _alerts(connection)
            _write(scratch, path, kind, *alerts)
            files[str(path)] = len(alerts[1])
        if acknowledge:
            _acknowledge(store, state, changes)
    return {"as_of_date": build["as_of_date"], "files": files, "is_acknowledged": acknowledge}


def read_fields(project: Project, names: Names) -> dict[str, dict[str, str]]:
    """Read which fields are sent, and under which names.

    Args:
        project: The project.
        names: pls for the columns of the marts, else whose names.

    Returns:
        For each kind of object the columns with their names in the files.

    Raises:
        InputError: The seed cannot be read, or leaves a name empty.
    """
    path = project.root / "seeds" / "crm_fields.csv"
    column = {"pls": "field", "salesforce": "salesforce_field", "hubspot": "hubspot_property"}
    found: dict[str, dict[str, str]] = {object_type: {} for object_type in OBJECTS}
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            for row in csv.DictReader(stream):
                name = row[column[names]]
                if not name:
                    raise InputError(
                        f"{row['object_type']}.{row['field']} has no {column[names]}",
                        str(path),
                        "fill it, or export with --names pls",
                    )
                found[row["object_type"]][row["field"]] = name
    except (OSError, KeyError) as error:
        raise InputError(
            f"cannot be read ({error})", str(path), "restore it from version control"
        ) from error
    return found


Change = tuple[str, str, str, str | None, str | None]
"""Kind, key, operation, payload and hash of what is to change."""

Rows = tuple[list[tuple[str, str]], list[tuple[Any, ...]]]
"""Columns with their types, and the rows."""


def _changes(
    connection: duckdb.DuckDBPyConnection, state: dict[crm_state.Key, crm_state.Acknowledged]
) -> list[Change]:
    """Read what the last build found, less what was acknowledged since."""
    changes: list[Change] = []
    for object_type, key, payload, payload_hash in connection.execute(
        "select object_type, object_key, payload, payload_hash from marts.crm_changes "
        "order by object_type, object_key"
    ).fetchall():
        held = state.get((object_type, key))
        if payload_hash is None:
            if held is not None:
                changes.append((object_type, key, "clear", None, None))
        elif held is None:
            changes.append((object_type, key, "insert", payload, payload_hash))
        elif held.payload_hash != payload_hash:
            changes.append((object_type, key, "update", payload, payload_hash))
    return changes


def _rows(
    connection: duckdb.DuckDBPyConnection,
    mart: str,
    fields: dict[str, str],
    changes: list[Change],
) -> Rows:
    """Read the rows of a mart that are to be sent, with the columns named as asked."""
    columns = {
        name: kind for name, kind, *_ in connection.execute(f"describe marts.{mart}").fetchall()
    }
    wanted = [*HEAD, *(name for name in columns if name in fields), *TAIL]
    operations = {key: operation for _, key, operation, *_ in changes}
    found = connection.execute(
        f"select {', '.join(quoted(name) for name in wanted)} from marts.{mart} order by key"
    ).fetchall()
    names = [(fields.get(name, name), columns[name]) for name in wanted]
    return names, [
        (row[0], operations[row[0]], _named(row[2], fields), *row[3:])
        for row in found
        if row[0] in operations
    ]


def _named(listed: str | None, fields: dict[str, str]) -> str | None:
    if listed is None:
        return None
    return ", ".join(fields.get(name, name) for name in listed.split(", "))


def _alerts(connection: duckdb.DuckDBPyConnection) -> Rows:
    """Read the pressing triggers of the as-of date, of accounts in the queue."""
    query = (
        "select sales_triggers.trigger_id, sales_triggers.account_id, sales_triggers.user_id, "
        "sales_triggers.trigger, sales_triggers.priority, sales_triggers.evidence, "
        "sales_triggers.triggered_on, sales_queue.owner_id, sales_queue.due_by, "
        "sales_queue.contact_email, sales_queue.opening_line "
        "from marts.sales_triggers inner join marts.sales_queue "
        "on sales_triggers.account_id = sales_queue.account_id "
        "where sales_triggers.triggered_on = sales_queue.as_of_date "
        "and sales_triggers.priority != 'low' order by sales_triggers.trigger_id"
    )
    columns = [
        (name, kind) for name, kind, *_ in connection.execute(f"describe {query}").fetchall()
    ]
    return columns, connection.execute(query).fetchall()


def _write(
    scratch: duckdb.DuckDBPyConnection,
    path: Path,
    kind: Format,
    columns: list[tuple[str, str]],
    rows: list[tuple[Any, ...]],
) -> None:
    """Write a file whole or not at all."""
    options = {
        "csv": "format csv, header",
        "jsonl": "format json, array false",
        "parquet": "format parquet",
    }
    fresh = path.with_name(f".{path.name}.new")
    make_table(scratch, "sent", dict(columns), rows)
    try:
        scratch.execute(f"copy sent to {literal(fresh)} ({options[kind]})")
        os.replace(fresh, path)
    except (duckdb.Error, OSError) as error:
        fresh.unlink(missing_ok=True)
        raise InputError(
            f"cannot be written ({str(error).splitlines()[0]})",
            str(path),
            "make room or give another --to",
        ) from error


def _acknowledge(
    store: Store,
    state: dict[crm_state.Key, crm_state.Acknowledged],
    changes: list[Change],
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Remember that the CRM has what was written."""
    at = now().replace(tzinfo=None, microsecond=0)
    for object_type, key, operation, payload, payload_hash in changes:
        if operation == "clear":
            state.pop((object_type, key), None)
        else:
            assert payload is not None and payload_hash is not None
            state[object_type, key] = crm_state.Acknowledged(payload, payload_hash, at)
    crm_state.write(store.crm_state, state)
