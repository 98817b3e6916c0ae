"""Compiles every model and data test for a warehouse that nobody can reach.

    python tests/python/dialects/compile_models.py TARGET FILE

It uses dbt's own adapter of the warehouse (its macros, its names of types, its quoting) but
neither the warehouse nor its driver: drivers are large, and to compile none of them is
called. Writes a JSON list of nodes with `path`, `sql` and `incremental_strategy` to FILE.
Models that may be built onto come in both forms.

The project is the working directory; the targets are those of the profiles.yml beside this
file.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

DRIVERS = (
    *("google", "nbformat", "pandas"),
    *("cryptography", "OpenSSL", "snowflake"),
    *("psycopg2", "redshift_connector"),
    "pyspark",
)
"""Top-level packages the adapters import and do not need in order to compile."""


class StandIn(type):
    """A class that stands for whatever a driver would have under its name."""

    def __getattr__(cls, name: str) -> StandIn:
        if name.startswith("__"):
            raise AttributeError(name)
        return stand_in(name)


def stand_in(name: str) -> StandIn:
    """Make a stand-in; an exception, as adapters catch some of them."""
    return StandIn(name, (Exception,), {})


class AbsentModule(ModuleType):
    """A module of a driver that is not installed: every name in it is a stand-in."""

    def __getattr__(self, name: str) -> StandIn:
        if name.startswith("__"):
            raise AttributeError(name)
        value = stand_in(name)
        setattr(self, name, value)
        return value


class AbsentDrivers(MetaPathFinder, Loader):
    """Finds the drivers that no other finder has found."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        """Answer for a driver's modules only."""
        if fullname.split(".")[0] in DRIVERS:
            return ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Make the module."""
        return AbsentModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: there is no code."""


def go_offline(target: str) -> None:
    """Load the target's adapter such that it never connects and every relation exists.

    What models ask the warehouse while they are compiled has an answer, too.

    A relation that exists lets a model be built onto, which is the form with more SQL in it.
    """
    from agate import Table, Text
    from dbt.adapters.contracts.connection import AdapterResponse
    from dbt.adapters.factory import FACTORY

    adapter_type = "spark" if target == "databricks" else target
    FACTORY.load_plugin(adapter_type)
    adapter = FACTORY.get_adapter_class_by_name(adapter_type)

    def get_relation(self: Any, database: str, schema: str, identifier: str) -> Any:
        return self.Relation.create(
            database=None if adapter_type == "spark" else database,
            schema=schema,
            identifier=identifier,
            type="table",
        )

    def leave(_: type, connection: Any) -> Any:
        return connection

    def execute(self: Any, sql: str, *_: Any, **__: Any) -> tuple[AdapterResponse, Table]:
        # Models ask for days at most.
        return AdapterResponse("OK"), Table([["2026-01-01"]], ["day"], [Text()])

    def get_columns_in_relation(self: Any, relation: Any) -> list[Any]:
        return [self.Column("received_at", "timestamp")]

    adapter.get_relation = get_relation
    adapter.execute = execute
    adapter.get_columns_in_relation = get_columns_in_relation
    adapter.ConnectionManager.open = classmethod(leave)
    adapter.ConnectionManager.close = classmethod(leave)


def compile_models(target: str, scratch: str) -> list[dict[str, Any]]:
    """Compile what there is, then once more what has another form when built anew.

    Raises:
        SystemExit: dbt could not compile something; its message says what.
    """
    from dbt.cli.main import dbtRunner

    common = [
        *("--no-introspect", "--no-write-json", "--target", target),
        *("--profiles-dir", str(Path(__file__).parent), "--project-dir", "."),
        *("--target-path", scratch, "--log-path", scratch),
    ]
    general = ["--no-populate-cache", "--log-level", "none", "--log-level-file", "none", "--quiet"]
    manifest = None
    nodes = []
    for arguments in (
        [],
        ["--full-refresh", "--select", "config.materialized:incremental"],
    ):
        runner = dbtRunner(manifest=manifest)
        result: Any = runner.invoke([*general, "compile", *common, *arguments])
        if not result.success:
            raise SystemExit(f"{target}: {result.exception or 'dbt could not compile'}")
        for outcome in result.result.results:
            node = outcome.node
            if getattr(node, "compiled_code", None):
                incremental = node.config.materialized == "incremental"
                nodes.append(
                    {
                        "path": node.original_file_path
                        if node.resource_type != "test"
                        else f"{node.original_file_path} ({node.name})",
                        "sql": node.compiled_code,
                        "incremental_strategy": node.config.incremental_strategy
                        if incremental
                        else None,
                    }
                )
        manifest = runner.manifest or manifest
    return nodes


def main(arguments: Sequence[str]) -> None:
    """Compile for the target and write the file."""
    target, file = arguments
    sys.meta_path.append(AbsentDrivers())
    go_offline(target)
    with TemporaryDirectory() as scratch:
        Path(file).write_text(json.dumps(compile_models(target, scratch)))


if __name__ == "__main__":
    main(sys.argv[1:])
