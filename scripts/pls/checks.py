"""`pls test`: the data tests on what is published.

Laws across models also read staging and intermediate tables, which are not published. So
the tests run on the working database, and only if the last build there is the one that is
published and the raw files it was made from are as they were.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from pls.build import problems
from pls.console import Reporter
from pls.dbt_run import Dbt
from pls.errors import InputError
from pls.lock import hold
from pls.paths import Project, Store
from pls.published import last_build, open_published
from pls.state import BuildState, read_state


def run_tests(
    project: Project,
    store: Store,
    reporter: Reporter,
    verbose: bool = False,
    target: str | None = None,
) -> dict[str, Any]:
    """Run the data tests.

    Args:
        project: The dbt project.
        store: Where the marts are published.
        reporter: Told how far it is.
        verbose: Whether to say everything dbt says.
        target: A target of profiles.yml; None for its default.

    Returns:
        How many tests passed and warned, and each test with its status.

    Raises:
        InputError: What is published is not what the working database holds.
        ChecksFailed: A test failed.
        LockHeld: A build is running.
    """
    with open_published(store) as connection:
        published = last_build(connection)
    with hold(store.lock):
        state = read_state(store.state)
        check_same(store, published, state.status)
        raw_dir = _raw_dir(state, store)
        # No raw folder: what was built is tested, not what lies there now.
        dbt = Dbt(
            project,
            store,
            None,
            state.variables,
            target=target,
            verbose=reporter.note if verbose else None,
        )
        reporter.step("testing")
        outcome = dbt.run("test", ["--exclude-resource-type", "unit_test"], reporter.advance)
        for error in problems(outcome, store, raw_dir):
            raise error
    return {
        "as_of_date": published["as_of_date"],
        "passed": len(outcome.having("pass")),
        "warned": len(outcome.having("warn")),
        "tests": [
            {"test": node.name, "status": node.status, "failures": node.failures}
            for node in outcome.nodes
        ],
    }


def check_same(store: Store, published: dict[str, Any], status: str) -> None:
    """Make sure that the working database holds what is published.

    Args:
        store: Where both lie.
        published: The last row of the published builds.
        status: How the last build ended.

    Raises:
        InputError: It holds something else, or is not there.
    """
    error = InputError(
        "does not hold what is published", str(store.work), "run `pls build`, which also tests"
    )
    if status != "published":
        raise error
    try:
        with duckdb.connect(str(store.work), read_only=True) as connection:
            if last_build(connection)["build_id"] != published["build_id"]:
                raise error
    except duckdb.Error as cause:
        raise error from cause


def _raw_dir(state: BuildState, store: Store) -> Path:
    """Give the raw folder of the last build, if its files are as they were then."""
    folder = Path(state.raw_dir)
    if not state.raw_dir or not folder.is_dir():
        raise InputError(
            f"the raw folder {state.raw_dir} of the last build is gone",
            str(store.work),
            "run `pls build`",
        )
    started = datetime.fromisoformat(state.started_at).timestamp()
    newer = [path for path in folder.rglob("*") if path.stat().st_mtime > started + 1]
    if newer:
        raise InputError(
            "has changed since the last build", str(newer[0]), "run `pls build`, which also tests"
        )
    return folder
