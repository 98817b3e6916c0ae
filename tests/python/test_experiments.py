"""Experiments: arms that chance drew, and intervals that hold what was planted.

The draws run through the model's own SQL, on companies made up for each.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from dbt.cli.main import dbtRunner
from scipy import stats

from conftest import ROOT
from pls.calibration import Floats, hash_share

DRAWS = 200
IDS = [f"company-{number}.com" for number in range(20_000)]
SALTS = ["pilot", "pilot2", "2026-q3"]


def far_off(found: float, share: float, cases: int) -> float:
    """How many standard errors a share found lies from the one that was asked for."""
    return abs(found - share) / math.sqrt(share * (1 - share) / cases)


@pytest.mark.parametrize("salt", SALTS)
@pytest.mark.parametrize("share", [0.05, 0.1, 0.3, 0.5])
def test_arms_hold_the_share_that_was_asked_for(salt: str, share: float) -> None:
    held_out = np.array([hash_share(f"{salt}:{name}") < share for name in IDS])
    assert far_off(float(held_out.mean()), share, len(IDS)) < 3
    # Neither are those that came early or late together in an arm.
    for part in np.array_split(held_out, 4):
        assert far_off(float(part.mean()), share, len(part)) < 3.5


@pytest.mark.parametrize(("first", "second"), list(combinations(SALTS, 2)))
def test_experiments_draw_without_regard_to_each_other(first: str, second: str) -> None:
    numbers = np.array([[hash_share(f"{salt}:{name}") for name in IDS] for salt in (first, second)])
    assert abs(np.corrcoef(numbers)[0, 1]) * math.sqrt(len(IDS)) < 3
    both = (numbers[0] < 0.3) & (numbers[1] < 0.3)
    assert far_off(float(both.mean()), 0.09, len(IDS)) < 3


@dataclass(frozen=True)
class Plan:
    """What is planted in an experiment.

    Attributes:
        accounts: Accounts that could be called.
        holdout_share: Share of them that is not.
        self_serve: Chance to buy alone, held out and not.
        assisted: Chance to buy with sales, of those not held out.
        deal: How much larger a deal with sales is.
        spread: Standard deviation of the logarithm of a deal's size.
    """

    accounts: int
    holdout_share: float
    self_serve: tuple[float, float]
    assisted: float
    deal: float = 1.0
    spread: float = 0.8

    def truth(self) -> dict[str, float]:
        """What treatment adds, by measure."""
        control, treatment = self.self_serve
        usual = 12 * 50 * math.exp(self.spread**2 / 2)
        return {
            "conversion_rate": treatment + self.assisted - control,
            "self_serve_conversion_rate": treatment - control,
            "revenue_per_account": usual * (treatment + self.assisted * self.deal - control),
        }


MEASURES = (
    *("conversion_rate", "self_serve_conversion_rate", "revenue_per_account"),
    "incremental_revenue",
)
PLANS = {
    "nothing": Plan(400, 0.3, self_serve=(0.2, 0.2), assisted=0.0),
    "sales_helps": Plan(400, 0.3, self_serve=(0.2, 0.08), assisted=0.25, deal=3.0),
    "sales_hurts": Plan(400, 0.5, self_serve=(0.3, 0.1), assisted=0.05),
    # A tenth held out, of whom a tenth buy, at prices that differ much: where the interval of
    # Welch claims something in every ninth draw.
    "few_payers": Plan(1000, 0.1, self_serve=(0.1, 0.1), assisted=0.0, spread=1.0),
}

Rows = list[dict[str, Any]]
"""Rows of experiment_results, those of one measure in the order of the draws."""


@dataclass(frozen=True)
class Draw:
    """What the accounts of each arm paid in a year, in one draw."""

    treatment: Floats
    control: Floats


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The model's SQL, which reads the tables of the schema `given`."""
    folder = tmp_path_factory.mktemp("compiled")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLS_DATABASE", ":memory:")
        patch.setenv("PLS_TEMP_DIRECTORY", str(folder / "tmp"))
        result = dbtRunner().invoke(
            ["compile", "--quiet", "--no-introspect", "--no-populate-cache",
             "--select", "experiment_results", "--project-dir", str(ROOT),
             "--profiles-dir", str(ROOT), "--target-path", str(folder),
             "--log-path", str(folder)]
        )  # fmt: skip
    assert result.success, result.exception
    path = Path("compiled/pls/models/marts/learning/experiment_results.sql")
    return re.sub(r'"\w+"\."\w+"\."(\w+)"', r"given.\1", (folder / path).read_text())


