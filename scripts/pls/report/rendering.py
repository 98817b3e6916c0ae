"""From facts to HTML: the templates, their filters, and the names of pages."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any
from urllib.parse import quote

import jinja2

from pls.console import clean, number, rounded
from pls.markdown import amount, month, span
from pls.published import Row

UNKNOWN = "unknown"
"""What stands where the data cannot tell."""

_PLAIN_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,99}")
_ADDRESS = re.compile(r"[^\s@\"'<>()|,;:/=]+(?:@|%40)([^\s@\"'<>()|,;:/]+)")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


@dataclass(frozen=True)
class Site:
    """What every page shows or links to.

    Attributes:
        build: The row of the builds mart.
        scope: Whose accounts are shown, in words; empty for all.
        pages: File of each account that has a page, by account_id.
        crm_link: Where an account lies in the CRM, with `{account_id}` or `{domain}`.
        has_docs: Whether dbt's documentation lies beside the pages.
        shows_emails: Whether addresses are shown.
    """

    build: Row
    scope: str = ""
    pages: Mapping[str, str] = field(default_factory=dict)
    crm_link: str | None = None
    has_docs: bool = False
    shows_emails: bool = True

    def account_href(self, account_id: str | None, base: str = "") -> str | None:
        """Give the link to an account's page.

        Args:
            account_id: The account.
            base: What leads from the page to the site's folder.

        Returns:
            The link; None when it has no page.
        """
        name = self.pages.get(account_id or "")
        return None if name is None else f"{base}accounts/{quote(name)}"

    def crm_href(self, row: Mapping[str, Any]) -> str | None:
        """Give the link to an account in the CRM.

        Args:
            row: Something with account_id and perhaps domain.

        Returns:
            The link; None without a template, or when it needs a domain that is not known.
        """
        if self.crm_link is None:
            return None
        values = {"account_id": row["account_id"], "domain": row.get("domain")}
        if "{domain}" in self.crm_link and not values["domain"]:
            return None
        link = self.crm_link
        for name, value in values.items():
            link = link.replace(f"{{{name}}}", quote(str(value or ""), safe=""))
        return link


def page_names(account_ids: Iterable[str]) -> dict[str, str]:
    """Name a file for each account, one that every file system can hold.

    Args:
        account_ids: The accounts.

    Returns:
        The names by account_id; no two alike, also where letter case does not count.
    """
    return {account_id: _page_name(account_id) for account_id in account_ids}


def _page_name(account_id: str) -> str:
    if _PLAIN_NAME.fullmatch(account_id) and not _RESERVED.fullmatch(account_id):
        return f"{account_id}.html"
    mark = hashlib.sha256(account_id.encode()).hexdigest()[:16]
    # What may be an address is not told by the name of a file.
    stem = "" if "@" in account_id else re.sub(r"[^a-z0-9]+", "-", account_id.lower())[:40]
    return f"{stem.strip('-') or 'account'}_{mark}.html"


def render(site: Site, template: str, facts: Mapping[str, Any]) -> str:
    """Fill a template.

    Args:
        site: What every page shows.
        template: Its file name.
        facts: What it shows.

    Returns:
        The page; every value in it is escaped, and addresses are masked unless they are shown.
    """
    page = _environment().get_template(template).render(site=site, **facts)
    # The page and not the facts: identifiers, links and what only cleaning makes an address, too.
    return page if site.shows_emails else without_addresses(page)


def without_addresses(text: str) -> str:
    """Hide the person in every e-mail address of a text.

    Args:
        text: Any text.

    Returns:
        The same with `…@example.com` in place of addresses.
    """
    return _ADDRESS.sub(r"…@\1", text)


class _Environment(jinja2.Environment):
    """Takes what a row holds before asking whether its type has an attribute of that name.

    Jinja asks the other way round, which for a dict fails each time, and slowly.
    """

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Look up `obj.attribute`."""
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


@cache
def _environment() -> jinja2.Environment:
    environment = _Environment(
        loader=jinja2.PackageLoader("pls.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters.update(
        amount=amount,
        count=lambda value: UNKNOWN if value is None else number(value),
        day=day,
        mark=mark,
        month=month,
        percent=percent,
        points=lambda value: UNKNOWN if value is None else f"{number(value)}".replace("-", "−"),
        rounded=rounded,
        sentence=lambda value: value[:1].upper() + value[1:],
        share=lambda value: amount(value, "share"),
        signed=signed,
        span=span,
        text=lambda value: UNKNOWN if value is None or value == "" else clean(value),
        usd=lambda value: UNKNOWN if value is None else f"${number(value)}",
        words=words,
        zip_self=lambda names: [(name, name) for name in names],
        zip_words=lambda names: [(name, words(name)) for name in names],
    )
    return environment


# The same few days and names stand on thousands of pages.
@lru_cache(maxsize=10_000)
def day(value: date | datetime | None) -> str:
    """Write a day.

    Args:
        value: The day, or a moment of it.

    Returns:
        Such as `30 Jun 2026`.
    """
    return UNKNOWN if value is None else f"{value.day} {value:%b %Y}"


def signed(value: float | None) -> str:
    """Write a number with its sign.

    Args:
        value: The number.

    Returns:
        Such as `+30` or `−10`, the minus as typeset.
    """
    if value is None:
        return UNKNOWN
    return f"{'−' if value < 0 else '+'}{number(abs(value))}"


def percent(value: float | None) -> str:
    """Write a share so that a column of them lines up, and nothing is all or none that is not.

    Args:
        value: From 0 to 1.

    Returns:
        Such as `9.0 %`, `< 0.1 %` or `> 99.9 %`; its blanks do not break.
    """
    if value is None:
        return UNKNOWN
    if 0 < value < 0.0005:
        return "<\u00a00.1\u00a0%"
    if 0.9995 <= value < 1:
        return ">\u00a099.9\u00a0%"
    return rounded(value, ".1%").replace("%", "\u00a0%")


_ABBREVIATIONS = {
    "icp": "ICP",
    "smb": "SMB",
    "nps": "NPS",
    "crm": "CRM",
    "api": "API",
    "pql": "PQL",
}


@lru_cache(maxsize=10_000)
def words(value: str | None) -> str:
    """Turn a name of the data into words.

    Args:
        value: Such as `waiting_for_capacity`.

    Returns:
        Such as `Waiting for capacity`.
    """
    if not value:
        return UNKNOWN
    text = " ".join(_ABBREVIATIONS.get(word, word) for word in clean(value).split("_"))
    return text[:1].upper() + text[1:]


MARKS = {
    "good": {"above", "higher", "keep", "ok", "ready", "stable", "within", "yes"},
    "watch": {
        "below",
        "lower",
        "moving",
        "need_prerequisites",
        "no",
        "plateau",
        "raise",
        "waiting_for_capacity",
    },
    "bad": {
        "cannibalising",
        "drifted",
        "drop",
        "falling",
        "fires_for_everyone",
        "friction",
        "hurting",
        "never_fired",
        "not_yet",
        "overdue",
        "sales_not_needed",
        "silent",
        "slowing",
        "too_loose",
        "too_slow",
        "too_strict",
    },
}
"""Verdicts by what they mean; the colours of marks mean nothing else."""


def mark(verdict: str | None) -> str:
    """Say how good a verdict is.

    Args:
        verdict: A verdict, answer or status of the marts.

    Returns:
        good, watch, bad or none, a class of the style sheet.
    """
    return next((meaning for meaning, names in MARKS.items() if verdict in names), "none")
