"""The whole company: every account with its rows, our own staff, prospects, the truth."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from random import Random

from pls.sample_company import Progress
from pls.sample_company.accounts import Account, Person, plan_account
from pls.sample_company.archetypes import ARCHETYPES, archetypes_of
from pls.sample_company.flaws import write_flawed_rows
from pls.sample_company.names import FUNDING_STAGES, HOSTILE_NAMES, NAMED_DOMAINS
from pls.sample_company.people import plan_people
from pls.sample_company.plans import Writer, write_person
from pls.sample_company.sales import (
    SEAT_PRICE_USD,
    write_activity,
    write_crm_account,
    write_lead,
    write_opportunity,
)
from pls.sample_company.stories import STORIES, collaborate
from pls.sample_company.tables import TableFile

TRUTH_COLUMNS = ("account_id", "archetype", "why", "expected_tier", "max_grade", "user_id")


def plan_company(
    writer: Writer, truth_file: Path, accounts: int, seed: int, on_progress: Progress
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
    truth = TableFile(truth_file, TRUTH_COLUMNS)
    for number, archetype in enumerate(archetypes_of(accounts, seed)):
        if number and number % 10_000 == 0:
            on_progress(f"planned {number:,} of {accounts:,} accounts")
        account = plan_account(number, archetype, named[archetype.name], seed, writer.last)
        plan_people(account, writer)
        _write_company(account, writer)
        _write_workspaces(account, writer)
        collaborate(account, writer)
        STORIES[archetype.name](account, writer)
        _write_opinions(account, writer)
        truth.add(
            account.account_id, archetype.name, archetype.why, archetype.expected_tier,
            archetype.max_grade, account.people[0].user_id,
        )  # fmt: skip
    truth.close()
    _write_staff(writer, seed)
    _write_prospects(accounts, writer, seed)
    write_flawed_rows(writer)


def _write_company(account: Account, writer: Writer) -> None:
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


def _write_workspaces(account: Account, writer: Writer) -> None:
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


def _write_opinions(account: Account, writer: Writer) -> None:
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


def _write_staff(writer: Writer, seed: int) -> None:
    """Write our own people, who use the product too and must never be scored."""
    rng = Random(f"{seed}/staff")
    workspace_id = "ws_staff_1"
    first = None
    for number in range(1, 8):
        user_no = writer.users + number
        email = f"staff{number}@example.com" if number < 7 else "robot@builds.test"
        person = Person(
            user_no, f"u_staff_{number}", email, workspace_id, f"anon_staff_{number}",
            writer.at(number, rng), number, writer.last, (0.7, 0.7), 1.5, "premium_builder",
            1800, 0,
        )  # fmt: skip
        first = first or person
        write_person(writer, person, is_sure=False)
        writer.tables["users"].add(
            person.user_id, email, person.created_at, f"Staff {number}", "Product Manager",
            "Product", "internal", "US", False,
        )  # fmt: skip
        for day in range(writer.last - 9, writer.last):
            writer.event(person, day, rng, "page_viewed", {"path": "/pricing"})
    if first is not None:
        writer.tables["workspaces"].add(workspace_id, "Our own", first.created_at, first.user_id)


def _write_prospects(accounts: int, writer: Writer, seed: int) -> None:
    """Write companies that sales found without the product: the outbound and MQL baseline.

    Args:
        accounts: Number of product accounts; one prospect for every eight.
        writer: Where to.
        seed: The seed.
    """
    for number in range(max(3, accounts // 8)):
        account = plan_account(1_000_000 + number, ARCHETYPES[1], iter(()), seed, writer.last)
        rng = account.rng
        opened = rng.randint(0, writer.last - 10)
        length = rng.randint(50, 90)
        closed = opened + length if opened + length < writer.last else None
        source = "mql" if number % 3 == 0 else "outbound"
        is_won = None if closed is None else rng.random() < 0.25
        amount = account.employees * SEAT_PRICE_USD["team"] * 12 * 0.15
        owner = write_crm_account(account, writer, opened - 5)
        key = write_opportunity(account, writer, opened, source, "new", amount, closed, is_won)
        write_activity(account, writer, owner, opened - 4, "email", "outbound", "replied")
        write_activity(account, writer, owner, opened + 10, "call", "outbound", "no_response")
        _write_company(account, writer)
        if source == "mql":
            write_lead(account, writer, opened - 12, "ebook", key)
        if is_won and closed is not None:
            writer.tables["subscriptions"].add(
                writer.next_id("sub"), None, None, account.domain, "business",
                max(5, account.employees // 10), round(amount / 12, 2), writer.at(closed, rng),
                None,
            )  # fmt: skip
