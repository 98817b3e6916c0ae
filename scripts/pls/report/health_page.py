"""The page of the data's health: what arrived, what was set aside, and what needs a hand."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from pls.console import clean, number
from pls.published import Row
from pls.report.rendering import percent, without_addresses, words

MANY_DROPPED = 0.05
"""Share of a source's rows that may be dropped before somebody should look."""

LONGEST = 80
"""Characters of a sample at most."""

HIDDEN = "(hidden)"
"""What stands in place of personal data."""

REASONS = {
    "missing_required": "A required value is missing",
    "uncastable": "Cannot be read as its type",
    "in_the_future": "Lies in the future",
    "before_epoch": "Lies before the year 2000",
    "no_actor": "Names nobody who did it",
    "out_of_range": "Is out of its range",
    "invalid_email": "Is no e-mail address",
    "invalid_domain": "Is no domain",
    "ends_before_start": "Ends before it starts",
}
"""Why rows are set aside, in words."""

RULES = {
    "override": "Named in seeds/account_overrides.csv",
    "internal": "Our own people",
    "domain": "Domain of the work address",
    "workspace": "A workspace whose members belong to one company",
    "shared_workspace": "A workspace shared by people with private addresses",
    "individual": "On their own, with a private address",
}
"""How users found their accounts, in words."""

NEEDED_FOR = {
    "companies": "fit and size of companies stay unknown",
    "crm_accounts": "owners and customers of sales stay unknown",
    "crm_activities": "what sales did stays unknown",
    "crm_leads": "leads of marketing cannot be compared",
    "crm_opportunities": "deals and pipeline stay unknown",
    "deal_feedback": "why deals were won or lost stays unknown",
    "nps_responses": "how content people are stays unknown",
    "subscriptions": "nobody is seen to pay, and nothing is learned from it",
    "support_tickets": "trouble with support stays unknown",
    "usage_meters": "how near accounts are to limits stays unknown",
    "workspaces": "teams of private addresses cannot be told apart",
}
"""What a source that is not there leaves unknown."""

PERSONAL = {
    "address", "birth", "birthday", "city", "contact", "dob", "ip", "ipv4", "ipv6", "latitude",
    "longitude", "mobile", "password", "postcode", "secret", "ssn", "street", "tel", "telephone",
    "token", "zip",
}  # fmt: skip
"""Words by which a key is known to hold what belongs to a person."""

_PERSONAL_END = re.compile(r"(e?mails?|names?|phones?|address(es)?)$")
_NO_PERSON = {"event_name", "meter_name", "feature_name", "plan_name"}
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_PAIR = re.compile(r"""(["']?)([\w.\- ]+)\1(\s*[:=]\s*)("(?:[^"\\]|\\.)*"?|'[^']*'?|[^,;}&\s]+)""")
_ADDRESS = re.compile(r"[^\s\"'<>(){}\[\],;:=]+@[^\s\"'<>(){}\[\],;]+")
_IP = re.compile(
    r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])"
    r"|(?<![\w:])(?:[0-9a-fA-F]{1,4}:){3,7}:?[0-9a-fA-F]{1,4}(?![\w:])"
    r"|(?<![\w:])[0-9a-fA-F:]*[0-9a-fA-F]::[0-9a-fA-F:]*"
)
_PHONE = re.compile(r"\+\d[\d ()./-]{6,}\d")


def _without_addresses(row: Row) -> Row:
    # An account_id leads to its page, and is no text to read.
    return {
        key: without_addresses(value) if isinstance(value, str) and key != "account_id" else value
        for key, value in row.items()
    }


