"""Publishing switches whole files, or nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from conftest import MARTS, run_id, write_marts
from pls import publish as publishing
from pls.errors import InputError
from pls.paths import Store
from pls.publish import Mart, check_replaceable, clean_up, publish


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "pls.duckdb")
    write_marts(store, "first")
    publish(store, run_id(1), MARTS)
    return store


def version(path: Path) -> str:
    with duckdb.connect(str(path), read_only=True) as connection:
        return str(connection.execute("select version from marts.builds").fetchall()[0][0])


def test_only_marts_are_published_sorted_and_with_comments(store: Store) -> None:
    with duckdb.connect(str(store.db), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name, table_name, comment from duckdb_tables() order by all"
        ).fetchall()
        users = connection.execute("select user_id from marts.users").fetchall()
        comment = connection.execute(
            "select comment from duckdb_columns() where column_name = 'user_id'"
        ).fetchall()
    assert tables == [("marts", "builds", None), ("marts", "users", 'People, it\'s "them".')]
    assert users == sorted(users)
    assert comment == [("Who.",)]


@pytest.mark.parametrize(
    "models", [["m", "m", "m", "m"], ["m", None, "m", None], [None] * 4, ["b", "a", "a", "b"], []]
)
def test_rows_are_sorted_by_the_whole_grain(store: Store, models: list[str | None]) -> None:
    rows = list(zip(models, [2, 1, 1, 2], [1, 3, 2, 0], strict=False))
    with duckdb.connect(str(store.work)) as connection:
        connection.execute("create table marts.history (model varchar, person int, day int)")
        for row in rows:
            connection.execute("insert into marts.history values (?, ?, ?)", row)
    publish(store, run_id(2), [Mart("history", ("model", "person", "day"))])
    with duckdb.connect(str(store.db), read_only=True) as connection:
        published = connection.execute("from marts.history").fetchall()
    assert published == sorted(rows, key=lambda row: (row[0] or "z", *row[1:]))


def test_file_has_the_storage_version_that_old_clients_read(store: Store) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{store.db}' as published (read_only)")
        tags = connection.execute(
            "select tags['storage_version'] from duckdb_databases() where database_name='published'"
        ).fetchall()
    assert tags[0][0].startswith("v1.0.0")


def test_parquet_twin_holds_the_same_rows(store: Store) -> None:
    assert store.twin.is_symlink() and not os.path.isabs(os.readlink(store.twin))
    assert sorted(p.name for p in store.twin.iterdir()) == ["builds.parquet", "users.parquet"]
    with duckdb.connect(str(store.db), read_only=True) as connection:
        different = connection.execute(
            f"from marts.users except all from '{store.twin}/users.parquet'"
        ).fetchall()
    assert different == []


def test_reader_keeps_the_old_file_and_a_new_one_sees_the_new(store: Store) -> None:
    code = (
        "import sys, duckdb\n"
        "connection = duckdb.connect(sys.argv[1], read_only=True)\n"
        "for line in sys.stdin:\n"
        "    print(connection.execute('select version from marts.builds').fetchall()[0][0],"
        " connection.execute('select min(version) from marts.users').fetchall()[0][0],"
        " flush=True)"
    )

    def ask(process: subprocess.Popen[str]) -> str:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write("?\n")
        process.stdin.flush()
        return process.stdout.readline().strip()

    def reader() -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", code, str(store.db)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    with reader() as old:
        assert ask(old) == "first first"
        write_marts(store, "second")
        publish(store, run_id(2), MARTS)
        assert ask(old) == "first first"
        with reader() as new:
            assert ask(new) == "second second"
            new.communicate()
        old.communicate()


def test_two_versions_of_the_twin_stay(store: Store) -> None:
    for number in (2, 3, 4):
        write_marts(store, str(number))
        publish(store, run_id(number), MARTS)
    names = sorted(path.name for path in store.twin_versions.iterdir())
    assert names == [f"pls.{run_id(3)}", f"pls.{run_id(4)}"]
    assert store.twin.resolve().name == f"pls.{run_id(4)}"


@pytest.mark.parametrize("step", ["_write", "_sync", "os.rename", "os.symlink", "os.replace"])
def test_a_failure_at_any_step_leaves_the_old_whole(
    store: Store, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    before = store.db.read_bytes()
    shown = store.twin.resolve()
    write_marts(store, "second")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    owner, name = (os, step[3:]) if step.startswith("os.") else (publishing, step)
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, fail)
        with pytest.raises(InputError) as caught:
            publish(store, run_id(2), MARTS)
    assert "disk is full" in str(caught.value) and "\n" not in str(caught.value)
    assert store.db.read_bytes() == before
    assert store.twin.resolve() == shown
    clean_up(store)
    publish(store, run_id(3), MARTS)
    assert version(store.db) == "second"
    assert not list(store.folder.glob("*.new*")) and not list(store.folder.glob(".marts*"))


def test_clean_up_removes_only_what_killed_builds_left(store: Store) -> None:
    left = [
        store.folder / f"pls.duckdb.{run_id(5)}.new",
        store.folder / f"pls.duckdb.{run_id(5)}.new.wal",
        store.twin_versions / f"pls.{run_id(5)}.new" / "users.parquet",
        store.spill / "spill.tmp",
    ]
    mine = [
        store.folder / "pls.duckdb.backup.new",
        store.folder / f"other.duckdb.{run_id(5)}.new",
        store.twin_versions / f"other.{run_id(5)}" / "users.parquet",
    ]
    for path in (*left, *mine):
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    clean_up(store)
    assert not any(path.exists() for path in left)
    assert all(path.exists() for path in mine)
    assert version(store.db) == "first"


def not_a_database(store: Store) -> Path:
    store.db.write_text("The only copy of my thesis.")
    return store.db


def somebody_elses_database(store: Store) -> Path:
    store.db.unlink()
    with duckdb.connect(str(store.db)) as connection:
        connection.execute("create table thesis as select 1 as page")
    return store.db


def a_real_folder_in_place_of_the_link(store: Store) -> Path:
    store.twin.unlink()
    store.twin.mkdir()
    return store.twin


@pytest.mark.parametrize(
    "put", [not_a_database, somebody_elses_database, a_real_folder_in_place_of_the_link]
)
def test_what_pls_did_not_publish_is_never_replaced(
    store: Store, put: Callable[[Store], Path]
) -> None:
    path = put(store)
    with pytest.raises(InputError, match=str(path)):
        check_replaceable(store)


def test_a_published_file_or_none_may_be_replaced(store: Store) -> None:
    check_replaceable(store)
    store.db.unlink()
    check_replaceable(store)
    shutil.rmtree(store.folder)
    check_replaceable(store)


def test_the_published_file_holds_no_dead_space(store: Store) -> None:
    def publish_rows(number: int, rows: int) -> int:
        # The working file grows by what is replaced; what is published must not.
        with duckdb.connect(str(store.work)) as connection:
            for _ in range(3):
                connection.execute(
                    "create or replace table marts.users as "
                    f"select md5(cast(i as text)) as user_id from range({rows}) numbers (i)"
                )
        publish(store, run_id(number), MARTS)
        with duckdb.connect(str(store.db), read_only=True) as connection:
            assert connection.execute("select count(*) from marts.users").fetchall() == [(rows,)]
            assert connection.execute(
                "select free_blocks, wal_size from pragma_database_size() "
                "where database_name = current_database()"
            ).fetchall() == [(0, "0 bytes")]
        return store.db.stat().st_size

    sizes = [publish_rows(2, 200_000), publish_rows(3, 200_000), publish_rows(4, 20_000)]
    # How well text compresses depends on which thread wrote which rows; three copies of
    # the rows would show all the same.
    assert sizes[1] < 2 * sizes[0]
    assert min(sizes[:2]) > 2 * sizes[2]
    assert sorted(path.name for path in store.folder.iterdir() if path.is_file()) == [
        "pls.duckdb",
        "pls_work.duckdb",
    ]
