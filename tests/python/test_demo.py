"""The sample company as a new user makes it: what was planted comes out, and units hold."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import ROOT, Place, pls
from pls.dbt_run import Dbt, environment
from pls.paths import Project, Store

GRADES = ["not_qualified", "emerging", "warm", "hot"]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("demo")
    place = Place(ROOT, folder / "raw", folder / "db" / "pls.duckdb")
    result = pls("demo", *place.where, "--raw", place.raw, "--json")
    assert result.returncode == 0, result.stderr
    json.loads(result.stdout)
    yield place
    shutil.rmtree(folder)


def truth(demo: Place) -> str:
    return f"read_csv('{demo.raw.parent / 'demo_truth.csv'}', all_varchar = true)"


def test_every_planted_account_is_scored(demo: Place) -> None:
    assert (
        demo.query(
            f"select account_id from {truth(demo)} "
            "where account_id not in (select account_id from marts.pqa_scores)"
        )
        == []
    )


def test_planted_accounts_reach_their_tier(demo: Place) -> None:
    found = demo.query(
        f"select archetype, expected_tier, tier, count(*) from {truth(demo)} as truth "
        "join marts.pqa_scores using (account_id) where expected_tier is not null group by all"
    )
    assert {row[0] for row in found} >= {"enterprise_ready", "mid_market_growing", "solo_hobbyist"}
    assert [row for row in found if str(row[1]) != str(row[2])] == []


def test_nobody_passes_the_grade_the_truth_allows(demo: Place) -> None:
    rows = demo.query(
        f"select truth.archetype, truth.max_grade, grade from {truth(demo)} as truth "
        "join marts.pql_scores using (account_id) where max_grade is not null group by all"
    )
    assert {str(row[0]) for row in rows} >= {"solo_hobbyist", "enterprise_signup_dormant"}
    above = [row for row in rows if GRADES.index(str(row[2])) > GRADES.index(str(row[1]))]
    assert above == []


def test_accounts_ready_to_buy_have_a_hot_lead_and_somebody_to_talk_to(demo: Place) -> None:
    ready = demo.query(
        f"select truth.account_id, count(*) filter (grade = 'hot'), any_value(recommended_contact) "
        f"from {truth(demo)} as truth join marts.pql_scores using (account_id) "
        "join marts.accounts using (account_id) "
        "where archetype = 'enterprise_ready' group by truth.account_id"
    )
    assert len(ready) >= 3
    assert [row for row in ready if not row[1] or not row[2]] == []


def test_free_mail_teams_form_accounts(demo: Place) -> None:
    teams = demo.query(
        f"select account_id, account_rule, users from {truth(demo)} "
        "join marts.accounts using (account_id) where archetype = 'free_mail_team'"
    )
    assert len(teams) >= 3
    for account, rule, users in teams:
        assert str(account).startswith("workspace:") and rule == "shared_workspace"
        assert isinstance(users, int) and users >= 2


def test_every_raw_table_is_there_and_none_is_clean(demo: Place) -> None:
    coverage = demo.query("select is_present, duplicate_rows > 0 from marts.source_coverage")
    assert coverage == [(True, True)] * 13
    assert len(demo.query("select distinct source_table from marts.quarantine")) == 13


def test_the_truth_stays_out_of_the_raw_tables(demo: Place) -> None:
    assert not [path for path in Path(demo.raw).rglob("*") if "truth" in path.name]


def test_unit_tests_hold(demo: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    project, store = Project(ROOT), Store(demo.db)
    for name, value in environment(store, project, demo.raw).items():
        monkeypatch.setenv(name, value)
    dbt = Dbt(project, store, demo.raw, {})
    outcome = dbt.run("test", ["--select", "test_type:unit"], lambda *_: None)
    assert outcome.error == ""
    assert [node.name for node in outcome.nodes if node.status != "pass"] == []
    assert len(outcome.having("pass")) > 50
