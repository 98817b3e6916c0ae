"""The face: results to stdout, everything else to stderr, plain text where no person looks."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

PLAIN_WIDTH = 100
"""Columns of a table when the output is no terminal."""


def clean(value: object) -> str:
    """Make any value safe to print on one line of a terminal.

    Args:
        value: Text from the data, which may hold anything.

    Returns:
        The text with white space squashed and control characters gone; empty for None.
    """
    if value is None:
        return ""
    text = " ".join(str(value).split())
    # Nearly all of it is, and thousands of pages are made of it.
    if text.isprintable():
        return text
    return "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co"))


def rounded(value: Any, form: str) -> str:
    """Write a number in a given form, rounded as people do it: a half goes away from zero.

    It is the decimal that people read which is rounded, so 0.285 has its half, though no
    floating-point number is exactly that.

    Args:
        value: A number, or the text of one.
        form: What Python's `format` calls a format specification, such as `,.1f` or `.1%`.

    Returns:
        The text.
    """
    with localcontext(rounding=ROUND_HALF_UP):
        return format(Decimal(str(value)), form)


def number(value: Any, digits: int = 0) -> str:
    """Write a number the way people read it.

    Args:
        value: A number or None.
        digits: Digits after the point at most; zeros at the end fall away.

    Returns:
        The text, `-` for None.
    """
    if value is None:
        return "-"
    if type(value) is int:  # nearly all are, on thousands of pages
        return f"{value:,}"
    text = rounded(value, f",.{digits}f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def out() -> Console:
    """Give the console for results (stdout)."""
    terminal = sys.stdout.isatty()
    return Console(
        file=sys.stdout,
        width=None if terminal else PLAIN_WIDTH,
        no_color=None if terminal else True,
        highlight=False,
        markup=False,
        emoji=False,
    )


def say(line: str = "") -> None:
    """Print a line of a result.

    Args:
        line: The line, printed as it is.
    """
    out().print(Text(line), soft_wrap=True)


def print_json(value: object) -> None:
    """Print a value as the only thing on stdout.

    Args:
        value: Anything made of mappings, lists and scalars; dates become text.
    """
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def print_table(
    columns: Sequence[str | tuple[str, Mapping[str, Any]]],
    rows: Iterable[Sequence[object]],
    title: str = "",
) -> None:
    """Print rows as a table.

    Args:
        columns: Header texts, or pairs of a header and Rich's options for the column.
        rows: The cells, row by row; data is shown as it is, never read as markup.
        title: A line above the table.
    """
    console = out()
    terminal = console.is_terminal
    if title:
        console.print(Text(title, style="bold"))
    table = Table(
        box=box.SIMPLE_HEAD if terminal else None,
        pad_edge=False,
        padding=(0, 1, 0, 0) if terminal else (0, 2, 0, 0),
        header_style="bold",
    )
    for column in columns:
        name, options = (column, {}) if isinstance(column, str) else column
        table.add_column(name, **options)
    for row in rows:
        table.add_row(
            *(Text("\n".join(clean(line) for line in str(cell or "").split("\n"))) for cell in row)
        )
    console.print(table)


class Reporter:
    """Tells how far a long piece of work is, on stderr.

    On a terminal one moving bar; elsewhere a plain line for each step and for each tenth.
    """

    def __init__(self, quiet: bool = False) -> None:
        """Choose the face.

        Args:
            quiet: Say nothing but notes.
        """
        self.quiet = quiet
        self._console = Console(stderr=True, highlight=False, markup=False, emoji=False)
        self._progress: Progress | None = None
        self._task: Any = None
        self._tenth = -1

    def __enter__(self) -> Reporter:
        """Start."""
        return self

    def __exit__(self, *_: object) -> None:
        """Take the bar away."""
        self._stop()

    def note(self, line: str) -> None:
        """Say a line that matters in any case.

        Args:
            line: The line.
        """
        self._console.print(Text(clean(line)), soft_wrap=True)

    def step(self, line: str) -> None:
        """Say what begins now.

        Args:
            line: The line.
        """
        self._stop()
        if not self.quiet:
            self.note(line)

    def advance(self, done: int, total: int, what: str) -> None:
        """Say how far the present step is.

        Args:
            done: Units done.
            total: Units in all, more than zero.
            what: What was done last.
        """
        if self.quiet or total <= 0:
            return
        if self._console.is_terminal:
            if self._progress is None:
                self._progress = Progress(
                    BarColumn(bar_width=30),
                    MofNCompleteColumn(),
                    TimeElapsedColumn(),
                    TextColumn("{task.description}", markup=False),
                    console=self._console,
                    transient=True,
                )
                self._progress.start()
                self._task = self._progress.add_task("", total=total)
            self._progress.update(
                self._task, completed=done, total=total, description=clean(what)[:60]
            )
        elif done * 10 // total > self._tenth:
            self._tenth = done * 10 // total
            self.note(f"  {done}/{total} {what}")

    def tick(self, line: str) -> None:
        """Say that a long step is alive; seen on a terminal only.

        Args:
            line: What is being done.
        """
        if self.quiet or not self._console.is_terminal:
            return
        if self._progress is None:
            self._progress = Progress(
                TimeElapsedColumn(),
                TextColumn("{task.description}", markup=False),
                console=self._console,
                transient=True,
            )
            self._progress.start()
            self._task = self._progress.add_task("")
        self._progress.update(self._task, description=clean(line)[:80])

    def _stop(self) -> None:
        if self._progress is not None:
            self._progress.stop()
        self._progress = None
        self._tenth = -1


def complain(line: str) -> None:
    """Print an error line to stderr.

    Args:
        line: The line.
    """
    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    console.print(Text(clean(line), style="red"), soft_wrap=True)