def health(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Arrange the page of the data's health.

    Personal data never gets onto it, whether or not addresses are shown elsewhere.

    Args:
        facts: What `health_facts` gives.

    Returns:
        What its template takes.
    """
    samples: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in facts["samples"]:
        shown = sample(row)
        if shown not in samples[_kind(row)]:
            samples[_kind(row)].append(shown)
    sources = [_source(row) for row in facts["coverage"]]
    total = _total(sources)
    masked = {
        name: [_without_addresses(row) for row in facts[name]]
        for name in ("unmapped", "conflicts", "problems", "builds")
    }
    reasons = [
        {
            **row,
            "text": REASONS.get(row["reason"], words(row["reason"])),
            "samples": samples[_kind(row)],
        }
        for row in facts["reasons"]
    ]
    return {
        **masked,
        "is_whole": facts["is_whole"],
        "sources": sources,
        "total": total,
        "reasons": _by_source(reasons),
        "unmapped_all": facts["unmapped_all"][0],
        "conflicts_all": facts["conflicts_all"][0],
        "rules": [
            {**row, "text": RULES.get(row["account_rule"], words(row["account_rule"]))}
            for row in facts["rules"]
        ],
        "builds": _builds(masked["builds"]),
        "builds_all": facts["builds_all"][0]["builds"],
        "many_dropped": MANY_DROPPED,
        "hidden": HIDDEN,
        "todos": todos(facts, sources),
        "fine": fine(facts, sources, total),
    }


def _kind(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row["source_table"], row["reason"], row["column_name"], row["is_dropped"]


def _source(row: Row) -> Row:
    accounted = row["staged_rows"] + row["duplicate_rows"] + row["dropped_rows"]
    raw = row["raw_rows"]
    return {
        **row,
        "adds_up": accounted == raw,
        "lost": raw - accounted,
        "staged_share": row["staged_rows"] / raw if raw else None,
        "dropped_share": row["dropped_rows"] / raw if raw else None,
        "needed_for": NEEDED_FOR.get(row["source_table"]),
    }


def _total(sources: list[Row]) -> Row:
    columns = ("raw", "staged", "duplicate", "dropped", "repaired", "orphan")
    total: Row = {f"{name}_rows": sum(row[f"{name}_rows"] for row in sources) for name in columns}
    raw = total["raw_rows"]
    total["staged_share"] = total["staged_rows"] / raw if raw else None
    total["dropped_share"] = total["dropped_rows"] / raw if raw else None
    return total


def _by_source(reasons: list[Row]) -> list[tuple[str, int, list[Row]]]:
    """Group what was set aside by source, the source with most of it first."""
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in reasons:
        grouped[row["source_table"]].append(row)
    counted = [(name, sum(row["found"] for row in rows), rows) for name, rows in grouped.items()]
    return sorted(counted, key=lambda each: (-each[1], each[0]))


def _builds(found: list[Row]) -> list[Row]:
    """Set each build against the one before; the oldest read is only compared with."""
    before = [*found[1:], None]
    rows = [
        {**row, "change": None if last is None else row["raw_rows"] - last["raw_rows"]}
        for row, last in zip(found, before, strict=False)
    ]
    return rows[:20]


def is_personal(key: str) -> bool:
    """Tell whether a key looks as if its value belonged to a person.

    Args:
        key: Such as `contact_email` or `fullName`.

    Returns:
        Whether it does; better once too often.
    """
    if key.lower() in _NO_PERSON:
        return False
    found = [word.lower() for word in _WORD.findall(key)]
    return any(word in PERSONAL or _PERSONAL_END.search(word) for word in found)


def without_persons(text: str) -> str:
    """Hide what a text tells of persons: addresses of mail and network, phones, named values.

    Args:
        text: Any text; also JSON that is cut off.

    Returns:
        The text with `(hidden)` in their places.
    """

    def hide(match: re.Match[str]) -> str:
        quote, key, colon, value = match.groups()
        if not is_personal(key):
            return match[0]
        return f"{quote}{key}{quote}{colon}{HIDDEN}" if value else match[0]

    for pattern in (_ADDRESS, _PHONE, _IP):
        text = pattern.sub(HIDDEN, text)
    return _PAIR.sub(hide, text)


def _masked(value: Any) -> Any:
    """Hide personal values in something that was JSON, however deep they lie."""
    if isinstance(value, dict):
        return {
            without_persons(str(key)): HIDDEN
            if is_personal(str(key)) and inner not in (None, "")
            else _masked(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_masked(inner) for inner in value]
    if isinstance(value, str):
        return without_persons(value)
    return value


def sample(row: Mapping[str, Any]) -> Row:
    """Bring a row of the quarantine into a form that may be shown to anybody.

    Args:
        row: With column_name, row_key and raw_row.

    Returns:
        Its key and the value of its flawed column, both without personal data; None for a
        value that is missing.
    """
    try:
        raw = json.loads(row["raw_row"] or "")
    except (ValueError, RecursionError):
        raw = None
    column = row["column_name"]
    key = without_persons(clean(row["row_key"])) or None
    if not isinstance(raw, dict):
        return {"key": _short(key), "value": "(the row cannot be read)"}
    value = raw.get(column)
    if value in (None, ""):
        return {"key": _short(key), "value": None}
    if is_personal(column):
        # A key made of the very value would give it away.
        if key and str(value) in str(row["row_key"]):
            key = HIDDEN
        return {"key": _short(key), "value": HIDDEN}
    return {"key": _short(key), "value": _short(_text(value))}


def _text(value: Any) -> str:
    if isinstance(value, str):
        try:
            inner = json.loads(value)
        except (ValueError, RecursionError):
            inner = None
        if not isinstance(inner, dict | list):
            return without_persons(clean(value))
        value = inner
    if isinstance(value, dict | list):
        return clean(json.dumps(_masked(value), ensure_ascii=False))
    return clean(without_persons(str(value)))


def _short(text: str | None) -> str | None:
    if text is None or len(text) <= LONGEST:
        return text
    return text[: LONGEST - 1] + "…"


def _many(count: int, one: str, many: str | None = None) -> str:
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def todos(facts: Mapping[str, Any], sources: list[Row]) -> list[dict[str, str]]:
    """List what needs a hand, the worst first.

    Args:
        facts: What `health_facts` gives.
        sources: The sources, arranged.

    Returns:
        Each with how bad it is, what it is, what to do and where on the page to look.
    """
    found = []

    def add(kind: str, text: str, mend: str, place: str) -> None:
        found.append({"kind": kind, "text": text, "mend": mend, "place": place})

    for row in sources:
        name = row["source_table"]
        if not row["adds_up"]:
            add(
                "bad",
                f"{name}: {_many(abs(row['lost']), 'row')} not accounted for",
                "run `pls build` again; if it stays, the load changed while it was read",
                "sources",
            )
    if facts["problems"]:
        add(
            "bad",
            f"{_many(len(facts['problems']), 'row')} of seeds "
            f"{'means' if len(facts['problems']) == 1 else 'mean'} nothing",
            "see what to do beside each below",
            "seeds",
        )
    for row in sources:
        share = row["dropped_share"]
        if share is not None and share > MANY_DROPPED:
            add(
                "watch",
                f"{row['source_table']}: {percent(share)} of its rows were dropped "
                f"({number(row['dropped_rows'])} of {number(row['raw_rows'])})",
                "mend the load; the reasons and samples below say which columns",
                "quarantine",
            )
    empty = [row["source_table"] for row in sources if row["is_present"] and not row["raw_rows"]]
    if empty:
        add("watch", f"No rows in {', '.join(empty)}", "see whether the load still runs", "sources")
    absent = [row for row in sources if not row["is_present"]]
    for row in absent:
        add(
            "watch",
            f"{row['source_table']} is not there"
            + (f": {row['needed_for']}" if row["needed_for"] else ""),
            "load it, or leave it: the rest works without",
            "sources",
        )
    unmapped = facts["unmapped_all"][0]
    if unmapped["names"]:
        add(
            "watch",
            f"{_many(unmapped['names'], 'event name')} without a meaning "
            f"({_many(unmapped['events'], 'event')})",
            "add rows to seeds/event_catalog.csv",
            "events",
        )
    conflicts = facts["conflicts_all"][0]
    if conflicts["workspaces"]:
        add(
            "watch",
            f"{_many(conflicts['workspaces'], 'workspace')} with members of several accounts "
            f"({_many(conflicts['members'], 'member')} outside the largest)",
            "if they are one company, add its domains to seeds/domain_aliases.csv; a single "
            "person goes into seeds/account_overrides.csv",
            "conflicts",
        )
    orphans = [row for row in sources if row["orphan_rows"]]
    if orphans:
        add(
            "watch",
            f"{_many(sum(row['orphan_rows'] for row in orphans), 'row')} of users who are not "
            f"known (in {', '.join(row['source_table'] for row in orphans)})",
            "load their users; until then these rows count for nobody",
            "sources",
        )
    return found


def fine(facts: Mapping[str, Any], sources: list[Row], total: Row) -> list[str]:
    """Say what is well.

    Args:
        facts: What `health_facts` gives.
        sources: The sources, arranged.
        total: Their sum.

    Returns:
        Parts of a sentence.
    """
    said = []
    present = sum(1 for row in sources if row["is_present"])
    if sources and present == len(sources):
        said.append(f"all {len(sources)} sources are there")
    if total["raw_rows"] and all(row["adds_up"] for row in sources):
        said.append(
            f"every one of {number(total['raw_rows'])} raw rows is accounted for, "
            f"{percent(total['staged_share'])} of them in use"
        )
    if not facts["problems"]:
        said.append("every row of the seeds means something")
    if not facts["unmapped_all"][0]["names"]:
        said.append("every event has a meaning")
    if not facts["conflicts_all"][0]["workspaces"]:
        said.append("no workspace lies between accounts")
    return said
