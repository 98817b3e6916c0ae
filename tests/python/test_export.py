"""`pls export`: what was acknowledged does not come again, what was not comes the same."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from conftest import ROOT, Place, Result, pls
from pls import crm_state
from pls.lock import hold
from pls.paths import Store

FILES = ("crm_sync_accounts", "crm_sync_contacts", "crm_sync_tasks", "sales_alerts")


@pytest.fixture
def place(stub: Place, tmp_path: Path) -> Place:
    """The built tiny project with the real list of fields."""
    project = tmp_path / "project"
    project.mkdir()
    for path in (stub.project / "dbt_project.yml", stub.project / "profiles.yml"):
        (project / path.name).write_bytes(path.read_bytes())
    (project / "seeds").mkdir()
    (project / "seeds" / "crm_fields.csv").write_bytes(
        (ROOT / "seeds" / "crm_fields.csv").read_bytes()
    )
    return Place(project, stub.raw, stub.db)


def export(place: Place, to: Path, *arguments: object) -> Result:
    return pls("export", "--to", to, *arguments, *place.where)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_without_acknowledgement_the_same_rows_come_again(place: Place, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        result = export(place, tmp_path / folder)
        assert result.returncode == 0, result.stderr
        assert "not acknowledged" in result.stdout
    for name in FILES:
        first, second = (tmp_path / folder / f"{name}.csv" for folder in ("one", "two"))
        assert first.read_bytes() == second.read_bytes()
    contacts = read(tmp_path / "one" / "crm_sync_contacts.csv")
    assert [(row["key"], row["operation"]) for row in contacts] == [
        ("u1", "insert"),
        ("u2", "insert"),
    ]
    assert all(row["payload_hash"] for row in contacts)
    # Nobody told the CRM of it, so there is nothing to clear.
    assert [row["key"] for row in read(tmp_path / "one" / "crm_sync_accounts.csv")] == ["acme.com"]


def test_what_was_acknowledged_does_not_come_again(place: Place, tmp_path: Path) -> None:
    assert export(place, tmp_path / "one", "--ack").returncode == 0
    state = crm_state.read(Store(place.db).crm_state)
    assert set(state) == {("account", "acme.com"), ("contact", "u1"), ("contact", "u2")}
    result = export(place, tmp_path / "three", "--ack")
    assert "the same rows of crm_sync_* will not come again" in result.stdout
    assert "sales_alerts holds all alerts of 2026-05-03" in result.stdout
    result = export(place, tmp_path / "two", "--ack", "--json")
    facts = json.loads(result.stdout)
    assert facts["is_acknowledged"]
    assert [n for f, n in facts["files"].items() if "alerts" not in f] == [0, 0, 0]
    assert read(tmp_path / "two" / "crm_sync_contacts.csv") == []
    assert read(tmp_path / "two" / "sales_alerts.csv") == read(
        tmp_path / "one" / "sales_alerts.csv"
    )


def test_a_crash_before_the_acknowledgement_loses_nothing(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(crm_state, "write", crash)
        assert export(place, tmp_path / "one", "--ack").returncode == 130
    assert export(place, tmp_path / "two", "--ack").returncode == 0
    for name in FILES:
        first, second = (tmp_path / folder / f"{name}.csv" for folder in ("one", "two"))
        assert first.read_bytes() == second.read_bytes()


def test_operations_follow_what_the_crm_has(place: Place, tmp_path: Path) -> None:
    path = Store(place.db).crm_state
    held = crm_state.Acknowledged('{"pqa_score": "40"}', "another", datetime(2026, 5, 1))
    crm_state.write(path, {("account", "acme.com"): held, ("account", "gone.com"): held})
    assert export(place, tmp_path / "one", "--ack").returncode == 0
    accounts = read(tmp_path / "one" / "crm_sync_accounts.csv")
    assert {row["key"]: row["operation"] for row in accounts} == {
        "acme.com": "update",
        "gone.com": "clear",
    }
    assert ("account", "gone.com") not in crm_state.read(path)


def test_formats_hold_the_same_rows_in_their_types(place: Place, tmp_path: Path) -> None:
    for kind in ("csv", "jsonl", "parquet"):
        assert export(place, tmp_path, "--format", kind).returncode == 0
    (row,) = map(json.loads, (tmp_path / "crm_sync_accounts.jsonl").read_text().splitlines())
    assert row["pqa_score"] == 50 and row["fields"] == "pqa_score"
    found = duckdb.sql(
        f"select pqa_score, account_name from '{tmp_path}/crm_sync_accounts.parquet'"
    )
    assert found.fetchall() == [(50, "=1+1")]
    assert not list(tmp_path.glob(".*.new"))


def test_names_are_those_of_the_crm(place: Place, tmp_path: Path) -> None:
    assert export(place, tmp_path, "--names", "salesforce").returncode == 0
    (row,) = read(tmp_path / "crm_sync_accounts.csv")
    assert row["PQA_Score__c"] == "50" and row["Name"] == "=1+1"
    assert row["fields"] == "PQA_Score__c"


def test_only_fields_of_the_list_are_sent(place: Place, tmp_path: Path) -> None:
    seed = place.project / "seeds" / "crm_fields.csv"
    lines = seed.read_text().splitlines(keepends=True)
    seed.write_text("".join(line for line in lines if "account_name" not in line))
    assert export(place, tmp_path).returncode == 0
    (row,) = read(tmp_path / "crm_sync_accounts.csv")
    assert "account_name" not in row and "pqa_score" in row


def test_a_name_that_is_missing_is_told(place: Place, tmp_path: Path) -> None:
    seed = place.project / "seeds" / "crm_fields.csv"
    seed.write_text(seed.read_text().replace("PQA_Score__c", ""))
    result = export(place, tmp_path, "--names", "salesforce")
    assert result.returncode == 2
    assert "account.pqa_score has no salesforce_field" in result.stderr


def test_alerts_are_todays_of_accounts_in_the_queue(place: Place, tmp_path: Path) -> None:
    assert export(place, tmp_path).returncode == 0
    alerts = read(tmp_path / "sales_alerts.csv")
    assert {row["account_id"] for row in alerts} == {"acme.com", "beta.com"}
    assert {row["triggered_on"] for row in alerts} == {"2026-05-03"}


def test_while_a_build_runs_nothing_is_acknowledged(place: Place, tmp_path: Path) -> None:
    with hold(Store(place.db).lock):
        result = export(place, tmp_path, "--ack")
        assert result.returncode == 3
        assert export(place, tmp_path).returncode == 0
    assert not Store(place.db).crm_state.exists()


def test_a_state_that_cannot_be_read_stops_it(place: Place, tmp_path: Path) -> None:
    Store(place.db).crm_state.write_bytes(b"PAR1 no")
    result = export(place, tmp_path)
    assert result.returncode == 2
    (line,) = result.stderr.splitlines()
    assert "restore it from a backup" in line
