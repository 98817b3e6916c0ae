"""The dataset that `pls bench` measures on: plain, large, the same for the same seed.

Every event follows from its day and its number in the day by one hash, cut into
independent pieces. The file of a day therefore needs no other file: it holds what happened
that day and, made once more, what happened up to four days earlier and arrives late or
twice. Days are written side by side, memory does not grow with their number, and the rows
and their order are the same whatever the number of threads.

What a day's file holds is sorted by the moment it was received. Names and properties come
from the project's event catalogue, evenly, which is harder than life: a user's day has
more different events, and more people reach every signal.
"""

from __future__ import annotations

import csv
import json
import math
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import duckdb

from pls.errors import InputError
from pls.sql import literal

FIRST_DAY = date(2026, 1, 1)
DAYS = 180
"""Days of the dataset itself."""
NEXT_DAYS = 2
"""Days after it, kept apart, for increments: one is measured without tests, one with."""

EVENTS_PER_USER = 100
USERS_PER_ACCOUNT = 8
EVENTS_PER_USER_DAY = 15
EVENT_NAMES = 25
MINIMUM_EVENTS = 1_000
MAXIMUM_EVENTS = 1_000_000_000
"""More in a day would not fit the numbers below."""
MAXIMUM_SEED = 99_999

MARK = ".pls-bench-data"
"""The file that says with which arguments a dataset was made, and how many rows it has."""
VERSION = 1
"""To be raised when the same arguments shall give other rows."""

_BEFORE_WINDOW = 0.3
"""Share of the users who signed up in the 60 days before the first day."""
_FREE_MAIL_EVERY = 5
"""Every n-th account writes from free mail and has no company."""

# Shares of 2 ** 14.
_LATE = 328  # 2 %
_TWICE = 164  # 1 %
_ANONYMOUS = 328  # 2 %: only the anonymous id is known
_IDENTIFYING = 1311  # 8 %: both ids are known
_LATEST = 3  # days
_VARIANTS = 12  # of a name's properties; more conditions of one name are not all reached

_SECOND_MS = 1_000
_LAST_MOMENT_MS = 86_360_000
"""Events happen before this moment of their day: received seconds later is the same day."""

_TITLES = (
    "Engineer", "Head of Data", "VP Sales", "Analyst", "CTO", "Marketing Manager", "Designer",
    "Student",
)  # fmt: skip
_COUNTRIES = ("US", "DE", "FR", "IN")
_INDUSTRIES = ("software", "fintech", "retail", "media")
_SOURCES = ("organic", "paid", "referral", "partner")


@dataclass(frozen=True)
class Dataset:
    """A dataset on disk.

    Attributes:
        raw: The raw folder with the first `DAYS` days.
        next_files: The files of the days after it, in order, outside the raw folder.
        rows: Rows of the event files in the raw folder, copies included.
        bytes: Size of the event files in the raw folder.
        is_reused: Whether it was there already.
    """

    raw: Path
    next_files: tuple[Path, ...]
    rows: int
    bytes: int
    is_reused: bool


@dataclass(frozen=True)
class Kind:
    """An event name and what its properties may have to hold for the catalogue to match.

    Attributes:
        name: The event name.
        conditions: Properties that match one row of the catalogue each; at least one, which
            may be empty.
    """

    name: str
    conditions: tuple[Mapping[str, str], ...]


