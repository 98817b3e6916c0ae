"""`pls build --backfill`: a long history made in steps, each a build as of an earlier day.

A step scores its own days only, so that memory depends on their number and not on the whole
history; and what a step has stored, a build that is killed later need not make again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from pls.dbt_run import project_variables
from pls.errors import InputError
from pls.paths import Project, Store

RAW_EVENTS = "+int_as_of_date"
"""Selects what reads the raw events, and tells the as-of date."""
HISTORY = "+int_scored_accounts"
"""Selects what makes the history."""
ALREADY_READ = "+stg_event_arrivals"
"""Selects what no later step does again."""
RULES = "{{ rules_fingerprint() }}"
"""Renders as what stands for how scores are made."""
DONE = "intermediate.int_scored_accounts"
"""The table that tells which days are stored."""


@dataclass(frozen=True)
class History:
    """What the history is to be.

    Attributes:
        days: Days to keep, the as-of date included.
        late_days: Days after which what arrives late has arrived.
    """

    days: int
    late_days: int

    def first_on(self, as_of: date) -> date:
        """Give the first day that is kept.

        Args:
            as_of: The as-of date.

        Returns:
            The day.
        """
        return as_of - timedelta(days=self.days - 1)


def history(project: Project, variables: Mapping[str, object]) -> History:
    """Read what the history is to be.

    Args:
        project: The dbt project, for the variables' defaults.
        variables: `--vars`.

    Returns:
        The history.

    Raises:
        InputError: A variable is no whole number.
    """
    defaults = project_variables(project)
    numbers = []
    for name in ("score_history_days", "late_arrival_days"):
        value = variables.get(name, defaults.get(name))
        try:
            numbers.append(int(str(value)))
        except ValueError:
            raise InputError(
                f"{value!r} is no whole number", f"the variable {name}", "give a number of days"
            ) from None
    return History(max(numbers[0], 1), max(numbers[1], 0))


def check_days(days: int, wanted: History) -> None:
    """Make sure that a step stores something that the next one can build onto.

    Args:
        days: Days of a step.
        wanted: What the history is to be.

    Raises:
        InputError: They are too few.
    """
    least = wanted.late_days + 3
    if days < least:
        raise InputError(
            f"{days} days are too few: the last {wanted.late_days + 1} of a step are made again",
            "--backfill",
            f"give {least} days or more, such as 30",
        )


def steps(first_on: date, as_of: date, days: int, stored_until: date | None) -> list[date]:
    """List the days up to which the history is made, one after the other.

    Args:
        first_on: The first day of it.
        as_of: The as-of date of the whole build, which comes after the steps.
        days: Days of a step.
        stored_until: The day up to which it is stored already, if it is.

    Returns:
        The as-of dates of the steps.
    """
    ends = []
    end = first_on + timedelta(days=days - 1)
    while end < as_of:
        if stored_until is None or end > stored_until:
            ends.append(end)
        end += timedelta(days=days)
    return ends


def known_days(store: Store) -> tuple[date, date]:
    """Read the days that the models found.

    Args:
        store: Where the working database lies.

    Returns:
        The day of the first event, and the as-of date; twice that without events.
    """
    with duckdb.connect(str(store.work), read_only=True) as connection:
        rows = connection.execute(
            "select coalesce((select min(occurred_on) from staging.stg_event_arrivals), "
            "as_of_date), as_of_date from intermediate.int_as_of_date"
        ).fetchall()
    first, as_of = rows[0]
    return first, as_of


def stored_until(store: Store, wanted: History, as_of: date, rules: str) -> date | None:
    """Say up to which day the wanted history is stored already.

    Args:
        store: Where the working database lies.
        wanted: What the history is to be.
        as_of: The as-of date.
        rules: What stands for how scores are made now.

    Returns:
        The day; None when nothing is stored that can be built onto.
    """
    with duckdb.connect(str(store.work), read_only=True) as connection:
        try:
            rows = connection.execute(
                f"select max(first_on), max(settled_on) from {DONE} where rules_fingerprint = ?",
                [rules],
            ).fetchall()
        except duckdb.CatalogException:
            return None
    first_on, settled_on = rows[0]
    if first_on is None or first_on > wanted.first_on(as_of):
        return None
    until: date = settled_on + timedelta(days=wanted.late_days + 1)
    return until


def step_variables(
    variables: Mapping[str, object], wanted: History, as_of: date, end: date
) -> dict[str, object]:
    """Give a step's variables: an earlier day, and the same first day.

    Args:
        variables: Those of the whole build.
        wanted: What the history is to be.
        as_of: The as-of date of the whole build.
        end: That of the step.

    Returns:
        The variables.
    """
    days = (end - wanted.first_on(as_of)).days + 1
    return {**variables, "as_of_date": end.isoformat(), "score_history_days": days}
