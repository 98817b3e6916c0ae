"""dbt in this process: what it is given, and what came of it.

Importing dbt costs about two seconds, so it happens only when a run begins.
"""

from __future__ import annotations

import gc
import hashlib
import json
import os
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from pls.errors import InputError, one_line
from pls.paths import PROJECT_NAME, Project, Store

Progress = Callable[[int, int, str], None]
"""Called with nodes done, nodes in all and the name of the last one."""

GARBAGE_THRESHOLDS = (50_000, 20, 100)
"""Of Python's garbage collector. dbt keeps a project as a few hundred thousand objects; with the
thresholds of Python, a tenth of a small build goes into walking over them again and again."""

WEIGHTS = "signals"
"""The seed that holds the score models."""

_HEADINGS = re.compile(
    r"^(runtime|compilation|database|parsing|validation|env_var|dbt runtime|fail-fast)\b.*"
    r"(error|in (model|test|seed|unit_test|snapshot|macro)\b.*)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Node:
    """One node of a run.

    Attributes:
        unique_id: dbt's id, such as `model.pls.users`.
        name: Its name.
        kind: model, seed, test or unit_test.
        status: success, pass, warn, fail, error, skipped or no-op.
        message: What dbt said of it; may have many lines.
        failures: Rows that failed a test.
        compiled: The file of the compiled SQL; None when there is none.
        code: The compiled SQL; empty when there is none.
    """

    unique_id: str
    name: str
    kind: str
    status: str
    message: str
    failures: int
    compiled: Path | None
    code: str = field(default="", repr=False)


FROM_ENVIRONMENT = {"as_of_date": "PLS_AS_OF_DATE", "git_commit": "PLS_GIT_COMMIT"}
"""Variables that change from build to build, by what models read them from.

Other `--vars` than those of the parse before make dbt parse the whole project anew, which
takes several times as long; another environment only the files that read it.
"""


@dataclass(frozen=True)
class Outcome:
    """What came of an invocation.

    Attributes:
        nodes: What ran, in order.
        error: Why the invocation could not run at all; empty when it could.
        manifest: dbt's manifest, if it was parsed.
    """

    nodes: tuple[Node, ...]
    error: str = ""
    manifest: Any = field(default=None, repr=False)

    @property
    def went_wrong(self) -> bool:
        """Whether nothing may be built on it."""
        return bool(self.error or self.having("error", "fail"))

    def having(self, *statuses: str) -> list[Node]:
        """Select nodes by status.

        Args:
            *statuses: The statuses wanted.

        Returns:
            The nodes, in order.
        """
        return [node for node in self.nodes if node.status in statuses]


def first_line(message: str) -> str:
    """Find the first line of an error that says something.

    Args:
        message: What dbt or DuckDB said.

    Returns:
        The line, without dbt's headings.
    """
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    telling = [line for line in lines if not _HEADINGS.match(line)]
    return one_line((telling or lines or ["no message"])[0])


def environment(store: Store, project: Project, raw_dir: Path | None) -> dict[str, str]:
    """Give the environment that profiles.yml reads.

    Threads and memory stay as the caller's environment has them, if it has them.

    Args:
        store: Where the working database lies.
        project: The dbt project.
        raw_dir: The raw folder; None to leave the raw relations as they are.

    Returns:
        The variables to set.
    """
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    return {
        "PLS_THREADS": str(min(os.cpu_count() or 1, 4)),
        "PLS_MEMORY_LIMIT": f"{max(memory // 2, 512)}MiB",
        **{k: os.environ[k] for k in ("PLS_THREADS", "PLS_MEMORY_LIMIT") if os.environ.get(k)},
        "PLS_DATABASE": str(store.work),
        "PLS_RAW_DIR": str(raw_dir or ""),
        "PLS_PROJECT_DIR": str(project.root),
        "PLS_TEMP_DIRECTORY": str(store.spill),
        **(store.lake.environment() if store.lake else {}),
    }


def git_commit(project: Project) -> str:
    """Name the commit of the project.

    Args:
        project: The dbt project.

    Returns:
        The hash; empty without git or outside a repository.
    """
    try:
        done = subprocess.run(
            ["git", "-C", str(project.root), "rev-parse", "HEAD"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


class Dbt:
    """Runs dbt on one project and working database, parsing the project once."""

    def __init__(
        self,
        project: Project,
        store: Store,
        raw_dir: Path | None,
        variables: Mapping[str, object],
        *,
        target: str | None = None,
        verbose: Callable[[str], None] | None = None,
        source: Path | None = None,
        target_path: Path | None = None,
        manifest: Any = None,
    ) -> None:
        """Keep what every invocation is given.

        Args:
            project: The dbt project.
            store: Where the working database lies.
            raw_dir: The raw folder.
            variables: dbt's `--vars`.
            target: A target of profiles.yml; None for its default.
            verbose: Where to send every line dbt says; None for nowhere.
            source: Where a changed copy of the project lies; None for the project's folder.
            target_path: Where dbt writes its artefacts; None for the store's folder.
            manifest: The project as it was parsed; None to parse it.
        """
        self._project = project
        self._store = store
        self._raw_dir = raw_dir
        self._verbose = verbose
        self._manifest = manifest
        self._variables = variables
        self._common = [
            *("--project-dir", str(source or project.root)),
            *("--profiles-dir", str(source or project.root)),
            *("--target-path", str(target_path or store.target)),
            *("--log-path", str((target_path or store.target) / "logs")),
            *(("--target", target) if target else ()),
            *("--log-level", "none", "--log-level-file", "debug" if verbose else "none"),
            *("--no-use-colors", "--no-print", "--no-version-check"),
        ]

    def parse(self) -> Outcome:
        """Parse the project; later invocations reuse the manifest.

        Returns:
            The outcome, without nodes.
        """
        outcome = self._invoke(["parse"], None)
        self._manifest = outcome.manifest
        return outcome

    def run(
        self,
        verb: str,
        arguments: Sequence[str],
        progress: Progress | None,
        variables: Mapping[str, object] | None = None,
    ) -> Outcome:
        """Run `dbt build` or `dbt test`.

        Args:
            verb: build or test.
            arguments: Further arguments.
            progress: Told of each node that is done.
            variables: dbt's `--vars` of this run; None for those of all.

        Returns:
            The outcome.
        """
        return self._invoke([verb, *arguments], progress, variables)

    def render(self, template: str) -> str:
        """Render a template as a model's would be.

        Args:
            template: Jinja.

        Returns:
            The text; empty when it cannot be rendered.
        """
        outcome = self._invoke(["compile", "--inline", template], None)
        return next((node.code for node in outcome.nodes), "").strip()

    def _invoke(
        self,
        arguments: list[str],
        progress: Progress | None,
        variables: Mapping[str, object] | None = None,
    ) -> Outcome:
        given = dict(variables or self._variables)
        moved = {name: str(given.pop(key, "")) for key, name in FROM_ENVIRONMENT.items()}
        os.environ.update(environment(self._store, self._project, self._raw_dir) | moved)
        gc.set_threshold(*GARBAGE_THRESHOLDS)
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.cli.main import dbtRunner

        done = 0

        def listen(event: Any) -> None:
            nonlocal done
            if self._verbose is not None and event.info.level != "debug":
                self._verbose(event.info.msg)
            total = getattr(event.data, "total", 0) or getattr(event.data, "num_models", 0)
            if progress is not None and event.info.name.endswith("Result") and total:
                done += 1
                progress(min(done, total), total, event.data.node_info.node_name)

        try:
            result = dbtRunner(manifest=self._manifest, callbacks=[listen]).invoke(
                [
                    arguments[0],
                    *self._common,
                    *("--vars", json.dumps(given, default=str)),
                    *arguments[1:],
                ]
            )
        finally:
            # The profile keeps the database open from node to node; dbt does not close it.
            DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
        if isinstance(result.exception, KeyboardInterrupt):
            raise result.exception
        if result.exception is not None:
            return Outcome((), error=str(result.exception) or repr(result.exception))
        if arguments[0] == "parse":
            return Outcome((), manifest=result.result)
        nodes = tuple(self._node(r) for r in getattr(result.result, "results", ()))
        return Outcome(nodes, manifest=self._manifest)

    def _node(self, result: Any) -> Node:
        compiled = getattr(result.node, "compiled_path", None)
        path = None
        if compiled:
            path = Path(compiled)
            path = path if path.is_absolute() else self._project.root / path
        return Node(
            unique_id=result.node.unique_id,
            name=result.node.name,
            kind=str(getattr(result.node.resource_type, "value", result.node.resource_type)),
            status=str(getattr(result.status, "value", result.status)),
            message=str(result.message or ""),
            failures=int(result.failures or 0),
            compiled=path,
            code=str(getattr(result.node, "compiled_code", None) or ""),
        )


def incremental_logic(manifest: Any) -> str:
    """Fingerprint the code that incremental models are made by.

    When it changes, the rows they hold were made by other rules, so only a full refresh
    gives what a fresh build would. Seeds do not count: models notice their changes. Nor do
    models that say so of themselves (`notices_changed_rules`).

    Args:
        manifest: dbt's manifest.

    Returns:
        A hash; empty when there are no incremental models.
    """
    waiting = [
        node.unique_id
        for node in manifest.nodes.values()
        if node.resource_type == "model"
        and node.config.materialized == "incremental"
        and node.config.full_refresh is not False
        and not node.config.meta.get("notices_changed_rules")
    ]
    seen: dict[str, str] = {}
    while waiting:
        unique_id = waiting.pop()
        if unique_id in seen:
            continue
        if unique_id.startswith("macro."):
            node = manifest.macros[unique_id]
            seen[unique_id] = node.macro_sql
        elif unique_id.startswith("model."):
            node = manifest.nodes[unique_id]
            seen[unique_id] = f"{node.checksum.checksum} {node.config.materialized}"
            waiting.extend(node.depends_on.nodes)
        elif unique_id.startswith("source."):
            source = manifest.sources[unique_id]
            columns = {
                name: (column.data_type, column.config.meta)
                for name, column in source.columns.items()
            }
            seen[unique_id] = json.dumps([source.config.meta, columns], sort_keys=True)
            continue
        else:
            continue
        waiting.extend(m for m in node.depends_on.macros if m.startswith("macro.pls."))
    if not seen:
        return ""
    return hashlib.sha256(json.dumps(sorted(seen.items())).encode()).hexdigest()


def project_but_weights(project: Project, manifest: Any) -> str:
    """Fingerprint all that marts are made by, but for the weights of signals.

    While it stays the same, two builds of the same data differ by their weights alone.

    Args:
        project: The dbt project.
        manifest: Its manifest.

    Returns:
        A hash.
    """
    parts = [
        (node.unique_id, node.checksum.checksum, str(node.config.materialized))
        for node in manifest.nodes.values()
        if node.resource_type in ("model", "seed") and node.name != WEIGHTS
    ]
    parts += [
        (macro.unique_id, macro.macro_sql, "")
        for macro in manifest.macros.values()
        if macro.package_name == PROJECT_NAME
    ]
    content = json.dumps([sorted(parts), project_variables(project)], sort_keys=True, default=str)
    return hashlib.sha256(content.encode()).hexdigest()


def project_variables(project: Project) -> dict[str, object]:
    """Read the project's own variables.

    Args:
        project: The dbt project.

    Returns:
        Their values, by name.
    """
    settings = yaml.safe_load((project.root / "dbt_project.yml").read_text(encoding="utf-8"))
    return {str(name): value for name, value in (settings.get("vars") or {}).items()}


def parse_variables(project: Project, text: str | None) -> tuple[dict[str, object], list[str]]:
    """Read `--vars`.

    Args:
        project: The dbt project, for the names it knows.
        text: The YAML given; None for none.

    Returns:
        The variables, and a remark for each name the project does not have.

    Raises:
        InputError: It is not a YAML mapping.
    """
    import difflib

    if not text:
        return {}, []
    mend = 'give a mapping such as \'{"as_of_date": "2026-01-31"}\''
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InputError(f"is not YAML ({one_line(error)})", "--vars", mend) from error
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise InputError("is not a YAML mapping of names to values", "--vars", mend)
    known = list(project_variables(project))
    remarks = []
    for name in content:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            remarks.append(
                f"--vars: the project has no variable {name}; "
                + (f"did you mean {near[0]}?" if near else "it has " + ", ".join(known))
            )
    return content, remarks
