"""What a build promises: all or nothing, the same however it came about, no look-ahead."""

from __future__ import annotations

import csv
import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from conftest import (
    RECEIVED,
    ROOT,
    Place,
    command,
    copy_project,
    cut_raw,
    environment,
    error_lines,
    pls,
    write_raw,
)
from pls.build import ANEW, AS_OF_TEST
from pls.dbt_run import Dbt
from pls.paths import find_project, find_store

CUT = "2026-06-15"
"""The day up to which the no-look-ahead build sees data."""

DAY_BEFORE = "2026-06-29"
"""The day before the company's last."""


# --- on the tiny project: what a build does when something goes wrong ---------------------


def test_a_failed_data_test_publishes_nothing_and_exits_1(stub: Place) -> None:
    before = stub.db.read_bytes()
    with (stub.raw / "users.csv").open("a") as stream:
        stream.write("bad1,,2026-04-01\nbad2,,2026-04-01\n")
    result = stub.build()
    assert result.returncode == 1
    (line,) = error_lines(result)
    assert line.startswith("test no_user_is_called_bad: 2 rows fail; see them: ")
    compiled = Path(line.split(" < ")[1])
    with duckdb.connect(str(stub.work), read_only=True) as connection:
        assert len(connection.execute(compiled.read_text()).fetchall()) == 2
    assert stub.db.read_bytes() == before

    # What is published is no longer what the working database holds.
    tested = pls("test", *stub.where)
    assert tested.returncode == 2 and "does not hold what is published" in tested.stderr

    # Nobody tested it, but it was asked for.
    result = stub.build("--no-tests")
    assert result.returncode == 0 and "nothing was tested" in result.stderr
    assert stub.query("select count(*) from marts.users") == [(4,)]


def test_building_again_does_not_let_the_published_file_grow(stub: Place) -> None:
    before = stub.db.stat().st_size
    for _ in range(2):
        result = stub.build()
        assert result.returncode == 0, result.stderr
    assert stub.db.stat().st_size == before
    assert not stub.db.with_name("pls.duckdb.wal").exists()
    assert stub.query("select count(*) from marts.users") == [(2,)]


def test_bad_seeds_are_named_and_exit_2(stub: Place) -> None:
    before = stub.db.read_bytes()
    for more in ((), ("--no-tests",)):
        result = stub.build("--vars", "seed_is_bad: true", *more)
        assert result.returncode == 2
        assert error_lines(result) == [
            'seeds/signals.csv: row active_5_of_7: metric "actve_days" is not known; '
            "write active_days_7d"
        ]
    assert stub.db.read_bytes() == before


def test_a_broken_model_is_one_line_and_exits_2(stub: Place) -> None:
    before = stub.db.read_bytes()
    result = stub.build("--vars", "slow_rows: no_such_column")
    assert result.returncode == 2
    (line,) = error_lines(result)
    assert line.startswith("model slow: Binder Error") or line.startswith("model slow: ")
    assert "--verbose" in line
    assert stub.db.read_bytes() == before
    in_full = stub.build("--vars", "slow_rows: no_such_column", "--verbose")
    assert len(in_full.stderr.splitlines()) > len(result.stderr.splitlines())


def test_part_of_the_project_is_not_published(stub: Place) -> None:
    before = stub.db.read_bytes()
    result = stub.build("--select", "users", "slow")
    assert result.returncode == 2  # a second word is no option of ours
    result = stub.build("--select", "users slow")
    assert result.returncode == 0, result.stderr
    assert "nothing was published" in result.stdout
    assert stub.db.read_bytes() == before
    nothing = stub.build("--select", "no_such_model")
    assert nothing.returncode == 2 and len(error_lines(nothing)) == 1


def test_unknown_variables_are_remarked(stub: Place) -> None:
    result = stub.build("--vars", "active_score_modl: x", "--select", "slow")
    assert result.returncode == 0
    assert "did you mean active_score_model?" in result.stderr


