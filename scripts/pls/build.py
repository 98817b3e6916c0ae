"""`pls build`: lock, load, build and test, then publish."""

from __future__ import annotations

import os
import re
import shutil
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from pls import backfill, raw, samples, spark
from pls.console import Reporter
from pls.dbt_run import (
    Dbt,
    Node,
    Outcome,
    environment,
    first_line,
    git_commit,
    incremental_logic,
    parse_variables,
    project_but_weights,
)
from pls.errors import ChecksFailed, InputError, LockHeld, PlsError, SeveralErrors
from pls.lake import attach, remove_old
from pls.lock import hold
from pls.paths import Project, Store, read_output
from pls.publish import (
    check_replaceable,
    clean_up,
    disk_error,
    marts_of,
    publish,
    publish_to_lake,
)
from pls.seeds import look_at_seeds
from pls.sql import literal
from pls.state import BuildState, new_run_id, read_state

# A commit that finds no room names the block only.
_OUT_OF_MEMORY = re.compile(r"Out of Memory Error|TransactionContext Error: .*failed to pin block")
_DAMAGE = re.compile(
    r"serialization error|corrupt|checksum|failed to deserialize|database has been invalidated",
    re.IGNORECASE,
)
STORAGE_VERSION = "v1.5.0"
"""The file format of a working database made anew, as profiles.yml has it."""

SEED_TEST = "seeds_are_valid"
"""The test that finds rows of seeds which mean nothing."""
WITHOUT_TESTS = ["--resource-type", "model", "--resource-type", "seed"]
"""What dbt is told to run models and seeds alone."""
WITH_TESTS = ["--exclude-resource-type", "unit_test", "--indirect-selection", "buildable"]
"""What dbt is told to run data tests too: unit tests say nothing about data, and of a part of
the project only those tests that read no more than it and what it is made of."""
AS_OF_TEST = "as_of_date_lies_within_the_data"
"""The test that fails when an as-of date that was asked for lies before all events."""
ANEW = "all days are built anew: "
"""Begins the line that says why a build takes longer than that of a day."""
LAW_TEST = "every_raw_row_ends_in_one_place"
"""The test that fails when staged rows do not add up to the raw rows."""


@dataclass(frozen=True)
class BuildRequest:
    """What a build is asked to do.

    Attributes:
        project: The dbt project.
        store: Where to publish.
        raw_dir: The raw folder; None for the project's.
        as_of: The as-of date (YYYY-MM-DD); None for the last whole day with an event.
        full_refresh: Whether to make incremental models anew.
        target: A target of profiles.yml; None for its default.
        select: What dbt is to select; empty for everything.
        variables: `--vars` as given.
        tests: Whether to run tests.
        backfill_days: Days of history made at a time; None for all at once.
        verbose: Whether to say everything dbt says.
    """

    project: Project
    store: Store
    raw_dir: Path | None = None
    as_of: str | None = None
    full_refresh: bool = False
    target: str | None = None
    select: tuple[str, ...] = ()
    variables: str | None = None
    tests: bool = True
    backfill_days: int | None = None
    verbose: bool = False


@dataclass(frozen=True)
class BuildResult:
    """What came of a build without errors.

    Attributes:
        run_id: Name of the run.
        is_published: Whether its marts were published.
        seconds: How long it took.
        nodes: How many nodes ran.
        warnings: Tests that warn, a line each.
    """

    run_id: str
    is_published: bool
    seconds: float
    nodes: int
    warnings: tuple[str, ...]


