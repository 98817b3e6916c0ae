"""Publishing: new files beside the old, written whole, then switched by one rename each.

Killed at any moment, the published file is the old one or the new one, never half of one.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pls.errors import InputError, LockHeld
from pls.lake import ALIAS, Lake, attach, check_lake, tables
from pls.paths import Store
from pls.sql import literal, quoted

STORAGE_VERSION = "v1.0.0"
"""The file format, so that DuckDB clients from 1.0 on can read the file."""

ATTEMPTS = 5
"""Times that publishing to a lake is tried when others change it meanwhile."""

_RUN_ID = r"\d{8}T\d{6}Z-\d+"


@dataclass(frozen=True)
class Mart:
    """A table to publish.

    Attributes:
        name: Its name in the schema marts.
        grain: The columns that name a row; the published rows are sorted by them.
    """

    name: str
    grain: tuple[str, ...] = ()


def marts_of(manifest: Any) -> list[Mart]:
    """List the marts of a project.

    Args:
        manifest: dbt's manifest.

    Returns:
        The marts by name.
    """
    return sorted(
        (
            Mart(node.alias, tuple(node.config.meta.get("grain", ())))
            for node in manifest.nodes.values()
            if node.resource_type == "model"
            and node.schema == "marts"
            and node.config.materialized != "ephemeral"
        ),
        key=lambda mart: mart.name,
    )


def check_replaceable(store: Store) -> None:
    """Make sure that publishing will not destroy something else.

    Args:
        store: Where to publish.

    Raises:
        InputError: The file there is no file that pls published, or `marts` is no link; or
            the lake cannot be opened, or its marts are somebody else's.
    """
    if store.lake:
        check_lake(store.lake)
        return
    mend = "move it away or give another --db"
    if store.twin.exists() and not store.twin.is_symlink():
        raise InputError("is not a link that pls made", str(store.twin), mend)
    if not store.db.exists() or store.db.stat().st_size == 0:
        return
    with store.db.open("rb") as stream:
        if stream.read(12)[8:] != b"DUCK":
            raise InputError("is not a DuckDB file", str(store.db), mend)
    try:
        with duckdb.connect(str(store.db), read_only=True) as connection:
            ours = connection.execute(
                "select count(*) from duckdb_tables() "
                "where schema_name = 'marts' and table_name = 'builds'"
            ).fetchall()[0][0]
    except duckdb.Error as error:
        if "set lock" in str(error).lower():
            return
        raise InputError("cannot be read as a DuckDB database", str(store.db), mend) from error
    if not ours:
        raise InputError("is a database that pls did not publish", str(store.db), mend)


def clean_up(store: Store) -> None:
    """Remove what killed builds and comparisons left. Call it under the lock.

    Args:
        store: Where it may lie.
    """
    for path in store.folder.glob(f"{store.db.name}.*.new*"):
        if re.fullmatch(re.escape(store.db.name) + rf"\.{_RUN_ID}\.new(\.wal)?", path.name):
            path.unlink(missing_ok=True)
    for path in store.folder.glob(f".{store.twin.name}.*.new"):
        if re.fullmatch(
            rf"\.{store.twin.name}\.{re.escape(store.db.stem)}\.{_RUN_ID}\.new", path.name
        ):
            path.unlink(missing_ok=True)
    shutil.rmtree(store.spill, ignore_errors=True)
    shutil.rmtree(store.scratch, ignore_errors=True)
    _prune(store)


def publish(
    store: Store,
    run_id: str,
    marts: Sequence[Mart],
    progress: Callable[[str], None] | None = None,
) -> None:
    """Publish the marts of the working database. Call it under the lock.

    Args:
        store: Where from and where to.
        run_id: Name of this run, for the new files.
        marts: What to publish.
        progress: Told of each mart that is to be written.

    Raises:
        InputError: The disk is full, or a file cannot be written; the old files stay.
    """
    fresh = store.folder / f"{store.db.name}.{run_id}.new"
    version = store.twin_versions / f"{store.db.stem}.{run_id}"
    unfinished = version.with_name(f"{version.name}.new")
    pointer = store.folder / f".{store.twin.name}.{store.db.stem}.{run_id}.new"
    try:
        unfinished.mkdir(parents=True)
        _write(store, fresh, unfinished, marts, progress)
        for path in (fresh, *sorted(unfinished.iterdir()), unfinished):
            _sync(path)
        os.rename(unfinished, version)
        os.symlink(version.relative_to(store.folder), pointer)
        os.replace(fresh, store.db)
        os.replace(pointer, store.twin)
        _sync(store.folder)
    except (OSError, duckdb.Error) as error:
        fresh.unlink(missing_ok=True)
        Path(f"{fresh}.wal").unlink(missing_ok=True)
        shutil.rmtree(unfinished, ignore_errors=True)
        raise disk_error(error, store.folder) from error
    _prune(store)


def publish_to_lake(
    store: Store,
    lake: Lake,
    run_id: str,
    marts: Sequence[Mart],
    progress: Callable[[str], None] | None = None,
) -> None:
    """Publish the marts of the working database to a lake. Call it under the lock.

    One transaction replaces all of them, so that readers see the old ones or the new.

    Args:
        store: Where from.
        lake: Where to.
        run_id: Name of this run, for the lake's history.
        marts: What to publish.
        progress: Told of each mart that is to be written.

    Raises:
        InputError: The lake cannot be written to; the old marts stay.
        LockHeld: Others kept changing the lake meanwhile; the old marts stay.
    """
    for _ in range(ATTEMPTS):
        try:
            with _open_work(store) as connection:
                attach(connection, lake)
                connection.execute("begin")
                connection.execute(f"create schema if not exists {ALIAS}.marts")
                _copy(connection, store, ALIAS, marts, progress)
                for name in set(tables(connection, "marts")) - {mart.name for mart in marts}:
                    connection.execute(f"drop table {ALIAS}.marts.{quoted(name)}")
                connection.execute(f"call {ALIAS}.set_commit_message('pls', 'build {run_id}')")
                connection.execute("commit")
            return
        except duckdb.Error as error:
            # PostgreSQL minds only changes of the same tables, SQLite any change at all.
            if not re.search("transaction conflict|database is locked", str(error), re.IGNORECASE):
                raise lake.error(
                    error, "publishing failed; what was published before is untouched"
                ) from None
    raise LockHeld(
        f"others changed it during each of {ATTEMPTS} attempts to publish",
        lake.name,
        "run this again; where many write, keep the catalog in PostgreSQL",
    )


def disk_error(error: Exception, folder: Path) -> InputError:
    """Say in one line what the disk did not let us do.

    Args:
        error: What the system or DuckDB said.
        folder: The folder written to.

    Returns:
        The error to raise.
    """
    full = getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT)
    if full or re.search(r"no space left|not enough space|disk quota", str(error), re.IGNORECASE):
        return InputError(
            "the disk is full; what was published before is untouched",
            str(folder),
            "make room and build again",
        )
    text = str(error).splitlines()[0] if str(error) else repr(error)
    return InputError(
        f"publishing failed ({text}); what was published before is untouched",
        str(folder),
        "mend it and build again",
    )


def _write(
    store: Store,
    fresh: Path,
    twin: Path,
    marts: Sequence[Mart],
    progress: Callable[[str], None] | None,
) -> None:
    with _open_work(store) as connection:
        connection.execute(
            f"attach {literal(fresh)} as published (storage_version {literal(STORAGE_VERSION)})"
        )
        connection.execute("create schema published.marts")
        _copy(connection, store, "published", marts, progress)
        for mart in marts:
            connection.execute(
                f"copy published.marts.{quoted(mart.name)} "
                f"to {literal(twin / f'{mart.name}.parquet')} (format parquet, compression zstd)"
            )
        connection.execute("checkpoint published")
        connection.execute("detach published")


def _open_work(store: Store) -> duckdb.DuckDBPyConnection:
    """Open a connection that only reads the working database."""
    connection = duckdb.connect(":memory:")
    try:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"set temp_directory = {literal(store.spill)}")
        if os.environ.get("PLS_MEMORY_LIMIT"):
            connection.execute(f"set memory_limit = {literal(os.environ['PLS_MEMORY_LIMIT'])}")
        work = quoted(store.work.stem)
        connection.execute(f"attach {literal(store.work)} as {work} (read_only)")
    except BaseException:
        connection.close()
        raise
    return connection


def _copy(
    connection: duckdb.DuckDBPyConnection,
    store: Store,
    database: str,
    marts: Sequence[Mart],
    progress: Callable[[str], None] | None,
) -> None:
    """Copy marts into the schema marts of an attached database, with their comments."""
    work = quoted(store.work.stem)
    comments = _comments(connection, store.work.stem)
    for mart in marts:
        if progress is not None:
            progress(mart.name)
        name = quoted(mart.name)
        table = f"{database}.marts.{name}"
        source = f"{work}.marts.{name}"
        keys = _sort_keys(connection, source, mart.grain)
        order = f" order by {', '.join(keys)}" if keys else ""
        connection.execute(f"create or replace table {table} as from {source}{order}")
        for column, comment in comments.get(mart.name, ()):
            what = f"column {table}.{quoted(column)}" if column else f"table {table}"
            connection.execute(f"comment on {what} is {literal(comment)}")


def _sort_keys(
    connection: duckdb.DuckDBPyConnection, table: str, grain: Sequence[str]
) -> list[str]:
    """List the columns of a grain that tell rows apart.

    One that is the same in all rows, such as the score model of a history, sorts nothing and
    doubles what sorting takes.
    """
    columns = [quoted(column) for column in grain]
    if len(columns) < 2:
        return columns
    is_one = ", ".join(f"count({c}) = count(*) and min({c}) = max({c})" for c in columns)
    same = connection.execute(f"select {is_one} from {table}").fetchall()[0]
    return [column for column, one in zip(columns, same, strict=True) if not one]


def _comments(
    connection: duckdb.DuckDBPyConnection, database: str
) -> dict[str, list[tuple[str, str]]]:
    """Collect comments by table; the empty column name stands for the table itself."""
    found: dict[str, list[tuple[str, str]]] = {}
    rows = connection.execute(
        "select table_name, '', comment from duckdb_tables() where comment is not null "
        "and database_name = $1 and schema_name = 'marts' union all "
        "select table_name, column_name, comment from duckdb_columns() where comment is not null "
        "and database_name = $1 and schema_name = 'marts'",
        [database],
    ).fetchall()
    for table, column, comment in rows:
        found.setdefault(table, []).append((column, comment))
    return found


def _prune(store: Store) -> None:
    """Keep the Parquet version that is shown and the one before; remove the rest."""
    if not store.twin_versions.is_dir():
        return
    name = re.compile(re.escape(store.db.stem) + rf"\.{_RUN_ID}(\.new)?")
    versions = sorted(p for p in store.twin_versions.iterdir() if name.fullmatch(p.name))
    shown = store.twin.resolve() if store.twin.is_symlink() else None
    finished = [p for p in versions if p.suffix != ".new"]
    before = [p for p in finished if p != shown and (shown is None or p.name < shown.name)]
    keep = {shown, *before[-1:]}
    for path in versions:
        if path not in keep:
            shutil.rmtree(path, ignore_errors=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        with suppress(OSError):
            os.close(descriptor)
