"""Builds with less memory than their data spill to disk, and leave nothing there."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import Place, Result, command, environment, write_raw
from pls.build import from_duckdb
from pls.paths import Store

ROWS = 1_000_000
MEMORY = "150MiB"
"""Less than grouping or sorting the rows takes, enough for everything else."""

# Groups that all differ, each with a text that does not fit into a pointer.
HEAVY = f"""
-- One row per id.
select md5(cast(n as text)) as id, repeat(md5(cast(-n as text)), 2) as text, count(*) as n
from range({ROWS}) as numbers (n)
group by all
"""
# Nodes that begin while the heavy ones spill.
LIGHT = "-- One row.\n-- depends_on: {{ ref('slow') }}\nselect 1 as one\n"


@pytest.fixture(scope="module")
def place(stub_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The tiny project with models that do not fit into memory, one of them a mart."""
    folder = tmp_path_factory.mktemp("low_memory")
    project = folder / "project"
    shutil.copytree(stub_project, project)
    models = project / "models"
    (models / "intermediate" / "heavy.sql").write_text(HEAVY)
    for number in range(20):
        (models / "intermediate" / f"light_{number}.sql").write_text(LIGHT)
    (models / "marts" / "wide.sql").write_text(
        "-- One row per id.\nselect * from {{ ref('heavy') }}\n"
    )
    (models / "marts" / "wide.yml").write_text(
        "models: [{name: wide, config: {meta: {grain: [id]}}}]\n"
    )
    return Place(project, write_raw(folder / "raw"), folder / "db" / "pls.duckdb")


def build(place: Place, memory: str = MEMORY) -> Result:
    settings = {"PLS_MEMORY_LIMIT": memory, "PLS_THREADS": "2"}
    return subprocess.run(
        command("build", *place.where, "--raw", place.raw),
        env={**environment(), **settings},
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_does_not_fit_into_memory_is_spilled_and_cleared_away(place: Place) -> None:
    result = build(place)
    assert result.returncode == 0, result.stderr
    assert place.query("select count(*), count(distinct id) from marts.wide") == [(ROWS, ROWS)]
    # Sorting them to be published did not fit into memory either.
    assert place.query(
        "select count(*) from (select id < lag(id) over (order by rowid) as is_wrong "
        "from marts.wide) where is_wrong"
    ) == [(0,)]
    assert sorted(path.name for path in place.db.parent.iterdir()) == [
        "marts",
        "marts.versions",
        "pls.duckdb",
        "pls_target",
        "pls_work.duckdb",
        "pls_work.duckdb.lock",
        "pls_work.json",
    ]


def test_without_a_place_to_spill_the_same_build_dies(place: Place) -> None:
    # Shows that the test above tests something: a file where the folder would be.
    place.db.parent.mkdir(exist_ok=True)
    (place.db.parent / "pls_tmp").write_text("in the way")
    result = build(place)
    assert result.returncode == 2
    lines = [line for line in result.stderr.splitlines() if "Error" in line]
    assert [line for line in lines if line.startswith("model heavy: ") and "pls_tmp" in line]


def test_too_little_memory_to_read_a_file_is_not_blamed_on_the_file(place: Place) -> None:
    result = build(place, "20MiB")
    assert result.returncode == 2
    line = result.stderr.splitlines()[-1]
    assert "Out of Memory" in line or "failed to pin block" in line
    assert "raise PLS_MEMORY_LIMIT" in line
    assert "mend or remove the file" not in line


@pytest.mark.parametrize(
    "words",
    [
        "Out of Memory Error: failed to pin block (9/9 used)",
        "TransactionContext Error: Failed to commit: failed to pin block of size 9 (9/9 used)",
    ],
)
def test_what_cannot_be_spilled_says_how_to_mend_it(place: Place, words: str) -> None:
    said = f"Runtime Error in model users\n  {words}\n"
    error = from_duckdb(said, place.raw, Store(place.db), "model users")
    assert str(error) == (
        f"model users: {words}; "
        "raise PLS_MEMORY_LIMIT, or set PLS_THREADS to 1 so that less runs at once"
    )
