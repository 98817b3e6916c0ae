"""Reading what is published, a file or a lake."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb

from pls.errors import InputError
from pls.lake import NoLake, has_marts, open_lake
from pls.paths import Store

Row = dict[str, Any]


class NothingPublished(InputError):
    """There is nothing to read yet."""


@contextmanager
def open_published(store: Store) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open what is published, read-only.

    Args:
        store: Where it lies.

    Yields:
        The connection; it goes on showing this publication while another one happens.

    Raises:
        NothingPublished: Nothing is published there.
        InputError: It cannot be read.
    """
    try:
        with _open(store) as connection:
            yield connection
    except (duckdb.CatalogException, duckdb.BinderException) as error:  # a mart, a column
        raise InputError(
            f"lacks a mart ({str(error).splitlines()[0]})",
            store.place,
            "run `pls build` with this version of the project",
        ) from error


def _open(store: Store) -> duckdb.DuckDBPyConnection:
    nothing = NothingPublished("nothing is published there yet", store.place, "run `pls build`")
    if store.lake:
        try:
            connection = open_lake(store.lake)
        except NoLake:
            raise nothing from None
        if not has_marts(connection):
            connection.close()
            raise nothing
        return connection
    if not store.db.exists():
        raise nothing
    try:
        return duckdb.connect(str(store.db), read_only=True)
    except duckdb.Error as error:
        raise InputError(
            f"cannot be read ({str(error).splitlines()[0]})",
            str(store.db),
            "close the program that writes to it, or move it away and run `pls build`",
        ) from error


def rows(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    parameters: Sequence[object] | Mapping[str, object] = (),
) -> list[Row]:
    """Run a query.

    Args:
        connection: An open database.
        query: The SQL, with `?`, `$1` or `$name` for parameters.
        parameters: Their values.

    Returns:
        The rows, by column name.
    """
    given = dict(parameters) if isinstance(parameters, Mapping) else list(parameters)
    result = connection.execute(query, given)
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def last_build(connection: duckdb.DuckDBPyConnection) -> Row:
    """Read the last row of the builds mart.

    Args:
        connection: An open database with marts.

    Returns:
        The row.

    Raises:
        InputError: There is none.
    """
    found = rows(connection, "from marts.builds order by built_at desc, build_id limit 1")
    if not found:
        raise InputError("has no build", "marts.builds", "run `pls build`")
    return found[0]
