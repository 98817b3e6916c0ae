"""`pls queue` on the tiny project."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from conftest import Place, error_lines, pls


def test_the_best_is_first_with_owner_and_reason(built_stub: Place) -> None:
    result = pls("queue", *built_stub.where)
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0] == "Morning queue"
    assert "Ada" in result.stdout and "no rep" in result.stdout
    assert "overdue" in result.stdout
    assert "[bold]a person[/bold]" in " ".join(result.stdout.split())
    assert "(3 May)" not in result.stdout  # it is that day
    assert "entered sales_led on 2026-05-03" in " ".join(result.stdout.split())
    assert result.stdout.index("Acme") < result.stdout.index("Beta")
    assert max(len(line) for line in lines) <= 100


def test_a_reason_of_an_earlier_day_says_which(stub: Place) -> None:
    with duckdb.connect(str(stub.db)) as connection:
        connection.execute("update marts.sales_queue set as_of_date = date '2026-05-08'")
    said = " ".join(pls("queue", *stub.where).stdout.split())
    assert "[bold]a person[/bold] (3 May)" in said
    with duckdb.connect(str(stub.db)) as connection:
        connection.execute(
            "update marts.sales_queue set trigger_evidence = 'Asked', "
            "as_of_date = date '2027-01-08'"
        )
    said = " ".join(pls("queue", *stub.where).stdout.split())
    assert "Asked (3 May 2026)" in said


@pytest.fixture
def place(stub: Place, tmp_path: Path) -> Place:
    """The built tiny project with reps."""
    project = tmp_path / "project"
    (project / "seeds").mkdir(parents=True)
    for path in (stub.project / "dbt_project.yml", stub.project / "profiles.yml"):
        shutil.copy(path, project)
    (project / "seeds" / "sales_reps.csv").write_text(
        "rep_id,name\nrep_1,Ada Lind\nrep_2,Ben\nrep_3,Twin\nrep_4,Twin\n"
    )
    return Place(project, stub.raw, stub.db)


@pytest.mark.parametrize("owner", ["rep_1", "Ada Lind", " ada  lind "])
def test_a_rep_sees_only_what_is_theirs(place: Place, owner: str) -> None:
    result = pls("queue", "--owner", owner, "--json", *place.where)
    assert [row["account_id"] for row in json.loads(result.stdout)] == ["acme.com"]


def test_for_a_rep_without_accounts_nobody_waits(place: Place) -> None:
    result = pls("queue", "--owner", "Ben", *place.where)
    assert result.returncode == 0
    assert result.stdout == "nobody waits for Ben\n"


@pytest.mark.parametrize(
    ("owner", "said"),
    [
        ("rep_9", "--owner: nobody is 'rep_9'; reps are rep_1, rep_2, rep_3, rep_4; see seeds"),
        ("", "--owner: nobody is ''; reps are"),
        ("Twin", "--owner: 'Twin' is the name of rep_3, rep_4; give the rep_id"),
    ],
)
def test_an_owner_that_is_no_rep_is_told_who_is(place: Place, owner: str, said: str) -> None:
    result = pls("queue", "--owner", owner, *place.where)
    assert result.returncode == 2
    (line,) = error_lines(result)
    assert line.startswith(said)


def test_a_long_queue_says_how_much_is_not_shown(stub: Place) -> None:
    with duckdb.connect(str(stub.db)) as connection:
        connection.execute(
            "insert into marts.sales_queue select sales_queue.* replace ("
            "'more' || n as account_id, 'More ' || n as company_name, n as queue_position) "
            "from marts.sales_queue, range(3, 1015) numbers (n) where account_id = 'beta.com'"
        )
    result = pls("queue", *stub.where)
    assert "and 1,002 more; pls queue --all lists them" in result.stdout.splitlines()
    assert "More 12" in result.stdout and "More 13" not in result.stdout
    result = pls("queue", "--all", *stub.where)
    assert "More 1014" in result.stdout and "lists them" not in result.stdout


def test_without_anything_published_it_says_so(stub_project: object, tmp_path: object) -> None:
    result = pls("queue", "--project-dir", stub_project, "--db", f"{tmp_path}/none.duckdb")
    assert result.returncode == 2
    assert "nothing is published" in result.stderr