@dataclass(frozen=True)
class Plan:
    """The arithmetic of a dataset: who is active on which day.

    Attributes:
        events: Different events in all `DAYS` days.
        seed: Another seed gives other rows.
    """

    events: int
    seed: int

    @property
    def users(self) -> int:
        """How many users there are."""
        return self.events // EVENTS_PER_USER

    @property
    def users_before(self) -> int:
        """How many users signed up before the first day."""
        return math.ceil(self.users * _BEFORE_WINDOW)

    @property
    def accounts(self) -> int:
        """How many accounts there are; the last may have fewer users."""
        return math.ceil(self.users / USERS_PER_ACCOUNT)

    @property
    def spread(self) -> int:
        """The step from one user who signed up to the next: colleagues do so at any time."""
        return _coprime(Random(f"{self.seed}"), self.users)

    def events_of(self, day: int) -> int:
        """Count the events that happen on a day.

        Args:
            day: The day's number, 0 for the first; `DAYS` and more for next days.

        Returns:
            The number; those of the first `DAYS` days add up to `events`.
        """
        return self.events * (day + 1) // DAYS - self.events * day // DAYS

    def users_until(self, day: int) -> int:
        """Count the users who signed up before a day.

        Args:
            day: The day's number.

        Returns:
            The number, more than the day's active users.
        """
        late = self.users - self.users_before
        return self.users_before + -(-late * min(day, DAYS) // DAYS)


def read_kinds(catalogue: Path) -> list[Kind]:
    """Choose event names from the catalogue, evenly from its first to its last.

    Args:
        catalogue: The seed event_catalog.csv.

    Returns:
        `EVENT_NAMES` kinds, or as many as the catalogue has.

    Raises:
        InputError: It cannot be read or names no event.
    """
    mend = "restore it, or give --project-dir"
    found: dict[str, list[dict[str, str]]] = {}
    try:
        with catalogue.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                key, pattern = row.get("property") or "", row.get("pattern") or ""
                condition = {key: pattern.replace("%", "")} if key else {}
                found.setdefault(row["event_name"], []).append(condition)
    except (OSError, UnicodeDecodeError, KeyError, csv.Error) as error:
        raise InputError(f"cannot be read ({error!r})", str(catalogue), mend) from error
    names = [name for name in found if name]
    if not names:
        raise InputError("names no event", str(catalogue), mend)
    wanted = min(EVENT_NAMES, len(names))
    chosen = [names[i * (len(names) - 1) // max(wanted - 1, 1)] for i in range(wanted)]
    return [Kind(name, tuple(found[name])) for name in chosen]


def make(
    folder: Path,
    events: int,
    seed: int,
    catalogue: Path,
    on_progress: Callable[[str], None] | None = None,
) -> Dataset:
    """Write a dataset, unless it is there already.

    The folder appears whole at the end; until then the work is done in `<folder>.partial`.

    Args:
        folder: Where to; what is there and is not this dataset is replaced.
        events: Different events in `DAYS` days.
        seed: Another seed gives other rows.
        catalogue: The seed event_catalog.csv.
        on_progress: Called with one line of text for every tenth of the days.

    Returns:
        The dataset.

    Raises:
        InputError: A number makes no sense, the catalogue cannot be read, or the disk is full.
    """
    check_numbers(events, seed)
    kinds = read_kinds(catalogue)
    arguments = _arguments(events, seed, kinds)
    there = find(folder, arguments)
    if there is not None:
        return there
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True)
        rows = _write(partial, Plan(events, seed), kinds, on_progress or (lambda _: None))
        facts = {"arguments": arguments, "rows": rows}
        (partial / MARK).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(partial, folder)
    except (OSError, duckdb.IOException) as error:
        raise InputError(f"cannot be written ({error})", str(folder), "make room") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return _dataset(folder, rows, is_reused=False)


def check_numbers(events: int, seed: int) -> None:
    """Refuse what cannot be made.

    Args:
        events: Different events in `DAYS` days.
        seed: The seed.

    Raises:
        InputError: A number is too small or too large.
    """
    if not MINIMUM_EVENTS <= events <= MAXIMUM_EVENTS:
        raise InputError(
            f"{events} is not from {MINIMUM_EVENTS:,} to {MAXIMUM_EVENTS:,} events", "--events"
        )
    if not 0 <= seed <= MAXIMUM_SEED:
        raise InputError(f"{seed} is not from 0 to {MAXIMUM_SEED}", "--seed")


def find(folder: Path, arguments: Mapping[str, Any]) -> Dataset | None:
    """Find a dataset that was made earlier with the same arguments.

    Args:
        folder: Where it would lie.
        arguments: With which it was to be made.

    Returns:
        The dataset; None when it is not there, not whole or another one.
    """
    with suppress(OSError, ValueError, KeyError, TypeError):
        facts = json.loads((folder / MARK).read_text(encoding="utf-8"))
        files = [*(folder / "raw").glob("events/*/*.parquet"), *folder.glob("next/*.parquet")]
        if facts["arguments"] == arguments and len(files) == DAYS + NEXT_DAYS:
            return _dataset(folder, int(facts["rows"]), is_reused=True)
    return None


def _arguments(events: int, seed: int, kinds: Sequence[Kind]) -> dict[str, Any]:
    """List everything the rows follow from; hashes may differ between versions of DuckDB."""
    return {
        "version": VERSION,
        "duckdb": duckdb.__version__,
        "events": events,
        "seed": seed,
        "kinds": [
            [kind.name, [dict(condition) for condition in kind.conditions]] for kind in kinds
        ],
    }


def _dataset(folder: Path, rows: int, *, is_reused: bool) -> Dataset:
    raw = folder / "raw"
    return Dataset(
        raw=raw,
        next_files=tuple(sorted(folder.glob("next/*.parquet"))),
        rows=rows,
        bytes=sum(path.stat().st_size for path in raw.glob("events/*/*.parquet")),
        is_reused=is_reused,
    )


def event_file(raw: Path, day: int) -> Path:
    """Say where the events received on a day lie in a raw folder.

    Args:
        raw: The raw folder.
        day: The day's number.

    Returns:
        The file.
    """
    return raw / "events" / f"received_on={FIRST_DAY + timedelta(days=day)}" / "part-0.parquet"


def _write(
    folder: Path, plan: Plan, kinds: Sequence[Kind], on_progress: Callable[[str], None]
) -> int:
    """Write all files.

    Args:
        folder: An empty folder.
        plan: The arithmetic.
        kinds: The event names.
        on_progress: Told of every tenth of the days.

    Returns:
        Rows of the event files in the raw folder.
    """
    raw, later = folder / "raw", folder / "next"
    later.mkdir()
    with duckdb.connect() as connection:
        # Workers are files: threads within one would only wait for each other.
        workers = max(1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2)
        _write_tables(connection, raw, plan)

        def write_day(day: int) -> int:
            target = event_file(raw, day) if day < DAYS else later / f"{day}.parquet"
            target.parent.mkdir(parents=True, exist_ok=True)
            with connection.cursor() as cursor:
                return _copy(cursor, _day_sql(plan, kinds, day), target)

        rows = done = 0
        with ThreadPoolExecutor(workers) as pool:
            for day, written in enumerate(pool.map(write_day, range(DAYS + NEXT_DAYS))):
                rows += written if day < DAYS else 0
                done += written
                if (day + 1) * 10 // DAYS > day * 10 // DAYS:
                    on_progress(f"  day {day + 1} of {DAYS}, {done:,} rows")
    return rows


def _copy(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> int:
    found = connection.execute(
        f"copy ({query}) to {literal(target)} (format parquet, compression zstd)"
    ).fetchone()
    return int(found[0]) if found else 0


def _write_tables(connection: duckdb.DuckDBPyConnection, raw: Path, plan: Plan) -> None:
    """Write users, workspaces and companies."""
    raw.mkdir(parents=True)
    before, late = plan.users_before, max(plan.users - plan.users_before, 1)
    connection.execute(
        f"""
        create temp table people as
        select
            rank, number, number // {USERS_PER_ACCOUNT} as account,
            timestamp '{FIRST_DAY}'
            + to_days(cast(case
                when rank < {before} then rank * 60 // {before} - 60
                else (rank - {before}) * {DAYS} // {late}
            end as integer))
            + to_seconds(cast(hash(number, {plan.seed}) % 86400 as bigint)) as created_at
        from (
            select rank, rank * {plan.spread} % {plan.users} as number
            from range({plan.users}) as ranks (rank)
        )
        """
    )
    domain = "'company' || account || '.com'"
    _copy(
        connection,
        f"""
        select
            {_user_id("number")} as user_id,
            'p' || number || '@' || case
                when account % {_FREE_MAIL_EVERY} = 0 then 'gmail.com' else {domain}
            end as email,
            created_at,
            'Person ' || number as full_name,
            {_pick(_TITLES, f"hash(number, {plan.seed}, 1)")} as job_title,
            cast(null as varchar) as department,
            {_pick(_SOURCES, f"hash(number, {plan.seed}, 2)")} as signup_source,
            {_pick(_COUNTRIES, f"hash(account, {plan.seed}, 3)")} as country,
            hash(number, {plan.seed}, 4) % 50 = 0 as is_opted_out
        from people
        order by rank
        """,
        raw / "users.parquet",
    )
    _copy(
        connection,
        f"""
        select
            {_workspace_id("account")} as workspace_id,
            'Team ' || account as workspace_name,
            min(created_at) as created_at,
            {_user_id("arg_min(number, rank)")} as owner_user_id
        from people
        group by account
        order by account
        """,
        raw / "workspaces.parquet",
    )
    _copy(
        connection,
        f"""
        select
            {domain} as domain,
            'Company ' || account as company_name,
            {_pick(_INDUSTRIES, f"hash(account, {plan.seed}, 5)")} as industry,
            cast(1 + hash(account, {plan.seed}, 6) % 3000 as integer) as employee_count,
            {_pick(_COUNTRIES, f"hash(account, {plan.seed}, 3)")} as country
        from range({plan.accounts}) as accounts (account)
        where account % {_FREE_MAIL_EVERY} != 0
        order by account
        """,
        raw / "companies.parquet",
    )
    connection.execute("drop table people")


def user_id(number: int) -> str:
    """Name a user.

    Args:
        number: The user's number, 0 for the first.

    Returns:
        The user's id.
    """
    return f"u_{1_000_000_000 + number}"


def _user_id(number: str) -> str:
    return f"'u_' || (1000000000 + {number})"


def _workspace_id(account: str) -> str:
    return f"'w_' || (100000000 + {account})"


def _pick(values: Sequence[str], hashed: str) -> str:
    return (
        f"[{', '.join(literal(v) for v in values)}][cast({hashed} % {len(values)} + 1 as integer)]"
    )


def _day_sql(plan: Plan, kinds: Sequence[Kind], day: int) -> str:
    """Give the query for everything that is received on one day, in a total order.

    Args:
        plan: The arithmetic.
        kinds: The event names.
        day: The day's number.

    Returns:
        A select of the columns of the events table.
    """
    names = ", ".join(literal(kind.name) for kind in kinds)
    heads = ", ".join(
        literal(_head(kind.name, kind.conditions[variant % len(kind.conditions)]))
        for kind in kinds
        for variant in range(_VARIANTS)
    )
    happened = " union all ".join(
        _happened_sql(plan, day - lag, lag) for lag in range(min(day, _LATEST + 1) + 1)
    )
    day_us = 86_400_000_000
    midnight_us = (FIRST_DAY - date(1970, 1, 1)).days * day_us + day * day_us
    # One hash is cut into pieces: bits 0-35 say when, 36-49 whether late, 50-63 whether
    # twice or anonymous; remainders of the whole say what.
    return f"""
    with
    drawn as (
        select
            *,
            cast((h >> 36) & 16383 as integer) as late_luck,
            cast((h >> 50) & 16383 as integer) as twice_luck
        from ({happened})
    ),
    arrivals as (
        select
            *,
            case when late_luck < {_LATE} then 1 + late_luck % {_LATEST} else 0 end as delay,
            case when twice_luck < {_TWICE} then twice_luck % 2 end as copy_delay
        from drawn
    ),
    received as (
        select *, 0 as is_copy from arrivals where delay = lag
        union all
        select *, 1 as is_copy from arrivals where delay + copy_delay = lag
    ),
    moments as (
        select
            lag, visit, h, is_copy, twice_luck,
            rank * {plan.spread} % {plan.users} as user_no,
            cast((h & 68719476735) % {_LAST_MOMENT_MS} as bigint) as happened_ms
        from received
    ),
    -- Sorting numbers is cheap; texts are made afterwards.
    sorted as (
        select
            *,
            happened_ms + cast(h % 4001 as bigint) * 2
            + is_copy * cast({5 * _SECOND_MS} + h % 9001 as bigint) as received_ms
        from moments
        order by received_ms, h, is_copy
    )
    select
        to_hex(h) as event_id,
        [{names}][cast(h % {len(kinds)} + 1 as integer)] as event_name,
        make_timestamp({midnight_us} - lag * {day_us} + happened_ms * 1000) as occurred_at,
        make_timestamp({midnight_us} + received_ms * 1000) as received_at,
        case when twice_luck < {16384 - _ANONYMOUS} then {_user_id("user_no")} end as user_id,
        case
            when twice_luck >= {16384 - _ANONYMOUS - _IDENTIFYING}
                then 'a_' || (1000000000 + user_no)
        end as anonymous_id,
        {_workspace_id(f"user_no // {USERS_PER_ACCOUNT}")} as workspace_id,
        concat(
            [{heads}][cast(
                h % {len(kinds)} * {_VARIANTS} + h // {len(kinds)} % {_VARIANTS} + 1 as integer
            )],
            h % 7, ', "session": "s_', visit, '"}}'
        ) as properties
    from sorted
    """


def _happened_sql(plan: Plan, day: int, lag: int) -> str:
    """Give the query for the numbers of all events of a day.

    Who is active follows a step of its own through those who have signed up, so no user
    comes twice.

    Args:
        plan: The arithmetic.
        day: The day's number.
        lag: Days from then to the day whose file is written.

    Returns:
        A select of lag, visit (the user's day), rank (the user's, by sign-up) and h (the hash).
    """
    draw = Random(f"{plan.seed} {day}")
    users = plan.users_until(day)
    step, start = _coprime(draw, users), draw.randrange(users)
    return (
        f"select {lag} as lag, "
        f"{day * 10**8} + number // {EVENTS_PER_USER_DAY} as visit, "
        f"({start} + number // {EVENTS_PER_USER_DAY} * {step}) % {users} as rank, "
        f"hash(cast({plan.seed * 10**13 + day * 10**10} as bigint) + number) as h "
        f"from range({plan.events_of(day)}) as numbers (number)"
    )


def _head(name: str, condition: Mapping[str, str]) -> str:
    """Give the properties of an event up to the number of its step."""
    path = {} if "path" in condition else {"path": f"/app/{name.replace('_', '-')}"}
    text = json.dumps({**path, **condition, "step": 0})
    return text.removesuffix("0}")


def _coprime(draw: Random, number: int) -> int:
    """Draw a step that visits every one of `number` places before the first comes again."""
    while True:
        step = draw.randrange(1, number + 1)
        if math.gcd(step, number) == 1:
            return step
