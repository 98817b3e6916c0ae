"""`pls diff`: what other weights would change, found by building them and throwing that away.

What is built lies in a folder of its own beside the working database: a copy of that, and
the project with another signals.csv. Only what the weights reach is built anew, from the
tables that the last build left, so no raw file is read.
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from pls.build import SEED_TEST, find_engine, problems
from pls.checks import check_same
from pls.console import Reporter, clean, number, print_table, say
from pls.dbt_run import WEIGHTS, Dbt, Outcome, project_but_weights, project_variables
from pls.differences import MARTS, compare
from pls.errors import InputError, PlsError, SeveralErrors
from pls.lock import hold
from pls.paths import Project, Store
from pls.publish import disk_error
from pls.published import Row, last_build, open_published
from pls.seeds import look_at_seeds
from pls.sql import literal
from pls.state import BuildState, read_state

SEED_FILE = f"seeds/{WEIGHTS}.csv"
"""The file that is changed."""

AS_OF = "model.pls.int_as_of_date"
"""Waits for the seeds to be valid, but takes nothing from them: the day stays."""

RULES = "macro.pls.rules_fingerprint"
"""What reads it is made anew though no `ref` leads there from the weights."""

SIGNALS_SHOWN = 3
"""Signals behind a move that the terminal shows; `--json` gives all."""

_PARTS = ("dbt_project.yml", "profiles.yml", "models", "macros", "seeds", "tests/data")


def diff(
    project: Project,
    store: Store,
    signals: Path,
    reporter: Reporter,
    target: str | None = None,
    verbose: bool = False,
) -> dict[str, Any]:
    """Say what would change if other weights were built.

    Args:
        project: The dbt project.
        store: Where the marts are published.
        signals: The CSV file that would be seeds/signals.csv.
        reporter: Told how far it is.
        target: A target of profiles.yml; None for its default.
        verbose: Whether to say everything dbt says.

    Returns:
        The as-of date, the file, and what `compare` gives.

    Raises:
        InputError: The file means nothing, or there is no build to compare it with.
        LockHeld: A build is running.
    """
    signals = _find(signals)
    if store.lake or find_engine(project, target) != "duckdb":
        raise InputError(
            "only builds in a DuckDB file can be compared",
            "--target",
            f"build there with the changed {SEED_FILE}, and compare the marts",
        )
    with open_published(store) as connection:
        published = last_build(connection)
    with hold(store.lock):
        if not store.work.exists():
            raise InputError("is not there", str(store.work), "run `pls build`")
        state = read_state(store.state)
        check_same(store, published, state.status)
        variables = {
            **state.variables,
            "as_of_date": str(published["as_of_date"]),
            "build_clock": str(published["built_at"]),
        }
        with (
            built_with(project, store, signals, state, variables, reporter, target, verbose) as new,
            duckdb.connect() as connection,
        ):
            reporter.step("reading what changed")
            connection.execute(f"attach {literal(store.work)} as before (read_only)")
            connection.execute(f"attach {literal(new)} as after (read_only)")
            settings = {**project_variables(project), **variables}
            changes = compare(
                connection,
                str(published["active_score_model"]),
                counts_fit_of_users=settings.get("pqa_user_term") == "literal",
            )
    return {
        "signals": str(signals),
        "build_id": published["build_id"],
        "as_of_date": published["as_of_date"],
        **changes,
    }


def print_diff(facts: dict[str, Any], limit: int) -> None:
    """Print what would change.

    Args:
        facts: What `diff` gives.
        limit: Rows of a table of who moves, at most.
    """
    say(
        clean(
            f"{facts['signals']} against the weights that were built, as of {facts['as_of_date']}"
        )
    )
    if not facts["has_changes"]:
        say("nothing changes: everybody keeps score, grade, tier, motion and place in the queue")
        return
    for model in facts["score_models"]:
        name = f"{model['score_model']} ({model['status']}"
        if model["compared_with"] != model["score_model"]:
            name += f", compared with {model['compared_with']}"
        for level, label in (("users", "grade"), ("accounts", "tier")):
            found = model[level]
            say()
            _print_counts(f"{level} by {label}, score model {name})", label, found["counts"])
            say(f"{found['rescored']:,} {level} have another score or {label}")
            _print_moves(f"who changes {label}", found["moves"], limit)
    say()
    _print_counts("accounts by motion", "motion", facts["motions"]["counts"])
    _print_moves("who changes motion", facts["motions"]["moves"], limit)
    queue = facts["queue"]
    say()
    say(f"sales queue: {queue['before']:,} accounts before, {queue['after']:,} after")
    _print_moves("who enters the queue", queue["entered"], limit)
    _print_moves("who leaves the queue", queue["left"], limit)
    if facts["backtest"]:
        say()
        _print_backtest(facts["backtest"])


def _print_counts(title: str, label: str, counts: list[Row]) -> None:
    right = {"justify": "right"}
    print_table(
        [label, ("before", right), ("after", right), ("change", right)],
        [
            (
                row["label"],
                number(row["before"]),
                number(row["after"]),
                f"{row['after'] - row['before']:+,}" if row["after"] != row["before"] else "",
            )
            for row in counts
        ],
        title=clean(title),
    )


def _print_moves(title: str, moves: list[Row], limit: int) -> None:
    if not moves or not limit:
        if moves:
            say(f"{title}: {len(moves):,}; --json lists all")
        return
    print_table(
        [
            ("who", {"min_width": 12, "max_width": 28, "overflow": "ellipsis", "no_wrap": True}),
            ("from -> to", {"max_width": 30}),
            ("score", {"justify": "right", "no_wrap": True}),
            ("because of", {"ratio": 1}),
        ],
        [
            (
                row["entity_id"],
                _step(row["from"], row["to"]),
                _step(number(row["score_from"]), number(row["score_to"])),
                _because(row),
            )
            for row in moves[:limit]
        ],
        title=f"{title}: {len(moves):,}",
    )
    if len(moves) > limit:
        say(f"and {len(moves) - limit:,} more; --json lists all")


def _step(before: object, after: object) -> str:
    texts = [str(side) if side is not None else "-" for side in (before, after)]
    return texts[0] if texts[0] == texts[1] else " -> ".join(texts)


def _because(row: Row) -> str:
    signals = row["signals"]
    named = [f"{signal['signal_id']} {signal['difference']:+,}" for signal in signals]
    if len(named) > SIGNALS_SHOWN:
        named[SIGNALS_SHOWN:] = [f"{len(named) - SIGNALS_SHOWN} more"]
    return ", ".join(named) or str(row.get("reason") or "the days before")


def _print_backtest(backtest: list[Row]) -> None:
    right = {"justify": "right"}
    print_table(
        [
            "score model",
            "level",
            ("from", right),
            ("days", right),
            ("a week", right),
            ("precision", right),
            ("recall", right),
            ("lift", right),
            ("missed", right),
        ],
        [
            (
                row["score_model"],
                row["level"],
                row["threshold"],
                row["horizon_days"],
                *(
                    _step(*(number(side[name], digits) for side in (row["before"], row["after"])))
                    for name, digits in (
                        ("entities_per_week", 1),
                        ("precision", 3),
                        ("recall", 3),
                        ("lift", 2),
                        ("missed_conversions", 0),
                    )
                ),
            )
            for row in backtest
        ],
        title="backtest at the score from which sales acts",
    )


@contextmanager
def built_with(
    project: Project,
    store: Store,
    signals: Path,
    state: BuildState,
    variables: dict[str, object],
    reporter: Reporter,
    target: str | None = None,
    verbose: bool = False,
) -> Iterator[Path]:
    """Build what the weights reach, aside. Call it under the lock.

    Args:
        project: The dbt project.
        store: Where the working database lies, which is left as it is.
        signals: The file with the weights.
        state: What the last build left behind.
        variables: dbt's variables.
        reporter: Told how far it is.
        target: A target of profiles.yml; None for its default.
        verbose: Whether to say everything dbt says.

    Yields:
        The database that was built; it is gone when the block ends.

    Raises:
        InputError: The file means nothing, or the project is not the one that was built.
    """
    # The name stays: the views of a database name it.
    aside = Store(store.scratch / store.db.name)
    shutil.rmtree(store.scratch, ignore_errors=True)
    try:
        changed = _overlay(project, store.scratch / "project", signals)
        slips: list[PlsError] = [
            error
            for seed in look_at_seeds(changed)
            if seed.name == WEIGHTS
            for error in seed.problems
        ]
        if slips:
            raise SeveralErrors(slips)
        reporter.step("reading the project")
        parsed = _parse(project, changed, store, aside, state, target)
        for error in problems(parsed, aside, store.scratch / "raw"):
            raise error
        if project_but_weights(changed, parsed.manifest) != state.project:
            raise InputError(
                f"has other models, macros, variables or seeds besides {SEED_FILE} "
                "than the last build",
                str(project.root),
                "run `pls build` with them first, so that only the weights differ",
            )
        reporter.step("reading the working database")
        shutil.copyfile(store.work, aside.work)
        reporter.step(f"building what depends on {signals.name}")
        names = reached_by_weights(parsed.manifest)
        dbt = Dbt(
            changed,
            aside,
            None,  # no raw folder: everything rests on what was read by then
            variables,
            target=target,
            verbose=reporter.note if verbose else None,
            manifest=parsed.manifest,
        )
        outcome = dbt.run(
            "build",
            # All days anew: a history is scored by one set of weights.
            ["--full-refresh", "--indirect-selection", "empty", "--select", *names, SEED_TEST],
            reporter.advance,
        )
        for error in problems(outcome, aside, store.scratch / "raw"):
            raise error
        yield aside.work
    except PlsError as error:
        raise _about(error, signals) from error
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise disk_error(error, store.folder) from error
        raise InputError(
            error.strerror or str(error), str(error.filename or store.scratch), "make it accessible"
        ) from error
    finally:
        shutil.rmtree(store.scratch, ignore_errors=True)


def _parse(
    project: Project,
    changed: Project,
    store: Store,
    aside: Store,
    state: BuildState,
    target: str | None,
) -> Outcome:
    """Parse the changed project, under the settings of the last build.

    dbt then parses only the files that differ; the whole would take longer than building.
    """
    parsed_before = store.target / "partial_parse.msgpack"
    if parsed_before.exists():
        aside.target.mkdir()
        shutil.copy(parsed_before, aside.target)
    dbt = Dbt(
        project,
        store,
        Path(state.raw_dir),
        state.variables,
        target=target,
        source=changed.root,
        target_path=aside.target,
    )
    return dbt.parse()


def reached_by_weights(manifest: Any) -> list[str]:
    """List what must be built to compare marts under other weights.

    Args:
        manifest: dbt's manifest.

    Returns:
        The names of the seed and the models, sorted.
    """
    weights = f"seed.pls.{WEIGHTS}"
    roots = [weights] + [
        node.unique_id for node in manifest.nodes.values() if RULES in node.depends_on.macros
    ]
    reached = _closure(roots, manifest.child_map, AS_OF)
    wanted = _closure([f"model.pls.{name}" for name in MARTS], manifest.parent_map)
    return sorted(
        manifest.nodes[unique_id].name
        for unique_id in (reached & wanted) | {weights}
        if unique_id in manifest.nodes
    )


def _closure(roots: list[str], edges: dict[str, list[str]], end: str = "") -> set[str]:
    """Follow edges from nodes, not beyond tests nor the end."""
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        unique_id = waiting.pop()
        if unique_id not in found and unique_id != end and unique_id in edges:
            found.add(unique_id)
            waiting += [each for each in edges[unique_id] if each.startswith(("model.", "seed."))]
    return found


def _find(signals: Path) -> Path:
    path = signals.expanduser().resolve()
    if not path.is_file():
        what = "is no file" if path.exists() else "does not exist"
        raise InputError(f"{path} {what}", "--signals", f"give a CSV like {SEED_FILE}")
    return path


def _overlay(project: Project, folder: Path, signals: Path) -> Project:
    """Copy the project with other weights."""
    folder.mkdir(parents=True)
    for name in _PARTS:
        source = project.root / name
        if source.is_dir():
            shutil.copytree(source, folder / name)
        elif source.exists():
            shutil.copyfile(source, folder / name)
    try:
        shutil.copyfile(signals, folder / SEED_FILE)
    except PermissionError:
        raise InputError("cannot be read", str(signals), "make it readable") from None
    return Project(folder)


def _about(error: PlsError, signals: Path) -> PlsError:
    """Let errors about the seed speak of the file that stands for it."""
    if isinstance(error, SeveralErrors):
        return SeveralErrors([_about(each, signals) for each in error.errors])
    where = error.where.replace(SEED_FILE, str(signals))
    return type(error)(error.what, where, error.mend)
