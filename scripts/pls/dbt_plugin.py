"""The dbt-duckdb plugin that lets a plain `dbt build` see the raw files.

dbt opens a connection to the database many times in a run; the first one loads.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin

from pls.lake import attach, find_lake
from pls.raw import load, reads_lake


class Plugin(BasePlugin):
    """Loads the raw folder and the reference lists when dbt connects."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Keep where things are.

        Args:
            plugin_config: `raw_dir` and `project_dir` of the profile, and `lake` if raw
                tables may lie in a lake, whose address the environment gives.
        """
        self._raw_dir = str(plugin_config["raw_dir"])
        self._project_dir = Path(plugin_config["project_dir"])
        self._has_lake = bool(plugin_config.get("lake"))
        self._is_loaded = False

    def update_connection_config(self, creds: Any, config: dict[str, Any]) -> None:
        """Make the folder of the database, which DuckDB does not.

        Args:
            creds: The credentials of the profile, with the path of the database.
            config: DuckDB's settings; left as they are.
        """
        if creds.path != ":memory:":
            Path(creds.path).parent.mkdir(parents=True, exist_ok=True)

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Load what changed, with the lake at hand.

        Linters connect to memory and need no data; without a raw folder the relations
        stay as they are.

        Args:
            conn: The connection dbt has opened.

        Raises:
            InputError: A raw file is malformed, a required table is absent, or the lake
                cannot be opened.
        """
        path = self.creds.path if self.creds is not None else ":memory:"
        if path == ":memory:":
            return
        loads = bool(self._raw_dir) and not self._is_loaded
        # Attaching takes a noticeable moment, and dbt connects many times.
        if self._has_lake and (loads or reads_lake(conn)):
            database = Path(path).resolve()
            attach(conn, find_lake(database.parent, database.stem.removesuffix("_work")))
        if loads:
            load(conn, self._project_dir, Path(self._raw_dir))
            self._is_loaded = True
