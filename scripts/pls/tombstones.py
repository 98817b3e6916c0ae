"""Who is forgotten: salted hashes, so that a person who comes with the next raw files stays out.

A hash tells nobody who it is about; with the salt beside it, it can still be tested against
an address that comes in, which is what it is for.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from pls.errors import InputError
from pls.paths import write_whole
from pls.sql import literal, quoted

IDENTIFIERS = {
    "email": "email",
    "contact_email": "email",
    "user_id": "user_id",
    "owner_user_id": "user_id",
    "anonymous_id": "anonymous_id",
}
"""The raw columns that name a person, with what they name the person by."""

PERSONAL = {
    "users": ("email", "user_id"),
    "events": ("user_id", "anonymous_id"),
    "support_tickets": ("user_id",),
    "nps_responses": ("user_id",),
    "crm_leads": ("email",),
}
"""Raw tables whose rows are about one person, with the columns that name that person. In all
other tables the row stays and only the name of the person goes."""


@dataclass
class Tombstones:
    """Hashes of the identifiers of forgotten people.

    Attributes:
        salt: What is hashed before each identifier.
        hashes: SHA-256 in hex of salt, kind, a colon and the identifier.
    """

    salt: str = ""
    hashes: set[str] = field(default_factory=set)

    def hash_of(self, kind: str, value: str) -> str:
        """Hash an identifier.

        Args:
            kind: email, user_id or anonymous_id.
            value: The identifier.

        Returns:
            SHA-256 in hex.
        """
        text = value.strip().lower() if kind == "email" else value.strip()
        return hashlib.sha256(f"{self.salt}{kind}:{text}".encode()).hexdigest()

    def add(self, kind: str, values: Iterable[str]) -> None:
        """Remember identifiers.

        Args:
            kind: email, user_id or anonymous_id.
            values: The identifiers.
        """
        self.salt = self.salt or secrets.token_hex(16)
        self.hashes |= {self.hash_of(kind, value) for value in values}

    @property
    def mark(self) -> str:
        """Tell one state from another; empty when nobody is forgotten."""
        if not self.hashes:
            return ""
        return hashlib.sha256("".join(sorted(self.hashes)).encode()).hexdigest()[:16]

    def write(self, path: Path) -> None:
        """Write them whole or not at all.

        Args:
            path: The file.
        """
        content = {"salt": self.salt, "hashes": sorted(self.hashes)}
        write_whole(path, json.dumps(content, indent=2) + "\n")


def read(path: Path) -> Tombstones:
    """Read the tombstones.

    Args:
        path: The file; where there is none, nobody is forgotten.

    Returns:
        The tombstones.

    Raises:
        InputError: The file is there and cannot be read: a build would bring people back.
    """
    if not path.exists():
        return Tombstones()
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Tombstones(str(content["salt"]), {str(each) for each in content["hashes"]})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"cannot be read ({error})",
            str(path),
            "restore it from a backup: it keeps forgotten people from coming back",
        ) from error


def without_forgotten(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: Iterable[str],
    select: str,
    tombstones: Tombstones,
) -> str:
    """Wrap the query of a raw table so that nobody forgotten comes through.

    Whoever is there is looked for now, once for each identifier; the query only compares
    numbers, and holds no identifier itself.

    Args:
        connection: A connection that can run the query.
        table: The raw table.
        columns: Its columns.
        select: The query that reads it.
        tombstones: Who is forgotten.

    Returns:
        The query; as it was when nobody forgotten is in it.
    """
    if not tombstones.hashes:
        return select
    hidden: dict[str, list[int]] = {}
    for column in columns:
        kind = IDENTIFIERS.get(column)
        if kind is None:
            continue
        name = f"trim({quoted(column)})"
        name = f"lower({name})" if kind == "email" else name
        found = connection.execute(
            f"select hash(name) from (select distinct {name} as name from ({select})) "
            f"where sha256({literal(tombstones.salt + kind + ':')} || name) in "
            f"(select unnest(?::varchar[]))",
            [sorted(tombstones.hashes)],
        ).fetchall()
        if found:
            hidden[column] = [number for (number,) in found]
    if not hidden:
        return select

    def is_forgotten(column: str) -> str:
        name = f"trim({quoted(column)})"
        name = f"lower({name})" if IDENTIFIERS[column] == "email" else name
        return f"coalesce(hash({name}) in ({', '.join(map(str, hidden[column]))}), false)"

    personal = [column for column in PERSONAL.get(table, ()) if column in hidden]
    kept = [
        f"case when not {is_forgotten(column)} then {quoted(column)} end as {quoted(column)}"
        if column in hidden and column not in personal
        else quoted(column)
        for column in columns
    ]
    where = " or ".join(is_forgotten(column) for column in personal)
    query = f"select {', '.join(kept)} from ({select})"
    return f"{query} where not ({where})" if where else query
