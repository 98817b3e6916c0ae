"""Bad files stop a build with one line; strange content is only content."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
import zstandard

from conftest import ROOT, Place, error_lines, pls


def truncated_parquet(raw: Path) -> str:
    path = raw / "workspaces.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select 'w' || i as workspace_id from range(1000) numbers (i)) to '{path}'"
        )
    path.write_bytes(path.read_bytes()[:-100])
    return "workspaces.parquet"


def garbled_parquet(raw: Path) -> str:
    """The footer is good; what it points to is not."""
    (raw / "users.csv").unlink()
    path = raw / "users.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            "copy (select md5(i::varchar) as user_id, 'a@acme.com' as email, "
            f"timestamp '2026-05-01' as created_at from range(20000) numbers (i)) to '{path}'"
        )
    content = bytearray(path.read_bytes())
    content[4 : len(content) // 2] = b"\xff" * (len(content) // 2 - 4)
    path.write_bytes(content)
    return "users.parquet"


def too_many_fields(raw: Path) -> str:
    with (raw / "users.csv").open("a") as stream:
        stream.write("u3,c@acme.com,2026-04-01,surplus\n")
    return "users.csv, line 4"


def broken_json(raw: Path) -> str:
    (raw / "deal_feedback.jsonl").write_text('{"opportunity_id": "o1"}\n{"opportunity_id": \n')
    return "deal_feedback.jsonl, line"


def cut_off_gz(raw: Path) -> str:
    """DuckDB alone reads such a file up to where it was cut."""
    rows = "".join(f"c{i}.com,{i}\n" for i in range(50_000))
    content = gzip.compress(("domain,employee_count\n" + rows).encode())
    (raw / "companies.csv.gz").write_bytes(content[: len(content) // 2])
    return "companies.csv.gz: the compressed file is damaged or cut off"


def cut_off_zst(raw: Path) -> str:
    rows = "".join(f'{{"domain": "c{i}.com"}}\n' for i in range(50_000))
    content = zstandard.compress(rows.encode())
    (raw / "companies.jsonl.zst").write_bytes(content[:-9])
    return "companies.jsonl.zst: the compressed file is damaged or cut off"


def missing_column(raw: Path) -> str:
    (raw / "events.csv").write_text("event_id,occurred_at\ne1,2026-05-01\n")
    return "required column event_name"


def missing_table(raw: Path) -> str:
    (raw / "users.csv").unlink()
    return "required table users"


def mixed_layout(raw: Path) -> str:
    folder = raw / "events" / "received_on=2026-05-01"
    folder.mkdir(parents=True)
    text = (raw / "events.csv").read_text()
    (folder / "part.csv").write_text(text)
    (raw / "events.csv").rename(raw / "events" / "part.csv")
    return (
        f"{raw}/events/part.csv: lies in other partition folders (name=value) than "
        f"{folder}/part.csv; put all files of the table into folders of the same names"
    )


def table_twice(raw: Path) -> str:
    (raw / "users.jsonl").write_text("{}\n")
    return "users is there more than once"


@pytest.mark.parametrize(
    "spoil",
    [
        truncated_parquet,
        garbled_parquet,
        too_many_fields,
        broken_json,
        cut_off_gz,
        cut_off_zst,
        missing_column,
        missing_table,
        table_twice,
        mixed_layout,
    ],
)
def test_a_bad_file_is_named_in_one_line(stub: Place, spoil: Callable[[Path], str]) -> None:
    before = stub.db.read_bytes()
    said = spoil(stub.raw)
    result = stub.build()
    assert result.returncode == 2
    (line,) = error_lines(result)
    assert said in line
    assert stub.db.read_bytes() == before


NAMES = [
    "Robert'); drop table users; --",
    'She said "hi", twice',
    "two\nlines\r\nand a\ttab",
    "Zoë 🦆 \u202eright to left",
    "[red]{{ ref('users') }}[/red] %s {0} $1",
    "\x1b[31mred\x1b[0m",
    "x" * 100_000,
]


def write_hostile(raw: Path) -> None:
    """Thirteen tables are never needed, and what is there comes in every guise."""
    raw.mkdir()
    with duckdb.connect() as connection:
        connection.execute("create table people (user_id varchar, full_name varchar)")
        connection.executemany(
            "insert into people values (?, ?)",
            [(f"{name[:60]}_{n}", name) for n, name in enumerate(NAMES)],
        )
        connection.execute(
            f"copy (select user_id, full_name, 'person' || row_number() over () || '@acme.com' "
            "as email, '2026-04-01 10:00:00' as created_at, 'ignored' as surplus from people) "
            f"to '{raw}/users.csv'"
        )
        users = [str(row[0]) for row in connection.execute("select user_id from people").fetchall()]
        # Byte order mark and Windows line ends.
        text = (raw / "users.csv").read_bytes()
        (raw / "users.csv").write_bytes(b"\xef\xbb\xbf" + text)
        # Hive partitions, of several formats, one file empty and one with its header only.
        folder = raw / "events" / "event_date=2026-05-01"
        folder.mkdir(parents=True)
        big = json.dumps({"plan": "x" * 1_000_000, "sql": "'; drop table users; --"})
        with gzip.open(folder / "a.jsonl.gz", "wt") as stream:
            for number, user in enumerate(users):
                row = {
                    "event_id": f"j{number}",
                    "event_name": NAMES[number],
                    "occurred_at": "2026-05-01T08:00:00",
                    "user_id": user,
                    "properties": big if number == 0 else "{not json",
                }
                stream.write(json.dumps(row) + "\n")
        folder = raw / "events" / "event_date=2026-05-02"
        folder.mkdir()
        connection.execute("create table more (event_id varchar, user_id varchar)")
        connection.executemany(
            "insert into more values (?, ?)", [(f"c{n}", user) for n, user in enumerate(users)]
        )
        connection.execute(
            "copy (select event_id, 'dashboard_viewed' as event_name, "
            "'2026-05-02 09:00:00' as occurred_at, user_id from more) "
            f"to '{folder}/b.csv.zst' (compression zstd)"
        )
        (folder / "c.csv").write_text("event_id,event_name,occurred_at,user_id\r\n")
        (folder / "d.csv").touch()
        (folder / "_SUCCESS").touch()
        (raw / "companies.csv").write_text(
            "domain,company_name,employee_count\r\n"
            'acme.com,"Acme ""O\'Hare"" 🏭\r\n& Sons",120\r\nbücher.example,Bücher,-5\r\n'
        )
        (raw / "workspaces.csv").touch()
        (raw / "support_tickets.csv").write_text("ticket_id,user_id,created_at,topic\n")


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("hostile")
    write_hostile(folder / "raw")
    place = Place(ROOT, folder / "raw", folder / "db" / "pls.duckdb")
    for result in (place.build("--as-of", "2026-05-02", "--no-tests"), pls("test", *place.where)):
        assert result.returncode == 0, result.stderr
        assert "\x1b" not in result.stdout + result.stderr
    return place


def test_every_person_arrives_as_written(hostile: Place) -> None:
    users = {str(row[0]) for row in hostile.query("select user_id from marts.users")}
    assert len(users) == len(NAMES)
    assert any(user.startswith("Robert'); drop table users; --") for user in users)
    assert any("🦆" in user for user in users)


def test_every_event_arrives_whatever_file_it_came_in(hostile: Place) -> None:
    with duckdb.connect(str(hostile.work), read_only=True) as connection:
        days = connection.execute(
            "select occurred_at::date::varchar, count(*), max(length(properties)) > 1000000 "
            "from staging.stg_events group by 1 order by 1"
        ).fetchall()
    assert days == [("2026-05-01", len(NAMES), True), ("2026-05-02", len(NAMES), None)]


def test_absent_tables_are_covered_as_empty(hostile: Place) -> None:
    rows = dict(hostile.query("select source_table, raw_rows from marts.source_coverage"))
    assert len(rows) == 13
    assert rows["events"] == 2 * len(NAMES)
    assert rows["crm_leads"] == rows["workspaces"] == rows["support_tickets"] == 0


def test_what_cannot_be_used_is_in_quarantine(hostile: Place) -> None:
    reasons = {
        (str(table), str(reason))
        for table, reason in hostile.query("select source_table, reason from marts.quarantine")
    }
    assert ("companies", "out_of_range") in reasons
    assert ("events", "uncastable") in reasons