def company_of(plan: Plan, number: int) -> tuple[dict[str, Any], Draw]:
    """Make up a company of which some are called: its columns, and what its arms paid."""
    generator = np.random.default_rng(number)
    names = [f"company-{number}-{place}.com" for place in range(plan.accounts)]
    held_out = np.array([hash_share(f"salt{number}:{name}") < plan.holdout_share for name in names])
    chance = generator.random(plan.accounts)
    alone_from = np.where(held_out, *plan.self_serve)
    alone = chance < alone_from
    assisted = ~held_out & ~alone & (chance < alone_from + plan.assisted)
    size = generator.lognormal(math.log(50), plan.spread, plan.accounts)
    mrr = np.where(assisted, plan.deal, 1.0) * size * (alone | assisted)
    columns = {
        "number": np.full(plan.accounts, number),
        "account_id": np.array(names),
        "motion": np.where(assisted, "sales_assisted", "self_serve"),
        "mrr": mrr,
    }
    return columns, Draw(12 * mrr[~held_out], 12 * mrr[held_out])


def read(model: str, plan: Plan, numbers: Sequence[int]) -> Rows:
    """Run several draws through the model at once, each an experiment of three days.

    Who has bought nothing in them does so before the next begins, so that each draw has
    accounts of its own.
    """
    made = [company_of(plan, number)[0] for number in numbers]
    companies = {name: np.concatenate([one[name] for one in made]) for name in made[0]}
    starts_on = "date '2026-01-01' + 3 * cast(number as integer)"
    tables = {
        "int_as_of_date": f"select {starts_on} as as_of_date from range(1000, 1001) t(number)",
        "experiments": f"select number as experiment_id, {starts_on} as starts_on, "
        f"{starts_on} + 1 as ends_on, {plan.holdout_share} as holdout_share, "
        "'salt' || number as salt from companies group by number",
        "accounts": f"select account_id, false as is_internal, {starts_on} as first_seen_on "
        "from companies",
        "account_outcomes": "select account_id, motion as conversion_motion, "
        f"cast({starts_on} + case when mrr > 0 then 1 else 2 end as timestamp) as first_paid_at "
        "from companies",
        "int_revenue_changes": f"select account_id, mrr as mrr_change_usd, {starts_on} + 1 "
        "as changed_on from companies where mrr > 0",
    }
    with duckdb.connect() as connection:
        connection.register("companies", companies)
        connection.execute("create schema given")
        for table, query in tables.items():
            connection.execute(f"create table given.{table} as {query}")
        found = connection.execute(model)
        names = [column[0] for column in found.description or []]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@pytest.fixture(scope="module")
def results(model: str) -> dict[str, dict[str, Rows]]:
    """All draws of all plans, by plan and measure."""
    found: dict[str, dict[str, Rows]] = {}
    for name, plan in PLANS.items():
        of_plan: dict[str, Rows] = defaultdict(list)
        for batch in np.array_split(np.arange(DRAWS), 10):
            rows = read(model, plan, [int(number) for number in batch])
            for row in sorted(rows, key=lambda row: int(row["experiment_id"])):
                of_plan[row["measure"]].append(row)
        found[name] = of_plan
    return found


