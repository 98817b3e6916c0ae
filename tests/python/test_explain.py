"""`pls explain` on the tiny project, and on a real company."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from conftest import Place, environment, pls


def explain(place: Place, *arguments: str) -> dict[str, Any]:
    result = pls("explain", *arguments, *place.where, "--json")
    assert result.returncode == 0, result.stderr
    content = json.loads(result.stdout)
    assert isinstance(content, dict)
    return content


def test_an_account_is_the_sum_of_its_parts(built_stub: Place) -> None:
    facts = explain(built_stub, "acme.com")
    assert facts["level"] == "account"
    assert facts["score"] == (
        facts["user_score"] + facts["account_signal_score"] + facts["fit_score"]
    )
    assert [signal["is_counted"] for signal in facts["signals"]] == [True, False]
    assert [user["persona"] for user in facts["users"]] == ["champion", "champion"]


@pytest.mark.parametrize("entity", ["u1", "ann@acme.com", " ANN@Acme.com "])
def test_a_user_is_found_by_id_and_address(built_stub: Place, entity: str) -> None:
    facts = explain(built_stub, entity)
    assert (facts["level"], facts["entity_id"]) == ("user", "u1")
    assert (facts["grade"], facts["grade_cap_reason"]) == ("emerging", "no activation")


def test_text_shows_evidence_as_data_not_as_markup(built_stub: Place) -> None:
    result = pls("explain", "acme.com", *built_stub.where)
    assert result.returncode == 0
    assert "score 50 = 20 of users + 20 of account signals + 10 of fit" in result.stdout
    assert "[bold]pricing" in result.stdout
    assert "no (ladder)" in result.stdout
    assert "\x1b" not in result.stdout
    assert max(len(line) for line in result.stdout.splitlines()) <= 100


def test_a_trigger_says_who(built_stub: Place) -> None:
    lines = pls("explain", "acme.com", *built_stub.where).stdout.splitlines()
    triggers = [line for line in lines if " asked " in line]
    assert any("ann@acme.com: Asked" in line for line in triggers)
    assert any("u3: Asked 3 times" in line for line in triggers)  # one without an address
    assert max(len(line) for line in lines) <= 100


@pytest.mark.parametrize(("entity", "level"), [("u1", "user"), ("acme.com", "account")])
def test_the_other_level_is_named(built_stub: Place, entity: str, level: str) -> None:
    other = {"user": "account", "account": "user"}[level]
    result = pls("explain", entity, "--level", other, *built_stub.where)
    assert result.returncode == 2
    assert f"'{entity}' is of level {level}" in result.stderr


def test_unknown_is_one_line_with_near_matches(built_stub: Place) -> None:
    result = pls("explain", "amce.com", *built_stub.where)
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert "did you mean acme.com" in result.stderr


def test_unknown_score_model_names_the_known(built_stub: Place) -> None:
    result = pls("explain", "acme.com", "--score-model", "nope", *built_stub.where)
    assert result.returncode == 2
    assert "choose template" in result.stderr


def test_dbt_is_not_loaded_for_it(built_stub: Place) -> None:
    code = (
        "import sys; from pls.cli import run; code = run(sys.argv[1:]); "
        "assert not [m for m in sys.modules if m.split('.')[0] == 'dbt']; sys.exit(code)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, "explain", "acme.com", *map(str, built_stub.where)],
        env=environment(),
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr


def test_every_scored_entity_of_a_company_is_explained_in_full(company: Place) -> None:
    (account,) = company.query(
        "select account_id, score from marts.pqa_scores where score_model = 'template' "
        "order by score desc, account_id limit 1"
    )
    facts = explain(company, str(account[0]))
    assert facts["score"] == account[1]
    of_account = [s for s in facts["signals"] if s["is_counted"]]
    assert sum(s["points"] for s in of_account) == (
        facts["account_signal_score"] + facts["fit_score"]
    )
    assert all(s["evidence"] for s in of_account)
    best = facts["users"][0]
    user = explain(company, best["user_id"])
    assert user["score"] == best["score"]
    assert sum(s["points"] for s in user["signals"] if s["is_counted"]) == user["score"]
