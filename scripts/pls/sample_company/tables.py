"""The raw tables: their columns, their files, and how rows get into them."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TextIO

import duckdb

from pls.sql import literal

TABLE_COLUMNS: Mapping[str, Sequence[str]] = {
    "users": (
        "user_id", "email", "created_at", "full_name", "job_title", "department",
        "signup_source", "country", "is_opted_out",
    ),
    "workspaces": ("workspace_id", "workspace_name", "created_at", "owner_user_id"),
    "companies": (
        "domain", "company_name", "industry", "employee_count", "country", "funding_stage",
        "last_funded_on", "open_relevant_roles", "parent_domain",
    ),
    "subscriptions": (
        "subscription_id", "workspace_id", "user_id", "domain", "plan", "seats", "mrr_usd",
        "started_at", "ended_at",
    ),
    "crm_accounts": (
        "crm_account_id", "account_name", "domain", "owner_id", "region", "created_at",
    ),
    "crm_opportunities": (
        "opportunity_id", "crm_account_id", "domain", "created_at", "accepted_at", "closed_at",
        "is_won", "amount_usd", "source", "opportunity_type", "stage",
    ),
    "crm_activities": (
        "activity_id", "crm_account_id", "domain", "contact_email", "activity_type", "direction",
        "occurred_at", "owner_id", "outcome",
    ),
    "crm_leads": (
        "lead_id", "email", "created_at", "lead_source", "became_mql_at", "converted_at",
        "opportunity_id",
    ),
    "support_tickets": ("ticket_id", "user_id", "created_at", "topic"),
    "nps_responses": ("response_id", "user_id", "responded_at", "score"),
    "deal_feedback": (
        "opportunity_id", "logged_at", "deal_trigger", "objections", "requested_features",
        "self_serve_blocker",
    ),
}  # fmt: skip
# Every format of the contract is written at least once. Parquet is staged as CSV first.
TABLE_FILES: Mapping[str, str] = {
    "users": "users.parquet",
    "workspaces": "workspaces.csv",
    "companies": "companies.csv",
    "subscriptions": "subscriptions.jsonl",
    "crm_accounts": "crm_accounts.csv",
    "crm_opportunities": "crm_opportunities.jsonl",
    "crm_activities": "crm_activities.csv.gz",
    "crm_leads": "crm_leads.csv",
    "support_tickets": "support_tickets.parquet",
    "nps_responses": "nps_responses.jsonl.gz",
    "deal_feedback": "deal_feedback.jsonl",
}
PARQUET_TYPES: Mapping[str, str] = {"created_at": "timestamp", "is_opted_out": "boolean"}


class TableFile:
    """A table being written row by row as CSV or as JSON lines.

    Attributes:
        path: The file.
        columns: Column names in order.
        rows: Rows written so far.
    """

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        """Open the file.

        Args:
            path: Target; ``.jsonl`` means JSON lines, ``.gz`` compression without a date.
            columns: Column names in order.
        """
        self.path = path
        self.columns = columns
        self.rows = 0
        self._raw = path.open("wb")
        binary: Any = self._raw
        if path.suffix == ".gz":
            binary = gzip.GzipFile(filename="", fileobj=self._raw, mode="wb", mtime=0)
        self._text: TextIO = io.TextIOWrapper(binary, encoding="utf-8", newline="")
        self._is_json = ".jsonl" in path.suffixes
        self._csv = csv.writer(self._text, lineterminator="\n")
        if not self._is_json:
            self._csv.writerow(columns)

    def add(self, *values: object) -> None:
        """Append one row.

        Args:
            values: One value per column; None is null.

        Raises:
            ValueError: A row of JSON lines has more or fewer values than columns.
        """
        self.rows += 1
        if self._is_json:
            row = {
                column: str(value) if isinstance(value, date) else value
                for column, value in zip(self.columns, values, strict=True)
            }
            self._text.write(json.dumps(row, ensure_ascii=False) + "\n")
        else:
            self._csv.writerow([str(v).lower() if isinstance(v, bool) else v for v in values])

    def close(self) -> None:
        """Flush and close the file."""
        self._text.close()
        self._raw.close()


def csv_source(path: Path, columns: Sequence[str], types: Mapping[str, str]) -> str:
    """Give the SQL that reads a CSV file of `TableFile`.

    Args:
        path: The file.
        columns: Its columns in order.
        types: SQL types of columns; any other is text.

    Returns:
        A table function call.
    """
    typed = ", ".join(f"'{c}': '{types.get(c, 'varchar')}'" for c in columns)
    return (
        f"read_csv({literal(path)}, header = true, columns = {{{typed}}}, quote = '\"', "
        "escape = '\"', auto_detect = false, delim = ',', parallel = false)"
    )


def write_parquet_tables(con: duckdb.DuckDBPyConnection, work: Path, raw: Path) -> None:
    """Turn the staged CSV files of Parquet tables into Parquet.

    Args:
        con: Any connection.
        work: Folder with the staged files.
        raw: The raw folder.

    Raises:
        duckdb.IOException: A file cannot be written.
    """
    for name, target in TABLE_FILES.items():
        if not target.endswith(".parquet"):
            continue
        columns = ", ".join(
            f"cast({c} as {PARQUET_TYPES.get(c, 'varchar')}) as {c}" for c in TABLE_COLUMNS[name]
        )
        staged = csv_source(work / f"{name}.csv", TABLE_COLUMNS[name], {})
        con.execute(
            f"copy (select {columns} from {staged}) "
            f"to {literal(raw / target)} (format parquet, compression zstd)"
        )