def build(request: BuildRequest, reporter: Reporter) -> BuildResult:
    """Build, test and publish.

    Args:
        request: What to do.
        reporter: Told how far it is.

    Returns:
        What came of it.

    Raises:
        InputError: Bad input or configuration; nothing was published.
        ChecksFailed: A data test failed; nothing was published.
        LockHeld: Another build is running; nothing was done.
    """
    started = time.monotonic()
    project = request.project
    raw_dir = find_raw(project, request.raw_dir)
    variables, remarks = build_variables(request)
    engine = find_engine(project, request.target)
    if engine == "spark":
        spark.require()
        request = replace(request, store=replace(request.store, on_spark=True))
    store = request.store
    check_replaceable(store)
    _make_folder(store.folder)
    if request.backfill_days is not None:
        _check_backfill(request, engine, variables)
    for remark in remarks:
        reporter.note(remark)
    slips: list[PlsError] = [error for seed in look_at_seeds(project) for error in seed.problems]
    if slips:
        raise SeveralErrors(slips)

    with hold(store.lock), ExitStack() as running:
        clean_up(store)
        state = _begin(store, raw_dir, variables, reporter)
        os.environ.update(environment(store, project, raw_dir))
        session = None
        try:
            if engine:
                reporter.step(f"reading {raw_dir}")
                _load(request, raw_dir, state, reporter)
            if engine == "spark":
                reporter.step("starting Spark")
                session = running.enter_context(spark.session(store))
                _hand_over(request, raw_dir, session)
            dbt = Dbt(
                project,
                store,
                raw_dir,
                variables,
                target=request.target,
                verbose=reporter.note if request.verbose else None,
            )
            outcome = _run(dbt, request, state, reporter)
            if session is not None and outcome.manifest is not None:
                spark.show_marts(store, session, [m.name for m in marts_of(outcome.manifest)])
                running.close()
            for error in problems(outcome, store, raw_dir):
                raise error
            marts = marts_of(outcome.manifest)
            is_whole = not request.select or _covers(outcome, request.tests)
            if engine and is_whole:
                reporter.step(f"publishing {len(marts)} marts to {store.place}")
                if store.lake:
                    publish_to_lake(store, store.lake, state.run_id, marts, reporter.tick)
                else:
                    publish(store, state.run_id, marts, reporter.tick)
            state.status = "published" if is_whole else "partial"
            state.needs_full_refresh = state.needs_full_refresh and not is_whole
        except BaseException:
            if state.status == "building":
                state.status = "failed"
            raise
        finally:
            with suppress(OSError):
                state.write(store.state)
            shutil.rmtree(store.spill, ignore_errors=True)
        if store.lake and is_whole:
            try:
                remove_old(store.lake)
            except InputError as error:
                reporter.note(f"warning: {error}")
    return BuildResult(
        run_id=state.run_id,
        is_published=bool(engine) and is_whole,
        seconds=time.monotonic() - started,
        nodes=len(outcome.nodes),
        warnings=tuple(f"{n.kind} {n.name}: {n.failures} rows" for n in outcome.having("warn")),
    )


def find_raw(project: Project, raw_dir: Path | None) -> Path:
    """Find the raw folder.

    Args:
        project: The project, for the default.
        raw_dir: What `--raw` says, if given.

    Returns:
        The folder, absolute.

    Raises:
        InputError: It is not there, or is no folder that can be read.
    """
    folder = (raw_dir.expanduser() if raw_dir else project.default_raw).resolve()
    if not folder.exists():
        raise InputError(
            f"{folder} does not exist", "--raw", "give --raw, or run `pls demo` for sample data"
        )
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder", "--raw", "give the folder of the raw files")
    if not os.access(folder, os.R_OK | os.X_OK):
        raise InputError(f"{folder} cannot be read", "--raw", "make it readable")
    return folder


def check_date(text: str, where: str, clock: object = "") -> str:
    """Check an as-of date.

    Args:
        text: The date given.
        where: The option it came by.
        clock: The moment the build believes it is, if it was told.

    Returns:
        The date as YYYY-MM-DD.

    Raises:
        InputError: It is no date, or lies before 2000 or in the future.
    """
    mend = "give a day such as 2026-01-31"
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            raise ValueError
        day = date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text!r} is not a date (YYYY-MM-DD)", where, mend) from None
    today = datetime.now(UTC).date()
    with suppress(ValueError):
        today = max(today, date.fromisoformat(str(clock)[:10]))
    if not date(2000, 1, 1) <= day <= today + timedelta(days=1):
        raise InputError(f"{text} lies before 2000-01-01 or in the future", where, mend)
    return text


def build_variables(request: BuildRequest) -> tuple[dict[str, object], list[str]]:
    """Put dbt's variables together; what `--vars` says wins.

    Args:
        request: What the build is asked to do.

    Returns:
        The variables, and remarks about them.

    Raises:
        InputError: A date is none, or `--vars` is no mapping.
    """
    given, remarks = parse_variables(request.project, request.variables)
    clock = given.get("build_clock", "")
    as_of = check_date(request.as_of, "--as-of", clock) if request.as_of is not None else ""
    if given.get("as_of_date"):
        given["as_of_date"] = check_date(str(given["as_of_date"]), "--vars as_of_date", clock)
    return {"as_of_date": as_of, "git_commit": git_commit(request.project), **given}, remarks


