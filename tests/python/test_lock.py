"""One build at a time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from conftest import Place, command, environment, error_lines
from pls.errors import LockHeld
from pls.lock import held_by, hold


def test_second_holder_is_refused_with_pid_and_time(tmp_path: Path) -> None:
    path = tmp_path / "pls.duckdb.lock"
    with hold(path):
        holder = held_by(path)
        assert holder is not None and holder.pid > 0 and holder.since.endswith("Z")
        with pytest.raises(LockHeld) as caught, hold(path):
            pass
    assert f"pid {holder.pid}, since {holder.since}" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert held_by(path) is None


def test_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    path = tmp_path / "pls.duckdb.lock"
    code = (
        "import sys, time; from pathlib import Path; from pls.lock import hold\n"
        "with hold(Path(sys.argv[1])): print('held', flush=True); time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None and process.stdout.readline() == "held\n"
        assert held_by(path) is not None
        process.kill()
    assert held_by(path) is None
    with hold(path):
        pass


def test_second_build_stops_and_changes_nothing(stub: Place) -> None:
    before = stub.db.read_bytes()
    with hold(stub.work.with_name(f"{stub.work.name}.lock")):
        result = subprocess.run(
            command("build", *stub.where, "--raw", stub.raw),
            env=environment(),
            capture_output=True,
            text=True,
        )
    assert result.returncode == 3
    (line,) = error_lines(result)
    assert "another build (pid" in line
    assert stub.db.read_bytes() == before
