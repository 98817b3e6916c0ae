"""Learning weights: what is found where something is, and nothing where nothing is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from pls.calibration import (
    Examples,
    Rules,
    Signal,
    _fired,
    _Order,
    calibrate,
    leaked,
    split,
)

RULES = Rules(draws=200)
FIRST = date(2026, 1, 5)


def company(
    seed: int, weights: Sequence[float], accounts: int = 600, weeks: int = 6, base: float = -2.0
) -> Examples:
    """Make looks at accounts, which convert by the weights of the signals that fire.

    An account keeps its signals from week to week, but for a tenth of them, and converts or
    not as a whole: its looks are as little independent as real ones.
    """
    generator = np.random.default_rng(seed)
    habits = generator.random((accounts, len(weights))) < 0.3
    chance = 1 / (1 + np.exp(-(habits @ np.asarray(weights) + base)))
    converts = generator.random(accounts) < chance
    ids: list[str] = []
    days: list[date] = []
    labels: list[bool] = []
    listed: list[str | None] = []
    for week in range(weeks):
        flips = generator.random(habits.shape) < 0.1
        fired = habits ^ flips
        for account in range(accounts):
            ids.append(f"account-{seed}-{account}")
            days.append(FIRST + timedelta(days=7 * week))
            labels.append(bool(converts[account]))
            names = [f"s{place}" for place in np.flatnonzero(fired[account])]
            listed.append(", ".join(names) or None)
    return Examples(
        account_ids=ids,
        days=days,
        is_converted=np.array(labels),
        scores=generator.normal(50, 20, len(ids)),
        signals=listed,
        metrics={"noise": generator.normal(size=len(ids))},
    )


def signals(points: Sequence[int]) -> list[Signal]:
    return [Signal(f"s{place}", "account", value) for place, value in enumerate(points)]


def fit(examples: Examples, points: Sequence[int], rules: Rules = RULES) -> list[dict[str, Any]]:
    return calibrate("account", examples, signals(points), rules)


def test_on_noise_no_lift_is_claimed() -> None:
    honest = 0
    for seed in range(20):
        rows = fit(company(seed, [0.0] * 12), [10] * 12)
        held = rows[0]["auc_low"] <= 0.5 <= rows[0]["auc_high"]
        silent = all(row["suggested_points"] is None for row in rows)
        honest += held and silent and {row["status"] for row in rows} == {"no_lift"}
    assert honest >= 19


def test_planted_weights_come_out_in_their_order() -> None:
    planted = [2.4, 1.6, 0.8, 0.0, -0.8, -1.6]
    rows = fit(company(1, planted, accounts=4000, base=-1.0), [30, 10, 10, 10, -10, -20])
    assert {row["status"] for row in rows} == {"suggested"}
    found = [row["coefficient"] for row in rows]
    assert sorted(found, reverse=True) == found
    # A tenth of the looks shows another signal than the habit, so the weights come out
    # smaller, but all by much the same.
    shrunk = [value / weight for value, weight in zip(found, planted, strict=True) if weight]
    assert max(shrunk) / min(shrunk) < 1.6
    assert abs(found[3]) < 0.2
    points = [row["suggested_points"] for row in rows]
    assert points[0] == 30
    assert sorted(points, reverse=True) == points
    assert all(value % 5 == 0 for value in points)
    assert rows[0]["auc_low"] > 0.6 > rows[0]["current_auc"] > 0.4
    assert rows[0]["auc_gain_low"] > 0.1
    assert rows[0]["coefficient_low"] < rows[0]["coefficient"] < rows[0]["coefficient_high"]


@pytest.mark.parametrize("kind", ["copied", "noisy", "with_gaps", "upside_down", "known_only_then"])
def test_a_metric_that_knows_the_label_is_named(kind: str) -> None:
    examples = company(2, [2.0, 1.0, 0.0], accounts=1000)
    generator = np.random.default_rng(0)
    leak = examples.is_converted.astype(float)
    if kind == "noisy":
        leak += generator.normal(0, 0.2, len(leak))
    if kind == "with_gaps":
        leak[generator.random(len(leak)) < 0.5] = math.nan
    if kind == "upside_down":
        leak = 1 - leak
    if kind == "known_only_then":
        leak[~examples.is_converted] = math.nan
    rows = fit(replace(examples, metrics={**examples.metrics, "paid_soon": leak}), [30, 10, 10])
    assert {row["status"] for row in rows} == {"leaked"}
    assert {row["leaked_metrics"] for row in rows} == {"paid_soon"}
    assert "paid_soon" in rows[0]["reason"]
    assert all(row["suggested_points"] is None for row in rows)


def test_a_signal_that_knows_the_label_is_named() -> None:
    examples = company(2, [2.0, 1.0], accounts=1000)
    listed = [
        "knows" if converted else None for converted in examples.is_converted
    ]  # fmt: skip
    rows = calibrate(
        "account",
        replace(examples, signals=listed),
        [*signals([10, 10]), Signal("knows", "account", 10)],
        RULES,
    )
    assert {row["leaked_metrics"] for row in rows} == {"knows"}


def rare(examples: Examples, accounts: int, others: int = 0) -> Examples:
    """Let a signal fire once for some accounts that converted, and for others that did not."""
    listed = list(examples.signals)
    left = {True: accounts, False: others}
    for row, label in enumerate(examples.is_converted[: len(set(examples.account_ids))]):
        if left[bool(label)]:
            left[bool(label)] -= 1
            listed[row] = ", ".join(filter(None, [listed[row], "rare"]))
    assert not any(left.values())
    return replace(examples, signals=listed)


@pytest.mark.parametrize(
    ("accounts", "others", "leaks"), [(20, 0, "rare"), (19, 0, None), (30, 1, None)]
)
def test_a_rare_signal_that_only_fires_for_who_converts_is_named(
    accounts: int, others: int, leaks: str | None
) -> None:
    examples = rare(company(2, [2.0, 1.0], accounts=1000), accounts, others)
    given = [*signals([10, 10]), Signal("rare", "account", 10)]
    rows = calibrate("account", examples, given, RULES)
    assert {row["leaked_metrics"] for row in rows} == {leaks}
    # Where most convert, that all of a few do is no wonder.
    rows = calibrate("account", rare(company(2, [2.0, 1.0], 1000, base=1.0), accounts, others),
                     given, RULES)  # fmt: skip
    assert {row["leaked_metrics"] for row in rows} == {None}


def test_on_noise_no_leak_is_named() -> None:
    for seed in range(20):
        examples = company(seed, [0.0] * 12)
        generator = np.random.default_rng(seed)
        listed = list(examples.signals)
        # Signals that two to fifty in a thousand looks show, besides the frequent ones.
        for place, share in enumerate([0.002, 0.005, 0.02, 0.05]):
            for row in np.flatnonzero(generator.random(len(listed)) < share):
                listed[row] = ", ".join(filter(None, [listed[row], f"r{place}"]))
        given = [*signals([10] * 12), *(Signal(f"r{place}", "account", 10) for place in range(4))]
        _, account_of = np.unique(np.array(examples.account_ids), return_inverse=True)
        assert leaked(examples, _fired(listed, given), given, account_of, RULES.min_accounts) == []


def test_neither_moments_nor_accounts_are_on_both_sides() -> None:
    examples = company(3, [1.0] * 3, accounts=500, weeks=9)
    train, test = split(examples.account_ids, examples.days, 0.7)
    sides = [
        ({examples.account_ids[row] for row in np.flatnonzero(side)},
         {examples.days[row] for row in np.flatnonzero(side)})
        for side in (train, test)
    ]  # fmt: skip
    assert not sides[0][0] & sides[1][0]
    assert max(sides[0][1]) < min(sides[1][1])
    assert 0.6 < len(sides[0][0]) / 500 < 0.8
    assert len(sides[0][1]) == 7 and len(sides[1][1]) == 2


def test_too_few_conversions_suggest_nothing() -> None:
    rows = fit(company(4, [3.0, 0.0], accounts=300, base=-5.0), [10, 10])
    assert rows[0]["converted_accounts"] < 50
    assert {row["status"] for row in rows} == {"too_few_conversions"}
    assert f"{rows[0]['converted_accounts']} accounts converted" in rows[0]["reason"]
    assert all(row["suggested_points"] is None and row["auc"] is None for row in rows)


@pytest.mark.parametrize("label", [True, False])
def test_one_outcome_alone_teaches_nothing(label: bool) -> None:
    examples = company(4, [1.0])
    rows = fit(replace(examples, is_converted=np.full(len(examples.days), label)), [10],
               replace(RULES, min_conversions=0))  # fmt: skip
    assert rows[0]["status"] == "too_few_conversions"


def test_without_examples_nothing_is_said() -> None:
    nothing = Examples([], [], np.zeros(0, dtype=bool), np.zeros(0), [])
    assert [row["status"] for row in fit(nothing, [10])] == ["too_few_conversions"]
    assert calibrate("user", nothing, [], RULES) == []


def test_a_signal_that_few_fired_gets_no_points() -> None:
    examples = company(5, [2.5, 1.5], accounts=1500, base=-1.0)
    listed = list(examples.signals)
    for row in range(19):
        listed[row] = ", ".join(filter(None, [listed[row], "rare"]))
    rows = calibrate(
        "account",
        replace(examples, signals=listed),
        [*signals([30, 10]), Signal("rare", "account", 10)],
        RULES,
    )
    assert [row["suggested_points"] is None for row in rows] == [False, False, True]


def test_weights_that_are_worse_than_the_current_ones_are_not_suggested() -> None:
    examples = company(7, [1.0, 0.5], accounts=2000)
    generator = np.random.default_rng(0)
    scores = examples.is_converted + generator.normal(0, 0.6, len(examples.days))
    rows = fit(replace(examples, scores=scores), [10, 10])
    assert {row["status"] for row in rows} == {"no_lift"}
    assert rows[0]["auc_low"] > 0.5 and rows[0]["auc_gain_high"] < 0
    assert "current weights are better" in rows[0]["reason"]


def test_the_same_looks_give_the_same_weights() -> None:
    examples = company(6, [1.5, 0.5, -0.5])
    assert fit(examples, [10, 10, -10]) == fit(examples, [10, 10, -10])


def test_weights_measure_what_repeated_rows_would() -> None:
    generator = np.random.default_rng(0)
    prediction = generator.integers(0, 20, 300) / 20
    label = generator.random(300) < prediction
    counts = generator.integers(0, 4, 300)
    auc, average_precision, brier, _ = _Order.of(prediction, label).measures(counts.astype(float))
    repeated, labels = np.repeat(prediction, counts), np.repeat(label, counts)
    assert auc == pytest.approx(roc_auc_score(labels, repeated))
    assert average_precision == pytest.approx(average_precision_score(labels, repeated))
    assert brier == pytest.approx(np.mean((repeated - labels) ** 2))


def test_the_lift_of_the_first_tenth_by_hand() -> None:
    # Twenty rows, four of which converted. The first tenth are two rows: the highest one,
    # which converted, and half of the two next, of which one did: 1.5 of 2, against 4 of 20.
    prediction = np.array([9.0, 8.0, 8.0] + [1.0] * 17)
    label = np.array([True, True, False, True, True] + [False] * 15)
    assert _Order.of(prediction, label).measures(np.ones(20))[3] == pytest.approx(
        (1.5 / 2) / (4 / 20)
    )
