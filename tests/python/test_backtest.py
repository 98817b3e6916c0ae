"""`pls backtest` on a sample company, with a challenger put beside the champion."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from conftest import Place, error_lines, pls

MARTS = ("backtest_thresholds", "recommended_threshold", "backtest_models")


@pytest.fixture
def tested(company: Place, tmp_path: Path) -> Place:
    """A copy of the company's marts, with numbers that are known and a challenger."""
    place = Place(company.project, company.raw, tmp_path / "pls.duckdb")
    shutil.copy(company.db, place.db)
    with duckdb.connect(str(place.db)) as connection:
        for mart in MARTS:
            connection.execute(f"delete from marts.{mart}")
        connection.execute(
            "insert into marts.backtest_thresholds by name "
            "select 'template' as score_model, level, t * 5 as threshold, 60 as horizon_days, "
            "8 as weeks, 100 as examples, 25 as converted_examples, 9 as conversions, "
            "t as missed_conversions, 30.25 as entities_per_week, 0.5625 as precision, "
            "0.5 as recall, 0.1 as base_rate, 2.5 as lift, null as self_serve_share "
            "from range(41) numbers (t), (values ('user'), ('account')) levels (level)"
        )
        connection.execute(
            "insert into marts.recommended_threshold by name from (values "
            "('template', 'user', 'It is good.', 65, 78.5, 12.5, 0.25, 0.5), "
            "('template', 'account', 'No threshold is precise enough.', null, 80, null, null, "
            "null), ('bold', 'user', 'It is [red]bolder[/red].', 70, 78.5, 3, 0.4, 0.2)) "
            "models (score_model, level, reason, threshold, current_threshold, "
            "entities_per_week, precision, recall)"
        )
        connection.execute(
            "insert into marts.backtest_models by name select model as score_model, "
            "'user' as level, 60 as horizon_days, 1000 as examples, 50 as converted_examples, "
            "auc, auc - 0.05 as auc_low, auc + 0.05 as auc_high, auc - 0.7 as auc_gain, "
            "2.5 as top_decile_lift, model = 'template' as is_champion, "
            "date '2026-03-01' as period_month "
            "from (values ('bold', 0.76), ('template', 0.7)) models (model, auc)"
        )
    return place


def _rows(output: str) -> dict[str, list[str]]:
    return {words[0]: words for line in output.splitlines() if (words := line.split())}


def test_thresholds_are_marked(tested: Place) -> None:
    result = pls("backtest", "--level", "user", *tested.where)
    assert result.returncode == 0, result.stderr
    rows = _rows(result.stdout)
    shown = [int(word) for word in rows if word.isdigit()]
    assert shown == [0, 20, 40, 60, 65, 80, 100, 120, 140, 160, 180, 200]
    assert rows["65"][-1] == "recommended"
    assert rows["80"][-1] == "current"  # 78.5 lies between two that are tested
    assert rows["60"] == ["60", "30.3", "56.3", "%", "50.0", "%", "2.50", "12", "-"]
    assert (
        "template, user: 65 recommended (78.5 now). It is good. 12.5 leads a week, "
        "precision 25.0 %, recall 50.0 %" in result.stdout
    )
    assert "It is [red]bolder[/red]." in result.stdout
    assert "accounts" not in result.stdout
    assert "precision and recall count weekly looks, missed counts users once" in result.stdout


def test_a_challenger_stands_below_the_champion(tested: Place) -> None:
    lines = pls("backtest", *tested.where).stdout.splitlines()
    months = [line.split() for line in lines if line.startswith("2026-03")]
    assert [words[1] for words in months] == ["template", "bold"]
    assert "0.760 0.710 to 0.810 +0.060 2.50 x" in " ".join(months[1])
    assert "0.700 0.650 to 0.750 2.50 x" in " ".join(months[0])
    assert any("account: no threshold recommended (80 now)" in line for line in lines)
    assert "no past to test score models of accounts on yet" in lines


def test_json_has_everything(company: Place) -> None:
    facts = json.loads(pls("backtest", "--json", *company.where).stdout)
    for name, mart in zip(("thresholds", "recommended", "models"), MARTS, strict=True):
        assert len(facts[name]) == company.query(f"select count(*) from marts.{mart}")[0][0]
    (level,) = {row["level"] for row in facts["thresholds"][:41]}
    assert level == "user"
    facts = json.loads(pls("backtest", "--json", "--level", "account", *company.where).stdout)
    assert {row["level"] for row in facts["thresholds"]} == {"account"}


def test_the_sample_company_prints(company: Place) -> None:
    result = pls("backtest", *company.where)
    assert result.returncode == 0, result.stderr
    assert max(len(line) for line in result.stdout.splitlines() if "," not in line) <= 100


def test_what_cannot_be_read_is_one_line(stub: Place, tmp_path: Path) -> None:
    for where, said in (
        (stub.where, "lacks a mart"),
        (["--project-dir", stub.project, "--db", tmp_path / "none.duckdb"], "nothing is published"),
    ):
        result = pls("backtest", *where)
        assert result.returncode == 2
        (line,) = error_lines(result)
        assert said in line and "run `pls build`" in line
        assert result.stdout == ""
