"""`pls playbook`: the document is whole, right, and harmless whatever the data says."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import duckdb
import pytest
from markdown_it import MarkdownIt

from conftest import ROOT, Place, error_lines, pls
from pls.markdown import amount, escape, span
from pls.playbook import team

HEADINGS = """\
# Product-Led Sales Playbook: Acme
## PLS Readiness Assessment
## PQL Scoring Model
### Signals and Weights
### PQA Tiering
## Segment Playbook
### SMB Motion
### Mid-Market Motion
### Enterprise Motion
## Sales Handoff Design
### Trigger Definitions
### Outreach Templates
### Feedback Loop Process
## CRM Integration Plan
### Data to Sync
### Tooling
## Team Structure
### Roles Needed
### Hiring Sequence
## Metrics Dashboard
## Implementation Timeline
### Month 1: Foundation
### Month 2: Pilot
### Month 3: Iterate
""".splitlines()

HOSTILE = (
    "| x |\n# Owned\r\n<script>alert(1)</script> [click](https://evil.test) "
    "ann@acme.com `code` **bold** www.evil.test"
)


def write_playbook(place: Place) -> str:
    result = pls("playbook", "--company", "Acme", *place.where)
    assert result.returncode == 0, result.stderr
    return result.stdout


def headings(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("#")]


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def tables(text: str) -> list[list[list[str]]]:
    """The tables of a document, header first, without the rule below it."""
    found: list[list[list[str]]] = []
    before = ""
    for line in text.splitlines():
        if line.startswith("|"):
            if not before.startswith("|"):
                found.append([])
            found[-1].append(cells(line))
        before = line
    for table in found:
        assert all(re.fullmatch(r"-{2,}:?", cell) for cell in table[1])
        assert {len(row) for row in table} == {len(table[0])}
        assert all(cell for row in table for cell in row), table
        del table[1]
    return found


def rows_of(text: str, first: str) -> dict[str, list[str]]:
    """The rows of the table whose header begins so, by their first cell."""
    (table,) = [table for table in tables(text) if table[0][0] == first]
    return {row[0]: row for row in table[1:]}


def elements(text: str) -> set[str]:
    """The kinds of elements that a reader of Markdown finds in a document."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    return {token.type for outer in tokens for token in (outer, *(outer.children or ()))}


@pytest.fixture(scope="module")
def text(company: Place) -> str:
    return write_playbook(company)


@pytest.fixture
def copied(company: Place, tmp_path: Path) -> Place:
    """A copy of the company's marts, to be changed."""
    place = Place(company.project, company.raw, tmp_path / "pls.duckdb")
    shutil.copy(company.db, place.db)
    return place


def change(place: Place, *statements: str, values: tuple[object, ...] = ()) -> None:
    with duckdb.connect(str(place.db)) as connection:
        for statement in statements:
            connection.execute(statement, values)


def test_every_heading_is_there_in_order(text: str) -> None:
    assert headings(text) == HEADINGS
    assert len(tables(text)) >= 15
    assert not {"link_open", "html_inline", "html_block", "image"} & elements(text)
    assert "None" not in text and "{{" not in text and not re.search(r"\n\n\n", text)


def test_it_names_the_day_and_the_model(company: Place, text: str) -> None:
    ((day, version),) = company.query("select as_of_date, score_model_version from marts.builds")
    assert f"As of {day}. Score model template, version {version}." in text


def test_it_is_always_the_same(company: Place, text: str) -> None:
    assert write_playbook(company) == text


def test_nobody_is_named(company: Place, text: str) -> None:
    assert "@" not in text
    for (name,) in company.query("select full_name from marts.users where full_name is not null"):
        assert str(name) not in text
    for line in (ROOT / "seeds" / "sales_reps.csv").read_text().splitlines()[1:]:
        assert line.split(",")[1] not in text


