"""`pls publish`: the published marts as tables of a PostgreSQL database.

They are copied into a schema of their own, which then takes the place of the old one in one
transaction. That transaction first locks the old tables, for as long as nobody notices: who
has begun to read the old marts reads them to the end, and whoever comes later finds the new.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import yaml

from pls.console import Reporter
from pls.errors import InputError
from pls.paths import Project, Store
from pls.postgres import ALIAS, Address, Server, connect
from pls.published import last_build, open_published
from pls.sql import literal, quoted

SCHEMA = "marts"
"""The schema that is replaced unless `--schema` says otherwise."""

MARK = "Published by pls, which replaces it whole."
"""The comment by which schemas and tables are known to be ours."""

LOCK_SECONDS = 0.4
"""How long a try for the locks may take; shorter than the second after which PostgreSQL
would end a reader that waits for us while we wait for it."""

PATIENCE_SECONDS = 300.0
"""How long to try for the locks."""

PAUSE_SECONDS = 0.5
"""The pause between two tries, in which readers get on."""

_UNTOUCHED = "publishing failed; what was published before is untouched"


@dataclass(frozen=True)
class Table:
    """A mart to copy.

    Attributes:
        name: Its name.
        rows: How many rows it has.
        grain: The columns that name a row; empty when nothing does.
    """

    name: str
    rows: int
    grain: tuple[str, ...] = ()


def publish_to_postgres(
    project: Project,
    store: Store,
    address: Address,
    schema: str,
    reporter: Reporter,
    sleep: Callable[[float], None] = time.sleep,
) -> dict[str, Any]:
    """Replace the marts in a PostgreSQL database by those of the published file.

    Args:
        project: The project, whose contracts name the keys.
        store: Where the marts are published.
        address: The database.
        schema: The schema to replace.
        reporter: Told of each mart.
        sleep: Waits so many seconds.

    Returns:
        The database, the schema, the as-of date, and the tables with their rows.

    Raises:
        InputError: Nothing is published, the schema is somebody else's, or the server
            refuses; what was there before stays.
    """
    _check_name(schema)
    with open_published(store) as published:
        last_build(published)
    grains = read_grains(project)
    token = f"{MARK} ({uuid.uuid4().hex})"
    with connect(address) as server:
        connection = server.connection
        connection.execute(f"attach {literal(store.db)} as source (read_only)")
        connection.execute("use source")
        as_of = last_build(connection)["as_of_date"]
        tables = _tables(connection, grains)
        try:
            with server.transaction():
                _take_turn(server, address, schema)
                _check_ours(server, address, schema)
                server.do([f"drop schema if exists {quoted(_new(schema))} cascade"])
                _copy(server, address, schema, tables, token, reporter)
            reporter.step(f"switching {schema}")
            _switch(server, address, schema, tables, token, sleep)
        except duckdb.Error as error:
            raise address.error(error, _UNTOUCHED, "mend it and publish again") from None
    return {
        "database": address.name,
        "schema": schema,
        "as_of_date": as_of,
        "tables": {table.name: table.rows for table in tables},
        "rows": sum(table.rows for table in tables),
    }


def read_grains(project: Project) -> dict[str, tuple[str, ...]]:
    """Read which columns name a row of each mart.

    Args:
        project: The project.

    Returns:
        The columns by mart, from the YAML beside the models: dbt would take seconds.

    Raises:
        InputError: A file is not the YAML it should be.
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    grains: dict[str, tuple[str, ...]] = {}
    for path in sorted((project.root / "models" / "marts").glob("**/*.yml")):
        try:
            content = yaml.load(path.read_text(encoding="utf-8"), loader) or {}
            for model in content.get("models", ()):
                meta = model.get("config", {}).get("meta", {})
                grains[model["name"]] = tuple(meta.get("grain", ()))
        except (OSError, yaml.YAMLError, KeyError, AttributeError) as error:
            raise InputError(
                f"cannot be read ({error})", str(path), "restore it from version control"
            ) from error
    return grains


def _new(schema: str) -> str:
    return f"{schema}_new"


def _old(schema: str) -> str:
    return f"{schema}_old"


def _check_name(schema: str) -> None:
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,50}", schema) or schema.startswith("pg_"):
        raise InputError(
            f"{schema!r} is no name for a schema",
            "--schema",
            "give lower-case letters, digits and _, such as marts",
        )


def _tables(
    connection: duckdb.DuckDBPyConnection, grains: Mapping[str, tuple[str, ...]]
) -> list[Table]:
    """List the published marts; only a grain without nulls can be a primary key."""
    tables = []
    for (name,) in connection.execute(
        "select table_name from duckdb_tables() where database_name = 'source' "
        "and schema_name = 'marts' order by table_name"
    ).fetchall():
        place = f"source.marts.{quoted(name)}"
        columns = {column for column, *_ in connection.execute(f"describe {place}").fetchall()}
        grain = grains.get(name, ())
        if not columns.issuperset(grain):
            grain = ()
        filled = " and ".join(f"{quoted(column)} is not null" for column in grain) or "true"
        ((rows, keyed),) = connection.execute(
            f"select count(*), count(*) filter (where {filled}) from {place}"
        ).fetchall()
        tables.append(Table(name, rows, grain if rows == keyed else ()))
    return tables