def find_engine(project: Project, target: str | None) -> str:
    """Name the engine that a build runs on.

    Args:
        project: The project.
        target: A target of profiles.yml; None for its default.

    Returns:
        duckdb or spark, which run here; empty for one that runs elsewhere.

    Raises:
        InputError: There is no such target.
    """
    output = read_output(project, target)
    kind = str(output.get("type"))
    is_here = kind == "duckdb" or (kind == "spark" and output.get("method") == "session")
    return kind if is_here else ""


def _check_backfill(request: BuildRequest, engine: str, variables: dict[str, object]) -> None:
    """Refuse steps that cannot be taken."""
    if engine != "duckdb":
        raise InputError(
            "needs the history to be built onto, which is done on DuckDB",
            "--backfill",
            "leave it out",
        )
    if request.select:
        raise InputError("is of the whole project", "--backfill", "leave --select out")
    backfill.check_days(request.backfill_days or 0, backfill.history(request.project, variables))


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"{folder} cannot be made ({error.strerror})", "--db", "give a folder you may write to"
        ) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError(f"{folder} is not writable", "--db", "give a folder you may write to")


def _begin(
    store: Store, raw_dir: Path, variables: dict[str, object], reporter: Reporter
) -> BuildState:
    """Note that a build has begun, and whether old increments can be trusted."""
    before = read_state(store.state)
    state = BuildState(
        run_id=new_run_id(),
        status="building",
        started_at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        raw_dir=str(raw_dir),
        raw_mark=samples.mark(raw_dir),
        variables=variables,
        logic=before.logic,
        needs_full_refresh=before.needs_full_refresh,
    )
    if store.work.exists() and before.status == "damaged":
        _move_aside(store)
    if (before.raw_dir, before.raw_mark) != (state.raw_dir, state.raw_mark):
        state.needs_full_refresh = True
        if before.raw_dir:
            other = "other sample data were" if before.raw_mark else f"{before.raw_dir} was"
            reporter.note(f"{ANEW}{other} read before")
    try:
        state.write(store.state)
    except OSError as error:
        raise disk_error(error, store.folder) from error
    return state


def _load(
    request: BuildRequest,
    raw_dir: Path,
    state: BuildState,
    reporter: Reporter,
) -> None:
    """Load the raw files; a working database that cannot be opened is made anew."""
    store = request.store
    try:
        connection = _connect(store)
    except duckdb.Error as error:
        if "set lock" in str(error).lower():
            raise LockHeld(
                first_line(str(error)), str(store.work), "close the program that has it open"
            ) from error
        if not store.work.exists() or isinstance(error, duckdb.OutOfMemoryException):
            raise disk_error(error, store.folder) from error
        _move_aside(store)
        reporter.note(f"{store.work}: was damaged; put aside, everything is built anew")
        connection = _connect(store)
    try:
        with connection:
            if store.lake:
                attach(connection, store.lake)
            raw.load(connection, request.project.root, raw_dir)
    except duckdb.Error as error:
        _note_damage(str(error), state)
        raise from_duckdb(str(error), raw_dir, store) from error


def _hand_over(request: BuildRequest, raw_dir: Path, session: Any) -> None:
    """Show Spark what was loaded."""
    store = request.store
    try:
        with _connect(store) as connection:
            spark.hand_over(connection, session, store)
    except duckdb.Error as error:
        raise from_duckdb(str(error), raw_dir, store) from error
    except OSError as error:
        raise disk_error(error, store.folder) from error


def _connect(store: Store) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(
        str(store.work), config={"storage_compatibility_version": STORAGE_VERSION}
    )
    connection.execute(f"set temp_directory = {literal(store.spill)}")
    connection.execute(f"set memory_limit = '{os.environ['PLS_MEMORY_LIMIT']}'")
    return connection


def _move_aside(store: Store) -> None:
    broken = store.work.with_suffix(".broken")
    Path(f"{store.work}.wal").unlink(missing_ok=True)
    os.replace(store.work, broken)


def _note_damage(message: str, state: BuildState) -> None:
    """Remember a damaged working database, so that the next build begins anew."""
    if _DAMAGE.search(message):
        state.status = "damaged"


