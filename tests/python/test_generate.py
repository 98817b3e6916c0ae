"""The sample company: same arguments, same rows; every table; a truth that is not leaked."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest

from pls.errors import InputError
from pls.generate import ARCHETYPES, GeneratedCompany, generate

LAST_DAY = date(2026, 6, 30)
TABLES = {
    "events": "read_parquet('{raw}/events/*/*.parquet', hive_partitioning = true)",
    "users": "read_parquet('{raw}/users.parquet')",
    "workspaces": "read_csv('{raw}/workspaces.csv', all_varchar = true)",
    "companies": "read_csv('{raw}/companies.csv', all_varchar = true)",
    "subscriptions": "read_json('{raw}/subscriptions.jsonl', format = 'newline_delimited')",
    "usage_meters": "read_parquet('{raw}/usage_meters/*.parquet')",
    "crm_accounts": "read_csv('{raw}/crm_accounts.csv', all_varchar = true)",
    "crm_opportunities": "read_json('{raw}/crm_opportunities.jsonl', format = 'newline_delimited')",
    "crm_activities": "read_csv('{raw}/crm_activities.csv.gz', all_varchar = true)",
    "crm_leads": "read_csv('{raw}/crm_leads.csv', all_varchar = true)",
    "support_tickets": "read_parquet('{raw}/support_tickets.parquet')",
    "nps_responses": "read_json('{raw}/nps_responses.jsonl.gz', format = 'newline_delimited')",
    "deal_feedback": "read_json('{raw}/deal_feedback.jsonl', format = 'newline_delimited')",
}


def small(
    out: Path, seed: int = 7, on_progress: Callable[[str], None] | None = None
) -> GeneratedCompany:
    return generate(out, events=6_000, accounts=40, days=75, seed=seed, on_progress=on_progress)


def rows_of(
    raw: Path, table: str, query: str = "select * from {table}"
) -> list[tuple[object, ...]]:
    source = TABLES[table].format(raw=raw)
    with duckdb.connect() as con:
        return con.execute(query.format(table=source)).fetchall()


def value_of(raw: Path, table: str, expression: str, where: str = "true") -> object:
    return rows_of(raw, table, f"select {expression} from {{table}} where {where}")[0][0]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> GeneratedCompany:
    return small(tmp_path_factory.mktemp("sample") / "raw")


@pytest.fixture(scope="module")
def truth(company: GeneratedCompany) -> list[dict[str, str]]:
    with company.truth_file.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("table", sorted(TABLES))
def test_every_table_is_there_with_the_reported_number_of_rows(
    company: GeneratedCompany, table: str
) -> None:
    assert value_of(company.raw_folder, table, "count(*)") == company.rows[table] > 0


def test_no_other_table_is_there(company: GeneratedCompany) -> None:
    names = {path.name.split(".")[0] for path in company.raw_folder.iterdir()}
    assert names == set(TABLES) == set(company.rows)


def test_same_arguments_give_the_same_rows_in_the_same_order(
    company: GeneratedCompany, tmp_path: Path
) -> None:
    again = small(tmp_path / "raw")
    assert again.rows == company.rows
    for table in TABLES:
        assert rows_of(again.raw_folder, table) == rows_of(company.raw_folder, table)
    assert again.truth_file.read_bytes() == company.truth_file.read_bytes()


def test_another_seed_gives_another_company(company: GeneratedCompany, tmp_path: Path) -> None:
    other = small(tmp_path / "raw", seed=8)
    assert rows_of(other.raw_folder, "users") != rows_of(company.raw_folder, "users")


def test_counts_follow_the_arguments(tmp_path: Path) -> None:
    made = generate(tmp_path / "raw", events=40_000, accounts=60, days=90)
    assert made.accounts == 60
    assert 5 <= made.users / made.accounts <= 12
    assert made.rows["events"] == pytest.approx(40_000, rel=0.08)
    assert len(list((made.raw_folder / "events").iterdir())) == 90


def test_the_last_day_is_the_last_partition_and_has_events(company: GeneratedCompany) -> None:
    assert value_of(company.raw_folder, "events", "max(event_date)") == LAST_DAY
    past = "occurred_at < timestamp '2090-01-01'"
    newest = value_of(company.raw_folder, "events", "max(cast(occurred_at as date))", past)
    assert newest == LAST_DAY


def test_truth_lies_beside_the_raw_folder_and_never_in_it(company: GeneratedCompany) -> None:
    assert company.truth_file == company.raw_folder.parent / "demo_truth.csv"
    assert not list(company.raw_folder.rglob("*truth*"))
    archetypes = [archetype.name.encode() for archetype in ARCHETYPES]
    for path in company.raw_folder.iterdir():
        if path.suffix in (".csv", ".jsonl"):
            content = path.read_bytes()
            assert not [name for name in archetypes if name in content]


def test_truth_names_every_archetype_and_each_account_once(
    company: GeneratedCompany, truth: list[dict[str, str]]
) -> None:
    assert {row["archetype"] for row in truth} == {archetype.name for archetype in ARCHETYPES}
    assert len({row["account_id"] for row in truth}) == len(truth) == company.accounts
    users = {row[0] for row in rows_of(company.raw_folder, "users")}
    assert {row["user_id"] for row in truth} <= users


def test_team_without_a_domain_is_a_workspace_account(truth: list[dict[str, str]]) -> None:
    kinds = {row["archetype"]: row["account_id"].split(":")[0] for row in truth}
    assert kinds["free_mail_team"] == "workspace"
    assert kinds["solo_hobbyist"] == "user"


def test_the_partial_folder_is_gone(company: GeneratedCompany) -> None:
    names = sorted(path.name for path in company.raw_folder.parent.iterdir())
    assert names == ["demo_truth.csv", "raw"]


@pytest.mark.parametrize(
    ("what", "condition"),
    [
        ("no id", "event_id is null"),
        ("no name", "event_name is null"),
        ("no time", "occurred_at is null"),
        ("in the future", "occurred_at > timestamp '2090-01-01'"),
        ("before the epoch", "occurred_at < timestamp '2000-01-01'"),
        ("no actor", "user_id is null and anonymous_id is null"),
        ("orphan", "user_id like 'u_gone_%'"),
        ("not an object", "properties = '[1, 2, 3]'"),
        ("broken", "not json_valid(properties)"),
        ("late", "received_at >= occurred_at + interval 1 day"),
        ("never identified", "anonymous_id like 'anon_visitor_%'"),
    ],
)
def test_events_show_every_kind_of_awkward_row(
    company: GeneratedCompany, what: str, condition: str
) -> None:
    assert value_of(company.raw_folder, "events", "count(*)", condition), what


def test_some_events_arrive_twice_and_some_of_them_on_another_day(
    company: GeneratedCompany,
) -> None:
    copies = rows_of(
        company.raw_folder,
        "events",
        "select count(distinct event_date) from {table} where event_id is not null"
        " group by event_id having count(*) > 1",
    )
    assert (1,) in copies
    assert (2,) in copies


def test_anonymous_share_of_site_visits(company: GeneratedCompany) -> None:
    share = value_of(
        company.raw_folder, "events", "avg(cast(user_id is null as integer))",
        "event_name = 'page_viewed'",
    )  # fmt: skip
    assert isinstance(share, float)
    assert 0.3 <= share <= 0.7


def test_an_anonymous_visitor_is_identified_later(company: GeneratedCompany) -> None:
    identified = rows_of(
        company.raw_folder,
        "events",
        "select anonymous_id from {table} group by anonymous_id"
        " having min(occurred_at) filter (user_id is null)"
        " < min(occurred_at) filter (user_id is not null)",
    )
    assert len(identified) > 20


def test_refuses_what_it_cannot_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="accounts"):
        generate(tmp_path / "raw", accounts=5)
    with pytest.raises(InputError, match="days"):
        generate(tmp_path / "raw", days=10)
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "mine.txt").write_text("keep me")
    with pytest.raises(InputError, match="empty folder"):
        generate(tmp_path / "raw")
    assert (tmp_path / "raw" / "mine.txt").read_text() == "keep me"


def test_progress_is_told(tmp_path: Path) -> None:
    lines: list[str] = []
    small(tmp_path / "raw", on_progress=lines.append)
    assert lines[0].startswith("planning 40 accounts")
    assert "day 75 of 75" in lines[-1]
