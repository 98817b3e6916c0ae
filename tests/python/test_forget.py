"""`pls forget`: nobody finds the person in any file, and the person does not come back."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from pathlib import Path

import duckdb
import pytest
import zstandard

from conftest import ROOT, Place, Result, pls, write_raw
from pls import crm_state, tombstones
from pls.notify import Ledger
from pls.paths import Store

ADDRESS = "ann@acme.com"
NOBODY = "zoe.nowhere@acme.com"
"""An address that stands nowhere in the project itself, whose texts dbt writes down."""


def forget(place: Place, address: str = "ANN@acme.com ") -> Result:
    return pls("forget", "--email", address, "--raw", place.raw, *place.where)


def text_of(path: Path) -> bytes:
    """What a file holds, uncompressed."""
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes())
    if path.suffix == ".zst":
        return zstandard.ZstdDecompressor().stream_reader(path.read_bytes()).read()
    if path.suffix == ".parquet":
        return str(duckdb.sql(f"from '{path}'").fetchall()).encode()
    return path.read_bytes()


def files_that_hold(folder: Path, text: str) -> list[Path]:
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and text.encode() in text_of(path).lower() + path.read_bytes().lower()
    ]


def test_nobody_finds_the_person_in_any_file(tmp_path: Path) -> None:
    place = Place(ROOT, tmp_path / "raw", tmp_path / "db" / "pls.duckdb")
    days = [f"2026-05-{day:02d}" for day in range(1, 29)]
    events = "event_id,event_name,occurred_at,user_id,anonymous_id,properties\n" + "".join(
        f"{user}{day},{name},{day} 08:00:00,{user},{user}_device,\n"
        for day in days
        for user in ("u1", "u2")
        for name in ("dashboard_published",)
    )
    # Before signing in, in words of a colleague, and as a row that is put aside.
    events += "a1,pricing_page_viewed,2026-04-30 08:00:00,,u1_device,\n"
    events += f'm1,teammate_invited,2026-05-02 09:00:00,u2,,"{{""to"": ""{NOBODY}""}}"\n'
    users = (
        "user_id,email,created_at,job_title,is_opted_out\n"
        "u1,Zoe.Nowhere@Acme.com,2026-04-01,CTO,no\n"
        "u2,bob@acme.com,2026-04-02,VP of Data,no\n"
        f"u3,{NOBODY},never,,\n"
    )
    write_raw(place.raw, events, users)
    (place.raw / "crm_activities.csv").write_text(
        "activity_id,domain,contact_email,activity_type,direction,occurred_at\n"
        f"c1,acme.com,{NOBODY},email,outbound,2026-05-01 08:00:00\n"
    )
    assert place.build("--no-tests").returncode == 0
    assert ("u1",) in place.query("select user_id from marts.users")
    assert place.query(f"select 1 from marts.quarantine where raw_row like '%{NOBODY}%'")
    assert pls("export", "--to", tmp_path / "sent", "--ack", *place.where).returncode == 0
    state = Store(place.db).crm_state
    assert NOBODY in str(crm_state.read(state)["contact", "u1"])
    assert pls("report", *place.where).returncode == 0
    report = Store(place.db).report
    assert files_that_hold(report, NOBODY) and files_that_hold(place.db.parent, NOBODY)

    result = forget(place, NOBODY)
    assert "report again" in result.stdout and not report.exists()
    assert result.returncode == 0, result.stderr
    assert files_that_hold(place.db.parent, NOBODY) == []
    assert files_that_hold(place.raw, NOBODY) == []
    assert files_that_hold(place.db.parent, "u1_device") == []
    assert place.query("select user_id from marts.users") == [("u2",)]
    assert place.query("select users from marts.accounts") == [(1,)]
    assert (
        pls("export", "--to", tmp_path / "next", "--format", "jsonl", *place.where).returncode == 0
    )
    contacts = (tmp_path / "next" / "crm_sync_contacts.jsonl").read_text().splitlines()
    rows = {row["key"]: row for row in map(json.loads, contacts)}
    assert rows["u1"]["operation"] == "clear"
    assert "email" in rows["u1"]["fields"] and rows["u1"]["email"] is None


def test_the_person_stays_out_when_raw_files_bring_them_back(stub: Place) -> None:
    before = {path: path.read_bytes() for path in stub.raw.iterdir()}
    result = forget(stub)
    assert result.returncode == 0, result.stderr
    assert stub.query("select user_id from marts.users") == [("u2",)]
    for path, content in before.items():
        path.write_bytes(content)
    built = stub.build()
    assert built.returncode == 0, built.stderr
    assert stub.query("select user_id from marts.users") == [("u2",)]
    with duckdb.connect(str(stub.work), read_only=True) as connection:
        assert connection.execute("select count(*) from raw.events").fetchall() == [(0,)]
        views = connection.execute("select sql from duckdb_views() where not internal").fetchall()
    assert ADDRESS not in str(views).lower()


def test_every_kind_of_file_is_written_anew(stub: Place) -> None:
    pack = {"gz": gzip.compress, "zst": zstandard.ZstdCompressor().compress}
    (stub.raw / "users.csv").unlink()
    (stub.raw / "users").mkdir()
    endings = ["csv", "csv.gz", "csv.zst", "jsonl", "jsonl.gz", "jsonl.zst", "parquet"]
    for number, ending in enumerate(endings):
        path = stub.raw / "users" / f"part.{ending}"
        rows = [
            {
                "user_id": "u1",
                "email": " Ann@ACME.com",
                "created_at": "2026-04-01",
                "full_name": "",
            },
            {
                "user_id": f"other_{number}",
                "email": "bob@acme.com",
                "created_at": "2026-04-02",
                "full_name": f'Bob "of"\n{ADDRESS}, é',
            },
        ]
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        if ending == "parquet":
            source = stub.raw.parent / "rows.json"
            source.write_text(lines)
            duckdb.sql(f"copy (from '{source}') to '{path}'")
            source.unlink()
            continue
        if ending.startswith("csv"):
            records = [list(rows[0]), *(list(row.values()) for row in rows)]
            lines = "".join(
                ",".join('"' + value.replace('"', '""') + '"' for value in record) + "\n"
                for record in records
            )
        content = lines.encode()
        path.write_bytes(pack[ending.split(".")[1]](content) if "." in ending else content)
    result = forget(stub)
    assert result.returncode == 0, result.stderr
    assert files_that_hold(stub.raw, ADDRESS) == []
    with duckdb.connect(str(stub.work), read_only=True) as connection:
        found = connection.execute("select user_id, full_name from raw.users order by all")
        assert found.fetchall() == [
            (f"other_{number}", 'Bob "of"\n(forgotten), é') for number in range(len(endings))
        ]
    assert [path.name for path in stub.raw.rglob(".*")] == []


def test_what_names_nobody_is_left_as_it_is(stub: Place) -> None:
    (stub.raw / "support_tickets.csv").write_text(
        "ticket_id,user_id,created_at\nt1,u2,2026-05-01\n"
    )
    stamp = (stub.raw / "support_tickets.csv").stat().st_mtime_ns
    assert forget(stub).returncode == 0
    assert (stub.raw / "support_tickets.csv").stat().st_mtime_ns == stamp


def test_the_ledger_forgets_too(stub: Place) -> None:
    ledger = Store(stub.db).ledger
    entries = [
        {"destination": "d", "trigger_id": f"acme.com|{user}|asked|2026-05-03"}
        for user in ("u1", "u2", "")
    ]
    ledger.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    assert forget(stub).returncode == 0
    assert set(Ledger(ledger).of("d")) == {entry["trigger_id"] for entry in entries[1:]}


def test_killed_in_between_it_is_ended_by_running_it_again(
    stub: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("pls.forget._clean_crm_state", kill)
        assert forget(stub).returncode == 130
    assert stub.query("select count(*) from marts.users") == [(2,)]  # the old, whole
    assert forget(stub).returncode == 0
    assert stub.query("select user_id from marts.users") == [("u2",)]


def test_a_seed_that_names_the_person_is_the_analysts_to_mend(stub: Place, tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(stub.project, project)
    (project / "seeds").mkdir()
    (project / "seeds" / "list.csv").write_text(f"email\n{ADDRESS}\n")
    result = forget(Place(project, stub.raw, stub.db))
    assert result.returncode == 2
    assert re.search(r"list.csv, line 2: names the address; remove the row", result.stderr)
    assert ADDRESS in (stub.raw / "users.csv").read_text().lower()


def test_a_lost_tombstone_stops_the_build(stub: Place) -> None:
    assert forget(stub).returncode == 0
    path = Store(stub.db).tombstones
    known = tombstones.read(path)
    assert known.hash_of("email", "Ann@acme.com ") in known.hashes
    assert known.hash_of("user_id", ADDRESS) not in known.hashes
    path.write_text("{")
    result = stub.build()
    assert result.returncode == 2
    assert "keeps forgotten people from coming back" in result.stderr


@pytest.mark.parametrize("address", ["ann", "ann@acme", "a b@acme.com", ""])
def test_no_address_is_told(stub: Place, address: str) -> None:
    result = forget(stub, address)
    assert result.returncode == 2
    assert "is no address" in result.stderr
