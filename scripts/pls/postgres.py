"""A PostgreSQL database of others: its address, and a connection through DuckDB.

DuckDB's messages repeat the address, so the password is taken out of it and handed to the
driver through the environment. No message repeats more than host, port and database.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import duckdb

from pls.errors import InputError
from pls.lake import load_extension
from pls.sql import literal

VARIABLE = "PLS_POSTGRES_URL"
"""Names the database where `--postgres` does not."""

CONNECT_SECONDS = 10
"""How long a server may take to answer, unless the address says otherwise."""

ALIAS = "target"
"""What the database is attached as."""

_EXAMPLE = "give postgresql://user@host:5432/database, with % codes for special characters"


@dataclass(frozen=True)
class Address:
    """Where a PostgreSQL database is.

    Attributes:
        url: The address without the password.
        name: The database as messages call it.
        password: The password; None to leave it to PGPASSWORD or ~/.pgpass.
    """

    url: str = field(repr=False)
    name: str
    password: str | None = field(repr=False, default=None)

    def error(self, error: Exception, what: str, mend: str = "") -> InputError:
        """Put what a server or the network said into one line.

        Args:
            error: What DuckDB said.
            what: What could not be done.
            mend: How to put it right.

        Returns:
            The error to raise, `from None` so that a traceback does not tell more.
        """
        text = str(error)
        said = re.search(r"(?:ERROR|FATAL):\s*(.*?)(?:\n|$)(?:DETAIL:\s*(.*?)(?:\n|$))?", text)
        if said:
            found = ": ".join(part for part in said.groups() if part)
        else:  # past the address that could not be connected to
            found = text.rpartition(f'{self.url}": ')[2].split("\n")[0]
        return InputError(f"{what} ({found.replace(self.url, '...')})", self.name, mend)


def find_address(url: str | None) -> Address:
    """Take the database's address from the command line or the environment.

    Args:
        url: What `--postgres` says, if given.

    Returns:
        The address; nothing is connected to.

    Raises:
        InputError: There is none, or it can mean several things.
    """
    where = "--postgres" if url else VARIABLE
    given = (url or os.environ.get(VARIABLE, "")).strip()
    if not given:
        raise InputError("no address is given", "--postgres", f"give it, or set {VARIABLE}")
    try:
        parts = urlsplit(given)
        host, port = parts.hostname, parts.port
    except ValueError:  # what the error quotes may be a part of the password
        raise InputError("is no address of PostgreSQL", where, _EXAMPLE) from None
    database = parts.path.removeprefix("/")
    is_plain = not parts.fragment and not re.search("[/@:]", database)
    if parts.scheme not in ("postgres", "postgresql") or not host or not database or not is_plain:
        raise InputError("is no address of PostgreSQL", where, _EXAMPLE)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    passwords = [options.pop("password", None), parts.password and unquote(parts.password)]
    options.setdefault("connect_timeout", str(CONNECT_SECONDS))
    options.setdefault("application_name", "pls")
    user = f"{parts.username}@" if parts.username else ""
    place = f"[{host}]" if ":" in host else host
    place += f":{port}" if port else ""
    return Address(
        f"postgresql://{user}{place}/{database}?{urlencode(options)}",
        f"postgres {place}/{unquote(database)}",
        next((password for password in passwords if password), None),
    )


@dataclass(frozen=True)
class Server:
    """A database that is attached.

    Attributes:
        connection: The connection of DuckDB that it is attached to.
    """

    connection: duckdb.DuckDBPyConnection

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Ask in PostgreSQL's own SQL.

        Args:
            query: A query.

        Returns:
            The rows.

        Raises:
            duckdb.Error: The server refuses.
        """
        asked = f"from postgres_query({literal(ALIAS)}, {literal(query)})"
        return self.connection.execute(asked).fetchall()

    def do(self, statements: Sequence[str]) -> None:
        """Run statements in PostgreSQL's own SQL.

        Args:
            statements: What to run, in order.

        Raises:
            duckdb.Error: The server refuses.
        """
        for statement in statements:
            self.connection.execute(
                f"call postgres_execute({literal(ALIAS)}, {literal(statement)})"
            )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all or nothing of what follows.

        Yields:
            Nothing; whatever is raised undoes it all.
        """
        self.connection.execute("begin")
        try:
            # Whoever waited for a lock must then see what the other one did.
            self.do(["set transaction isolation level read committed"])
            yield
            self.connection.execute("commit")
        except BaseException:
            self.connection.execute("rollback")
            raise


@contextmanager
def connect(address: Address) -> Iterator[Server]:
    """Connect to a database.

    Args:
        address: Where it is.

    Yields:
        The database, attached to a connection of its own.

    Raises:
        InputError: The extension is not installed, or nobody lets us in.
    """
    before = os.environ.get("PGPASSWORD")
    with duckdb.connect(":memory:") as connection:
        connection.execute("set TimeZone = 'UTC'")
        load_extension(connection, "postgres_scanner")
        # PostgreSQL's texts cannot hold this character; raw values in quarantine may.
        connection.execute("set pg_null_byte_replacement = '\ufffd'")
        try:
            if address.password is not None:
                os.environ["PGPASSWORD"] = address.password
            try:
                connection.execute(f"attach {literal(address.url)} as {ALIAS} (type postgres)")
            except duckdb.Error as error:
                raise address.error(
                    error, "cannot be connected to", f"mend the address, or {VARIABLE}"
                ) from None
            yield Server(connection)
        finally:
            if address.password is not None:
                os.environ.pop("PGPASSWORD")
                if before is not None:
                    os.environ["PGPASSWORD"] = before
