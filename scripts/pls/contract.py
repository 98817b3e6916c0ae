"""The raw contract, read from `models/sources.yml`, the only place where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pls.errors import InputError

REQUIRED_TABLES = ("events", "users")


@dataclass(frozen=True)
class RawColumn:
    """A column of a raw table.

    Attributes:
        name: Its name.
        data_type: text, integer, double, boolean, timestamp or date.
        is_required: Whether a row without it is quarantined.
        text_format: email, domain, json_object, or empty.
    """

    name: str
    data_type: str
    is_required: bool
    text_format: str


@dataclass(frozen=True)
class RawTable:
    """A raw table.

    Attributes:
        name: Its name.
        columns: Its columns in the order of the contract.
    """

    name: str
    columns: tuple[RawColumn, ...]


def _meta(node: dict[str, Any]) -> dict[str, Any]:
    meta: dict[str, Any] = node.get("config", {}).get("meta", {})
    return meta


def read_contract(project_dir: Path) -> dict[str, RawTable]:
    """Read the raw contract.

    Args:
        project_dir: Folder of the dbt project.

    Returns:
        The raw tables by name, in the order of the file.

    Raises:
        InputError: The file is missing or is not the YAML it should be.
    """
    path = project_dir / "models" / "sources.yml"
    try:
        sources = yaml.safe_load(path.read_text(encoding="utf-8"))["sources"]
        raw = next(source for source in sources if source["name"] == "raw")
        return {
            table["name"]: RawTable(
                table["name"],
                tuple(
                    RawColumn(
                        column["name"],
                        column["data_type"],
                        bool(_meta(column).get("required", False)),
                        str(_meta(column).get("format", "")),
                    )
                    for column in table["columns"]
                ),
            )
            for table in raw["tables"]
        }
    except (OSError, yaml.YAMLError, KeyError, TypeError, StopIteration) as error:
        raise InputError(
            f"the raw contract cannot be read ({error})",
            str(path),
            "restore the file from version control",
        ) from error