def test_volumes_are_those_of_the_marts(company: Place, text: str) -> None:
    tiers = {int(name[5]): row[2] for name, row in rows_of(text, "Tier").items()}
    for tier, accounts in company.query(
        "select tier, count(*) from marts.pqa_scores where score_model = 'template' group by tier"
    ):
        assert tiers[tier].startswith(f"{accounts:,} accounts, ")
    grades = rows_of(text, "Grade")
    for grade, users in company.query(
        "select grade, count(*) from marts.pql_scores where score_model = 'template' group by grade"
    ):
        assert grades[str(grade).replace("_", " ")][2] == f"{users:,}"
    by_priority = [table for table in tables(text) if table[0][0] == "Priority"]
    shown = {row[1]: row[5] for row in by_priority[0][1:]}
    counted = dict(
        company.query(
            "select replace(trigger, '_', ' '), count(*) from marts.sales_triggers "
            "where triggered_on > (select as_of_date - 30 from marts.builds) group by trigger"
        )
    )
    assert shown == {name: f"{counted.get(name, 0):,}" for name in shown}
    assert sum(counted.values()) > 0
    coverage = [table for table in tables(text) if table[0][0] == "Source"]
    for row in coverage[0][1:]:
        ((raw,),) = company.query(
            "select raw_rows from marts.source_coverage "
            f"where source_table = '{row[0].replace(' ', '_')}'"
        )
        assert row[2] == f"{raw:,}"


def test_baselines_are_the_newest_mature_months(company: Place, text: str) -> None:
    dashboard = rows_of(text, "Metric")
    found = company.query(
        "select value, numerator, denominator, period_month from marts.pls_metrics "
        "where metric_id = 'activation_rate' and segment = 'all' and is_mature "
        "order by period_month desc limit 1"
    )
    ((value, top, bottom, month),) = found
    assert dashboard["Activation"][1] == (
        f"{amount(value, 'share')} ({top:.0f} of {bottom:.0f}), {month:%B %Y}"
    )
    assert dashboard["Activation"][2] == "20 % or more"
    assert dashboard["Free to paid"][2] == "3 % to 8 %"
    seed = (ROOT / "seeds" / "metric_benchmarks.csv").read_text().splitlines()[1:]
    assert len(dashboard) + len(rows_of(text, "Counter-metric")) == len(seed)


def test_verdict_and_signals_are_those_of_the_marts(company: Place, text: str) -> None:
    ((verdict,),) = company.query("select verdict from marts.pls_readiness_verdict")
    words = {"ready": "Ready", "need_prerequisites": "Need prerequisites", "not_yet": "Not yet"}
    assert f"**Readiness verdict: {words.get(str(verdict), 'Unknown')}.**" in text
    shown = [row for table in tables(text) if table[0][0] == "Signal" for row in table[1:]]
    health = company.query("select fired_share from marts.signal_health")
    assert sorted(row[4] for row in shown) == sorted(amount(x, "share") for (x,) in health)


def test_examples_were_made_from_their_template(company: Place, text: str) -> None:
    lines = [str(x) for (x,) in company.query("select opening_line from marts.account_dossiers")]
    examples = re.findall(r"^- Example, .*$", text, re.MULTILINE)
    assert examples
    for example in examples:
        assert any(example.endswith(escape(line)) for line in lines)


def test_without_data_it_says_unknown(copied: Place) -> None:
    marts = copied.query(
        "select table_name from information_schema.tables "
        "where table_schema = 'marts' and table_name != 'builds'"
    )
    change(copied, *(f"delete from marts.{name}" for (name,) in marts))
    empty = write_playbook(copied)
    assert headings(empty) == HEADINGS
    tables(empty)
    assert "**Readiness verdict: Unknown.**" in empty
    assert "Signup volume: unknown" in empty
    assert {row[1] for row in rows_of(empty, "Metric").values()} == {"unknown"}
    assert {row[3] for row in rows_of(empty, "Counter-metric").values()} == {"unknown"}
    assert {row[2] for row in rows_of(empty, "Tier").values()} == {
        "unknown accounts, unknown active users"
    }
    assert "Recommended thresholds: unknown" in empty
    assert re.findall(r"- \[x\] (.*)", empty) == ["Document playbook: this document"]


def test_steps_are_ticked_by_what_the_data_shows(copied: Place, text: str) -> None:
    assert "- [x] Build scoring model v1: " in text
    assert "- [ ] Set up CRM data sync: the CRM has acknowledged nothing yet" in text
    change(
        copied,
        "insert into marts.crm_acknowledged by name "
        "select 'account' as object_type, 'acme.com' as object_key, '{}' as payload",
    )
    assert "- [x] Set up CRM data sync: 1 records acknowledged" in write_playbook(copied)


def test_thresholds_are_written_as_they_are(copied: Place) -> None:
    change(
        copied,
        "update marts.recommended_threshold set threshold = 65, current_threshold = 1234567.125 "
        "where level = 'user'",
    )
    text = write_playbook(copied)
    assert "- User threshold: 1,234,567.125 now; recommended 65. " in text
    assert "Adjust thresholds: user: 1,234,567.125 now, 65 recommended" in text


