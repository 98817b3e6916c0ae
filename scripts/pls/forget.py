"""`pls forget`: erase a person from everything the project keeps, then build anew.

DuckDB and Parquet files keep the bytes of removed rows, so nothing is removed from them: files
are written anew without the person, and databases are made anew from those.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import zstandard

from pls import crm_state, tombstones
from pls.build import BuildRequest, build, find_raw
from pls.console import Reporter
from pls.contract import read_contract
from pls.errors import InputError
from pls.lock import hold
from pls.paths import Project, Store, write_whole
from pls.raw import file_format, find_files, open_raw
from pls.report import MARKER
from pls.sql import literal, quoted
from pls.state import read_state
from pls.tombstones import IDENTIFIERS, PERSONAL

FORGOTTEN = "(forgotten)"
"""What stands where the address stood in somebody else's words."""

CHUNK = 1 << 20
"""Bytes read at a time when files are searched."""


@dataclass
class Person:
    """Whom to forget.

    Attributes:
        email: The address, in lower case.
        user_ids: The users with that address.
        anonymous_ids: Browsers and devices that only these users were known by.
    """

    email: str
    user_ids: set[str] = field(default_factory=set)
    anonymous_ids: set[str] = field(default_factory=set)

    def of(self, kind: str) -> set[str]:
        """Give the identifiers of a kind.

        Args:
            kind: email, user_id or anonymous_id.

        Returns:
            The identifiers.
        """
        return {
            "email": {self.email},
            "user_id": self.user_ids,
            "anonymous_id": self.anonymous_ids,
        }[kind]


@dataclass
class Removed:
    """What was taken out of raw files."""

    files: int = 0
    rows: int = 0
    cells: int = 0


def forget(
    project: Project,
    store: Store,
    raw_dir: Path | None,
    email: str,
    reporter: Reporter,
    verbose: bool = False,
) -> dict[str, Any]:
    """Erase a person and keep the person out.

    Killed at any moment, running it again ends it: the tombstone is set first, and each step
    finds what is left.

    Args:
        project: The project.
        store: Where the marts are published.
        raw_dir: The raw folder; None for the project's.
        email: The person's address.
        reporter: Told how far it is.
        verbose: Whether to say everything dbt says.

    Returns:
        How many users, rows, files and mentions elsewhere were erased.

    Raises:
        InputError: The address is none, a seed names it, or a file still holds it after all.
        LockHeld: A build is running.
    """
    address = email.strip().lower()
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", address):
        raise InputError("is no address", "--email", "give it whole, such as ann@acme.com")
    if store.lake:
        raise InputError(
            "what is published to a lake is not under the project's hand alone",
            "forget",
            "forget with --target dev, then publish to the lake and expire its snapshots",
        )
    folder = find_raw(project, raw_dir)
    _check_seeds(project, address)
    removed = Removed()
    with hold(store.lock):
        reporter.step(f"looking for the person in {folder}")
        person = _find(project, store, folder, address)
        stones = tombstones.read(store.tombstones)
        for kind in ("email", "user_id", "anonymous_id"):
            stones.add(kind, person.of(kind))
        stones.write(store.tombstones)
        reporter.step("writing raw files anew")
        contract = read_contract(project.root)
        for table, files in find_files(folder, contract).items():
            for path in files.files:
                _rewrite(path, table, person, removed)
        _clean_crm_state(store, person)
        _clean_ledger(store, person)
        before = read_state(store.state)
        _remove_databases(store)
    variables = {k: v for k, v in before.variables.items() if v not in (None, "")}
    request = BuildRequest(
        project=project,
        store=store,
        raw_dir=folder,
        full_refresh=True,
        variables=json.dumps(variables, default=str) if variables else None,
        verbose=verbose,
    )
    given, sys.argv = sys.argv, ["pls", "forget"]  # dbt writes the command line down
    try:
        build(request, reporter)
    finally:
        sys.argv = given
    _remove_old_twins(store)
    left = [path for path in _kept_files(store, folder) if _holds(path, address)]
    if left:
        raise InputError(
            f"still holds the address, as do {len(left) - 1} other files"
            if len(left) > 1
            else "still holds the address",
            str(left[0]),
            "it is not a file that pls writes or reads: erase it there by hand",
        )
    return {
        "users": len(person.user_ids),
        "rows_removed": removed.rows,
        "files": removed.files,
        "cells_cleared": removed.cells,
    }


