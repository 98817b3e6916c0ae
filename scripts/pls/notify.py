"""`pls notify`: pressing triggers to a webhook, each once for each destination.

A ledger beside the published file remembers what was delivered where. A trigger is written
down as soon as the receiver has said yes; every message carries an Idempotency-Key, so that
a receiver can tell a repetition where that yes was lost on the way.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pls.errors import InputError
from pls.lock import hold
from pls.paths import Store
from pls.published import Row, last_build, open_published, rows

URL_VARIABLE = "PLS_WEBHOOK_URL"
"""Where the address may come from: it is a secret, for who has it can write to the channel."""

TOKEN_VARIABLE = "PLS_WEBHOOK_TOKEN"  # noqa: S105 - the name of a variable
"""Where a bearer token may come from."""

ATTEMPTS = 5
"""Times that a message is tried."""

LONGEST_PAUSE = 60.0
"""Seconds waited at most before a message is tried again, whatever the receiver asks for."""

TIMEOUT = 15.0
"""Seconds a receiver has to answer."""

DAYS = 3
"""Days back from the as-of date whose triggers are still news."""


@dataclass(frozen=True)
class Webhook:
    """A destination.

    Attributes:
        url: Its address; never shown.
        token: A bearer token, or empty; never shown.
        pause: Seconds before the second attempt; doubled before each further one.
        timeout: Seconds it has to answer.
    """

    url: str
    token: str = ""
    pause: float = 1.0
    timeout: float = TIMEOUT

    @property
    def shown(self) -> str:
        """What messages call it: the host alone."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.hostname or ''}/..."

    @property
    def name(self) -> str:
        """What the ledger calls it: a hash, which tells nobody the address."""
        return hashlib.sha256(self.url.encode()).hexdigest()[:16]


def find_webhook(url: str | None) -> Webhook:
    """Take the destination from the command line or the environment.

    Args:
        url: What `--url` says, if given.

    Returns:
        The destination.

    Raises:
        InputError: There is none, or it is no http(s) address.
    """
    address = (url or os.environ.get(URL_VARIABLE, "")).strip()
    if not address:
        raise InputError("no address is given", "--url", f"give it, or set {URL_VARIABLE}")
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InputError("is no http or https address", "--url", "give the webhook's whole URL")
    return Webhook(address, os.environ.get(TOKEN_VARIABLE, ""))


def notify(
    store: Store,
    webhook: Webhook,
    limit: int,
    *,
    is_dry: bool = False,
    sleep: Callable[[float], None] = time.sleep,
) -> dict[str, Any]:
    """Send the pressing triggers that this destination has not had.

    Args:
        store: Where the marts are published.
        webhook: The destination.
        limit: Messages for an owner and day at most; if that is too few, the last of them
            holds all the rest, and what is new after it waits for another day.
        is_dry: Whether to say what would be sent, and send nothing.
        sleep: What waits between attempts.

    Returns:
        The as-of date, how many triggers were sent alone and in digests, how many wait for
        another day, how many the destination had already, and the messages.

    Raises:
        InputError: Nothing is published, or the destination did not take a message; what it
            took is remembered, and the next run goes on there.
        LockHeld: Another run is sending.
    """
    ledger = Ledger(store.ledger)
    store.folder.mkdir(parents=True, exist_ok=True)
    with hold(store.ledger.with_suffix(".lock")):
        with open_published(store) as connection:
            as_of: date = last_build(connection)["as_of_date"]
            news = rows(connection, _NEWS, [as_of, DAYS])
        known = ledger.of(webhook.name)
        fresh = [row for row in news if row["trigger_id"] not in known]
        today = [entry for entry in known.values() if entry["day"] == str(as_of)]
        used = Counter(entry["owner"] for entry in today if not entry["in_digest"])
        digests = {(entry["owner"], entry["sent_at"]) for entry in today if entry["in_digest"]}
        used.update(owner for owner, _ in digests)
        sent: list[str] = []
        counts = {"alone": 0, "in_digests": 0}
        for triggers, in_digest in _messages(fresh, used, limit):
            text = _digest(triggers) if in_digest else _alert(triggers[0])
            if not is_dry:
                key = hashlib.sha256("\n".join(t["trigger_id"] for t in triggers).encode())
                _deliver(webhook, text, key.hexdigest(), sleep)
                ledger.add(webhook.name, as_of, triggers, in_digest)
            sent.append(text)
            counts["in_digests" if in_digest else "alone"] += len(triggers)
    return {
        "as_of_date": as_of,
        "destination": webhook.shown,
        **counts,
        "waiting": len(fresh) - sum(counts.values()),
        "known": len(news) - len(fresh),
        "messages": sent,
    }


def _messages(fresh: list[Row], used: Counter[str], limit: int) -> Iterator[tuple[list[Row], bool]]:
    """Give each owner's triggers: the first ones alone, the rest in the last message."""
    news = Counter(row["owner_id"] or "" for row in fresh)
    alone: Counter[str] = Counter()
    rest: dict[str, list[Row]] = {}
    for row in fresh:
        owner = row["owner_id"] or ""
        room = limit - used[owner]
        if alone[owner] < (room if news[owner] <= room else room - 1):
            alone[owner] += 1
            yield [row], False
        elif room > 0:
            rest.setdefault(owner, []).append(row)
    for triggers in rest.values():
        yield triggers, True


