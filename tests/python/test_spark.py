"""The same models, seeds and raw files on Apache Spark give the same marts.

What needs Spark is skipped where Java or PySpark is missing (`make setup-spark`).
"""

from __future__ import annotations

import csv
import importlib.util
import json
import math
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import ROOT, Place, error_lines, pls, write_raw
from pls import spark
from pls.errors import InputError

VARIABLES = '{"build_clock": "2026-07-01 05:00:00", "git_commit": "tested"}'
SIZE = ("--accounts", 20, "--events", 3_000, "--days", 60)

MAY_DIFFER = {
    ("builds", "build_id"): "a name of the run",
    ("builds", "score_model_version"): "a sum of hashes, and each engine has its own hash",
}


def words(text: str) -> list[str]:
    return text.split()


MOMENTS = words("""
    2026 2026-05 2026-5-1 2026-05-01 2026/05/01 2026-05/01 20260501 2026-02-30 T10:11:12
    10:11:12 2026-05-01T 2026-05-01T10 2026-05-01T10:11 2026-05-01T10:11:12
    2026-05-01T1:2:3 2026-05-01T10:61:00 2026-05-01T10:11:60 2026-05-01T10:11:12.5
    2026-05-01T10:11:12.123456789 2026-05-01T10:11:12. 2026-05-01T10:11:12,5
    2026-05-01T10:11:12Z 2026-05-01T10:11:12z 2026-05-01T10:11:12.5Z 2026-05-01Z
    2026-05-01T10:11:12+02 2026-05-01T10:11:12+0230 2026-05-01T10:11:12-02:30
    2026-05-01T10:11:12+2 2026-05-01T10:11+02:00 2026-05-01T10:11Z 2026-05-01+02:00
    1777629600 1999-12-31 2126-01-01 2026-05-01T10:11:12.000+0000 yesterday now
""") + [
    "2026-05-01 10:11:12 Z",
    "2026-05-01 10:11:12 UTC",
    "2026-05-01 10:11:12 +02:00",
    "2026-05-01 10:11:12 Europe/Paris",
    "2026-05-01  10:11:12",
    " 2026-05-01 10:11:12\t",
    "\u00a02026-05-01 10:11:12\u00a0",
]
INTEGERS = words("1 +1 -1 1. 1.0 1.5 .5 1e3 1d 0x10 1,000 nan 2147483647 2147483648 1L -0 007")
DOUBLES = words(
    "1 +1 -1 1. 1.5 .5 1e3 1E+3 1d 1f 1,000 nan NaN inf Infinity 1e400 -1e400 1e-400 -0.0 1e 0x10"
)
BOOLEANS = words("true TRUE t f T 1 0 yes y no n on off 2 1.0 tRue ja")
EMAILS = [
    "Ann@Acme.com",
    "a@b",
    "a b@c.de",
    "a\u000bb@c.de",
    "a@b.c\u00e9",
    "\u00c4nn@m\u00fcller.de",
    "a@@b.de",
    "o'hara@acme.com",
    "back\\slash@acme.com",
    "a@b..de",
    "a@.b.de",
    "a@b.de.",
    "a@10.0.0.1",
    "a@mail.acme.co.uk",
    "a@b.ck",
    "a@www.ck",
]
TITLES = [
    "Chief Technology Officer",
    "\u00e9cto",
    "DIRECTOR OF ENGINEERING",
    "D\u00c9VELOPPEUR",
    "cto\r\nand founder",
    "VP\u2028Sales",
    'Owner\'s "right hand"',
    "\\b",
]
OBJECTS = [
    '{"a": 1}',
    "{}",
    "[]",
    "null",
    "{'a': 1}",
    "{a: 1}",
    '{"a": 1} x',
    '{"a": 1}{"b": 2}',
    '{"a": 1},{"b": 2}',
    '{"a": 1}]',
    '{"a": NaN}',
    '{"a": 01}',
    '{"a": "\\q"}',
    '{"a": tru}',
    '{"a": "x\ty"}',
    '{"a": 1, "a": 2}',
    '{"a": {"b": [1, 2]}}',
    '{"a": "\\u00e9 \\" \'"}',
    '{"a" 1}',
]


