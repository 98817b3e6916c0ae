"""What an account is, and how it is planned before anybody signs up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from pls.sample_company.archetypes import Archetype
from pls.sample_company.names import (
    ADJECTIVES,
    COUNTRIES,
    ICP_INDUSTRIES,
    NOUNS,
    OTHER_INDUSTRIES,
    TOP_LEVEL,
)


@dataclass(frozen=True)
class Person:
    """A user and how they use the product; days are counted from the first day.

    Attributes:
        user_no: Number of the user; the hashes that draw their events start from it.
        user_id: The user's id.
        email: Their address, or None.
        workspace_id: Where they work.
        anonymous_id: Id of their device; a few people share one.
        created_at: When they signed up, UTC.
        created_day: The day of that.
        last_day: The last day on which they may use the product.
        pace: Chance of working with the product on a working day, first and last.
        volume: Events per active day, relative to other people.
        mix: Which events they make on an ordinary day.
        activation_seconds: Seconds from sign-up to the first published dashboard, or None.
        offset_hours: Hours that their local time is ahead of UTC.
    """

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
class Account:
    """An account while its story is told; days are counted from the first day.

    Attributes:
        number: Number of the account.
        archetype: What it is like.
        rng: Its own random generator.
        domain: The company's domain, or None for people without a company.
        name: The company's name, or empty.
        country: Country code.
        industry: The company's industry.
        employees: The company's employees.
        signup_day: The day on which the first user signs up.
        end_day: The last day on which anybody uses the product.
        users: Number of users.
        workspaces: Ids of its workspaces.
        people: Its users; empty until they are signed up.
    """

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
    people: list[Person] = field(default_factory=list)

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

    def present(self, day: int) -> list[Person]:
        """Give the people who had signed up before a day, at least the first one.

        Args:
            day: Day number.

        Returns:
            The people, the first one first.
        """
        return [p for p in self.people if p.created_day < day] or self.people[:1]


def _domain(number: int, rng: Random) -> str:
    """Make a business domain that no other account has."""
    pairs = len(ADJECTIVES) * len(NOUNS)
    # 37 and the number of pairs have no common factor: no pair twice in one round.
    index = number * 37 % pairs
    name = ADJECTIVES[index % len(ADJECTIVES)] + NOUNS[index // len(ADJECTIVES)]
    suffix = str(number // pairs + 1) if number >= pairs else ""
    return f"{name}data{suffix}{rng.choice(TOP_LEVEL)}"


def plan_account(
    number: int, archetype: Archetype, named: Iterator[str], seed: int, last: int
) -> Account:
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
    return Account(
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