class Ledger:
    """What was delivered where: a line of JSON for each trigger and destination."""

    def __init__(self, path: Path) -> None:
        """Remember where it lies.

        Args:
            path: The file; it need not be there.
        """
        self.path = path

    def of(self, destination: str) -> dict[str, dict[str, Any]]:
        """Read what a destination has had.

        Args:
            destination: Its name in the ledger.

        Returns:
            The entries by trigger_id.

        Raises:
            InputError: A line is no entry; only the last may be, which a kill cut off.
        """
        found: dict[str, dict[str, Any]] = {}
        if not self.path.exists():
            return found
        lines = self.path.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines, 1):
            try:
                entry = json.loads(line)
                if entry["destination"] == destination:
                    found[entry["trigger_id"]] = entry
            except (ValueError, KeyError, TypeError) as error:
                if number < len(lines):
                    raise InputError(
                        "is no line of the ledger",
                        f"{self.path}, line {number}",
                        "remove the line; what it told of is then sent again",
                    ) from error
        return found

    def add(self, destination: str, day: date, triggers: list[Row], in_digest: bool) -> None:
        """Write down what was delivered, so that it outlives a crash.

        Args:
            destination: Its name in the ledger.
            day: The as-of date.
            triggers: What was delivered.
            in_digest: Whether all in one message.
        """
        at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        if self.path.exists():
            content = self.path.read_bytes()
            if not content.endswith(b"\n"):  # a kill cut the last line off
                os.truncate(self.path, content.rfind(b"\n") + 1)
        with self.path.open("a", encoding="utf-8") as stream:
            for trigger in triggers:
                entry = {
                    "destination": destination,
                    "trigger_id": trigger["trigger_id"],
                    "owner": trigger["owner_id"] or "",
                    "day": str(day),
                    "in_digest": in_digest,
                    "sent_at": at,
                }
                stream.write(json.dumps(entry) + "\n")
            stream.flush()
            os.fsync(stream.fileno())


def _alert(row: Row) -> str:
    """Word a trigger the way Slack shows it."""
    owner = row["owner_name"] or row["owner_id"] or "nobody yet"
    lines = [
        f"*{_safe(row['company_name'])}*: {_safe(row['evidence'])}",
        f"{_safe(row['motion'])}, score {row['score']}, owner {_safe(owner)}, due {row['due_by']}",
    ]
    contact = row["contact_email"] or row["contact_user_id"]
    if contact:
        lines.append(f"Talk to {_safe(contact)}: {_safe(row['opening_line'])}")
    return "\n".join(lines)


def _digest(triggers: list[Row]) -> str:
    owner = triggers[0]["owner_name"] or triggers[0]["owner_id"] or "nobody yet"
    accounts = Counter(_safe(row["company_name"]) for row in triggers)
    named = ", ".join(f"{name} ({count})" for name, count in list(accounts.items())[:20])
    others = f" and {len(accounts) - 20} other accounts" if len(accounts) > 20 else ""
    return f"{len(triggers)} new for {_safe(owner)}: {named}{others}"


def _safe(value: object) -> str:
    """Make text of the data inert in Slack's markup, and keep it on one line."""
    text = " ".join(str(value or "").split())
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Does not follow: the token is for this address alone."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Take the answer as it is."""


def _deliver(webhook: Webhook, text: str, key: str, sleep: Callable[[float], None]) -> None:
    """Send a message until the receiver has taken it."""
    body = json.dumps({"text": text}, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": key}
    if webhook.token:
        headers["Authorization"] = f"Bearer {webhook.token}"
    opener = urllib.request.build_opener(_NoRedirects)
    problem, wait = "", 0.0
    for attempt in range(ATTEMPTS):
        if attempt:
            sleep(wait)
        wait = min(webhook.pause * 2**attempt, LONGEST_PAUSE)
        request = urllib.request.Request(webhook.url, body, headers, method="POST")
        try:
            with opener.open(request, timeout=webhook.timeout):
                return
        except urllib.error.HTTPError as error:
            problem = f"answers {error.code}"
            asked = error.headers.get("Retry-After", "")
            error.close()
            if error.code != 429 and error.code < 500:
                raise InputError(
                    f"{problem} and took nothing more",
                    webhook.shown,
                    "look at the webhook's settings, then run this again: it goes on there",
                ) from None
            if asked.isdigit():
                wait = min(max(wait, float(asked)), LONGEST_PAUSE)
        except (urllib.error.URLError, TimeoutError, OSError) as error:
            reason = getattr(error, "reason", error)
            is_late = isinstance(reason, TimeoutError)
            problem = "does not answer in time" if is_late else "cannot be reached"
    raise InputError(
        f"{problem}, after {ATTEMPTS} attempts",
        webhook.shown,
        "run this again later: it goes on there",
    ) from None


# What is pressing and new, of accounts that somebody is to talk to: who is guarded is not
# in the queue.
_NEWS = """
select
    sales_triggers.trigger_id,
    sales_triggers.trigger,
    sales_triggers.evidence,
    sales_queue.account_id,
    sales_queue.company_name,
    sales_queue.motion,
    sales_queue.score,
    sales_queue.owner_id,
    sales_queue.owner_name,
    sales_queue.due_by,
    sales_queue.contact_email,
    sales_queue.contact_user_id,
    sales_queue.opening_line
from marts.sales_triggers
inner join marts.sales_queue on sales_triggers.account_id = sales_queue.account_id
where
    sales_triggers.priority = 'high'
    and sales_triggers.triggered_on <= $1
    and sales_triggers.triggered_on > $1 - $2::integer
order by sales_queue.queue_position, sales_triggers.triggered_on desc, sales_triggers.trigger_id
"""
