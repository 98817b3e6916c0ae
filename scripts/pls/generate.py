"""A small honest sample company: thirteen raw tables with a planted truth.

The company sells a dashboard product to teams. Its accounts follow archetypes (a team that
is ready for a contract, a hobbyist, a customer who leaves ...), so that what the scores
should say is known beforehand and stands in ``demo_truth.csv`` beside the raw folder.

Accounts, people and their stories are planned in Python, one random generator per account.
Events are made in DuckDB, day by day, by hashing (seed, person, day, number): the same
arguments give the same rows whatever the number of threads, and memory does not grow with
the number of days. There is no clock: the last day is an argument.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
import shutil
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any, TextIO

import duckdb

from pls.errors import InputError

MINIMUM_ACCOUNTS = 20
MINIMUM_DAYS = 60
TRUTH_FILE = "demo_truth.csv"

Progress = Callable[[str], None]


@dataclass(frozen=True)
class GeneratedCompany:
    """What was written.

    Attributes:
        raw_folder: The folder with the thirteen raw tables.
        truth_file: The planted truth, one row per account.
        first_day: The first day with events.
        last_day: The last day with events.
        accounts: Number of accounts that use the product, our own staff not counted.
        users: Number of people, our own staff and flawed rows not counted.
        rows: Rows per raw table, flawed rows and duplicates counted.
    """

    raw_folder: Path
    truth_file: Path
    first_day: date
    last_day: date
    accounts: int
    users: int
    rows: Mapping[str, int]


# ---------------------------------------------------------------------------------------
# What the accounts are like


@dataclass(frozen=True)
class Archetype:
    """How one kind of account behaves, and what the scores must say about it.

    Attributes:
        name: Name in the truth file.
        share: Percent of all accounts.
        users: Fewest and most users.
        employees: Fewest and most employees of the company.
        fit: ``icp``, ``other`` (never ICP), ``any``, or ``none`` (no company, free mail).
        age: Days between the first sign-up and the last day.
        staying: Share of the users who use the product until the account's end.
        pace: Chance that a user works with the product on a working day, first and last.
        volume: Events per active day, relative to the other archetypes.
        quiet: Days before the last day on which the whole account went quiet, or None.
        activated: Share of the users who publish a dashboard.
        premium: Share of the users who try premium features.
        invites: Most invitations sent by the first user and by another user.
        utilisation: Use of the plan's limits on the last day.
        why: The truth in words.
        expected_tier: Account tier that must come out, or None.
        max_grade: Highest grade any of its users may get, or empty.
    """

    name: str
    share: int
    users: tuple[int, int]
    employees: tuple[int, int]
    fit: str
    age: tuple[int, int]
    staying: float
    pace: tuple[float, float]
    volume: float
    quiet: tuple[int, int] | None
    activated: float
    premium: float
    invites: tuple[int, int]
    utilisation: tuple[float, float]
    why: str
    expected_tier: int | None = None
    max_grade: str = ""


# fmt: off
ARCHETYPES = (
    Archetype(
        "enterprise_ready", 3, (16, 28), (300, 1900), "icp", (50, 130), 0.75, (0.7, 0.9), 1.4,
        None, 0.75, 0.45, (7, 4), (0.9, 1.04),
        "Many active users in several departments of an ICP company; premium features, limits "
        "reached, pricing and security pages viewed, single sign-on requested in the last days",
        expected_tier=1, max_grade="hot",
    ),
    Archetype(
        "mid_market_growing", 6, (10, 16), (60, 450), "any", (40, 150), 0.55, (0.4, 0.75), 1.1,
        None, 0.6, 0.25, (6, 2), (0.55, 0.78),
        "Growing team of a mid-sized company; either fewer than ten users or outside the ICP, "
        "so never tier 1",
        expected_tier=2,
    ),
    Archetype(
        "smb_team", 17, (3, 8), (4, 45), "any", (15, 238), 0.2, (0.4, 0.4), 1.0,
        None, 0.4, 0.1, (2, 1), (0.15, 0.6),
        "Small company with a small team on the free plan; about half of them stop",
    ),
    Archetype(
        "free_mail_team", 6, (3, 7), (0, 0), "none", (20, 236), 0.3, (0.35, 0.4), 0.8,
        None, 0.4, 0.0, (3, 1), (0.2, 0.6),
        "Team whose members all have free mail and share a workspace: one workspace account",
    ),
    Archetype(
        "solo_hobbyist", 27, (1, 1), (0, 0), "none", (35, 238), 0.4, (0.3, 0.3), 0.5,
        None, 0.3, 0.0, (0, 0), (0.02, 0.3),
        "One private person on free features, older than 30 days, no invitations; some of them "
        "use the product every day",
        expected_tier=4, max_grade="emerging",
    ),
    Archetype(
        "enterprise_signup_dormant", 6, (4, 11), (500, 2000), "icp", (50, 220), 0.0, (0.0, 0.0),
        0.0, (40, 45), 0.0, 0.0, (0, 0), (0.01, 0.05),
        "Great fit, signed up, looked once and never used the product: fit alone is no lead",
        max_grade="emerging",
    ),
    Archetype(
        "converting", 2, (5, 10), (15, 120), "any", (20, 90), 0.6, (0.5, 0.8), 1.0,
        None, 0.7, 0.2, (4, 1), (0.6, 0.78),
        "Started the checkout on the last day and has not finished it: leave them alone",
    ),
    Archetype(
        "self_serve_converted", 5, (6, 16), (10, 200), "any", (60, 238), 0.3, (0.5, 0.6), 1.0,
        None, 0.6, 0.2, (4, 1), (0.3, 0.75),
        "Bought the team plan in the checkout without meeting a person",
    ),
    Archetype(
        "churning", 3, (10, 18), (40, 400), "any", (110, 238), 1.0, (0.8, 0.8), 1.2,
        None, 0.6, 0.2, (3, 1), (0.2, 0.5),
        "Paying team whose people stop one after the other; the subscription has just ended",
    ),
    Archetype(
        "churned", 7, (5, 15), (10, 300), "any", (130, 238), 0.3, (0.5, 0.3), 1.0,
        (45, 90), 0.35, 0.1, (2, 1), (0.05, 0.3),
        "Stopped long ago; a third of them had paid",
        max_grade="emerging",
    ),
    Archetype(
        "sales_touched_won", 4, (18, 32), (120, 1900), "icp", (90, 238), 0.35, (0.55, 0.7), 1.2,
        None, 0.6, 0.3, (6, 2), (0.4, 0.75),
        "Became a product-qualified lead, was called, and bought through sales",
    ),
    Archetype(
        "sales_touched_lost", 4, (12, 22), (80, 1900), "any", (90, 238), 0.15, (0.6, 0.3), 1.0,
        None, 0.5, 0.2, (4, 1), (0.2, 0.5),
        "Was called, had an opportunity, and did not buy",
    ),
    Archetype(
        "backed_off", 3, (10, 16), (60, 900), "icp", (45, 150), 0.5, (0.5, 0.6), 1.0,
        None, 0.6, 0.2, (4, 1), (0.4, 0.7),
        "Got one outbound mail 9 to 18 days ago and did not answer: no second touch",
    ),
    Archetype(
        "opted_out", 2, (4, 9), (60, 400), "icp", (40, 150), 0.6, (0.5, 0.6), 1.0,
        None, 0.6, 0.2, (3, 1), (0.3, 0.7),
        "Everybody in the account has opted out of sales mail",
    ),
    Archetype(
        "hand_raiser_small", 2, (2, 4), (3, 20), "other", (20, 120), 1.0, (0.5, 0.6), 1.0,
        None, 1.0, 0.2, (1, 0), (0.3, 0.7),
        "Small account in which someone asked to talk to sales in the last days",
    ),
    Archetype(
        "paying_expanding", 3, (22, 38), (150, 1900), "icp", (150, 238), 0.45, (0.5, 0.75), 1.2,
        None, 0.6, 0.35, (7, 2), (0.82, 0.97),
        "Pays, grows, and comes near the limits of its plan: expansion",
    ),
)
# fmt: on
GROWING = ("enterprise_ready", "mid_market_growing", "paying_expanding")

# Companies that stand in the seeds or that show an awkward domain.
NAMED_DOMAINS: Mapping[str, Sequence[str]] = {
    "enterprise_ready": ("lumenharbor.com", "thamesledger.co.uk"),
    "mid_market_growing": ("müller-daten.de",),
    "smb_team": ("harborlight-data.github.io", "kiteworkshop.com.au"),
}
MAIL_HOSTS: Mapping[str, Sequence[str]] = {
    "lumenharbor.com": ("lumenharbor.com", "lumenharbor.com", "lumenharbor.io", "lumenharbor.com"),
    "thamesledger.co.uk": ("thamesledger.co.uk", "eu.mail.thamesledger.co.uk"),
    "müller-daten.de": ("müller-daten.de", "xn--mller-daten-thb.de"),
}
ICP_INDUSTRIES = ("software", "fintech", "healthcare", "e-commerce", "logistics", "insurance")
OTHER_INDUSTRIES = (
    "agriculture",
    "construction",
    "education",
    "government",
    "hospitality",
    "media",
)
COUNTRIES = ("US", "US", "US", "US", "GB", "DE", "FR", "NL", "SE", "CA", "AU", "IN", "JP", "BR")
REGIONS = {"US": "NA", "CA": "NA", "BR": "LATAM", "AU": "APAC", "IN": "APAC", "JP": "APAC"}
UTC_OFFSET_HOURS = {
    "US": -6,
    "CA": -5,
    "BR": -3,
    "GB": 0,
    "DE": 1,
    "FR": 1,
    "NL": 1,
    "SE": 1,
    "IN": 5,
    "JP": 9,
    "AU": 10,
}
TOP_LEVEL = (".com", ".com", ".com", ".io", ".co.uk", ".de", ".dev", ".ai", ".fr", ".com.br")
FREE_MAIL = (
    "gmail.com",
    "gmail.com",
    "gmail.com",
    "outlook.com",
    "yahoo.com",
    "proton.me",
    "hey.com",
)
DISPOSABLE_MAIL = ("mailinator.com", "yopmail.com", "guerrillamail.com")
SIGNUP_SOURCES = ("organic", "organic", "invite", "paid_search", "referral", "content", "partner")
FUNDING_STAGES = ("bootstrapped", "seed", "series_a", "series_b", "series_c", "public")
ADJECTIVES = (
    "amber", "brisk", "calm", "cedar", "clear", "copper", "coral", "crisp", "dawn", "delta",
    "ember", "fern", "flint", "frost", "gentle", "golden", "granite", "harbor", "hazel", "indigo",
    "iron", "ivory", "jade", "keen", "laurel", "linen", "lunar", "maple", "misty", "north",
    "olive", "onyx", "opal", "pine", "quiet", "river", "rowan", "silver", "solar", "tidal",
)  # fmt: skip
NOUNS = (
    "anchor", "arbor", "basin", "beacon", "bridge", "brook", "canyon", "castle", "circuit", "cliff",
    "compass", "cove", "crane", "dune", "falcon", "field", "forge", "garden", "grove", "heron",
    "island", "kiln", "lantern", "ledger", "loom", "meadow", "mill", "orbit", "orchard", "otter",
    "parcel", "pier", "prairie", "quarry", "ridge", "signal", "sparrow", "summit", "trail",
    "valley",
)  # fmt: skip
FIRST_NAMES = (
    "Ada", "Amir", "Ana", "Ben", "Chloe", "Dana", "Diego", "Elif", "Emma", "Femi", "Grace", "Hana",
    "Ivan", "Jana", "Jonas", "Kofi", "Lea", "Liam", "Lucia", "Mei", "Milan", "Nadia", "Noah",
    "Olga", "Omar", "Priya", "Quinn", "Rosa", "Sam", "Sofia", "Tariq", "Tom", "Uma", "Vera",
    "Wei", "Yuki", "Zoe",
)  # fmt: skip
LAST_NAMES = (
    "Adler", "Almeida", "Andersson", "Baker", "Bauer", "Chen", "Costa", "Dubois", "Evans",
    "Fischer", "Garcia", "Haddad", "Ito", "Jansen", "Kaya", "Khan", "Kowalski", "Larsen", "Lopez",
    "Martin", "Mensah", "Moreau", "Nakamura", "Novak", "Okafor", "Patel", "Quist", "Rossi",
    "Santos", "Schmidt", "Silva", "Smith", "Tanaka", "Vogel", "Wang", "Weber", "Young",
)  # fmt: skip
HOSTILE_NAMES = (
    "Robert'); drop table users; --",
    'Anna "the chart" Bell',
    "Lin 🚀📊 Zhao",
    "Two\nLines",
    "Comma, Semi; Colon: Pipe|",
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "Zoë Ñandú-Łukasz",
)

# (title, department as the user typed it, event mix); the first ones sign up first.
LEADING_JOBS = (
    ("Head of Data", "Data", "premium_builder"),
    ("Senior Data Engineer", "Engineering", "engineer"),
    ("Product Manager", "product", "builder"),
    ("VP of Operations", "Operations", "viewer"),
    ("IT Administrator", "IT", "admin"),
    ("CFO", "Finance", "viewer"),
)
JOBS = (
    ("Data Analyst", "Data", "builder"),
    ("Analytics Engineer", "Data", "engineer"),
    ("Software Engineer", "Engineering", "engineer"),
    ("Engineering Manager", "Engineering", "builder"),
    ("Product Designer", "Design", "viewer"),
    ("Product Manager", "Product", "builder"),
    ("Marketing Manager", "Marketing", "viewer"),
    ("Growth Marketer", "marketing", "builder"),
    ("Account Executive", "Sales", "viewer"),
    ("Director of Finance", "Finance", "viewer"),
    ("Operations Coordinator", "Operations", "viewer"),
    ("Customer Success Manager", "Support", "viewer"),
    ("IT Manager", "IT", "admin"),
    ("Security Engineer", "Security", "viewer"),
    ("CTO", "Engineering", "viewer"),
    ("People Partner", "People", "viewer"),
)
SEAT_PRICE_USD = {"free": 0.0, "team": 15.0, "business": 30.0, "enterprise": 60.0}
REPS = ("rep_01", "rep_02", "rep_03", "rep_04", "rep_05", "rep_06")

# ---------------------------------------------------------------------------------------
# What people do on an ordinary day: weights of events per mix

# name -> (event name, properties with # for a number, or None)
ORDINARY_EVENTS: Mapping[str, tuple[str, str | None]] = {
    "view": ("dashboard_viewed", '{"dashboard_id": "d#"}'),
    "chart": ("chart_created", '{"chart_type": "line", "dashboard_id": "d#"}'),
    "query": ("query_run", '{"rows_returned": #}'),
    "comment": ("comment_added", '{"length": #}'),
    "comment_hostile": (
        "comment_added",
        '{"text": "\'); drop table users; -- \\"quoted\\" 📊\\nnext line", "length": #}',
    ),
    "alert": ("alert_created", '{"threshold": #}'),
    "export": ("data_exported", '{"format": "csv", "rows": #}'),
    "share_team": ("dashboard_shared", '{"audience": "team", "dashboard_id": "d#"}'),
    "share_out": ("dashboard_shared", '{"audience": "external_link", "dashboard_id": "d#"}'),
    "api": ("api_request_made", '{"endpoint": "/v1/query", "ms": #}'),
    "ci": ("deploy_from_ci", '{"run": #}'),
    "metric": ("metric_defined", '{"metric_id": "m#"}'),
    "forecast": ("forecast_run", '{"horizon_days": #}'),
    "report": ("report_scheduled", '{"recipients": #}'),
    "embed": ("embed_rendered", '{"dashboard_id": "d#"}'),
    "policy": ("access_policy_edited", '{"policy_id": "p#"}'),
    "setting": ("workspace_settings_changed", '{"setting": "time_zone"}'),
    "role": ("member_role_changed", '{"role": "editor"}'),
    "docs": ("page_viewed", '{"path": "/docs/guide-#"}'),
    "template": ("page_viewed", '{"path": "/templates/#"}'),
    "theme": ("theme_changed", '{"theme": "dark"}'),
    "shortcut": ("keyboard_shortcut_used", None),
}
MIXES: Mapping[str, Mapping[str, int]] = {
    "viewer": {"view": 70, "comment": 10, "export": 3, "share_team": 3, "docs": 8, "shortcut": 2},
    "builder": {
        "view": 40, "chart": 18, "query": 14, "comment": 6, "comment_hostile": 1, "alert": 3,
        "export": 4, "share_team": 3, "share_out": 1, "docs": 7, "template": 3, "theme": 1,
    },
    "engineer": {"view": 18, "query": 30, "api": 28, "chart": 8, "alert": 3, "docs": 11},
    "admin": {"view": 45, "setting": 5, "role": 5, "query": 10, "comment": 8, "docs": 10},
    "hobbyist": {"view": 55, "chart": 20, "query": 12, "docs": 10, "template": 5},
    "premium_viewer": {"view": 66, "comment": 9, "report": 6, "docs": 8, "forecast": 3},
    "premium_builder": {
        "view": 33, "chart": 15, "query": 10, "metric": 7, "forecast": 6, "report": 6,
        "comment": 5, "export": 4, "share_team": 3, "share_out": 2, "docs": 7,
    },
    "premium_engineer": {
        "view": 15, "query": 22, "api": 24, "ci": 9, "embed": 9, "metric": 6, "chart": 5, "docs": 9,
    },
    "premium_admin": {
        "view": 38, "setting": 6, "role": 5, "policy": 6, "report": 7, "query": 9, "docs": 9,
        "forecast": 5,
    },
}  # fmt: skip
MIX_NUMBERS = {name: number for number, name in enumerate(MIXES)}
MIX_SLOTS = 1000

# ---------------------------------------------------------------------------------------
# Writing the small tables

TABLE_COLUMNS: Mapping[str, Sequence[str]] = {
    "users": (
        "user_id", "email", "created_at", "full_name", "job_title", "department",
        "signup_source", "country", "is_opted_out",
    ),
    "workspaces": ("workspace_id", "workspace_name", "created_at", "owner_user_id"),
    "companies": (
        "domain", "company_name", "industry", "employee_count", "country", "funding_stage",
        "last_funded_on", "open_relevant_roles", "parent_domain",
    ),
    "subscriptions": (
        "subscription_id", "workspace_id", "user_id", "domain", "plan", "seats", "mrr_usd",
        "started_at", "ended_at",
    ),
    "crm_accounts": (
        "crm_account_id", "account_name", "domain", "owner_id", "region", "created_at",
    ),
    "crm_opportunities": (
        "opportunity_id", "crm_account_id", "domain", "created_at", "accepted_at", "closed_at",
        "is_won", "amount_usd", "source", "opportunity_type", "stage",
    ),
    "crm_activities": (
        "activity_id", "crm_account_id", "domain", "contact_email", "activity_type", "direction",
        "occurred_at", "owner_id", "outcome",
    ),
    "crm_leads": (
        "lead_id", "email", "created_at", "lead_source", "became_mql_at", "converted_at",
        "opportunity_id",
    ),
    "support_tickets": ("ticket_id", "user_id", "created_at", "topic"),
    "nps_responses": ("response_id", "user_id", "responded_at", "score"),
    "deal_feedback": (
        "opportunity_id", "logged_at", "deal_trigger", "objections", "requested_features",
        "self_serve_blocker",
    ),
}  # fmt: skip
# Every format of the contract is written at least once. Parquet is staged as CSV first.
TABLE_FILES: Mapping[str, str] = {
    "users": "users.parquet",
    "workspaces": "workspaces.csv",
    "companies": "companies.csv",
    "subscriptions": "subscriptions.jsonl",
    "crm_accounts": "crm_accounts.csv",
    "crm_opportunities": "crm_opportunities.jsonl",
    "crm_activities": "crm_activities.csv.gz",
    "crm_leads": "crm_leads.csv",
    "support_tickets": "support_tickets.parquet",
    "nps_responses": "nps_responses.jsonl.gz",
    "deal_feedback": "deal_feedback.jsonl",
}
PARQUET_TYPES: Mapping[str, str] = {"created_at": "timestamp", "is_opted_out": "boolean"}


class _TableFile:
    """A raw table being written row by row as CSV or as JSON lines."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        """Open the file.

        Args:
            path: Target; ``.jsonl`` means JSON lines, ``.gz`` compression without a date.
            columns: Column names in order.
        """
        self.path = path
        self.columns = columns
        self.rows = 0
        self._raw = path.open("wb")
        binary: Any = self._raw
        if path.suffix == ".gz":
            binary = gzip.GzipFile(filename="", fileobj=self._raw, mode="wb", mtime=0)
        self._binary = binary
        self._text: TextIO = io.TextIOWrapper(binary, encoding="utf-8", newline="")
        self._is_json = ".jsonl" in path.suffixes
        self._csv = csv.writer(self._text, lineterminator="\n")
        if not self._is_json:
            self._csv.writerow(columns)

    def add(self, *values: object) -> None:
        """Append one row.

        Args:
            values: One value per column; None is null.
        """
        self.rows += 1
        if self._is_json:
            row = {
                column: str(value) if isinstance(value, date) else value
                for column, value in zip(self.columns, values, strict=True)
            }
            self._text.write(json.dumps(row, ensure_ascii=False) + "\n")
        else:
            self._csv.writerow([str(v).lower() if isinstance(v, bool) else v for v in values])

    def close(self) -> None:
        """Flush and close the file."""
        self._text.close()
        self._raw.close()


# ---------------------------------------------------------------------------------------
# Planning accounts and people


@dataclass(frozen=True)
class _Person:
    """A user and how they use the product; days are counted from the first day."""

    user_no: int
    user_id: str
    email: str | None
    workspace_id: str
    anonymous_id: str
    created_at: datetime
    created_day: int
    last_day: int
    pace: tuple[float, float]
    volume: float
    mix: str
    activation_seconds: int | None
    offset_hours: int


@dataclass
class _Account:
    """An account while its story is told."""

    number: int
    archetype: Archetype
    rng: Random
    domain: str | None
    name: str
    country: str
    industry: str
    employees: int
    signup_day: int
    end_day: int
    users: int
    workspaces: Sequence[str]
    people: list[_Person] = field(default_factory=list)

    @property
    def crm_id(self) -> str:
        """The account's key in the CRM."""
        return f"crm_{self.number:06d}"

    @property
    def account_id(self) -> str:
        """The account's id as the identity rules name it."""
        if self.domain:
            return self.domain.encode("idna").decode("ascii")
        if self.users > 1:
            return f"workspace:{self.workspaces[0]}"
        return f"user:{self.people[0].user_id}"

    def present(self, day: int) -> list[_Person]:
        """Give the people who had signed up before a day, at least the first one."""
        return [p for p in self.people if p.created_day < day] or self.people[:1]


