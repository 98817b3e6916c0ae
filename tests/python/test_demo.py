"""The sample company as a new user makes it: what was planted comes out, and units hold."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest

from conftest import ROOT, Place, pls
from pls.build import STORAGE_VERSION
from pls.dbt_run import Dbt, environment
from pls.paths import Project, Store, read_output

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


NOUNS = (
    r"(?:user|time|event|day|week|month|minute|hour|feature|integration|department|workspace|"
    r"colleague|invitation|use|point|executive|employee|account|role|seat|tool|step)"
)
ONE_OF_MANY = re.compile(
    rf"(?<![\d.,])1 (?:(?!of |to |on |in )[a-z]+ ){{0,2}}(?:{NOUNS}s|people|countries|are)\b"
)
MANY_OF_ONE = re.compile(
    r"(?<![\w.,])(?:[02-9]|\d[\d,]*\d) (?:active |new |different |premium )?"
    rf"(?:{NOUNS}|person|country)\b"
)
READ_BY_REPS = (
    *("account_dossiers", "sales_queue", "sales_triggers", "score_breakdown", "account_guards"),
    *("account_routing", "account_motions", "crm_changes", "crm_sync_accounts", "crm_sync_tasks"),
    "score_transitions",
)


@pytest.mark.parametrize(
    ("text", "agrees"),
    [
        ("1 people of Acme worked with us", False),
        ("with 1 active users", False),
        ("2 integrations and 1 different features.", False),
        ("1 users are active", False),
        ("11 premium feature in 30 days", False),
        ("12 person", False),
        ("1 person of Acme, 1 of 12 users, 0 features, 1 country", True),
        ("Activated 11.1 minutes after signing up; 1 to 3 users; 1 open role", True),
    ],
)
def test_disagreeing_numbers_are_found(text: str, agrees: bool) -> None:
    assert bool(ONE_OF_MANY.search(text) or MANY_OF_ONE.search(text)) != agrees


@pytest.mark.parametrize("mart", READ_BY_REPS)
def test_numbers_agree_with_their_nouns(demo: Place, mart: str) -> None:
    columns = demo.query(
        "select column_name from information_schema.columns where table_schema = 'marts' "
        f"and table_name = '{mart}' and data_type = 'VARCHAR'"
    )
    assert columns
    for (column,) in columns:
        texts = demo.query(f'select distinct "{column}" from marts.{mart}')
        wrong = [
            text for (text,) in texts
            if ONE_OF_MANY.search(str(text)) or MANY_OF_ONE.search(str(text))
        ]  # fmt: skip
        assert not wrong, f"{column}: {wrong[:3]}"


MOTIONS = {
    "enterprise_ready": {"sales_led"},
    "hand_raiser_small": {"sales_assist"},
    "backed_off": {"self_serve"},
    "converting": {"self_serve"},
    "opted_out": {"self_serve"},
    "solo_hobbyist": {"self_serve"},
    "free_mail_team": {"self_serve"},
    "enterprise_signup_dormant": {"nurture"},
    "paying_expanding": {"sales_led", "existing_opportunity"},
}
"""What must be done with planted accounts."""


def test_planted_accounts_are_routed_as_the_truth_asks(demo: Place) -> None:
    found = demo.query(
        f"select archetype, motion, play, count(*) from {truth(demo)} as truth "
        "join marts.account_routing using (account_id) group by all"
    )
    motions: dict[str, set[str]] = {}
    for archetype, motion, *_ in found:
        motions.setdefault(str(archetype), set()).add(str(motion))
    assert {name: motions[name] for name in MOTIONS} == MOTIONS
    plays = {str(row[2]) for row in found if row[0] == "paying_expanding"}
    assert plays == {"expansion"}


def test_planted_guards_speak_with_evidence(demo: Place) -> None:
    found = demo.query(
        f"select archetype, guard, any_value(evidence) from {truth(demo)} as truth "
        "join marts.account_guards using (account_id) group by all"
    )
    guards = {(str(row[0]), str(row[1])) for row in found}
    assert guards >= {
        ("backed_off", "backed_off"),
        ("converting", "converting"),
        ("opted_out", "opted_out"),
        ("paying_expanding", "open_opportunity"),
        ("enterprise_signup_dormant", "before_activation"),
    }
    assert all(row[2] for row in found)


def test_the_queue_has_owners_reasons_and_words(demo: Place) -> None:
    rows = demo.query(
        "select owner_id, status, due_by, opening_line, contact_email from marts.sales_queue"
    )
    assert len(rows) > 20
    assert {row[1] for row in rows} == {"assigned", "waiting_for_capacity"}
    assert all((row[0] is None) == (row[1] != "assigned") for row in rows)
    assert all(row[2] and row[3] and row[4] for row in rows)


QUEUED = "(select min(account_id) from marts.sales_queue)"
LAWS = {
    "every_account_is_routed_once": [
        "insert into marts.account_routing from marts.account_routing limit 1",
        f"delete from marts.account_routing where account_id = {QUEUED}",
    ],
    "guarded_accounts_are_left_alone": [
        f"insert into marts.account_guards values ({QUEUED}, '{guard}', 'planted')"
        for guard in (
            *("converting", "backed_off", "opted_out", "competitor", "suppressed", "holdout"),
            *("open_opportunity", "before_activation", "too_early", "no_context"),
        )
    ],
    "nobody_opted_out_is_a_contact": [
        "update marts.users set is_opted_out = true "
        "where user_id = (select min(contact_user_id) from marts.sales_queue)",
        "update marts.users set is_opted_out = true "
        "where user_id = (select min(key) from marts.crm_sync_contacts)",
    ],
    "sales_has_context": [
        f"update marts.account_dossiers set is_complete = false where account_id = {QUEUED}",
        f"delete from marts.account_dossiers where account_id = {QUEUED}",
    ],
    "small_accounts_are_not_called": [
        "update marts.account_routing set is_sales_motion = true where value_axis = 'low'",
    ],
    "reps_stay_within_capacity": [
        "update seeds.sales_reps set weekly_capacity = 0",
        "update seeds.sales_reps set is_active = false",
    ],
    "opening_lines_carry_numbers": [
        "update marts.account_dossiers set opening_line = 'Shall I show you a demo?'",
    ],
    "crm_changes_change_something": [
        "insert into marts.crm_acknowledged select object_type, object_key, payload, "
        "payload_hash, now()::timestamp from marts.crm_changes limit 1",
    ],
}
"""The laws of routing, with what breaks each."""


@pytest.mark.parametrize("law", LAWS)
def test_a_broken_law_is_found(demo: Place, law: str, tmp_path: Path) -> None:
    compiled = demo.db.parent / "pls_target" / "compiled" / "pls" / "tests" / "data"
    query = (compiled / f"{law}.sql").read_text()
    copy = tmp_path / demo.work.name  # the query names the database
    shutil.copy(demo.work, copy)
    with duckdb.connect(str(copy)) as connection:
        assert connection.execute(query).fetchall() == []
        for broken in LAWS[law]:
            connection.execute("begin")
            connection.execute(broken)
            assert connection.execute(query).fetchall(), broken
            connection.execute("rollback")


def rows_expected(operator: dict[str, Any]) -> int:
    found = operator["extra_info"].get("Estimated Cardinality")
    if found is not None:
        return int(found)
    return max((rows_expected(child) for child in operator["children"]), default=1)


def operators(operator: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """An operator of a plan and all it reads from."""
    waiting = [operator]
    while waiting:
        waiting += (each := waiting.pop())["children"]
        yield each


@pytest.fixture(scope="module")
def plans(demo: Place, request: pytest.FixtureRequest) -> dict[str, list[dict[str, Any]]]:
    """The operators that carry out each model's query, by the model's name."""
    request.addfinalizer(partial(sys.setrecursionlimit, sys.getrecursionlimit()))
    sys.setrecursionlimit(10_000)  # plans are deep
    models = demo.db.with_name(f"{demo.db.stem}_target") / "compiled" / "pls" / "models"
    found = {}
    options = read_output(Project(ROOT), None)["config_options"]
    optimizers = {"disabled_optimizers": options["disabled_optimizers"]}
    with duckdb.connect(str(demo.work), read_only=True, config=optimizers) as connection:
        for path in sorted(models.rglob("*.sql")):
            if any(folder.suffix == ".yml" for folder in path.parents):  # a test
                continue
            plan = connection.execute(f"explain (format json) {path.read_text()}").fetchall()
            found[path.stem] = [each for part in json.loads(plan[0][1]) for each in operators(part)]
    return found


def test_no_model_compares_everything_with_everything(
    plans: dict[str, list[dict[str, Any]]],
) -> None:
    """Of each join of every row with every other: the smaller side, and by what."""
    found = {
        name: [
            (min(map(rows_expected, each["children"])), str(each["extra_info"]))
            for each in plan
            if each["name"].strip() in ("BLOCKWISE_NL_JOIN", "NESTED_LOOP_JOIN")
        ]
        for name, plan in plans.items()
    }
    assert any(found.values())  # the plans are read: a day beside all rows is such a join
    # With a short list, as of patterns or plans, it is no matter; seeds are short.
    del found["seed_problems"]
    assert [(name, by) for name, joins in found.items() for rows, by in joins if rows > 100] == []


# Relations of a row for each thing that happened, or for each day something changed.
LARGE = {
    "base_events",
    "daily_usage",
    *(
        f"int_{level}_{rows}"
        for level in ("user", "account")
        for rows in ("measures", "days", "metrics", "examples", "scores")
    ),
    "pql_score_history",
    "pqa_score_history",
}
# Models that write down rows of one of these, but only those of as_of_date or a few Mondays.
OF_FEW_DAYS = {"accounts", "int_user_personas", "signal_health"}


def large_relations(operator: dict[str, Any]) -> Iterator[str]:
    """The large relations of which an operator hands on the rows, neither grouped nor filtered."""
    if "GROUP_BY" in operator["name"] or "AGGREGATE" in operator["name"]:
        return
    if "SCAN" in operator["name"]:
        table = operator["extra_info"].get("Table", "").rpartition(".")[2]
        if table in LARGE and "Filters" not in operator["extra_info"]:
            yield table
    for child in operator["children"]:
        yield from large_relations(child)


def test_no_large_relation_is_written_down_between(
    plans: dict[str, list[dict[str, Any]]],
) -> None:
    """A query that is read twice is written to memory whole, unless it says otherwise."""
    written = {
        name: {
            f"{each['extra_info']['CTE Name']} copies {table}"
            for each in plan
            if each["name"].strip() == "CTE"
            for table in large_relations(each["children"][0])
        }
        for name, plan in plans.items()
    }
    found = {name for name, queries in written.items() if queries}
    assert found == OF_FEW_DAYS, {name: written[name] for name in found - OF_FEW_DAYS}


def test_no_model_reads_the_properties_of_events_for_nothing(
    plans: dict[str, list[dict[str, Any]]],
) -> None:
    """A view that writes something down between hands on every column to all its readers."""
    readers = {
        name
        for name, plan in plans.items()
        for each in plan
        if each["extra_info"].get("Table", "").endswith(".base_events")
        and "properties" in each["extra_info"]["Projections"]
    }
    # Views, which read what they are asked for.
    views = {"stg_events", "int_events_attributed"}
    wanting = {"stg_event_arrivals", "stg_event_copies", "daily_usage", "quarantine"}
    assert readers - views == wanting


def test_the_working_database_has_the_format_that_is_written_fast(demo: Place) -> None:
    options = read_output(Project(ROOT), None)["config_options"]
    assert options["storage_compatibility_version"] == STORAGE_VERSION
    with duckdb.connect(str(demo.work), read_only=True) as connection:
        tags = connection.execute("select tags['storage_version'] from duckdb_databases()")
        assert tags.fetchall()[0] == (f"{STORAGE_VERSION}+",)
