"""What the wrapper's tests share: ways to run `pls`, and companies already built."""

from __future__ import annotations

import gc
import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from pls.build import ANEW
from pls.cli import run
from pls.dbt_run import GARBAGE_THRESHOLDS
from pls.paths import Store
from pls.publish import Mart

ROOT = Path(__file__).resolve().parents[2]
PROJECT_PARTS = ("dbt_project.yml", "profiles.yml", "models", "macros", "seeds", "tests/data")
EVENTS = "event_id,event_name,occurred_at,user_id\ne1,login,2026-05-01 08:00:00,u1\n"
USERS = "user_id,email,created_at\nu1,Ann@acme.com,2026-04-01\nu2,bob@acme.com,2026-04-02\n"

RECEIVED = "2026-06-20"
"""The day up to which the first of two incremental builds has received data."""

MARTS = [Mart("builds"), Mart("users", ("user_id",))]
"""What `write_marts` has written and publications take."""

PASSWORD = "hunter2"
"""Of the PostgreSQL server of our own."""

Result = subprocess.CompletedProcess[str]


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "pls.cli", *(str(argument) for argument in arguments)]


def environment() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith(("PLS_", "DBT_"))}


def pls(
    *arguments: object, cwd: Path | None = None, variables: Mapping[str, str] | None = None
) -> Result:
    """Run a command line of `pls` in this process, which saves importing dbt each time."""
    words = [str(argument) for argument in arguments]
    before, given, here = dict(os.environ), environment(), Path.cwd()
    out, err = io.StringIO(), io.StringIO()
    try:
        os.environ.clear()
        os.environ.update({**given, **(variables or {})})
        os.chdir(cwd or here)
        with redirect_stdout(out), redirect_stderr(err):
            code = run(words)
    finally:
        os.chdir(here)
        os.environ.clear()
        os.environ.update(before)
    return Result(words, code, out.getvalue(), err.getvalue())


def error_lines(result: Result) -> list[str]:
    """The lines of stderr that are no progress."""
    progress = (
        "reading ",
        "starting ",
        "building",
        "testing",
        "publishing ",
        "writing ",
        "generat",
        "switch",
        ANEW,
    )
    return [
        line
        for line in result.stderr.splitlines()
        if not line.startswith(progress) and not line.split("/")[0].isdigit()
    ]


def copy_project(folder: Path) -> Path:
    """Copy the real dbt project, to change it."""
    for part in PROJECT_PARTS:
        source = ROOT / part
        target = folder / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy(source, target)
    return folder


@dataclass(frozen=True)
class Place:
    """A project, its raw folder and its published file."""

    project: Path
    raw: Path
    db: Path

    @property
    def work(self) -> Path:
        return self.db.with_name(f"{self.db.stem}_work.duckdb")

    @property
    def where(self) -> list[object]:
        return ["--project-dir", self.project, "--db", self.db]

    def build(self, *arguments: object) -> Result:
        return pls("build", *self.where, "--raw", self.raw, *arguments)

    def query(self, query: str) -> list[tuple[object, ...]]:
        with duckdb.connect(str(self.db), read_only=True) as connection:
            return connection.execute(query).fetchall()


def run_id(number: int) -> str:
    return f"20260101T00000{number}Z-1"


def write_marts(store: Store, version: str, users: int = 10) -> None:
    """Make a working database whose marts say one version, its users from the last on."""
    store.work.unlink(missing_ok=True)
    with duckdb.connect(str(store.work)) as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.builds as select $1 as version", [version])
        connection.execute(
            "create table marts.users as select 'u' || ($2 - 1 - i) as user_id, $1 as version "
            "from range($2) numbers (i)",
            [version, users],
        )
        connection.execute("create view marts.left_over as select 1 as one")
        connection.execute("comment on table marts.users is 'People, it''s \"them\".'")
        connection.execute("comment on column marts.users.user_id is 'Who.'")


def write_raw(folder: Path, events: str = EVENTS, users: str = USERS) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "events.csv").write_text(events)
    (folder / "users.csv").write_text(users)
    return folder