class _Writer:
    """Everything the stories write to: raw tables, planned events, plans for DuckDB."""

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
            self.tables[name] = _TableFile(path, columns)
        self.people = _TableFile(work / "plan_people.csv", PLAN_PEOPLE)
        self.workspaces = _TableFile(work / "plan_workspaces.csv", PLAN_WORKSPACES)
        self.story = _TableFile(work / "plan_story.csv", PLAN_STORY)
        self.users = 0
        self.host_workspace = ""
        self._numbers: dict[str, int] = {}

    def close(self) -> None:
        """Close all files."""
        for table in (*self.tables.values(), self.people, self.workspaces, self.story):
            table.close()

    def next_id(self, prefix: str) -> str:
        """Give the next id of a kind, such as ``opp_000012``."""
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
        person: _Person,
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


def _archetypes_of(accounts: int, seed: int) -> list[Archetype]:
    """Give each account an archetype: every one at least once, in a shuffled order."""
    counts = {a.name: max(1, round(a.share * accounts / 100)) for a in ARCHETYPES}
    # The rest goes to the most common archetypes, so that the total is exact.
    by_share = sorted(ARCHETYPES, key=lambda a: (-a.share, a.name))
    turn = 0
    while (difference := accounts - sum(counts.values())) != 0:
        name = by_share[turn % 3].name
        counts[name] += 1 if difference > 0 else (-1 if counts[name] > 1 else 0)
        turn += 1
    chosen = [a for a in ARCHETYPES for _ in range(counts[a.name])]
    Random(seed).shuffle(chosen)
    return chosen


