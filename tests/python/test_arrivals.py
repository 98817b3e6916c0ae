"""Raw events are read once: what later builds read again, and what they leave as it is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from conftest import ROOT, write_raw
from pls.dbt_run import Dbt
from pls.paths import Project, Store
from pls.raw import load

MODELS = ("base_events", "stg_event_copies", "stg_events", "stg_event_arrivals")

# The files of the first build, a day of arrival each: event, when it happened, when it came.
FIRST = {
    "2024-05-30": ["not_yet 2024-06-20 2024-05-30"],
    "2024-06-01": [
        "of_a_day_that_goes 2024-06-01 2024-06-01",
        "and_comes_again 2024-06-01 2024-06-01",
    ],
    "2024-06-02": ["stays 2024-06-02 2024-06-02", "moves_on 2024-06-02 2024-06-02"],
    "2024-06-03": ["moves_on 2024-06-02 2024-06-03"],
    "2024-06-05": ["as_before 2024-06-05 2024-06-05"],
    "2024-06-06": ["too_old_to_look_at 2024-06-06 2024-06-06"],
    "2024-06-07": ["late_enough 2024-06-07 2024-06-07"],
    "2024-06-10": ["newest 2024-06-10 2024-06-10"],
    "2024-06-14": ["wholly_ahead 2024-06-14 2024-06-14"],
}
"""With `late_arrival_days` 7, the files of 7 June and later are looked at again: the last
file's day has not come yet."""

# ... and what becomes of them; None: the file is gone.
SECOND = {
    "2024-06-01": None,
    "2024-06-02": ["stays 2024-06-02 2024-06-02"],
    "2024-06-05": ["as_before 2024-06-05 2024-06-05", "one_more 2024-06-04 2024-06-05"],
    "2024-06-06": ["was_too_old 2024-06-06 2024-06-06"],
    "2024-06-07": ["was_late_enough 2024-06-07 2024-06-07"],
    "2024-06-08": ["older_than_the_newest 2024-06-08 2024-06-08"],
    "2024-06-12": ["and_comes_again 2024-06-01 2024-06-12", "new 2024-06-12 2024-06-12"],
}


@dataclass(frozen=True)
class Staged:
    """What a build left in staging."""

    events: dict[str, str]
    """Day of arrival by event, of stg_events."""
    raw_rows: list[tuple[str, str]]
    """Event and day of arrival, of base_events."""
    copies: list[tuple[str, int]]
    """Event and number, of stg_event_copies, where it is a copy."""
    loaded: dict[str, str]
    """By day of arrival, when it was loaded."""
    accepted: dict[str, int]
    """By day of arrival, the rows that stg_event_arrivals counts."""


def write_days(raw: Path, days: Mapping[str, list[str] | None]) -> None:
    for day, rows in days.items():
        path = raw / "events" / f"{day}.parquet"
        if rows is None:
            path.unlink()
            continue
        values = ", ".join(
            f"('{event}', timestamp '{happened} 09:00:00', timestamp '{came} 10:00:00')"
            for event, happened, came in (row.split() for row in rows)
        )
        with duckdb.connect() as connection:
            connection.execute(
                "copy (select event_id, 'seen' as event_name, occurred_at, received_at, "
                "'u1' as user_id "
                f"from (values {values}) rows (event_id, occurred_at, received_at)) to '{path}'"
            )


