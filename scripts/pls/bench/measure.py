"""Running a child process and saying what it cost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

KINDS: Mapping[str, str] = {
    "model": "models",
    "snapshot": "models",
    "seed": "seeds",
    "test": "tests",
    "unit_test": "tests",
}
"""What dbt's kinds of nodes are counted as."""


@dataclass(frozen=True)
class Usage:
    """What a process cost.

    Attributes:
        exit_code: Its exit code; negative the signal that killed it.
        seconds: Wall time.
        cpu_seconds: User and system time, of its own children too.
        peak_bytes: The most memory it, or one of its own children, held at one moment.
    """

    exit_code: int
    seconds: float
    cpu_seconds: float
    peak_bytes: int


@dataclass(frozen=True)
class NodeRun:
    """One node of a dbt run.

    Attributes:
        name: The last part of its id.
        kind: models, seeds, tests or other.
        started: When it started (seconds since 1970).
        ended: When it ended.
    """

    name: str
    kind: str
    started: float
    ended: float


def run_child(
    command: Sequence[str], environment: Mapping[str, str], log: Path, *, show_errors: bool = False
) -> Usage:
    """Run a process to its end.

    The system counts the memory of the process that starts another as the other's too, until
    it has become the other program: whoever calls this must be small.

    Args:
        command: The program and its arguments.
        environment: Its environment.
        log: The file for what it says to stderr; stdout goes beside it, as `.out`.
        show_errors: Let stderr through in place of writing it to the log.

    Returns:
        What it cost.

    Raises:
        OSError: The program or the log cannot be opened.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as err, log.with_suffix(".out").open("wb") as out:
        started = time.monotonic()
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=None if show_errors else err,
            env=dict(environment),
        )
        try:
            _, status, used = os.wait4(process.pid, 0)
        except BaseException:
            process.terminate()
            process.wait()
            raise
    seconds = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(status)  # so that nobody waits again
    unit = 1 if sys.platform == "darwin" else 1024
    return Usage(
        exit_code=process.returncode,
        seconds=seconds,
        cpu_seconds=used.ru_utime + used.ru_stime,
        peak_bytes=used.ru_maxrss * unit,
    )


def answer(log: Path) -> dict[str, Any]:
    """Read the JSON that a child printed.

    Args:
        log: The log that `run_child` was given.

    Returns:
        What it printed; empty when that is no JSON object.
    """
    with suppress(OSError, ValueError):
        found = json.loads(log.with_suffix(".out").read_text(encoding="utf-8"))
        if isinstance(found, dict):
            return found
    return {}


def why_it_failed(usage: Usage, log: Path) -> str:
    """Say in one line why a child failed.

    Args:
        usage: What it cost.
        log: Its log.

    Returns:
        The line, with the last thing it said.
    """
    if usage.exit_code < 0:
        what = f"was killed by signal {-usage.exit_code}"
        if usage.exit_code == -9:
            what += " (perhaps for want of memory)"
    else:
        what = f"ended with exit code {usage.exit_code}"
    said = ""
    with suppress(OSError):
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        said = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return f"{what}: {said}" if said else what


def read_runs(folder: Path, since: float) -> list[NodeRun]:
    """Read what dbt ran, from every run_results.json that was written since.

    Args:
        folder: The folder to look through.
        since: Seconds since 1970.

    Returns:
        The nodes that did something, in no order; empty when dbt did not run.
    """
    return [
        node
        for path in folder.rglob("run_results.json")
        if path.stat().st_mtime >= since
        for node in _nodes(path)
    ]


def _nodes(path: Path) -> Iterable[NodeRun]:
    for result in json.loads(path.read_text(encoding="utf-8")).get("results", ()):
        moments = [
            datetime.fromisoformat(moment).timestamp()
            for part in result.get("timing", ())
            for moment in (part.get("started_at"), part.get("completed_at"))
            if moment
        ]
        # What took no time counts for nothing.
        if moments and min(moments) < max(moments):
            kind, _, name = str(result["unique_id"]).split(".", 2)
            yield NodeRun(name.split(".")[0], KINDS.get(kind, "other"), min(moments), max(moments))


def wall_by_kind(nodes: Sequence[NodeRun]) -> dict[str, float]:
    """Share out the wall time during which nodes ran.

    While several run at once, each gets its part of that time: the shares add up to the time
    in which anything ran, whatever the number of threads.

    Args:
        nodes: The nodes.

    Returns:
        Seconds for models, seeds, tests and other.
    """
    shares = {kind: 0.0 for kind in (*dict.fromkeys(KINDS.values()), "other")}
    moments = sorted(
        [(node.started, 1, node.kind) for node in nodes]
        + [(node.ended, -1, node.kind) for node in nodes]
    )
    running = dict.fromkeys(shares, 0)
    before = 0.0
    for moment, step, kind in moments:
        busy = sum(running.values())
        for each, count in running.items():
            if count:
                shares[each] += (moment - before) * count / busy
        running[kind] += step
        before = moment
    return shares


def slowest(nodes: Iterable[NodeRun], count: int = 5) -> list[tuple[str, float]]:
    """Find the slowest models.

    Args:
        nodes: What ran.
        count: How many to give.

    Returns:
        Names and seconds, the slowest first.
    """
    models = [(node.name, node.ended - node.started) for node in nodes if node.kind == "models"]
    return sorted(models, key=lambda pair: (-pair[1], pair[0]))[:count]
