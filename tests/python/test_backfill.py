"""A history made in steps is the one made at once, also when it was stopped in between."""

from __future__ import annotations

import signal
import subprocess
import time
from datetime import date
from pathlib import Path

import duckdb
import pytest

from conftest import ROOT, Place, command, environment, error_lines
from pls.backfill import History, check_days, history, step_variables, steps, stored_until
from pls.errors import InputError
from pls.paths import Project, Store

KEPT = History(days=10, late_days=3)
FIRST = date(2026, 1, 11)


def test_steps_begin_with_the_first_day_kept_and_leave_the_last_to_the_build() -> None:
    as_of = date(2026, 1, 20)
    assert steps(FIRST, as_of, 6, None) == [date(2026, 1, 16)]
    assert steps(FIRST, as_of, 3, None) == [date(2026, 1, 13), date(2026, 1, 16), date(2026, 1, 19)]
    assert steps(FIRST, as_of, 10, None) == []
    assert steps(FIRST, as_of, 9, None) == [date(2026, 1, 19)]


def test_steps_that_are_stored_are_not_made_again() -> None:
    as_of = date(2026, 1, 20)
    assert steps(FIRST, as_of, 3, date(2026, 1, 13)) == [date(2026, 1, 16), date(2026, 1, 19)]
    assert steps(FIRST, as_of, 3, date(2026, 1, 18)) == [date(2026, 1, 19)]
    assert steps(FIRST, as_of, 3, date(2026, 1, 19)) == []


def test_all_steps_keep_the_same_first_day() -> None:
    as_of = date(2026, 1, 20)
    found = step_variables({"git_commit": "x"}, KEPT, as_of, date(2026, 1, 13))
    assert found == {"git_commit": "x", "as_of_date": "2026-01-13", "score_history_days": 3}


def test_what_is_stored_counts_if_it_is_of_the_same_rules_and_reaches_back(tmp_path: Path) -> None:
    store = Store(tmp_path / "pls.duckdb")
    as_of = date(2026, 1, 20)
    with duckdb.connect(str(store.work)) as connection:
        connection.execute("create schema intermediate")
    assert stored_until(store, KEPT, as_of, "now") is None
    with duckdb.connect(str(store.work)) as connection:
        connection.execute(
            "create table intermediate.int_scored_accounts as select 'now' as rules_fingerprint, "
            "date '2026-01-11' as first_on, date '2026-01-12' as settled_on"
        )
    assert stored_until(store, KEPT, as_of, "now") == date(2026, 1, 16)
    assert stored_until(store, KEPT, as_of, "then") is None
    assert stored_until(store, KEPT, date(2026, 1, 19), "now") is None


def test_numbers_come_from_variables_and_else_from_the_project() -> None:
    project = Project(ROOT)
    assert history(project, {}) == History(180, 3)
    assert history(project, {"score_history_days": "30", "late_arrival_days": 0}) == History(30, 0)
    with pytest.raises(InputError, match="score_history_days"):
        history(project, {"score_history_days": "many"})


def test_too_short_steps_are_refused() -> None:
    check_days(6, KEPT)
    with pytest.raises(InputError, match="give 6 days or more"):
        check_days(5, KEPT)


def test_steps_and_a_selection_do_not_go_together(stub: Place) -> None:
    result = stub.build("--backfill", "30", "--select", "users")
    assert result.returncode == 2
    (line,) = error_lines(result)
    assert "--backfill" in line and "leave --select out" in line


def test_a_backfill_that_was_killed_goes_on_and_gives_the_same(
    company: Place, tmp_path: Path
) -> None:
    place = Place(ROOT, company.raw, tmp_path / "db" / "pls.duckdb")
    words = ["--backfill", "40", "--no-tests"]
    with subprocess.Popen(
        command("build", *place.where, "--raw", place.raw, *words),
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "step 2 of 2" in line:
                break
        time.sleep(3)
        process.send_signal(signal.SIGKILL)
    assert not place.db.exists()

    result = place.build(*words)
    assert result.returncode == 0, result.stderr
    said = [line for line in result.stderr.splitlines() if " step " in line]
    assert said == ["history up to 2026-06-20, step 1 of 1"]
    with duckdb.connect() as connection:
        connection.execute(f"attach '{place.work}' as in_steps (read_only)")
        connection.execute(f"attach '{company.work}' as at_once (read_only)")
        for mart in ("pql_score_history", "pqa_score_history", "score_transitions"):
            left, right = f"from in_steps.marts.{mart}", f"from at_once.marts.{mart}"
            assert connection.execute(
                f"select count(*) > 100, count(*) = (select count(*) {right}) {left}"
            ).fetchall() == [(True, True)]
            assert connection.execute(f"{left} except all {right}").fetchall() == []

    # Once more, there is nothing left to do in steps.
    again = place.build(*words)
    assert again.returncode == 0, again.stderr
    assert "step 1" not in again.stderr
