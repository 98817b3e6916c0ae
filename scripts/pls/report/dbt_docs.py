"""dbt's own documentation as one page, made of what the last build left.

`dbt docs generate --static` gives the same page, but parses the whole project again first, which
takes longer than all other pages together.
"""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb

from pls.paths import PROJECT_NAME, Store
from pls.published import rows

_PLACES = ('"MANIFEST.JSON INLINE DATA"', '"CATALOG.JSON INLINE DATA"')
"""Where dbt's page takes its data, in order: the manifest, the catalog."""


def dbt_docs(store: Store, connection: duckdb.DuckDBPyConnection) -> str | None:
    """Make the page.

    Args:
        store: Where the last build left its manifest.
        connection: The published marts, for the types of columns and the numbers of rows.

    Returns:
        The page; None where no build has left a manifest.
    """
    spec = find_spec("dbt.task.docs")
    locations = list(spec.submodule_search_locations or ()) if spec else []
    try:
        manifest = (store.target / "manifest.json").read_text(encoding="utf-8")
        page = (Path(locations[0]) / "index.html").read_text(encoding="utf-8")
    except (OSError, IndexError):
        return None
    catalog = {"nodes": _catalog(connection), "sources": {}, "errors": None, "metadata": {}}
    for place, data in zip(_PLACES, (manifest, json.dumps(catalog)), strict=True):
        # A description may hold what would end the script.
        page = page.replace(place, data.replace("</", "<\\/"))
    return page


def _catalog(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    nodes: dict[str, Any] = {}
    for row in rows(
        connection,
        "select table_name, column_name, data_type, column_index, estimated_size "
        "from duckdb_columns() inner join duckdb_tables() using (schema_name, table_name) "
        "where schema_name = 'marts' order by table_name, column_index",
    ):
        name = row["table_name"]
        node = nodes.setdefault(
            f"model.{PROJECT_NAME}.{name}",
            {
                "unique_id": f"model.{PROJECT_NAME}.{name}",
                "metadata": {"type": "table", "schema": "marts", "name": name, "owner": None},
                "columns": {},
                "stats": {
                    "has_stats": {"id": "has_stats", "label": "", "value": True, "include": False},
                    "rows": {
                        "id": "rows",
                        "label": "Rows",
                        "value": row["estimated_size"],
                        "include": True,
                        "description": "Rows as published",
                    },
                },
            },
        )
        node["columns"][row["column_name"]] = {
            "name": row["column_name"],
            "type": row["data_type"].lower(),
            "index": row["column_index"],
            "comment": None,
        }
    return nodes
