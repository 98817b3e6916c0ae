"""`pls calibrate`: what the past says about the weights, and a challenger made of it."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

from pls.console import clean, number, print_table, rounded, say
from pls.errors import InputError
from pls.paths import Project, Store, write_whole
from pls.published import Row, last_build, open_published, rows
from pls.seeds import read_seed


def calibrations(store: Store) -> dict[str, Any]:
    """Read what was learned about the active score model.

    Args:
        store: Where the marts are published.

    Returns:
        The as-of date, the score model, and a row for each signal: points, lift with its
        interval and verdict at the horizon that weights are learned for, coefficient and
        suggested points; by level, the status, the reason and the figures.

    Raises:
        InputError: Nothing is published there, or the marts are missing.
    """
    with open_published(store) as connection:
        build = last_build(connection)
        signals = rows(
            connection,
            "select weights.*, lift.verdict, lift.fired_rate, lift.base_rate, lift.lift, "
            "lift.lift_low, lift.lift_high, lift.weight_of_evidence, lift.information_value "
            "from marts.calibration_weights as weights "
            "left join marts.calibration_signal_lift as lift "
            "using (score_model, level, signal_id, horizon_days) "
            "where score_model = $1 order by level desc, current_points desc, signal_id",
            [build["active_score_model"]],
        )
    return {
        "as_of_date": build["as_of_date"],
        "score_model": build["active_score_model"],
        "signals": signals,
    }


def print_calibrations(facts: dict[str, Any]) -> None:
    """Print what was learned.

    Args:
        facts: What `calibrations` gives.
    """
    say(f"as of {facts['as_of_date']}, score model {clean(facts['score_model'])}")
    for level in dict.fromkeys(row["level"] for row in facts["signals"]):
        of_level = [row for row in facts["signals"] if row["level"] == level]
        first = of_level[0]
        say()
        say(f"{level}s, paying within {first['horizon_days']} days: {clean(first['reason'])}")
        print_table(
            [
                ("signal", {"overflow": "fold"}),
                ("points", {"justify": "right"}),
                ("lift", {"justify": "right"}),
                ("of 95 %", {"no_wrap": True}),
                ("verdict", {"no_wrap": True}),
                ("coefficient", {"justify": "right"}),
                ("suggested", {"justify": "right"}),
            ],
            [
                (
                    clean(row["signal_id"]),
                    str(row["current_points"]),
                    _decimals(row["lift"]),
                    _interval(row["lift_low"], row["lift_high"]),
                    (row["verdict"] or "").replace("_", " "),
                    _decimals(row["coefficient"]),
                    "" if row["suggested_points"] is None else row["suggested_points"],
                )
                for row in of_level
            ],
        )
        if first["auc"] is not None:
            _print_figures(first)


def write_model(project: Project, facts: dict[str, Any], name: str) -> Path:
    """Add the suggested weights to the signals as a challenger.

    Args:
        project: The dbt project.
        facts: What `calibrations` gives.
        name: The challenger's name.

    Returns:
        The file.

    Raises:
        InputError: The name cannot be used, nothing is suggested, or the file has other
            signals than the build.
    """
    path = project.root / "seeds" / "signals.csv"
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise InputError(
            "is no name of a score model", f"--write-model {name}",
            "use small letters, digits and underscores, a letter first",
        )  # fmt: skip
    suggested = {
        (row["level"], row["signal_id"]): row["suggested_points"]
        for row in facts["signals"]
        if row["suggested_points"] is not None
    }
    if not suggested:
        reasons = dict.fromkeys(clean(row["reason"]) for row in facts["signals"])
        raise InputError(
            "nothing is suggested: " + " ".join(reasons or ["no signal was weighed."]),
            str(path), "keep the weights, and ask again when there is more to learn from",
        )  # fmt: skip
    listed = read_seed(project, "signals")
    if any(row["score_model"] == name for row in listed):
        raise InputError(
            f"has a score model {name} already", str(path), "give another name, or remove its rows"
        )
    copied = [row for row in listed if row["score_model"] == facts["score_model"]]
    unknown = suggested.keys() - {(row["level"], row["signal_id"]) for row in copied}
    if unknown:
        raise InputError(
            f"lacks signals of the published {facts['score_model']}: "
            + ", ".join(sorted(signal for _, signal in unknown)),
            str(path), "run `pls build`, so that both are the same",
        )  # fmt: skip
    # As it is, byte order mark and ends of lines too.
    text = path.read_bytes().decode()
    added = io.StringIO()
    writer = csv.DictWriter(
        added,
        list(copied[0]),
        lineterminator="\r\n" if "\r\n" in text else "\n",
    )
    for row in copied:
        points = suggested.get((row["level"], row["signal_id"]), row["points"])
        writer.writerow({**row, "score_model": name, "points": points})
    whole = text if text.endswith("\n") else text + "\n"
    write_whole(path, whole + added.getvalue())
    return path


def _print_figures(row: Row) -> None:
    """Print the fitted weights' figures beside those of the current ones."""
    print_table(
        [
            ("on later looks at other accounts", {}),
            ("fitted", {"justify": "right"}),
            ("", {"no_wrap": True}),
            ("current", {"justify": "right"}),
            ("", {"no_wrap": True}),
        ],
        [
            (
                words,
                _decimals(row[measure]),
                _interval(row[f"{measure}_low"], row[f"{measure}_high"]),
                _decimals(row[f"current_{measure}"]),
                _interval(row[f"current_{measure}_low"], row[f"current_{measure}_high"]),
            )
            for measure, words in {
                "auc": "pairs in order (AUC)",
                "average_precision": "average precision",
                "brier": "squared error (Brier)",
                "top_decile_lift": "lift of the best tenth",
            }.items()
        ],
    )
    say(
        f"gain in AUC {_decimals(row['auc_gain'])} "
        f"({_interval(row['auc_gain_low'], row['auc_gain_high'])}); "
        f"{number(row['train_examples'])} looks learned from, "
        f"{number(row['test_examples'])} judged on, from {row['split_on']} on"
    )


def _decimals(value: float | None) -> str:
    return "" if value is None else rounded(value, ".2f")


def _interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{_decimals(low)} to {_decimals(high)}"