def _run(dbt: Dbt, request: BuildRequest, state: BuildState, reporter: Reporter) -> Outcome:
    reporter.step("reading the project")
    parsed = dbt.parse()
    if parsed.error:
        return parsed
    state.project = project_but_weights(request.project, parsed.manifest)
    logic = incremental_logic(parsed.manifest)
    if logic != state.logic:
        state.needs_full_refresh = True
        if state.logic:
            reporter.note(f"{ANEW}how events are read and counted has changed")
        state.logic = logic
        state.write(request.store.state)
    refresh = ["--full-refresh"] if request.full_refresh or state.needs_full_refresh else []
    kinds = WITH_TESTS if request.tests else WITHOUT_TESTS
    outcome = Outcome(())
    if request.backfill_days:
        outcome = _backfill(dbt, request, request.backfill_days, state, refresh, kinds, reporter)
        refresh = []
    if not outcome.went_wrong:
        select = ["--select", *request.select] if request.select else []
        reporter.step("building" + (" and testing" if request.tests else ", without tests"))
        outcome = dbt.run("build", [*refresh, *kinds, *select], reporter.advance)
    for node in outcome.having("error"):
        _note_damage(node.message, state)
    if any(node.name == LAW_TEST for node in outcome.having("fail")):
        # What was read once does not add up any more: only a fresh start does.
        state.needs_full_refresh = True
    return outcome


def _backfill(
    dbt: Dbt,
    request: BuildRequest,
    days: int,
    state: BuildState,
    refresh: list[str],
    kinds: list[str],
    reporter: Reporter,
) -> Outcome:
    """Make the history in steps, up to where the whole build goes on.

    Args:
        dbt: dbt.
        request: What the build is asked to do.
        days: Days of a step.
        state: The state of the working database: that of a full refresh ends with the
            first step.
        refresh: Whether to make incremental models anew, as dbt is told.
        kinds: The kinds of nodes of the whole build, as dbt is told.
        reporter: Told of each step.

    Returns:
        The outcome of the last step, or of the one that failed.
    """
    wanted = backfill.history(request.project, state.variables)
    reporter.step("reading what arrived")
    arrivals = [*refresh, *kinds, "--select", backfill.RAW_EVENTS]
    outcome = dbt.run("build", arrivals, reporter.advance)
    if outcome.went_wrong:
        return outcome
    first_event_on, as_of = backfill.known_days(request.store)
    until = None
    if not refresh:
        rules = dbt.render(backfill.RULES)
        until = backfill.stored_until(request.store, wanted, as_of, rules)
    first_on = max(first_event_on, wanted.first_on(as_of))
    ends = backfill.steps(first_on, as_of, days, until)
    part = ["--select", backfill.HISTORY, "--exclude", backfill.ALREADY_READ]
    for number, end in enumerate(ends, 1):
        reporter.step(f"history up to {end}, step {number} of {len(ends)}")
        variables = backfill.step_variables(state.variables, wanted, as_of, end)
        step = [*refresh, *WITHOUT_TESTS, *part]
        outcome = dbt.run("build", step, reporter.advance, variables)
        if outcome.went_wrong:
            return outcome
        refresh = []
        state.needs_full_refresh = False
        state.write(request.store.state)
    return outcome


def _covers(outcome: Outcome, tests: bool) -> bool:
    """Say whether a selected run held everything that a whole build does."""
    kinds = ("model", "seed", "test") if tests else ("model", "seed")
    wanted = {
        unique_id
        for unique_id, node in outcome.manifest.nodes.items()
        if str(getattr(node.resource_type, "value", node.resource_type)) in kinds
    }
    return wanted <= {node.unique_id for node in outcome.nodes}


