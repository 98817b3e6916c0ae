"""The bench: what a child cost, what measurements mean, and a tiny bench from end to end."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, Result, environment, error_lines, pls
from pls.bench import run as bench_run
from pls.bench.measure import (
    NodeRun,
    answer,
    read_runs,
    run_child,
    slowest,
    wall_by_kind,
    why_it_failed,
)
from pls.bench.report import (
    DONE,
    FAILED,
    Results,
    Row,
    Size,
    as_dict,
    growth_exponent,
    label,
    markdown,
    median_row,
    ratio,
)
from pls.bench.run import STEPS, duckdb_threads, parse_sizes, parse_steps
from pls.errors import InputError
from pls.paths import Project

# --- what a child cost ---------------------------------------------------------------------


def python(code: str, log: Path) -> Any:
    return run_child([sys.executable, "-c", code], os.environ, log)


def test_memory_and_processor_time_are_the_childs(tmp_path: Path) -> None:
    # What the tests' own process holds shines through, but no more than that.
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    kept = held + 200_000_000
    idle = python("import time; time.sleep(0.3)", tmp_path / "idle.log")
    busy = python(
        f"import time; kept = b'x' * {kept}\n"
        "while time.process_time() < 0.5: pass\n"
        "print('{\"answer\": 42}')",
        tmp_path / "logs" / "busy.log",
    )
    assert idle.exit_code == busy.exit_code == 0
    assert busy.peak_bytes >= kept > idle.peak_bytes
    assert busy.cpu_seconds >= 0.5 > idle.cpu_seconds
    assert idle.seconds >= 0.3
    assert answer(tmp_path / "logs" / "busy.log") == {"answer": 42}
    assert answer(tmp_path / "idle.log") == {}


def test_a_child_that_fails_says_why_in_one_line(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    usage = python("import sys; sys.exit('one\\n  the last word \\n\\n')", log)
    assert why_it_failed(usage, log) == "ended with exit code 1: the last word"
    usage = python("import os; os.kill(os.getpid(), 9)", log)
    assert why_it_failed(usage, log) == "was killed by signal 9 (perhaps for want of memory)"


def test_time_is_shared_by_what_runs_at_once() -> None:
    nodes = [
        NodeRun("one", "models", 10.0, 14.0),
        NodeRun("two", "models", 12.0, 13.0),
        NodeRun("three", "tests", 13.0, 16.0),
        NodeRun("four", "seeds", 20.0, 20.5),
    ]
    # 10-12 one, 12-13 both models, 13-14 a model and a test, 14-16 the test, 20-20.5 the seed.
    assert wall_by_kind(nodes) == {"models": 3.5, "seeds": 0.5, "tests": 2.5, "other": 0.0}
    assert slowest(nodes, 1) == [("one", 4.0)]
    assert wall_by_kind([]) == {"models": 0.0, "seeds": 0.0, "tests": 0.0, "other": 0.0}


def run_results(path: Path, nodes: Sequence[tuple[str, float, float]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    moment = lambda second: datetime.fromtimestamp(second, UTC).isoformat()  # noqa: E731
    results = [
        {
            "unique_id": unique_id,
            "timing": [
                {"name": "compile", "started_at": moment(start), "completed_at": moment(start)},
                {"name": "execute", "started_at": moment(start), "completed_at": moment(end)},
            ],
        }
        for unique_id, start, end in nodes
    ]
    results.append({"unique_id": "model.pls.skipped", "timing": []})
    path.write_text(json.dumps({"results": results}))


def test_only_what_this_run_wrote_is_read(tmp_path: Path) -> None:
    run_results(tmp_path / "a" / "run_results.json", [("model.pls.users", 100, 102)])
    run_results(
        tmp_path / "b" / "run_results.json",
        [("test.pls.unique_users.0a1b", 102, 103), ("model.pls.quick", 104, 104)],
    )
    found = sorted(read_runs(tmp_path, 0), key=lambda node: node.name)
    assert found == [
        NodeRun("unique_users", "tests", 102, 103),
        NodeRun("users", "models", 100, 102),
    ]
    os.utime(tmp_path / "a" / "run_results.json", (1000, 1000))
    assert [node.name for node in read_runs(tmp_path, 1001)] == ["unique_users"]
    assert read_runs(tmp_path, time.time() + 1000) == []


# --- what measurements mean ----------------------------------------------------------------


def test_growth_is_the_slope_of_logarithms() -> None:
    assert growth_exponent([(5, 2), (50, 20)]) == pytest.approx(1)
    assert growth_exponent([(1, 3), (2, 12), (4, 48)]) == pytest.approx(2)
    # Logarithms (0, 0), (1, 1), (2, 1): the slope of least squares is 1/2.
    e = 2.718281828459045
    assert growth_exponent([(1, 1), (e, e), (e * e, e)]) == pytest.approx(0.5)
    assert growth_exponent([(5, 2)]) is None
    assert growth_exponent([(5, 2), (5, 3)]) is None
    assert growth_exponent([(5, 2), (50, 0)]) is None


def test_ratios_where_there_is_something_to_divide() -> None:
    assert ratio(3, 2) == 1.5
    assert ratio(0.0, 2) == 0
    assert ratio(None, 2) is ratio(3, None) is ratio(3, 0) is None


def measured() -> Results:
    def row(step: str, seconds: float, models: float | None = None, tests: float = 0) -> Row:
        made = Row(step, STEPS[step], DONE, seconds=seconds, cpu_seconds=2 * seconds)
        made.peak_bytes = 1_500_000
        if models is not None:
            made.models_seconds, made.tests_seconds, made.seeds_seconds = models, tests, 0.25
            made.rest_seconds = seconds - models - tests - 0.25
            made.slowest = [("int_slow", models / 2), ("int_fast", models / 4)]
        return made

    floors = [Row("floor", STEPS["floor"], DONE) for _ in range(2)]
    median_row(floors[0], [(3.0, 4.0, 100), (1.0, 2.0, 300), (2.0, 9.0, 200)])
    median_row(floors[1], [(20.0, 40.0, 1000)])
    small = Size(1_000_000, rows=1_010_000, raw_bytes=30_000_000, working_bytes=2_000_000)
    small.steps = [
        floors[0],
        row("full", 10, models=8),
        row("full-tests", 14, models=8, tests=2),
        row("increment", 3, models=2),
        row("increment-tests", 5, models=2, tests=0.5),
        Row("explain", STEPS["explain"], FAILED, why="ended with exit code 2", log="x.log"),
    ]
    large = Size(10_000_000)
    large.steps = [floors[1], row("full", 40, models=32), row("increment", 3, models=2)]
    results = Results({"processors": 2, "commit": ""}, [small, large])
    results.demo = [
        Row("demo", "pls demo, from nothing", DONE, seconds=20),
        Row("demo-warm", "built again", DONE, seconds=10, rest_seconds=2.5),
        Row("few-warm", "a handful of rows", DONE, seconds=8),
    ]
    return results


def test_ratios_shares_and_growth_follow_from_what_was_measured() -> None:
    facts = as_dict(measured())
    small, large = facts["sizes"]
    floor = small["steps"][0]
    assert (floor["seconds"], floor["cpu_seconds"], floor["peak_bytes"]) == (2, 4, 300)
    assert [step["ratio_to_floor"] for step in small["steps"]] == [1, 5, 7, 1.5, 2.5, None]
    assert small["increment_share"] == {"without_tests": 0.25, "with_tests": 0.25}
    assert large["increment_share"] == {"without_tests": 0.0625, "with_tests": None}
    growth = facts["growth_exponents"]
    assert growth["floor"] == {"wall": pytest.approx(1), "models": None}
    assert growth["full"]["wall"] == pytest.approx(0.60206)  # log10(4)
    assert growth["full"]["models"] == pytest.approx(0.60206)
    assert growth["increment"]["wall"] == pytest.approx(0)
    assert facts["demo"]["fixed"] == 0.8 and facts["demo"]["outside_nodes"] == 0.25


def test_the_table_shows_every_step_also_one_that_failed() -> None:
    text = markdown(measured())
    lines = text.splitlines()
    full = "| 1M | full rebuild, no tests | 10.0 | 5.0 | 20.0 | 1.5 | 8.0 | 0.2 | 0.0 | 1.8 |"
    assert full in lines
    assert "| 1M | pls explain | failed |  |  |  |  |  |  |  |" in lines
    assert "- 1M, full rebuild, no tests: int_slow 4.0, int_fast 2.0" in lines
    assert "| 1M | 30.0 | 2.0 |  |  |  |  | 25.0% | 25.0% |" in lines
    assert "| full | 0.60 | 0.60 |" in lines
    assert "processors 2." in lines  # what is empty is left out
    assert "a handful of rows costs too: 80.0%; share outside dbt's nodes: 25.0%." in text
    widths = {line.count("|") for line in lines if line.startswith(("| 1M | f", "| 10M | f"))}
    assert widths == {11}


# --- the command line ------------------------------------------------------------------------


def test_sizes_are_read_as_people_write_them() -> None:
    assert parse_sizes("20M, 500k,5_000_000,5M,1.5m") == (
        500_000,
        1_500_000,
        5_000_000,
        20_000_000,
    )
    assert parse_sizes("1234") == (1234,)
    assert [label(n) for n in (500_000, 1_500_000, 5_000_000, 1234, 20_000)] == [
        "500k",
        "1.5M",
        "5M",
        "1,234",
        "20k",
    ]
    for text in ("", "many", "5M,", "5G", "-5M", "_", "10", "2_000M"):
        with pytest.raises(InputError, match="--events"):
            parse_sizes(text)


def test_steps_that_need_a_build_get_one() -> None:
    assert parse_steps("explain, floor") == ("floor", "full", "explain")
    assert parse_steps("increment,full-tests") == ("full-tests", "increment")
    assert parse_steps("full-1") == ("full-1",)
    for text in ("fll", "", "floor,fast"):
        with pytest.raises(InputError, match="choose from floor, full-1"):
            parse_steps(text)


@pytest.mark.parametrize(
    ("setting", "threads"),
    [
        ("settings: {}", None),
        ("settings: {threads: 3}", 3),
        ("config_options: {threads: PLS_THREADS}", 6),
    ],
)
def test_the_floor_gets_the_threads_of_a_build(
    tmp_path: Path, setting: str, threads: int | None
) -> None:
    (tmp_path / "profiles.yml").write_text(
        f"pls: {{target: dev, outputs: {{dev: {{type: duckdb, {setting}}}}}}}"
    )
    assert duckdb_threads(Project(tmp_path), "6") == threads


# --- from end to end -------------------------------------------------------------------------

FAKE = """
import json, os, pathlib, sys, time
import duckdb
words = sys.argv[1:]
db = pathlib.Path(words[words.index("--db") + 1])
say = " ".join(words[:words.index("--project-dir")]) + " " + os.environ["PLS_MEMORY_LIMIT"]
raw = pathlib.Path(words[words.index("--raw") + 1]) if "--raw" in words else None
files = len(list(raw.glob("events/*/*.parquet"))) if raw else 0
with (pathlib.Path(__file__).parent / "said").open("a") as stream:
    stream.write(f"{say} {files} {db.exists()}\\n")
