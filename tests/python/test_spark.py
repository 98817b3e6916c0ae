"""The same models, seeds and raw files on Apache Spark give the same marts."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import ROOT, Place, pls
from pls import spark
from pls.errors import InputError

CLOCK = '{"build_clock": "2026-07-01 05:00:00"}'
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


@pytest.fixture(scope="module")
def _spark() -> None:
    try:
        spark.require()
    except InputError as error:
        pytest.skip(str(error))


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


def assert_same(one: Place, other: Place) -> None:
    found = marts(other)
    assert len(found) > 10
    problems = [
        line for mart, grain in found.items() for line in differences(mart, grain, one, other)
    ]
    assert not problems, "\n".join(problems[:20])


def test_spark_gives_the_marts_of_duckdb(
    _spark: None, raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Small data: compiling code well takes longer than running it.
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1")
    on_duckdb = Place(ROOT, raw, tmp_path / "duckdb" / "pls.duckdb")
    on_spark = Place(ROOT, raw, tmp_path / "spark" / "pls.duckdb")
    built = on_duckdb.build("--no-tests", "--vars", CLOCK)
    assert built.returncode == 0, built.stderr
    built = on_spark.build("--no-tests", "--vars", CLOCK, "--target", "spark")
    assert built.returncode == 0, built.stderr
    assert "published" in built.stdout
    assert_same(on_duckdb, on_spark)
