"""`pls calibrate`: what was learned in the terminal, and a challenger made of it."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import duckdb
import pytest

from conftest import Place, error_lines, pls


@pytest.fixture
def learned(company: Place, tmp_path: Path) -> Place:
    """The company's marts and project with weights that were learned, so to say."""
    project = tmp_path / "project"
    (project / "seeds").mkdir(parents=True)
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(company.project / name, project)
    shutil.copy(company.project / "seeds" / "signals.csv", project / "seeds")
    place = Place(project, company.raw, tmp_path / "pls.duckdb")
    shutil.copy(company.db, place.db)
    with duckdb.connect(str(place.db)) as connection:
        connection.execute(
            "update marts.calibration_weights set status = 'suggested', "
            "reason = 'It [red]learned[/red].', coefficient = 0.5, coefficient_low = 0.25, "
            "coefficient_high = 0.75, auc = 0.8, auc_low = 0.7, auc_high = 0.9, "
            "current_auc = 0.6, current_auc_low = 0.5, current_auc_high = 0.7, "
            "auc_gain = 0.2, auc_gain_low = 0.1, auc_gain_high = 0.3, "
            "suggested_points = case when signal_id = 'limit_hit' then 35 end"
        )
    return place


def signals(place: Place) -> list[dict[str, str]]:
    with (place.project / "seeds" / "signals.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


def where(place: Place) -> tuple[object, ...]:
    return ("--project-dir", place.project, "--db", place.db)


def test_it_shows_what_was_learned(learned: Place) -> None:
    result = pls("calibrate", *where(learned))
    assert result.returncode == 0, result.stderr
    assert "It [red]learned[/red]." in result.stdout
    row = next(line for line in result.stdout.splitlines() if " limit_hit " in f" {line} ")
    assert "0.50" in row and "35" in row and "20" in row
    assert "0.70 to 0.90" in result.stdout and "gain in AUC 0.20" in result.stdout
    found = json.loads(pls("calibrate", "--json", *where(learned)).stdout)
    assert len(found["signals"]) == len(signals(learned))
    assert {row["suggested_points"] for row in found["signals"]} == {None, 35}
    assert found["written"] is None


def test_a_challenger_is_added_and_nothing_else_changes(learned: Place) -> None:
    before = signals(learned)
    text = (learned.project / "seeds" / "signals.csv").read_text()
    result = pls("calibrate", "--write-model", "learned", *where(learned))
    assert result.returncode == 0, result.stderr
    assert "learned stands in" in result.stdout
    after = signals(learned)
    assert (learned.project / "seeds" / "signals.csv").read_text().startswith(text)
    assert after[: len(before)] == before
    added = after[len(before) :]
    assert {row["score_model"] for row in added} == {"learned"}
    changed = [
        (old["signal_id"], old["points"], new["points"])
        for old, new in zip(before, added, strict=True)
        if {**old, "score_model": "learned"} != new
    ]
    assert changed == [("limit_hit", "20", "35")]


@pytest.mark.parametrize(
    ("name", "problem"),
    [("template", "has a score model template already"), ("No Name", "no name of a score model")],
)
def test_a_name_that_cannot_be_used_writes_nothing(learned: Place, name: str, problem: str) -> None:
    before = signals(learned)
    result = pls("calibrate", "--write-model", name, *where(learned))
    assert result.returncode == 2
    assert problem in error_lines(result)[0]
    assert signals(learned) == before


def test_where_nothing_is_suggested_nothing_is_written(company: Place) -> None:
    result = pls("calibrate", "--write-model", "learned", *where(company))
    assert result.returncode == 2
    (line,) = error_lines(result)
    assert "nothing is suggested" in line and "accounts converted" in line
    assert all(row["score_model"] != "learned" for row in signals(company))