def test_killed_in_mid_build_the_old_stays_and_the_next_build_is_good(stub: Place) -> None:
    before = stub.db.read_bytes()
    with (stub.raw / "users.csv").open("a") as stream:
        stream.write("u3,c@acme.com,2026-04-01\n")
    with subprocess.Popen(
        command("build", *stub.where, "--raw", stub.raw, "--vars", "slow_rows: 900000000000"),
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("building"):
                break
        time.sleep(2)
        process.send_signal(signal.SIGKILL)
    assert stub.db.read_bytes() == before
    state = json.loads(stub.db.with_name("pls_work.json").read_text())
    assert state["status"] == "building"
    result = stub.build()
    assert result.returncode == 0, result.stderr
    assert stub.query("select count(*) from marts.users") == [(3,)]


def test_interrupted_by_hand_it_says_so_in_one_line(stub: Place) -> None:
    before = stub.db.read_bytes()
    with subprocess.Popen(
        command("build", *stub.where, "--raw", stub.raw, "--vars", "slow_rows: 900000000000"),
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("building"):
                break
        time.sleep(2)
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
    assert process.returncode == 130
    assert "pls: interrupted; what was published is untouched" in said
    assert "Traceback" not in said
    assert stub.db.read_bytes() == before


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        (
            "high_value_segments: mid_market",
            "var high_value_segments: mid_market is not a list of smb, mid_market",
        ),
        (
            "active_score_model: o'hara",
            "var active_score_model: o'hara is not a name without apostrophe and backslash",
        ),
    ],
)
def test_a_variable_that_means_nothing_builds_nothing(
    tmp_path: Path, variable: str, said: str
) -> None:
    place = Place(ROOT, write_raw(tmp_path / "raw"), tmp_path / "db" / "pls.duckdb")
    result = place.build("--vars", f"{{{variable}}}")
    assert result.returncode == 2
    (line,) = error_lines(result)
    assert said in line


def test_it_says_why_all_days_are_built_anew(
    built_stub: Place, stub: Place, tmp_path: Path
) -> None:
    found = stub.build()
    assert found.returncode == 0
    assert f"{ANEW}{built_stub.raw} was read before\n" in found.stderr
    assert ANEW not in stub.build().stderr

    project = shutil.copytree(stub.project, tmp_path / "project")
    model = project / "models" / "staging" / "stg_days.sql"
    model.parent.mkdir(exist_ok=True)
    model.write_text(
        "{{ config(materialized='incremental', unique_key='day') }} select date '2026-05-01' as day"
    )
    other = Place(project, stub.raw, stub.db)
    assert ANEW not in other.build().stderr
    model.write_text(model.read_text() + " where true")
    changed = other.build()
    assert changed.returncode == 0, changed.stderr
    assert f"{ANEW}how events are read and counted has changed\n" in changed.stderr


def test_another_day_or_commit_is_no_reason_to_parse_the_project_anew(stub: Place) -> None:
    def parsed_anew(**given: str) -> bool:
        said: list[str] = []
        variables = {"as_of_date": "2026-05-03", "git_commit": "one", **given}
        store = find_store(find_project(stub.project), stub.db)
        Dbt(find_project(stub.project), store, stub.raw, variables, verbose=said.append).parse()
        return any("Unable to do partial parsing" in line for line in said)

    assert parsed_anew()
    assert not parsed_anew(as_of_date="2026-05-02")
    assert not parsed_anew(git_commit="two")
    assert parsed_anew(build_clock="2026-05-04")  # so that the test sees it when it happens


INTERRUPTED_BUILD = """
import os, signal, time
import pls.build, pls.cli

def build(*_):
    try:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(60)
    except KeyboardInterrupt:
        raise RuntimeError("a thread lost its connection") from None

pls.build.build = build
pls.cli.main()
"""


def test_an_error_that_ctrl_c_gave_rise_to_is_no_error_of_its_own(stub: Place) -> None:
    said = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_BUILD, "build", *stub.where],
        env=environment(),
        capture_output=True,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert said.returncode == 130
    assert said.stderr.splitlines()[-1] == "pls: interrupted; what was published is untouched"


def test_a_damaged_working_database_is_made_anew(stub: Place) -> None:
    stub.work.write_bytes(b"\0" * 20_000)
    result = stub.build()
    assert result.returncode == 0, result.stderr
    (line,) = error_lines(result)
    assert "was damaged" in line
    assert stub.query("select count(*) from marts.users") == [(2,)]


def test_a_file_that_is_no_publication_is_never_replaced(stub: Place) -> None:
    stub.db.write_text("precious")
    result = stub.build()
    assert result.returncode == 2
    assert stub.db.read_text() == "precious"


