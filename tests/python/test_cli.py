"""The face: exit codes, one line for every error, JSON that parses."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from conftest import Place, error_lines, pls, write_raw
from pls.paths import Store
from pls.summary import print_summary, summary

WRONG = {
    "unknown verb": (["bulid"], "No such command"),
    "unknown option": (["build", "--fullrefresh"], "No such option"),
    "missing argument": (["explain"], "ACCOUNT_OR_USER"),
    "no number": (["generate", "--out", "x", "--events", "many"], "--events"),
    "too few accounts": (["generate", "--out", "x", "--accounts", "0"], "accounts"),
    "not a project": (["build", "--project-dir", "/"], "--project-dir"),
    "no raw folder": (["build", "--raw", "nowhere"], "nowhere does not exist"),
    "raw is a file": (["build", "--raw", "file"], "is not a folder"),
    "no date": (["build", "--raw", "raw", "--as-of", "yesterday"], "--as-of"),
    "no real date": (["build", "--raw", "raw", "--as-of", "2026-02-30"], "2026-02-30"),
    "future": (["build", "--raw", "raw", "--as-of", "2999-01-01"], "future"),
    "date in vars": (["build", "--raw", "raw", "--vars", "as_of_date: 7"], "as_of_date"),
    "vars is a list": (["build", "--raw", "raw", "--vars", "[1]"], "--vars"),
    "vars is no YAML": (["build", "--raw", "raw", "--vars", "{a: "], "--vars"),
    "unknown target": (["build", "--raw", "raw", "--target", "moon"], "choose dev"),
    "name of a schema": (["build", "--raw", "raw", "--db", "Marts.duckdb"], "name of a schema"),
    "name of a working database": (["build", "--db", "pls_work.duckdb"], "_work"),
    "nothing published": (["explain", "acme.com", "--db", "none.duckdb"], "run `pls build`"),
    "no weights": (["diff", "--signals", "none.csv"], "none.csv does not exist"),
    "nothing to test": (["test", "--db", "none.duckdb"], "run `pls build`"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_use_is_one_line_and_exit_code_2(
    name: str, stub_project: Path, tmp_path: Path
) -> None:
    arguments, said = WRONG[name]
    write_raw(tmp_path / "raw")
    (tmp_path / "file").touch()
    if arguments[0] in ("build", "explain", "test") and "--project-dir" not in arguments:
        arguments = [*arguments, "--project-dir", str(stub_project)]
    if arguments[0] == "build" and "--db" not in arguments:
        arguments = [*arguments, "--db", str(tmp_path / "pls.duckdb")]
    result = pls(*arguments, cwd=tmp_path)
    assert result.returncode == 2, result.stderr
    (line,) = error_lines(result)
    assert said in line
    assert result.stdout == ""


def test_help_says_every_verb() -> None:
    result = pls("--help")
    assert result.returncode == 0
    for verb in (
        "build",
        "demo",
        "generate",
        "test",
        "explain",
        "diff",
        "playbook",
        "backtest",
        "doctor",
        "bench",
    ):
        assert f"  {verb} " in result.stdout


def test_project_is_found_from_below_and_from_anywhere(stub: Place, tmp_path: Path) -> None:
    inside = stub.project / "models" / "marts"
    for cwd in (inside, tmp_path):
        result = pls("explain", "acme.com", "--db", stub.db, "--json", cwd=cwd)
        assert result.returncode == 0, result.stderr


def test_the_parts_of_a_summary_are_all(stub: Place, capsys: pytest.CaptureFixture[str]) -> None:
    store = Store(stub.db)
    with duckdb.connect(str(stub.db)) as connection:
        connection.execute(
            "insert into marts.accounts by name from (values "
            "('internal:own.com', 'internal'), ('new.com', 'domain')) "
            "added (account_id, account_rule)"
        )
        connection.execute(
            "insert into marts.users by name select 'i' || n as user_id, "
            "'internal:own.com' as account_id from range(1200) numbers (n)"
        )
    print_summary(store, summary(store), 1.0)
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:3] == [
        "1,202 users: 2 emerging and 1,200 internal",
        "3 accounts: 1 SMB, 1 internal and 1 not scored",
    ]
    with duckdb.connect(str(stub.db)) as connection:
        connection.execute("delete from marts.users")
        connection.execute("delete from marts.pql_scores")
    print_summary(store, summary(store), 1.0)
    assert "0 users: none\n" in capsys.readouterr().out


def test_json_is_all_there_is_on_stdout(stub: Place) -> None:
    build = json.loads(stub.build("--json").stdout)
    assert build["is_published"] and build["users"] == 2
    assert json.loads(pls("test", *stub.where, "--json").stdout)["passed"] == 2
    assert json.loads(pls("explain", "u1", *stub.where, "--json").stdout)["level"] == "user"
    doctor = json.loads(pls("doctor", *stub.where, "--raw", stub.raw, "--json").stdout)
    assert {"level", "what", "mend"} == set(doctor[0])


def test_generated_data_replaces_itself_and_nothing_else(tmp_path: Path) -> None:
    def generate(*more: str) -> tuple[int, str]:
        size = ("--accounts", 20, "--events", 2000, "--days", 60)
        result = pls("generate", "--out", tmp_path / "raw", *size, *more)
        return result.returncode, result.stderr

    assert generate()[0] == 0
    first = (tmp_path / "raw" / "users.parquet").read_bytes()
    assert generate()[0] == 0
    assert (tmp_path / "raw" / "users.parquet").read_bytes() == first
    assert generate("--seed", "8")[0] == 0
    assert (tmp_path / "raw" / "users.parquet").read_bytes() != first
    (tmp_path / "raw" / "my_own.csv").write_text("precious")
    code, said = generate()
    assert code == 2 and "my_own.csv" in said
    assert (tmp_path / "raw" / "my_own.csv").read_text() == "precious"
    assert generate("--force")[0] == 0
    assert not (tmp_path / "raw" / "my_own.csv").exists()


def test_generate_leaves_somebodys_raw_folder_alone(tmp_path: Path) -> None:
    write_raw(tmp_path / "raw")
    result = pls("generate", "--out", tmp_path / "raw")
    assert result.returncode == 2
    assert "holds data that was not generated" in result.stderr
    assert sorted(p.name for p in (tmp_path / "raw").iterdir()) == ["events.csv", "users.csv"]
