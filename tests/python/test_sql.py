"""Values arrive in a table as they were given."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest

from pls.sql import make_table


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (
            "varchar",
            ["", None, "null", "[1]", '{"a": 1}', 'quoted "it\'s"\\', "\x00\n\t", "Zoë 日本"],
        ),
        ("bigint", [2**62, None, -1]),
        ("double", [0.1, None, 1e300, -2.5e-9]),
        ("decimal(18, 2)", [Decimal("0.10"), None]),
        ("boolean", [True, None, False]),
        ("date", [date(2026, 2, 28), None]),
        ("timestamp", [datetime(2026, 2, 28, 23, 59, 59, 999999), None]),
        ("varchar[]", [["a, b", "[c]", 'd"'], None, []]),
    ],
)
def test_make_table_keeps_values(kind: str, values: list[object]) -> None:
    with duckdb.connect() as connection:
        make_table(
            connection,
            "made",
            {"position": "integer", "a value": kind},
            list(enumerate(values)),
        )
        rows = connection.execute("from made order by position").fetchall()
    assert [value for _, value in rows] == values


def test_make_table_of_no_rows() -> None:
    with duckdb.connect() as connection:
        make_table(connection, "made", {"a": "varchar"}, [])
        assert connection.execute("from made").fetchall() == []
