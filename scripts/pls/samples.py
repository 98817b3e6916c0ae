"""Sample data: made in a raw folder of its own, never over somebody's data."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pls.console import Reporter
from pls.errors import InputError

if TYPE_CHECKING:
    from pls.generate import GeneratedCompany

MARK = ".pls-demo"
"""The file that says which files of a raw folder are sample data."""


@dataclass(frozen=True)
class SampleSize:
    """How much sample data to make.

    Attributes:
        events: Events in all, about.
        accounts: Accounts.
        days: Days of history.
        seed: Same seed, same data.
        last_day: The last day with events.
    """

    events: int = 200_000
    accounts: int = 300
    days: int = 240
    seed: int = 7
    last_day: date = date(2026, 6, 30)


def mark(folder: Path) -> str:
    """Read the mark of a raw folder.

    Args:
        folder: The raw folder.

    Returns:
        Text that differs for different sample data; empty for data that is none.
    """
    try:
        return (folder / MARK).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def make(folder: Path, size: SampleSize, force: bool, reporter: Reporter) -> GeneratedCompany:
    """Make sample data; old sample data goes when the new is whole.

    Args:
        folder: The raw folder to write.
        size: How much.
        force: Replace whatever is there.
        reporter: Told how far it is.

    Returns:
        What was made.

    Raises:
        InputError: A number makes no sense, or the folder holds something else.
    """
    from pls.generate import generate

    folder = folder.expanduser().resolve()
    if not force:
        _check_ours(folder)
    fresh = folder.with_name(f".{folder.name}.pls-new")
    try:
        shutil.rmtree(fresh, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        reporter.step(f"generating {size.events:,} events of {size.accounts:,} accounts")
        made = generate(fresh, **asdict(size), on_progress=reporter.tick)
        content = {key: str(value) for key, value in asdict(size).items()}
        text = json.dumps({**content, "files": _files(fresh)}, indent=1)
        (fresh / MARK).write_text(text + "\n", encoding="utf-8")
        if folder.is_dir():
            shutil.rmtree(folder)
        os.replace(fresh, folder)
    except OSError as error:
        raise InputError(
            f"sample data cannot be written ({error.strerror or error})",
            str(folder),
            "make room, or give a folder you may write to",
        ) from error
    return replace(made, raw_folder=folder)


def describe(made: GeneratedCompany) -> str:
    """Say in one line what was made.

    Args:
        made: What `make` gives.

    Returns:
        The line.
    """
    return (
        f"generated {made.rows['events']:,} events of {made.users:,} users and "
        f"{made.accounts:,} accounts, {made.first_day} to {made.last_day}: {made.raw_folder} "
        f"(planted truth: {made.truth_file})"
    )


def _check_ours(folder: Path) -> None:
    mend = "give another folder, or --force to replace it"
    if not folder.exists():
        return
    if not folder.is_dir():
        raise InputError("is not a folder", str(folder), mend)
    present = _files(folder)
    text = mark(folder)
    if not text and not present and not any(folder.iterdir()):
        return
    if not text:
        raise InputError("holds data that was not generated", str(folder), mend)
    strange = sorted(set(present) - set(_content(text).get("files") or ()))
    if strange:
        raise InputError(
            f"holds {strange[0]}, which was not generated",
            str(folder),
            "move it away, or give --force to replace the folder",
        )


def _files(folder: Path) -> list[str]:
    paths = (path for path in folder.rglob("*") if path.is_file() and path.name != MARK)
    return sorted(path.relative_to(folder).as_posix() for path in paths)


def _content(text: str) -> dict[str, Any]:
    with suppress(ValueError):
        content = json.loads(text)
        if isinstance(content, dict):
            return content
    return {}
