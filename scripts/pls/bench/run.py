"""`pls bench`: what each step of the project costs at each size.

Every step is a process of its own, started by the same command line a person types, so
that time and memory are what the person would see. This process stays small: the system
counts its memory as the child's until the child has become another program.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from pls.bench import data
from pls.bench.measure import (
    Usage,
    answer,
    read_runs,
    run_child,
    slowest,
    wall_by_kind,
    why_it_failed,
)
from pls.bench.report import (
    DONE,
    FAILED,
    Results,
    Row,
    Size,
    as_dict,
    label,
    markdown,
    median_row,
)
from pls.console import Reporter
from pls.dbt_run import environment, git_commit
from pls.errors import InputError
from pls.lock import hold
from pls.paths import Project, Store

STEPS: Mapping[str, str] = {
    "floor": "floor: one pass over the event files in bare DuckDB",
    "full-1": "full rebuild, 1 day of history, no tests",
    "full": "full rebuild, no tests",
    "full-tests": "full rebuild with tests",
    "increment": "next day, no tests",
    "increment-tests": "next day with tests",
    "no-change": "nothing new, no tests",
    "explain": "pls explain",
}
"""The steps, in the order they are taken."""
NEED_A_BUILD = ("increment", "increment-tests", "no-change", "explain")
FULL_BUILDS = ("full", "full-tests")
"""Those that leave a store as a user's."""

PLS = (sys.executable, "-m", "pls.cli")
"""How `pls` is started."""

FLOOR_RUNS = 4
"""How often the floor is measured: before the builds, before each increment, and at the end."""

MARK = ".pls-bench"
"""The file that says that a folder is the bench's."""

BYTES_PER_EVENT = 500
"""Room an event takes in all: raw, working, spilled and published."""

FEW_USERS = "user_id,email,created_at\nu1,ann@acme.com,2026-04-01\nu2,bob@acme.com,2026-04-02\n"
FEW_EVENTS = "event_id,event_name,occurred_at,user_id\ne1,dashboard_viewed,2026-05-01 08:00:00,u1\n"


@dataclass(frozen=True)
class BenchRequest:
    """What to measure.

    Attributes:
        project: The dbt project.
        out: The folder for data, stores, logs and the table.
        events: Sizes, in events.
        steps: Names of steps; empty for all.
        seed: Seed of the datasets.
        demo: Whether to measure the sample company too.
        memory_limit: For the children; None for what a build takes by itself.
        threads: For the children; None likewise.
    """

    project: Project
    out: Path
    events: tuple[int, ...]
    steps: tuple[str, ...] = ()
    seed: int = 7
    demo: bool = False
    memory_limit: str | None = None
    threads: int | None = None


def parse_sizes(text: str) -> tuple[int, ...]:
    """Read a list of numbers of events.

    Args:
        text: Such as `5_000_000,20M,500k`.

    Returns:
        The numbers, the smallest first, each once.

    Raises:
        InputError: One is no number, or too small or large.
    """
    sizes = []
    for part in text.split(","):
        found = re.fullmatch(r"\s*([\d_]+(?:\.\d+)?)\s*([kKmM]?)\s*", part)
        try:
            number = float(found[1]) if found else float("nan")
        except ValueError:
            number = float("nan")
        if not found or number != number:
            raise InputError(
                f"{part.strip()!r} is no number of events",
                "--events",
                "give numbers such as 5_000_000 or 20M, with commas between",
            )
        size = round(number * {"": 1, "k": 1_000, "m": 1_000_000}[found[2].lower()])
        data.check_numbers(size, 0)
        sizes.append(size)
    return tuple(sorted(set(sizes)))


def parse_steps(text: str) -> tuple[str, ...]:
    """Read a list of steps, and add a full rebuild for those that need one.

    Args:
        text: Names with commas between.

    Returns:
        The steps in the order they are taken.

    Raises:
        InputError: There is no such step.
    """
    asked = {part.strip() for part in text.split(",") if part.strip()}
    unknown = sorted(asked - set(STEPS))
    if unknown or not asked:
        raise InputError(
            f"there is no step {unknown[0] if unknown else ''!r}",
            "--steps",
            f"choose from {', '.join(STEPS)}",
        )
    if asked & set(NEED_A_BUILD) and not asked & set(FULL_BUILDS):
        asked.add("full")
    return tuple(step for step in STEPS if step in asked)


