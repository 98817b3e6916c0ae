"""Print what each model of a Spark build read, shuffled and spilled.

The numbers are Spark's own, from the event log of a run (docs/engines.md says how to get
one): `python scripts/spark_stages.py LOG_FOLDER`.
"""

from __future__ import annotations

import argparse
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zstandard

METRICS = {
    "input.recordsRead": "rows_read",
    "input.bytesRead": "bytes_read",
    "shuffle.write.recordsWritten": "rows_shuffled",
    "shuffle.write.bytesWritten": "bytes_shuffled",
    "diskBytesSpilled": "bytes_spilled",
    "executorCpuTime": "cpu_nanoseconds",
}
"""Spark's names of the metrics, and ours."""

ELSEWHERE = "(tests and checks)"
"""Stands for queries that write no table."""

_WRITTEN = re.compile(
    r"^\(\d+\) Execute InsertIntoHadoopFsRelationCommand\nInput[^\n]*\n"
    r"Arguments: \S*?/(\w+)\.db/(\w+)",
    re.MULTILINE,
)
"""The table a query writes, in the description of its plan."""


@dataclass
class Work:
    """What the queries of one table did.

    Attributes:
        stages: How many stages ran.
        sums: The sum of each metric, by our name.
    """

    stages: int = 0
    sums: dict[str, int] = field(default_factory=lambda: dict.fromkeys(METRICS.values(), 0))


def events(folder: Path) -> Iterator[dict[str, Any]]:
    """Read the events of a run.

    Args:
        folder: The folder of event logs, or one log.

    Yields:
        The events in order.

    Raises:
        SystemExit: There is no log.
    """
    files = [folder] if folder.is_file() else sorted(folder.rglob("*"), key=_number)
    logs = [f for f in files if f.is_file() and not f.name.startswith((".", "appstatus"))]
    if not logs:
        raise SystemExit(f"{folder}: no event log; see docs/engines.md")
    for log in logs:
        with log.open("rb") as stream:
            readable: Any = stream
            if log.suffix == ".zstd":
                readable = zstandard.ZstdDecompressor().stream_reader(
                    stream, read_across_frames=True
                )
            for line in io.TextIOWrapper(readable, encoding="utf-8"):
                yield json.loads(line)


def _number(path: Path) -> tuple[str, int]:
    found = re.match(r"events_(\d+)_", path.name)
    return str(path.parent), int(found[1]) if found else 0


def work_of(log: Iterator[dict[str, Any]]) -> dict[str, Work]:
    """Add the metrics of all stages up by the table they were for.

    Args:
        log: The events of a run.

    Returns:
        The work by table, named schema.table.
    """
    tables: dict[str, str] = {}
    queries: dict[int, str] = {}
    found: dict[str, Work] = {}
    for event in log:
        kind = event["Event"].rsplit(".", 1)[-1]
        if kind in ("SparkListenerSQLExecutionStart", "SparkListenerSQLAdaptiveExecutionUpdate"):
            written = _WRITTEN.search(event["physicalPlanDescription"])
            if written:
                tables[str(event["executionId"])] = f"{written[1]}.{written[2]}"
        elif kind == "SparkListenerJobStart":
            query = event.get("Properties", {}).get("spark.sql.execution.id", "")
            queries.update({stage: query for stage in event["Stage IDs"]})
        elif kind == "SparkListenerStageCompleted":
            stage = event["Stage Info"]
            query = queries.get(stage["Stage ID"], "")
            work = found.setdefault(tables.get(query, ELSEWHERE), Work())
            work.stages += 1
            for sum_ in stage["Accumulables"]:
                name = METRICS.get(str(sum_["Name"]).removeprefix("internal.metrics."))
                if name:
                    work.sums[name] += int(sum_["Value"])
    return found


def main() -> None:
    """Print the work of each table, most shuffled bytes first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("log", type=Path, metavar="LOG_FOLDER")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    arguments = parser.parse_args()
    found = work_of(events(arguments.log))
    if arguments.json:
        print(json.dumps({t: {"stages": w.stages, **w.sums} for t, w in found.items()}, indent=2))
        return
    total = Work(
        sum(w.stages for w in found.values()),
        {name: sum(w.sums[name] for w in found.values()) for name in METRICS.values()},
    )
    print(
        f"{'table':<42}{'stages':>7}{'rows read':>14}{'MB read':>10}"
        f"{'rows shuffled':>15}{'MB shuffled':>13}{'MB spilled':>12}{'CPU s':>8}"
    )
    for table, work in [
        *sorted(found.items(), key=lambda item: -item[1].sums["bytes_shuffled"]),
        ("total", total),
    ]:
        s = work.sums
        print(
            f"{table:<42}{work.stages:>7}{s['rows_read']:>14,}{s['bytes_read'] / 1e6:>10,.1f}"
            f"{s['rows_shuffled']:>15,}{s['bytes_shuffled'] / 1e6:>13,.2f}"
            f"{s['bytes_spilled'] / 1e6:>12,.1f}{s['cpu_nanoseconds'] / 1e9:>8,.1f}"
        )


if __name__ == "__main__":
    main()
