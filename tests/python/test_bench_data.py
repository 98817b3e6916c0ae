"""The bench's dataset: what was promised of it, and the same rows for the same seed."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from conftest import ROOT
from pls.bench import data
from pls.bench.data import DAYS, FIRST_DAY, NEXT_DAYS, Dataset, Plan, make, read_kinds
from pls.errors import InputError

CATALOGUE = ROOT / "seeds" / "event_catalog.csv"
EVENTS = 60_000

Query = Callable[[str], list[tuple[object, ...]]]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    said: list[str] = []
    made = make(tmp_path_factory.mktemp("bench") / "set", EVENTS, 7, CATALOGUE, said.append)
    assert len(said) == 10 and said[-1].startswith(f"  day {DAYS} of {DAYS}, ")
    return made


@pytest.fixture(scope="module")
def query(dataset: Dataset) -> Query:
    """Queries on `events`, with the next days; `base`, without; and the small tables."""
    connection = duckdb.connect()
    files = [*dataset.raw.glob("events/*/*.parquet"), *dataset.next_files]
    for name, paths in {
        "events": files,
        "base": files[:DAYS],
        **{t: [dataset.raw / f"{t}.parquet"] for t in ("users", "workspaces", "companies")},
    }.items():
        connection.execute(
            f"create table {name} as select *, filename as file from read_parquet("
            f"{[str(path) for path in paths]}, hive_partitioning = false, filename = true)"
        )
    connection.execute(f"create table catalogue as from read_csv('{CATALOGUE}')")
    # The first time each event was received.
    connection.execute(
        "create table once as select distinct on (event_id) * from events "
        "order by event_id, received_at"
    )
    return lambda text: connection.execute(text).fetchall()


def test_there_are_as_many_events_as_asked_for(dataset: Dataset, query: Query) -> None:
    assert query("select count(*) from base") == [(dataset.rows,)]
    # What happened in the last days may be on its way still.
    for day in (0, 100, DAYS - 3):
        assert query(
            f"select count(*) from once where occurred_at < date '{FIRST_DAY}' + {day + 1}"
        ) == [(EVENTS * (day + 1) // DAYS,)]
    assert len(dataset.next_files) == NEXT_DAYS
    for number, file in enumerate(dataset.next_files):
        ((rows, on_the_day),) = query(
            "select count(distinct event_id), count(distinct event_id) filter (occurred_at >= "
            f"date '{FIRST_DAY}' + {DAYS + number}) from events where file = '{file}'"
        )
        assert 0.97 * EVENTS / DAYS < float(str(on_the_day)) < float(str(rows)) < 345


def test_two_in_a_hundred_are_late_by_one_to_three_days(query: Query) -> None:
    found = query(
        "select count(*) / (select count(*) from once), min(days), max(days), "
        "count(distinct days) from (select date_diff('day', occurred_at::date, "
        "received_at::date) as days from once) where days > 0"
    )
    assert found[0][0] == pytest.approx(0.02, abs=0.002)
    assert found[0][1:] == (1, 3, 3)


def test_one_in_a_hundred_comes_twice_seconds_later_or_the_next_day(query: Query) -> None:
    ((copies, share, next_day, soon),) = query(
        """
        select
            count(*), count(*) / (select count(*) from once),
            count(*) filter (later.received_at::date = once.received_at::date + 1),
            count(*) filter (later.received_at < once.received_at + interval 30 second)
        from events as later
        inner join once on later.event_id = once.event_id
        where later.received_at > once.received_at
        """
    )
    assert share == pytest.approx(0.01, abs=0.001)
    assert next_day + soon == copies  # type: ignore[operator]
    assert 0.4 < next_day / copies < 0.6  # type: ignore[operator]
    assert query(
        "select count(*) from (select distinct event_id, event_name, occurred_at, user_id, "
        "anonymous_id, workspace_id, properties from events)"
    ) == query("select count(*) from once")


def test_a_file_holds_what_was_received_on_its_day_in_order(dataset: Dataset, query: Query) -> None:
    assert query("select count(*) from base where strpos(file, received_at::date::text) = 0") == [
        (0,)
    ]
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select received_at from read_parquet($1)", [str(data.event_file(dataset.raw, 99))]
        ).fetchall()
    assert len(rows) > 300 and rows == sorted(rows)


def test_names_and_properties_reach_every_row_of_the_catalogue_they_can(query: Query) -> None:
    with CATALOGUE.open(encoding="utf-8", newline="") as stream:
        catalogue = list(csv.DictReader(stream))
    names = {str(name) for (name,) in query("select distinct event_name from once")}
    assert len(names) == 25 and names <= {row["event_name"] for row in catalogue}
    assert {catalogue[0]["event_name"], catalogue[-1]["event_name"]} <= names
    shares = query("select count(*) / (select count(*) from once) from once group by event_name")
    assert all(0.035 < float(str(share)) < 0.045 for (share,) in shares)
    kinds = "(select distinct event_name, json_extract_string(properties, property) as value, "
    kinds += "property from once inner join catalogue using (event_name))"
    assert (
        query(
            "select event_name, pattern from catalogue "
            "semi join once on catalogue.event_name = once.event_name "
            f"anti join {kinds} as kinds on catalogue.event_name = kinds.event_name and "
            "(catalogue.property is null or (kinds.property = catalogue.property "
            "and kinds.value like catalogue.pattern))"
        )
        == []
    )


def test_an_active_day_of_a_user_has_fifteen_events(query: Query) -> None:
    visits = query(
        "select count(*), count(distinct coalesce(user_id, replace(anonymous_id, 'a_', 'u_'))), "
        "count(distinct occurred_at::date) from once "
        f"where occurred_at < date '{FIRST_DAY}' + {DAYS - 4} "
        "group by properties ->> 'session'"
    )
    assert {row[1:] for row in visits} == {(1, 1)}
    sizes = [int(str(row[0])) for row in visits]
    assert max(sizes) == 15 and sizes.count(15) > 0.9 * len(sizes)


def test_users_sign_up_all_through_the_window_and_act_afterwards(query: Query) -> None:
    assert query("select count(*), count(distinct user_id) from users") == [(600, 600)]
    ((before, weeks),) = query(
        f"select count(*) filter (created_at < date '{FIRST_DAY}'), count(distinct "
        f"date_trunc('week', created_at)) filter (created_at >= date '{FIRST_DAY}') from users"
    )
    assert before == 180 and weeks == 27
    assert (
        query("select max(created_at) from users")[0][0]
        < query("select max(occurred_at) from base")[0][0]
    )  # type: ignore[operator]
    assert query(
        "select count(*) from once left join users using (user_id) "
        "where once.user_id is not null and not coalesce(users.created_at <= occurred_at, false)"
    ) == [(0,)]


def test_eight_users_share_an_account_some_of_them_on_free_mail(query: Query) -> None:
    assert (
        query(
            "select users, count(*) from (select workspace_id, count(distinct user_id) as users "
            "from (select * from once union all by name select users.user_id, workspace_id "
            "from users inner join once using (user_id)) group by workspace_id) "
            "group by users having users > 8"
        )
        == []
    )
    assert query("select count(*) from workspaces") == [(75,)]
    assert query("select count(*) from users where email like '%@gmail.com'") == [(120,)]
    assert query(
        "select max(n) from (select count(*) as n from users where email not like '%@gmail.com' "
        "group by split_part(email, '@', 2))"
    ) == [(8,)]
    assert query(
        "select count(*), count(distinct split_part(email, '@', 2)) from companies "
        "inner join users on split_part(email, '@', 2) = domain"
    ) == [(480, 60)]
    assert query("select count(*) from companies") == [(60,)]
    # Owners are members, the first who signed up.
    assert query(
        "select count(*) from workspaces inner join users "
        "on owner_user_id = user_id and workspaces.created_at = users.created_at"
    ) == [(75,)]


def test_some_events_are_anonymous_and_most_of_them_identified_later(query: Query) -> None:
    ((anonymous, later),) = query(
        """
        select
            count(*) / (select count(*) from once),
            count(*) filter (exists (
                select 1 from once as known
                where
                    known.anonymous_id = once.anonymous_id
                    and known.user_id is not null
                    and known.occurred_at > once.occurred_at
            )) / count(*)
        from once
        where user_id is null
        """
    )
    assert anonymous == pytest.approx(0.02, abs=0.002)
    assert 0.5 < later < 1  # type: ignore[operator]
    assert query("select count(*) from once where user_id is null and anonymous_id is null") == [
        (0,)
    ]


def test_it_is_no_larger_than_real_data(dataset: Dataset) -> None:
    assert dataset.bytes < 60 * dataset.rows  # of which the small files' footers are much


@pytest.fixture
def days(monkeypatch: pytest.MonkeyPatch) -> int:
    """A month in place of half a year, for tests that make several datasets."""
    monkeypatch.setattr(data, "DAYS", 30)
    return 30


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.parquet")
    }


def test_the_seed_alone_decides(days: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def made(name: str, seed: int, processors: int) -> dict[str, bytes]:
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(processors), raising=False)
        make(tmp_path / name, 5_000, seed, CATALOGUE)
        return contents(tmp_path / name)

    first = made("one", 7, 1)
    assert len(first) == days + NEXT_DAYS + 3
    assert made("two", 7, 5) == first
    other = made("three", 8, 2)
    assert other.keys() == first.keys()
    assert all(other[name] != first[name] for name in first if "events" in name)


def test_what_is_there_is_used_again(days: int, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    first = make(folder, 2_000, 7, CATALOGUE)
    assert not first.is_reused
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    again = make(folder, 2_000, 7, CATALOGUE)
    assert again.is_reused and (again.rows, again.bytes) == (first.rows, first.bytes)
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before
    # Other arguments, another catalogue, a file that is gone: made anew.
    assert not make(folder, 3_000, 7, CATALOGUE).is_reused
    shorter = tmp_path / "catalogue.csv"
    shorter.write_text("event_name,property,pattern\nlogin,,\nopened,kind,a%\n")
    assert not make(folder, 3_000, 7, shorter).is_reused
    data.event_file(folder / "raw", 17).unlink()
    assert not make(folder, 3_000, 7, shorter).is_reused
    assert sorted(path.name for path in tmp_path.iterdir()) == ["catalogue.csv", "set"]


@pytest.mark.parametrize(
    ("events", "seed", "said"),
    [(999, 7, "--events"), (10**10, 7, "--events"), (5000, -1, "--seed")],
)
def test_numbers_without_sense_are_refused(
    tmp_path: Path, events: int, seed: int, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        make(tmp_path / "set", events, seed, CATALOGUE)
    assert not any(tmp_path.iterdir())


def test_a_catalogue_that_says_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_kinds(tmp_path / "none.csv")
    (tmp_path / "empty.csv").write_text("event_name,property,pattern\n")
    with pytest.raises(InputError, match="names no event"):
        read_kinds(tmp_path / "empty.csv")


@pytest.mark.parametrize("events", [data.MINIMUM_EVENTS, 54_321, 5_000_000, 100_000_000])
def test_nobody_is_active_twice_a_day(events: int) -> None:
    plan = Plan(events, 7)
    assert sum(plan.events_of(day) for day in range(DAYS)) == events
    for day in range(DAYS + NEXT_DAYS):
        assert -(-plan.events_of(day) // data.EVENTS_PER_USER_DAY) <= plan.users_until(day)
    assert plan.users_until(DAYS) == plan.users
