"""The lake: a DuckLake catalog whose marts many processes read while a build runs.

Its address comes from the environment and goes nowhere else: not into dbt, which prints
its profile, and not into messages. A password must not even stand in it.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path

import duckdb

from pls.errors import InputError
from pls.sql import literal

CATALOG = "PLS_LAKE_CATALOG"
"""Names the catalog: a file (SQLite), or `postgres:` and what libpq connects to."""

DATA = "PLS_LAKE_DATA"
"""Names the folder of the lake's Parquet files."""

RETENTION = "PLS_LAKE_RETENTION_DAYS"
"""Names the days that replaced marts stay readable; 0 keeps them for ever."""

RETENTION_DAYS = 7

ALIAS = "lake"
"""What the catalog is attached as."""

_OTHER_PATH = re.compile(r'existing data path in the catalog "([^"]+)"')

_PASSWORD = re.compile(r"password\s*=|//[^@]*:[^@]*@", re.IGNORECASE)

# What a server or the network answers; other messages of libpq quote the address.
_HARMLESS = re.compile(r"FATAL:\s*([^\n]+)|(connection refused|timeout expired)", re.IGNORECASE)


class NoLake(InputError):
    """There is no lake yet, and none is to be made."""


@dataclass(frozen=True)
class Lake:
    """A DuckLake catalog and the folder of its files.

    Attributes:
        catalog: Where the catalog lies, as DuckLake wants it; not to be printed.
        data: The folder of the Parquet files; None for what the catalog says.
        retention_days: Days that replaced marts stay readable; 0 keeps them for ever.
    """

    catalog: str = field(repr=False)
    data: str | None
    retention_days: int = RETENTION_DAYS

    @property
    def name(self) -> str:
        """The catalog as messages call it, without anything secret."""
        return f"the lake {self.catalog}" if self.file else "the lake (postgres)"

    @property
    def file(self) -> Path | None:
        """The file of a catalog in SQLite; None for PostgreSQL."""
        kind, _, path = self.catalog.partition(":")
        return Path(path) if kind == "sqlite" else None

    def environment(self) -> dict[str, str]:
        """Give the variables by which dbt's plugin finds the same lake."""
        return {CATALOG: self.catalog, DATA: self.data or ""}

    def error(self, error: duckdb.Error, what: str, mend: str = "") -> InputError:
        """Put an error into one line without the catalog's address.

        Args:
            error: What DuckDB said.
            what: What could not be done.
            mend: How to put it right.

        Returns:
            The error to raise, `from None` so that a traceback does not tell more.
        """
        if self.file is not None:
            return InputError(f"{what} ({str(error).splitlines()[0]})", self.name, mend)
        harmless = _HARMLESS.search(str(error))
        if harmless:
            what += f" ({harmless[1] or harmless[2]})"
        elif self.catalog.partition(":")[2] not in str(error):
            what += f" ({' '.join(str(error).splitlines()[-1:])})"
        return InputError(what, self.name, mend)


def find_lake(folder: Path, stem: str) -> Lake:
    """Find the lake that the environment names, or the one beside the published file.

    Args:
        folder: The folder of the published file.
        stem: The name of the published file, without its ending.

    Returns:
        The lake; nothing is created.

    Raises:
        InputError: A variable cannot mean anything.
    """
    catalog = os.environ.get(CATALOG, "").strip().removeprefix("ducklake:")
    if re.match(r"postgres(ql)?://", catalog):
        catalog = f"postgres:{catalog}"
    elif catalog.startswith("duckdb:"):
        raise InputError(
            "a DuckDB file shuts out every reader while it is written to",
            CATALOG,
            "give a file without a prefix, which becomes SQLite, or postgres:",
        )
    elif not catalog.startswith("postgres:"):
        path = catalog.removeprefix("sqlite:")
        catalog = f"sqlite:{_absolute(path or str(folder / f'{stem}_lake.sqlite'))}"
    if catalog.startswith("postgres:") and _PASSWORD.search(catalog):
        raise InputError(
            "holds a password, which DuckDB's messages would repeat",
            CATALOG,
            "give it in PGPASSWORD or in ~/.pgpass",
        )
    data = os.environ.get(DATA, "").strip()
    if not data and not os.environ.get(CATALOG, "").strip():
        data = str(folder / f"{stem}_lake")
    days = os.environ.get(RETENTION, "").strip() or str(RETENTION_DAYS)
    if not re.fullmatch(r"\d{1,5}", days):
        raise InputError(f"{days!r} is no number of days", RETENTION, "give one, such as 7")
    return Lake(catalog, _absolute(data) if data else None, int(days))