def test_builds_of_different_files_do_not_meet(stub: Place, tmp_path: Path) -> None:
    other = Place(stub.project, write_raw(tmp_path / "other_raw"), tmp_path / "db" / "other.duckdb")
    before = stub.db.read_bytes()
    result = other.build()
    assert result.returncode == 0, result.stderr
    assert stub.db.read_bytes() == before
    assert other.query("select count(*) from marts.users") == [(2,)]


# --- on the real project -----------------------------------------------------------------


def test_company_is_published_whole(company: Place) -> None:
    tables = {name for (name,) in company.query("select table_name from duckdb_tables()")}
    files = {path.stem for path in (company.db.parent / "marts").iterdir()}
    assert tables == files
    assert {"accounts", "users", "pql_scores", "pqa_scores", "score_breakdown"} <= tables
    schemas = company.query("select distinct schema_name from duckdb_tables()")
    assert schemas == [("marts",)]
    (build,) = company.query("select as_of_date::varchar, active_score_model from marts.builds")
    assert build == ("2026-06-30", "template")


def test_data_tests_pass_on_what_is_published(company: Place) -> None:
    result = pls("test", *company.where)
    assert result.returncode == 0, result.stderr
    assert "tests passed" in result.stdout


def test_rows_of_real_seeds_that_mean_nothing_are_named(company: Place, tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    signals = project / "seeds" / "signals.csv"
    text = signals.read_text()
    assert "active_days_7d" in text
    signals.write_text(text.replace("active_days_7d", "actve_days_7d"))
    place = Place(project, company.raw, tmp_path / "db" / "pls.duckdb")
    result = place.build("--select", "+seed_problems")
    assert result.returncode == 2
    lines = error_lines(result)
    assert lines and all(line.startswith("seeds/signals.csv: row ") for line in lines)
    assert "actve_days_7d" in lines[0]

    # Tests that read other models, too, wait until these are there.
    signals.write_text(text)
    result = place.build("--select", "+seed_problems")
    assert result.returncode == 0, result.stderr


def test_a_day_before_all_events_is_no_day_to_publish(company: Place, tmp_path: Path) -> None:
    place = Place(ROOT, company.raw, tmp_path / "pls.duckdb")
    days, test = ["--select", "+int_as_of_date", "--no-tests"], ["--select", AS_OF_TEST]
    early = ["--as-of", "2025-01-01"]
    assert place.build(*early, *days).returncode == 0
    result = place.build(*early, *test)
    assert result.returncode == 1
    assert error_lines(result) == [
        "the as-of date: lies before the first event, so nobody would be scored; "
        "give a later one, or none for the last whole day"
    ]
    # A company whose first events are of today has no other day.
    with duckdb.connect(str(place.work), read_only=True) as connection:
        (first,) = connection.execute(
            "select min(occurred_on)::varchar from staging.stg_event_arrivals"
        ).fetchall()[0]
    clock = ["--vars", f"build_clock: {first} 23:59:59"]
    assert place.build(*clock, *days).returncode == 0
    result = place.build(*clock, *test)
    assert result.returncode == 0
    assert f"warning: test {AS_OF_TEST}" in result.stderr


@dataclass(frozen=True)
class Attached:
    """Two stores side by side in one connection."""

    connection: duckdb.DuckDBPyConnection

    def rows(self, query: str) -> list[tuple[object, ...]]:
        return self.connection.execute(query).fetchall()

    def tables(self, database: str, schema: str) -> list[str]:
        return [
            str(name)
            for (name,) in self.rows(
                "select table_name from duckdb_tables() "
                f"where database_name = '{database}' and schema_name = '{schema}' order by 1"
            )
        ]


@pytest.fixture(scope="session")
def cut(company: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attached]:
    """The company (`later`) and a build of what was known on the day CUT (`earlier`)."""
    folder = tmp_path_factory.mktemp("cut")
    condition = f"greatest(happened, received) < date '{CUT}' + 1"
    cut_raw(company.raw, folder / "raw", condition)
    place = Place(ROOT, folder / "raw", folder / "db" / "pls.duckdb")
    result = place.build("--as-of", CUT, "--no-tests")
    assert result.returncode == 0, result.stderr
    with duckdb.connect() as connection:
        connection.execute(f"attach '{company.work}' as later (read_only)")
        connection.execute(f"attach '{place.work}' as earlier (read_only)")
        connection.execute(
            "create view old_usage as from (from later.intermediate.daily_usage union all by name "
            f"from (select * from later.intermediate.daily_usage limit 0)) "
            f"where activity_date <= date '{CUT}'"
        )
        # Users whose past did not change: the same account, and the same usage by then.
        usage = (
            "user_id, activity_date, workspace_id, behaviour, feature, event_count, "
            "usage_events, first_at, last_at"
        )
        connection.execute(
            "create table changed_users as "
            "select user_id from (select user_id, account_id from later.marts.users "
            f"where created_at < date '{CUT}' + 1 except all "
            "select user_id, account_id from earlier.marts.users) union "
            "select user_id from (select user_id, account_id from earlier.marts.users "
            "except all select user_id, account_id from later.marts.users) union "
            f"select user_id from (select {usage} from old_usage except all "
            f"select {usage} from earlier.intermediate.daily_usage) union "
            f"select user_id from (select {usage} from earlier.intermediate.daily_usage "
            f"except all select {usage} from old_usage)"
        )
        connection.execute(
            "create table changed_accounts as select account_id from later.marts.users "
            "where user_id in (from changed_users) union select account_id from "
            "earlier.marts.users where user_id in (from changed_users)"
        )
        yield Attached(connection)
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("mart", "entity"), [("pql_score_history", "user_id"), ("pqa_score_history", "account_id")]
)
def test_history_is_what_was_known_that_day(cut: Attached, mart: str, entity: str) -> None:
    unchanged = (
        f"as_of_date = date '{CUT}' and {entity} not in "
        "(from changed_accounts where account_id is not null)"
        if entity == "account_id"
        else f"as_of_date = date '{CUT}' and user_id in (select user_id from later.marts.users "
        "where account_id not in (from changed_accounts where account_id is not null))"
    )
    earlier = f"from earlier.marts.{mart} where {unchanged}"
    later = f"from later.marts.{mart} where {unchanged}"
    assert cut.rows(f"{earlier} except all {later}") == []
    assert cut.rows(f"{later} except all {earlier}") == []
    # The comparison means something only if most rows take part in it.
    ((compared, all_rows),) = cut.rows(
        f"select count(*) filter ({unchanged}), count(*) from earlier.marts.{mart} "
        f"where as_of_date = date '{CUT}'"
    )
    assert isinstance(compared, int) and isinstance(all_rows, int)
    assert compared > 0.5 * all_rows > 10


