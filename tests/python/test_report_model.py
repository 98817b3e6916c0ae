"""How the pages of the score model and of the data's health are arranged, without a browser."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from typing import Any

import pytest

from pls.report import charts, health_page, model_page
from pls.report.rendering import Site, percent, render

DAY = date(2026, 6, 29)

SITE = Site(
    build={
        "as_of_date": DAY,
        "built_at": datetime(2026, 6, 30, 9, 0),
        "active_score_model": "template",
        "score_model_version": "1",
    }
)


def model_facts(**more: Any) -> dict[str, Any]:
    """Give the facts of a company of which nothing is known but its seeds."""
    return {
        "model": "template",
        "signals": [
            {
                "signal_id": name,
                "level": "user",
                "category": "intent",
                "points": points,
                "description": description,
            }
            for name, points, description in (
                ("limit", "20", "Hit a limit"),
                ("idle", "-10", "<b>Not</b> active"),
            )
        ],
        "grades": [
            {"grade": "not_qualified", "min_score": None, "description": "Self-serve."},
            {"grade": "hot", "min_score": "80", "description": "Call."},
        ],
        "tiers": [{"tier": "1", "tier_name": "Big", "min_score": "150.0001", "description": ""}],
        "builds": [{"builds": 1}],
        **{
            name: []
            for name in (
                "health", "lifts", "weights", "thresholds", "recommended", "models", "drift",
                "scores", "labels", "buckets", "looks", "label_conversions", "restatements",
            )
        },
        **more,
    }  # fmt: skip


def threshold(score: int, **more: Any) -> dict[str, Any]:
    return {
        "level": "user",
        "threshold": score,
        "horizon_days": 60,
        "weeks": 4,
        "conversions": 3,
        "missed_conversions": 1,
        "entities_per_week": 2.5,
        "precision": 0.25,
        "recall": 0.75,
        "base_rate": 0.1,
        "lift": 2.5,
        "self_serve_share": None,
        **more,
    }


def bucket(number: int, low: int, high: int, converted: int) -> dict[str, Any]:
    return {
        "level": "user",
        "bucket": number,
        "low": low,
        "high": high,
        "looks": 100,
        "converted": converted,
        "accounts": 40,
        "converted_accounts": 5,
    }


LOOKS = {
    "level": "user",
    "horizon_days": 60,
    "looks": 300,
    "converted": 60,
    "accounts": 80,
    "converted_accounts": 12,
    "first_day": date(2026, 1, 5),
    "last_day": date(2026, 4, 27),
}


def show_model(facts: dict[str, Any]) -> str:
    return render(SITE, "model.html.j2", {"page": "model", **model_page.model(facts)})


def test_a_model_without_a_past_says_so_everywhere() -> None:
    page = show_model(model_facts())
    for words in (
        "Points are not learned here",
        "No look has been followed for long enough",
        "No month has looks",
        "There is no past to try thresholds on yet",
        "No user has a score",
        "There are too few Mondays",
        "There is no earlier build",
        "The active model has no signals for accounts",
    ):
        assert words in page, words
    assert "data-simulator" not in page
    assert "<b>Not</b>" not in page
    assert "&lt;b&gt;Not&lt;/b&gt; active" in page


def test_without_a_payment_there_is_no_curve() -> None:
    looks = {**LOOKS, "converted": 0, "converted_accounts": 0}
    facts = model_facts(looks=[looks], buckets=[bucket(0, 0, 5, 0)])
    assert model_page.model(facts)["levels"][0]["curve"] is None
    assert "None of 300 looks was followed by paying" in show_model(facts)


def test_the_curve_names_where_it_falls() -> None:
    buckets = [bucket(0, -5, 5, 10), bucket(1, 10, 20, 30), bucket(2, 25, 25, 20)]
    curve = model_page.model(model_facts(looks=[LOOKS], buckets=buckets))["levels"][0]["curve"]
    assert [row["name"] for row in curve["rows"]] == ["−5 to 5", "10 to 20", "25"]
    assert curve["falls"] == [("10 to 20", "25")]
    assert curve["base"] == pytest.approx(0.2)
    assert curve["rows"][0]["low"] < 0.1 < curve["rows"][0]["high"]


@pytest.mark.parametrize(
    ("share", "cases", "low", "high"),
    # By hand: Wilson's interval of 0 of 10 ends at z²/(n + z²), 5 of 10 lies around a half.
    [(0.0, 10, 0.0, 0.277533), (0.5, 10, 0.236593, 0.763407), (1.0, 10, 0.722467, 1.0)],
)
def test_wilson(share: float, cases: int, low: float, high: float) -> None:
    assert model_page.wilson(share, cases) == pytest.approx((low, high), abs=1e-6)
    assert model_page.wilson(share, 0) == (None, None)


def test_points_that_are_taken_off_are_raised_downwards() -> None:
    assert model_page.evidence_words("raise", 10) == "Raise"
    assert model_page.evidence_words("raise", -10) == "Take off more"
    assert model_page.evidence_words("lower", -10) == "Take off less"
    assert model_page.evidence_words("too_few", -10) == "Too few cases"
    assert model_page.evidence_words(None, 10) == "No evidence"


def test_the_tile_counts_in_the_words_of_the_table() -> None:
    lifts = [
        {"level": "user", "signal_id": name, "verdict": "raise", "lift": 2.0, "lift_low": 1.5,
         "lift_high": 3.0, "fired_accounts": 40}
        for name in ("limit", "idle")
    ]  # fmt: skip
    facts = model_facts(lifts=lifts)
    counts = model_page.model(facts)["levels"][0]["counts"]
    assert counts == [("raise", "Raise", 1), ("raise", "Take off more", 1)]
    page = show_model(facts)
    for words in ("Raise", "Take off more"):
        assert f'<span class="chip watch">{words} 1</span>' in page
        assert f'<span class="chip watch">{words}</span>' in page


def test_loud_and_silent_signals_are_named() -> None:
    health = [
        {"level": "user", "signal_id": name, "verdict": verdict, "entities": 40, "fired": fired,
         "fired_share": fired / 40, "fired_share_28d": None}
        for name, verdict, fired in (("limit", "fires_for_everyone", 40), ("idle", "silent", 0))
    ]  # fmt: skip
    facts = model_facts(health=health)
    odd = model_page.model(facts)["levels"][0]["odd"]
    assert [(row["name"], row["verdict"]) for row in odd] == [
        ("Hit a limit", "fires_for_everyone"),
        ("<b>Not</b> active", "silent"),
    ]
    assert "2 of them need a look" in show_model(facts)


def test_suggestions_are_shown_only_where_there_are_some() -> None:
    measures = {
        f"{whose}{column}{bound}": 0.7
        for column, *_ in model_page.MEASURES
        for whose in ("", "current_")
        for bound in ("", "_low", "_high")
    }
    weights = [
        {"level": "user", "signal_id": name, "status": "suggested", "reason": "Learned.",
         "suggested_points": points, **measures}
        for name, points in (("limit", 35), ("idle", None))
    ]  # fmt: skip
    page = show_model(model_facts(weights=weights))
    assert "Learned points" in page
    assert "+15 from now" in page
    assert "too few cases" in page
    assert "Lift of the top tenth" in page
    none = [{**row, "suggested_points": None, "status": "no_lift"} for row in weights]
    assert "from now" not in show_model(model_facts(weights=none))


def test_the_simulator_has_the_numbers_of_the_table() -> None:
    rows = [threshold(0), threshold(5, precision=None, lift=None), threshold(10)]
    recommended = [
        {"level": "user", "current_threshold": 80.0, "threshold": 5, "reason": "Most found."}
    ]
    facts = model_facts(thresholds=rows, recommended=recommended)
    simulator = model_page.model(facts)["levels"][0]["simulator"]
    assert (simulator["low"], simulator["high"], simulator["step"]) == (0, 10, 5)
    # What is in use lies beyond the slider, which begins where it ends.
    assert simulator["start"] == 10
    page = show_model(facts)
    found = re.search(r'<script type="application/json" id="thresholds-user">(.*?)</script>', page)
    assert found is not None
    data = json.loads(found[1])
    assert [row["threshold"] for row in data["rows"]] == [0, 5, 10]
    assert data["rows"][1]["precision"] is None
    assert 'data-set="5"' in page
    assert 'data-set="80"' not in page


def test_the_simulator_says_what_each_number_counts() -> None:
    page = show_model(model_facts(thresholds=[threshold(0), threshold(5)]))
    for words in (
        "<dt>Recall, of looks</dt>",
        "<dt>Users that began to pay, found</dt>",
        '<th scope="col" class="num">Users missed</th>',
        "any look of the 60 days before it paid",
    ):
        assert words in page, words


def test_no_recommendation_tells_why() -> None:
    recommended = [
        {"level": "user", "current_threshold": 5.0, "threshold": None, "reason": "Not precise."}
    ]
    page = show_model(model_facts(thresholds=[threshold(0), threshold(5)], recommended=recommended))
    assert "No threshold is recommended.</b> Not precise." in page


def test_long_tails_share_the_last_band() -> None:
    scores = [{"level": "user", "score": n, "entities": 10} for n in range(0, 100, 5)]
    scores.append({"level": "user", "score": 9000, "entities": 1})
    bands = model_page.model(model_facts(scores=scores))["levels"][0]["bands"]
    assert sum(row["entities"] for row in bands["rows"]) == 201
    assert len(bands["rows"]) <= model_page.BANDS
    assert bands["tail"] == bands["rows"][-1]["start"] < 100
    assert "up to 9,000" in bands["rows"][-1]["name"]


def test_grades_keep_their_order_and_lost_ones_are_shown() -> None:
    labels = [
        {"level": "user", "label": label, "entities": n}
        for label, n in (("hot", 1), ("not_qualified", 2), ("gone", 1))
    ]
    rows = model_page.model(model_facts(labels=labels))["levels"][0]["labels"]
    assert [row["name"] for row in rows] == ["Hot", "Not qualified", "Gone"]
    assert rows[1]["share_of_all"] == 0.5
    assert rows[0]["share"] is None


def test_the_active_model_comes_first_among_challengers() -> None:
    models = [
        {"level": "user", "score_model": name, "is_champion": name == "template", "auc": 0.7,
         "auc_low": 0.6, "auc_high": 0.8, "auc_gain": 0.0, "top_decile_lift": None,
         "converted_accounts": 1, "accounts": 2, "period_month": date(2026, month, 1)}
        for name in ("a", "template", "b", "c") for month in (2, 1)
    ]  # fmt: skip
    arranged = model_page.model(model_facts(models=models))["levels"][0]["models"]
    assert arranged["names"] == ["template", "a", "b", "c"]
    assert [row["score_model"] for row in arranged["rows"][:2]] == ["template", "a"]
    assert arranged["rows"][0]["period_month"] == date(2026, 1, 1)


def test_a_lift_beyond_the_scale_ends_in_an_arrow() -> None:
    inside = charts.interval(1.0, 0.5, 2.0, "x")
    assert 'cx="50.0"' in inside
    assert "tip" not in inside
    outside = charts.interval(0.0, 0.0, 40.0, '"<x>')
    assert outside.count("tip") == 2
    assert "circle" not in outside
    assert "<x>" not in outside


def test_shares_are_all_or_none_only_when_they_are() -> None:
    assert [percent(value) for value in (0, 0.00001, 0.09, 0.5625, 0.99999, 1, None)] == [
        "0.0\u00a0%", "<\u00a00.1\u00a0%", "9.0\u00a0%", "56.3\u00a0%", ">\u00a099.9\u00a0%",
        "100.0\u00a0%", "unknown",
    ]  # fmt: skip


def source(name: str, **more: Any) -> dict[str, Any]:
    return {
        "source_table": name,
        "is_present": True,
        "raw_rows": 100,
        "staged_rows": 97,
        "duplicate_rows": 2,
        "dropped_rows": 1,
        "repaired_rows": 0,
        "orphan_rows": 0,
        **more,
    }


def health_facts(**more: Any) -> dict[str, Any]:
    return {
        "coverage": [source("users")],
        "reasons": [],
        "samples": [],
        "unmapped": [],
        "unmapped_all": [{"names": 0, "events": 0}],
        "conflicts": [],
        "conflicts_all": [{"workspaces": 0, "members": 0}],
        "builds": [],
        "builds_all": [{"builds": 0}],
        "problems": [],
        "rules": [],
        "is_whole": True,
        **more,
    }


def show_health(facts: dict[str, Any]) -> str:
    return render(SITE, "health.html.j2", {"page": "health", **health_page.health(facts)})


def test_all_is_well() -> None:
    page = show_health(health_facts())
    assert "Nothing needs a hand" in page
    assert "every one of 100 raw rows is accounted for, 97.0\u00a0% of them in use" in page
    assert 'class="todos"' not in page


def test_what_needs_a_hand_comes_with_its_mend() -> None:
    gone = {name: 0 for name in ("raw_rows", "staged_rows", "duplicate_rows", "dropped_rows")}
    facts = health_facts(
        coverage=[
            source("users", staged_rows=90),
            source("events", staged_rows=88, dropped_rows=10, orphan_rows=3),
            source("subscriptions", is_present=False, **gone),
            source("crm_leads", **gone),
        ],
        unmapped_all=[{"names": 1, "events": 7}],
        conflicts_all=[{"workspaces": 2, "members": 5}],
        problems=[{"seed": "signals", "row_name": "x", "problem": "p", "mend": "m"}],
    )
    found = {row["text"]: row for row in health_page.health(facts)["todos"]}
    assert found["users: 7 rows not accounted for"]["kind"] == "bad"
    assert found["1 row of seeds means nothing"]["kind"] == "bad"
    assert "events: 10.0\u00a0% of its rows were dropped (10 of 100)" in found
    assert "No rows in crm_leads" in found
    assert any(text.startswith("subscriptions is not there") for text in found)
    assert "event_catalog.csv" in found["1 event name without a meaning (7 events)"]["mend"]
    assert any("domain_aliases.csv" in row["mend"] for row in found.values())
    assert any(text.startswith("3 rows of users who are not known") for text in found)


@pytest.mark.parametrize(
    "key",
    ["email", "contact_email", "fullName", "full_name", "name", "phone", "IP", "ip_address",
     "ipAddress", "userEmail", "street", "api_token"],
)  # fmt: skip
def test_keys_of_persons(key: str) -> None:
    assert health_page.is_personal(key)


@pytest.mark.parametrize(
    "key", ["event_name", "occurred_at", "plan", "recipe", "shipping", "zipped"]
)
def test_keys_of_nobody(key: str) -> None:
    assert not health_page.is_personal(key)


def quarantined(column: str, value: Any, **more: Any) -> dict[str, Any]:
    return {
        "source_table": "users",
        "reason": "uncastable",
        "column_name": column,
        "is_dropped": True,
        "row_key": "u1",
        "raw_row": json.dumps({"email": "ann@acme.com", "full_name": "Ann Poe", column: value}),
        **more,
    }


@pytest.mark.parametrize(
    "row",
    [
        quarantined("email", "ann at acme", row_key="ann at acme"),
        quarantined("full_name", "Ann Poe"),
        quarantined("properties", '{"user": {"fullName": "Ann Poe", "x": ["ann@acme.com"]}}'),
        quarantined("properties", {"ip": "10.1.2.3", "deep": [{"phone": "555 123"}]}),
        quarantined("properties", '{"name": "Ann Poe", "rows": '),
        quarantined("properties", '{"rows": 1, "contact_email": "ann at acme'),
        quarantined("created_at", "sent by ann@acme.com from 10.1.2.3, +49 170 555 123 4"),
        quarantined("created_at", "from 2001:db8::10:1"),
        quarantined("score", "9", row_key="ann@acme.com"),
        quarantined("score", "9", raw_row="ann@acme.com is no JSON"),
    ],
)
def test_samples_never_show_a_person(row: dict[str, Any]) -> None:
    shown = json.dumps(health_page.sample(row))
    for secret in ("Ann", "ann at", "ann@", "acme", "10.1.2.3", "555", "2001:db8", "db8"):
        assert secret not in shown, shown


def test_samples_show_what_is_wrong() -> None:
    assert health_page.sample(quarantined("created_at", "2026-13-45 10:10:00")) == {
        "key": "u1",
        "value": "2026-13-45 10:10:00",
    }
    assert health_page.sample(quarantined("created_at", None))["value"] is None
    assert health_page.sample(quarantined("seats", -5))["value"] == "-5"
    long = health_page.sample(quarantined("created_at", "x" * 500))["value"]
    assert len(long) == health_page.LONGEST
    deep = health_page.sample(quarantined("created_at", "x", raw_row="[" * 100_000))
    assert deep["value"] == "(the row cannot be read)"


def test_hostile_values_are_inert() -> None:
    evil = '"><img src=x onerror=alert(1)>\u202e'
    row = quarantined("created_at", evil, row_key=evil)
    facts = health_facts(
        reasons=[{**row, "found": 2}],
        samples=[row, row],
        unmapped=[{"event_name": evil + "ann@acme.com", "event_count": 1, "users": 1,
                   "first_seen_on": DAY, "last_seen_on": DAY}],
        unmapped_all=[{"names": 1, "events": 1}],
    )  # fmt: skip
    page = show_health(facts)
    assert "<img" not in page
    assert "\u202e" not in page
    assert "ann@" not in page
    # Two equal samples say no more than one.
    assert page.count('class="sample"') == 1


def test_samples_of_others_are_left_out() -> None:
    row = quarantined("created_at", "soon")
    page = show_health(health_facts(reasons=[{**row, "found": 1}], is_whole=False))
    assert "Samples are left out" in page
    assert "Samples: key and value" not in page


def test_builds_are_set_against_the_one_before() -> None:
    build = {
        "built_at": datetime(2026, 6, 30, 9, 0), "as_of_date": DAY, "raw_events": 1, "raw_users": 1,
        "active_score_model": "template", "score_model_version": None, "git_commit": None,
        "dbt_version": "1",
    }  # fmt: skip
    builds = [{**build, "raw_rows": n} for n in (80, 100, 100)]
    facts = health_facts(builds=builds, builds_all=[{"builds": 3}])
    assert [row["change"] for row in health_page.health(facts)["builds"]] == [-20, 0, None]
    assert "−20" in show_health(facts)
