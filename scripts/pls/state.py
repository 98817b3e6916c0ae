"""What the last build left behind, kept beside the working database.

dbt's own record (`dbt retry`) says "nothing to do" after a killed run, so it is not used.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pls.paths import write_whole


@dataclass
class BuildState:
    """The state of the working database.

    Attributes:
        run_id: The build that wrote it last.
        status: building (or killed while building), failed, partial, damaged or published.
        started_at: When that build began (UTC, ISO 8601).
        raw_dir: The raw folder it read.
        raw_mark: What marks the sample data in that folder; empty for real data.
        variables: dbt's variables of that build.
        logic: Fingerprint of everything that incremental models are made from.
        project: Fingerprint of the whole project but the weights.
        needs_full_refresh: Whether incremental models still hold rows of something else.
    """

    run_id: str = ""
    status: str = ""
    started_at: str = ""
    raw_dir: str = ""
    raw_mark: str = ""
    variables: dict[str, Any] = field(default_factory=dict)
    logic: str = ""
    project: str = ""
    needs_full_refresh: bool = False

    def write(self, path: Path) -> None:
        """Write the state whole or not at all.

        Args:
            path: The state file.
        """
        write_whole(path, json.dumps(asdict(self), indent=2, default=str) + "\n")


def read_state(path: Path) -> BuildState:
    """Read the state; a missing or broken file is an empty state.

    Args:
        path: The state file.

    Returns:
        The state.
    """
    state = BuildState()
    with suppress(OSError, ValueError):
        content = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(content, dict):
            for each in fields(BuildState):
                value = content.get(each.name)
                if isinstance(value, type(getattr(state, each.name))):
                    setattr(state, each.name, value)
    return state


def new_run_id() -> str:
    """Name a run so that names sort by time.

    Returns:
        Such as `20260131T061500Z-4711`, the last part being the process id.
    """
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{os.getpid()}"