def build(store: Store, raw: Path, clock: str) -> Staged:
    store.folder.mkdir(exist_ok=True)
    with duckdb.connect(str(store.work)) as connection:
        load(connection, ROOT, raw)
    dbt = Dbt(Project(ROOT), store, None, {"build_clock": clock, "late_arrival_days": 7})
    outcome = dbt.run("run", ["--select", *MODELS], None)
    assert not outcome.error
    assert [node.message for node in outcome.nodes if node.status != "success"] == []
    with duckdb.connect(str(store.work), read_only=True) as connection:

        def rows(query: str) -> list[Any]:
            return connection.execute(query).fetchall()

        return Staged(
            dict(rows("select event_id, received_on::varchar from staging.stg_events")),
            sorted(rows("select event_id, received_on::varchar from staging.base_events")),
            sorted(
                rows(
                    "select event_id, copy_number from staging.stg_event_copies "
                    "where copy_number > 0"
                )
            ),
            dict(
                rows(
                    "select received_on::varchar, max(loaded_at)::varchar "
                    "from staging.base_events group by 1"
                )
            ),
            dict(
                rows(
                    "select received_on::varchar, sum(accepted_rows) "
                    "from staging.stg_event_arrivals group by 1"
                )
            ),
        )


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> list[Staged]:
    """Three builds: of the first files, of the second, and of the same once more."""
    folder = tmp_path_factory.mktemp("arrivals")
    raw = write_raw(folder / "raw")
    (raw / "events.csv").unlink()
    (raw / "events").mkdir()
    store = Store(folder / "db" / "pls.duckdb")
    before = dict(os.environ)
    try:
        write_days(raw, FIRST)
        staged = [build(store, raw, "2024-06-12 08:00:00")]
        write_days(raw, SECOND)
        staged += [build(store, raw, "2024-06-25 08:00:00") for _ in range(2)]
    finally:
        os.environ.clear()
        os.environ.update(before)
    return staged


def test_a_day_with_fewer_rows_or_more_is_read_again(builds: list[Staged]) -> None:
    first, second, _ = builds
    assert first.events["moves_on"] == "2024-06-02"
    assert first.copies == [("moves_on", 1), ("moves_on", 2)]
    assert ("moves_on", "2024-06-02") not in second.raw_rows
    # What was the second copy is the only one now.
    assert second.events["moves_on"] == "2024-06-03"
    assert second.events["stays"] == "2024-06-02"
    assert second.events["one_more"] == second.events["as_before"] == "2024-06-05"
    assert (first.accepted["2024-06-02"], second.accepted["2024-06-02"]) == (2, 1)
    assert second.accepted["2024-06-05"] == 2


def test_a_day_that_is_gone_stays(builds: list[Staged]) -> None:
    first, second, third = builds
    for staged in builds:
        assert staged.events["of_a_day_that_goes"] == "2024-06-01"
        assert staged.accepted["2024-06-01"] == 2
    assert first.loaded["2024-06-01"] == second.loaded["2024-06-01"] == third.loaded["2024-06-01"]
    # A copy that comes later is still the later one.
    assert second.copies == [("and_comes_again", 1), ("and_comes_again", 2)]
    assert second.events["and_comes_again"] == "2024-06-01"


def test_late_days_are_read_again_and_older_ones_only_when_their_rows_are_more_or_less(
    builds: list[Staged],
) -> None:
    first, second, _ = builds
    assert "late_enough" in first.events and "late_enough" not in second.events
    assert "was_late_enough" in second.events
    # As many rows as before, on a day too old to be read again: not noticed.
    assert "too_old_to_look_at" in second.events and "was_too_old" not in second.events
    # A day that was not there is new, be it older than others.
    assert "older_than_the_newest" in second.events


def test_what_was_in_the_future_is_read_again_until_it_no_longer_is(builds: list[Staged]) -> None:
    first, second, third = builds
    assert "not_yet" not in first.events
    assert second.events["not_yet"] == "2024-05-30"
    assert first.loaded["2024-05-30"] < second.loaded["2024-05-30"]
    assert second.loaded["2024-05-30"] == third.loaded["2024-05-30"]


def test_a_row_all_of_the_future_stands_once_on_its_day(builds: list[Staged]) -> None:
    first, second, third = builds
    for staged in builds:
        found = [day for event, day in staged.raw_rows if event == "wholly_ahead"]
        assert found == ["2024-06-14"]
    assert "wholly_ahead" not in first.events
    assert second.events["wholly_ahead"] == third.events["wholly_ahead"] == "2024-06-14"


def test_a_build_without_news_reads_only_the_last_days(builds: list[Staged]) -> None:
    _, second, third = builds
    assert (third.events, third.raw_rows, third.copies, third.accepted) == (
        second.events,
        second.raw_rows,
        second.copies,
        second.accepted,
    )
    again = {day for day in third.loaded if third.loaded[day] != second.loaded[day]}
    days = ("2024-06-07", "2024-06-08", "2024-06-10", "2024-06-12", "2024-06-14")
    assert again == set(days)
