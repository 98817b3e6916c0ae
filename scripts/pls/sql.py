"""Names and texts as DuckDB SQL reads them."""

from __future__ import annotations


def quoted(name: str) -> str:
    """Quote an identifier.

    Args:
        name: Any name.

    Returns:
        The name in double quotes.
    """
    return '"' + name.replace('"', '""') + '"'


def literal(value: object) -> str:
    """Quote a text.

    Args:
        value: Any text.

    Returns:
        The text in single quotes.
    """
    return "'" + str(value).replace("'", "''") + "'"