def _take_turn(server: Server, address: Address, schema: str) -> None:
    """Make sure that until the end of the transaction nobody else publishes."""
    key = literal(f"pls {schema}")
    ((is_ours,),) = server.rows(f"select pg_try_advisory_xact_lock(hashtext({key}))")
    if not is_ours:
        raise InputError(
            "another `pls publish` is at work",
            f"{address.name} {schema}",
            "wait until it has ended",
        )


def _check_ours(server: Server, address: Address, schema: str) -> None:
    """Refuse to replace what pls did not make, or what a new table would lose.

    Raises:
        InputError: There is such a thing.
    """
    for name in (schema, _new(schema), _old(schema)):
        found = server.rows(
            "select obj_description(oid, 'pg_namespace') from pg_namespace "
            f"where nspname = {literal(name)}"
        )
        if found and not str(found[0][0]).startswith(MARK):
            raise InputError(
                "the schema is there and pls did not make it",
                f"{address.name} {name}",
                "move it away or give another --schema",
            )
    relation = (
        "from pg_class join pg_namespace on pg_namespace.oid = relnamespace "
        f"where nspname = {literal(schema)} and relkind in ('r', 'p', 'v', 'm', 'f', 'S')"
    )
    foreign = server.rows(
        f"select relname {relation} "
        f"and obj_description(pg_class.oid, 'pg_class') is distinct from {literal(MARK)} "
        "union all select proname from pg_proc join pg_namespace "
        f"on pg_namespace.oid = pronamespace where nspname = {literal(schema)} "
        "union all select typname from pg_type join pg_namespace "
        f"on pg_namespace.oid = typnamespace where nspname = {literal(schema)} "
        "and typtype in ('d', 'e', 'r')"
    )
    if foreign:
        raise InputError(
            "pls did not make it, and would lose it with the old schema",
            f"{address.name} {schema}.{foreign[0][0]}",
            "move it to a schema of its own, or drop it",
        )
    guarded = server.rows(
        f"select relname {relation} and (relrowsecurity "
        "or exists (select 1 from pg_policy where polrelid = pg_class.oid) "
        "or exists (select 1 from pg_trigger where tgrelid = pg_class.oid and not tgisinternal) "
        "or exists (select 1 from pg_attribute where attrelid = pg_class.oid "
        "and attacl is not null))"
    )
    if guarded:
        raise InputError(
            "has row security, triggers or grants on columns, which the new table would lack",
            f"{address.name} {schema}.{guarded[0][0]}",
            "put them on a view in a schema of its own",
        )


def _copy(
    server: Server,
    address: Address,
    schema: str,
    tables: Sequence[Table],
    token: str,
    reporter: Reporter,
) -> None:
    """Fill the new schema, and compare what arrived with what was sent."""
    new = quoted(_new(schema))
    server.do([f"create schema {new}", f"comment on schema {new} is {literal(token)}"])
    # Made behind DuckDB's back, which has yet to look.
    server.connection.execute("call pg_clear_cache()")
    for done, table in enumerate(tables, start=1):
        reporter.advance(done, len(tables), table.name)
        place = f"{new}.{quoted(table.name)}"
        server.connection.execute(
            f"create table {ALIAS}.{place} as from source.marts.{quoted(table.name)}"
        )
        statements = [f"comment on table {place} is {literal(MARK)}", f"analyze {place}"]
        if table.grain:
            columns = ", ".join(quoted(column) for column in table.grain)
            statements.insert(0, f"alter table {place} add primary key ({columns})")
        server.do(statements)
        ((arrived,),) = server.rows(f"select count(*) from {place}")
        if arrived != table.rows:
            raise InputError(
                f"{arrived} of {table.rows} rows arrived; what was published before is untouched",
                f"{address.name} {schema}.{table.name}",
                "publish again",
            )


