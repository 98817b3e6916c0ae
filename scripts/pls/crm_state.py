"""What the CRM has acknowledged: a small Parquet file beside the working database.

It outlives every database: a working database may be made anew at any time, and what a CRM
holds is known from nowhere else.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from pls.errors import InputError
from pls.paths import CRM_STATE, beside
from pls.sql import literal, make_table

COLUMNS = {
    "object_type": "varchar",
    "object_key": "varchar",
    "payload": "varchar",
    "payload_hash": "varchar",
    "acknowledged_at": "timestamp",
}

Key = tuple[str, str]
"""Kind and key of an object."""


@dataclass(frozen=True)
class Acknowledged:
    """An object as the CRM has it.

    Attributes:
        payload: Its fields, a JSON object of texts.
        payload_hash: MD5 of the payload.
        at: When the CRM acknowledged it (UTC, without a zone).
    """

    payload: str
    payload_hash: str
    at: datetime


def load(connection: duckdb.DuckDBPyConnection) -> None:
    """Show the state beside a working database to dbt, as `reference.crm_acknowledged`.

    Args:
        connection: A writable connection to the working database, which has the schema.

    Raises:
        InputError: The file cannot be read.
    """
    path = beside(connection, CRM_STATE)
    state = read(path) if path else {}
    make_table(connection, "reference.crm_acknowledged", COLUMNS, _rows(state))


def read(path: Path) -> dict[Key, Acknowledged]:
    """Read the state.

    Args:
        path: The file; where there is none, nothing was acknowledged.

    Returns:
        What the CRM has, by kind and key.

    Raises:
        InputError: The file cannot be read.
    """
    if not path.exists():
        return {}
    try:
        with duckdb.connect() as connection:
            rows = connection.execute(
                f"select {', '.join(COLUMNS)} from read_parquet(?)", [str(path)]
            ).fetchall()
    except duckdb.Error as error:
        raise InputError(
            f"cannot be read ({str(error).splitlines()[0]})",
            str(path),
            "restore it from a backup, or remove it: the CRM is then sent everything anew",
        ) from error
    return {(kind, key): Acknowledged(*held) for kind, key, *held in rows}


def write(path: Path, state: Mapping[Key, Acknowledged]) -> None:
    """Write the state whole or not at all.

    Args:
        path: The file.
        state: What the CRM has.
    """
    fresh = path.with_name(f"{path.name}.new")
    with duckdb.connect() as connection:
        make_table(connection, "state", COLUMNS, _rows(state))
        connection.execute(f"copy state to {literal(fresh)} (format parquet)")
    os.replace(fresh, path)


def _rows(state: Mapping[Key, Acknowledged]) -> list[tuple[object, ...]]:
    return [(*key, *astuple(held)) for key, held in sorted(state.items())]
