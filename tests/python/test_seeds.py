"""A slip in a seed is named by file and line before anything is built."""

from __future__ import annotations

from pathlib import Path

import pytest

from pls.paths import Project
from pls.seeds import look_at_seeds

DESCRIBED = """
seeds:
  - name: grades
    columns:
      - {name: grade, data_type: varchar}
      - {name: min_score, data_type: double}
      - {name: is_good, data_type: boolean}
"""
GOOD = "grade,min_score,is_good\nhot,80,true\ncold,,false\n"


def look(folder: Path, text: str | None, encoding: str = "utf-8") -> list[str]:
    (folder / "seeds").mkdir()
    (folder / "seeds" / "_seeds.yml").write_text(DESCRIBED)
    if text is not None:
        (folder / "seeds" / "grades.csv").write_bytes(text.encode(encoding))
    (seed,) = look_at_seeds(Project(folder))
    return [str(problem) for problem in seed.problems]


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        GOOD.replace("\n", "\r\n"),
        GOOD.rstrip("\n"),
        GOOD + "\n",
        "\ufeff" + GOOD,
        'is_good,grade,min_score\nno,"hot, or ""hot""",-1.5e3\n',
        "grade,min_score,is_good,note\nhot,80,true,mine\n",
        "grade,min_score,is_good\n",
    ],
)
def test_good(tmp_path: Path, text: str) -> None:
    assert look(tmp_path, text) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "seeds/grades.csv: is missing"),
        ("", "seeds/grades.csv: is empty"),
        ("grade,minimum_score,is_good\n", "rename minimum_score to min_score"),
        ("grade,grade,min_score,is_good\n", "column grade is there twice"),
        (GOOD + "warm,50\n", "seeds/grades.csv: line 4: 2 fields where the header has 3"),
        (GOOD + "warm,fifty,true\n", "line 4: min_score 'fifty' is not of type double"),
        (GOOD + "warm,50,maybe\n", "line 4: is_good 'maybe' is not of type boolean"),
        ('grade,min_score,is_good\n"a\nb",1,true\nc,x,true\n', "line 4: min_score 'x'"),
        (GOOD + '"warm,50,true\n', "seeds/grades.csv: line 4: the quotes go wrong"),
    ],
)
def test_slips(tmp_path: Path, text: str | None, said: str) -> None:
    (problem,) = look(tmp_path, text)
    assert said in problem


def test_other_encodings_are_refused(tmp_path: Path) -> None:
    (problem,) = look(tmp_path, GOOD + "gr\u00fcn,1,true\n", "latin-1")
    assert "save it as UTF-8" in problem
