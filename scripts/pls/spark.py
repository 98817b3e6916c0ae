"""Apache Spark in this process, for `--target spark`.

DuckDB reads the raw files as ever and writes each raw table and reference list to one
Parquet file; Spark sees those as tables. What Spark builds lies in its warehouse, and its
marts are shown to DuckDB, so that they are published like any others.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb

from pls.errors import InputError, one_line
from pls.paths import Store
from pls.sql import literal, quoted

_DUCKDB_TYPES = {"string": "varchar", "int": "integer"}
"""Spark's types that DuckDB calls by another name."""


def require() -> None:
    """Make sure that Spark can run here.

    Raises:
        InputError: pyspark, dbt-spark or Java is missing.
    """
    from importlib.util import find_spec

    for package in ("pyspark", "dbt.adapters.spark"):
        try:
            found = find_spec(package)
        except ModuleNotFoundError:
            found = None
        if found is None:
            raise InputError(
                f"{package} is not installed", "--target spark", "run `make setup-spark`"
            )
    home = os.environ.get("JAVA_HOME")
    if not shutil.which(f"{home}/bin/java" if home else "java"):
        raise InputError(
            f"no Java at JAVA_HOME ({home})" if home else "no Java on the PATH",
            "--target spark",
            "install a Java 17 or 21 runtime, or set JAVA_HOME to one",
        )


def settings(store: Store) -> dict[str, str]:
    """Give what a local session is started with.

    What the results depend on stands in profiles.yml, for clusters too.

    Args:
        store: Where the warehouse lies.

    Returns:
        Spark's settings by name.
    """
    threads = os.environ["PLS_THREADS"]
    catalog = store.spark / "catalog"
    return {
        "spark.master": f"local[{threads}]",
        "spark.driver.memory": f"{mebibytes(os.environ['PLS_MEMORY_LIMIT'])}m",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.extraJavaOptions": f"-Dderby.system.home={store.spark}",
        "spark.hadoop.javax.jdo.option.ConnectionURL": (
            f"jdbc:derby:;databaseName={catalog};create=true"
        ),
        "spark.local.dir": str(store.spill),
        "spark.log.level": "ERROR",
        "spark.sql.session.timeZone": "UTC",
        # As many tasks as cores: a day of a company is small.
        "spark.sql.shuffle.partitions": threads,
        "spark.sql.warehouse.dir": str(store.warehouse),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }


