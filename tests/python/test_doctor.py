"""`pls doctor` finds what is wrong and says how to mend it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from conftest import Place, copy_project, pls
from pls.lock import hold


def findings(place: Place) -> tuple[int, list[dict[str, str]]]:
    result = pls("doctor", *place.where, "--raw", place.raw, "--json")
    return result.returncode, json.loads(result.stdout)


def test_a_good_set_up_has_no_error_or_warning(stub: Place) -> None:
    code, found = findings(stub)
    assert code == 0
    assert {finding["level"] for finding in found} <= {"ok", "hint"}
    assert any(finding["what"].startswith("events: 1 csv") for finding in found)
    assert any("absent tables: workspaces" in finding["what"] for finding in found)


def no_users(raw: Path) -> None:
    (raw / "users.csv").unlink()


def no_event_name(raw: Path) -> None:
    (raw / "events.csv").write_text("event_id,name,occurred_at\n1,a,2026-05-01\n")


def file_and_folder(raw: Path) -> None:
    (raw / "users").mkdir()


def too_many_fields(raw: Path) -> None:
    with (raw / "users.csv").open("a") as stream:
        stream.write("u3,c@acme.com,2026-04-01,extra\n")


def truncated(raw: Path) -> None:
    (raw / "events.csv").unlink()
    (raw / "events.parquet").write_bytes(b"PAR1 and no more")


def misspelt(raw: Path) -> None:
    (raw / "subscription.csv").write_text("subscription_id\n")


def spreadsheet(raw: Path) -> None:
    (raw / "companies.xlsx").write_bytes(b"PK")


@pytest.mark.parametrize(
    ("change", "level", "said"),
    [
        (no_users, "error", "no file for the required table users"),
        (no_event_name, "error", "required column event_name of table events is missing"),
        (file_and_folder, "error", "table users is there more than once"),
        (too_many_fields, "error", "users.csv, line 4"),
        (truncated, "error", "events.parquet"),
        (misspelt, "warning", "subscription.csv is not read"),
        (spreadsheet, "warning", "companies.xlsx is not read"),
    ],
)
def test_raw_folder(stub: Place, change: Callable[[Path], None], level: str, said: str) -> None:
    change(stub.raw)
    code, found = findings(stub)
    assert code == (2 if level == "error" else 0)
    (finding,) = [finding for finding in found if said in finding["what"]]
    assert finding["level"] == level
    assert finding["mend"]
    assert "\n" not in finding["what"] + finding["mend"]


def test_seeds(tmp_path: Path, stub: Place) -> None:
    project = copy_project(tmp_path / "project")
    good = findings(Place(project, stub.raw, stub.db))
    assert good[0] == 0
    signals = project / "seeds" / "signals.csv"
    header, first, *rest = signals.read_text().splitlines()
    signals.write_text("\n".join([header, first + ",one,too,many", *rest]))
    (project / "seeds" / "icp.csv").write_text("")
    code, found = findings(Place(project, stub.raw, stub.db))
    assert code == 2
    said = " ".join(finding["what"] for finding in found if finding["level"] == "error")
    assert "seeds/signals.csv: line 2" in said and "seeds/icp.csv: is empty" in said


def test_a_running_a_killed_and_a_failed_build(stub: Place) -> None:
    with hold(stub.work.with_name(f"{stub.work.name}.lock")):
        assert any("a build is running" in finding["what"] for finding in findings(stub)[1])
    state = stub.db.with_name("pls_work.json")
    published = state.read_text()
    for status, said in (("building", "was killed"), ("failed", "failed")):
        state.write_text(published.replace('"published"', f'"{status}"'))
        assert any(said in finding["what"] for finding in findings(stub)[1])


def test_nothing_published_yet(stub: Place) -> None:
    stub.db.unlink()
    code, found = findings(stub)
    assert code == 0
    assert any("nothing is published" in finding["what"] for finding in found)


def test_seeds_of_routing_that_are_empty_or_of_the_sample(tmp_path: Path, stub: Place) -> None:
    project = copy_project(tmp_path / "project")
    place = Place(project, stub.raw, stub.db)
    found = [finding["what"] for finding in findings(place)[1]]
    assert "seeds/sales_reps.csv holds the sample company's reps" in found
    assert any("no exceptions to routing in suppressions" in what for what in found)
    for name in ("sales_reps", "plans"):
        path = project / "seeds" / f"{name}.csv"
        path.write_text(path.read_text().splitlines()[0] + "\n")
    found = [finding["what"] for finding in findings(place)[1]]
    assert "seeds/sales_reps.csv has no rows" in found
    assert "seeds/plans.csv has no rows" in found


def test_rows_of_seeds_that_are_about_nobody(tmp_path: Path, stub: Place) -> None:
    project = copy_project(tmp_path / "project")
    place = Place(project, stub.raw, stub.db)
    (project / "seeds" / "suppressions.csv").write_text(
        "account_id,reason,until\nacme.com,ours,\nacmee.com,ours,\n"
    )
    (project / "seeds" / "account_motion_overrides.csv").write_text(
        "account_id,motion,owner,until\n" + "".join(f"{n}.com,sales_led,,\n" for n in range(5))
    )
    with (project / "seeds" / "event_catalog.csv").open("a") as stream:
        stream.write("login,,,core_action,,false,true,In use.\n")
    code, found = findings(place)
    assert code == 0
    said = {finding["what"]: finding for finding in found}
    finding = said["seeds/suppressions.csv: 1 of 2 accounts are not there: acmee.com"]
    assert finding["level"] == "hint" and "spelling" in finding["mend"]
    overrides = "seeds/account_motion_overrides.csv: 5 of 5 accounts are not there: "
    assert f"{overrides}0.com, 1.com, 2.com and 2 more" in said
    (unseen,) = [what for what in said if what.startswith("seeds/event_catalog.csv")]
    assert "never occur" in unseen and "more" in unseen and "login" not in unseen


def test_the_most_frequent_unknown_events_come_first(stub: Place) -> None:
    with duckdb.connect(str(stub.db)) as connection:
        connection.execute(
            "create table marts.unmapped_events as from (values "
            "('a', 1), ('b', 9), ('c', 5), ('d', 2)) rows (event_name, event_count)"
        )
    said = [finding["what"] for finding in findings(stub)[1]]
    assert "4 event names mean nothing to the catalog: b, c, d and 1 more" in said