def _switch(
    server: Server,
    address: Address,
    schema: str,
    tables: Sequence[Table],
    token: str,
    sleep: Callable[[float], None],
) -> None:
    """Put the new schema in the place of the old one.

    Raises:
        InputError: Readers never let go of the old tables, or somebody else published.
        duckdb.Error: The server refuses.
    """
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        with server.transaction():
            _take_turn(server, address, schema)
            ((ours,),) = server.rows(
                "select count(*) from pg_namespace where nspname = "
                f"{literal(_new(schema))} and obj_description(oid, 'pg_namespace') = "
                f"{literal(token)}"
            )
            if not ours:
                raise InputError(
                    "another `pls publish` came between",
                    f"{address.name} {schema}",
                    "publish again",
                )
            _check_ours(server, address, schema)
            views = _views(server, schema)
            old = [
                f"{quoted(schema)}.{quoted(name)}"
                for (name,) in server.rows(
                    "select relname from pg_class join pg_namespace "
                    "on pg_namespace.oid = relnamespace "
                    f"where nspname = {literal(schema)} and relkind = 'r' order by relname"
                )
            ]
            if _lock(server, [*old, *(name for name, _ in views)]):
                grants = _grants(server, schema)
                server.do([*grants, *_renames(server, schema), *(text for _, text in views)])
                if old:
                    # Without cascade: what else depends on them stops us.
                    gone = ", ".join(
                        name.replace(quoted(schema), quoted(_old(schema)), 1) for name in old
                    )
                    server.do([f"drop table {gone}"])
                server.do([f"drop schema if exists {quoted(_old(schema))}"])
                return
        if time.monotonic() > until:
            raise InputError(
                f"readers kept the old marts in use for {PATIENCE_SECONDS:.0f} s; "
                "what was published before is untouched",
                f"{address.name} {schema}",
                "end long transactions (pg_stat_activity) and publish again",
            )
        sleep(PAUSE_SECONDS)


def _lock(server: Server, names: Sequence[str]) -> bool:
    """Lock relations against readers, unless one of these holds on to them.

    The statement's time is what is limited, not the wait for each lock: a reader that we
    keep waiting must never wait as long as PostgreSQL takes to look for deadlocks.
    """
    if not names:
        return True
    began = time.monotonic()
    server.do([f"set local statement_timeout = {LOCK_SECONDS * 1000:.0f}"])
    try:
        server.do([f"lock table {', '.join(names)} in access exclusive mode"])
    except duckdb.Error:
        # Servers speak many languages, so the time tells whether it was this.
        if time.monotonic() - began >= LOCK_SECONDS:
            return False
        raise
    server.do(["set local statement_timeout = 0"])
    return True


def _renames(server: Server, schema: str) -> list[str]:
    """Give the statements that change the schemas' names."""
    statements = [f"alter schema {quoted(_new(schema))} rename to {quoted(schema)}"]
    if server.rows(f"select 1 from pg_namespace where nspname = {literal(schema)}"):
        statements.insert(0, f"alter schema {quoted(schema)} rename to {quoted(_old(schema))}")
    return [*statements, f"comment on schema {quoted(schema)} is {literal(MARK)}"]


def _views(server: Server, schema: str) -> list[tuple[str, str]]:
    """Give the views of others on the marts, and the statements that make them anew.

    Made anew by name, they read the new tables; they stay themselves, with their grants.
    """
    server.do(["set local search_path = ''"])  # so that definitions name every schema
    found = server.rows(
        "select distinct format('%I.%I', nspname, view.relname), view.oid::int8, "
        "pg_get_viewdef(view.oid), array_to_string(view.reloptions, ', ') "
        "from pg_depend join pg_rewrite on pg_rewrite.oid = pg_depend.objid "
        "join pg_class as view on view.oid = ev_class and view.relkind = 'v' "
        "join pg_namespace on pg_namespace.oid = view.relnamespace "
        "join pg_class as mart on mart.oid = refobjid "
        "where classid = 'pg_rewrite'::regclass and refclassid = 'pg_class'::regclass "
        f"and mart.relnamespace = (select oid from pg_namespace where nspname = {literal(schema)}) "
        "order by 2"
    )
    return [
        (
            name,
            f"create or replace view {name} {f'with ({options}) ' if options else ''}as {text}",
        )
        for name, _, text, options in found
    ]


def _grants(server: Server, schema: str) -> list[str]:
    """Give the statements that grant on the new schema what is granted on the old.

    Who may read all of the old tables may read those that are new, too.
    """
    role = "case grantee when 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end"
    option = "case when is_grantable then ' with grant option' else '' end"
    old, new = literal(schema), literal(_new(schema))
    tables = (
        "select pg_class.oid, relname, relowner, relacl from pg_class "
        "join pg_namespace on pg_namespace.oid = relnamespace where relkind = 'r' and nspname ="
    )
    grant = f"format('grant %s on table %I.%I to %s%s', privilege_type, {new}, added.relname"
    found = server.rows(
        f"with had as ({tables} {old}), added as ({tables} {new}), "
        "granted as (select had.relname, had.relowner, acl.* from had, aclexplode(relacl) as acl), "
        "everywhere as (select grantee from granted where privilege_type = 'SELECT' "
        "group by grantee having count(distinct relname) = (select count(*) from had)) "
        f"select format('grant %s on schema %I to %s%s', privilege_type, {new}, {role}, {option}) "
        "from pg_namespace, aclexplode(nspacl) "
        f"where nspname = {old} and grantee != nspowner union "
        f"select {grant}, {role}, {option}) from granted "
        "join added using (relname) where grantee != granted.relowner union "
        f"select {grant.replace('privilege_type', literal('select'))}, {role}, '') "
        "from everywhere cross join added "
        "where relname not in (select relname from had) "
        "and grantee not in (select relowner from had) order by 1"
    )
    return [text for (text,) in found]
