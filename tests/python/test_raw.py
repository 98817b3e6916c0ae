"""What the loader makes of files and of relations that others put beside them."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import zstandard

from conftest import EVENTS, ROOT, USERS, write_raw
from pls.errors import InputError
from pls.raw import ascii_host, load


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def column(warehouse: duckdb.DuckDBPyConnection, query: str) -> list[object]:
    return [row[0] for row in warehouse.execute(query).fetchall()]


def external_users(warehouse: duckdb.DuckDBPyConnection, columns: str = "") -> None:
    warehouse.execute("create schema if not exists raw")
    warehouse.execute(
        "create or replace table raw.users as select 'u1' as user_id, 'b@b\u00fccher.de' as email, "
        "timestamp '2026-04-01' as created_at, null as full_name, null as job_title, "
        f"null as department, null as signup_source, null as country{columns}"
    )


def test_files_with_a_byte_order_mark_do_not_overwrite_each_other(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    raw = write_raw(tmp_path / "raw")
    (raw / "events.csv").unlink()
    (raw / "events").mkdir()
    for month in ("01", "02"):
        row = f'{{"event_id":"e{month}","event_name":"seen","occurred_at":"2026-{month}-01"}}\n'
        (raw / "events" / f"2026.{month}.jsonl").write_bytes(b"\xef\xbb\xbf" + row.encode())
    before = sorted(raw.rglob("*"))
    load(warehouse, ROOT, raw)
    assert column(warehouse, "select event_id from raw.events order by 1") == ["e01", "e02"]
    assert sorted(raw.rglob("*")) == before


def test_keys_of_json_are_found_in_any_case_and_required(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    raw = write_raw(tmp_path / "raw")
    (raw / "support_tickets.jsonl").write_text('{"Ticket_ID": 7, "created_at": "2026-05-01"}\n')
    load(warehouse, ROOT, raw)
    assert column(warehouse, "select ticket_id from raw.support_tickets") == ["7"]
    (raw / "support_tickets.jsonl").write_text('{"ticket": 7, "created_at": "2026-05-01"}\n')
    with pytest.raises(InputError, match="required column ticket_id"):
        load(warehouse, ROOT, raw)
    # Nothing was half done: what was loaded before is still there.
    assert column(warehouse, "select ticket_id from raw.support_tickets") == ["7"]


@pytest.mark.parametrize("kind", ["jsonl", "jsonl.gz", "jsonl.zst"])
@pytest.mark.parametrize("broken", [1, 5, 8])
def test_a_broken_line_of_json_is_named_by_its_number(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, kind: str, broken: int
) -> None:
    raw = write_raw(tmp_path / "raw")
    lines = [f'{{"ticket_id": {n}, "created_at": "2026-05-01"}}' for n in range(8)]
    lines[3] = ""  # DuckDB does not count it
    lines[broken - 1] = '{"ticket_id": '
    text = "\n".join(lines).encode()
    pack = {"jsonl": bytes, "jsonl.gz": gzip.compress, "jsonl.zst": zstandard.compress}[kind]
    path = raw / f"support_tickets.{kind}"
    path.write_bytes(pack(text))
    with pytest.raises(InputError) as error:
        load(warehouse, ROOT, raw)
    assert error.value.where == f"{path}, line {broken}"
    assert error.value.what.startswith("Malformed JSON at byte ") and "line" not in error.value.what


def test_a_broken_line_far_below_is_named_as_well(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    raw = write_raw(tmp_path / "raw")
    good = f'{{"ticket_id": 1, "created_at": "2026-05-01", "subject": "{"x" * 400}"}}\n'
    path = raw / "support_tickets.jsonl"
    path.write_text(good * 150_000 + good[:-2] + "\n" + good)
    with pytest.raises(InputError) as error:
        load(warehouse, ROOT, raw)
    assert error.value.where == f"{path}, line 150001"
    assert error.value.what.startswith("Malformed JSON at byte ")


def test_identifiers_that_came_as_floating_point_are_whole(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    raw = write_raw(tmp_path / "raw")
    (raw / "events.csv").unlink()
    warehouse.execute(
        "copy (select 'e1' as event_id, 'seen' as event_name, timestamp '2026-05-01' as "
        "occurred_at, unnest([42.0, 9007199254740992, 1e17, 1.5, 'nan', null]::double[]) "
        f"as user_id, 'a' as anonymous_id) to '{raw}/events.parquet'"
    )
    load(warehouse, ROOT, raw)
    assert column(warehouse, "select user_id from raw.events") == [
        "42",
        "9007199254740992",
        "1e+17",
        "1.5",
        None,
        None,
    ]


def test_hosts_are_compared_in_ascii() -> None:
    assert ascii_host("bücher.de") == "xn--bcher-kva.de"
    assert ascii_host("mail.💩.la") == "mail.xn--ls8h.la"
    assert ascii_host("💩" * 60 + ".la") is None


def test_a_relation_of_another_tool_is_taken_as_it_is(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "events.csv").write_text(EVENTS)
    with pytest.raises(InputError, match="required table users"):
        load(warehouse, ROOT, raw)
    external_users(warehouse)
    with pytest.raises(InputError, match="no column is_opted_out"):
        load(warehouse, ROOT, raw)
    external_users(warehouse, ", false as is_opted_out")
    load(warehouse, ROOT, raw)
    assert column(warehouse, "select ascii_host from reference.idn_domains") == ["xn--bcher-kva.de"]
    (raw / "users.csv").write_text(USERS)
    with pytest.raises(InputError, match="another tool loaded raw.users"):
        load(warehouse, ROOT, raw)
    assert column(warehouse, "select user_id from raw.users") == ["u1"]


def test_an_empty_table_made_here_gives_way_to_one_that_is_filled_later(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    raw = write_raw(tmp_path / "raw")
    load(warehouse, ROOT, raw)
    warehouse.execute("insert into raw.companies (domain) values ('acme.com')")
    load(warehouse, ROOT, raw)
    assert column(warehouse, "select domain from raw.companies") == ["acme.com"]
    absent = "select relation_name from reference.loaded_sources where fingerprint = 'absent'"
    assert "raw.companies" not in column(warehouse, absent)


def test_a_file_that_is_gone_leaves_an_empty_table(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    raw = write_raw(tmp_path / "raw")
    (raw / "companies.csv").write_text("domain\nacme.com\n")
    load(warehouse, ROOT, raw)
    assert column(warehouse, "select domain from raw.companies") == ["acme.com"]
    (raw / "companies.csv").unlink()
    load(warehouse, ROOT, raw)
    assert column(warehouse, "select domain from raw.companies") == []
