"""`pls queue` on the tiny project."""

from __future__ import annotations

import json

from conftest import Place, pls


def test_the_best_is_first_with_owner_and_reason(built_stub: Place) -> None:
    result = pls("queue", *built_stub.where)
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0] == "Morning queue"
    assert "Ada" in result.stdout and "no rep" in result.stdout
    assert "overdue" in result.stdout
    assert "[bold]a person[/bold]" in " ".join(result.stdout.split())
    assert "entered sales_led on 2026-05-03" in " ".join(result.stdout.split())
    assert result.stdout.index("Acme") < result.stdout.index("Beta")
    assert max(len(line) for line in lines) <= 100


def test_a_rep_sees_only_what_is_theirs(built_stub: Place) -> None:
    result = pls("queue", "--owner", "rep_1", "--json", *built_stub.where)
    assert [row["account_id"] for row in json.loads(result.stdout)] == ["acme.com"]
    result = pls("queue", "--owner", "rep_9", *built_stub.where)
    assert result.returncode == 0
    assert result.stdout == "nobody waits for rep_9\n"


def test_without_anything_published_it_says_so(stub_project: object, tmp_path: object) -> None:
    result = pls("queue", "--project-dir", stub_project, "--db", f"{tmp_path}/none.duckdb")
    assert result.returncode == 2
    assert "nothing is published" in result.stderr