def pytest_configure() -> None:
    """Let the garbage collector rest in tests that begin without dbt, too."""
    gc.set_threshold(*GARBAGE_THRESHOLDS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with Spark, which takes longest, so that nobody waits for it at the end."""
    items.sort(key=lambda item: item.path.stem != "test_spark")


@pytest.fixture(scope="session")
def stub_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of a few tiny models."""
    folder = tmp_path_factory.mktemp("stub") / "project"
    shutil.copytree(Path(__file__).parent / "stub_project", folder)
    shutil.copy(ROOT / "profiles.yml", folder)
    shutil.copy(ROOT / "models" / "sources.yml", folder / "models")
    (folder / "macros").mkdir()
    shutil.copy(ROOT / "macros" / "generate_schema_name.sql", folder / "macros")
    return folder


@pytest.fixture(scope="session")
def built_stub(stub_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The tiny project, built once; not to be changed."""
    folder = tmp_path_factory.mktemp("built_stub")
    place = Place(stub_project, write_raw(folder / "raw"), folder / "db" / "pls.duckdb")
    result = place.build()
    assert result.returncode == 0, result.stderr
    return place


@pytest.fixture
def stub(built_stub: Place, tmp_path: Path) -> Place:
    """A copy of the built tiny project's data, to be changed."""
    shutil.copytree(built_stub.raw, tmp_path / "raw")
    shutil.copytree(built_stub.db.parent, tmp_path / "db", symlinks=True)
    return Place(built_stub.project, tmp_path / "raw", tmp_path / "db" / "pls.duckdb")


def cut_raw(source: Path, target: Path, condition: str) -> None:
    """Copy raw data as it stood at an earlier time.

    Args:
        source: The raw folder to read.
        target: The raw folder to write.
        condition: SQL on `happened` and `received`, timestamps.
    """
    target.mkdir(parents=True)
    moments = {
        "events": ("occurred_at", "received_at"),
        "users": ("created_at", "created_at"),
        "workspaces": ("created_at", "created_at"),
        "support_tickets": ("created_at", "created_at"),
        "usage_meters": ("measured_on", "measured_on"),
    }
    with duckdb.connect() as connection:
        for path in sorted(source.iterdir()):
            table = path.name.split(".")[0]
            if table not in moments or path.name.startswith("."):
                if path.is_file() and not path.name.startswith("."):
                    shutil.copy(path, target)
                continue
            if path.is_dir():
                kind, glob = "parquet", f"{path}/**/*.parquet"
            else:
                kind, glob = path.suffix[1:], str(path)
            reader = {
                "parquet": f"read_parquet('{glob}', hive_partitioning = false)",
                "csv": f"read_csv('{glob}', all_varchar = true)",
                "jsonl": f"read_json('{glob}')",
            }[kind]
            happened, received = moments[table]
            connection.execute(
                f"copy (from (select *, try_cast({happened}::varchar as timestamp) as happened, "
                f"try_cast({received}::varchar as timestamp) as received from {reader}) "
                f"where coalesce({condition}, true)) to '{target}/{table}.parquet'"
            )
            rewritten = connection.execute(f"describe from '{target}/{table}.parquet'").fetchall()
            assert rewritten


def add_late_rows(raw: Path) -> None:
    """Mark the events that come in the second step, and add the awkward ones to them."""
    events = raw / "events.parquet"
    old = "timestamp '2026-05-20 10:00:00'"
    with duckdb.connect() as connection:
        connection.execute(f"create table events as select *, 1 as part from '{events}'")
        connection.execute(
            "create table some_users as select user_id from events "
            "where happened between timestamp '2026-05-01' and timestamp '2026-06-01' "
            "and user_id is not null group by user_id having count(*) > 5 order by user_id limit 5"
        )
        new = (
            "insert into events by name select event_id, event_name, occurred_at, received_at, "
            "user_id, anonymous_id, workspace_id, properties, part, "
            "occurred_at as happened, received_at as received from "
        )
        # A visitor of long ago, known from the first step on ...
        connection.execute(
            f"{new} (select 'visit_' || i as event_id, 'pricing_page_viewed' as event_name, "
            f"{old} + i * interval 1 day as occurred_at, {old} + i * interval 1 day "
            "as received_at, null::varchar as user_id, 'late_visitor' as anonymous_id, "
            "null::varchar as workspace_id, null::varchar as properties, 1 as part "
            "from range(3) numbers (i))"
        )
        # ... is identified in the second.
        connection.execute(
            f"{new} (select 'identified' as event_id, 'dashboard_viewed' as event_name, "
            "timestamp '2026-06-25 09:00:00' as occurred_at, "
            "timestamp '2026-06-25 09:00:00' as received_at, min(user_id) as user_id, "
            "'late_visitor' as anonymous_id, null::varchar as workspace_id, "
            "null::varchar as properties, 2 as part from some_users)"
        )
        # Events that happened long before they were received.
        connection.execute(
            f"{new} (select 'late_' || user_id as event_id, 'dashboard_viewed' as event_name, "
            f"{old} as occurred_at, timestamp '2026-06-26 07:00:00' as received_at, user_id, "
            "null::varchar as anonymous_id, null::varchar as workspace_id, "
            "null::varchar as properties, 2 as part from some_users)"
        )
        # Copies of known events: one says it was received earlier and differs, one later.
        connection.execute(
            f"create table copied as select * from events where received < date '{RECEIVED}' "
            f"and received > date '{RECEIVED}' - 2 and user_id is not null and part = 1 "
            "and happened > timestamp '2026-06-01' order by event_id limit 6"
        )
        connection.execute(
            f"{new} (select event_id, 'dashboard_viewed' as event_name, "
            "occurred_at - interval 3 hour as occurred_at, "
            "received - interval 1 hour as received_at, user_id, "
            "anonymous_id, workspace_id, properties, 2 as part from copied)"
        )
        connection.execute(
            f"{new} (select event_id, 'never_seen' as event_name, occurred_at, "
            "received + interval 9 day as received_at, user_id, "
            "anonymous_id, workspace_id, properties, 2 as part from copied)"
        )
        connection.execute(f"copy events to '{events}'")
        for table in ("users", "workspaces", "support_tickets", "usage_meters"):
            path = raw / f"{table}.parquet"
            if path.exists():
                connection.execute(
                    f"create or replace table t as select *, 1 as part from '{path}'"
                )
                connection.execute(f"copy t to '{path}'")


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A small generated company in the real project, built once; not to be changed."""
    folder = tmp_path_factory.mktemp("company")
    place = Place(ROOT, folder / "raw", folder / "db" / "pls.duckdb")
    size = ("--accounts", 40, "--events", 12_000, "--days", 90)
    made = pls("generate", "--out", folder / "generated", *size)
    assert made.returncode == 0, made.stderr
    cut_raw(folder / "generated", place.raw, "true")
    add_late_rows(place.raw)
    result = place.build("--no-tests")  # the data tests have a test of their own
    assert result.returncode == 0, result.stderr
    yield place
    shutil.rmtree(folder)


@dataclass
class Server:
    """A PostgreSQL server of our own."""

    port: int
    programs: Path
    databases: int = 0

    def new_database(self) -> str:
        """Make an empty database and give its name."""
        self.databases += 1
        name = f"database{self.databases}"
        where = ("-h", "127.0.0.1", "-p", str(self.port), "-U", "pls")
        subprocess.run([self.programs / "createdb", *where, name], check=True)
        return name

    def address(self, database: str) -> str:
        """Where a database is, without the password."""
        return f"host=127.0.0.1 port={self.port} user=pls dbname={database}"

    def url(self, database: str, password: str = "") -> str:
        user = f"pls:{password}" if password else "pls"
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A PostgreSQL server that wants a password, if its programs are installed."""
    found = shutil.which("initdb") or next(
        (str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))), None
    )
    if found is None:
        pytest.skip("PostgreSQL's server is not installed (Debian: apt-get install postgresql)")
    programs = Path(found).resolve().parent
    # PostgreSQL refuses to run as root, and pytest's own folders are closed to others.
    folder = Path(tempfile.mkdtemp(prefix="pls_postgres_"))
    user = "nobody" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    data = folder / "data"
    secret = folder / "password"
    secret.write_text(PASSWORD)
    secret.chmod(0o644)

    def run(*words: object) -> None:
        done = subprocess.run(
            [str(programs / str(words[0])), *(str(word) for word in words[1:])],
            user=user,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # a pipe would stay open as long as the server
            stderr=subprocess.DEVNULL,
        )
        assert done.returncode == 0, words

    settings = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -F"
    try:
        run("initdb", "-D", data, "-U", "pls", f"--pwfile={secret}", "-A", "scram-sha-256")
        run("pg_ctl", "-w", "-D", data, "-l", folder / "log", "-o", settings, "start")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PGPASSWORD", PASSWORD)
            yield Server(port, programs)
    finally:
        with suppress(AssertionError):
            run("pg_ctl", "-w", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)
