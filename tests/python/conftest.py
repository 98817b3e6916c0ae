"""What the wrapper's tests share: ways to run `pls`, and companies already built."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from pls.cli import run

ROOT = Path(__file__).resolve().parents[2]
PROJECT_PARTS = ("dbt_project.yml", "profiles.yml", "models", "macros", "seeds", "tests/data")
EVENTS = "event_id,event_name,occurred_at,user_id\ne1,login,2026-05-01 08:00:00,u1\n"
USERS = "user_id,email,created_at\nu1,Ann@acme.com,2026-04-01\nu2,bob@acme.com,2026-04-02\n"

Result = subprocess.CompletedProcess[str]


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "pls.cli", *(str(argument) for argument in arguments)]


def environment() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith(("PLS_", "DBT_"))}


def pls(*arguments: object, cwd: Path | None = None) -> Result:
    """Run a command line of `pls` in this process, which saves importing dbt each time."""
    words = [str(argument) for argument in arguments]
    before, here = dict(os.environ), Path.cwd()
    out, err = io.StringIO(), io.StringIO()
    try:
        os.environ.clear()
        os.environ.update(environment())
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
    progress = ("reading ", "building", "testing", "publishing ", "generat")
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


def write_raw(folder: Path, events: str = EVENTS, users: str = USERS) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "events.csv").write_text(events)
    (folder / "users.csv").write_text(users)
    return folder


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


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A small generated company in the real project, built once; not to be changed."""
    folder = tmp_path_factory.mktemp("company")
    place = Place(ROOT, folder / "raw", folder / "db" / "pls.duckdb")
    made = pls(
        *("generate", "--out", place.raw, "--accounts", 40, "--events", 15_000, "--days", 90)
    )
    assert made.returncode == 0, made.stderr
    result = place.build()
    assert result.returncode == 0, result.stderr
    yield place
    shutil.rmtree(folder)