def mebibytes(limit: str) -> int:
    """Read a size as DuckDB takes it.

    Args:
        limit: Such as 4GB or 512MiB.

    Returns:
        The size in MiB; at least 512, which Spark wants.

    Raises:
        InputError: It is no size.
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?\s*", limit, re.IGNORECASE)
    if not found:
        raise InputError(f"{limit!r} is no size", "PLS_MEMORY_LIMIT", "give one such as 4GB")
    base = 1024 if found[3] else 1000
    size = float(found[1]) * base ** " kmgt".index(found[2].lower() or " ")
    return max(int(size / 2**20), 512)


@contextmanager
def session(store: Store) -> Iterator[Any]:
    """Start Spark, and end its Java when done, which holds the catalog's lock.

    Args:
        store: Where the warehouse lies.

    Yields:
        The session, which dbt finds and takes too.

    Raises:
        InputError: Spark cannot be started.
    """
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("pls").enableHiveSupport()
    for name, value in settings(store).items():
        builder = builder.config(name, value)
    try:
        with _output_to(store.spark / "spark.log"):
            spark = builder.getOrCreate()
    except Exception as error:
        raise InputError(
            f"Spark does not start ({one_line(error)})",
            "--target spark",
            f"see {store.spark / 'spark.log'}",
        ) from error
    try:
        yield spark
    finally:
        gateway = SparkContext._gateway
        spark.stop()
        if gateway is not None:
            gateway.shutdown()
            # The Java process ends when it can read no more.
            with suppress(OSError):
                gateway.proc.stdin.close()
            gateway.proc.wait()
        SparkContext._gateway = None
        SparkContext._jvm = None


@contextmanager
def _output_to(log: Path) -> Iterator[None]:
    """Let a process that is started inside write to a file what it would say here."""
    log.parent.mkdir(parents=True, exist_ok=True)
    kept = {number: os.dup(number) for number in (1, 2)}
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    try:
        for number in kept:
            os.dup2(descriptor, number)
        yield
    finally:
        os.close(descriptor)
        for number, before in kept.items():
            os.dup2(before, number)
            os.close(before)


def hand_over(connection: duckdb.DuckDBPyConnection, spark: Any, store: Store) -> None:
    """Show Spark the raw tables and reference lists that DuckDB has loaded.

    A table whose files are as they were is left alone.

    Args:
        connection: The database that holds them, in the schemas `raw` and `reference`.
        spark: The session.
        store: Where Spark's files lie.
    """
    _remove_remains(spark, store)
    fingerprints = dict(
        connection.execute(
            "select relation_name, fingerprint from reference.loaded_sources"
        ).fetchall()
    )
    tables = connection.execute(
        "select table_schema, table_name from information_schema.tables "
        "where table_schema in ('raw', 'reference') and table_catalog = current_database() "
        "order by all"
    ).fetchall()
    for schema in sorted({schema for schema, _ in tables}):
        spark.sql(f"create schema if not exists {schema}")
    for schema, table in tables:
        relation = f"{schema}.{table}"
        fingerprint = fingerprints.get(relation)
        folder = store.spark / schema / table
        mark = folder.with_suffix(".fingerprint")
        is_same = fingerprint is not None and mark.is_file() and mark.read_text() == fingerprint
        if is_same and spark.catalog.tableExists(relation):
            continue
        mark.unlink(missing_ok=True)
        spark.sql(f"drop table if exists {relation}")
        _copy(connection, relation, folder)
        spark.sql(f"create table {relation} using parquet location {literal(folder)}")
        if fingerprint is not None:
            mark.write_text(fingerprint)


def _remove_remains(spark: Any, store: Store) -> None:
    """Remove the folders of tables that a killed build never finished: they bar new ones."""
    for folder in store.warehouse.glob("*.db/*"):
        if not spark.catalog.tableExists(f"{folder.parent.stem}.{folder.name}"):
            shutil.rmtree(folder)


def _copy(connection: duckdb.DuckDBPyConnection, relation: str, folder: Path) -> None:
    """Write a relation as Parquet; a moment becomes one of UTC, as Spark's own are."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    columns = [
        f"{quoted(name)} at time zone 'UTC' as {quoted(name)}"
        if kind == "TIMESTAMP"
        else quoted(name)
        for name, kind, *_ in connection.execute(f"describe {relation}").fetchall()
    ]
    connection.execute(
        f"copy (select {', '.join(columns)} from {relation}) "
        f"to {literal(folder / 'part-0.parquet')} (format parquet, compression zstd)"
    )


def show_marts(store: Store, spark: Any, marts: Sequence[str]) -> None:
    """Show Spark's marts to DuckDB, as views of the working database.

    Args:
        store: Where they lie.
        spark: The session, which knows their columns and types.
        marts: Names of the marts; those that were not built are left out.
    """
    with duckdb.connect(str(store.work)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("drop schema if exists marts cascade")
        connection.execute("create schema marts")
        for mart in marts:
            if not spark.catalog.tableExists(f"marts.{mart}"):
                continue
            types = {f.name: f.dataType.simpleString() for f in spark.table(f"marts.{mart}").schema}
            files = sorted((store.warehouse / "marts.db" / mart).rglob("*.parquet"))
            columns = ", ".join(
                f"{quoted(name) if files else 'null'}::{_DUCKDB_TYPES.get(kind, kind)} "
                f"as {quoted(name)}"
                for name, kind in types.items()
            )
            source = (
                f"from read_parquet([{', '.join(literal(file) for file in files)}], "
                "hive_partitioning = true)"
                if files
                else "limit 0"
            )
            connection.execute(f"create view marts.{quoted(mart)} as select {columns} {source}")
