"""Where everything lies: the dbt project, the published file and what stands beside it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import yaml

from pls.errors import InputError
from pls.lake import Lake, find_lake

SCHEMAS = ("raw", "reference", "seeds", "staging", "intermediate", "marts")
"""The schemas of the working database; a database file must not bear one of these names."""

RESERVED_STEMS = frozenset({*SCHEMAS, "main", "temp", "system", "memory", "information_schema"})

PROJECT_NAME = "pls"

CRM_STATE = "_crm.parquet"
"""How the name of the file ends that keeps what the CRM has acknowledged."""

TOMBSTONES = "_forgotten.json"
"""How the name of the file ends that keeps who is forgotten."""


@dataclass(frozen=True)
class Project:
    """The dbt project.

    Attributes:
        root: Its folder, absolute.
    """

    root: Path

    @property
    def default_db(self) -> Path:
        """The published file unless `--db` says otherwise."""
        return self.root / "data" / "pls.duckdb"

    @property
    def default_raw(self) -> Path:
        """The raw folder unless `--raw` says otherwise."""
        return self.root / "data" / "raw"


@dataclass(frozen=True)
class Store:
    """The published file and everything a build keeps beside it.

    Attributes:
        db: The published DuckDB file, absolute, links resolved.
        on_spark: Whether the build that works here is Spark's, which keeps things apart.
        lake: The lake that is published to in place of the file; None for the file.
    """

    db: Path
    on_spark: bool = False
    lake: Lake | None = None

    @property
    def place(self) -> str:
        """What is published to, as messages call it."""
        return str(self.lake.name if self.lake else self.db)

    @property
    def folder(self) -> Path:
        """The folder of the published file."""
        return self.db.parent

    @property
    def work(self) -> Path:
        """The working database that builds write to, under a name every engine can quote."""
        engine = "spark" if self.on_spark else "work"
        return self.folder / f"{self._stem}_{engine}.duckdb"

    @property
    def crm_state(self) -> Path:
        """What the CRM has acknowledged (Parquet)."""
        return self.folder / f"{self._stem}{CRM_STATE}"

    @property
    def ledger(self) -> Path:
        """What was delivered to which webhook (lines of JSON)."""
        return self.folder / f"{self._stem}_notified.jsonl"

    @property
    def tombstones(self) -> Path:
        """Who is forgotten, as salted hashes (JSON)."""
        return self.folder / f"{self._stem}{TOMBSTONES}"

    @property
    def _stem(self) -> str:
        return re.sub(r"[^A-Za-z0-9_]", "_", self.db.stem)

    @property
    def lock(self) -> Path:
        """The file whose lock a build holds; of the working database, which builds share."""
        return self.folder / f"{replace(self, on_spark=False).work.name}.lock"

    @property
    def state(self) -> Path:
        """What the last build left behind (JSON)."""
        return self.folder / f"{self.db.stem}_{'spark' if self.on_spark else 'work'}.json"

    @property
    def spill(self) -> Path:
        """Where DuckDB spills what does not fit in memory."""
        return self.folder / f"{self.db.stem}_tmp"

    @property
    def scratch(self) -> Path:
        """The folder of what `pls diff` builds and throws away."""
        return self.folder / f"{self.db.stem}_diff"

    @property
    def target(self) -> Path:
        """Where dbt writes its artefacts."""
        return self.spark / "target" if self.on_spark else self.folder / f"{self.db.stem}_target"

    @property
    def spark(self) -> Path:
        """The folder of Spark's tables and catalog."""
        return self.folder / f"{self.db.stem}_spark"

    @property
    def warehouse(self) -> Path:
        """The folder of the tables that Spark makes."""
        return self.spark / "warehouse"

    @property
    def report(self) -> Path:
        """The folder of the pages that `pls report` writes."""
        return self.folder / "report"

    @property
    def twin(self) -> Path:
        """The link to the published Parquet files."""
        return self.folder / "marts"

    @property
    def twin_versions(self) -> Path:
        """The folder with the versions that `twin` may point to."""
        return self.folder / "marts.versions"


