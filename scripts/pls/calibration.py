"""What the weights would be if the past had set them: learned, judged, and doubted.

A pure function over columns: the dbt model `int_calibration_weights` feeds it with the
examples of the warehouse, tests feed it with made-up ones.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from pls.sql import literal, quoted

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]

Z = 1.959963984540054
"""The normal quantile of a two-sided 95 % interval."""

LEAK_AUC = 0.98
"""A single column that tells the label better than this knows the future."""

LEVELS = ("user", "account")

MEASURES = ("auc", "average_precision", "brier", "top_decile_lift")

OUTPUT: Mapping[str, str] = {
    "level": "varchar",
    "signal_id": "varchar",
    "status": "varchar",
    "reason": "varchar",
    "leaked_metrics": "varchar",
    "current_points": "integer",
    "suggested_points": "integer",
    "fired_examples": "bigint",
    "fired_accounts": "bigint",
    "coefficient": "double",
    "coefficient_low": "double",
    "coefficient_high": "double",
    "train_examples": "bigint",
    "test_examples": "bigint",
    "converted_accounts": "bigint",
    **{
        f"{whose}{measure}{bound}": "double"
        for measure in MEASURES
        for whose in ("", "current_")
        for bound in ("", "_low", "_high")
    },
    "auc_gain": "double",
    "auc_gain_low": "double",
    "auc_gain_high": "double",
    "split_on": "date",
}
"""The columns of the result and their types."""


@dataclass(frozen=True)
class Signal:
    """A signal of the active score model.

    Attributes:
        signal_id: Its name.
        level: ``user`` or ``account``.
        points: Its points now.
    """

    signal_id: str
    level: str
    points: int


@dataclass(frozen=True)
class Examples:
    """Looks at entities that did not pay yet: one row each, all columns of one length.

    Attributes:
        account_ids: The account of each row; rows of one account are not independent.
        days: The day of each look.
        is_converted: Whether paying followed.
        scores: The score of the active model.
        signals: Names of the signals that fired and counted, joined by comma and blank;
            None when there was none.
        metrics: Further columns that might know the future, NaN where they know nothing.
    """

    account_ids: Sequence[str]
    days: Sequence[date]
    is_converted: Flags
    scores: Floats
    signals: Sequence[str | None]
    metrics: Mapping[str, Floats] = field(default_factory=dict)


@dataclass(frozen=True)
class Rules:
    """How much is enough.

    Attributes:
        min_conversions: Accounts that must have converted before anything is suggested.
        min_accounts: Accounts of the training side that must have fired a signal before
            points are suggested for it.
        train_share: Share of the days, and of the accounts, that is learned from.
        inverse_penalty: scikit-learn's C. With every account weighing 1 it is a normal
            prior of standard deviation 1 on each coefficient.
        draws: Bootstrap samples of the accounts.
        seed: Same seed, same intervals.
    """

    min_conversions: int = 50
    min_accounts: int = 20
    train_share: float = 0.7
    inverse_penalty: float = 1.0
    draws: int = 400
    seed: int = 7


def hash_share(text: str) -> float:
    """Give the number that a text is worth, as the macro of that name does.

    Args:
        text: Any text.

    Returns:
        From 0 up to, not including, 1: the first eight hex digits of its MD5 over 16^8.
    """
    return int(hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()[:8], 16) / 16**8


def split(
    account_ids: Sequence[str], days: Sequence[date], train_share: float
) -> tuple[Flags, Flags]:
    """Choose what is learned from and what judges.

    Earlier days of some accounts train, later days of all others test: neither a moment nor
    an account is on both sides.

    Args:
        account_ids: The account of each row.
        days: The day of each row.
        train_share: Share of the distinct days, and of the accounts (by hash), to learn
            from.

    Returns:
        Two flags for each row: whether it trains, whether it tests. Many rows do neither.
    """
    distinct = sorted(set(days))
    early = set(distinct[: math.ceil(train_share * len(distinct))])
    trains = {account: hash_share(account) < train_share for account in set(account_ids)}
    is_train_account = np.array([trains[account] for account in account_ids], dtype=bool)
    is_early = np.array([day in early for day in days], dtype=bool)
    return is_train_account & is_early, ~(is_train_account | is_early)


def calibrate_relations(
    examples: duckdb.DuckDBPyRelation,
    signals: duckdb.DuckDBPyRelation,
    label: str,
    score_model: str,
    rules: Rules,
) -> list[tuple[Any, ...]]:
    """Calibrate both levels of a score model.

    Args:
        examples: The mart calibration_examples: level, entity_id, account_id, score_model,
            signals, score, labels, as_of_date; all other columns are metrics.
        signals: The seed signals.
        label: The column that says whether paying followed; rows without it are left out.
        score_model: The model whose signals are weighed.
        rules: How much is enough.

    Returns:
        Rows with the columns of `OUTPUT`, by level and signal.
    """
    rows: list[tuple[Any, ...]] = []
    labelled = examples.filter(f"{quoted(label)} is not null")
    known = {"level", "entity_id", "account_id", "score_model", "signals", "score", "as_of_date"}
    metrics = [
        name for name in examples.columns if name not in known and not name.startswith("is_conv")
    ]
    for level in LEVELS:
        of_level = labelled.filter(f"level = {literal(level)}")
        weighed = [
            Signal(*row)
            for row in signals.filter(
                f"level = {literal(level)} and score_model = {literal(score_model)}"
            )
            .project("signal_id, level, points")
            .order("signal_id")
            .fetchall()
        ]
        # Looks in a fixed order: sums of floats depend on it.
        ordered = of_level.order("as_of_date, entity_id")
        looks = ordered.project(f"account_id, as_of_date, {quoted(label)}, signals").fetchall()
        numbers = ordered.project(
            ", ".join(f"cast({quoted(name)} as double) as {quoted(name)}" for name in
                      ["score", *metrics])
        ).fetchnumpy()  # fmt: skip
        columns: dict[str, Floats] = {
            name: np.ma.filled(np.ma.asarray(values, dtype=float), math.nan)
            for name, values in numbers.items()
        }
        found = Examples(
            account_ids=[look[0] for look in looks],
            days=[look[1] for look in looks],
            is_converted=np.array([look[2] for look in looks], dtype=bool),
            scores=columns.pop("score"),
            signals=[look[3] for look in looks],
            metrics=columns,
        )
        rows += [
            tuple(row[column] for column in OUTPUT)
            for row in calibrate(level, found, weighed, rules)
        ]
    return rows


def calibrate(
    level: str, examples: Examples, signals: Sequence[Signal], rules: Rules
) -> list[dict[str, Any]]:
    """Fit one level and say what its weights would be.

    L2 logistic regression on the signals that fired (0 or 1); each account weighs 1 in
    all, for its looks are not independent of each other. Intervals of the coefficients
    are cluster-robust (Liang and Zeger 1986), those of the measures a bootstrap of the
    test side's accounts; fitted and current weights are judged on the same rows.

    Args:
        level: ``user`` or ``account``.
        examples: The looks.
        signals: The signals of the level, each once.
        rules: How much is enough.

    Returns:
        A row for each signal with the columns of `OUTPUT`.
    """
    is_converted = examples.is_converted
    accounts, account_of = np.unique(np.asarray(examples.account_ids, dtype=str),
                                     return_inverse=True)  # fmt: skip
    converted_accounts = len(np.unique(account_of[is_converted]))
    train, test = split(examples.account_ids, examples.days, rules.train_share)
    fired = _fired(examples.signals, signals)
    shared: dict[str, Any] = dict.fromkeys(OUTPUT)
    shared |= {
        "level": level,
        "train_examples": int(train.sum()),
        "test_examples": int(test.sum()),
        "converted_accounts": converted_accounts,
        "split_on": min((d for d, late in zip(examples.days, test, strict=True) if late),
                        default=None),
    }  # fmt: skip
    rows = [
        shared
        | {
            "signal_id": signal.signal_id,
            "current_points": signal.points,
            "fired_examples": int(fired[:, place].sum()),
            "fired_accounts": len(np.unique(account_of[train & fired[:, place]])),
        }
        for place, signal in enumerate(signals)
    ]

    def tell(status: str, reason: str, **more: Any) -> list[dict[str, Any]]:
        return [{**row, "status": status, "reason": reason, **more} for row in rows]

    if converted_accounts < rules.min_conversions:
        return tell(
            "too_few_conversions",
            f"{converted_accounts} accounts converted; weights are learned from "
            f"{rules.min_conversions} on.",
        )
    if any(len(np.unique(is_converted[side])) < 2 for side in (train, test)):
        return tell(
            "too_few_conversions",
            "Of the earlier looks or of the later ones all converted, or none did.",
        )
    leaks = leaked(examples, fired, signals, account_of, rules.min_accounts)
    if leaks:
        return tell(
            "leaked",
            f"{', '.join(leaks)} nearly equals the label, or fires for those only who convert: "
            "it knows what came after the look.",
            leaked_metrics=", ".join(leaks),
        )

    weights = 1.0 / np.bincount(account_of[train])[account_of[train]]
    fit = _fit(fired[train], is_converted[train], weights, account_of[train], rules)
    of_score = _fit(
        examples.scores[train][:, None] / 100, is_converted[train], weights, account_of[train],
        rules,
    )  # fmt: skip
    judged = _judge(
        {
            "": _probabilities(fired[test], fit),
            "current_": _probabilities(examples.scores[test][:, None] / 100, of_score),
        },
        is_converted[test],
        account_of[test],
        rules,
    )
    if not judged["auc_low"] > 0.5:
        reason = (
            f"On later looks at other accounts the fitted weights order "
            f"{judged['auc']:.2f} of all pairs rightly ({judged['auc_low']:.2f} to "
            f"{judged['auc_high']:.2f}): no better than chance."
        )
        return [
            {**row, **_coefficient(fit, place)}
            for place, row in enumerate(tell("no_lift", reason, **judged))
        ]
    reason = (
        f"Learned from {shared['train_examples']:,} looks, judged on "
        f"{shared['test_examples']:,} later ones at other accounts: AUC {judged['auc']:.2f} "
        f"({judged['auc_low']:.2f} to {judged['auc_high']:.2f}), the current weights "
        f"{judged['current_auc']:.2f}."
    )
    if judged["auc_gain_high"] < 0:
        return [
            {**row, **_coefficient(fit, place)}
            for place, row in enumerate(
                tell("no_lift", f"{reason} The current weights are better.", **judged)
            )
        ]
    # Who too few fired must not set the scale for the others.
    eligible = [row["fired_accounts"] >= rules.min_accounts for row in rows]
    points = _points(np.where(eligible, fit.coefficients, 0.0), signals)
    return [
        {
            **row,
            **_coefficient(fit, place),
            "suggested_points": points[place] if eligible[place] else None,
        }
        for place, row in enumerate(tell("suggested", reason, **judged))
    ]


def leaked(
    examples: Examples,
    fired: Flags,
    signals: Sequence[Signal],
    account_of: Numbers,
    min_accounts: int,
) -> list[str]:
    """Name the columns that alone tell the label nearly perfectly.

    So does a signal, however rare, that fires for none who does not convert.

    Args:
        examples: The looks, with their metrics.
        fired: Which signal (column) fired in which look (row).
        signals: The signals, in the order of the columns.
        account_of: Number of the account of each row.
        min_accounts: Accounts that must have converted, and not, where a column is known;
            and that must have fired a signal which all of them converted after.

    Returns:
        Names in alphabetical order.
    """
    columns = {name: np.asarray(values, dtype=float) for name, values in examples.metrics.items()}
    # That a value is known at all may tell, too.
    unknown = {name: np.isnan(values).astype(float) for name, values in columns.items()}
    columns |= {s.signal_id: fired[:, place].astype(float) for place, s in enumerate(signals)}
    names = set()
    for name, values in [*columns.items(), *unknown.items()]:
        if values.min(initial=0) == values.max(initial=0):
            continue
        known = ~np.isnan(values)
        label = examples.is_converted[known]
        accounts = account_of[known]
        if min(len(np.unique(accounts[label])), len(np.unique(accounts[~label]))) < min_accounts:
            continue
        auc = _measures(values[known], label, np.ones(len(label)))[0]
        if max(auc, 1 - auc) > LEAK_AUC:
            names.add(name)
    # Most pairs say nothing of a signal that rarely fires. Where most accounts do not convert,
    # chance makes all of so many do so less than once in a million times.
    converting = len(np.unique(account_of[examples.is_converted]))
    if 2 * converting <= len(np.unique(account_of)):
        for place, signal in enumerate(signals):
            of_fired = fired[:, place]
            if (
                examples.is_converted[of_fired].all()
                and len(np.unique(account_of[of_fired])) >= min_accounts
            ):
                names.add(signal.signal_id)
    return sorted(names)


@dataclass(frozen=True)
class _Fit:
    """A fitted regression: coefficients with the half-widths of their intervals."""

    coefficients: Floats
    intercept: float
    margins: Floats


def _fired(listed: Sequence[str | None], signals: Sequence[Signal]) -> Flags:
    """Spread lists of names out: a row for each look, a column for each signal."""
    places = {signal.signal_id: place for place, signal in enumerate(signals)}
    # Few combinations stand for many looks.
    combinations: dict[str, int] = {}
    which = [combinations.setdefault(text or "", len(combinations)) for text in listed]
    fired = np.zeros((len(combinations), len(signals)), dtype=bool)
    for text, number in combinations.items():
        fired[number, [places[name] for name in text.split(", ") if name in places]] = True
    return np.asarray(fired[which], dtype=bool)


def _fit(
    features: NDArray[Any], label: Flags, weights: Floats, account_of: Numbers, rules: Rules
) -> _Fit:
    """Fit a weighted L2 logistic regression, with cluster-robust intervals."""
    # Takes a second to import, which a build without enough conversions need not wait for.
    from sklearn.linear_model import LogisticRegression

    x = np.asarray(features, dtype=float)
    model = LogisticRegression(C=rules.inverse_penalty, max_iter=1000, solver="newton-cholesky")
    model.fit(x, label, sample_weight=weights)
    design = np.column_stack([x, np.ones(len(x))])
    p = model.predict_proba(x)[:, 1]
    penalty = np.diag([1 / rules.inverse_penalty] * x.shape[1] + [0.0])
    hessian = (design * (weights * p * (1 - p))[:, None]).T @ design + penalty
    _, cluster = np.unique(account_of, return_inverse=True)
    per_row = design * (weights * (label - p))[:, None]
    per_account = np.column_stack([np.bincount(cluster, column) for column in per_row.T])
    bread = np.linalg.pinv(hessian)
    variance = np.diag(bread @ (per_account.T @ per_account) @ bread)[:-1]
    return _Fit(model.coef_[0], float(model.intercept_[0]), Z * np.sqrt(np.maximum(variance, 0)))


def _probabilities(features: NDArray[Any], fit: _Fit) -> Floats:
    """Give the fitted chance of converting of each row."""
    exponent = np.asarray(features, dtype=float) @ fit.coefficients + fit.intercept
    return np.asarray(1 / (1 + np.exp(-exponent)), dtype=float)


def _coefficient(fit: _Fit, place: int) -> dict[str, float]:
    """Give a coefficient with its interval."""
    value, margin = float(fit.coefficients[place]), float(fit.margins[place])
    return {
        "coefficient": value,
        "coefficient_low": value - margin,
        "coefficient_high": value + margin,
    }


def _points(coefficients: Floats, signals: Sequence[Signal]) -> list[int]:
    """Scale coefficients so that the largest has the largest points now, in steps of 5."""
    most = max((abs(signal.points) for signal in signals), default=0)
    largest = np.abs(coefficients).max(initial=0.0)
    scale = most / largest if largest else 0.0
    return [int(5 * round(float(value) * scale / 5)) for value in coefficients]


def _judge(
    predictions: Mapping[str, Floats], label: Flags, account_of: Numbers, rules: Rules
) -> dict[str, float]:
    """Measure predictions on the same rows, with intervals from drawing accounts anew."""
    _, cluster = np.unique(account_of, return_inverse=True)
    accounts = int(cluster.max()) + 1
    generator = np.random.default_rng(rules.seed)
    drawn = generator.multinomial(accounts, np.full(accounts, 1 / accounts), size=rules.draws)
    values: dict[str, float] = {}
    draws: dict[str, list[float]] = {}
    for whose, prediction in predictions.items():
        order = _Order.of(prediction, label)
        for measure, value in zip(MEASURES, order.measures(np.ones(len(label))), strict=True):
            values[f"{whose}{measure}"] = value
            draws[f"{whose}{measure}"] = []
        for counts in drawn:
            measured = order.measures(counts[cluster].astype(float))
            for measure, value in zip(MEASURES, measured, strict=True):
                draws[f"{whose}{measure}"].append(value)
    values["auc_gain"] = values["auc"] - values["current_auc"]
    draws["auc_gain"] = [
        own - current for own, current in zip(draws["auc"], draws["current_auc"], strict=True)
    ]
    for name, numbers in draws.items():
        # A draw without both outcomes measures nothing.
        known = [number for number in numbers if not math.isnan(number)]
        values[f"{name}_low"], values[f"{name}_high"] = (
            (float(bound) for bound in np.quantile(known, [0.025, 0.975]))
            if known
            else (math.nan, math.nan)
        )
    return values


def _measures(
    prediction: Floats, label: Flags, weights: Floats
) -> tuple[float, float, float, float]:
    """Measure one prediction; see `_Order.measures`."""
    return _Order.of(prediction, label).measures(weights)


@dataclass(frozen=True)
class _Order:
    """Predictions in order, so that each draw of weights needs no sorting.

    Attributes:
        prediction: The prediction of each row.
        label: The outcome of each row.
        rank: Place of each row among the distinct predictions, the highest first.
        ranks: Number of distinct predictions.
    """

    prediction: Floats
    label: Flags
    rank: Numbers
    ranks: int

    @classmethod
    def of(cls, prediction: Floats, label: Flags) -> _Order:
        """Put predictions in order.

        Args:
            prediction: Any number for each row, the higher the likelier.
            label: The outcome of each row.

        Returns:
            The order.
        """
        distinct, rank = np.unique(-prediction, return_inverse=True)
        return cls(prediction, label, rank, len(distinct))

    def measures(self, weights: Floats) -> tuple[float, float, float, float]:
        """Measure how well the order and the numbers fit the outcomes.

        Args:
            weights: How often each row counts, 0 or more.

        Returns:
            Area under the ROC curve with ties counting half (Mann and Whitney 1947);
            average precision, the mean of the precision at each conversion; Brier score,
            the mean squared error of the predictions as chances; and how much oftener
            than all rows the tenth with the highest predictions converted, where equal
            predictions share its border by their weights. NaN without both outcomes.
        """
        positive = np.bincount(self.rank, weights * self.label, self.ranks)
        negative = np.bincount(self.rank, weights * ~self.label, self.ranks)
        p, n = float(positive.sum()), float(negative.sum())
        if not p or not n:
            return math.nan, math.nan, math.nan, math.nan
        positives, everyone = np.cumsum(positive), np.cumsum(positive + negative)
        negative_below = n - np.cumsum(negative)
        auc = float((positive * (negative_below + negative / 2)).sum() / (p * n))
        with np.errstate(invalid="ignore", divide="ignore"):
            precision = np.where(everyone > 0, positives / everyone, 0.0)
        average_precision = float((precision * positive).sum() / p)
        error = (self.prediction - self.label) ** 2
        brier = float((weights * error).sum() / (p + n))
        tenth = 0.1 * (p + n)
        size = positive + negative
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.where(size > 0, np.clip((tenth - (everyone - size)) / size, 0, 1), 0.0)
        lift = float((share * positive).sum() / (0.1 * p))
        return auc, average_precision, brier, lift
