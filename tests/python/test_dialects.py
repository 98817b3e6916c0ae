"""Every model and data test compiles for every dialect and is SQL its engine would read.

What that proves and what not: docs/decisions/0012-dialects-are-checked-by-parsing.md. No
warehouse is asked and no driver installed: tests/python/dialects says how.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlglot
import yaml
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokens import Token

from conftest import ROOT

HERE = ROOT / "tests" / "python" / "dialects"
WORDS: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "words.yml").read_text())
ONLY_ON_DUCKDB = {"models/marts/learning/calibration_weights.sql"}
"""Made by Python in the process of the build; docs/decisions say why."""
DIALECTS = [dialect for dialect in WORDS if dialect != "everywhere"]

# Words before a bracket that call nothing.
KEYWORDS = {
    "all",
    "and",
    "as",
    "between",
    "by",
    "distinct",
    "else",
    "except",
    "from",
    "group",
    "having",
    "in",
    "intersect",
    "interval",
    "join",
    "like",
    "not",
    "on",
    "or",
    "over",
    "select",
    "then",
    "union",
    "using",
    "values",
    "when",
    "where",
    "with",
    "within",
}
CASTS = {"cast", "safe_cast", "try_cast"}
BRACKETS = {"(": 1, ")": -1}


def allowed(dialect: str, kind: str) -> set[str]:
    """The functions or types that a dialect's SQL may use."""
    return set(WORDS["everywhere"][kind]) | set(WORDS[dialect][kind])


def called_functions(tokens: list[Token], own_names: set[str]) -> Iterator[tuple[str, int]]:
    """Every name before a bracket with its line, but for keywords and the query's own names."""
    for before, token, after in zip([None, *tokens], tokens, tokens[1:], strict=False):
        name = token.text.lower()
        is_type = before is not None and before.text.lower() == "as"
        if (
            after.text == "("
            and name.isidentifier()
            and token.token_type != sqlglot.TokenType.STRING
            and not is_type
            and name not in KEYWORDS | own_names
        ):
            yield name, token.line


def cast_types(tokens: list[Token]) -> Iterator[tuple[str, int]]:
    """Every type that something is cast to, without its length, with its line."""
    casts: list[bool] = []
    for number, token in enumerate(tokens):
        if token.text == "(" and token.token_type != sqlglot.TokenType.STRING:
            casts.append(number > 0 and tokens[number - 1].text.lower() in CASTS)
        elif token.text == ")" and token.token_type != sqlglot.TokenType.STRING:
            casts.pop()
        elif casts and casts[-1] and token.text.lower() == "as":
            words = []
            for word in tokens[number + 1 :]:
                if word.text in BRACKETS:
                    break
                words.append(word.text.lower())
            yield " ".join(words), token.line


def has_equality(join: exp.Join) -> bool:
    """Whether a join's condition asks for equal fields of two relations, beside all else."""
    condition = join.args.get("on")
    parts = condition.flatten() if isinstance(condition, exp.And) else [condition]
    for part in parts:
        if isinstance(part, exp.EQ):
            sides = [
                {c.table for c in side.find_all(exp.Column)}
                for side in (part.this, part.expression)
            ]
            if all(sides) and sides[0] != sides[1]:
                return True
    return False