def bench(request: BenchRequest, reporter: Reporter) -> Results:
    """Measure, and write the table anew after every step.

    Args:
        request: What to measure.
        reporter: Told of every step.

    Returns:
        What was measured.

    Raises:
        InputError: The folder is somebody else's, the disk too small, or a dataset cannot be
            made. A step that fails is told to the reporter; the others go on.
        LockHeld: Another bench is at work in the folder.
    """
    data.check_numbers(max(request.events), request.seed)
    limit = request.memory_limit
    if limit is not None and not re.fullmatch(r"\d+(\.\d+)?\s*[KMGT]i?B", limit, re.IGNORECASE):
        raise InputError(f"{limit!r} is no size", "--memory-limit", "give one such as 4GB")
    _take_folder(request.out)
    with hold(request.out / "bench.lock"):
        _require_room(request)
        return _Bench(request, reporter).run()


def _take_folder(out: Path) -> None:
    """Make the folder ours, unless it holds something else."""
    if out.exists() and not out.is_dir():
        raise InputError("is not a folder", str(out), "give another --out")
    if out.is_dir() and any(out.iterdir()) and not (out / MARK).exists():
        raise InputError(
            "holds something that is not of a bench", str(out), "give a new or an empty --out"
        )
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / MARK).touch()
    except OSError as error:
        raise InputError(
            f"cannot be written ({error.strerror})", str(out), "give another --out"
        ) from error


def _require_room(request: BenchRequest) -> None:
    """Refuse to begin what would fill the disk."""
    there = sum(path.stat().st_size for path in request.out.rglob("*") if path.is_file())
    needed = max(request.events) * BYTES_PER_EVENT
    free = shutil.disk_usage(request.out).free
    if free + there < needed:
        raise InputError(
            f"{label(max(request.events))} events need about {needed / 1e9:.1f} GB, "
            f"and {free / 1e9:.1f} GB are free",
            str(request.out),
            "make room, give --out on another disk, or fewer --events",
        )


