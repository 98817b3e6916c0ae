"""Names and texts as DuckDB SQL reads them."""

from __future__ import annotations

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
) -> None:
    """Make a table of rows.

    Args:
        connection: Where to make it.
        table: Its name; a table of that name is replaced.
        columns: The types by name.
        rows: Values in the order of the columns.
    """
    listed = ", ".join(f"{quoted(name)} {kind}" for name, kind in columns.items())
    connection.execute(f"create or replace table {table} ({listed})")
    relation_of(connection, columns, rows).insert_into(table)


def relation_of(
    connection: duckdb.DuckDBPyConnection,
    columns: Mapping[str, str],
    rows: Sequence[Sequence[Any]],
) -> duckdb.DuckDBPyRelation:
    """Make a relation of rows, column by column: row by row would take a statement each.

    Args:
        connection: Where to make it.
        columns: The types by name.
        rows: Values in the order of the columns.

    Returns:
        The relation.
    """
    lists = ", ".join(f"unnest(?::{kind}[]) as {quoted(name)}" for name, kind in columns.items())
    values = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in columns]
    return connection.sql(f"select {lists}", params=values)