def test_hostile_data_stays_text(copied: Place, text: str) -> None:
    change(
        copied,
        "update marts.account_dossiers set company_name = $1, "
        "opening_line = replace(opening_line, company_name, $1)",
        "update marts.product_feedback_monthly set item = $1",
        "update marts.pls_readiness set answered_by = $1, evidence = $1",
        values=(HOSTILE,),
    )
    hostile = pls("playbook", "--company", "Acme", *copied.where).stdout
    assert "Owned" in hostile
    assert headings(hostile) == HEADINGS
    tables(hostile)
    for harmful in ("<script", "https://evil", "@", "www.evil", " **bold**", " `code`"):
        assert harmful not in hostile
    assert elements(hostile) == elements(text)
    titled = pls("playbook", "--company", HOSTILE, *copied.where).stdout.splitlines()
    assert titled[0].startswith("# Product-Led Sales Playbook: &#124; x &#124; # Owned &lt;script")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "unknown"),
        (" \x00\u202e", "unknown"),
        ("1. item", "1\\. item"),
        ("- item", "\\- item"),
        ("--", "\\--"),
        ("# head", "\\# head"),
        ("-12.5", "-12.5"),
        ("10+ users", "10+ users"),
        ("snake_case", "snake_case"),
        ("_em_", "\\_em\\_"),
        ("a & b", "a &amp; b"),
        ("to: ann@acme.com!", "to: (address)"),
    ],
)
def test_escape(value: object, shown: str) -> None:
    assert escape(value) == shown


def test_numbers_are_for_people() -> None:
    assert amount(0.125, "share") == "12.5 %"
    assert amount(-0.0001, "share") == "0 %"
    # Halves go away from zero, also those that no floating-point number hits.
    assert amount(0.5625, "share") == "56.3 %"
    assert amount("0.0285", "share", 0) == "3 %" and amount(0.00285, "share", 2) == "0.29 %"
    assert amount(30.25, "leads") == "30.3 leads"
    assert amount(-2.5, "usd") == "-3 USD" and amount(1e300, "usd").startswith("1,000,")
    assert amount(38400.4, "usd") == "38,400 USD"
    assert amount(1, "accounts") == "1 account"
    assert amount(1, "days") == "1 day"
    assert amount(None, "days") == "unknown"
    assert span("0.2", "0.4", "share") == "20 % to 40 %"
    assert span("14", "30", "days") == "14 to 30 days"
    assert span("30", None, "accounts") == "30 accounts or more"
    assert span(None, None, "usd") == ""


def test_the_leads_say_how_many_executives_they_fill() -> None:
    reps: list[dict[str, str | None]] = [
        {"role": "ae", "weekly_capacity": "6", "is_active": "true"},
        {"role": "ae", "weekly_capacity": "8", "is_active": "true"},
        {"role": "ae", "weekly_capacity": "8", "is_active": "false"},
    ]
    found = team(100.0, reps)
    assert (found["fewest"], found["most"]) == (2, 3)
    assert (found["in_post"], found["capacity"]) == ({"ae": 2}, {"ae": 14})
    assert team(29.9, [])["most"] == 0
    assert team(None, [])["most"] is None


def test_it_is_written_to_a_file(company: Place, text: str, tmp_path: Path) -> None:
    to = tmp_path / "playbook.md"
    result = pls("playbook", "--company", "Acme", "--to", to, *company.where)
    assert result.returncode == 0
    assert to.read_text(encoding="utf-8") == text
    assert [path.name for path in tmp_path.iterdir()] == ["playbook.md"]
    result = pls("playbook", "--to", tmp_path / "no" / "playbook.md", *company.where)
    assert result.returncode == 2
    (line,) = error_lines(result)
    assert "cannot be written" in line


def test_an_older_file_is_one_line(copied: Place, tmp_path: Path) -> None:
    for lost in (
        "alter table marts.sales_triggers drop column triggered_on",
        "drop table marts.backtest_thresholds",
    ):
        change(copied, lost)
        result = pls("playbook", *copied.where)
        assert (result.returncode, result.stdout) == (2, "")
        (line,) = error_lines(result)
        assert "lacks a mart" in line and "run `pls build`" in line
    result = pls("playbook", "--project-dir", ROOT, "--db", tmp_path / "none.duckdb")
    assert result.returncode == 2
    assert "nothing is published" in result.stderr