@pytest.fixture(scope="session")
def increment(company: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attached]:
    """The company built in three steps (`step_by_step`), and at once (`at_once`).

    What comes in the second step holds late events, copies of known events that were
    received earlier, and identifications of visitors whose older days then belong to a
    user; the third is the day after. `before` is the working database after the first
    step, `between` the one after the second.
    """
    folder = tmp_path_factory.mktemp("increment")
    place = Place(ROOT, folder / "raw", folder / "db" / "pls.duckdb")
    cut_raw(company.raw, place.raw, f"received < date '{RECEIVED}' + 1 and coalesce(part, 1) = 1")
    first = place.build("--as-of", RECEIVED, "--no-tests")
    assert first.returncode == 0, first.stderr
    shutil.copy(place.work, folder / "before.duckdb")
    shutil.copytree(company.raw, place.raw, dirs_exist_ok=True)
    second = place.build("--as-of", DAY_BEFORE, "--no-tests")
    assert second.returncode == 0, second.stderr
    shutil.copy(place.work, folder / "between.duckdb")
    third = place.build("--no-tests")
    assert third.returncode == 0, third.stderr
    with duckdb.connect() as connection:
        connection.execute(f"attach '{place.work}' as step_by_step (read_only)")
        connection.execute(f"attach '{folder}/between.duckdb' as between (read_only)")
        connection.execute(f"attach '{company.work}' as at_once (read_only)")
        connection.execute(f"attach '{folder}/before.duckdb' as before (read_only)")
        yield Attached(connection)
    shutil.rmtree(folder)