if (fail := pathlib.Path(__file__).with_name("fail")).exists() and fail.read_text() in say:
    sys.exit("model users: out of luck")
if words[0] != "explain":
    for path in (db, db.with_name(db.stem + "_work.duckdb")):
        with duckdb.connect(str(path)) as connection:
            connection.execute("create schema if not exists marts")
            connection.execute("create or replace table marts.users as from range(12)")
    target = db.with_name(db.stem + "_target")
    target.mkdir(exist_ok=True)
    moments = {"started_at": "2026-01-01T00:00:00Z", "completed_at": "2026-01-01T00:00:00.004Z"}
    node = {"unique_id": "model.pls.users", "timing": [{"name": "execute", **moments}]}
    (target / "run_results.json").write_text(json.dumps({"results": [node]}))
"""


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in place of `pls` that keeps what it was asked."""
    folder = tmp_path / "fake"
    folder.mkdir()
    (folder / "fake.py").write_text(FAKE)
    monkeypatch.setattr(bench_run, "PLS", (sys.executable, str(folder / "fake.py")))
    return folder


def bench(out: Path, *arguments: object) -> Result:
    return pls("bench", "--out", out, "--project-dir", ROOT, *arguments)


def test_every_step_is_measured_in_its_turn(fake: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = bench(out, "--events", "2000,1k", "--demo", "--memory-limit", "700MB", "--json")
    assert result.returncode == 0, result.stderr
    facts = json.loads(result.stdout)
    assert facts == json.loads((out / "bench.json").read_text())
    assert [size["events"] for size in facts["sizes"]] == [1000, 2000]
    for size in facts["sizes"]:
        assert [step["step"] for step in size["steps"]] == list(STEPS)
        assert {step["status"] for step in size["steps"]} == {DONE}
        assert len(size["steps"][0]["runs"]) == 4
        for step in size["steps"]:
            assert step["seconds"] > 0 and step["cpu_seconds"] > 0 and step["ratio_to_floor"] > 0
            assert step["peak_bytes"] > 10_000_000
            if step["step"] not in ("floor", "explain"):
                assert step["models_seconds"] == pytest.approx(0.004, abs=1e-6)
                assert step["slowest"] == [["users", pytest.approx(0.004, abs=1e-6)]]
                assert 0 < step["rest_seconds"] < step["seconds"]
        assert size["rows"] >= size["events"] and size["raw_bytes"] > 0
        assert size["working_bytes"] > 0 and size["published_bytes"] > 0
        assert (size["counted_mart"], size["counted_rows"]) == ("users", 12)
        assert size["open_seconds"] > 0
        assert size["increment_share"]["without_tests"] == pytest.approx(1, abs=0.001)
    assert facts["setting"]["memory_limit"] == "700MB"
    assert set(facts["growth_exponents"]) == {"floor", "full", "increment"}
    assert [step["status"] for step in facts["demo"]["steps"]] == [DONE] * 4
    # Full rebuilds begin with nothing, the others with what the one before left.
    said = (fake / "said").read_text().splitlines()
    one = [
        "build --no-tests --vars score_history_days: 1 700MB 180 False",
        "build --no-tests 700MB 180 False",
        "build 700MB 180 False",
        "build --no-tests 700MB 181 True",
        "build 700MB 182 True",
        "build --no-tests 700MB 182 True",
        "explain u_1000000008 700MB 0 True",
    ]
    demo = ["demo 700MB 0 False", "build 700MB 0 True", "build 700MB 0 False", "build 700MB 0 True"]
    assert said == [*one, *one, *demo]
    text = (out / "bench.md").read_text()
    assert all(text.count(f"| {title} |") == 2 for title in STEPS.values())
    assert sorted(path.name for path in out.iterdir() if path.is_dir()) == ["logs", "raw"]


def test_a_step_that_fails_is_told_and_the_others_go_on(fake: Path, tmp_path: Path) -> None:
    (fake / "fail").write_text("build 700MB")  # the builds with tests
    out = tmp_path / "out"
    result = bench(out, "--events", 1000, "--memory-limit", "700MB", "--json")
    assert result.returncode == 2
    (line,) = [line for line in result.stderr.splitlines() if "exit code" in line]
    log = out / "logs" / "1k-full-tests.log"
    assert line == (f"1k: full-tests: ended with exit code 1: model users: out of luck; see {log}")
    assert log.read_text().strip() == "model users: out of luck"
    (size,) = json.loads(result.stdout)["sizes"]
    status = {step["step"]: step["status"] for step in size["steps"]}
    assert [name for name in status if status[name] == DONE] == ["floor", "full-1", "full"]
    assert status["full-tests"] == FAILED and status["increment"] == "skipped"
    assert "| 1k | full rebuild with tests | failed |" in (out / "bench.md").read_text()
    # The next days' files do not stay in the raw folder.
    assert len(list(out.glob("raw/*/raw/events/*/*.parquet"))) == 180


def test_a_bench_leaves_other_peoples_folders_alone(fake: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "store").mkdir(parents=True)
    (out / "store" / "precious").touch()
    result = bench(out, "--events", 1000)
    assert result.returncode == 2
    (line,) = error_lines(result)
    assert "holds something that is not of a bench" in line
    assert [path.name for path in out.rglob("*")] == ["store", "precious"]


def test_too_small_a_disk_is_refused_before_anything_is_made(
    fake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=3_000_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    result = bench(tmp_path / "out", "--events", "1000,100M")
    assert result.returncode == 2
    (line,) = error_lines(result)
    assert "100M events need about " in line and "3.0 GB are free" in line
    assert not (tmp_path / "out" / "raw").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--events", "lots"], "--events"),
        (["--steps", "flor"], "--steps"),
        (["--memory-limit", "4"], "--memory-limit"),
        (["--threads", "0"], "--threads"),
        (["--seed", "-1"], "--seed"),
    ],
)
def test_wrong_use_is_one_line(tmp_path: Path, arguments: list[str], said: str) -> None:
    result = bench(tmp_path / "out", *arguments)
    assert result.returncode == 2
    (line,) = error_lines(result)
    assert said in line


