"""What each archetype does beside its daily work."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from pls.sample_company.accounts import Account, Person
from pls.sample_company.plans import Writer
from pls.sample_company.sales import (
    SEAT_PRICE_USD,
    free_then,
    write_activity,
    write_crm_account,
    write_lead,
    write_opportunity,
)


def collaborate(account: Account, writer: Writer) -> None:
    """Send invitations and connect integrations, spread over the account's life.

    Args:
        account: The account, with its people.
        writer: Where to.
    """
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


def _views(
    account: Account, writer: Writer, person: Person, path: str, days: Iterable[int]
) -> None:
    """Let a person look at a page of the site; some views come without a login."""
    for day in days:
        is_anonymous = account.rng.random() < 0.3
        writer.event(
            person, day, account.rng, "page_viewed", {"path": path}, anonymous=is_anonymous
        )


def _show_intent(account: Account, writer: Writer, day: int, level: int) -> None:
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


def _tell_enterprise_ready(account: Account, writer: Writer) -> None:
    _show_intent(account, writer, writer.last, 3)
    admin = account.present(writer.last)[min(4, len(account.people) - 1)]
    writer.event(admin, writer.last - 2, account.rng, "workspace_settings_changed")
    free_then(account, writer)
    if account.number % 2:
        write_crm_account(account, writer, account.signup_day + 20)


def _tell_mid_market_growing(account: Account, writer: Writer) -> None:
    _show_intent(account, writer, writer.last - account.rng.randint(1, 6), 2)
    free_then(account, writer)
    if account.rng.random() < 0.3:
        write_lead(account, writer, account.signup_day + 2, "webinar", None)


def _tell_smb_team(account: Account, writer: Writer) -> None:
    rng = account.rng
    if rng.random() < 0.35:
        _show_intent(account, writer, account.end_day - rng.randint(1, 20), 1)
    if rng.random() < 0.12:
        day = account.end_day - rng.randint(2, 15)
        writer.event(account.people[0], day, rng, "upgrade_started", {"plan": "team"})
    if rng.random() < 0.1:
        write_lead(account, writer, account.signup_day, "ebook", None)
    free_then(account, writer)


def _tell_quiet_story(account: Account, writer: Writer) -> None:
    free_then(account, writer)


def _tell_converting(account: Account, writer: Writer) -> None:
    person = account.people[0]
    _show_intent(account, writer, writer.last - 1, 2)
    _views(account, writer, person, "/pricing", [writer.last])
    writer.event(person, writer.last, account.rng, "upgrade_started", {"plan": "team"})
    free_then(account, writer)


def _tell_self_serve_converted(account: Account, writer: Writer) -> None:
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
    free_then(account, writer, ("team", moment, max(3, len(account.present(moment)))))


def _tell_churning(account: Account, writer: Writer) -> None:
    rng = account.rng
    paid = account.signup_day + 20
    ended = writer.last - rng.randint(1, 8)
    free_then(account, writer, ("team", paid, account.users), ("free", ended, account.users))
    writer.tables["support_tickets"].add(
        writer.next_id("ticket"), account.people[0].user_id, writer.at(ended - 3, rng), "billing"
    )


def _tell_churned(account: Account, writer: Writer) -> None:
    if account.number % 3:
        free_then(account, writer)
        return
    paid = min(account.signup_day + 15, account.end_day - 2)
    ended = account.end_day + account.rng.randint(1, 10)
    free_then(account, writer, ("team", paid, account.users), ("free", ended, account.users))


def _sales_process(account: Account, writer: Writer, *, is_won: bool) -> None:
    """Tell a whole sales process, from the first mail to the decision."""
    rng = account.rng
    opened = rng.randint(min(account.signup_day + 25, writer.last - 32), writer.last - 31)
    source = rng.choices(("pql", "mql", "inbound", "outbound"), (70, 12, 10, 8))[0]
    length = rng.randint(14, 28) if source == "pql" else rng.randint(24, 30)
    closed = min(opened + length, writer.last - 2)
    _show_intent(account, writer, opened - 3, 3 if rng.random() < 0.6 else 2)
    owner = write_crm_account(account, writer, opened - 2)
    write_activity(account, writer, owner, opened - 2, "email", "outbound", "replied")
    write_activity(account, writer, owner, opened - 1, "email", "inbound", None)
    write_activity(account, writer, owner, opened + 4, "meeting", "outbound", "meeting_booked")
    last_outcome = "replied" if is_won else "no_response"
    write_activity(account, writer, owner, closed - 2, "call", "outbound", last_outcome)
    plan = "enterprise" if account.employees >= 500 else "business"
    amount = account.users * 2 * SEAT_PRICE_USD[plan] * 12 * (1.2 if source == "pql" else 1.0)
    key = write_opportunity(account, writer, opened, source, "new", amount, closed, is_won)
    if source == "mql":
        write_lead(account, writer, opened - 14, "webinar", key)
    if is_won:
        free_then(account, writer, (plan, closed, account.users * 2))
    else:
        free_then(account, writer)


def _tell_sales_touched_won(account: Account, writer: Writer) -> None:
    _sales_process(account, writer, is_won=True)


def _tell_sales_touched_lost(account: Account, writer: Writer) -> None:
    _sales_process(account, writer, is_won=False)


def _tell_backed_off(account: Account, writer: Writer) -> None:
    touch = writer.last - account.rng.randint(9, 18)
    _show_intent(account, writer, touch - 2, 2)
    owner = write_crm_account(account, writer, touch - 1)
    write_activity(account, writer, owner, touch, "email", "outbound", "no_response")
    free_then(account, writer)


def _tell_opted_out(account: Account, writer: Writer) -> None:
    _show_intent(account, writer, writer.last - 4, 2)
    if account.number % 2:
        owner = write_crm_account(account, writer, writer.last - 30)
        write_activity(
            account, writer, owner, writer.last - 25, "email", "outbound", "unsubscribed"
        )
    free_then(account, writer)


def _tell_hand_raiser_small(account: Account, writer: Writer) -> None:
    rng, person = account.rng, account.people[0]
    day = writer.last - rng.randint(0, 3)
    _views(account, writer, person, "/pricing", [day])
    writer.event(person, day, rng, "contact_sales_submitted", {"seats": 5})
    writer.event(person, day - 1, rng, "billing_chat_opened")
    writer.tables["support_tickets"].add(
        writer.next_id("ticket"), person.user_id, writer.at(day, rng), "plans"
    )
    free_then(account, writer)


def _tell_paying_expanding(account: Account, writer: Writer) -> None:
    rng = account.rng
    person = account.people[0]
    first_paid = account.signup_day + 20
    grown = max(first_paid + 20, writer.last - rng.randint(12, 60))
    _show_intent(account, writer, writer.last - 2, 2)
    writer.event(person, grown, rng, "sso_configured", {"provider": "okta"})
    owner = write_crm_account(account, writer, first_paid)
    write_activity(account, writer, owner, grown - 15, "meeting", "outbound", "meeting_booked")
    seats = max(5, account.users // 2)
    amount = account.users * SEAT_PRICE_USD["business"] * 12
    if account.number % 2:
        write_opportunity(account, writer, grown - 20, "pql", "expansion", amount, grown, True)
        free_then(account, writer, ("team", first_paid, seats), ("business", grown, account.users))
    else:
        write_opportunity(account, writer, writer.last - 9, "pql", "expansion", amount, None, None)
        free_then(account, writer, ("team", first_paid, seats))


STORIES: Mapping[str, Callable[[Account, Writer], None]] = {
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
