"""Where plans are written: the raw tables, and what DuckDB makes events and meters of."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

from pls.sample_company.accounts import Person
from pls.sample_company.habits import MIX_NUMBERS
from pls.sample_company.tables import TABLE_COLUMNS, TABLE_FILES, TableFile, csv_source

PLAN_PEOPLE = (
    "user_no", "user_id", "anonymous_id", "workspace_id", "created_at", "first_day", "last_day",
    "pace_first", "pace_last", "volume", "mix", "activation_seconds", "offset_hours", "is_sure",
)  # fmt: skip
PLAN_WORKSPACES = ("workspace_no", "workspace_id", "first_day", "users", "utilisation", "is_paid")
PLAN_STORY = ("user_no", "occurred_at", "event_name", "properties", "is_anonymous")
PLAN_MIXES = ("slot", "event_name", "head", "tail")
PLAN_TYPES: Mapping[str, str] = {
    "user_no": "integer", "created_at": "timestamp", "first_day": "integer", "last_day": "integer",
    "pace_first": "double", "pace_last": "double", "volume": "double", "mix": "integer",
    "activation_seconds": "integer", "offset_hours": "integer", "is_sure": "integer",
    "workspace_no": "integer", "users": "integer", "utilisation": "double", "is_paid": "boolean",
    "occurred_at": "timestamp", "is_anonymous": "boolean", "slot": "integer",
}  # fmt: skip


class Writer:
    """Everything the stories write to: raw tables, planned events, plans for DuckDB.

    Attributes:
        first_day: Day number 0.
        last: Number of the last day.
        midnight: The start of day 0, UTC.
        tables: The small raw tables by name.
        people: The plan of everybody's habits.
        workspaces: The plan of how full workspaces are.
        story: The planned events.
        users: Number of people signed up so far, our own staff not counted.
        host_workspace: Where guests from other companies work now, or empty.
    """

    def __init__(self, work: Path, raw: Path, first_day: date, days: int) -> None:
        """Open all files.

        Args:
            work: Folder for plans and for tables that become Parquet.
            raw: The raw folder.
            first_day: Day number 0.
            days: Number of days.
        """
        self.first_day = first_day
        self.last = days - 1
        self.midnight = datetime.combine(first_day, time())
        self.tables = {}
        for name, columns in TABLE_COLUMNS.items():
            target = TABLE_FILES[name]
            path = work / f"{name}.csv" if target.endswith(".parquet") else raw / target
            self.tables[name] = TableFile(path, columns)
        self.people = TableFile(work / "plan_people.csv", PLAN_PEOPLE)
        self.workspaces = TableFile(work / "plan_workspaces.csv", PLAN_WORKSPACES)
        self.story = TableFile(work / "plan_story.csv", PLAN_STORY)
        self.users = 0
        self.host_workspace = ""
        self._numbers: dict[str, int] = {}

    def close(self) -> None:
        """Close all files."""
        for table in (*self.tables.values(), self.people, self.workspaces, self.story):
            table.close()

    def next_id(self, prefix: str) -> str:
        """Give the next id of a kind.

        Args:
            prefix: The kind, such as ``opp``.

        Returns:
            The id, such as ``opp_000012``.
        """
        number = self._numbers.get(prefix, 0) + 1
        self._numbers[prefix] = number
        return f"{prefix}_{number:06d}"

    def at(self, day: int, rng: Random, offset_hours: int = 0) -> datetime:
        """Give a moment in the working hours of a day.

        Args:
            day: Day number; may lie before the first day.
            rng: The account's generator.
            offset_hours: Hours that local time is ahead of UTC.

        Returns:
            A UTC timestamp on that UTC date.
        """
        second = int(9 * 3600 + rng.random() * 8 * 3600) - offset_hours * 3600
        return self.midnight + timedelta(days=day, seconds=second % 86400)

    def event(
        self,
        person: Person,
        day: int,
        rng: Random,
        name: str,
        properties: Mapping[str, object] | None = None,
        *,
        anonymous: bool = False,
        minutes_later: int = 0,
    ) -> None:
        """Plan one event of a story.

        Args:
            person: Who does it.
            day: Day number; events outside the period or before the sign-up are left out.
            rng: The account's generator.
            name: Event name.
            properties: Top-level properties.
            anonymous: Whether the event carries only the anonymous id.
            minutes_later: Minutes after the moment drawn, to keep two events in order.
        """
        if not max(person.created_day, 0) <= day <= self.last:
            return
        moment = self.at(day, rng, person.offset_hours)
        if day == person.created_day:
            moment = person.created_at + timedelta(minutes=5)
        end = self.midnight + timedelta(days=day, hours=23, minutes=59)
        moment = min(moment + timedelta(minutes=minutes_later), end)
        text = None if properties is None else json.dumps(properties)
        self.story.add(person.user_no, moment, name, text, anonymous)


def write_person(writer: Writer, person: Person, *, is_sure: bool) -> None:
    """Hand a person's habits to the event generator.

    Args:
        writer: Where to.
        person: Whose habits.
        is_sure: Whether an active day has at least one event even when events are few.
    """
    writer.people.add(
        person.user_no, person.user_id, person.anonymous_id, person.workspace_id,
        person.created_at, person.created_day + 1, person.last_day, person.pace[0],
        person.pace[1], round(person.volume, 4), MIX_NUMBERS[person.mix],
        person.activation_seconds, person.offset_hours, int(is_sure),
    )  # fmt: skip


def plan_source(path: Path, columns: Sequence[str]) -> str:
    """Give the SQL that reads a plan.

    Args:
        path: The file.
        columns: Its columns, one of the ``PLAN_`` tuples.

    Returns:
        A table function call with the types of `PLAN_TYPES`.
    """
    return csv_source(path, columns, PLAN_TYPES)
