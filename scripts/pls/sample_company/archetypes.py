"""The cast: kinds of accounts, and what the scores must say about each."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


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


def archetypes_of(accounts: int, seed: int) -> list[Archetype]:
    """Give each account an archetype: every one at least once, in a shuffled order.

    Args:
        accounts: Number of accounts, at least one per archetype.
        seed: The seed of the shuffle.

    Returns:
        One archetype per account.
    """
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
