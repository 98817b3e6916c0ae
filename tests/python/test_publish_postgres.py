"""`pls publish` to a real PostgreSQL: readers see the old marts or the new ones, no mix."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import pytest

from conftest import PASSWORD, ROOT, Place, Result, command, environment, error_lines, pls
from conftest import Server as Programs
from pls import publish_postgres
from pls.console import Reporter
from pls.errors import InputError
from pls.paths import Project, Store
from pls.postgres import Address, Server, connect, find_address
from pls.publish_postgres import MARK, publish_to_postgres, read_grains

needs_extension = pytest.mark.skipif(
    find_spec("duckdb_extension_postgres_scanner") is None,
    reason="the extension wheel postgres_scanner is not installed",
)


def write_published(db: Path, version: str, users: int = 3000, more: Sequence[str] = ()) -> None:
    """Replace the published file by one whose two marts say one version."""
    fresh = db.with_suffix(".new")
    with duckdb.connect(str(fresh)) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.builds as select 'b' as build_id, date '2026-06-30' as as_of_date, "
            "timestamp '2026-07-01 05:00:00' as built_at, $1 as version",
            [version],
        )
        connection.execute(
            "create table marts.users as select 'u' || i as user_id, $1 as version "
            "from range($2) numbers (i)",
            [version, users],
        )
        for statement in more:
            connection.execute(statement)
    os.replace(fresh, db)


@contextmanager
def database(programs: Programs, name: str) -> Iterator[Server]:
    with connect(find_address(programs.url(name))) as server:
        yield server


class Target:
    """An empty database, and a published file to fill it from."""

    def __init__(self, programs: Programs, name: str, server: Server, db: Path) -> None:
        self.programs = programs
        self.name = name
        self.server = server  # one for all questions: loading the extension is what takes time
        self.store = Store(db)
        write_published(db, "first")

    @property
    def address(self) -> Address:
        return find_address(self.programs.url(self.name))

    def publish(self, *arguments: object) -> Result:
        url = self.programs.url(self.name)
        where = ("--db", self.store.db, "--project-dir", ROOT)
        return pls("publish", "--postgres", url, *where, *arguments)

    def publish_here(self, reporter: Reporter | None = None, **options: Any) -> dict[str, Any]:
        quiet = reporter or Reporter(quiet=True)
        project = Project(ROOT)
        return publish_to_postgres(project, self.store, self.address, "marts", quiet, **options)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.server.rows(query)

    def do(self, *statements: str) -> None:
        self.server.do(statements)

    @property
    def version(self) -> str:
        ((version,),) = self.rows("select distinct version from marts.users")
        return str(version)

    @property
    def schemas(self) -> list[str]:
        found = self.rows("select nspname from pg_namespace where nspname like 'marts%' order by 1")
        return [name for (name,) in found]

    def refuses(self, *said: str) -> None:
        """Publishing fails in one line with these words, and nothing has changed."""
        before = self.schemas
        result = self.publish()
        assert result.returncode == 2
        (line,) = error_lines(result)
        for words in (*said, f"127.0.0.1:{self.programs.port}/{self.name}"):
            assert words in line
        assert self.schemas == before


@pytest.fixture
def target(server: Programs, tmp_path: Path) -> Iterator[Target]:
    if find_spec("duckdb_extension_postgres_scanner") is None:
        pytest.skip("the extension wheel postgres_scanner is not installed")
    name = server.new_database()
    with database(server, name) as connected:
        yield Target(server, name, connected, tmp_path / "pls.duckdb")


# --- what arrives ----------------------------------------------------------------------------


def test_values_arrive_as_they_are(target: Target) -> None:
    text = 'Ann "A." O\'Hara,\n\ttab \\N \\ é 😀'
    made = (
        "create table marts.things (thing_id varchar, note varchar, day date, moment timestamp, "
        "share double, number bigint, small integer, is_so boolean)"
    )
    quoted = text.replace("'", "''")
    values = (
        "insert into marts.things values "
        f"('full', '{quoted}', '2026-02-28', '2026-02-28 23:59:59.123456', 0.1 + 0.2::double, "
        "9223372036854775807, -2147483648, true), "
        "('empty', '', '0001-01-01', '1969-12-31 00:00:00', 'nan', 0, 0, false), "
        "('null', null, null, null, null, null, null, null), "
        "('zero', 'a' || chr(0) || 'b', null, null, 'infinity', null, null, null)"
    )
    write_published(target.store.db, "first", more=(made, values))
    assert target.publish().returncode == 0
    kinds = target.rows(
        "select column_name::text, data_type::text from information_schema.columns "
        "where table_schema = 'marts' and table_name = 'things' order by ordinal_position"
    )
    assert kinds == [
        ("thing_id", "character varying"),
        ("note", "character varying"),
        ("day", "date"),
        ("moment", "timestamp without time zone"),
        ("share", "double precision"),
        ("number", "bigint"),
        ("small", "integer"),
        ("is_so", "boolean"),
    ]
    empty, full, null, zero = target.rows("select * from marts.things order by thing_id")
    day, moment = date(2026, 2, 28), datetime(2026, 2, 28, 23, 59, 59, 123456)
    assert full[1:] == (text, day, moment, 0.1 + 0.2, 2**63 - 1, -(2**31), True)
    assert empty[1:4] == ("", date(1, 1, 1), datetime(1969, 12, 31)) and empty[4] != empty[4]
    assert null[1:] == (None,) * 7
    assert zero[1] == "a\ufffdb" and zero[4] == float("inf")


def test_keys_are_the_grain_where_nothing_of_it_is_null(target: Target) -> None:
    more = (
        "create table marts.accounts (account_id varchar, name varchar)",
        "insert into marts.accounts values ('a', 'A'), (null, 'B')",
        "create table marts.of_no_contract (a integer)",
    )
    write_published(target.store.db, "first", more=more)
    assert target.publish().returncode == 0
    keys = target.rows(
        "select conrelid::regclass::text, pg_get_constraintdef(oid) from pg_constraint "
        "where contype = 'p' and connamespace = 'marts'::regnamespace order by 1"
    )
    assert keys == [
        ("marts.builds", "PRIMARY KEY (build_id)"),
        ("marts.users", "PRIMARY KEY (user_id)"),
    ]


def test_every_mart_has_its_grain_in_the_yaml() -> None:
    grains = read_grains(Project(ROOT))
    assert grains["pls_metric_cases"] == ("metric_id", "case_id")
    assert set(grains) == {path.stem for path in (ROOT / "models" / "marts").glob("*/*.sql")}


def test_json_tells_tables_and_rows(target: Target) -> None:
    facts = json.loads(target.publish("--json", "--schema", "sales").stdout)
    assert facts == {
        "database": f"postgres 127.0.0.1:{target.programs.port}/{target.name}",
        "schema": "sales",
        "as_of_date": "2026-06-30",
        "tables": {"builds": 1, "users": 3000},
        "rows": 3001,
    }
    assert target.rows("select count(*) from sales.users") == [(3000,)]


def test_a_whole_company_arrives(target: Target, company: Place) -> None:
    target.store = Store(company.db)
    facts = target.publish_here()
    assert len(facts["tables"]) > 40 and facts["tables"]["pql_scores"] > 100
    query = "select user_id, score, grade, as_of_date from marts.pql_scores order by user_id"
    assert target.rows(query) == company.query(query)
    ((keys,),) = target.rows("select count(*) from pg_constraint where contype = 'p'")
    assert keys >= len(facts["tables"]) - 4


# --- readers ---------------------------------------------------------------------------------

READ = "select distinct version from marts."


def test_readers_never_see_an_error_or_a_mix(target: Target) -> None:
    """Two statements of one transaction tell one version, at either level of isolation."""
    assert target.publish().returncode == 0
    target.do("create schema other", "create view other.people as select * from marts.users")
    seen: dict[str, list[str]] = {"read committed": [], "repeatable read": []}
    wrong: list[object] = []
    stop = threading.Event()

    def read(level: str) -> None:
        with database(target.programs, target.name) as server:
            while not stop.is_set():
                try:
                    server.connection.execute("begin")
                    server.do([f"set transaction isolation level {level}"])
                    found = [
                        server.rows(READ + "builds"),
                        server.rows(READ + "users"),
                        server.rows("select distinct version from other.people"),
                    ]
                    server.connection.execute("commit")
                    if len(found[0]) != 1 or found[1:] != found[:1] * 2:
                        wrong.append(found)
                    elif found[0][0][0] not in seen[level][-1:]:
                        seen[level].append(found[0][0][0])
                except duckdb.Error as error:
                    server.connection.execute("rollback")
                    wrong.append(error)

    readers = [threading.Thread(target=read, args=(level,)) for level in seen]
    for reader in readers:
        reader.start()
    versions = [f"v{number}" for number in range(6)]
    try:
        for version in versions:
            write_published(target.store.db, version)
            target.publish_here()
            time.sleep(0.2)
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert wrong == []
    for said in seen.values():
        assert [version for version in said if version != "first"] == versions


def test_who_reads_is_waited_for(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish_postgres, "PATIENCE_SECONDS", 0.0)
    assert target.publish().returncode == 0
    write_published(target.store.db, "second")
    with database(target.programs, target.name) as reader:
        with reader.transaction():
            assert reader.rows(READ + "builds") == [("first",)]
            began = time.monotonic()
            with pytest.raises(InputError, match="readers kept the old marts in use"):
                target.publish_here()
            assert time.monotonic() - began < 10
            assert reader.rows(READ + "users") == [("first",)]
        monkeypatch.setattr(publish_postgres, "PATIENCE_SECONDS", 60.0)
        reader.connection.execute("begin")
        assert reader.rows(READ + "builds") == [("first",)]

        def leave(_: float) -> None:
            """End between two tries."""
            assert reader.rows(READ + "users") == [("first",)]
            reader.connection.execute("commit")

        target.publish_here(sleep=leave)
        assert reader.rows(READ + "users") == [("second",)]
    assert target.schemas == ["marts"]


def test_grants_and_views_of_others_stay(target: Target) -> None:
    assert target.publish().returncode == 0
    people, narrow = f"{target.name}_people", f"{target.name}_narrow"
    target.do(
        f"create role {people}",
        f"create role {narrow}",
        f"grant usage on schema marts to {people} with grant option",
        "grant usage on schema marts to public",
        f"grant select on all tables in schema marts to {people}",
        f"grant select on marts.users to {narrow}",
        "create schema other",
        "create view other.people with (security_barrier=true) as select * from marts.users",
        "create view other.same_people as select * from other.people",
        f"grant select on other.people to {narrow}",
    )
    more = ("create table marts.later as select 1 as one",)
    write_published(target.store.db, "second", more=more)
    assert target.publish().returncode == 0
    granted = target.rows(
        "select table_schema::text, table_name::text, grantee::text, privilege_type::text "
        f"from information_schema.role_table_grants where grantee in ('{people}', '{narrow}') "
        "order by 1, 2, 3"
    )
    assert granted == [
        ("marts", "builds", people, "SELECT"),
        ("marts", "later", people, "SELECT"),
        ("marts", "users", narrow, "SELECT"),
        ("marts", "users", people, "SELECT"),
        ("other", "people", narrow, "SELECT"),
    ]
    ((acl, comment),) = target.rows(
        "select nspacl::text, obj_description(oid) from pg_namespace where nspname = 'marts'"
    )
    assert f"{people}=U*/pls" in acl and "=U/pls" in acl and comment == MARK
    assert target.rows("select distinct version from other.same_people") == [("second",)]
    options = "select reloptions::text from pg_class where oid = 'other.people'::regclass"
    assert target.rows(options) == [("{security_barrier=true}",)]


# --- what goes wrong -------------------------------------------------------------------------


def test_a_failure_midway_leaves_the_old(target: Target) -> None:
    assert target.publish().returncode == 0
    twice = "insert into marts.users values ('u1', 'second')"
    write_published(target.store.db, "second", more=(twice,))
    target.refuses("could not create unique index", "untouched", "(user_id)=(u1)")
    assert target.version == "first"


def test_rows_that_did_not_arrive_leave_the_old(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert target.publish().returncode == 0
    write_published(target.store.db, "second")
    tables = [publish_postgres.Table("users", 3001)]
    monkeypatch.setattr(publish_postgres, "_tables", lambda *_: tables)
    target.refuses("3000 of 3001 rows arrived")
    assert target.version == "first"


@pytest.mark.parametrize(("moment", "left"), [("advance", ["marts"]), ("step", ["marts_new"])])
def test_killed_at_any_moment_the_old_stays(target: Target, moment: str, left: list[str]) -> None:
    """In the middle of the copy, and between the copy and the switch."""
    assert target.publish().returncode == 0
    write_published(target.store.db, "second")
    code = (
        "import os, sys\nfrom pls.cli import run\nfrom pls.console import Reporter\n"
        "def die(self, *words):\n"
        "    if words[0] != 1: os.kill(os.getpid(), 9)\n"
        f"Reporter.{moment} = die\n"
        "run(sys.argv[1:])\n"
    )
    words = command("publish", "--postgres", target.programs.url(target.name))[3:]
    done = subprocess.run(
        [sys.executable, "-c", code, *words, "--db", str(target.store.db)],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert target.version == "first"
    assert target.schemas[-1:] == left
    assert target.publish().returncode == 0
    assert target.version == "second" and target.schemas == ["marts"]


class Meanwhile(Reporter):
    """Publishes once more between the copy and the switch."""

    def __init__(self, target: Target) -> None:
        super().__init__(quiet=True)
        self.target = target

    def step(self, line: str) -> None:
        write_published(self.target.store.db, "third")
        self.target.publish_here()


def test_of_two_publications_at_once_one_gives_in(target: Target) -> None:
    with pytest.raises(InputError, match="another `pls publish` came between"):
        target.publish_here(Meanwhile(target))
    assert target.version == "third"
    with database(target.programs, target.name) as other, other.transaction():
        other.rows("select pg_advisory_xact_lock(hashtext('pls marts'))")
        target.refuses("another `pls publish` is at work")


@pytest.mark.parametrize("schema", ["marts", "marts_new", "marts_old"])
def test_a_schema_of_others_is_refused(target: Target, schema: str) -> None:
    target.do(f"create schema {schema}", f"create table {schema}.theirs (a integer)")
    target.refuses(f"{schema}: the schema is there and pls did not make it", "--schema")
    assert target.rows(f"select count(*) from {schema}.theirs") == [(0,)]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("create table marts.theirs (a integer)", "marts.theirs: pls did not make it"),
        ("create view marts.theirs as select 1 as a", "marts.theirs: pls did not make it"),
        ("create function marts.f() returns int language sql return 1", "marts.f: pls did not"),
        ("create type marts.mood as enum ('glad')", "marts.mood: pls did not make it"),
        ("alter table marts.users enable row level security", "marts.users: has row security"),
        ("grant select (version) on marts.users to public", "marts.users: has row security"),
        (
            "create materialized view public.kept as select * from marts.users",
            "materialized view public.kept depends on table marts_old.users",
        ),
    ],
)
def test_what_others_made_of_the_marts_is_not_lost(
    target: Target, statement: str, said: str
) -> None:
    assert target.publish().returncode == 0
    target.do(statement)
    write_published(target.store.db, "second")
    result = target.publish()
    assert (result.returncode, target.version) == (2, "first")
    assert said in result.stderr


def test_a_view_that_does_not_fit_the_new_marts_stops_them(target: Target) -> None:
    assert target.publish().returncode == 0
    target.do("create view public.versions as select version from marts.users")
    changed = (
        "create or replace table marts.users as select 'u1' as user_id, 2 as version_number",
    )
    write_published(target.store.db, "second", more=changed)
    result = target.publish()
    assert result.returncode == 2 and "column users.version does not exist" in result.stderr
    assert target.version == "first"


# --- addresses -------------------------------------------------------------------------------


def test_a_password_is_used_and_never_shown(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PGPASSWORD")
    where = ("--db", target.store.db, "--project-dir", ROOT, "--verbose")
    for variables, code in ((PASSWORD, 0), ("hunter3%2F", 2)):
        given = {"PLS_POSTGRES_URL": target.programs.url(target.name, variables)}
        result = pls("publish", *where, variables=given)
        assert result.returncode == code, result.stderr
        assert "hunter" not in result.stdout + result.stderr
    assert 'password authentication failed for user "pls"' in result.stderr
    nobody = pls("publish", "--postgres", "postgresql://pls:hunter3@127.0.0.1:1/x", *where)
    assert nobody.returncode == 2 and "Connection refused" in nobody.stderr
    assert "hunter3" not in nobody.stderr
    assert "PGPASSWORD" not in os.environ


@needs_extension
@pytest.mark.parametrize(
    "url",
    [
        "host=localhost password=hunter2",
        "mysql://u:hunter2@h/db",
        "postgresql://u:hunter2@h",
        "postgresql://u:hunter2@/db",
        "postgresql://u:hunter2/@h/db",
        "postgresql://u:12/hunter2@h/db",
        "postgresql://u:hunter2#@h/db",
        "postgresql://u:hunter2?@h/db",
        "postgresql://[u:hunter2@h/db",
    ],
)
def test_what_is_no_address_is_not_repeated(url: str, tmp_path: Path) -> None:
    result = pls("publish", "--postgres", url, "--project-dir", ROOT, "--verbose")
    assert result.returncode == 2
    assert result.stderr.startswith("--postgres: is no address of PostgreSQL; give postgresql://")
    assert "hunter2" not in result.stderr


def test_an_address_is_read_whole() -> None:
    address = find_address("postgres://u%40x:p%40ss@db.example.com:6432/b%20i?sslmode=require")
    assert address.password == "p@ss"
    assert address.name == "postgres db.example.com:6432/b i"
    assert address.url == (
        "postgresql://u%40x@db.example.com:6432/b%20i"
        "?sslmode=require&connect_timeout=10&application_name=pls"
    )
    assert "ss" not in repr(address).replace("postgres", "").replace("Address", "")
    assert find_address("postgresql://h/d?password=secret").password == "secret"


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    nothing = pls("publish", "--project-dir", ROOT)
    assert nothing.stderr == "--postgres: no address is given; give it, or set PLS_POSTGRES_URL\n"
    where = ("--project-dir", ROOT, "--db", tmp_path / "none.duckdb")
    url = "postgresql://pls@127.0.0.1:1/x"
    unpublished = pls("publish", "--postgres", url, *where)
    assert "nothing is published there yet; run `pls build`" in unpublished.stderr
    for name in ("Marts", "pg_marts", "a.b", ""):
        result = pls("publish", "--postgres", url, "--schema", name, *where)
        assert result.returncode == 2 and "is no name for a schema" in result.stderr