class _Bench:
    """One bench: the children's environment, and what was measured so far."""

    def __init__(self, request: BenchRequest, reporter: Reporter) -> None:
        """Prepare the environment.

        Args:
            request: What to measure.
            reporter: Told of every step.
        """
        self.request = request
        self.reporter = reporter
        self.out = request.out
        self.logs = self.out / "logs"
        given = {"PLS_MEMORY_LIMIT": request.memory_limit, "PLS_THREADS": request.threads}
        usual = environment(self._store("bench"), request.project, None)
        limits = {name: str(value or usual[name]) for name, value in given.items()}
        self.environment = {**os.environ, **limits}
        self.memory_limit = limits["PLS_MEMORY_LIMIT"]
        self.threads = duckdb_threads(request.project, limits["PLS_THREADS"])
        self.results = Results(
            setting={
                "processors": os.cpu_count(),
                "memory_gb": round(
                    os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1
                ),
                **{name.lower().removeprefix("pls_"): value for name, value in limits.items()},
                "duckdb_threads": self.threads or "default",
                "python": sys.version.split()[0],
                **{name: version(name) for name in ("duckdb", "dbt-core")},
                "seed": request.seed,
                "commit": git_commit(request.project)[:12],
            }
        )

    def run(self) -> Results:
        """Measure everything.

        Returns:
            What was measured.

        Raises:
            InputError: A dataset cannot be made.
        """
        for events in self.request.events:
            self._measure_size(events)
        if self.request.demo:
            self._measure_demo()
        self._write()
        return self.results

    def _measure_size(self, events: int) -> None:
        name = label(events)
        size = Size(events)
        steps = self.request.steps or tuple(STEPS)
        size.steps = [Row(step, STEPS[step], why="not reached") for step in steps]
        rows = {row.step: row for row in size.steps}
        self.results.sizes.append(size)
        folder = self.out / "raw" / f"{events}-{self.request.seed}"
        raw, store = folder / "raw", self._store("bench")
        later = [data.event_file(raw, data.DAYS + day) for day in range(data.NEXT_DAYS)]
        _forget(later)  # a bench that was killed may have left them
        made = self._dataset(folder, events)
        size.rows, size.raw_bytes = made["rows"], made["bytes"]
        files = sorted(str(file) for file in raw.glob("events/*/*.parquet"))
        floor: list[Usage] = []

        def measure_floor() -> None:
            self._floor(rows.get("floor"), name, files, made["rows"], floor)

        is_built = False
        try:
            for step, row in rows.items():
                if step == "floor":
                    measure_floor()
                    continue
                if step in NEED_A_BUILD and not is_built:
                    row.why = "the full rebuild before it failed"
                    continue
                if step.startswith("full"):
                    self._clear()
                if step.startswith("increment"):
                    measure_floor()
                    day = ("increment", "increment-tests").index(step)
                    _add(Path(made["next_files"][day]), later[day])
                self._measure(row, name, _command(step), store, raw)
                if step in FULL_BUILDS:
                    is_built = row.status == DONE
                    size.working_bytes, size.published_bytes = _bytes(store.work), _bytes(store.db)
                    if is_built:
                        self._look(size, name, store)
                self._write()
            # Once before the builds is not enough: a machine has good and bad minutes.
            while len(floor) < FLOOR_RUNS and "floor" in rows and rows["floor"].status == DONE:
                measure_floor()
            if is_built:
                size.working_bytes_after = _bytes(store.work)
                size.published_bytes_after = _bytes(store.db)
        finally:
            _forget(later)
            self._clear()
            self._write()

    def _dataset(self, folder: Path, events: int) -> dict[str, Any]:
        """Make the dataset in a process of its own, so that this one stays small."""
        self.reporter.step(f"{label(events)}: making the dataset")
        log = self.logs / f"{events}-generate.log"
        catalogue = self.request.project.root / "seeds" / "event_catalog.csv"
        usage = self._child(
            "generate",
            {
                "folder": str(folder),
                "events": events,
                "seed": self.request.seed,
                "catalogue": str(catalogue),
            },
            log,
            show_errors=not self.reporter.quiet,
        )
        made = answer(log)
        if usage.exit_code or not made:
            raise InputError(
                f"the dataset of {label(events)} events: {why_it_failed(usage, log)}",
                "bench",
                f"see {log}",
            )
        what = "there already" if made["is_reused"] else f"made in {usage.seconds:.1f} s"
        self.reporter.step(
            f"  {what}: {made['rows']:,} rows, {made['bytes'] / 1e6:,.0f} MB of Parquet"
        )
        return made

    def _child(
        self, verb: str, options: Mapping[str, Any], log: Path, *, show_errors: bool = False
    ) -> Usage:
        command = [sys.executable, "-m", "pls.bench.child", verb, json.dumps(dict(options))]
        return run_child(command, self.environment, log, show_errors=show_errors)

    def _floor(
        self, row: Row | None, name: str, files: list[str], rows: int, runs: list[Usage]
    ) -> None:
        """Measure the floor once more."""
        if row is None or row.status == FAILED:
            return
        self.reporter.step(f"{name}: {row.title}")
        log = self.logs / f"{name}-floor.log"
        spill = self.out / "floor_tmp"
        options = {"files": files, "memory_limit": self.memory_limit, "spill": str(spill)}
        usage = self._child("floor", {**options, "threads": self.threads}, log)
        shutil.rmtree(spill, ignore_errors=True)
        found = answer(log)
        if usage.exit_code or found.get("rows") != rows:
            why = why_it_failed(usage, log)
            if not usage.exit_code:
                why = f"read {found.get('rows')} rows in place of {rows}"
            self._failed(row, name, why, log)
            return
        runs.append(usage)
        median_row(row, [(run.seconds, run.cpu_seconds, run.peak_bytes) for run in runs])
        row.status, row.why = DONE, ""
        self._tell(usage)
        self._write()

    def _measure(
        self, row: Row, name: str, words: Sequence[str], store: Store, raw: Path | None
    ) -> None:
        """Run `pls` and note what it cost."""
        self.reporter.step(f"{name}: {row.title}")
        log = self.logs / f"{name}-{row.step}.log"
        where = ["--project-dir", str(self.request.project.root), "--db", str(store.db), "--json"]
        command = [*PLS, *words, *where]
        if raw is not None and words[0] != "explain":
            command += ["--raw", str(raw)]
        store.folder.mkdir(parents=True, exist_ok=True)
        since = time.time()
        usage = run_child(command, self.environment, log)
        if usage.exit_code:
            self._failed(row, name, why_it_failed(usage, log), log)
            return
        row.status, row.why = DONE, ""
        row.seconds, row.cpu_seconds = usage.seconds, usage.cpu_seconds
        row.peak_bytes = usage.peak_bytes
        if words[0] != "explain":
            nodes = read_runs(store.target, since)
            walls = wall_by_kind(nodes)
            row.models_seconds, row.seeds_seconds = walls["models"], walls["seeds"]
            row.tests_seconds = walls["tests"]
            row.rest_seconds = usage.seconds - sum(walls.values()) + walls["other"]
            row.slowest = slowest(nodes)
        self._tell(usage)

    def _look(self, size: Size, name: str, store: Store) -> None:
        log = self.logs / f"{name}-look.log"
        usage = self._child("look", {"db": str(store.db)}, log)
        if not usage.exit_code:
            found = answer(log)
            size.open_seconds = found["seconds"]
            size.counted_mart, size.counted_rows = found["mart"], found["rows"]

    def _measure_demo(self) -> None:
        """Measure the sample company, and a handful of rows for what costs the same always."""
        steps: list[tuple[str, str, tuple[str, ...], str]] = [
            ("demo", "pls demo, from nothing", ("demo",), "demo"),
            ("demo-warm", "the sample company, built again", ("build",), "demo"),
            ("few", "a handful of rows, from nothing", ("build",), "few"),
            ("few-warm", "a handful of rows, built again", ("build",), "few"),
        ]
        raw = {"demo": self.out / "raw" / "demo" / "raw", "few": self.out / "raw" / "few"}
        raw["few"].mkdir(parents=True, exist_ok=True)
        (raw["few"] / "users.csv").write_text(FEW_USERS, encoding="utf-8")
        (raw["few"] / "events.csv").write_text(FEW_EVENTS, encoding="utf-8")
        self.results.demo = [Row(step, title, why="not reached") for step, title, _, _ in steps]
        self._clear()
        try:
            is_whole = True
            for row, (step, _, words, of) in zip(self.results.demo, steps, strict=True):
                if step.endswith("-warm") and not is_whole:
                    row.why = "the build before it failed"
                    continue
                self._measure(row, "demo", words, self._store(of), raw[of])
                is_whole = row.status == DONE
                self._write()
        finally:
            self._clear()

    def _store(self, name: str) -> Store:
        return Store((self.out / "store" / name / f"{name}.duckdb").resolve())

    def _clear(self) -> None:
        shutil.rmtree(self.out / "store", ignore_errors=True)

    def _failed(self, row: Row, name: str, why: str, log: Path) -> None:
        row.status, row.why, row.log = FAILED, why, str(log)
        self.reporter.note(str(InputError(why, f"{name}: {row.step}", f"see {log}")))

    def _tell(self, usage: Usage) -> None:
        self.reporter.step(f"  {usage.seconds:.1f} s, {usage.peak_bytes / 1e6:,.0f} MB")

    def _write(self) -> None:
        """Write the table so far."""
        texts: Mapping[str, Callable[[], str]] = {
            "bench.json": lambda: json.dumps(as_dict(self.results), indent=2) + "\n",
            "bench.md": lambda: markdown(self.results),
        }
        for file, text in texts.items():
            fresh = self.out / f"{file}.new"
            fresh.write_text(text(), encoding="utf-8")
            os.replace(fresh, self.out / file)