def attach(connection: duckdb.DuckDBPyConnection, lake: Lake, *, read_only: bool = False) -> None:
    """Attach the lake under the name `lake`; make it if it is to be written to.

    Args:
        connection: Any connection.
        lake: The lake.
        read_only: Whether it is only to be read.

    Raises:
        NoLake: There is none to read.
        InputError: An extension is not installed, or the catalog cannot be opened.
    """
    nothing = NoLake("there is no lake yet", lake.name, "run `pls build` with this target")
    kind = "postgres_scanner" if lake.file is None else "sqlite_scanner"
    for extension in ("ducklake", kind):
        load_extension(connection, extension)
    options = ["read_only" if read_only else "read_write"]
    if not read_only:
        # Small tables would lie in tables of the catalog, which a reader that was there
        # before them may look for in vain.
        options.append("data_inlining_row_limit 0")
    if lake.data and not read_only:
        options.append(f"data_path {literal(lake.data)}")
    if lake.file is not None:
        if read_only and not lake.file.exists():
            raise nothing
        options.append("meta_busy_timeout 60000")
        if not read_only:
            # Without it a reader in the middle of a transaction makes a commit fail.
            options.append("meta_journal_mode 'wal'")
    try:
        if lake.file is not None and not read_only:
            lake.file.parent.mkdir(parents=True, exist_ok=True)
        connection.execute(
            f"attach if not exists {literal(f'ducklake:{lake.catalog}')} as {ALIAS} "
            f"({', '.join(options)})"
        )
    except OSError as error:
        raise InputError(error.strerror or str(error), lake.name, f"mend {CATALOG}") from error
    except duckdb.Error as error:
        if other := _OTHER_PATH.search(str(error)):
            what = f"its files lie in {other[1]}, not in {lake.data}"
            raise InputError(what, lake.name, f"set {DATA} to that, or leave it out") from None
        if "data_path is not set" in str(error):
            what = "it is new and nothing says where its files go"
            raise InputError(what, lake.name, f"set {DATA} to a folder of its own") from None
        if "creating a new DuckLake is explicitly disabled" in str(error):
            raise nothing from None
        raise lake.error(error, "cannot be opened", f"mend {CATALOG}") from None


def _absolute(path: str) -> str:
    return path if "://" in path else str(Path(path).expanduser().resolve())


def load_extension(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Load an extension from its wheel, so that nothing is fetched or installed at run time.

    Args:
        connection: Any connection.
        name: The extension.

    Raises:
        InputError: It is not installed.
    """
    connection.execute(f"load {literal(_extension(name))}")


def _extension(name: str) -> Path:
    mend = "run `make setup`, or pip install '.[ducklake]'"
    try:
        wheel = Path(str(resources.files(f"duckdb_extension_{name}")))
    except ModuleNotFoundError:
        raise InputError(f"the extension {name} is not installed", "ducklake", mend) from None
    path = wheel / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
    if not path.exists():
        raise InputError(
            f"the extension {name} is not for DuckDB {duckdb.__version__}", "ducklake", mend
        )
    return path


def has_marts(connection: duckdb.DuckDBPyConnection) -> bool:
    """Tell whether marts were published to the attached lake.

    Args:
        connection: A connection with the lake attached.

    Returns:
        Whether its schema marts has a table builds.
    """
    return "builds" in tables(connection, "marts")


def tables(connection: duckdb.DuckDBPyConnection, schema: str) -> list[str]:
    """List the tables of a schema of the attached lake.

    Args:
        connection: A connection with the lake attached.
        schema: The schema, which need not exist.

    Returns:
        Their names, sorted.
    """
    return [
        str(name)
        for (name,) in connection.execute(
            "select table_name from information_schema.tables where table_catalog = ? "
            "and table_schema = ? and table_type = 'BASE TABLE' order by table_name",
            [ALIAS, schema],
        ).fetchall()
    ]


def snapshot(connection: duckdb.DuckDBPyConnection) -> int:
    """Name the newest state of the attached lake.

    Args:
        connection: A connection with the lake attached.

    Returns:
        Its snapshot's id.
    """
    return int(connection.execute(f"from {ALIAS}.current_snapshot()").fetchall()[0][0])


def open_lake(lake: Lake) -> duckdb.DuckDBPyConnection:
    """Open the lake read-only, in one transaction.

    Args:
        lake: The lake.

    Returns:
        The connection; it goes on showing one state of the lake, whatever is published.

    Raises:
        InputError: The catalog cannot be opened.
    """
    connection = duckdb.connect(":memory:")
    try:
        connection.execute("set TimeZone = 'UTC'")
        attach(connection, lake, read_only=True)
        connection.execute(f"use {ALIAS}")
        connection.execute("begin")
    except BaseException:
        connection.close()
        raise
    return connection


def check_lake(lake: Lake) -> None:
    """Make sure that the lake can be written to and that its marts are ours to replace.

    Args:
        lake: The lake; made if it is not there.

    Raises:
        InputError: It cannot be opened, or its schema marts is somebody else's.
    """
    with duckdb.connect(":memory:") as connection:
        attach(connection, lake)
        present = tables(connection, "marts")
    if present and "builds" not in present:
        raise InputError(
            f"its schema marts holds {present[0]}, which pls did not publish",
            lake.name,
            f"move it away or set {CATALOG}",
        )


def remove_old(lake: Lake, now: datetime | None = None) -> None:
    """Forget states of the lake older than the retention, and delete files nobody needs.

    A file goes when the marts it belongs to were forgotten a whole retention ago: whoever
    still reads it has had the time to end.

    Args:
        lake: The lake.
        now: The moment to count from; None for the present.

    Raises:
        InputError: The lake does not let us; what is published is not affected.
    """
    if not lake.retention_days:
        return
    before = (now or datetime.now(UTC)) - timedelta(days=lake.retention_days)
    moment = f"timestamptz {literal(before.isoformat())}"
    try:
        with duckdb.connect(":memory:") as connection:
            attach(connection, lake)
            for verb in ("expire_snapshots", "cleanup_old_files"):
                connection.execute(f"call ducklake_{verb}('{ALIAS}', older_than => {moment})")
    except duckdb.Error as error:
        raise lake.error(error, "old files could not be removed") from None