def _check_seeds(project: Project, address: str) -> None:
    """Refuse while a seed names the person: seeds are the analyst's, and kept in versions."""
    for path in sorted((project.root / "seeds").glob("*.csv")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if address in line.lower():
                raise InputError(
                    "names the address", f"{path}, line {number}", "remove the row, then run again"
                )


def _find(project: Project, store: Store, folder: Path, address: str) -> Person:
    """Find by which ids the person is known, in the raw files and in what was built."""
    person = Person(address)
    files = find_files(folder, ("users",))
    with duckdb.connect() as connection:
        for path in files["users"].files if "users" in files else ():
            for record in _records(connection, path):
                if str(record.get("email") or "").strip().lower() == address:
                    user_id = str(record.get("user_id") or "").strip()
                    person.user_ids |= {user_id} if user_id else set()
    for database in (store.work, store.db):
        if database.exists():
            try:
                with duckdb.connect(str(database), read_only=True) as connection:
                    found = connection.execute(
                        "select user_id from marts.users where email = ?", [address]
                    ).fetchall()
                    person.user_ids |= {str(user_id) for (user_id,) in found}
            except duckdb.Error:
                continue  # broken or half built: it is removed in any case
    if store.work.exists() and person.user_ids:
        try:
            with duckdb.connect(str(store.work), read_only=True) as connection:
                found = connection.execute(
                    "select anonymous_id from intermediate.int_anonymous_id_owners "
                    "group by anonymous_id "
                    "having bool_and(user_id in (select unnest($1::varchar[])))",
                    [sorted(person.user_ids)],
                ).fetchall()
                person.anonymous_ids |= {str(each) for (each,) in found}
        except duckdb.Error:
            pass  # events without a user_id are then only anonymous
    return person


def _records(connection: duckdb.DuckDBPyConnection, path: Path) -> Iterator[dict[str, Any]]:
    """Read a raw file row by row, with lower-case names."""
    if file_format(path) == "parquet":
        result = connection.execute(f"from read_parquet({literal(path)})")
        names = [column[0].lower() for column in result.description]
        while batch := result.fetchmany(10_000):
            for row in batch:
                yield dict(zip(names, row, strict=True))
        return
    with open_raw(path) as stream:
        text = (line.decode("utf-8-sig" if n == 0 else "utf-8") for n, line in enumerate(stream))
        if file_format(path).startswith("csv"):
            for record in csv.DictReader(text):
                yield {str(k).strip().lower(): v for k, v in record.items()}
        else:
            for line in text:
                if line.strip():
                    yield {str(k).lower(): v for k, v in json.loads(line).items()}


def _writer(path: Path, like: Path) -> Any:
    if like.name.endswith(".gz"):
        return gzip.open(path, "wb")
    if like.name.endswith(".zst"):
        return zstandard.ZstdCompressor().stream_writer(path.open("wb"), closefd=True)
    return path.open("wb")


def _rewrite(path: Path, table: str, person: Person, removed: Removed) -> None:
    """Write a raw file anew without the person; one that does not name the person stays."""
    fresh = path.with_name(f".{path.name}.new")
    kind = file_format(path).split(".")[0]
    rewrite: Callable[[Path, Path, str, Person], tuple[int, int]] = {
        "parquet": _rewrite_parquet,
        "csv": _rewrite_csv,
        "jsonl": _rewrite_jsonl,
    }[kind]
    try:
        rows, cells = rewrite(path, fresh, table, person)
        if rows or cells:
            shutil.copymode(path, fresh)
            os.replace(fresh, path)
            removed.files += 1
            removed.rows += rows
            removed.cells += cells
    except (OSError, duckdb.Error) as error:
        raise InputError(
            f"cannot be written anew ({str(error).splitlines()[0]})",
            str(path),
            "make room and make it writable, then run this again",
        ) from error
    finally:
        fresh.unlink(missing_ok=True)


def _rewrite_parquet(path: Path, fresh: Path, table: str, person: Person) -> tuple[int, int]:
    with duckdb.connect() as connection:
        source = f"read_parquet({literal(path)}, hive_partitioning = false)"
        columns = {
            str(name): str(kind)
            for name, kind, *_ in connection.execute(f"describe from {source}").fetchall()
        }
        mentions = f"%{_like(person.email)}%"
        is_about, kept, touched = [], [], []
        for name, kind in columns.items():
            column = quoted(name)
            named_by = IDENTIFIERS.get(name.lower())
            if named_by and name.lower() in PERSONAL.get(table, ()):
                is_about.append(_names(column, person.of(named_by), named_by))
                kept.append(column)
            elif named_by:
                condition = _names(column, person.of(named_by), named_by)
                kept.append(f"case when not {condition} then {column} end as {column}")
                touched.append(condition)
            elif kind == "VARCHAR":
                condition = f"coalesce({column} ilike {literal(mentions)} escape '\\', false)"
                pattern = literal(re.escape(person.email))
                kept.append(
                    f"case when {condition} then regexp_replace({column}, {pattern}, "
                    f"{literal(FORGOTTEN)}, 'gi') else {column} end as {column}"
                )
                touched.append(condition)
            else:
                kept.append(column)
        about = " or ".join(is_about) or "false"
        cells = " + ".join(f"{condition}::integer" for condition in touched) or "0"
        rows, changed = connection.execute(
            f"select count(*) filter ({about}), "
            f"coalesce(sum({cells}) filter (not ({about})), 0) from {source}"
        ).fetchall()[0]
        if rows or changed:
            connection.execute("set preserve_insertion_order = true")
            connection.execute(
                f"copy (select {', '.join(kept)} from {source} where not ({about})) "
                f"to {literal(fresh)} (format parquet, compression zstd)"
            )
        return int(rows), int(changed)


def _names(column: str, values: set[str], kind: str) -> str:
    """Write the condition that a column names the person."""
    if not values:
        return "false"
    text = f"trim({column}::varchar)"
    text = f"lower({text})" if kind == "email" else text
    listed = ", ".join(literal(value) for value in sorted(values))
    return f"coalesce({text} in ({listed}), false)"


def _like(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text)


def _rewrite_csv(path: Path, fresh: Path, table: str, person: Person) -> tuple[int, int]:
    rows = cells = 0
    with open_raw(path) as stream, _writer(fresh, path) as target:
        text = (line.decode("utf-8-sig" if n == 0 else "utf-8") for n, line in enumerate(stream))
        reader = csv.reader(text)
        header = next(reader, None)
        if header is None:
            return 0, 0
        names = [name.strip().lower() for name in header]
        target.write(_csv_line(header))
        for record in reader:
            named = dict(zip(names, record, strict=False))
            if _is_about(named, table, person):
                rows += 1
                continue
            for position, (name, value) in enumerate(zip(names, record, strict=False)):
                cleared = _cleared(name, value, person, "")
                if cleared != value:
                    record[position] = str(cleared)
                    cells += 1
            target.write(_csv_line(record))
    return rows, cells


def _csv_line(record: list[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(record)
    return line.getvalue().encode()


def _rewrite_jsonl(path: Path, fresh: Path, table: str, person: Person) -> tuple[int, int]:
    rows = cells = 0
    with open_raw(path) as stream, _writer(fresh, path) as target:
        for number, line in enumerate(stream):
            text = line.decode("utf-8-sig" if number == 0 else "utf-8")
            if not text.strip():
                continue
            record = json.loads(text)
            if _is_about({k.lower(): v for k, v in record.items()}, table, person):
                rows += 1
                continue
            changed = {k: _cleared(k.lower(), v, person, None) for k, v in record.items()}
            count = sum(changed[k] != v for k, v in record.items())
            cells += count
            target.write(
                (json.dumps(changed, ensure_ascii=False) + "\n").encode() if count else line
            )
    return rows, cells


def _is_about(record: dict[str, Any], table: str, person: Person) -> bool:
    return any(
        _value(record.get(column), IDENTIFIERS[column]) in person.of(IDENTIFIERS[column])
        for column in PERSONAL.get(table, ())
    )


def _value(value: Any, kind: str) -> str:
    text = str(value if value is not None else "").strip()
    return text.lower() if kind == "email" else text


def _cleared(name: str, value: Any, person: Person, empty: Any) -> Any:
    """Give a value without the person."""
    kind = IDENTIFIERS.get(name)
    if kind is not None:
        return empty if value and _value(value, kind) in person.of(kind) else value
    if isinstance(value, str):
        if person.email not in value.lower():
            return value
        return re.sub(re.escape(person.email), FORGOTTEN, value, flags=re.IGNORECASE)
    if isinstance(value, (dict, list)) and person.email in json.dumps(value).lower():
        text = json.dumps(value, ensure_ascii=False)
        return json.loads(re.sub(re.escape(person.email), FORGOTTEN, text, flags=re.IGNORECASE))
    return value


def _clean_crm_state(store: Store, person: Person) -> None:
    """Keep that the CRM has the contact, so that it is told to clear it, and nothing of it."""
    state = crm_state.read(store.crm_state)
    for (object_type, key), held in state.items():
        payload = held.payload
        if object_type == "contact" and key in person.user_ids:
            payload = "{}"
        elif person.email in payload.lower():
            payload = re.sub(re.escape(person.email), FORGOTTEN, payload, flags=re.IGNORECASE)
        if payload != held.payload:
            state[object_type, key] = crm_state.Acknowledged(payload, held.payload_hash, held.at)
    if state:
        crm_state.write(store.crm_state, state)


def _clean_ledger(store: Store, person: Person) -> None:
    """Drop what was sent about the person."""
    if not store.ledger.exists():
        return
    kept = []
    for line in store.ledger.read_text(encoding="utf-8").splitlines():
        try:
            user_id = json.loads(line)["trigger_id"].split("|")[1]
        except (ValueError, KeyError, IndexError, TypeError):
            continue
        if user_id not in person.user_ids and person.email not in line.lower():
            kept.append(line + "\n")
    write_whole(store.ledger, "".join(kept))


def _remove_databases(store: Store) -> None:
    """Remove what is made anew, with the bytes of what was removed from it long ago.

    What is published stays until the new is there, and goes with it.
    """
    for path in (store.work, store.work.with_suffix(".broken"), Path(f"{store.work}.wal")):
        path.unlink(missing_ok=True)
    for folder in (store.spill, store.spark):
        shutil.rmtree(folder, ignore_errors=True)
    if (store.report / MARKER).exists():
        shutil.rmtree(store.report)
    # What dbt made of the project's own texts saves reading them again.
    for path in store.target.glob("*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif path.name != "partial_parse.msgpack":
            path.unlink()


def _remove_old_twins(store: Store) -> None:
    """Remove what was published before, which readers that are at work are given otherwise."""
    now = store.twin.resolve()
    for path in store.twin_versions.glob(f"{store.db.stem}.*"):
        if path != now:
            shutil.rmtree(path, ignore_errors=True)


def _kept_files(store: Store, raw_dir: Path) -> Iterator[Path]:
    """Give every file the project keeps: beside the published one, and the raw ones."""
    for folder in {store.folder, raw_dir}:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield path


def _holds(path: Path, address: str) -> bool:
    """Search a file for the address, in any case of letters."""
    wanted = address.encode()
    rest = b""
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            if wanted in (rest + chunk).lower():
                return True
            rest = chunk[-len(wanted) :]
    return False
