"""What measurements mean: ratios, shares, growth, and the table."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

DONE, FAILED, SKIPPED = "done", "failed", "skipped"

GROWING = ("floor", "full", "increment")
"""The steps whose growth between sizes is told."""


@dataclass
class Row:
    """A step that was measured, or not.

    Attributes:
        step: Its name.
        title: What it is, for people.
        status: done, failed or skipped.
        why: Why it is not done.
        log: The child's log, when it failed.
        seconds: Wall time; of several runs the median.
        cpu_seconds: CPU time, likewise.
        peak_bytes: Peak memory; of several runs the largest.
        models_seconds: Wall time in models, as far as dbt ran.
        seeds_seconds: In seeds.
        tests_seconds: In tests.
        rest_seconds: The rest: starting, parsing, loading, publishing.
        slowest: The slowest models with their seconds.
        ratio_to_floor: Wall time as a multiple of the floor's.
        runs: The wall times of a step that was repeated.
    """

    step: str
    title: str
    status: str = SKIPPED
    why: str = ""
    log: str = ""
    seconds: float | None = None
    cpu_seconds: float | None = None
    peak_bytes: int | None = None
    models_seconds: float | None = None
    seeds_seconds: float | None = None
    tests_seconds: float | None = None
    rest_seconds: float | None = None
    slowest: list[tuple[str, float]] = field(default_factory=list)
    ratio_to_floor: float | None = None
    runs: list[float] = field(default_factory=list)

    @property
    def work_seconds(self) -> float | None:
        """Give the wall time in models and tests; None unless dbt ran."""
        if self.models_seconds is None or self.tests_seconds is None:
            return None
        return self.models_seconds + self.tests_seconds


@dataclass
class Size:
    """Everything measured at one size.

    Attributes:
        events: Different events in the dataset.
        rows: Rows of its event files.
        raw_bytes: Size of its event files.
        working_bytes: Size of the working file after the last full rebuild.
        published_bytes: Size of the published file then.
        working_bytes_after: Size of the working file after the last step.
        published_bytes_after: Size of the published file then.
        open_seconds: From opening the published file to the count of its largest mart.
        counted_mart: That mart.
        counted_rows: Its rows.
        steps: The steps in order.
    """

    events: int
    rows: int | None = None
    raw_bytes: int | None = None
    working_bytes: int | None = None
    published_bytes: int | None = None
    working_bytes_after: int | None = None
    published_bytes_after: int | None = None
    open_seconds: float | None = None
    counted_mart: str | None = None
    counted_rows: int | None = None
    steps: list[Row] = field(default_factory=list)

    def row(self, step: str) -> Row | None:
        """Find a step that was measured.

        Args:
            step: Its name.

        Returns:
            The row; None when the step is not done.
        """
        return next((row for row in self.steps if row.step == step and row.status == DONE), None)


@dataclass
class Results:
    """Everything measured.

    Attributes:
        setting: Versions, processors, threads, memory limit, commit.
        sizes: A part per size.
        demo: The sample company's rows, if asked for.
    """

    setting: dict[str, Any]
    sizes: list[Size] = field(default_factory=list)
    demo: list[Row] = field(default_factory=list)

    @property
    def has_failures(self) -> bool:
        """Say whether a step failed."""
        rows = [*self.demo, *(row for size in self.sizes for row in size.steps)]
        return any(row.status == FAILED for row in rows)


def median_row(row: Row, runs: Sequence[tuple[float, float, int]]) -> None:
    """Put what several runs cost into one row.

    Args:
        row: The row to fill.
        runs: Wall time, CPU time and peak memory of each run; at least one.
    """
    row.runs = [seconds for seconds, _, _ in runs]
    row.seconds = statistics.median(row.runs)
    row.cpu_seconds = statistics.median(cpu for _, cpu, _ in runs)
    row.peak_bytes = max(peak for _, _, peak in runs)


def ratio(part: float | None, whole: float | None) -> float | None:
    """Divide, where there is something to divide.

    Args:
        part: The dividend or None.
        whole: The divisor or None.

    Returns:
        The quotient; None when either is unknown or the divisor is not positive.
    """
    return None if part is None or not whole or whole < 0 else part / whole


def growth_exponent(points: Sequence[tuple[float, float]]) -> float | None:
    """Find the power of the size by which time grows, by least squares on logarithms.

    Args:
        points: Sizes and times.

    Returns:
        1 for proportional growth, 2 for quadratic; None without two different sizes.
    """
    logs = [(math.log(size), math.log(time)) for size, time in points if size > 0 and time > 0]
    if len({x for x, _ in logs}) < 2:
        return None
    return statistics.linear_regression([x for x, _ in logs], [y for _, y in logs]).slope


def shares_of_full(size: Size) -> dict[str, float | None]:
    """Compare the next day with the full rebuild, by the time in models and tests.

    Args:
        size: What was measured.

    Returns:
        The shares without and with tests.
    """
    found: dict[str, float | None] = {}
    for name, part, whole in (
        ("without_tests", "increment", "full"),
        ("with_tests", "increment-tests", "full-tests"),
    ):
        found[name] = ratio(_work(size.row(part)), _work(size.row(whole)))
    return found


def _wall(row: Row | None) -> float | None:
    return row.seconds if row else None


def _work(row: Row | None) -> float | None:
    return row.work_seconds if row else None


def growth(results: Results) -> dict[str, dict[str, float | None]]:
    """Say how steps grow between sizes.

    Args:
        results: What was measured.

    Returns:
        By step the exponent of the wall time and, for builds, of the time in models.
    """
    found: dict[str, dict[str, float | None]] = {}
    for step in GROWING:
        rows = [(size.events, row) for size in results.sizes if (row := size.row(step))]
        found[step] = {
            "wall": growth_exponent([(n, row.seconds) for n, row in rows if row.seconds]),
            "models": growth_exponent(
                [(n, row.models_seconds) for n, row in rows if row.models_seconds]
            ),
        }
    return found


def demo_shares(results: Results) -> dict[str, float | None]:
    """Say how much of the warm demo build does not depend on data.

    Args:
        results: What was measured.

    Returns:
        `fixed`: the same build over a handful of rows, as a share; `outside_nodes`: what is
        spent before, between and after dbt's nodes.
    """
    done = {row.step: row for row in results.demo if row.status == DONE}
    warm, few = done.get("demo-warm"), done.get("few-warm")
    return {
        "fixed": ratio(_wall(few), _wall(warm)),
        "outside_nodes": ratio(warm.rest_seconds if warm else None, _wall(warm)),
    }


def as_dict(results: Results) -> dict[str, Any]:
    """Give everything as plain values, what follows from measurements included.

    Args:
        results: What was measured; ratios to the floor are filled in.

    Returns:
        Mappings, lists and scalars.
    """
    for size in results.sizes:
        for row in size.steps:
            row.ratio_to_floor = ratio(row.seconds, _wall(size.row("floor")))
    return {
        "setting": results.setting,
        "sizes": [
            {**asdict(size), "increment_share": shares_of_full(size)} for size in results.sizes
        ],
        "growth_exponents": growth(results),
        "demo": {"steps": [asdict(row) for row in results.demo], **demo_shares(results)},
    }


def label(events: int) -> str:
    """Write a number of events briefly.

    Args:
        events: The number.

    Returns:
        Such as 5M, 20k or 12,345.
    """
    for unit, name in ((1_000_000, "M"), (1_000, "k")):
        if events >= unit and events % (unit // 10) == 0:
            return f"{events / unit:g}{name}"
    return f"{events:,}"


def markdown(results: Results) -> str:
    """Write everything as Markdown.

    Args:
        results: What was measured.

    Returns:
        The text, ending in a newline.
    """
    facts = as_dict(results)
    setting = ", ".join(f"{name} {value}" for name, value in results.setting.items() if value)
    lines = ["# How fast it is", "", setting + ".", ""]
    if results.sizes:
        lines += [
            *_table(
                ("events", "step", *_COSTS),
                [
                    (label(size.events), row.title, *_costs(row))
                    for size in results.sizes
                    for row in size.steps
                ],
            ),
            "Times are seconds of wall time unless said otherwise; x floor is the wall time as a "
            "multiple of the floor's, the median of its runs. Nodes that run at once share the "
            "time.",
            "",
            *_table(
                (
                    "events",
                    "raw MB",
                    "working MB",
                    "published MB",
                    "working MB at the end",
                    "published MB at the end",
                    "open and count a mart, s",
                    "next day / full",
                    "with tests",
                ),
                [
                    (
                        label(size.events),
                        _megabytes(size.raw_bytes),
                        _megabytes(size.working_bytes),
                        _megabytes(size.published_bytes),
                        _megabytes(size.working_bytes_after),
                        _megabytes(size.published_bytes_after),
                        _number(size.open_seconds, 3),
                        *(_percent(share) for share in shares_of_full(size).values()),
                    )
                    for size in results.sizes
                ],
            ),
            "next day / full: the increment's time in models and tests as a share of the full "
            "rebuild's.",
            "",
            *_slowest(results),
        ]
    if len(results.sizes) > 1:
        lines += _table(
            ("growth exponent", "wall", "models"),
            [
                (step, _number(found["wall"], 2), _number(found["models"], 2))
                for step, found in facts["growth_exponents"].items()
            ],
        )
    if results.demo:
        shares = demo_shares(results)
        lines += [
            *_table(("sample company", *_COSTS), [(r.title, *_costs(r)) for r in results.demo]),
            f"Share of the warm build that a handful of rows costs too: "
            f"{_percent(shares['fixed'])}; share outside dbt's nodes: "
            f"{_percent(shares['outside_nodes'])}.",
            "",
        ]
    return "\n".join(lines).rstrip("\n") + "\n"


_COSTS = (
    "wall", "x floor", "CPU", "peak MB", "models", "seeds", "tests", "rest",
)  # fmt: skip


def _costs(row: Row) -> tuple[str, ...]:
    if row.status != DONE:
        return (row.status, *[""] * (len(_COSTS) - 1))
    return (
        _number(row.seconds, 1),
        _number(row.ratio_to_floor, 1),
        _number(row.cpu_seconds, 1),
        _megabytes(row.peak_bytes),
        *(
            _number(part, 1)
            for part in (
                row.models_seconds, row.seeds_seconds, row.tests_seconds, row.rest_seconds,
            )
        ),
    )  # fmt: skip


def _slowest(results: Results) -> list[str]:
    lines = [
        f"- {label(size.events)}, {row.title}: "
        + ", ".join(f"{name} {seconds:.1f}" for name, seconds in row.slowest)
        for size in results.sizes
        for row in size.steps
        if row.slowest
    ]
    return ["The slowest models, in seconds:", "", *lines, ""] if lines else []


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    aligned = ["---" if column in ("step", "sample company") else "---:" for column in columns]
    return [
        f"| {' | '.join(columns)} |",
        f"| {' | '.join(aligned)} |",
        *(f"| {' | '.join(cells)} |" for cells in rows),
        "",
    ]


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:,.{digits}f}"


def _megabytes(value: int | None) -> str:
    return "" if value is None else f"{value / 1e6:,.1f}"


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"
