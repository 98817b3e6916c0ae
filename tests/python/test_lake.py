"""The lake: readers see the old marts or the new ones, whatever happens to a build."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pytest

from conftest import (
    MARTS,
    PASSWORD,
    RECEIVED,
    ROOT,
    Place,
    Result,
    Server,
    command,
    environment,
    error_lines,
    pls,
    run_id,
    write_marts,
)
from pls import lake as lakes
from pls.errors import InputError, LockHeld
from pls.lake import Lake, attach, check_lake, find_lake, open_lake, remove_old
from pls.lock import hold
from pls.paths import Store
from pls.publish import Mart, publish_to_lake

EXTENSIONS = ("ducklake", "sqlite_scanner", "postgres_scanner")
MISSING = [name for name in EXTENSIONS if find_spec(f"duckdb_extension_{name}") is None]
needs_extensions = pytest.mark.skipif(
    bool(MISSING), reason=f"extension wheels are not installed: {', '.join(MISSING)}"
)

# --- where a catalog may lie -----------------------------------------------------------------


@pytest.fixture(params=["sqlite", "postgres"])
def lake(request: pytest.FixtureRequest, tmp_path: Path) -> Lake:
    if MISSING:
        pytest.skip(f"extension wheels are not installed: {', '.join(MISSING)}")
    if request.param == "postgres":
        server: Server = request.getfixturevalue("server")
        return Lake(f"postgres:{server.address(server.new_database())}", str(tmp_path / "data"))
    return Lake(f"sqlite:{tmp_path / 'lake.sqlite'}", str(tmp_path / "data"))


@pytest.fixture
def store(lake: Lake, tmp_path: Path) -> Store:
    """A lake with a first publication."""
    store = Store(tmp_path / "pls.duckdb", lake=lake)
    work(store, "first")
    publish_to_lake(store, lake, run_id(1), MARTS)
    return store


def work(store: Store, version: str) -> None:
    """Make a working database with a mart of one row and one of many."""
    write_marts(store, version, users=9000)


def versions(connection: duckdb.DuckDBPyConnection) -> tuple[str, str]:
    """The versions that the two marts say, read one after the other."""
    found = [
        connection.execute(f"select distinct version from lake.marts.{mart}").fetchall()
        for mart in ("builds", "users")
    ]
    ((builds,),), ((users,),) = found
    return str(builds), str(users)


def seen(lake: Lake) -> tuple[str, str]:
    with open_lake(lake) as connection:
        return versions(connection)


def files(lake: Lake) -> set[Path]:
    return set(Path(str(lake.data)).rglob("*.parquet"))


# --- publishing ------------------------------------------------------------------------------


def test_small_marts_are_files_too(store: Store, lake: Lake) -> None:
    assert {path.parent.name for path in files(lake)} == {"builds", "users"}


def test_marts_are_published_sorted_and_with_comments(store: Store, lake: Lake) -> None:
    with open_lake(lake) as connection:
        marts = lakes.tables(connection, "marts")
        users = connection.execute("select user_id from lake.marts.users").fetchall()
        comments = connection.execute(
            "select comment from duckdb_tables() where database_name = 'lake' "
            "and table_name = 'users' union all "
            "select comment from duckdb_columns() where database_name = 'lake' "
            "and table_name = 'users' and column_name = 'user_id'"
        ).fetchall()
        note = connection.execute(
            "select author, commit_message from lake.snapshots() order by snapshot_id desc limit 1"
        ).fetchall()
    assert marts == ["builds", "users"]
    assert users == sorted(users) and len(users) == 9000
    assert comments == [('People, it\'s "them".',), ("Who.",)]
    assert note == [("pls", f"build {run_id(1)}")]


def test_a_transaction_goes_on_seeing_what_it_saw(store: Store, lake: Lake) -> None:
    with open_lake(lake) as old:
        first = old.execute("select distinct version from lake.marts.builds").fetchall()
        assert first == [("first",)]
        work(store, "second")
        publish_to_lake(store, lake, run_id(2), MARTS)
        # The other mart, which it had not looked at yet, is of the same publication.
        assert versions(old) == ("first", "first")
        assert seen(lake) == ("second", "second")


def test_a_mart_that_is_no_more_goes_with_the_others(store: Store, lake: Lake) -> None:
    work(store, "second")
    publish_to_lake(store, lake, run_id(2), MARTS[:1])
    with open_lake(lake) as connection:
        assert lakes.tables(connection, "marts") == ["builds"]


def test_killed_while_publishing_the_old_stays_and_the_next_is_good(
    store: Store, lake: Lake
) -> None:
    code = (
        "import os, sys\nfrom pathlib import Path\n"
        "from pls.lake import Lake\nfrom pls.paths import Store\n"
        "from pls.publish import Mart, publish_to_lake\n"
        "lake = Lake(sys.argv[2], sys.argv[3])\n"
        "def die(name):\n"
        "    print(name, flush=True)\n"
        "    if name == 'last': os.kill(os.getpid(), 9)\n"
        "marts = [Mart('builds'), Mart('users', ('user_id',)), Mart('last')]\n"
        "publish_to_lake(Store(Path(sys.argv[1]), lake=lake), lake, 'killed', marts, die)\n"
    )
    work(store, "second")
    done = subprocess.run(
        [sys.executable, "-c", code, str(store.db), lake.catalog, str(lake.data)],
        capture_output=True,
        text=True,
    )
    # Both marts were written, then the process was killed before its commit.
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert done.stdout.split() == ["builds", "users", "last"]
    assert seen(lake) == ("first", "first")
    publish_to_lake(store, lake, run_id(3), MARTS)
    assert seen(lake) == ("second", "second")


def test_of_two_publications_at_once_each_is_whole(store: Store, lake: Lake) -> None:
    other = Store(store.folder / "other.duckdb", lake=lake)
    work(store, "second")
    work(other, "third")
    between: list[tuple[str, str]] = []

    def meanwhile(name: str) -> None:
        if name == "users" and not between:
            publish_to_lake(other, lake, run_id(3), MARTS)
            between.append(seen(lake))

    publish_to_lake(store, lake, run_id(2), MARTS, meanwhile)
    assert between == [("third", "third")]
    assert seen(lake) == ("second", "second")


def test_others_may_write_other_tables_meanwhile(store: Store, lake: Lake) -> None:
    work(store, "second")
    with duckdb.connect() as connection:
        attach(connection, lake)
        connection.execute("create schema lake.raw")
        connection.execute("create table lake.raw.events as select 1 as event_id")

        def meanwhile(name: str) -> None:
            if len(written) < 2:
                written.append(name)
                connection.execute("insert into lake.raw.events values (2)")

        written: list[str] = []
        publish_to_lake(store, lake, run_id(2), MARTS, meanwhile)
        assert seen(lake) == ("second", "second")
        assert connection.execute("select count(*) from lake.raw.events").fetchall() == [(3,)]


def test_a_lake_that_never_rests_keeps_the_old_marts(store: Store, lake: Lake) -> None:
    other = Store(store.folder / "other.duckdb", lake=lake)
    work(store, "second")
    work(other, "third")

    def meanwhile(name: str) -> None:
        if name == "users":
            publish_to_lake(other, lake, run_id(3), MARTS)

    with pytest.raises(LockHeld, match="others changed it during each of"):
        publish_to_lake(store, lake, run_id(2), MARTS, meanwhile)
    assert seen(lake) == ("third", "third")


def test_a_failure_leaves_the_old_whole(store: Store, lake: Lake) -> None:
    work(store, "second")
    with pytest.raises(InputError, match="what was published before is untouched") as caught:
        publish_to_lake(store, lake, run_id(2), [*MARTS, Mart("no_such_mart")])
    assert "\n" not in str(caught.value)
    assert seen(lake) == ("first", "first")


def test_old_files_go_when_their_time_has_come(store: Store, lake: Lake) -> None:
    first = files(lake)
    work(store, "second")
    publish_to_lake(store, lake, run_id(2), MARTS)
    both = files(lake)
    assert first < both
    now = datetime.now(UTC)

    # What is not old enough stays, and so does everything where nothing is to be removed.
    remove_old(lake, now)
    remove_old(replace(lake, retention_days=0), now + timedelta(days=1000))
    assert files(lake) == both
    with open_lake(lake) as connection:
        assert len(connection.execute("from lake.snapshots()").fetchall()) > 1

    # After the retention the old state is forgotten, after another one its files are gone.
    later = now + timedelta(days=lake.retention_days, hours=1)
    remove_old(lake, later)
    with open_lake(lake) as connection:
        assert len(connection.execute("from lake.snapshots()").fetchall()) == 1
    remove_old(lake, later + timedelta(days=lake.retention_days))
    assert files(lake) == both - first
    assert seen(lake) == ("second", "second")


def test_marts_of_somebody_else_are_never_replaced(lake: Lake) -> None:
    check_lake(lake)  # a new lake is made, and it may be published to
    with duckdb.connect() as connection:
        attach(connection, lake)
        connection.execute("create schema lake.marts")
        connection.execute("create table lake.marts.thesis as select 1 as page")
    with pytest.raises(InputError, match="thesis, which pls did not publish"):
        check_lake(lake)


# --- where the lake is, and what is said of it ------------------------------------------------


@pytest.mark.parametrize(
    ("given", "catalog"),
    [
        ("", "sqlite:{here}/pls_lake.sqlite"),
        ("{here}/a b.sqlite", "sqlite:{here}/a b.sqlite"),
        ("ducklake:sqlite:{here}/x.sqlite", "sqlite:{here}/x.sqlite"),
        ("postgres:dbname=lake host=db", "postgres:dbname=lake host=db"),
        ("postgresql://pls@db/lake", "postgres:postgresql://pls@db/lake"),
    ],
)
def test_catalogs_are_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, given: str, catalog: str
) -> None:
    monkeypatch.setenv(lakes.CATALOG, given.format(here=tmp_path))
    monkeypatch.delenv(lakes.DATA, raising=False)
    monkeypatch.delenv(lakes.RETENTION, raising=False)
    lake = find_lake(tmp_path, "pls")
    assert lake.catalog == catalog.format(here=tmp_path)
    assert lake.data == (None if given else f"{tmp_path}/pls_lake")
    assert lake.retention_days == 7


@pytest.mark.parametrize(
    ("variable", "value"),
    [(lakes.CATALOG, "duckdb:lake.duckdb"), (lakes.RETENTION, "a week"), (lakes.RETENTION, "-1")],
)
def test_variables_that_mean_nothing_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(InputError, match=variable):
        find_lake(tmp_path, "pls")


@needs_extensions
@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("postgres:host=127.0.0.1 password=hunter2 dbname=lake", "holds a password"),
        ("postgres://pls:hun ter2/hunter2@127.0.0.1:1/lake", "holds a password"),
        ("postgres:host=127.0.0.1 port=1 user=hunter2", "the lake (postgres): cannot be opened"),
        ("postgres:host=hunter2 port=x", "the lake (postgres): cannot be opened"),
    ],
)
def test_the_address_of_a_catalog_is_never_printed(stub: Place, address: str, error: str) -> None:
    for words in (("build", "--raw", stub.raw), ("explain", "u1"), ("doctor",)):
        result = pls(
            *words,
            *stub.where,
            *("--target", "ducklake", "--verbose"),
            variables={lakes.CATALOG: address, lakes.DATA: str(stub.db.parent / "lake")},
        )
        assert result.returncode == 2, words
        said = result.stdout + result.stderr
        assert error in said
        assert "hunter2" not in said and "host=" not in said
    lake = Lake(address, "data")
    assert "hunter2" not in f"{lake!r} {lake.name}"


@needs_extensions
def test_a_wrong_password_is_told_but_not_shown(
    server: Server, stub: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", "hunter3")
    result = pls(
        *("explain", "u1", *stub.where, "--target", "ducklake", "--verbose"),
        variables={
            lakes.CATALOG: f"postgres:{server.address('postgres')}",
            "PGPASSWORD": os.environ["PGPASSWORD"],
        },
    )
    assert 'password authentication failed for user "pls"' in result.stderr
    assert "hunter3" not in result.stderr


def test_a_missing_extension_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "duckdb_extension_ducklake", None)
    with pytest.raises(InputError, match="the extension ducklake is not installed; run"):
        check_lake(Lake(f"sqlite:{tmp_path / 'x.sqlite'}", str(tmp_path)))


# --- whole builds of the tiny project ---------------------------------------------------------


@dataclass(frozen=True)
class LakePlace(Place):
    """A place that is published to a lake."""

    catalog: str = ""

    @property
    def lake(self) -> Lake:
        default = f"sqlite:{self.db.with_name('pls_lake.sqlite')}"
        return Lake(self.catalog or default, str(self.db.with_name("pls_lake")))

    def pls(self, *arguments: object) -> Result:
        variables = {}
        if self.catalog:
            variables = {**self.lake.environment(), "PGPASSWORD": PASSWORD}
        return pls(*arguments, *self.where, "--target", "ducklake", variables=variables)

    def build(self, *arguments: object) -> Result:
        return self.pls("build", "--raw", self.raw, *arguments)

    def query(self, query: str) -> list[tuple[object, ...]]:
        with open_lake(self.lake) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture
def place(request: pytest.FixtureRequest, stub: Place) -> LakePlace:
    """The tiny project, published to a lake."""
    if MISSING:
        pytest.skip(f"extension wheels are not installed: {', '.join(MISSING)}")
    catalog = ""
    if getattr(request, "param", "sqlite") == "postgres":
        server: Server = request.getfixturevalue("server")
        catalog = f"postgres:{server.address(server.new_database())}"
    place = LakePlace(stub.project, stub.raw, stub.db, catalog)
    place.db.unlink()
    result = place.pls("explain", "u1")
    assert result.returncode == 2 and "nothing is published there yet" in result.stderr
    result = place.build()
    assert result.returncode == 0, result.stderr
    assert "schema marts" in result.stdout and not place.db.exists()
    return place


@pytest.mark.parametrize("place", ["sqlite", "postgres"], indirect=True)
def test_every_verb_reads_the_lake(place: LakePlace) -> None:
    explained = place.pls("explain", "Ann@acme.com", "--json")
    assert json.loads(explained.stdout)["entity_id"] == "u1", explained.stderr
    tested = place.pls("test", "--json")
    assert json.loads(tested.stdout)["passed"] > 0, tested.stderr
    examined = place.pls("doctor", "--raw", place.raw)
    assert "last build 0 hours ago" in examined.stdout
    # The plain target of the same folder goes on publishing to its file.
    assert Place(place.project, place.raw, place.db).build().returncode == 0
    assert place.db.exists()


def test_a_failed_data_test_or_a_held_lock_publishes_nothing(place: LakePlace) -> None:
    before = place.query("from marts.builds")
    with hold(Store(place.db).lock):
        result = place.build()
    assert result.returncode == 3
    assert "another build (pid" in result.stderr
    with (place.raw / "users.csv").open("a") as stream:
        stream.write("bad1,,2026-04-01\n")
    result = place.build()
    assert result.returncode == 1
    assert error_lines(result)[0].startswith("test no_user_is_called_bad: 1 row fails")
    assert place.query("from marts.builds") == before
    assert place.query("select count(*) from marts.users") == [(2,)]


def test_killed_in_mid_build_the_lake_stays_whole(place: LakePlace) -> None:
    before = place.query("from marts.builds")
    with (place.raw / "users.csv").open("a") as stream:
        stream.write("u3,c@acme.com,2026-04-01\n")
    words = ["--raw", place.raw, "--target", "ducklake", "--vars", "slow_rows: 900000000000"]
    with subprocess.Popen(
        command("build", *place.where, *words),
        env={**environment(), **place.lake.environment()},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("building"):
                break
        process.send_signal(signal.SIGKILL)
    assert place.query("from marts.builds") == before
    result = place.build()
    assert result.returncode == 0, result.stderr
    assert place.query("select count(*) from marts.users") == [(3,)]


def test_raw_tables_may_lie_in_the_lake(place: LakePlace) -> None:
    with duckdb.connect() as connection:
        attach(connection, place.lake)
        connection.execute("create schema lake.raw")
        connection.execute(
            "create table lake.raw.users as select 'u' || i as user_id, "
            "'u' || i || '@acme.com' as email, timestamp '2026-04-01' as created_at "
            "from range(5) numbers (i)"
        )
        connection.execute("create table lake.raw.events as select 'no such column' as x")
        (place.raw / "users.csv").unlink()  # the file of the events wins over the lake
        assert place.build().returncode == 0
        assert place.query("select count(*) from marts.users") == [(5,)]
        # What is added belongs to the next build, not to the working database of this one.
        connection.execute("insert into lake.raw.users from lake.raw.users limit 1")
        assert place.pls("test").returncode == 0
        with duckdb.connect(str(place.work), read_only=True) as working:
            attach(working, place.lake, read_only=True)
            assert working.execute("select count(*) from raw.users").fetchall() == [(5,)]
            assert working.execute("select event_id from raw.events").fetchall() == [("e1",)]
        assert place.build().returncode == 0
        assert place.query("select count(*) from marts.users") == [(6,)]
        connection.execute("alter table lake.raw.users rename column created_at to made_at")
    result = place.build()
    assert result.returncode == 2
    assert error_lines(result) == [
        "lake.raw.users: required column created_at of table users is missing; "
        "add the column, or rename the one that holds it"
    ]


# --- whole builds of the real project ---------------------------------------------------------

READER = """
import sys, threading
import duckdb
from pls.lake import Lake, attach, tables

