"""A first look at the seeds, so that a slip in a CSV is named before anything is built.

What a row means is judged by the model seed_problems; here it is only whether the file is
CSV, has its columns, and holds values of their types.
"""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import yaml

from pls.errors import InputError
from pls.paths import Project

PATTERNS = ("title_rules.csv", "pattern")
"""The seed and the column that hold regular expressions."""
_BOOLEANS = frozenset({"true", "false", "t", "f", "yes", "no", "1", "0"})


@dataclass
class Seed:
    """A seed file.

    Attributes:
        name: Its name.
        header: The columns it has; empty when it cannot be read.
        problems: What is wrong with it.
        remarks: What is odd but harmless.
    """

    name: str
    header: tuple[str, ...] = ()
    problems: list[InputError] = field(default_factory=list)
    remarks: list[InputError] = field(default_factory=list)


def look_at_seeds(project: Project) -> list[Seed]:
    """Look at each seed of a project.

    Args:
        project: The dbt project.

    Returns:
        The seeds by name, those that are described and missing too.
    """
    folder = project.root / "seeds"
    described = _described(folder)
    paths = {path.stem: path for path in folder.glob("*.csv")}
    return [
        _look(name, paths.get(name), described.get(name)) for name in sorted({*described, *paths})
    ]


def read_seed(project: Project, name: str) -> list[dict[str, str | None]]:
    """Read the rows of a seed.

    Args:
        project: The dbt project.
        name: The seed's name.

    Returns:
        The rows in the file's order, the values as text; None for an empty one.

    Raises:
        InputError: The file cannot be read.
    """
    path = project.root / "seeds" / f"{name}.csv"
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            return [
                {column: value or None for column, value in row.items() if column}
                for row in csv.DictReader(stream, strict=True)
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            f"cannot be read ({error})", str(path), "restore it from version control"
        ) from error


def find_rep(project: Project, who: str) -> str:
    """Find a rep of `sales_reps` by id or by name.

    Args:
        project: The dbt project.
        who: A rep_id or a rep's name, in any case.

    Returns:
        The rep_id.

    Raises:
        InputError: There is no such rep, or more than one of that name.
    """
    reps = {str(rep["rep_id"]): rep["name"] or "" for rep in read_seed(project, "sales_reps")}
    if who in reps:
        return who
    wanted = " ".join(who.split()).casefold()
    found = [rep_id for rep_id, name in reps.items() if name.casefold() == wanted]
    if len(found) == 1:
        return found[0]
    if found:
        raise InputError(
            f"{who!r} is the name of {', '.join(sorted(found))}", "--owner", "give the rep_id"
        )
    raise InputError(
        f"nobody is {who!r}",
        "--owner",
        f"reps are {', '.join(sorted(reps)) or 'none'}; see seeds/sales_reps.csv",
    )


def _described(folder: Path) -> dict[str, dict[str, str]]:
    """Read the columns and types of each seed from the YAML files beside them."""
    described: dict[str, dict[str, str]] = {}
    for path in sorted([*folder.glob("*.yml"), *folder.glob("*.yaml")]):
        try:
            content: Any = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
            for seed in content.get("seeds") or ():
                columns = {
                    str(column["name"]): str(column.get("data_type", ""))
                    for column in seed.get("columns") or ()
                }
                if columns:
                    described[str(seed["name"])] = columns
        except (OSError, yaml.YAMLError, AttributeError, KeyError, TypeError):
            continue  # dbt reads the same files and says what is wrong with them
    return described


def _look(name: str, path: Path | None, described: dict[str, str] | None) -> Seed:
    seed = Seed(name)
    where = f"seeds/{name}.csv"
    if path is None:
        seed.problems.append(InputError("is missing", where, "restore it from version control"))
        return seed
    try:
        text = path.read_text(encoding="utf-8-sig")
        lines = csv.reader(text.splitlines(keepends=True), strict=True)
        header = next(lines, [])
        if not header:
            seed.problems.append(InputError("is empty", where, "give it at least its header"))
            return seed
        seed.header = tuple(header)
        seed.problems += _columns(where, header, described or {})
        if described is not None:
            seed.remarks += [
                InputError(f"column {column} is not described", where, "remove or describe it")
                for column in header
                if column not in described
            ]
        if not seed.problems:
            seed.problems += _rows(where, header, lines, described or {})
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        seed.problems.append(InputError(f"cannot be read ({error})", where, "save it as UTF-8 CSV"))
    return seed


def _columns(where: str, header: list[str], described: dict[str, str]) -> Iterator[InputError]:
    strange = [name for name in header if name not in described]
    for name in header:
        if header.count(name) > 1:
            yield InputError(f"column {name} is there twice", where, "keep one of them")
            return
    for name in described:
        if name not in header:
            near = difflib.get_close_matches(name, strange, 1, 0.5)
            mend = f"rename {near[0]} to {name}" if near else f"add the column {name}"
            yield InputError(f"column {name} is missing", where, mend)


def _rows(
    where: str, header: list[str], lines: Any, described: dict[str, str]
) -> Iterator[InputError]:
    types = [described.get(name, "") for name in header]
    last = lines.line_num
    try:
        for fields in lines:
            at, last = f"{where}: line {last + 1}", lines.line_num
            if fields and len(fields) != len(header):
                yield InputError(
                    f"{len(fields)} fields where the header has {len(header)}",
                    at,
                    "put a value with commas into double quotes",
                )
                continue
            for name, kind, value in zip(header, types, fields, strict=False):
                if value.strip() and not _fits(value.strip(), kind):
                    yield InputError(f"{name} {value!r} is not of type {kind}", at, "correct it")
                if where.endswith(PATTERNS[0]) and name == PATTERNS[1] and not _is_regex(value):
                    yield InputError(f"{value!r} is no regular expression", at, "correct it")
    except csv.Error as error:
        yield InputError(f"the quotes go wrong ({error})", f"{where}: line {last + 1}", "mend them")


def _is_regex(value: str) -> bool:
    try:
        duckdb.execute("select regexp_matches('', ?)", [value]).fetchall()
    except duckdb.Error:
        return False
    return True


def _fits(value: str, kind: str) -> bool:
    match kind.lower():
        case "integer" | "bigint":
            return re.fullmatch(r"[+-]?\d+", value) is not None
        case "double" | "decimal":
            return re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", value) is not None
        case "boolean":
            return value.lower() in _BOOLEANS
        case "date":
            try:
                date.fromisoformat(value)
            except ValueError:
                return False
    return True