def problems_of(sql: str, dialect: str) -> Iterator[tuple[int, str]]:
    """What a dialect's engine would not read, or read otherwise: lines and what is there."""
    try:
        tokens = sqlglot.tokenize(sql, read=dialect)
        statements = sqlglot.parse(sql, read=dialect)
    except SqlglotError as error:
        details = getattr(error, "errors", None) or [{}]
        yield details[0].get("line", 1), str(error).splitlines()[0]
        return
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        yield 1, "no single query"
        return
    query = statements[0]
    for command in query.find_all(exp.Command):
        yield 1, f"a part that is not understood: {command.name}"
    own_names = {cte.alias.lower() for cte in query.find_all(exp.CTE)}
    for name, line in called_functions(tokens, own_names):
        if name not in allowed(dialect, "functions"):
            yield line, f"the function {name}"
    for name, line in cast_types(tokens):
        if name not in allowed(dialect, "types"):
            yield line, f"the type {name}"
    if dialect == "bigquery":
        for join in query.find_all(exp.Join):
            if join.side and not has_equality(join):
                yield 1, f"an outer join of {join.alias_or_name} without an equality"
    elif dialect == "redshift":
        for cte in query.find_all(exp.CTE):
            reads = {table.name for table in cte.this.find_all(exp.Table) if not table.db}
            if cte.alias in reads and not cte.args["alias"].columns:
                yield 1, f"the recursive CTE {cte.alias} without its columns"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_models_are_sql_of(dialect: str, tmp_path: Path) -> None:
    file = tmp_path / "nodes.json"
    done = subprocess.run(
        [sys.executable, str(HERE / "compile_models.py"), dialect, str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    nodes = json.loads(file.read_text())
    models = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("models/**/*.sql")}
    assert models - ONLY_ON_DUCKDB == {node["path"] for node in nodes} & models
    problems = [
        f"{dialect}: {node['path']}: line {line} of the compiled SQL has {problem}"
        for node in nodes
        for line, problem in problems_of(node["sql"], dialect)
    ]
    strategies = {None, *WORDS[dialect]["incremental_strategies"]}
    problems += [
        f"{dialect}: {node['path']}: no incremental strategy {node['incremental_strategy']}"
        for node in nodes
        if node["incremental_strategy"] not in strategies
    ]
    used = {
        name
        for node in nodes
        for name, _ in called_functions(sqlglot.tokenize(node["sql"], read=dialect), set())
    }
    problems += [
        f"{HERE.name}/words.yml: {dialect}: no query calls {name}"
        for name in sorted(set(WORDS[dialect]["functions"]) - used)
    ]
    assert not problems, "\n".join(dict.fromkeys(problems))


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("sql", "line", "problem"),
    [
        ("select a\nfrom b\nwhere json_valid(c)", 3, "the function json_valid"),
        ("select\n    regexp_full_match(a, 'b')\nfrom c", 2, "the function regexp_full_match"),
        ("select isfinite(a) from b", 1, "the function isfinite"),
        ("select cast(a as hugeint) from b", 1, "the type hugeint"),
        ("select list_aggregate(a, 'sum') as as_of from b", 1, "the function list_aggregate"),
        ("select a from b where exists (select 1 from c)", 1, "the function exists"),
    ],
)
def test_what_only_duckdb_reads_is_found(sql: str, line: int, problem: str, dialect: str) -> None:
    assert list(problems_of(sql, dialect)) == [(line, problem)]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "sql", ["select a from", "select (a from b", "select 1; select 2", "describe a"]
)
def test_what_no_model_may_be_is_found(sql: str, dialect: str) -> None:
    assert list(problems_of(sql, dialect))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_plain_sql_is_read(dialect: str) -> None:
    sql = (
        "with a as (select lower(b.c) as c, cast(b.d as date) as d from b)\n"
        "select c, count(*) as rows_of_c, 'json_valid(' as text from a where c in ('x') group by c"
    )
    assert list(problems_of(sql, dialect)) == []


@pytest.mark.parametrize(
    ("dialect", "sql", "problem"),
    [
        (
            "bigquery",
            "select a from b union select a from c",
            "Expected DISTINCT or ALL for Union. Line 1, Col: 28.",
        ),
        (
            "bigquery",
            "select b.a from b left join c on b.a like c.a",
            "an outer join of c without an equality",
        ),
        (
            "redshift",
            "with recursive a as (select 1 as n union all select n + 1 from a where n < 3)"
            " select n from a",
            "the recursive CTE a without its columns",
        ),
        ("postgres", "select cast(a as double) from b", "the type double"),
        ("bigquery", "select cast(a as varchar) from b", "the type varchar"),
        ("snowflake", "select regexp_like(a, 'b') from c", "the function regexp_like"),
    ],
)
def test_what_one_engine_does_in_its_own_way_is_found(dialect: str, sql: str, problem: str) -> None:
    assert [found for _, found in problems_of(sql, dialect)] == [problem]