@pytest.fixture
def _spark(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        spark.require()
    except InputError as error:
        pytest.skip(str(error))
    # Small data: compiling code well takes longer than running it, and so does collecting
    # garbage in many threads.
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small company, and values that engines read each in their own way."""
    folder = tmp_path_factory.mktemp("spark_raw") / "raw"
    made = pls("generate", "--out", folder, *SIZE)
    assert made.returncode == 0, made.stderr
    add(
        folder,
        "users",
        [{"user_id": f"moment_{n}", "created_at": v} for n, v in enumerate(MOMENTS)]
        + [
            {"user_id": f"{column}_{n}", "created_at": "2026-05-01", column: value}
            for column, values in {
                "email": EMAILS,
                "job_title": TITLES,
                "is_opted_out": BOOLEANS,
            }.items()
            for n, value in enumerate(values)
        ],
    )
    add(
        folder,
        "companies",
        [{"domain": f"integer{n}.com", "employee_count": v} for n, v in enumerate(INTEGERS)],
    )
    add(
        folder,
        "subscriptions",
        [
            {
                "subscription_id": f"double_{n}",
                "domain": f"integer{n}.com",
                "plan": "pro",
                "mrr_usd": value,
                "started_at": "2026-05-01",
            }
            for n, value in enumerate(DOUBLES)
        ],
    )
    add(
        folder,
        "events",
        [
            {
                "event_id": f"object_{n}",
                "event_name": "login",
                "occurred_at": "2026-06-01 08:00:00",
                "user_id": "email_0",
                "properties": value,
            }
            for n, value in enumerate(OBJECTS)
        ],
    )
    return folder


def add(folder: Path, table: str, rows: list[dict[str, str]]) -> None:
    """Put rows beside those of a generated table, as a file of their own."""
    for path in folder.glob(f"{table}.*"):
        (folder / table).mkdir()
        path.rename(folder / table / path.name)
    columns = list({column: None for row in rows for column in row})
    with (folder / table / "more.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, columns)
        writer.writeheader()
        writer.writerows(rows)


def marts(place: Place) -> dict[str, list[str]]:
    """The marts with their grain, as the manifest of Spark's build has them."""
    manifest = json.loads((place.db.parent / "pls_spark/target/manifest.json").read_text())
    return {
        node["name"]: node["config"]["meta"]["grain"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] == "marts"
    }


def differences(mart: str, grain: list[str], one: Place, other: Place) -> Iterator[str]:
    """Compare a mart row for row; doubles to nine digits."""
    columns = {name: kind for name, kind, *_ in one.query(f"describe marts.{mart}")}
    if columns != (found := {n: k for n, k, *_ in other.query(f"describe marts.{mart}")}):
        yield f"{mart}: columns {found}, wanted {columns}"
        return
    query = f"select * from marts.{mart} order by {', '.join(grain) or 'all'}"
    rows, others = one.query(query), other.query(query)
    if len(rows) != len(others):
        yield f"{mart}: {len(others)} rows, wanted {len(rows)}"
    for row, found_row in zip(rows, others, strict=False):
        for name, value, found_value in zip(columns, row, found_row, strict=True):
            if (mart, name) in MAY_DIFFER or value == found_value:
                continue
            are_doubles = isinstance(value, float) and isinstance(found_value, float)
            if are_doubles and math.isclose(value, found_value, rel_tol=1e-9, abs_tol=1e-9):
                continue
            yield f"{mart}.{name}: {found_value!r}, wanted {value!r}, in {row}"


def shuffled_rows(log: Path) -> dict[str, int]:
    """What scripts/spark_stages.py finds in an event log, by table."""
    path = ROOT / "scripts" / "spark_stages.py"
    spec = importlib.util.spec_from_file_location("spark_stages", path)
    assert spec and spec.loader
    stages = importlib.util.module_from_spec(spec)
    sys.modules["spark_stages"] = stages  # dataclasses look it up
    spec.loader.exec_module(stages)
    found = stages.work_of(stages.events(log))
    return {table: work.sums["rows_shuffled"] for table, work in found.items()}


@pytest.mark.usefixtures("_spark")
def test_spark_gives_the_marts_of_duckdb(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log"
    log.mkdir()
    monkeypatch.setenv(
        "PYSPARK_SUBMIT_ARGS",
        f"--conf spark.eventLog.enabled=true --conf spark.eventLog.dir={log} pyspark-shell",
    )
    on_duckdb = Place(ROOT, raw, tmp_path / "duckdb" / "pls.duckdb")
    on_spark = Place(ROOT, raw, tmp_path / "spark" / "pls.duckdb")
    built = on_duckdb.build("--no-tests", "--vars", VARIABLES)
    assert built.returncode == 0, built.stderr
    built = on_spark.build("--no-tests", "--vars", VARIABLES, "--target", "spark")
    assert built.returncode == 0, built.stderr
    assert "published" in built.stdout
    found = marts(on_spark)
    assert len(found) > 10
    problems = [
        line
        for mart, grain in found.items()
        for line in differences(mart, grain, on_duckdb, on_spark)
    ]
    assert not problems, "\n".join(problems[:20])
    assert shuffled_rows(log)["intermediate.daily_usage"] > 0


DAYS = """-- One row per event_id.
{{ config(
    post_hook="{{ keep_days_of(ref('wanted_days'), 'day') }}", **rewritten_days('day')
) }}
select
    event_id,
    '{{ env_var("PLS_GIT_COMMIT") }}' as made_by,
    cast(occurred_at as date) as day
from {{ source('raw', 'events') }}
{% if is_incremental() %}
where cast(occurred_at as date) in (
    select wanted_days.day
    from {{ ref('wanted_days') }} as wanted_days
    left join (
        select day, count(*) as events from {{ this }} group by day
    ) as built_days
        on wanted_days.day = built_days.day and wanted_days.events = built_days.events
    where built_days.day is null
)
{% endif %}
"""
WANTED_DAYS = """-- One row per day.
select cast(occurred_at as date) as day, count(*) as events
from {{ source('raw', 'events') }}
group by cast(occurred_at as date)
"""
BUILDS = """-- One row per build_id.
{{ config(full_refresh=false, **added_rows('build_id')) }}
select
    '{{ invocation_id }}' as build_id,
    cast('2026-05-04' as date) as as_of_date,
    cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S") }}' as timestamp) as built_at,
    'template' as active_score_model,
    '{{ env_var("PLS_GIT_COMMIT") }}' as git_commit
from {{ ref('users') }}
limit 1
"""


@pytest.mark.parametrize("target", ["dev", "spark"])
def test_days_are_rewritten_and_rows_are_added(
    target: str, stub_project: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if target == "spark":
        request.getfixturevalue("_spark")
    project = shutil.copytree(stub_project, tmp_path / "project")
    for name in ("added_rows", "engine_type", "keep_days_of", "rewritten_days", "rewritten_rows"):
        shutil.copy(ROOT / "macros" / f"{name}.sql", project / "macros")
    shutil.copytree(ROOT / "macros" / "dbt", project / "macros" / "dbt")
    for name, text in {"days": DAYS, "wanted_days": WANTED_DAYS, "builds": BUILDS}.items():
        (project / "models" / "marts" / f"{name}.sql").write_text(text)
    place = Place(project, tmp_path / "raw", tmp_path / "db" / "pls.duckdb")
    steps = {
        "first": {"e1": "2026-05-01", "e2": "2026-05-02", "e3": "2026-05-03"},
        "second": {"e2": "2026-05-02", "e3": "2026-05-03", "e4": "2026-05-03", "e5": "2026-05-04"},
    }
    for step, days in steps.items():
        events = "".join(f"{event},login,{day} 08:00:00,u1\n" for event, day in days.items())
        write_raw(place.raw, f"event_id,event_name,occurred_at,user_id\n{events}")
        built = place.build("--target", target, "--vars", json.dumps({"git_commit": step}))
        assert built.returncode == 0, built.stderr
    assert place.query("select event_id, made_by from marts.days order by all") == [
        ("e2", "first"),
        ("e3", "second"),
        ("e4", "second"),
        ("e5", "second"),
    ]
    assert place.query("select git_commit from marts.builds order by all") == [
        ("first",),
        ("second",),
    ]


def test_a_missing_java_is_told_in_one_line(
    stub_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "nowhere"))
    place = Place(stub_project, write_raw(tmp_path / "raw"), tmp_path / "db" / "pls.duckdb")
    built = place.build("--target", "spark")
    assert built.returncode == 2
    (line,) = error_lines(built)
    assert line.startswith("--target spark: ")
    assert "nowhere" in line or "not installed" in line
    assert not place.db.exists()


@pytest.mark.parametrize(
    ("limit", "mebibytes"), [("4GB", 3814), ("512MiB", 512), ("1.5 GiB", 1536), ("10MB", 512)]
)
def test_memory_is_read_as_duckdb_reads_it(limit: str, mebibytes: int) -> None:
    assert spark.mebibytes(limit) == mebibytes


def test_a_wrong_memory_limit_is_refused() -> None:
    with pytest.raises(InputError, match="is no size"):
        spark.mebibytes("much")
