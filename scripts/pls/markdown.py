"""Markdown for people, made of data that may hold anything."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from pls.console import clean, number

UNKNOWN = "unknown"
"""What stands where the data cannot tell."""

LONGEST = 400
"""Characters of a value at most, so that one cell cannot bury the document."""

ADDRESS = "(address)"
"""What stands in place of an e-mail address."""

SUFFIXES = {
    "share": " %",
    "ratio": " times",
    "usd": " USD",
    "usd_month": " USD a month",
    "days": " days",
}
"""What follows a number, by its unit; other units follow by their own name."""

_ADDRESS = re.compile(r"\S+@\S+")
_ACTIVE = re.compile(r"[\\`*\[\]~$]|(?<!\w)_|_(?!\w)")
_LINK = re.compile(r"(?i)(:)(?=//)|(?<=\bwww)(\.)|(?<=\bmailto)(:)")
_BLOCK = re.compile(r"^(\d+(?=[.)](?:\s|$))|(?=[-+=#](?:[\s+=#-]|$)))")


def escape(value: object) -> str:
    """Make a value text that Markdown shows as it is, on one line, in a table or out of it.

    E-mail addresses do not come through: the document is passed around.

    Args:
        value: Anything; None is unknown.

    Returns:
        The text, without any markup, link, table border or tag of its own.
    """
    if value is None:
        return UNKNOWN
    text = _ADDRESS.sub(ADDRESS, clean(value)) or UNKNOWN
    if len(text) > LONGEST:
        text = text[: LONGEST - 1] + "…"
    text = _ACTIVE.sub(lambda match: "\\" + match[0], text)
    text = _LINK.sub(lambda match: "\\" + match[0], text)
    text = _BLOCK.sub(r"\1\\", text)
    for letter, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("|", "&#124;")):
        text = text.replace(letter, entity)
    return text


def count(value: Any, digits: int = 0) -> str:
    """Write a number with separators.

    Args:
        value: The number, or None.
        digits: Digits after the point at most.

    Returns:
        The text.
    """
    return UNKNOWN if value is None else number(value, digits)


def amount(value: Any, unit: str, digits: int = 1) -> str:
    """Write a number with its unit.

    Args:
        value: The number, a share from 0 to 1; or None.
        unit: share, ratio, usd, usd_month, days, or what is counted.
        digits: Digits after the point at most; money has none.

    Returns:
        Such as `12.5 %`, `38,400 USD` or `16 accounts`.
    """
    if value is None:
        return UNKNOWN
    suffix = SUFFIXES.get(unit, f" {unit}")
    if float(value) == 1 and unit not in SUFFIXES:
        suffix = suffix.removesuffix("s")
    elif float(value) == 1 and unit == "days":
        suffix = " day"
    return _digits(value, unit, digits) + suffix


def span(low: Any, high: Any, unit: str) -> str:
    """Write the range that is good.

    Args:
        low: Least that is good, or None.
        high: Most that is good, or None.
        unit: As for `amount`.

    Returns:
        Such as `20 % to 40 %`, `30 accounts or more`; empty without either bound.
    """
    if low is not None and high is not None:
        first = amount(low, unit) if unit == "share" else _digits(low, unit, 1)
        return f"{first} to {amount(high, unit)}"
    if low is not None:
        return f"{amount(low, unit)} or more"
    return f"{amount(high, unit)} or less" if high is not None else ""


def alarm(benchmark: Mapping[str, Any]) -> str:
    """Write what sets off an alarm.

    Args:
        benchmark: A row of the seed metric_benchmarks.

    Returns:
        Such as `under -20 %, from 20 cases on`; empty when nothing does.
    """
    unit = str(benchmark["unit"])
    parts = [
        f"{side} {amount(float(bound), unit)}"
        for side, bound in (("under", benchmark["alarm_low"]), ("over", benchmark["alarm_high"]))
        if bound
    ]
    cases = f", from {benchmark['min_cases']} cases on" if benchmark["min_cases"] else ""
    return " or ".join(parts) + (cases if parts else "")


def month(value: date | None) -> str:
    """Name a month.

    Args:
        value: A day of it, or None.

    Returns:
        Such as `May 2026`.
    """
    return UNKNOWN if value is None else f"{value:%B %Y}"


def words(value: object) -> str:
    """Write an identifier as words.

    Args:
        value: Such as `too_loose`, or None.

    Returns:
        Such as `too loose`.
    """
    return UNKNOWN if value is None else str(value).replace("_", " ")


def _digits(value: Any, unit: str, digits: int) -> str:
    if unit.startswith("usd"):
        return _plain(number(value))
    return _plain(number(Decimal(str(value)) * (100 if unit == "share" else 1), digits))


def _plain(text: str) -> str:
    """A zero has no sign."""
    return "0" if text == "-0" else text