def beside(connection: duckdb.DuckDBPyConnection, ending: str) -> Path | None:
    """Give a file that lies beside a working database and outlives it.

    Args:
        connection: A connection to the working database.
        ending: How the file's name ends: `CRM_STATE` or `TOMBSTONES`.

    Returns:
        The file, which need not be there; None for a database in memory.
    """
    (row,) = connection.execute(
        "select path from duckdb_databases() where database_name = current_database()"
    ).fetchall()
    if not row[0]:
        return None
    work = Path(row[0])
    stem = work.stem.removesuffix("_work").removesuffix("_spark")
    return work.with_name(f"{stem}{ending}")


def is_project(folder: Path) -> bool:
    """Say whether a folder holds this dbt project.

    Args:
        folder: The folder to look at.

    Returns:
        Whether it has a readable dbt_project.yml with the project's name.
    """
    try:
        content = yaml.safe_load((folder / "dbt_project.yml").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return False
    return isinstance(content, dict) and content.get("name") == PROJECT_NAME


def find_project(project_dir: Path | None = None) -> Project:
    """Find the dbt project.

    Looks at the option, then PLS_PROJECT_DIR, then the current folder and its parents, then
    the checkout that this package was installed from.

    Args:
        project_dir: What `--project-dir` says, if given.

    Returns:
        The project.

    Raises:
        InputError: A folder that was named is no project, or none was found.
    """
    named = [(project_dir, "--project-dir"), (os.environ.get("PLS_PROJECT_DIR"), "PLS_PROJECT_DIR")]
    for value, where in named:
        if value:
            folder = Path(value).expanduser().resolve()
            if not is_project(folder):
                raise InputError(
                    f"{folder} has no dbt_project.yml with name {PROJECT_NAME}",
                    where,
                    "name the folder of the project",
                )
            return Project(folder)
    here = Path.cwd()
    for folder in (here, *here.parents, Path(__file__).resolve().parents[2]):
        if is_project(folder):
            return Project(folder.resolve())
    raise InputError(
        f"no dbt_project.yml with name {PROJECT_NAME} here or above {here}",
        "project",
        "go to the project's folder or give --project-dir",
    )


def read_output(project: Project, target: str | None) -> Mapping[str, Any]:
    """Read what profiles.yml says about a target.

    Args:
        project: The project.
        target: The target; None for the profile's default.

    Returns:
        The output as it stands there, variables and all.

    Raises:
        InputError: There is no such target, or the file cannot be read.
    """
    try:
        profiles = yaml.safe_load((project.root / "profiles.yml").read_text(encoding="utf-8"))
        profile: Mapping[str, Any] = profiles["pls"]
        outputs: Mapping[str, Mapping[str, Any]] = profile["outputs"]
        name = target or str(profile["target"])
        if name not in outputs:
            raise InputError(
                f"profiles.yml has no target {name}", "--target", f"choose {', '.join(outputs)}"
            )
        return outputs[name]
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"cannot be read ({error})",
            str(project.root / "profiles.yml"),
            "restore the file from version control",
        ) from error


def find_store(project: Project, db: Path | None, target: str | None = None) -> Store:
    """Give the places that belong to a published file.

    Args:
        project: The project, for the default.
        db: What `--db` says, if given.
        target: What `--target` says, if given: whether marts are published to a lake.

    Returns:
        The store; nothing is created.

    Raises:
        InputError: The path cannot be a published file.
    """
    path = (db.expanduser() if db else project.default_db).resolve()
    if path.stem.lower() in RESERVED_STEMS:
        raise InputError(
            f"{path.name} has the name of a schema, so its tables could not be told apart",
            "--db",
            "give the file another name, such as pls.duckdb",
        )
    for ending in ("_work", "_spark"):
        if path.stem.endswith(ending):
            raise InputError(
                f"{path.name} is the name of a working database",
                "--db",
                f"give the published file a name that does not end in {ending}",
            )
    if path.is_dir():
        raise InputError(f"{path} is a folder", "--db", "give a file, such as data/pls.duckdb")
    plugins = read_output(project, target).get("plugins") or ()
    if any((plugin.get("config") or {}).get("lake") for plugin in plugins):
        return Store(path, lake=find_lake(path.parent, path.stem))
    return Store(path)


def write_whole(path: Path, text: str) -> None:
    """Write a text file whole or not at all.

    Args:
        path: The file.
        text: What it is to hold; ends of lines stay as they are.

    Raises:
        OSError: It cannot be written; the old file stays.
    """
    fresh = path.with_name(f".{path.name}.new")
    try:
        fresh.write_text(text, encoding="utf-8", newline="")
        os.replace(fresh, path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
