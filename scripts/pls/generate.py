"""A small honest sample company: thirteen raw tables with a planted truth.

The company sells a dashboard product to teams. Its accounts follow archetypes (a team that
is ready for a contract, a hobbyist, a customer who leaves ...), so that what the scores
should say is known beforehand and stands in ``demo_truth.csv`` beside the raw folder.

Accounts, people and their stories are planned in Python, one random generator per account.
Events are made in DuckDB, day by day, by hashing (seed, person, day, number): the same
arguments give the same rows whatever the number of threads, and memory does not grow with
the number of days. There is no clock: the last day is an argument.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import duckdb

from pls.errors import InputError
from pls.sample_company import Progress
from pls.sample_company.archetypes import ARCHETYPES
from pls.sample_company.company import plan_company
from pls.sample_company.events import load_plans, write_events
from pls.sample_company.meters import write_usage_meters
from pls.sample_company.plans import Writer
from pls.sample_company.tables import write_parquet_tables
from pls.sql import literal

__all__ = ["ARCHETYPES", "GeneratedCompany", "generate"]

MINIMUM_ACCOUNTS = 20
MINIMUM_DAYS = 60
TRUTH_FILE = "demo_truth.csv"


@dataclass(frozen=True)
class GeneratedCompany:
    """What was written.

    Attributes:
        raw_folder: The folder with the thirteen raw tables.
        truth_file: The planted truth, one row per account.
        first_day: The first day with events.
        last_day: The last day with events.
        accounts: Number of accounts that use the product, our own staff not counted.
        users: Number of people, our own staff and flawed rows not counted.
        rows: Rows per raw table, flawed rows and duplicates counted.
    """

    raw_folder: Path
    truth_file: Path
    first_day: date
    last_day: date
    accounts: int
    users: int
    rows: Mapping[str, int]


def _check_arguments(out: Path, events: int, accounts: int, days: int) -> None:
    """Refuse what cannot be generated.

    Raises:
        InputError: A number is too small, or ``out`` already holds something.
    """
    if accounts < MINIMUM_ACCOUNTS:
        raise InputError(
            f"{accounts} is fewer than {MINIMUM_ACCOUNTS} accounts",
            "accounts",
            "ask for as many: each kind of account that is planted needs some",
        )
    if days < MINIMUM_DAYS:
        raise InputError(
            f"{days} is fewer than {MINIMUM_DAYS} days",
            "days",
            "ask for as many: trends are planted over weeks",
        )
    if events < 0:
        raise InputError("the number of events is negative", "events", "give 0 or more")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError("there is something already", str(out), "name a new or an empty folder")


def generate(
    out: Path,
    *,
    events: int = 200_000,
    accounts: int = 300,
    days: int = 240,
    seed: int = 7,
    last_day: date = date(2026, 6, 30),
    on_progress: Progress | None = None,
) -> GeneratedCompany:
    """Write a sample company's thirteen raw tables and, beside them, the planted truth.

    The folder appears whole at the end; until then the work is done in ``<out>.partial``.
    Every event lies in the partition of the day on which it happened, late ones too.

    Args:
        out: The raw folder; must not exist or be empty.
        events: About how many events in all; never fewer than the stories need (about ten
            a user).
        accounts: How many accounts use the product, at least 20; about eight users each.
        days: How many days of events, at least 60.
        seed: Another seed gives another company.
        last_day: The last day with events.
        on_progress: Called with one line of text now and then.

    Returns:
        The counts and paths.

    Raises:
        InputError: A number is too small, ``out`` is not empty, or the disk is full.
    """
    out = out.resolve()
    _check_arguments(out, events, accounts, days)
    partial = out.with_name(out.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        company = _generate_into(
            partial, events, accounts, days, seed, last_day, on_progress or (lambda _: None)
        )
        truth_file = out.parent / TRUTH_FILE
        company.truth_file.replace(truth_file)
        if out.exists():
            out.rmdir()
        company.raw_folder.replace(out)
    except duckdb.IOException as error:
        raise InputError(f"cannot be written ({error})", str(out), "make room") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return replace(company, raw_folder=out, truth_file=truth_file)


def _generate_into(
    folder: Path,
    events: int,
    accounts: int,
    days: int,
    seed: int,
    last_day: date,
    on_progress: Progress,
) -> GeneratedCompany:
    """Write the raw tables to ``folder/raw`` and the truth to ``folder/work``.

    Args:
        folder: A folder that does not exist.
        events: Wanted number of events.
        accounts: Number of accounts.
        days: Number of days.
        seed: The seed.
        last_day: The last day.
        on_progress: Called with one line of text now and then.

    Returns:
        The counts, with the paths inside the folder.
    """
    first_day = last_day - timedelta(days=days - 1)
    raw, work = folder / "raw", folder / "work"
    raw.mkdir(parents=True)
    work.mkdir()

    on_progress(f"planning {accounts:,} accounts")
    writer = Writer(work, raw, first_day, days)
    plan_company(writer, work / TRUTH_FILE, accounts, seed, on_progress)
    writer.close()
    rows = {name: table.rows for name, table in writer.tables.items()}

    with duckdb.connect() as con:
        con.execute(f"set temp_directory = {literal(work / 'spill')}")
        write_parquet_tables(con, work, raw)
        rows["usage_meters"] = write_usage_meters(
            con, work, raw / "usage_meters", first_day, days, seed
        )
        load_plans(con, work, first_day, days, seed)
        rows["events"] = write_events(
            con, raw / "events", first_day, days, events, seed, on_progress
        )
    return GeneratedCompany(
        raw_folder=raw,
        truth_file=work / TRUTH_FILE,
        first_day=first_day,
        last_day=last_day,
        accounts=accounts,
        users=writer.users,
        rows=dict(sorted(rows.items())),
    )
