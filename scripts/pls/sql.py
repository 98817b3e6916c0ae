"""Names and texts as DuckDB SQL reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb


def quoted(name: str) -> str:
    """Quote an identifier.

    Args:
        name: Any name.

    Returns:
        The name in double quotes.
    """
    return '"' + name.replace('"', '""') + '"'


def literal(value: object) -> str:
    """Quote a text.

    Args:
        value: Any text.

    Returns:
        The text in single quotes.
    """
    return "'" + str(value).replace("'", "''") + "'"


def make_table(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: Mapping[str, str],
    rows: Sequence[Sequence[Any]],
    *,
    temporary: bool = False,
) -> None:
    """Make a table of rows, column by column: row by row would take a statement each.

    A column goes over as one text of JSON. Of a list, DuckDB's client would ask for pandas at
    every value, and where it is not installed Python looks for it on the whole path each time.

    Args:
        connection: Where to make it.
        table: Its name; a table of that name is replaced.
        columns: The types by name.
        rows: Values in the order of the columns.
        temporary: Whether it is gone with the connection.
    """
    listed = ", ".join(f"{quoted(name)} {kind}" for name, kind in columns.items())
    kind_of_table = "temporary table" if temporary else "table"
    connection.execute(f"create or replace {kind_of_table} {table} ({listed})")
    if rows:
        lists = ", ".join(
            f"unnest(from_json(?::json, '[\"varchar\"]')::{kind}[])" for kind in columns.values()
        )
        connection.execute(
            f"insert into {table} select {lists}",
            [json.dumps(values, default=str) for values in zip(*rows, strict=True)],
        )
