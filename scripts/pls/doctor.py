"""`pls doctor`: what is wrong with this set-up, this raw folder and these seeds."""

from __future__ import annotations

import difflib
import os
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import duckdb

from pls import raw, samples
from pls.build import find_raw
from pls.console import rounded
from pls.contract import REQUIRED_TABLES, RawTable, read_contract
from pls.errors import PlsError
from pls.lock import held_by
from pls.paths import Project, Store, find_project, find_store
from pls.published import NothingPublished, last_build, open_published, rows
from pls.seeds import look_at_seeds, read_seed
from pls.state import read_state

LEAST_FREE_BYTES = 1 << 30
"""Free disk space below which doctor warns."""

GREATEST_DROPPED_SHARE = 0.05
"""Share of a table's raw rows in quarantine above which doctor warns."""

GREATEST_SCAN_BYTES = 1 << 29
"""Size of a table's files up to which doctor reads them through."""

STALE_HOURS = 48
"""Age of the last build above which doctor hints."""

Level = Literal["ok", "hint", "warning", "error"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        level: ok, hint, warning or error.
        what: What was found.
        mend: How to put it right; empty when there is nothing to do.
    """

    level: Level
    what: str
    mend: str = ""

    def as_dict(self) -> dict[str, str]:
        """Give the finding for JSON."""
        return asdict(self)


def examine(
    project_dir: Path | None, raw_dir: Path | None, db: Path | None, target: str | None = None
) -> list[Finding]:
    """Look at everything; nothing is changed.

    Args:
        project_dir: What `--project-dir` says, if given.
        raw_dir: What `--raw` says, if given.
        db: What `--db` says, if given.
        target: What `--target` says, if given.

    Returns:
        The findings, in the order in which to mend them.
    """
    findings = [_python()]
    try:
        project = find_project(project_dir)
        store = find_store(project, db, target)
    except PlsError as error:
        return [*findings, _from(error)]
    findings.append(Finding("ok", f"project {project.root}"))
    findings += _packages(project)
    findings += _seeds(project)
    try:
        contract = read_contract(project.root)
        folder = find_raw(project, raw_dir)
        findings += _raw_folder(
            folder, contract, _seed_values(project, "event_catalog", "event_name")
        )
        findings += _routing_seeds(project, folder)
    except PlsError as error:
        findings.append(_from(error))
    findings += _disk(store)
    findings += _state(store)
    findings += _published(project, store)
    return findings


def _from(error: PlsError) -> Finding:
    what = f"{error.where}: {error.what}" if error.where else error.what
    return Finding("error", what, error.mend)


def _python() -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    return Finding("ok", f"Python {version}")


def _packages(project: Project) -> Iterator[Finding]:
    """Compare what is installed with what the project pins."""
    lock = project.root / "requirements.lock"
    try:
        text = lock.read_text(encoding="utf-8")
    except OSError:
        yield Finding("hint", f"{lock} is missing", "restore it, to install what was tested")
        return
    pinned: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)", text, re.MULTILINE):
        pinned.setdefault(name, set()).add(version)
    direct = ("dbt-core", "dbt-duckdb", "duckdb")
    different = []
    for name, wanted in pinned.items():
        try:
            have = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
        if have not in wanted:
            different.append(name)
            if name in direct:
                yield Finding(
                    "warning",
                    f"{name} {have} is installed, {' or '.join(wanted)} was tested",
                    "run `make setup`",
                )
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in direct)
    yield Finding("ok", versions)
    others = [name for name in different if name not in direct]
    if others:
        yield Finding(
            "hint", f"not as in requirements.lock: {', '.join(others)}", "run `make setup`"
        )


def _seeds(project: Project) -> Iterator[Finding]:
    """Say what is wrong with the seed files."""
    seeds = look_at_seeds(project)
    for seed in seeds:
        for error in seed.problems:
            yield _from(error)
        for error in seed.remarks:
            yield Finding("hint", f"{error.where}: {error.what}", error.mend)
    yield Finding(
        "ok",
        f"{sum(not seed.problems for seed in seeds)} seeds readable; "
        "what their rows mean is checked by a build",
    )


def _routing_seeds(project: Project, raw_dir: Path) -> Iterator[Finding]:
    """Say which seeds of routing are empty or still the sample company's."""
    empty = {
        "plans": "accounts are worth nothing: add your plans with their prices",
        "sales_reps": "accounts are queued without an owner: add your reps",
        "onboarding_steps": "no dossier is complete, so nobody is called: add your steps",
        "talk_tracks": "no dossier is complete, so nobody is called: add a row for all signals",
        "routing_rules": "everybody is left to self-serve: restore the rules",
        "crm_fields": "nothing is sent to the CRM: add the fields you want there",
    }
    for name, mend in empty.items():
        if not _seed_rows(project, name):
            yield Finding("hint", f"seeds/{name}.csv has no rows", mend)
    optional = [
        name
        for name in ("suppressions", "competitor_domains", "account_motion_overrides")
        if not _seed_rows(project, name)
    ]
    if optional:
        yield Finding("ok", f"no exceptions to routing in {', '.join(optional)}")
    samples_there = bool(samples.mark(raw_dir))
    reps = _seed_rows(project, "sales_reps")
    if reps and not samples_there and all("@example.com" in row for row in reps):
        yield Finding(
            "hint", "seeds/sales_reps.csv holds the sample company's reps", "put your own there"
        )


def _some(names: list[str], most: int = 3) -> str:
    """Name the first few, and say how many more there are."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _seed_rows(project: Project, name: str) -> list[str]:
    try:
        text = (project.root / "seeds" / f"{name}.csv").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ["unreadable"]  # told elsewhere
    return [line for line in text.splitlines()[1:] if line.strip()]


def _seed_values(project: Project, name: str, column: str) -> list[str]:
    """Read a column of a seed, each value once; what cannot be read is told elsewhere."""
    try:
        return list(dict.fromkeys(row.get(column) or "" for row in read_seed(project, name)))
    except PlsError:
        return []


def _raw_folder(
    folder: Path, contract: dict[str, RawTable], catalog: list[str]
) -> Iterator[Finding]:
    """Look into the raw folder, table by table."""
    absent = []
    for name, table in contract.items():
        try:
            files = raw.find_files(folder, [name]).get(name)
        except PlsError as error:
            yield _from(error)
            continue
        if files is None:
            absent.append(name)
            if name in REQUIRED_TABLES:
                yield Finding(
                    "error",
                    f"{folder}: no file for the required table {name}",
                    f"put {name}.parquet, .csv or .jsonl there",
                )
            continue
        try:
            with duckdb.connect(":memory:") as connection:
                yield from _raw_table(connection, table, files, catalog)
        except PlsError as error:
            yield _from(error)
    optional = [name for name in absent if name not in REQUIRED_TABLES]
    if optional:
        yield Finding(
            "hint",
            f"absent tables: {', '.join(optional)}",
            "signals that need them never fire; add them when you have them",
        )
    for path in sorted(folder.iterdir()):
        name = path.name.split(".")[0]
        if path.name.startswith((".", "_")) or name in contract:
            if name in contract and path.is_file() and not raw.file_format(path):
                yield Finding(
                    "warning",
                    f"{path} is not read: not a kind of file we know",
                    f"use one of {', '.join(raw.FORMATS)}",
                )
            continue
        near = difflib.get_close_matches(name, list(contract), 1)
        mend = f"did you mean {near[0]}?" if near else f"tables are {', '.join(contract)}"
        yield Finding("warning", f"{path} is not read: no such table", mend)


def _raw_table(
    connection: duckdb.DuckDBPyConnection,
    table: RawTable,
    files: raw.RawFiles,
    catalog: list[str],
) -> Iterator[Finding]:
    kinds = sorted({raw.file_format(path) for path in files.files})
    size = sum(path.stat().st_size for path in files.files)
    for path in files.files:
        if not os.access(path, os.R_OK):
            yield Finding("error", f"{path} cannot be read", "make it readable")
            return
    text = f"{table.name}: {len(files.files)} {'/'.join(kinds)}, {size / 1e6:,.1f} MB"
    seen: set[str] | None = None
    names = ", list(distinct trim(event_name::varchar))" if table.name == "events" else ""
    # The build's own reader, so that doctor and build never disagree.
    with TemporaryDirectory(prefix="pls_") as scratch:
        select, _ = raw.select_of(connection, table, files, Path(scratch))
        if size <= GREATEST_SCAN_BYTES:
            try:
                # Hashing reads every value, where counting would read the footer only.
                [found] = connection.execute(
                    f"select count(*), bit_xor(hash(columns(*))){names} from ({select})"
                ).fetchall()
                text += f", {found[0]:,} rows"
                seen = set(found[-1] or ()) if names else None
            except duckdb.Error as error:
                raise raw.malformed(str(error), files.files[0]) from error
    yield Finding("ok", text)
    unseen = [] if seen is None else [name for name in catalog if name not in seen]
    if unseen:
        yield Finding(
            "hint",
            f"seeds/event_catalog.csv: {len(unseen)} of {len(catalog)} event names never occur in "
            f"the events here: {_some(unseen)}",
            "check the spelling if they should",
        )


def _disk(store: Store) -> Iterator[Finding]:
    folder = next(p for p in (store.folder, *store.folder.parents) if p.exists())
    free = shutil.disk_usage(folder).free
    text = f"{free / 1e9:,.1f} GB free at {folder}"
    if not os.access(folder, os.W_OK):
        yield Finding("error", f"{folder} is not writable", "make it writable or give --db")
    if free < LEAST_FREE_BYTES:
        yield Finding("warning", text, "make room: a build needs about its raw data's size")
    else:
        yield Finding("ok", text)


def _state(store: Store) -> Iterator[Finding]:
    holder = held_by(store.lock)
    if holder is not None:
        yield Finding("hint", f"a build is running (pid {holder.pid}, since {holder.since})")
        return
    state = read_state(store.state)
    advice = {
        "building": ("warning", "was killed", "run `pls build`; it begins where it must"),
        "failed": ("warning", "failed", "run `pls build` to see why"),
        "damaged": ("warning", "found a damaged file", "run `pls build`; it begins anew"),
        "partial": ("hint", "was partial and not published", "run `pls build`"),
    }
    if state.status in advice:
        level, what, mend = advice[state.status]
        yield Finding(
            "warning" if level == "warning" else "hint",
            f"the last build ({state.started_at}) {what}",
            mend,
        )


def _published(project: Project, store: Store) -> Iterator[Finding]:
    """Look at what the last published build says of itself."""
    try:
        with open_published(store) as connection:
            yield from _last_build(connection)
            yield from _marts(connection)
            yield from _exceptions(project, connection)
    except NothingPublished:
        yield Finding("hint", f"nothing is published at {store.place}", "run `pls build`")
    except PlsError as error:
        yield _from(error)


def _last_build(connection: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    build = last_build(connection)
    built_at: datetime = build["built_at"]
    now = datetime.now(UTC)
    if built_at.tzinfo is None:
        built_at = built_at.replace(tzinfo=UTC)
    hours = (now - built_at).total_seconds() / 3600
    text = f"last build {hours:,.0f} hours ago, as of {build['as_of_date']}"
    if hours > STALE_HOURS:
        yield Finding("hint", text, "schedule `pls build`")
    else:
        yield Finding("ok", text)


def _exceptions(project: Project, connection: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """Name the exceptions to routing that are about nobody who is known."""
    for name in ("suppressions", "account_motion_overrides"):
        wanted = _seed_values(project, name, "account_id")
        unknown = [
            str(row["account_id"])
            for row in rows(
                connection,
                "select unnest($1::text[]) as account_id except "
                "select account_id from marts.accounts order by 1",
                [wanted],
            )
        ]
        if unknown:
            yield Finding(
                "hint",
                f"seeds/{name}.csv: {len(unknown)} of {len(wanted)} accounts are not there: "
                f"{_some(unknown)}",
                "check the spelling if they should be",
            )


def _marts(connection: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    present = {
        row["table_name"]
        for row in rows(
            connection, "select table_name from duckdb_tables() where schema_name = 'marts'"
        )
    }
    if "seed_problems" in present:
        for row in rows(connection, "from marts.seed_problems order by all"):
            yield Finding(
                "error",
                f"seeds/{row['seed']}.csv: row {row['row_name']}: {row['problem']}",
                row["mend"],
            )
    if "sales_queue" in present:
        lonely = rows(
            connection,
            "select count(*) as n from marts.sales_queue where status = 'no_rep'",
        )[0]["n"]
        if lonely:
            yield Finding(
                "hint",
                f"{lonely:,} accounts of the queue are covered by no rep",
                "add segments or regions to seeds/sales_reps.csv",
            )
    if "quarantine" in present and "source_coverage" in present:
        dropped = [
            f"{rounded(row['dropped_rows'] / row['raw_rows'], '.0%')} of {row['raw_rows']:,} "
            f"{row['table']}"
            for row in rows(
                connection,
                "select source_table as table, raw_rows, dropped_rows from marts.source_coverage "
                "where dropped_rows > raw_rows * ? order by source_table",
                [GREATEST_DROPPED_SHARE],
            )
        ]
        if dropped:
            yield Finding(
                "warning",
                f"raw rows were dropped: {', '.join(dropped)}",
                "see reason and column_name in the mart quarantine",
            )
    if "unmapped_events" in present:
        unmapped = rows(
            connection,
            "select event_name from marts.unmapped_events order by event_count desc, event_name",
        )
        if unmapped:
            names = _some([str(row["event_name"]) for row in unmapped])
            yield Finding(
                "hint",
                f"{len(unmapped)} event names mean nothing to the catalog: {names}",
                "add them to seeds/event_catalog.csv",
            )
