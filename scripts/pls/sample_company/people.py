"""Signing people up: who they are, when they come, how much they use the product."""

from __future__ import annotations

import zlib
from random import Random

from pls.sample_company.accounts import Account, Person
from pls.sample_company.archetypes import GROWING, Archetype
from pls.sample_company.names import (
    DISPOSABLE_MAIL,
    FIRST_NAMES,
    FREE_MAIL,
    HOSTILE_NAMES,
    JOBS,
    LAST_NAMES,
    LEADING_JOBS,
    MAIL_HOSTS,
    SIGNUP_SOURCES,
    UTC_OFFSET_HOURS,
)
from pls.sample_company.plans import Writer, write_person


def plan_people(account: Account, writer: Writer) -> None:
    """Sign up an account's users and write them.

    Args:
        account: An account without people; gets them.
        writer: Where to.
    """
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
        person = Person(
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
        write_person(writer, person, is_sure=archetype.expected_tier in (1, 2))
        writer.tables["users"].add(
            person.user_id, email, created_at, full_name, title, department,
            rng.choice(SIGNUP_SOURCES), account.country if rng.random() < 0.9 else "US",
            archetype.name == "opted_out" or rng.random() < 0.02,
        )  # fmt: skip


def _job(account: Account, position: int) -> tuple[str | None, str | None, str]:
    """Give the title, department and event mix of the nth user of an account."""
    rng, archetype = account.rng, account.archetype
    if archetype.name == "solo_hobbyist":
        return rng.choice((None, None, "Student", "Freelance Designer")), None, "hobbyist"
    is_leading = position < len(LEADING_JOBS) and account.users >= 5 and account.domain
    title, department, mix = LEADING_JOBS[position] if is_leading else rng.choice(JOBS)
    if rng.random() < archetype.premium or (position == 0 and archetype.premium >= 0.3):
        mix = f"premium_{mix}"
    return (
        title if is_leading or rng.random() < 0.85 else None,
        department if is_leading or rng.random() < 0.6 else None,
        mix,
    )


def _email(account: Account, position: int, user_no: int, full_name: str) -> str | None:
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


def _created_day(account: Account, position: int) -> int:
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


def _last_use_day(account: Account, position: int, created_day: int) -> int:
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


def _workspace_of(account: Account, position: int, writer: Writer) -> str:
    """Give the workspace a user works in: their own company's, or a guest's place elsewhere."""
    if account.users >= 10 and account.domain:
        writer.host_workspace = account.workspaces[0]
    is_guest = account.archetype.name == "smb_team" and position == 2 and account.number % 4 == 0
    if is_guest and writer.host_workspace:
        return writer.host_workspace
    return account.workspaces[position % len(account.workspaces)]


def _pace(account: Account, position: int) -> tuple[float, float]:
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