@pytest.mark.parametrize("plan", PLANS)
def test_intervals_hold_what_was_planted(results: dict[str, dict[str, Rows]], plan: str) -> None:
    truth = PLANS[plan].truth()
    for measure in MEASURES:
        rows = [row for row in results[plan][measure] if row["verdict"]]
        # The plans have accounts enough for a verdict in nearly every draw.
        assert len(rows) >= 0.95 * DRAWS and len(results[plan][measure]) == DRAWS
        planted = [
            truth[measure] if measure in truth
            else truth["revenue_per_account"] * row["treatment_accounts"]
            for row in rows
        ]  # fmt: skip
        held = np.mean(
            [
                row["difference_low"] <= value <= row["difference_high"]
                for row, value in zip(rows, planted, strict=True)
            ]
        )
        assert 0.9 <= held <= 0.995, (measure, held)
        if planted[0] == 0:
            claimed = np.mean([row["verdict"] != "no_difference" for row in rows])
            assert claimed <= 0.08, (measure, claimed)
        else:
            # Never the other way round.
            wrong = "lower" if planted[0] > 0 else "higher"
            assert sum(row["verdict"] == wrong for row in rows) <= 0.01 * DRAWS


@pytest.mark.parametrize("plan", ["sales_helps", "sales_hurts"])
def test_cannibalised_deals_are_those_that_would_have_come(
    results: dict[str, dict[str, Rows]], plan: str
) -> None:
    control, treatment = PLANS[plan].self_serve
    found = results[plan]["cannibalised_deals"]
    of_all = zip(found, results[plan]["assisted_deals"], strict=True)
    assert all(0 <= row["treatment_value"] <= deals["treatment_value"] for row, deals in of_all)
    planted = [(control - treatment) * row["treatment_accounts"] for row in found]
    if plan == "sales_hurts":
        # More are missing than sales brought in: all deals it made were taken over.
        planted = [row["treatment_value"] for row in results[plan]["assisted_deals"]]
    assert np.mean([row["treatment_value"] for row in found]) == pytest.approx(
        np.mean(planted), rel=0.06
    )
    per_deal = [
        revenue["treatment_value"] / row["treatment_value"]
        for revenue, row in zip(results[plan]["cannibalised_revenue"], found, strict=True)
        if row["treatment_value"]
    ]
    usual = 12 * 50 * math.exp(PLANS[plan].spread ** 2 / 2) * PLANS[plan].deal
    assert np.mean(per_deal) == pytest.approx(usual, rel=0.06)


def mover_limits(revenue: Floats) -> tuple[float, float]:
    """The 95 % interval of a mean of mostly nothing, with the quantiles of scipy."""
    paid = revenue[revenue > 0]
    interval = stats.binomtest(len(paid), len(revenue)).proportion_ci(method="wilson")
    share = len(paid) / len(revenue)
    amount = float(stats.t.ppf(0.975, len(paid) - 1) * stats.sem(paid) / paid.mean())
    return (
        float(revenue.mean() * math.exp(-math.hypot(math.log(share / interval.low), amount))),
        float(revenue.mean() * math.exp(math.hypot(math.log(interval.high / share), amount))),
    )


@pytest.mark.parametrize("plan", PLANS)
def test_the_interval_of_revenue_is_the_published_one(
    results: dict[str, dict[str, Rows]], plan: str
) -> None:
    for number in range(DRAWS):
        arms = company_of(PLANS[plan], number)[1]
        row = results[plan]["revenue_per_account"][number]
        assert row["treatment_value"] == pytest.approx(arms.treatment.mean())
        assert row["control_value"] == pytest.approx(arms.control.mean())
        if min((arms.treatment > 0).sum(), (arms.control > 0).sum()) < 5:
            assert row["difference_low"] is row["difference_high"] is row["verdict"] is None
            continue
        means = float(arms.treatment.mean()), float(arms.control.mean())
        (low, high), (other_low, other_high) = (
            mover_limits(arms.treatment), mover_limits(arms.control)
        )  # fmt: skip
        below = math.hypot(means[0] - low, other_high - means[1])
        above = math.hypot(high - means[0], means[1] - other_low)
        # The expansion of Student's t is a little short where payers are few.
        about = 2e-3 * (below + above)
        assert row["difference_low"] == pytest.approx(means[0] - means[1] - below, abs=about)
        assert row["difference_high"] == pytest.approx(means[0] - means[1] + above, abs=about)
