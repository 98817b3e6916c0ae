"""`pls diff` on a small company: it tells what a build would give, and leaves no trace."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
from jsonschema import Draft7Validator

from conftest import ROOT, Place, copy_project, error_lines, pls
from pls import diff as diffing
from pls.dbt_run import project_but_weights
from pls.diff import print_diff
from pls.differences import MARTS, compare
from pls.lock import hold
from pls.paths import Project, Store

SIGNALS = ROOT / "seeds" / "signals.csv"
COMPARED = [*MARTS[:-1], "accounts", "pql_score_history", "pqa_score_history", "score_transitions"]


def write_weights(path: Path, factor: int, challenger: bool = False) -> Path:
    """Write the project's weights, good points times a factor, and perhaps a second model."""
    with SIGNALS.open(newline="") as stream:
        table = list(csv.DictReader(stream))
    changed = [
        row | {"points": str(int(row["points"]) * (factor if int(row["points"]) > 0 else 1))}
        for row in table
    ]
    if challenger:
        changed += [row | {"score_model": "rival"} for row in table if row["level"] == "user"]
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, table[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(changed)
    return path


def traces(place: Place) -> dict[str, str]:
    """Every file beside the published one, by content; the lock tells of whoever held it."""
    return {
        str(path.relative_to(place.db.parent)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in place.db.parent.rglob("*")
        if path.is_file() and path.suffix != ".lock"
    }


@pytest.fixture(scope="module")
def place(company: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The company built by other weights, and once more, which scored its last days only."""
    folder = tmp_path_factory.mktemp("diff")
    project = copy_project(folder / "project")
    write_weights(project / "seeds" / "signals.csv", 0)
    shutil.copytree(company.db.parent, folder / "db", symlinks=True)
    place = Place(project, company.raw, folder / "db" / "pls.duckdb")
    for _ in range(2):
        result = place.build("--no-tests")
        assert result.returncode == 0, result.stderr
    with duckdb.connect(str(place.work), read_only=True) as connection:
        anew = "from intermediate.int_account_pasts where rewritten_from = first_on"
        assert connection.execute(anew).fetchall() == []
    yield place
    shutil.rmtree(folder)


@dataclass(frozen=True)
class Diffed:
    """What `pls diff` gave of the weights the company is built by, and its scratch database."""

    facts: dict[str, Any]
    scratch: Path
    before: dict[str, str]
    after: dict[str, str]


@pytest.fixture(scope="module")
def diffed(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Diffed:
    folder = tmp_path_factory.mktemp("diffed")
    weights = write_weights(folder / "new.csv", 1, challenger=True)
    kept = folder / "scratch.duckdb"

    def keep(*arguments: Any, **more: Any) -> dict[str, Any]:
        shutil.copy(Store(place.db).scratch / place.work.name, kept)
        return compare(*arguments, **more)

    before = traces(place)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(diffing, "compare", keep)
        result = pls("diff", "--signals", weights, *place.where, "--json")
    assert result.returncode == 0, result.stderr
    return Diffed(json.loads(result.stdout), kept, before, traces(place))


def test_it_builds_what_a_build_would_give(diffed: Diffed, company: Place) -> None:
    different = []
    with duckdb.connect() as connection:
        connection.execute(f"attach '{diffed.scratch}' as scratch (read_only)")
        connection.execute(f"attach '{company.work}' as built (read_only)")
        for mart in COMPARED:
            left, right = (
                f"from {side}.marts.{mart}"
                + (" where score_model = 'template'" * ("score" in mart))
                for side in ("scratch", "built")
            )
            found = connection.execute(
                f"({left} except all {right}) union all ({right} except all {left})"
            ).fetchall()
            different += [mart] if found else []
    assert different == []


def test_it_leaves_no_trace(diffed: Diffed) -> None:
    assert diffed.before == diffed.after
    assert not [name for name in diffed.after if "diff" in name]


COUNTS = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "required": ["label", "before", "after"],
        "properties": {"before": {"type": "integer"}, "after": {"type": "integer"}},
    },
}
MOVE = {
    "type": "object",
    "required": ["entity_id", "from", "to", "score_from", "score_to", "signals"],
    "properties": {
        "entity_id": {"type": "string"},
        "from": {"type": ["string", "null"]},
        "to": {"type": ["string", "null"]},
        "score_from": {"type": ["integer", "null"]},
        "score_to": {"type": ["integer", "null"]},
        "signals": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["level", "signal_id", "points_from", "points_to", "difference"],
                "additionalProperties": {"type": ["string", "integer"]},
            },
        },
    },
}
MOVES = {"type": "array", "items": MOVE}
LEVEL = {
    "type": "object",
    "required": ["counts", "rescored", "moves"],
    "properties": {"counts": COUNTS, "rescored": {"type": "integer"}, "moves": MOVES},
}
SCHEMA = {
    "type": "object",
    "required": ["signals", "build_id", "as_of_date", "active_score_model", "has_changes"]
    + ["score_models", "motions", "queue", "backtest"],
    "properties": {
        "has_changes": {"type": "boolean"},
        "score_models": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["score_model", "status", "compared_with", "users", "accounts"],
                "properties": {
                    "status": {"enum": ["same", "changed", "new", "removed"]},
                    "users": LEVEL,
                    "accounts": LEVEL,
                },
            },
        },
        "motions": {"type": "object", "properties": {"counts": COUNTS, "moves": MOVES}},
        "queue": {
            "type": "object",
            "required": ["before", "after", "entered", "left"],
            "properties": {"entered": MOVES, "left": MOVES},
        },
        "backtest": {"type": ["array", "null"]},
    },
}


def test_its_json_has_a_shape(diffed: Diffed) -> None:
    problems = list(Draft7Validator(SCHEMA).iter_errors(diffed.facts))
    assert problems == []


def test_it_tells_who_moves_and_why(diffed: Diffed, place: Place, company: Place) -> None:
    active, rival = diffed.facts["score_models"]
    assert (active["score_model"], active["status"]) == ("template", "changed")
    assert (rival["score_model"], rival["status"]) == ("rival", "new")
    assert rival["compared_with"] == "template"
    for level, mart, label in (
        ("users", "pql_scores", "grade"),
        ("accounts", "pqa_scores", "tier_name"),
    ):
        moves = active[level]["moves"]
        assert moves and active[level]["rescored"] >= len(moves)
        key = "user_id" if level == "users" else "account_id"
        query = f"select {key}, {label}, score from marts.{mart} where score_model = 'template'"
        before, after = (
            {str(row[0]): row[1:] for row in each.query(query)} for each in (place, company)
        )
        assert {
            row["entity_id"]: (row["from"], row["to"], row["score_from"], row["score_to"])
            for row in moves
        } == {
            key: (before[key][0], after[key][0], before[key][1], after[key][1])
            for key in before
            if before[key][0] != after[key][0]
        }
        counts = {row["label"]: row for row in active[level]["counts"]}
        assert sum(row["before"] for row in counts.values()) == len(before)
        assert all(
            row["after"] == sum(after[key][0] == name for key in after)
            for name, row in counts.items()
        )
    for row in active["users"]["moves"]:
        difference = sum(signal["difference"] for signal in row["signals"])
        assert difference == row["score_to"] - row["score_from"]
    for row in active["accounts"]["moves"]:
        assert row["signals"]

    motion = "select account_id, motion from marts.account_routing"
    before, after = (dict(each.query(motion)) for each in (place, company))
    motions = diffed.facts["motions"]["moves"]
    assert motions
    assert {row["entity_id"]: (row["from"], row["to"]) for row in motions} == {
        key: (before[key], after[key]) for key in before if before[key] != after[key]
    }
    waiting = "select account_id from marts.sales_queue"
    was, will = (set(each.query(waiting)) for each in (place, company))
    queue = diffed.facts["queue"]
    assert {row["entity_id"] for row in queue["entered"]} == {key for (key,) in will - was}
    assert queue["left"] or queue["entered"]
    assert {row["entity_id"] for row in queue["left"]} == {key for (key,) in was - will}


def test_a_terminal_shows_the_first_rows(
    diffed: Diffed, capsys: pytest.CaptureFixture[str]
) -> None:
    print_diff(diffed.facts, 1)
    said = capsys.readouterr().out
    moves = len(diffed.facts["score_models"][0]["users"]["moves"])
    assert f"who changes grade: {moves:,}" in said
    assert f"and {moves - 1:,} more; --json lists all" in said
    assert "because of" in said and "backtest at the score" in said
    print_diff({**diffed.facts, "backtest": None}, 1)
    said = capsys.readouterr().out
    assert "because of" in said and "backtest" not in said
    assert max(len(line) for line in said.splitlines()) <= 130


def test_a_backtest_is_shown_where_sales_acts(
    diffed: Diffed, place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with duckdb.connect() as connection:
        for side, source in (("before", place.work), ("after", diffed.scratch)):
            shutil.copy(source, tmp_path / f"{side}.duckdb")
            connection.execute(f"attach '{tmp_path}/{side}.duckdb' as {side}")
            connection.execute(
                f"create or replace table {side}.marts.backtest_thresholds as "
                "select score_model, level, threshold::integer as threshold, "
                "90 as horizon_days, 12.5::double as entities_per_week, "
                f"{0.25 if side == 'before' else 0.3}::double as precision, 0.5::double as recall, "
                "null::double as lift, 7::bigint as missed_conversions "
                f"from (select distinct score_model from {side}.marts.pql_scores), "
                "(values ('user'), ('account')) levels (level), range(0, 205, 5) r (threshold)"
            )
        facts = compare(connection, "template")
    assert [
        (row["score_model"], row["compared_with"], row["level"], row["threshold"])
        for row in facts["backtest"]
    ] == [
        (model, "template", level, 80)
        for model in ("template", "rival")
        for level in ("user", "account")
    ]
    (row, *_) = facts["backtest"]
    assert row["before"]["precision"] == 0.25 and row["after"]["precision"] == 0.3
    assert row["after"] == row["before"] | {"precision": 0.3}
    print_diff({**diffed.facts, **facts}, 0)
    assert "0.25 -> 0.3" in capsys.readouterr().out


def test_the_same_weights_change_nothing(place: Place) -> None:
    same = place.project / "seeds" / "signals.csv"
    result = pls("diff", "--signals", same, *place.where)
    assert result.returncode == 0, result.stderr
    assert "nothing changes" in result.stdout and len(result.stdout.splitlines()) == 2


def test_rows_that_mean_nothing_are_named(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    text = SIGNALS.read_text().replace("limit_hits_30d", "limit_hitz_30d")
    path.write_text(text + next(line for line in text.splitlines() if "hiring" in line) + "\n")
    before = traces(place)
    result = pls("diff", "--signals", path, *place.where)
    assert result.returncode == 2 and result.stdout == ""
    lines = error_lines(result)
    assert all(line.startswith(f"{path}: row ") for line in lines)
    assert any("limit_hitz_30d" in line for line in lines)
    assert any("hiring" in line for line in lines)
    assert traces(place) == before and not Store(place.db).scratch.exists()


FILES = {
    "no file": (None, "does not exist"),
    "empty": ("", "is empty"),
    "another table": ("a,b\n1,2\n", "column score_model is missing"),
    "no number": (SIGNALS.read_text().replace(",1,3,10,", ",1,3,ten,", 1), "points 'ten'"),
    "no text": ("\0\0\udcff", "cannot be read"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_something_else_is_refused(place: Place, tmp_path: Path, name: str) -> None:
    text, said = FILES[name]
    path = tmp_path / "signals.csv"
    if text is not None:
        path.write_bytes(text.encode(errors="surrogateescape"))
    result = pls("diff", "--signals", path, *place.where)
    assert result.returncode == 2 and result.stdout == ""
    assert all(str(path) in line for line in error_lines(result))
    assert said in result.stderr and "seeds/signals.csv:" not in result.stderr
    assert not Store(place.db).scratch.exists()


def test_without_a_build_to_compare_with_it_says_so(place: Place, tmp_path: Path) -> None:
    def said(*more: object) -> str:
        result = pls("diff", "--signals", SIGNALS, "--project-dir", place.project, *more)
        assert result.returncode == 2 and result.stdout == "", result.stderr
        (line,) = error_lines(result)
        return line

    assert "nothing is published there yet" in said("--db", tmp_path / "none.duckdb")
    for target in ("ducklake", "spark"):
        assert "only builds in a DuckDB file" in said("--db", place.db, "--target", target)

    copy = tmp_path / place.db.name
    shutil.copy(place.db, copy)
    assert f"{tmp_path}/{place.work.name}: is not there" in said("--db", copy)
    shutil.copy(place.work, tmp_path)
    assert "does not hold what is published" in said("--db", copy)
    state = place.work.with_suffix(".json")
    text = state.read_text()
    try:
        state.write_text(json.dumps(json.loads(text) | {"project": "another"}))
        assert "has other models, macros, variables or seeds" in said("--db", place.db)
    finally:
        state.write_text(text)


def test_the_project_but_its_weights_has_a_fingerprint(place: Place, company: Place) -> None:
    states = [json.loads(p.work.with_suffix(".json").read_text()) for p in (place, company)]
    assert states[0]["project"] == states[1]["project"] != ""

    def node(name: str, content: str) -> SimpleNamespace:
        return SimpleNamespace(
            unique_id=name,
            name=name,
            resource_type="seed",
            checksum=SimpleNamespace(checksum=content),
            config=SimpleNamespace(materialized="seed"),
        )

    def fingerprint(weights: str, tiers: str) -> str:
        nodes = {"signals": node("signals", weights), "pqa_tiers": node("pqa_tiers", tiers)}
        return project_but_weights(Project(ROOT), SimpleNamespace(nodes=nodes, macros={}))

    assert fingerprint("a", "b") == fingerprint("c", "b") != fingerprint("a", "c")


def test_it_waits_for_no_build_and_cleans_up_when_interrupted(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(place.db)
    with hold(store.lock):
        assert pls("diff", "--signals", SIGNALS, *place.where).returncode == 3

    def interrupt(*_: object) -> None:
        assert (store.scratch / "project" / "seeds" / "signals.csv").exists()
        raise KeyboardInterrupt

    monkeypatch.setattr(diffing, "_parse", interrupt)
    result = pls("diff", "--signals", SIGNALS, *place.where)
    assert result.returncode == 130
    assert not store.scratch.exists()