def problems(outcome: Outcome, store: Store, raw_dir: Path) -> list[PlsError]:
    """Turn what went wrong in a run into one error.

    Args:
        outcome: What came of the run.
        store: Where the working database lies.
        raw_dir: The raw folder, to know its files in messages.

    Returns:
        A list with the error, empty when all is well.
    """
    if outcome.error:
        return [from_duckdb(outcome.error, raw_dir, store, where="dbt")]
    seeds = seed_problems(store, outcome)
    if seeds:
        return [SeveralErrors(seeds)]
    errors = [_node_error(node, raw_dir, store) for node in outcome.having("error")]
    if errors and (broken := _broken_file(outcome, raw_dir)):
        return [broken]
    # One broken file breaks many nodes: say it once.
    errors = list({str(error): error for error in errors}.values())
    errors += [_test_error(node, store) for node in outcome.having("fail")]
    if not errors and outcome.having("skipped"):
        names = ", ".join(node.name for node in outcome.having("skipped")[:3])
        errors.append(InputError(f"skipped {names}", "dbt", "run with --verbose to see why"))
    return [SeveralErrors(errors)] if errors else []


def seed_problems(store: Store, outcome: Outcome) -> list[PlsError]:
    """Read the rows of seeds that mean nothing, if the run found some.

    Args:
        store: Where the working database lies.
        outcome: What came of the run.

    Returns:
        An error for each row.
    """
    ran = {node.name: node.status for node in outcome.nodes}
    if ran.get(SEED_TEST, "fail") != "fail" or ran.get("seed_problems") != "success":
        return []
    try:
        with duckdb.connect(str(store.work), read_only=True) as connection:
            rows = connection.execute(
                "select seed, row_name, problem, mend from marts.seed_problems order by all"
            ).fetchall()
    except duckdb.Error:
        return []
    return [
        InputError(problem, f"seeds/{seed}.csv: row {row}", mend)
        for seed, row, problem, mend in rows
    ]


def _node_error(node: Node, raw_dir: Path, store: Store) -> PlsError:
    where = f"{node.kind} {node.name}"
    if node.kind == "seed":
        where = f"seeds/{node.name}.csv"
    return from_duckdb(node.message, raw_dir, store, where=where)


def _broken_file(outcome: Outcome, raw_dir: Path) -> InputError | None:
    """Find the Parquet file behind an error that names none, by reading each file through."""
    ours = ("Binder Error", "Catalog Error", "Parser Error", "Conversion Error", "Constraint Error")
    if all(any(kind in node.message for kind in ours) for node in outcome.having("error")):
        return None
    with duckdb.connect(":memory:") as connection:
        for path in sorted(raw_dir.rglob("*.parquet")):
            try:
                connection.execute(
                    "select bit_xor(hash(columns(*))) from read_parquet(?)", [str(path)]
                ).fetchall()
            except duckdb.Error as error:
                return raw.malformed(first_line(str(error)), path)
    return None


def _test_error(node: Node, store: Store) -> PlsError:
    if node.name == LAW_TEST:
        return ChecksFailed(
            "the rows of earlier builds do not add up to the raw rows any more",
            f"test {node.name}",
            "build again: everything is then read anew",
        )
    if node.name == AS_OF_TEST:
        return ChecksFailed(
            "lies before the first event, so nobody would be scored",
            "the as-of date",
            "give a later one, or none for the last whole day",
        )
    rows = "1 row fails" if node.failures == 1 else f"{node.failures} rows fail"
    see = ""
    if node.compiled:
        see = f"; see them: duckdb -readonly {store.work} < {node.compiled}"
        if store.on_spark:
            see = f"; its SQL: {node.compiled}"
    return ChecksFailed(f"{rows}{see}", f"test {node.name}")


def from_duckdb(message: str, raw_dir: Path, store: Store, where: str = "duckdb") -> InputError:
    """Turn a message of DuckDB or dbt into one line that names the file, if it is about one.

    Args:
        message: The message, of many lines perhaps.
        raw_dir: The raw folder.
        store: Where the working database lies.
        where: What it is about when it names no file.

    Returns:
        The error.
    """
    if re.search(r"no space left|not enough space", message, re.IGNORECASE):
        return disk_error(OSError(message), store.folder)
    if (out_of_memory := _OUT_OF_MEMORY.search(message)) is not None:
        return InputError(
            first_line(message[out_of_memory.start() :]),
            where,
            "raise PLS_MEMORY_LIMIT, or set PLS_THREADS to 1 so that less runs at once",
        )
    if str(raw_dir) in message:
        telling = message[message.find(first_line(message)[:40]) :]
        return raw.malformed(telling)
    if _DAMAGE.search(message):
        return InputError(
            f"the working database is damaged ({first_line(message)})",
            str(store.work),
            "build again: it is then made anew",
        )
    return InputError(first_line(message), where, "see more with --verbose")