def _command(step: str) -> tuple[str, ...]:
    """Give what follows `pls` for a step."""
    if step == "explain":
        return ("explain", data.user_id(data.USERS_PER_ACCOUNT))
    words = ["build"]
    if not step.endswith("-tests"):
        words.append("--no-tests")
    if step == "full-1":
        words += ["--vars", "score_history_days: 1"]
    return tuple(words)


def duckdb_threads(project: Project, threads: str) -> int | None:
    """Say how many threads DuckDB gets in a build.

    Args:
        project: The project, for its profile.
        threads: PLS_THREADS of the children.

    Returns:
        The number; None when the profile leaves it to DuckDB.
    """
    with suppress(OSError, yaml.YAMLError, KeyError, TypeError, ValueError):
        profile = yaml.safe_load((project.root / "profiles.yml").read_text(encoding="utf-8"))["pls"]
        output = profile["outputs"][profile["target"]]
        options = {**(output.get("config_options") or {}), **(output.get("settings") or {})}
        setting = str(options["threads"])
        return int(threads if "PLS_THREADS" in setting else setting)
    return None


def _add(file: Path, target: Path) -> None:
    """Put a file into the raw folder as well, without copying it where that can be had."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(file, target)
    except OSError:
        shutil.copy(file, target)


def _forget(files: Sequence[Path]) -> None:
    """Take partitions out of the raw folder."""
    for file in files:
        shutil.rmtree(file.parent, ignore_errors=True)


def _bytes(file: Path) -> int | None:
    return file.stat().st_size if file.exists() else None
