"""`pls backtest`: what other thresholds and other score models would have given."""

from __future__ import annotations

from typing import Any, Literal

from pls.console import clean, number, print_table, rounded, say
from pls.paths import Store
from pls.published import Row, last_build, open_published, rows

Level = Literal["user", "account"]

LEVELS: tuple[Level, ...] = ("user", "account")

STEP = 20
"""Every how many points the terminal shows a threshold; `--json` gives all."""


def backtest(store: Store, level: Level | None = None) -> dict[str, Any]:
    """Read how thresholds and score models would have done on the past.

    Args:
        store: Where the marts are published.
        level: user or account; None for both.

    Returns:
        The as-of date, the active score model, and all rows of backtest_thresholds,
        recommended_threshold and backtest_models, of every score model.

    Raises:
        InputError: Nothing is published there, or a mart is missing.
    """
    with open_published(store) as connection:
        build = last_build(connection)
        model = build["active_score_model"]

        def read(mart: str, order: str) -> list[Row]:
            return rows(
                connection,
                f"from marts.{mart} where $1 is null or level = $1 order by level desc, {order}",
                [level, model],
            )

        champion_first = "score_model != $2, score_model"
        return {
            "as_of_date": build["as_of_date"],
            "score_model": model,
            "level": level,
            "thresholds": read("backtest_thresholds", f"{champion_first}, threshold"),
            "recommended": read("recommended_threshold", champion_first),
            "models": read("backtest_models", f"period_month, {champion_first}"),
        }


def print_backtest(facts: dict[str, Any]) -> None:
    """Print what `backtest` found.

    Args:
        facts: What `backtest` gives.
    """
    say(f"as of {facts['as_of_date']}, score model {clean(facts['score_model'])}")
    for level in LEVELS:
        if facts["level"] in (None, level):
            say()
            _print_thresholds(facts, level)
            say()
            _print_models(facts, level)


def _print_thresholds(facts: dict[str, Any], level: Level) -> None:
    """Print the active model's thresholds, and for each model what is recommended."""
    model = facts["score_model"]
    thresholds = [
        row for row in facts["thresholds"] if (row["level"], row["score_model"]) == (level, model)
    ]
    recommended = [row for row in facts["recommended"] if row["level"] == level]
    own = next((row for row in recommended if row["score_model"] == model), None)
    if thresholds:
        days = thresholds[0]["horizon_days"]
        marks = _marks(thresholds, own)
        print_table(
            [
                ("threshold", {"justify": "right", "no_wrap": True}),
                *(
                    (name, {"justify": "right", "no_wrap": True})
                    for name in ("new a week", "precision", "recall", "lift", "missed")
                ),
                ("self-served", {"justify": "right", "no_wrap": True}),
                ("", {"no_wrap": True}),
            ],
            [
                (
                    str(row["threshold"]),
                    number(row["entities_per_week"], 1),
                    _share(row["precision"]),
                    _share(row["recall"]),
                    _fixed(row["lift"], 2),
                    str(row["missed_conversions"]),
                    _share(row["self_serve_share"]),
                    ", ".join(marks.get(row["threshold"], ())),
                )
                for row in thresholds
                if row["threshold"] % STEP == 0 or row["threshold"] in marks
            ],
            title=f"Calling {level}s from a score on: who pays within {days} days",
        )
        say(f"precision and recall count weekly looks, missed counts {level}s once")
    else:
        say(f"no past to test the thresholds of {level}s on yet")
    for row in recommended:
        say(_sentence(row))


def _marks(thresholds: list[Row], own: Row | None) -> dict[int, list[str]]:
    """Name the thresholds that matter: where one calls from now, and where one should."""
    marks: dict[int, list[str]] = {}
    if own is None:
        return marks
    # Scores are tested at some thresholds only; the one in force may lie between two.
    now = next(
        (
            row["threshold"]
            for row in thresholds
            if own["current_threshold"] is not None and row["threshold"] >= own["current_threshold"]
        ),
        None,
    )
    for threshold, name in ((now, "current"), (own["threshold"], "recommended")):
        if threshold is not None:
            marks.setdefault(threshold, []).append(name)
    return marks


def _sentence(row: Row) -> str:
    """Say what is recommended of a model and level."""
    now = number(row["current_threshold"], 9)
    who = f"{clean(row['score_model'])}, {row['level']}"
    if row["threshold"] is None:
        return f"{who}: no threshold recommended ({now} now). {clean(row['reason'])}"
    return (
        f"{who}: {row['threshold']} recommended ({now} now). {clean(row['reason'])} "
        f"{number(row['entities_per_week'], 1)} leads a week, precision "
        f"{_share(row['precision'])}, recall {_share(row['recall'])}"
    )


def _print_models(facts: dict[str, Any], level: Level) -> None:
    """Print the champion against its challengers, month by month."""
    models = [row for row in facts["models"] if row["level"] == level]
    if not models:
        say(f"no past to test score models of {level}s on yet")
        return
    right = {"justify": "right", "no_wrap": True}
    print_table(
        [
            ("month", {"no_wrap": True}),
            ("score model", {"max_width": 24, "overflow": "ellipsis", "no_wrap": True}),
            ("looks", right),
            ("paid", right),
            ("AUC", right),
            ("95 % interval", right),
            ("against champion", right),
            ("top tenth", right),
        ],
        [
            (
                f"{row['period_month']:%Y-%m}",
                clean(row["score_model"]) + (" *" if row["is_champion"] else ""),
                number(row["examples"]),
                number(row["converted_examples"]),
                _fixed(row["auc"], 3),
                "-"
                if row["auc_low"] is None
                else f"{_fixed(row['auc_low'], 3)} to {_fixed(row['auc_high'], 3)}",
                "" if row["is_champion"] else _fixed(row["auc_gain"], 3, sign="+"),
                _fixed(row["top_decile_lift"], 2, " x"),
            )
            for row in models
        ],
        title=f"Score models on {level}s (* the champion; top tenth: times as often as all)",
    )


def _fixed(value: float | None, digits: int, unit: str = "", sign: str = "") -> str:
    return "-" if value is None else rounded(value, f"{sign}.{digits}f") + unit


def _share(value: float | None) -> str:
    return "-" if value is None else rounded(value, ".1%").replace("%", " %")