stop = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
marts = ("pql_scores", "pqa_scores", "user_metrics", "account_metrics", "pqa_score_history")
last, is_last = "", False
with duckdb.connect() as connection:
    connection.execute("set enable_progress_bar = false")  # `python -c` turns it on
    attach(connection, Lake(sys.argv[1], None), read_only=True)
    while not is_last:
        is_last = stop.is_set()
        connection.execute("begin")
        state = "nothing"
        if tables(connection, "marts"):
            dates = {
                str(connection.execute(f"select max(as_of_date) from lake.marts.{mart}")
                    .fetchall()[0][0]) for mart in marts
            }
            newest = "select as_of_date from lake.marts.builds order by built_at desc limit 1"
            dates.add(str(connection.execute(newest).fetchall()[0][0]))
            state = " and ".join(sorted(dates))
        connection.execute("commit")
        if state != last:
            print(state, flush=True)
            last = state
        stop.wait(0.1)  # or it takes a processor from the build
"""


@contextmanager
def reading(lake: Lake) -> Iterator[subprocess.Popen[str]]:
    """A process that reads the marts again and again, in one transaction each time.

    Args:
        lake: The lake.

    Yields:
        The process, which says the as-of dates of the marts, a line whenever they change.
    """
    with subprocess.Popen(
        [sys.executable, "-c", READER, lake.catalog],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        except BaseException:
            process.kill()
            raise


@pytest.fixture(scope="module")
def lake_company(
    company: Place, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[LakePlace, list[str]]]:
    """The company, built twice into a lake while a process reads, and what that one saw."""
    if MISSING:
        pytest.skip(f"extension wheels are not installed: {', '.join(MISSING)}")
    folder = tmp_path_factory.mktemp("lake_company")
    place = LakePlace(ROOT, company.raw, folder / "db" / "pls.duckdb")
    check_lake(place.lake)
    with reading(place.lake) as reader:
        assert reader.stdin is not None and reader.stdout is not None
        lines = (line.strip() for line in reader.stdout)
        said = [next(lines)]
        for words in (("--as-of", RECEIVED), ()):
            result = place.build(*words, "--no-tests")
            assert result.returncode == 0, result.stderr
            said.append(next(lines))
        reader.stdin.close()
        said.extend(lines)
    assert reader.returncode == 0, said
    yield place, said
    shutil.rmtree(folder)


def test_a_reader_sees_the_old_marts_or_the_new_ones(
    lake_company: tuple[LakePlace, list[str]],
) -> None:
    _, said = lake_company
    assert said == ["nothing", RECEIVED, "2026-06-30"]


def test_the_lake_holds_what_a_plain_build_publishes(
    lake_company: tuple[LakePlace, list[str]], company: Place
) -> None:
    place, _ = lake_company
    with open_lake(place.lake) as connection:
        connection.execute(f"attach '{company.db}' as plain (read_only)")
        names = [
            str(name)
            for (name,) in connection.execute(
                "select table_name from duckdb_tables() where database_name = 'plain' order by 1"
            ).fetchall()
        ]
        assert lakes.tables(connection, "marts") == names and len(names) > 10
        different = []
        for name in names:
            left, right = (f"from {place}.marts.{name}" for place in ("lake", "plain"))
            columns = [
                [row[:2] for row in connection.execute(f"describe {side}").fetchall()]
                for side in (left, right)
            ]
            # Each build has a name, a moment and a history of its own.
            is_same = (
                name == "builds"
                or not connection.execute(
                    f"({left} except all {right}) union all ({right} except all {left})"
                ).fetchall()
            )
            if columns[0] != columns[1] or not is_same:
                different.append(name)
        assert different == []
        counted = connection.execute("select count(*) from lake.marts.pql_scores").fetchall()
        assert counted[0][0] > 100