def test_an_increment_gives_what_a_full_build_gives(increment: Attached) -> None:
    tables = [
        ("intermediate", "daily_usage"),
        ("staging", "base_events"),
        ("staging", "stg_event_copies"),
    ]
    tables += [("marts", table) for table in increment.tables("at_once", "marts")]
    assert len(tables) > 10
    different = []
    for schema, table in tables:
        # They tell of the builds before, of which one had none.
        if table in ("builds", "score_restatements"):
            continue
        # The moment a row was read is of course another.
        columns = "* exclude (loaded_at)" if schema == "staging" else "*"
        left, right = (
            f"select {columns} from {name}.{schema}.{table}" for name in ("step_by_step", "at_once")
        )
        if increment.rows(f"({left} except all {right}) union all ({right} except all {left})"):
            different.append(table)
    assert different == []


def test_an_increment_scores_only_days_that_may_have_changed(increment: Attached) -> None:
    def restarts(database: str) -> tuple[int, int, int]:
        ((anew, onwards, compared),) = increment.rows(
            "select count(*) filter (rewritten_from = first_on), "
            "count(*) filter (rewritten_from > first_on), "
            f"(select count(compared_on) from {database}.intermediate.int_score_restarts) "
            f"from {database}.intermediate.int_account_pasts"
        )
        assert isinstance(anew, int) and isinstance(onwards, int) and isinstance(compared, int)
        return anew, onwards, compared

    anew, onwards, compared = restarts("before")
    assert anew > 0 and onwards == 0 and compared == 0
    # Late events and identifications changed the past of some, and some were away.
    anew, onwards, compared = restarts("between")
    assert anew > 0 and onwards > 0 and compared > 0
    anew, onwards, _ = restarts("step_by_step")
    assert anew == 0 and onwards > 0
    # Nearly all of the history is made by the builds before.
    ((scored, stored),) = increment.rows(
        "select (select count(*) from step_by_step.intermediate.int_account_metrics), "
        "(select count(*) from step_by_step.marts.pqa_score_history)"
    )
    assert isinstance(scored, int) and isinstance(stored, int) and 5 * scored < stored


def test_a_history_left_by_a_build_of_other_weights_is_made_anew(
    increment: Attached, company: Place, tmp_path: Path
) -> None:
    ((work,),) = increment.rows(
        "select path from duckdb_databases() where database_name = 'step_by_step'"
    )
    project = copy_project(tmp_path / "project")
    place = Place(project, company.raw, tmp_path / "db" / "pls.duckdb")
    place.work.parent.mkdir()
    shutil.copy(str(work), place.work)
    state = json.loads(Path(str(work)).with_suffix(".json").read_text())
    place.work.with_suffix(".json").write_text(json.dumps(state | {"raw_dir": str(company.raw)}))

    alone = place.build("--full-refresh", "--select", "pql_score_history")
    assert alone.returncode == 2
    (line,) = error_lines(alone)
    assert "build the whole project with --full-refresh" in line

    signals = project / "seeds" / "signals.csv"
    weights = signals.read_text()
    with signals.open(newline="") as stream:
        table = list(csv.DictReader(stream))
    doubled = [row | {"points": str(2 * int(row["points"]))} for row in table]
    with signals.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, table[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(doubled)
    cut_short = place.build("--no-tests", "--select", "+pql_score_history")
    assert cut_short.returncode == 0, cut_short.stderr

    def different() -> int:
        with duckdb.connect() as connection:
            connection.execute(f"attach '{place.work}' as work (read_only)")
            connection.execute(f"attach '{company.work}' as expected (read_only)")
            found = connection.execute(
                "select count(*) from (from work.marts.pql_score_history "
                "except all from expected.marts.pql_score_history)"
            ).fetchall()
        return int(found[0][0])

    assert different() > 1000
    signals.write_text(weights)
    whole = place.build("--no-tests")
    assert whole.returncode == 0, whole.stderr
    assert different() == 0


def test_the_increment_did_change_old_days(increment: Attached) -> None:
    columns = "activity_date, user_id, behaviour, feature, event_count, first_at, last_at"
    old = f"where activity_date <= date '{RECEIVED}'"
    changed = increment.rows(
        f"select distinct activity_date::varchar from "
        f"(select {columns} from step_by_step.intermediate.daily_usage {old} "
        f"except all select {columns} from before.intermediate.daily_usage {old})"
    )
    days = {day for (day,) in changed}
    # Stitched days, the day of the late events, and days of the copies.
    assert {"2026-05-20", "2026-05-21", "2026-05-22"} <= days
    assert any(str(day) > "2026-06-01" for day in days)