def _domain(number: int, rng: Random) -> str:
    """Make a business domain that no other account has."""
    pairs = len(ADJECTIVES) * len(NOUNS)
    # 37 and the number of pairs have no common factor: no pair twice in one round.
    index = number * 37 % pairs
    name = ADJECTIVES[index % len(ADJECTIVES)] + NOUNS[index // len(ADJECTIVES)]
    suffix = str(number // pairs + 1) if number >= pairs else ""
    return f"{name}data{suffix}{rng.choice(TOP_LEVEL)}"


def _plan_account(
    number: int, archetype: Archetype, named: Iterator[str], seed: int, last: int
) -> _Account:
    """Decide what an account is like before anybody signs up.

    Args:
        number: The account's number.
        archetype: Its archetype.
        named: Fixed domains of this archetype that are still free.
        seed: The seed.
        last: Number of the last day.

    Returns:
        The account without people.
    """
    rng = Random(f"{seed}/{number}")
    is_named = None if archetype.fit == "none" else next(named, None)
    domain = None if archetype.fit == "none" else is_named or _domain(number, rng)
    fit = archetype.fit
    users = rng.randint(*archetype.users)
    employees = rng.randint(*archetype.employees)
    if archetype.name == "mid_market_growing":
        fit = "icp" if number % 2 else "other"
        users = rng.randint(7, 9) if fit == "icp" else users
    is_icp = fit == "icp" or (fit == "any" and rng.random() < 0.5)
    age = min(rng.randint(*archetype.age), last - 2)
    end = last - rng.randint(*archetype.quiet) if archetype.quiet else last
    if archetype.name == "smb_team" and rng.random() < 0.5:
        end = last - rng.randint(0, age)
    label = (domain or "").split(".")[0]
    return _Account(
        number=number,
        archetype=archetype,
        rng=rng,
        domain=domain,
        name=label.replace("data", " data").replace("-", " ").title().strip(),
        country=rng.choice(COUNTRIES),
        industry=rng.choice(ICP_INDUSTRIES if is_icp else OTHER_INDUSTRIES),
        employees=employees,
        signup_day=min(last - age, end - 3),
        end_day=end,
        users=users,
        workspaces=[f"ws_{number:06d}_{k}" for k in range(1, 3 if users >= 12 else 2)],
    )


def _job(account: _Account, position: int) -> tuple[str | None, str | None, str]:
    """Give the title, department and event mix of the nth user of an account."""
    rng, archetype = account.rng, account.archetype
    if archetype.name == "solo_hobbyist":
        return rng.choice((None, None, "Student", "Freelance Designer")), None, "hobbyist"
    is_leading = position < len(LEADING_JOBS) and account.users >= 5 and account.domain
    title, department, mix = LEADING_JOBS[position] if is_leading else rng.choice(JOBS)
    mix = mix.removeprefix("premium_")
    if rng.random() < archetype.premium or (position == 0 and archetype.premium >= 0.3):
        mix = f"premium_{mix}"
    return (
        title if is_leading or rng.random() < 0.85 else None,
        department if is_leading or rng.random() < 0.6 else None,
        mix,
    )


def _email(account: _Account, position: int, user_no: int, full_name: str) -> str | None:
    """Give the nth user of an account an address, or none."""
    rng, archetype = account.rng, account.archetype
    local = ".".join(part for part in full_name.lower().split())
    if account.domain is None:
        if archetype.name == "solo_hobbyist" and rng.random() < 0.08:
            return None
        is_disposable = archetype.name == "solo_hobbyist" and rng.random() < 0.1
        return f"{local}{user_no}@{rng.choice(DISPOSABLE_MAIL if is_disposable else FREE_MAIL)}"
    if account.domain == "lumenharbor.com" and position == 6:
        return "rosa.contractor@gmail.com"
    # In a team that is big enough, one has private mail and one none: the workspace tells.
    if account.users >= 5 and position == account.users - 1 and account.number % 3 == 0:
        return f"{local}{user_no}@gmail.com"
    if account.users >= 5 and position == account.users - 2 and account.number % 10 == 0:
        return None
    hosts = MAIL_HOSTS.get(account.domain, (account.domain,))
    return f"{local}{user_no}@{hosts[position % len(hosts)]}"


def _created_day(account: _Account, position: int) -> int:
    """Give the day on which the nth user of an account signs up."""
    if position == 0:
        return account.signup_day
    name = account.archetype.name
    leave_alone = 3 if name in ("enterprise_ready", "mid_market_growing") else 8
    latest = account.end_day - leave_alone
    if name == "enterprise_signup_dormant":
        latest = account.signup_day + 6
    if name == "churning":
        latest = account.end_day - 60
    span = max(0, min(latest, account.end_day) - account.signup_day)
    # Most teams fill up early; the ones that grow add people evenly until the end.
    steepness = 1.0 if name in GROWING else 1.8
    return account.signup_day + int(span * account.rng.random() ** steepness)


def _last_use_day(account: _Account, position: int, created_day: int) -> int:
    """Give the last day on which a user may use the product."""
    archetype, rng = account.archetype, account.rng
    if archetype.name == "enterprise_signup_dormant":
        return created_day
    if archetype.name == "churning":
        # One after the other stops, so that each week has less use than the one before.
        return account.end_day - 2 - round(30 * position / account.users)
    if position == 0 or rng.random() < archetype.staying:
        return account.end_day
    return min(account.end_day, created_day + 2 + int(rng.expovariate(1 / 20)))


def _plan_people(account: _Account, writer: _Writer) -> None:
    """Sign up an account's users and write them."""
    rng, archetype = account.rng, account.archetype
    for position in range(account.users):
        writer.users += 1
        user_no = writer.users
        created_day = _created_day(account, position)
        offset = UTC_OFFSET_HOURS[account.country]
        created_at = writer.at(created_day, rng, offset)
        full_name = f"{rng.choice(FIRST_NAMES)} {rng.choice(LAST_NAMES)}"
        title, department, mix = _job(account, position)
        email = _email(account, position, user_no, full_name)
        if user_no % 150 == 11:
            full_name = HOSTILE_NAMES[user_no // 150 % len(HOSTILE_NAMES)]
        is_first = position == 0 and archetype.activated >= 0.5
        activation = None
        if is_first or rng.random() < archetype.activated:
            activation = _activation_seconds(archetype, is_first, rng)
        anonymous_id = f"anon_{zlib.crc32(f'{user_no}/device'.encode()):08x}{user_no:06d}"
        if position and user_no % 60 == 0:
            anonymous_id = account.people[-1].anonymous_id
        person = _Person(
            user_no=user_no,
            user_id=f"u_{user_no:07d}",
            email=email,
            workspace_id=_workspace_of(account, position, writer),
            anonymous_id=anonymous_id,
            created_at=created_at,
            created_day=created_day,
            last_day=_last_use_day(account, position, created_day),
            pace=_pace(account, position),
            volume=archetype.volume * rng.lognormvariate(0, 0.4),
            mix=mix,
            activation_seconds=activation,
            offset_hours=offset,
        )
        account.people.append(person)
        _write_person(writer, person, is_sure=archetype.expected_tier in (1, 2))
        writer.tables["users"].add(
            person.user_id, email, created_at, full_name, title, department,
            rng.choice(SIGNUP_SOURCES), account.country if rng.random() < 0.9 else "US",
            archetype.name == "opted_out" or rng.random() < 0.02,
        )  # fmt: skip


def _workspace_of(account: _Account, position: int, writer: _Writer) -> str:
    """Give the workspace a user works in: their own company's, or a guest's place elsewhere."""
    if account.users >= 10 and account.domain:
        writer.host_workspace = account.workspaces[0]
    is_guest = account.archetype.name == "smb_team" and position == 2 and account.number % 4 == 0
    if is_guest and writer.host_workspace:
        return writer.host_workspace
    return account.workspaces[position % len(account.workspaces)]


def _pace(account: _Account, position: int) -> tuple[float, float]:
    """Give a user's chance of working on a working day, first and last: few work daily."""
    first, last = account.archetype.pace
    if account.archetype.name == "solo_hobbyist":
        first = last = account.rng.choice((0.1, 0.1, 0.15, 0.7))
    if position == 0 or account.archetype.name == "churning":
        return first, last
    factor = account.rng.choice((0.3, 0.5, 0.7, 1.0))
    return round(first * factor, 4), round(last * factor, 4)


def _activation_seconds(archetype: Archetype, is_first: bool, rng: Random) -> int:
    """Give the seconds between sign-up and first published dashboard."""
    if is_first or rng.random() < 0.45:
        return rng.randint(600, 3300)
    if archetype.expected_tier == 1 or rng.random() < 0.7:
        return rng.randint(3600, 36 * 3600)
    return rng.randint(2 * 86400, 6 * 86400)


def _write_person(writer: _Writer, person: _Person, *, is_sure: bool) -> None:
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


# ---------------------------------------------------------------------------------------
# Stories: what each archetype does beside its daily work


def _views(
    account: _Account, writer: _Writer, person: _Person, path: str, days: Iterable[int]
) -> None:
    """Let a person look at a page of the site; some views come without a login."""
    for day in days:
        is_anonymous = account.rng.random() < 0.3
        writer.event(
            person, day, account.rng, "page_viewed", {"path": path}, anonymous=is_anonymous
        )


def _collaborate(account: _Account, writer: _Writer) -> None:
    """Send invitations and connect integrations, spread over the account's life."""
    rng, (most_first, most_other) = account.rng, account.archetype.invites
    for position, person in enumerate(account.people):
        most = most_first if position == 0 else most_other
        invites = most if position == 0 else rng.randint(0, most)
        for number in range(invites):
            writer.event(
                person, person.created_day + number * 2, rng, "teammate_invited", {"role": "editor"}
            )
    if account.archetype.premium >= 0.3 and account.domain:
        providers = ["postgres_read_replica", "slack", "snowflake", "bigquery", "salesforce"]
        known = account.present(account.end_day)
        for number, provider in enumerate(providers[: rng.randint(3, 5)]):
            person = known[number % len(known)]
            day = min(person.created_day + 3 + 4 * number, account.end_day)
            writer.event(person, day, rng, "integration_connected", {"provider": provider})


def _show_intent(account: _Account, writer: _Writer, day: int, level: int) -> None:
    """Let the account look like a buyer around a day.

    Args:
        account: The account.
        writer: Where to.
        day: The day on which the intent peaks.
        level: 1 looks at prices; 2 also meets limits and creates API keys; 3 also reads the
            security pages, opens locked features and asks for single sign-on.
    """
    rng = account.rng
    known = account.present(day)
    champion, second = known[0], known[min(1, len(known) - 1)]
    _views(account, writer, champion, "/pricing", [day - 6, day - 3, day][: level + 1])
    if level >= 2:
        _views(account, writer, second, "/pricing", [day - 2])
        for person in known[: rng.randint(1, 3)]:
            kind = {"limit": rng.choice(("storage", "api_calls"))}
            writer.event(person, day - rng.randint(0, 6), rng, "limit_reached", kind)
        writer.event(second, day - 4, rng, "api_key_created")
    if level >= 3:
        admin = known[min(4, len(known) - 1)]
        _views(account, writer, champion, "/pricing/enterprise", [day - 1])
        _views(account, writer, admin, "/security/overview", [day - 1])
        _views(account, writer, second, "/trust/soc2", [day - 2])
        writer.event(champion, day - 1, rng, "feature_requested", {"feature": "sso"})
        writer.event(admin, day - 2, rng, "feature_requested", {"feature": "audit_log"})
        writer.event(admin, day - 1, rng, "locked_feature_opened", {"feature": "audit_log"})
        writer.event(second, day - 3, rng, "locked_feature_opened", {"feature": "scim"})
        writer.tables["support_tickets"].add(
            writer.next_id("ticket"), admin.user_id, writer.at(day - 1, rng), "enterprise"
        )


def _subscribe(
    account: _Account, writer: _Writer, plan: str, start: datetime, end: datetime | None, seats: int
) -> None:
    """Write one subscription of the account's first workspace; MRR in USD a month."""
    writer.tables["subscriptions"].add(
        writer.next_id("sub"), account.workspaces[0], account.people[0].user_id, account.domain,
        plan, seats, round(seats * SEAT_PRICE_USD[plan], 2), start, end,
    )  # fmt: skip


def _free_then(account: _Account, writer: _Writer, *steps: tuple[str, int, int]) -> None:
    """Write the free plan and the paid plans after it.

    Args:
        account: The account.
        writer: Where to.
        steps: Plan, first day, seats; the plan ``free`` with a later day is a downgrade.
    """
    start, plan, seats = account.people[0].created_at, "free", account.users
    for next_plan, day, next_seats in steps:
        change = max(writer.at(day, account.rng), start + timedelta(hours=1))
        _subscribe(account, writer, plan, start, change, seats)
        start, plan, seats = change, next_plan, next_seats
    _subscribe(account, writer, plan, start, None, seats)


def _crm_account(account: _Account, writer: _Writer, day: int) -> str:
    """Write the account into the CRM and give its owner."""
    owner = account.rng.choice(REPS)
    writer.tables["crm_accounts"].add(
        account.crm_id, account.name, account.domain, owner,
        REGIONS.get(account.country, "EMEA"), writer.at(day, account.rng),
    )  # fmt: skip
    return owner


def _activity(
    account: _Account, writer: _Writer, owner: str, day: int, kind: str, direction: str,
    outcome: str | None,
) -> None:  # fmt: skip
    """Write one contact with the account's first user."""
    contact = next((p.email for p in account.people if p.email), None)
    writer.tables["crm_activities"].add(
        writer.next_id("act"), account.crm_id,
        account.domain if account.rng.random() < 0.7 else None, contact, kind, direction,
        writer.at(day, account.rng), owner, outcome,
    )  # fmt: skip


def _opportunity(
    account: _Account, writer: _Writer, day: int, source: str, kind: str, amount: float,
    closed_day: int | None, is_won: bool | None,
) -> str:  # fmt: skip
    """Write one opportunity, with the account executive's notes when it is closed."""
    rng = account.rng
    key = writer.next_id("opp")
    stage = "evaluation" if closed_day is None else ("closed_won" if is_won else "closed_lost")
    closed_at = None if closed_day is None else writer.at(closed_day, rng)
    writer.tables["crm_opportunities"].add(
        key, account.crm_id, account.domain, writer.at(day, rng),
        writer.at(day + rng.randint(1, 3), rng) if rng.random() < 0.9 else None, closed_at,
        is_won, round(amount, 2), source, kind, stage,
    )  # fmt: skip
    if closed_at is not None:
        writer.tables["deal_feedback"].add(
            key, closed_at + timedelta(hours=3),
            rng.choice(("limit reached", "security review", "second team joined", "new budget")),
            rng.choice(("price", "data residency", "no SSO on the team plan", "timing", None)),
            rng.choice(("SSO", "audit log", "row-level security", "SSO; audit log", None)),
            rng.choice(("invoice needed", "security questionnaire", "no self-serve SSO", None)),
        )  # fmt: skip
    return key


def _lead(
    account: _Account, writer: _Writer, day: int, source: str, opportunity: str | None
) -> None:
    """Write a marketing lead for the account's first user."""
    email = account.people[0].email if account.people else f"info@{account.domain}"
    created = writer.at(day, account.rng)
    became = created + timedelta(days=account.rng.randint(1, 10)) if opportunity else None
    converted = became + timedelta(days=2) if became else None
    writer.tables["crm_leads"].add(
        writer.next_id("lead"), email, created, source, became, converted, opportunity
    )


def _tell_enterprise_ready(account: _Account, writer: _Writer) -> None:
    _show_intent(account, writer, writer.last, 3)
    admin = account.present(writer.last)[min(4, len(account.people) - 1)]
    writer.event(admin, writer.last - 2, account.rng, "workspace_settings_changed")
    _free_then(account, writer)
    if account.number % 2:
        _crm_account(account, writer, account.signup_day + 20)


def _tell_mid_market_growing(account: _Account, writer: _Writer) -> None:
    _show_intent(account, writer, writer.last - account.rng.randint(1, 6), 2)
    _free_then(account, writer)
    if account.rng.random() < 0.3:
        _lead(account, writer, account.signup_day + 2, "webinar", None)


def _tell_smb_team(account: _Account, writer: _Writer) -> None:
    rng = account.rng
    if rng.random() < 0.35:
        _show_intent(account, writer, account.end_day - rng.randint(1, 20), 1)
    if rng.random() < 0.12:
        day = account.end_day - rng.randint(2, 15)
        writer.event(account.people[0], day, rng, "upgrade_started", {"plan": "team"})
    if rng.random() < 0.1:
        _lead(account, writer, account.signup_day, "ebook", None)
    _free_then(account, writer)


def _tell_quiet_story(account: _Account, writer: _Writer) -> None:
    _free_then(account, writer)


def _tell_converting(account: _Account, writer: _Writer) -> None:
    person = account.people[0]
    _show_intent(account, writer, writer.last - 1, 2)
    _views(account, writer, person, "/pricing", [writer.last])
    writer.event(person, writer.last, account.rng, "upgrade_started", {"plan": "team"})
    _free_then(account, writer)


def _tell_self_serve_converted(account: _Account, writer: _Writer) -> None:
    rng, person = account.rng, account.people[0]
    day = rng.randint(account.signup_day + 10, writer.last - 12)
    _show_intent(account, writer, day, rng.randint(1, 2))
    if rng.random() < 0.4:
        writer.event(person, day - 3, rng, "upgrade_started", {"plan": "team"})
    moment = max(day, person.created_day + 1)
    state = rng.getstate()
    writer.event(person, moment, rng, "upgrade_started", {"plan": "team"})
    rng.setstate(state)
    writer.event(
        person, moment, rng, "upgrade_completed", {"plan": "team"}, minutes_later=rng.randint(4, 20)
    )
    _free_then(account, writer, ("team", moment, max(3, len(account.present(moment)))))


def _tell_churning(account: _Account, writer: _Writer) -> None:
    rng = account.rng
    paid = account.signup_day + 20
    ended = writer.last - rng.randint(1, 8)
    _free_then(account, writer, ("team", paid, account.users), ("free", ended, account.users))
    writer.tables["support_tickets"].add(
        writer.next_id("ticket"), account.people[0].user_id, writer.at(ended - 3, rng), "billing"
    )


def _tell_churned(account: _Account, writer: _Writer) -> None:
    if account.number % 3:
        _free_then(account, writer)
        return
    paid = min(account.signup_day + 15, account.end_day - 2)
    ended = account.end_day + account.rng.randint(1, 10)
    _free_then(account, writer, ("team", paid, account.users), ("free", ended, account.users))


def _sales_process(account: _Account, writer: _Writer, *, is_won: bool) -> int:
    """Tell a whole sales process and give the day it closed."""
    rng = account.rng
    opened = rng.randint(min(account.signup_day + 25, writer.last - 32), writer.last - 31)
    source = rng.choices(("pql", "mql", "inbound", "outbound"), (70, 12, 10, 8))[0]
    length = rng.randint(14, 28) if source == "pql" else rng.randint(24, 30)
    closed = min(opened + length, writer.last - 2)
    _show_intent(account, writer, opened - 3, 3 if rng.random() < 0.6 else 2)
    owner = _crm_account(account, writer, opened - 2)
    _activity(account, writer, owner, opened - 2, "email", "outbound", "replied")
    _activity(account, writer, owner, opened - 1, "email", "inbound", None)
    _activity(account, writer, owner, opened + 4, "meeting", "outbound", "meeting_booked")
    last_outcome = "replied" if is_won else "no_response"
    _activity(account, writer, owner, closed - 2, "call", "outbound", last_outcome)
    plan = "enterprise" if account.employees >= 500 else "business"
    amount = account.users * 2 * SEAT_PRICE_USD[plan] * 12 * (1.2 if source == "pql" else 1.0)
    key = _opportunity(account, writer, opened, source, "new", amount, closed, is_won)
    if source == "mql":
        _lead(account, writer, opened - 14, "webinar", key)
    if is_won:
        _free_then(account, writer, (plan, closed, account.users * 2))
    else:
        _free_then(account, writer)
    return closed


def _tell_sales_touched_won(account: _Account, writer: _Writer) -> None:
    _sales_process(account, writer, is_won=True)


def _tell_sales_touched_lost(account: _Account, writer: _Writer) -> None:
    _sales_process(account, writer, is_won=False)


def _tell_backed_off(account: _Account, writer: _Writer) -> None:
    touch = writer.last - account.rng.randint(9, 18)
    _show_intent(account, writer, touch - 2, 2)
    owner = _crm_account(account, writer, touch - 1)
    _activity(account, writer, owner, touch, "email", "outbound", "no_response")
    _free_then(account, writer)


def _tell_opted_out(account: _Account, writer: _Writer) -> None:
    _show_intent(account, writer, writer.last - 4, 2)
    if account.number % 2:
        owner = _crm_account(account, writer, writer.last - 30)
        _activity(account, writer, owner, writer.last - 25, "email", "outbound", "unsubscribed")
    _free_then(account, writer)


def _tell_hand_raiser_small(account: _Account, writer: _Writer) -> None:
    rng, person = account.rng, account.people[0]
    day = writer.last - rng.randint(0, 3)
    _views(account, writer, person, "/pricing", [day])
    writer.event(person, day, rng, "contact_sales_submitted", {"seats": 5})
    writer.event(person, day - 1, rng, "billing_chat_opened")
    writer.tables["support_tickets"].add(
        writer.next_id("ticket"), person.user_id, writer.at(day, rng), "plans"
    )
    _free_then(account, writer)


def _tell_paying_expanding(account: _Account, writer: _Writer) -> None:
    rng = account.rng
    person = account.people[0]
    first_paid = account.signup_day + 20
    grown = max(first_paid + 20, writer.last - rng.randint(12, 60))
    _show_intent(account, writer, writer.last - 2, 2)
    writer.event(person, grown, rng, "sso_configured", {"provider": "okta"})
    owner = _crm_account(account, writer, first_paid)
    _activity(account, writer, owner, grown - 15, "meeting", "outbound", "meeting_booked")
    seats = max(5, account.users // 2)
    amount = account.users * SEAT_PRICE_USD["business"] * 12
    if account.number % 2:
        _opportunity(account, writer, grown - 20, "pql", "expansion", amount, grown, True)
        _free_then(account, writer, ("team", first_paid, seats), ("business", grown, account.users))
    else:
        _opportunity(account, writer, writer.last - 9, "pql", "expansion", amount, None, None)
        _free_then(account, writer, ("team", first_paid, seats))


STORIES: Mapping[str, Callable[[_Account, _Writer], None]] = {
    "enterprise_ready": _tell_enterprise_ready,
    "mid_market_growing": _tell_mid_market_growing,
    "smb_team": _tell_smb_team,
    "free_mail_team": _tell_quiet_story,
    "solo_hobbyist": _tell_quiet_story,
    "enterprise_signup_dormant": _tell_quiet_story,
    "converting": _tell_converting,
    "self_serve_converted": _tell_self_serve_converted,
    "churning": _tell_churning,
    "churned": _tell_churned,
    "sales_touched_won": _tell_sales_touched_won,
    "sales_touched_lost": _tell_sales_touched_lost,
    "backed_off": _tell_backed_off,
    "opted_out": _tell_opted_out,
    "hand_raiser_small": _tell_hand_raiser_small,
    "paying_expanding": _tell_paying_expanding,
}

# ---------------------------------------------------------------------------------------
# Rows that every account has


def _write_company(account: _Account, writer: _Writer) -> None:
    """Write the firmographics of a business domain; some domains stay unknown."""
    rng = account.rng
    is_planted = account.archetype.expected_tier is not None or account.archetype.fit == "icp"
    if account.domain is None or not (is_planted or rng.random() < 0.9):
        return
    funded = None
    if rng.random() < 0.4:
        back = rng.randint(5, 80) if rng.random() < 0.4 else rng.randint(100, 900)
        funded = writer.first_day + timedelta(days=writer.last - back)
    parent = "lumenharbor.com" if account.number % 40 == 3 else None
    writer.tables["companies"].add(
        account.domain, account.name, account.industry, account.employees, account.country,
        rng.choice(FUNDING_STAGES), funded, rng.choice((0, 0, 0, 1, 2, 5)),
        None if parent == account.domain else parent,
    )  # fmt: skip


def _write_workspaces(account: _Account, writer: _Writer) -> None:
    """Write the workspaces of an account and how full they are."""
    rng = account.rng
    low, high = account.archetype.utilisation
    is_paid = account.archetype.name in ("churning", "paying_expanding", "self_serve_converted")
    for number, workspace_id in enumerate(account.workspaces):
        owner = account.people[min(number, len(account.people) - 1)]
        team = ("Main", "Second team")[number]
        name = f"{account.name} {team}" if account.name else f"{team} workspace"
        if account.number % 70 == 5:
            name = HOSTILE_NAMES[account.number // 70 % len(HOSTILE_NAMES)]
        created_at = owner.created_at + timedelta(minutes=1)
        writer.tables["workspaces"].add(workspace_id, name, created_at, owner.user_id)
        writer.workspaces.add(
            account.number * 2 + number, workspace_id, max(0, owner.created_day), account.users,
            round(rng.uniform(low, high), 4), is_paid,
        )  # fmt: skip


def _write_opinions(account: _Account, writer: _Writer) -> None:
    """Write NPS answers and technical tickets."""
    rng = account.rng
    unhappy = account.archetype.name in ("churning", "churned", "sales_touched_lost")
    for person in account.people:
        lifetime = person.last_day - person.created_day
        if lifetime < 10:
            continue
        if rng.random() < 0.12:
            score = min(10, max(0, round(rng.gauss(5.5 if unhappy else 8.3, 1.8))))
            day = rng.randint(person.created_day + 7, person.last_day)
            writer.tables["nps_responses"].add(
                writer.next_id("nps"), person.user_id, writer.at(day, rng), score
            )
        if rng.random() < 0.06:
            day = rng.randint(person.created_day + 1, person.last_day)
            writer.tables["support_tickets"].add(
                writer.next_id("ticket"), person.user_id, writer.at(day, rng),
                rng.choice(("technical", "technical", "other")),
            )  # fmt: skip


def _write_staff(writer: _Writer, seed: int) -> None:
    """Write our own people, who use the product too and must never be scored."""
    rng = Random(f"{seed}/staff")
    workspace_id = "ws_staff_1"
    first = None
    for number in range(1, 8):
        user_no = writer.users + number
        email = f"staff{number}@example.com" if number < 7 else "robot@builds.test"
        person = _Person(
            user_no, f"u_staff_{number}", email, workspace_id, f"anon_staff_{number}",
            writer.at(number, rng), number, writer.last, (0.7, 0.7), 1.5, "premium_builder",
            1800, 0,
        )  # fmt: skip
        first = first or person
        _write_person(writer, person, is_sure=False)
        writer.tables["users"].add(
            person.user_id, email, person.created_at, f"Staff {number}", "Product Manager",
            "Product", "internal", "US", False,
        )  # fmt: skip
        for day in range(writer.last - 9, writer.last):
            writer.event(person, day, rng, "page_viewed", {"path": "/pricing"})
    if first is not None:
        writer.tables["workspaces"].add(workspace_id, "Our own", first.created_at, first.user_id)


def _write_prospects(accounts: int, writer: _Writer, seed: int) -> None:
    """Write companies that sales found without the product: the outbound and MQL baseline.

    Args:
        accounts: Number of product accounts; one prospect for every eight.
        writer: Where to.
        seed: The seed.
    """
    for number in range(max(3, accounts // 8)):
        account = _plan_account(1_000_000 + number, ARCHETYPES[1], iter(()), seed, writer.last)
        rng = account.rng
        opened = rng.randint(0, writer.last - 10)
        length = rng.randint(50, 90)
        closed = opened + length if opened + length < writer.last else None
        source = "mql" if number % 3 == 0 else "outbound"
        is_won = None if closed is None else rng.random() < 0.25
        amount = account.employees * SEAT_PRICE_USD["team"] * 12 * 0.15
        owner = _crm_account(account, writer, opened - 5)
        key = _opportunity(account, writer, opened, source, "new", amount, closed, is_won)
        _activity(account, writer, owner, opened - 4, "email", "outbound", "replied")
        _activity(account, writer, owner, opened + 10, "call", "outbound", "no_response")
        _write_company(account, writer)
        if source == "mql":
            _lead(account, writer, opened - 12, "ebook", key)
        if is_won and closed is not None:
            writer.tables["subscriptions"].add(
                writer.next_id("sub"), None, None, account.domain, "business",
                max(5, account.employees // 10), round(amount / 12, 2), writer.at(closed, rng),
                None,
            )  # fmt: skip


def _write_flawed_rows(writer: _Writer) -> None:
    """Write a few rows of each kind that the rules for bad rows speak of."""
    rng = Random(0)
    now = writer.at(writer.last - 20, rng)
    old, future = datetime(1998, 5, 17, 3, 0), datetime(2099, 1, 1)
    before, after = now - timedelta(days=30), now + timedelta(days=3)
    table = writer.tables
    rows: Mapping[str, Sequence[Sequence[object]]] = {
        "users": (
            (None, "nobody@northpier.com", now, "No Id", None, None, None, None, False),
            ("u_flawed_1", "a@northpier.com", None, "No Date", None, None, None, None, False),
            ("u_flawed_2", "b@northpier.com", future, "Tomorrow", None, None, None, None, None),
            ("u_flawed_3", "c@northpier.com", old, "Before", None, None, None, None, None),
            ("u_flawed_4", "not an address", now, "Bad Mail", "Analyst", "Data", None, "US", False),
            ("u_flawed_5", "x@localhost", now, "No Dot", "Analyst", None, None, "US", False),
            ("u_flawed_6", "  Kim@NorthPier.com ", before, "Old", None, None, None, "US", False),
            ("u_flawed_6", "kim@northpier.com", now, "New Copy", "CTO", None, None, "US", False),
            ("u_flawed_7", "k@co.uk", now, "On A Public Suffix", None, None, None, "GB", False),
        ),
        "workspaces": (
            (None, "No id", now, "u_0000001"),
            ("ws_flawed_1", "Bad date", "the day after", "u_0000001"),
            ("ws_flawed_2", "Tomorrow", future, "u_0000001"),
            ("ws_flawed_3", "Old", old, "u_0000001"),
            ("ws_flawed_4", "Twice", before, "u_flawed_6"),
            ("ws_flawed_4", "Twice, newer", now, "u_flawed_6"),
            ("ws_flawed_5", "Owner is unknown", now, "u_nobody"),
        ),
        "companies": (
            (None, "No domain", "software", 100, "US", "seed", None, 0, None),
            ("not a domain", "Bad domain", "software", 100, "US", "seed", None, 0, None),
            ("co.uk", "A public suffix", "software", 100, "GB", "seed", None, 0, None),
            ("negativestaff.com", "Negative", "media", -5, "US", "seed", None, 0, None),
            ("manystaff.com", "Many", "media", "many", "US", "seed", None, 0, None),
            ("baddate.com", "Bad date", "media", 40, "US", "seed", "last spring", 0, None),
            ("twicestaff.com", "Twice", "media", 40, "US", "seed", None, 0, None),
            ("twicestaff.com", "Twice", "media", 40, "US", "seed", None, 0, None),
        ),
        "subscriptions": (
            (None, "ws_flawed_4", None, None, "team", 3, 45.0, now, None),
            ("sub_flawed_1", "ws_flawed_4", None, None, None, 3, 45.0, now, None),
            ("sub_flawed_2", "ws_flawed_4", None, None, "team", "ten", 45.0, now, None),
            ("sub_flawed_3", "ws_flawed_4", None, None, "team", 3, -45.0, now, None),
            ("sub_flawed_4", "ws_flawed_4", None, None, "team", 3, 45.0, now, before),
            ("sub_flawed_5", "ws_flawed_4", None, None, "team", 3, 45.0, "soon", None),
            ("sub_flawed_6", "ws_flawed_4", None, None, "team", 3, 45.0, future, None),
            ("sub_flawed_7", "ws_flawed_4", None, None, "team", 3, 45.0, old, None),
            ("sub_flawed_8", "ws_flawed_4", None, None, "free", 3, 0.0, before, now),
            ("sub_flawed_8", "ws_flawed_4", None, None, "free", 3, 0.0, before, now),
        ),
        "crm_accounts": (
            (None, "No id", "northpier.com", "rep_01", "NA", now),
            ("crm_flawed_1", "Bad domain", "n/a", "rep_01", "NA", now),
            ("crm_flawed_2", "Bad date", "northpier.com", "rep_01", "NA", "31/02/2026"),
            ("crm_flaw", "Twice", "twicestaff.com", "rep_01", "NA", before),
            ("crm_flaw", "Twice", "twicestaff.com", "rep_02", "NA", now),
            ("crm_flawed_4", "Tomorrow", "twicestaff.com", "rep_02", "NA", future),
        ),
        "crm_opportunities": (
            (None, "crm_flaw", None, now, None, None, None, 900.0, "pql", "new", "evaluation"),
            ("opp_flaw_1", "crm_flaw", None, None, None, None, None, 1.0, "pql", "new", None),
            ("opp_flaw_2", "crm_flaw", None, now, None, None, None, -9.0, "pql", "new", None),
            ("opp_flaw_3", "crm_flaw", None, now, None, before, False, 9.0, "mql", "new", None),
            ("opp_flaw_4", "crm_flaw", None, now, None, None, "maybe", "a lot", "pql", "new", None),
            ("opp_flaw_5", "crm_flaw", None, now, now, after, False, 9.0, "mql", "new", "lost"),
            ("opp_flaw_5", "crm_flaw", None, now, now, after, False, 9.0, "mql", "new", "lost"),
            ("opp_flaw_6", "crm_nobody", None, future, None, None, None, 9.0, "pql", "new", None),
        ),
        "crm_activities": (
            (None, "crm_flaw", None, None, "email", "outbound", now, "rep_01", "replied"),
            ("act_flaw_1", "crm_flaw", None, None, None, "outbound", now, "rep_01", None),
            ("act_flaw_2", "crm_flaw", None, None, "email", None, now, "rep_01", None),
            ("act_flaw_3", "crm_flaw", None, None, "email", "outbound", "noon", "rep_01", None),
            ("act_flaw_4", "crm_flaw", None, "no mail", "email", "outbound", now, "rep_01", None),
            ("act_flaw_5", "crm_flaw", None, None, "call", "outbound", future, "rep_01", None),
            ("act_flaw_6", "crm_flaw", None, None, "call", "outbound", now, "rep_01", "replied"),
            ("act_flaw_6", "crm_flaw", None, None, "call", "outbound", now, "rep_01", "replied"),
        ),
        "crm_leads": (
            (None, "kim@northpier.com", now, "ebook", None, None, None),
            ("lead_flawed_1", None, now, "ebook", None, None, None),
            ("lead_flawed_2", "kim at northpier", now, "ebook", None, None, None),
            ("lead_flawed_3", "kim@northpier.com", "yesterday", "ebook", None, None, None),
            ("lead_flawed_4", "kim@northpier.com", now, "ebook", "not yet", None, None),
            ("lead_flawed_5", "kim@northpier.com", before, "ebook", None, None, None),
            ("lead_flawed_5", "kim@northpier.com", now, "webinar", None, None, None),
        ),
        "support_tickets": (
            (None, "u_flawed_6", now, "billing"),
            ("ticket_flawed_1", "u_flawed_6", None, "billing"),
            ("ticket_flawed_2", "u_nobody", now, "enterprise"),
            ("ticket_flawed_3", "u_flawed_6", future, "billing"),
            ("ticket_flawed_4", "u_flawed_6", old, "billing"),
            ("ticket_flawed_5", "u_flawed_6", now, "technical"),
            ("ticket_flawed_5", "u_flawed_6", now, "technical"),
        ),
        "nps_responses": (
            (None, "u_flawed_6", now, 7),
            ("nps_flawed_1", None, now, 7),
            ("nps_flawed_2", "u_flawed_6", now, 11),
            ("nps_flawed_3", "u_flawed_6", now, -1),
            ("nps_flawed_4", "u_flawed_6", now, "ten"),
            ("nps_flawed_5", "u_flawed_6", "2026-13-45", 7),
            ("nps_flawed_6", "u_nobody", now, 9),
            ("nps_flawed_7", "u_flawed_6", now, 8),
            ("nps_flawed_7", "u_flawed_6", now, 8),
        ),
        "deal_feedback": (
            (None, now, "limit reached", None, None, None),
            ("opp_flaw_5", after, "'); drop table users; --", "price 📈", None, "line\nbreak"),
            ("opp_flaw_5", after, "'); drop table users; --", "price 📈", None, "line\nbreak"),
            ("opp_flaw_6", None, "no date", None, None, None),
            ("opp_flaw_7", "someday", "bad date", None, None, None),
            ("opp_flaw_8", future, "tomorrow", None, None, None),
        ),
    }  # fmt: skip
    for name, flawed in rows.items():
        for row in flawed:
            table[name].add(*row)


def _plan_company(
    writer: _Writer, truth_file: Path, accounts: int, seed: int, on_progress: Progress
) -> None:
    """Plan all accounts, write the small tables and the truth.

    Args:
        writer: Where to.
        truth_file: The file for the planted truth.
        accounts: Number of accounts.
        seed: The seed.
        on_progress: Told every 10,000 accounts.
    """
    named = {a.name: iter(NAMED_DOMAINS.get(a.name, ())) for a in ARCHETYPES}
    truth = _TableFile(truth_file, TRUTH_COLUMNS)
    for number, archetype in enumerate(_archetypes_of(accounts, seed)):
        if number and number % 10_000 == 0:
            on_progress(f"planned {number:,} of {accounts:,} accounts")
        account = _plan_account(number, archetype, named[archetype.name], seed, writer.last)
        _plan_people(account, writer)
        _write_company(account, writer)
        _write_workspaces(account, writer)
        _collaborate(account, writer)
        STORIES[archetype.name](account, writer)
        _write_opinions(account, writer)
        truth.add(
            account.account_id, archetype.name, archetype.why, archetype.expected_tier,
            archetype.max_grade, account.people[0].user_id,
        )  # fmt: skip
    truth.close()
    _write_staff(writer, seed)
    _write_prospects(accounts, writer, seed)
    _write_flawed_rows(writer)


TRUTH_COLUMNS = ("account_id", "archetype", "why", "expected_tier", "max_grade", "user_id")

# ---------------------------------------------------------------------------------------
# Events, in DuckDB

# What may be wrong with an event: name -> (code, how many of 100,000 ordinary events).
FLAWS: Mapping[str, tuple[int, int]] = {
    "late": (1, 2000),
    "duplicate": (2, 1000),
    "orphan": (3, 200),
    "no_name": (4, 10),
    "no_time": (5, 10),
    "future": (6, 10),
    "ancient": (7, 10),
    "no_actor": (8, 10),
    "properties_broken": (9, 15),
    "properties_list": (10, 15),
    "no_id": (11, 10),
}
RESENT = 12
PAGE_VIEWS_ANONYMOUS_PERCENT = 30
WEEKEND_PACE = 0.2
VISITORS_PER_100_USERS = 12
DAYS_AT_ONCE = 3


def _literal(path: Path) -> str:
    """Quote a path as a SQL text."""
    return "'" + str(path).replace("'", "''") + "'"


def _read_plan(path: Path, columns: Sequence[str]) -> str:
    """Give the SQL that reads one of our own CSV files with its types."""
    types = ", ".join(f"'{c}': '{PLAN_TYPES.get(c, 'varchar')}'" for c in columns)
    return (
        f"read_csv({_literal(path)}, header = true, columns = {{{types}}}, quote = '\"', "
        "escape = '\"', auto_detect = false, delim = ',', parallel = false)"
    )


def _mix_rows() -> Iterator[tuple[int, str, str | None, str | None]]:
    """Give for each mix and slot the event and the two halves of its properties."""
    for mix, weights in MIXES.items():
        total, done, filled = sum(weights.values()), 0, 0
        for key, weight in weights.items():
            done += weight
            name, properties = ORDINARY_EVENTS[key]
            head, mark, tail = (properties or "").partition("#")
            while filled < round(done * MIX_SLOTS / total):
                slot = MIX_NUMBERS[mix] * MIX_SLOTS + filled
                yield slot, name, head if properties else None, tail if mark else None
                filled += 1


def _load_plans(
    con: duckdb.DuckDBPyConnection, work: Path, first_day: date, days: int, seed: int
) -> None:
    """Load the plans and add what every user does: visit, sign up, look, publish.

    Args:
        con: The connection.
        work: Folder with the plans.
        first_day: Day number 0.
        days: Number of days.
        seed: The seed.
    """
    con.execute(
        f"create table people as select * from {_read_plan(work / 'plan_people.csv', PLAN_PEOPLE)}"
    )
    mixes = _TableFile(work / "plan_mixes.csv", PLAN_MIXES)
    for row in _mix_rows():
        mixes.add(*row)
    mixes.close()
    con.execute(f"create table mix_slots as select * from {_read_plan(mixes.path, PLAN_MIXES)}")
    codes = ", ".join(f"({code})" for code, _ in FLAWS.values())
    con.execute(
        f"""
        create table planned as
        with
        everything as (
            select
                story.occurred_at, people.user_no,
                case when not story.is_anonymous then people.user_id end as user_id,
                people.anonymous_id, people.workspace_id, story.event_name, story.properties,
                0 as flaw
            from {_read_plan(work / "plan_story.csv", PLAN_STORY)} as story
            inner join people on story.user_no = people.user_no
            union all
            select
                created_at, user_no, user_id, anonymous_id, workspace_id, 'signed_up', null, 0
            from people
            union all
            select
                created_at + interval 90 second, user_no, user_id, anonymous_id, workspace_id,
                'dashboard_viewed', '{{"dashboard_id": "welcome"}}', 0
            from people
            union all
            select
                created_at + to_seconds(activation_seconds // 2), user_no, user_id, anonymous_id,
                workspace_id, 'onboarding_step_completed', '{{"step": "connect_source"}}', 0
            from people
            where activation_seconds is not null
            union all
            select
                created_at + to_seconds(activation_seconds), user_no, user_id, anonymous_id,
                workspace_id, 'dashboard_published', '{{"dashboard_id": "first"}}', 0
            from people
            where activation_seconds is not null
            union all
            select
                created_at - to_minutes(cast(2 + hash(user_no, visit, {seed}) % 7000 as bigint)),
                user_no, null, anonymous_id, null, 'page_viewed',
                case
                    when hash(user_no, visit, {seed}, 1) % 100 < 12 then '{{"path": "/pricing"}}'
                    when hash(user_no, visit, {seed}, 1) % 100 < 60 then '{{"path": "/docs/start"}}'
                    else '{{"path": "/templates/sales-overview"}}'
                end, 0
            from people
            cross join range(4) as visits (visit)
            where visit < hash(user_no, {seed}) % 5
            union all
            select
                timestamp '{first_day}'
                    + to_seconds(cast(hash(visitor, {seed}) % {days * 86400} as bigint))
                    + to_minutes(cast(visit * 2 as bigint)),
                0, null, 'anon_visitor_' || lpad(cast(visitor as text), 7, '0'), null,
                'page_viewed',
                case
                    when visit = 2 then '{{"path": "/pricing"}}' else '{{"path": "/docs/start"}}'
                end,
                0
            from range((select count(*) * {VISITORS_PER_100_USERS} // 100 + 3 from people))
                as visitors (visitor)
            cross join range(3) as visits (visit)
            where visit <= hash(visitor, {seed}, 2) % 3
            union all
            select
                timestamp '{first_day + timedelta(days=days - 19)}'
                    + interval 10 hour + to_minutes(code),
                0, 'u_flawed_6', 'anon_flawed', 'ws_flawed_4', 'dashboard_viewed',
                '{{"dashboard_id": "flawed"}}', code
            from (values {codes}) as flaws (code)
        ),
        numbered as (
            select
                *,
                row_number() over (
                    order by
                        occurred_at, user_no, event_name, user_id, anonymous_id, properties, flaw
                ) as event_no
            from everything
            where occurred_at >= timestamp '{first_day}'
        ),
        with_resent as (
            select * from numbered
            union all
            -- A client that sent an event again a day later with a new clock: same id, other day.
            select * replace (
                occurred_at + interval 1 day as occurred_at, {RESENT} as flaw
            )
            from numbered
            where event_name = 'dashboard_viewed' and user_no % 60 = 1 and flaw = 0
        )
        select *, cast(date_diff('day', date '{first_day}', cast(occurred_at as date)) as integer)
            as day_no
        from with_resent
        where occurred_at < timestamp '{first_day + timedelta(days=days)}'
        order by day_no, event_no, flaw
        """
    )


def _events_per_active_day(
    con: duckdb.DuckDBPyConnection, first_day: date, days: int, events: int
) -> float:
    """Find the number of events an average user makes on an active day.

    Args:
        con: The connection with the plans.
        first_day: Day number 0.
        days: Number of days.
        events: Wanted number of events in all.

    Returns:
        The factor for each user's volume; 0 when the planned events are already enough.
    """
    pace = [
        WEEKEND_PACE if (first_day + timedelta(days=d)).weekday() > 4 else 1.0 for d in range(days)
    ]
    so_far = [math.fsum(pace[:d]) for d in range(days + 1)]
    con.execute("create temp table pace_so_far (day_no integer, pace double)")
    con.executemany("insert into pace_so_far values (?, ?)", list(enumerate(so_far)))
    found = con.execute(
        """
        select
            sum(
                volume * (pace_first + pace_last) / 2
                * greatest(0, after_last.pace - before_first.pace)
            ),
            (select count(*) from planned)
        from people
        inner join pace_so_far as before_first
            on greatest(people.first_day, 0) = before_first.day_no
        inner join pace_so_far as after_last on people.last_day + 1 = after_last.day_no
        """
    ).fetchone()
    expected, planned = found if found else (0.0, 0)
    copies = 1 + FLAWS["duplicate"][1] / 100_000
    return max(0.0, events / copies - planned) / expected if expected else 0.0


def _flaw_sql() -> str:
    """Give the SQL that turns ``luck`` (0 to 99,999) into a flaw code."""
    whens, limit = [], 0
    for code, share in FLAWS.values():
        limit += share
        whens.append(f"when luck < {limit} then {code}")
    # The usual case first: the others are then looked at for few rows.
    return f"case when luck >= {limit} then 0 {' '.join(whens)} end"


def _day_sql(first_day: date, days: int, day: int, scale: float, seed: int) -> str:
    """Give the query for the events of one day, in a total order.

    Args:
        first_day: Day number 0.
        days: Number of days.
        day: Day number.
        scale: Events of an average user on an active day.
        seed: The seed.

    Returns:
        A select of the columns of the events table.
    """
    today = first_day + timedelta(days=day)
    pace = WEEKEND_PACE if today.weekday() > 4 else 1.0
    midnight_us = (today - date(1970, 1, 1)).days * 86_400_000_000
    # What has not been received six hours after the last day is not in the export.
    cut_off = datetime.combine(first_day + timedelta(days=days), time(6))
    code = {name: number for name, (number, _) in FLAWS.items()}
    return f"""
    with
    active as (
        select *, hash(user_no, {day}, {seed}) as h
        from people
        where
            first_day <= {day} and last_day >= {day}
            and hash(user_no, {day}, {seed}) % 10000 < 10000 * {pace} * (
                pace_first
                + (pace_last - pace_first) * ({day} - first_day) / greatest(last_day - first_day, 1)
            )
    ),
    ordinary as (
        select
            user_id, anonymous_id, workspace_id, mix, offset_hours, h,
            unnest(range(greatest(is_sure, cast(floor(
                volume * {scale!r} * (0.4 + 1.2 * (h // 10000 % 10000) / 10000)
                + (h // 100000000 % 10000) / 10000
            ) as bigint)))) as number
        from active
    ),
    hashed as (
        select *, hash(h, number) as e from ordinary
    ),
    -- One hash is cut into independent numbers: slot, luck, two for the hour, one for its kind.
    sliced as (
        select
            *, cast(e % 1000 as integer) as thousandth,
            cast(e // 1000 % 100000 as integer) as luck,
            cast(e // 100000000 % 10000 as integer) as first_draw,
            cast(e // 1000000000000 % 10000 as integer) as second_draw
        from hashed
    ),
    drawn as (
        select
            sliced.e, mix_slots.event_name, sliced.user_id, sliced.anonymous_id,
            sliced.workspace_id,
            case
                when mix_slots.tail is null then mix_slots.head
                else mix_slots.head || cast(sliced.second_draw % 997 as text) || mix_slots.tail
            end as properties,
            {_flaw_sql()} as flaw,
            {midnight_us} + 1000 * cast(sliced.thousandth as bigint) + 1000000 * cast((
                case
                    when sliced.thousandth % 12 = 0 then cast(sliced.first_draw * 8.64 as integer)
                    else 28800 + 9 * (sliced.first_draw + sliced.second_draw) // 5
                end - 3600 * sliced.offset_hours + 172800
            ) % 86400 as bigint) as at_us,
            sliced.luck % 5000 as delay_ms
        from sliced
        inner join mix_slots on sliced.mix * {MIX_SLOTS} + sliced.thousandth = mix_slots.slot
    ),
    told as (
        select
            hash(event_no, {seed}, 1) as e, event_name, user_id, anonymous_id, workspace_id,
            properties,
            case
                when flaw = 0 and hash(event_no, {seed}, 1) % 100 = 7 then {code["duplicate"]}
                else flaw
            end as flaw,
            epoch_us(occurred_at) as at_us, 0 as delay_ms
        from planned
        where day_no = {day}
    ),
    once as (
        select *, 0 as copy from drawn
        union all
        select *, 0 as copy from told
    ),
    rows_of_day as (
        select * from once
        union all
        select * replace (1 as copy) from once where flaw = {code["duplicate"]}
    ),
    flawed as (
        select
            case when flaw != {code["no_id"]} then 'evt_' || to_hex(e) end as event_id,
            case when flaw != {code["no_name"]} then event_name end as event_name,
            case
                when flaw = 0 then make_timestamp(at_us)
                when flaw = {code["no_time"]} then null
                when flaw = {code["future"]} then timestamp '2099-12-31 23:59:59'
                when flaw = {code["ancient"]} then timestamp '1998-05-17 03:00:00'
                else make_timestamp(at_us)
            end as occurred_at,
            make_timestamp(cast(
                at_us + 1000 * delay_ms
                + case
                    when flaw = 0 then 0
                    when flaw = {code["late"]} then 86400000000 + 1000000 * (e % 172800)
                    when flaw = {RESENT} then 60000000
                    else 0
                end
                + case when copy = 1 then 60000000 * (1 + e % 2000) else 0 end
            as bigint)) as received_at,
            case
                when flaw = {code["no_actor"]} then null
                when flaw = {code["orphan"]} then 'u_gone_' || cast(e % 50 as text)
                when
                    event_name = 'page_viewed' and user_id is not null and delay_ms > 0
                    and e // 1000000 % 100 < {PAGE_VIEWS_ANONYMOUS_PERCENT} then null
                else user_id
            end as user_id,
            case
                when flaw in ({code["no_actor"]}, {code["orphan"]})
                    or event_name in ('api_request_made', 'deploy_from_ci') then null
                else anonymous_id
            end as anonymous_id,
            case when event_name != 'page_viewed' then workspace_id end as workspace_id,
            case
                when flaw = 0 then properties
                when flaw = {code["properties_broken"]} then '{{"rows": '
                when flaw = {code["properties_list"]} then '[1, 2, 3]'
                else properties
            end as properties,
            at_us, e, copy, flaw
        from rows_of_day
    )
    select
        event_id, event_name, occurred_at, received_at, user_id, anonymous_id, workspace_id,
        properties
    from flawed
    where received_at < timestamp '{cut_off}'
    order by at_us, e, copy, flaw
    """


def _write_events(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    first_day: date,
    days: int,
    events: int,
    seed: int,
    on_progress: Progress,
) -> int:
    """Write one Parquet file a day, in the partition of the day on which the events happened.

    Args:
        con: The connection with the plans.
        folder: The folder of the events table.
        first_day: Day number 0.
        days: Number of days.
        events: Wanted number of events in all.
        seed: The seed.
        on_progress: Told about every tenth of the days.

    Returns:
        Rows written.
    """
    scale = _events_per_active_day(con, first_day, days, events)

    def write_day(day: int) -> int:
        partition = folder / f"event_date={first_day + timedelta(days=day)}"
        partition.mkdir(parents=True)
        with con.cursor() as cursor:
            found = cursor.execute(
                f"copy ({_day_sql(first_day, days, day, scale, seed)}) "
                f"to {_literal(partition / 'part-0.parquet')} (format parquet, compression zstd)"
            ).fetchone()
        return int(found[0]) if found else 0

    # A day is too small to keep all processors busy, so a few days are made side by side.
    written = 0
    with ThreadPoolExecutor(DAYS_AT_ONCE) as pool:
        for day, rows in enumerate(pool.map(write_day, range(days))):
            written += rows
            if (day + 1) * 10 // days > day * 10 // days:
                on_progress(f"events: day {day + 1} of {days}, {written:,} rows")
    return written


def _write_usage_meters(
    con: duckdb.DuckDBPyConnection, work: Path, folder: Path, first_day: date, days: int, seed: int
) -> int:
    """Write the meters: weekly first, daily in the last 30 days, as a flat folder of two files.

    Args:
        con: The connection.
        work: Folder with the plans.
        folder: The folder of the usage_meters table.
        first_day: Day number 0.
        days: Number of days.
        seed: The seed.

    Returns:
        Rows written.
    """
    folder.mkdir()
    last = days - 1
    plan = _read_plan(work / "plan_workspaces.csv", PLAN_WORKSPACES)
    query = f"""
        with measured as (
            select
                workspace_id, meter, cast(date '{first_day}' + cast(day_no as integer) as date)
                    as measured_on,
                users, utilisation, is_paid, day_no,
                0.35 + 0.65 * (day_no - first_day) / greatest({last} - first_day, 1)
                    - 0.02 * (hash(workspace_no, day_no, meter, {seed}) % 100) / 100 as growth
            from {plan}
            cross join range({days}) as calendar (day_no)
            cross join (values ('seats'), ('storage'), ('api_calls')) as meters (meter)
            where
                day_no >= first_day
                and (day_no > {last} - 30 or ({last} - day_no) % 7 = 0)
        )
        select
            workspace_id, meter, measured_on,
            cast(case meter
                when 'seats' then ceil(users * least(growth, 1))
                when 'storage' then round(50 * utilisation * growth, 2)
                else round(10000 * utilisation * 0.7 * growth)
            end as double) as used_quantity,
            cast(case
                when meter = 'seats' then users * 2 + 5
                when meter = 'storage' then 50
                when not is_paid then 10000
            end as double) as limit_quantity
        from measured
    """
    # Nothing is missing from the columns' types here: this table shows only typed flaws.
    flawed = f"""
        values
            (null, 'seats', date '{first_day}', 1.0, 5.0),
            ('ws_flawed_4', null, date '{first_day}', 1.0, 5.0),
            ('ws_flawed_4', 'seats', null, 1.0, 5.0),
            ('ws_flawed_4', 'seats', date '{first_day}', null, 5.0),
            ('ws_flawed_4', 'seats', date '{first_day}', -3.0, 5.0),
            ('ws_flawed_4', 'seats', date '2099-01-01', 1.0, 5.0),
            ('ws_flawed_4', 'seats', date '1998-05-17', 1.0, 5.0),
            ('ws_flawed_4', 'storage', date '{first_day}', 2.0, 5.0),
            ('ws_flawed_4', 'storage', date '{first_day}', 2.0, 5.0)
    """
    cut = f"date '{first_day + timedelta(days=last - 30)}'"
    parts = (
        f"select * from ({query}) where measured_on <= {cut}",
        f"select * from ({query}) where measured_on > {cut} union all ({flawed})",
    )
    written = 0
    for number, part in enumerate(parts):
        found = con.execute(
            f"copy (select * from ({part}) order by all) "
            f"to {_literal(folder / f'part-{number}.parquet')} (format parquet, compression zstd)"
        ).fetchone()
        written += int(found[0]) if found else 0
    return written


def _write_parquet_tables(con: duckdb.DuckDBPyConnection, work: Path, raw: Path) -> None:
    """Turn the staged CSV files of Parquet tables into Parquet."""
    for name, target in TABLE_FILES.items():
        if not target.endswith(".parquet"):
            continue
        columns = ", ".join(
            f"cast({c} as {PARQUET_TYPES.get(c, 'varchar')}) as {c}" for c in TABLE_COLUMNS[name]
        )
        types = ", ".join(f"'{c}': 'varchar'" for c in TABLE_COLUMNS[name])
        con.execute(
            f"copy (select {columns} from read_csv({_literal(work / f'{name}.csv')}, "
            f"header = true, columns = {{{types}}}, auto_detect = false, delim = ',', "
            "quote = '\"', escape = '\"', parallel = false)) "
            f"to {_literal(raw / target)} (format parquet, compression zstd)"
        )


# ---------------------------------------------------------------------------------------
# The verb


def _check_arguments(out: Path, events: int, accounts: int, days: int) -> None:
    """Refuse what cannot be generated.

    Raises:
        InputError: A number is too small, or ``out`` already holds something.
    """
    if accounts < MINIMUM_ACCOUNTS:
        raise InputError(f"{accounts} is fewer than {MINIMUM_ACCOUNTS} accounts", "accounts")
    if days < MINIMUM_DAYS:
        raise InputError(f"{days} is fewer than {MINIMUM_DAYS} days", "days")
    if events < 0:
        raise InputError("the number of events is negative", "events")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError("there is something already", str(out), "name a new or an empty folder")


def generate(
    out: Path,
    *,
    events: int = 200_000,
    accounts: int = 300,
    days: int = 240,
    seed: int = 7,
    last_day: date = date(2026, 6, 30),
    on_progress: Progress | None = None,
) -> GeneratedCompany:
    """Write a sample company's thirteen raw tables and, beside them, the planted truth.

    The folder appears whole at the end; until then the work is done in ``<out>.partial``.
    Every event lies in the partition of the day on which it happened, late ones too.

    Args:
        out: The raw folder; must not exist or be empty.
        events: About how many events in all; never fewer than the stories need (about ten
            a user).
        accounts: How many accounts use the product, at least 20; about eight users each.
        days: How many days of events, at least 60.
        seed: Another seed gives another company.
        last_day: The last day with events.
        on_progress: Called with one line of text now and then.

    Returns:
        The counts and paths.

    Raises:
        InputError: A number is too small, ``out`` is not empty, or the disk is full.
    """
    out = out.resolve()
    _check_arguments(out, events, accounts, days)
    partial = out.with_name(out.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        company = _generate_into(
            partial, events, accounts, days, seed, last_day, on_progress or (lambda _: None)
        )
        truth_file = out.parent / TRUTH_FILE
        company.truth_file.replace(truth_file)
        if out.exists():
            out.rmdir()
        company.raw_folder.replace(out)
    except duckdb.IOException as error:
        raise InputError(f"cannot be written ({error})", str(out), "make room") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return replace(company, raw_folder=out, truth_file=truth_file)


def _generate_into(
    folder: Path,
    events: int,
    accounts: int,
    days: int,
    seed: int,
    last_day: date,
    on_progress: Progress,
) -> GeneratedCompany:
    """Write the raw tables to ``folder/raw`` and the truth to ``folder/work``.

    Args:
        folder: A folder that does not exist.
        events: Wanted number of events.
        accounts: Number of accounts.
        days: Number of days.
        seed: The seed.
        last_day: The last day.
        on_progress: Called with one line of text now and then.

    Returns:
        The counts, with the paths inside the folder.
    """
    first_day = last_day - timedelta(days=days - 1)
    raw, work = folder / "raw", folder / "work"
    raw.mkdir(parents=True)
    work.mkdir()

    on_progress(f"planning {accounts:,} accounts")
    writer = _Writer(work, raw, first_day, days)
    _plan_company(writer, work / TRUTH_FILE, accounts, seed, on_progress)
    writer.close()
    rows = {name: table.rows for name, table in writer.tables.items()}

    with duckdb.connect() as con:
        con.execute(f"set temp_directory = {_literal(work / 'spill')}")
        _write_parquet_tables(con, work, raw)
        rows["usage_meters"] = _write_usage_meters(
            con, work, raw / "usage_meters", first_day, days, seed
        )
        _load_plans(con, work, first_day, days, seed)
        rows["events"] = _write_events(
            con, raw / "events", first_day, days, events, seed, on_progress
        )
    return GeneratedCompany(
        raw_folder=raw,
        truth_file=work / TRUTH_FILE,
        first_day=first_day,
        last_day=last_day,
        accounts=accounts,
        users=writer.users,
        rows=dict(sorted(rows.items())),
    )
