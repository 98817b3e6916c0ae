"""What a process of its own does for `pls bench`, so that its memory can be measured.

`python -m pls.bench.child VERB JSON` prints what it found as JSON. Nothing is imported that
the measured work does not need: the floor's memory is DuckDB's and that of a bare Python.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import duckdb

from pls.sql import literal, quoted


def floor(
    files: list[str], memory_limit: str, spill: str, threads: int | None = None
) -> dict[str, Any]:
    """Read all events once and group them: what no build can do without.

    Args:
        files: The event files.
        memory_limit: DuckDB's memory limit.
        spill: Where DuckDB may spill to.
        threads: DuckDB's threads; None for its default.

    Returns:
        `rows` read and `groups` found.

    Raises:
        duckdb.Error: A file cannot be read, or the memory does not suffice.
    """
    with duckdb.connect() as connection:
        connection.execute(f"set memory_limit = {literal(memory_limit)}")
        connection.execute(f"set temp_directory = {literal(spill)}")
        connection.execute("set preserve_insertion_order = false")
        if threads is not None:
            connection.execute(f"set threads = {threads}")
        # The outer query looks at every value, so that none may be left out.
        rows, groups, *_ = connection.execute(
            f"""
            select sum(events), count(*), min(first_at), max(last_at)
            from (
                select
                    cast(occurred_at as date) as day, user_id, workspace_id, event_name,
                    count(*) as events, min(occurred_at) as first_at, max(occurred_at) as last_at
                from read_parquet([{", ".join(literal(file) for file in files)}])
                group by all
            )
            """
        ).fetchall()[0]
    return {"rows": int(rows), "groups": int(groups)}


def look(db: str) -> dict[str, Any]:
    """Open the published file and count its largest mart.

    Args:
        db: The published file.

    Returns:
        `seconds` from opening to the answer, `mart` and `rows`.

    Raises:
        duckdb.Error: The file cannot be read.
    """
    started = time.perf_counter()
    with duckdb.connect(db, read_only=True) as connection:
        (mart,) = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'marts' "
            "order by estimated_size desc, table_name limit 1"
        ).fetchall()[0]
        rows = connection.execute(f"select count(*) from marts.{quoted(mart)}").fetchall()[0][0]
    return {"seconds": time.perf_counter() - started, "mart": mart, "rows": rows}


def generate(folder: str, events: int, seed: int, catalogue: str) -> dict[str, Any]:
    """Make a dataset, unless it is there already; progress goes to stderr.

    Args:
        folder: Where to.
        events: How many events.
        seed: The seed.
        catalogue: The seed event_catalog.csv.

    Returns:
        `raw`, `next_files`, `rows`, `bytes` and `is_reused` of the dataset.

    Raises:
        InputError: It cannot be made.
    """
    from pathlib import Path

    from pls.bench.data import make

    made = make(
        Path(folder),
        events,
        seed,
        Path(catalogue),
        lambda line: print(line, file=sys.stderr, flush=True),
    )
    return {
        "raw": str(made.raw),
        "next_files": [str(file) for file in made.next_files],
        "rows": made.rows,
        "bytes": made.bytes,
        "is_reused": made.is_reused,
    }


VERBS: Mapping[str, Callable[..., dict[str, Any]]] = {
    "floor": floor,
    "generate": generate,
    "look": look,
}


def main(arguments: list[str]) -> int:
    """Run one verb.

    Args:
        arguments: The verb and its arguments as a JSON object.

    Returns:
        The exit code: 0 good, 2 with one line on stderr.
    """
    from pls.errors import PlsError

    verb, options = arguments
    try:
        found = VERBS[verb](**json.loads(options))
    except (PlsError, duckdb.Error) as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return 2
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