def test_a_tiny_bench_of_a_real_build(stub_project: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(stub_project, project)
    (project / "seeds").mkdir()
    shutil.copy(ROOT / "seeds" / "event_catalog.csv", project / "seeds")
    out = tmp_path / "out"
    steps = ("--events", "20k", "--steps", "floor,increment-tests,explain")
    # In a process of its own: pytest's memory would be counted as each step's.
    command = [*bench_run.PLS, "bench", "--project-dir", project, "--out", out, *steps]
    result = subprocess.run(command, env=environment(), capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    (size,) = json.loads((out / "bench.json").read_text())["sizes"]
    rows = {row["step"]: row for row in size["steps"]}
    assert list(rows) == ["floor", "full", "increment-tests", "explain"]
    assert {row["status"] for row in rows.values()} == {DONE}
    assert rows["full"]["tests_seconds"] == 0 < rows["increment-tests"]["tests_seconds"]
    for step in ("full", "increment-tests"):
        row = rows[step]
        parts = [row[f"{part}_seconds"] for part in ("models", "seeds", "tests", "rest")]
        assert sum(parts) == pytest.approx(row["seconds"])
        assert row["models_seconds"] > 0 and row["seeds_seconds"] > 0 and row["rest_seconds"] > 0
        assert len(row["slowest"]) == 5
        assert row["peak_bytes"] > rows["floor"]["peak_bytes"]
    assert size["published_bytes_after"] > 0
    assert "| 20k | next day with tests |" in result.stdout
    # A second bench finds its data.
    again = pls("bench", "--project-dir", project, "--out", out, *steps[:2], "--steps", "floor")
    assert again.returncode == 0 and "there already: " in again.stderr
