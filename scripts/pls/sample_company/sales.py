"""What sales and billing know of an account: subscriptions and the CRM."""

from __future__ import annotations

from datetime import datetime, timedelta

from pls.sample_company.accounts import Account
from pls.sample_company.plans import Writer

SEAT_PRICE_USD = {"free": 0.0, "team": 15.0, "business": 30.0, "enterprise": 60.0}
"""Price of a seat for a month."""

REPS = ("rep_01", "rep_02", "rep_03", "rep_04", "rep_05", "rep_06")
REGIONS = {"US": "NA", "CA": "NA", "BR": "LATAM", "AU": "APAC", "IN": "APAC", "JP": "APAC"}


def free_then(account: Account, writer: Writer, *steps: tuple[str, int, int]) -> None:
    """Write the free plan and the paid plans after it.

    Args:
        account: The account, with its people.
        writer: Where to.
        steps: Plan, first day, seats; the plan ``free`` with a later day is a downgrade.
    """
    start, plan, seats = account.people[0].created_at, "free", account.users
    for next_plan, day, next_seats in steps:
        change = max(writer.at(day, account.rng), start + timedelta(hours=1))
        _write_subscription(account, writer, plan, start, change, seats)
        start, plan, seats = change, next_plan, next_seats
    _write_subscription(account, writer, plan, start, None, seats)


def write_crm_account(account: Account, writer: Writer, day: int) -> str:
    """Write the account into the CRM.

    Args:
        account: The account; needs no people.
        writer: Where to.
        day: Day number of its creation there.

    Returns:
        The sales person who owns it.
    """
    owner = account.rng.choice(REPS)
    writer.tables["crm_accounts"].add(
        account.crm_id, account.name, account.domain, owner,
        REGIONS.get(account.country, "EMEA"), writer.at(day, account.rng),
    )  # fmt: skip
    return owner


def write_activity(
    account: Account, writer: Writer, owner: str, day: int, kind: str, direction: str,
    outcome: str | None,
) -> None:  # fmt: skip
    """Write one contact with the account's first user who has an address.

    Args:
        account: The account; without people the contact stays empty.
        writer: Where to.
        owner: The sales person.
        day: Day number.
        kind: Activity type, such as ``email``.
        direction: ``inbound`` or ``outbound``.
        outcome: What came of it, or None.
    """
    contact = next((p.email for p in account.people if p.email), None)
    writer.tables["crm_activities"].add(
        writer.next_id("act"), account.crm_id,
        account.domain if account.rng.random() < 0.7 else None, contact, kind, direction,
        writer.at(day, account.rng), owner, outcome,
    )  # fmt: skip


def write_opportunity(
    account: Account, writer: Writer, day: int, source: str, kind: str, amount: float,
    closed_day: int | None, is_won: bool | None,
) -> str:  # fmt: skip
    """Write one opportunity, with the account executive's notes when it is closed.

    Args:
        account: The account; needs no people.
        writer: Where to.
        day: Day number of its creation.
        source: Where it came from, such as ``pql``.
        kind: ``new`` or ``expansion``.
        amount: USD a year.
        closed_day: Day number, or None while it is open.
        is_won: How it was closed, or None.

    Returns:
        The id of the opportunity.
    """
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


def write_lead(
    account: Account, writer: Writer, day: int, source: str, opportunity: str | None
) -> None:
    """Write a marketing lead for the account's first user, or its info address without people.

    Args:
        account: The account.
        writer: Where to.
        day: Day number of its creation.
        source: Lead source, such as ``ebook``.
        opportunity: Id of the opportunity it became, or None.
    """
    email = account.people[0].email if account.people else f"info@{account.domain}"
    created = writer.at(day, account.rng)
    became = created + timedelta(days=account.rng.randint(1, 10)) if opportunity else None
    converted = became + timedelta(days=2) if became else None
    writer.tables["crm_leads"].add(
        writer.next_id("lead"), email, created, source, became, converted, opportunity
    )


def _write_subscription(
    account: Account, writer: Writer, plan: str, start: datetime, end: datetime | None, seats: int
) -> None:
    """Write one subscription of the account's first workspace; MRR in USD a month."""
    writer.tables["subscriptions"].add(
        writer.next_id("sub"), account.workspaces[0], account.people[0].user_id, account.domain,
        plan, seats, round(seats * SEAT_PRICE_USD[plan], 2), start, end,
    )  # fmt: skip
