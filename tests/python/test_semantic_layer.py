"""The semantic layer: what dbt knows of it, whether it holds, and its numbers against the marts.

MetricFlow itself is not installed here; its own validator comes with dbt. An older way of
writing is used, since dbt passes over the newer one without a word: so metrics are counted.
"""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
from dbt.cli.main import dbtRunner
from dbt_semantic_interfaces.implementations.semantic_manifest import PydanticSemanticManifest
from dbt_semantic_interfaces.validations.semantic_manifest_validator import (
    SemanticManifestValidator,
)

from conftest import ROOT, Place

METRICS = 26
SEMANTIC_MODELS = {"metric_cases", "account_scores", "account_routing", "sales_queue"}
AGGREGATES = {
    "sum": "sum({})",
    "average": "avg({})",
    "count": "count({})",
    "count_distinct": "count(distinct {})",
    "sum_boolean": "sum(case when {} then 1 else 0 end)",
}


def formulas() -> dict[str, str]:
    """What adds up by cases alone, with its formula."""
    with (ROOT / "seeds" / "metric_benchmarks.csv").open(newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["segment"] == "all"]
    wanted = ("ratio", "count", "sum")
    return {row["metric_id"]: row["formula"] for row in rows if row["formula"] in wanted}


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    """dbt's manifest, and the semantic one as text; any warning is an error."""
    folder = tmp_path_factory.mktemp("semantic")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLS_DATABASE", ":memory:")
        result = dbtRunner().invoke(
            [
                *("--log-level", "none", "--log-level-file", "none", "--quiet"),
                *("--warn-error-options", '{"error": "all"}', "parse", "--no-partial-parse"),
                *("--project-dir", str(ROOT), "--profiles-dir", str(ROOT)),
                *("--target-path", str(folder), "--log-path", str(folder)),
            ]
        )
    assert result.success, result.exception
    manifest = json.loads((folder / "manifest.json").read_text())
    return manifest, (folder / "semantic_manifest.json").read_text()


@pytest.fixture(scope="module")
def semantic(parsed: tuple[dict[str, Any], str]) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(parsed[1])
    return content


def test_nothing_is_passed_over(semantic: dict[str, Any]) -> None:
    assert len(semantic["metrics"]) == METRICS
    assert {model["name"] for model in semantic["semantic_models"]} == SEMANTIC_MODELS
    (spine,) = semantic["project_configuration"]["time_spines"]
    assert spine["node_relation"]["alias"] == "calendar_days"
    written = (ROOT / "models" / "marts" / "metrics" / "_semantic_models.yml").read_text()
    assert written.partition("\nmetrics:\n")[2].count("\n  - name: ") + 1 == METRICS


def test_metricflow_would_take_it(parsed: tuple[dict[str, Any], str]) -> None:
    manifest = PydanticSemanticManifest.parse_raw(parsed[1])
    results = SemanticManifestValidator[PydanticSemanticManifest]().validate_semantic_manifest(
        manifest
    )
    assert [issue.as_readable_str() for issue in results.all_issues] == []


def test_it_reads_columns_that_are_there(parsed: tuple[dict[str, Any], str]) -> None:
    """And its primary entities name one row, as the grain of the mart does."""
    manifest, text = parsed
    for model in json.loads(text)["semantic_models"]:
        node = manifest["nodes"][f"model.pls.{model['node_relation']['alias']}"]
        parts = [*model["entities"], *model["dimensions"], *model["measures"]]
        read = {c for part in parts for c in re.findall(r"\w+", part["expr"] or part["name"])}
        assert read <= set(node["columns"])
        (primary,) = [e for e in model["entities"] if e["type"] == "primary"]
        assert re.findall(r"\w+", primary["expr"]) == node["config"]["meta"]["grain"]


def test_metrics_of_cases_are_those_of_the_mart(semantic: dict[str, Any]) -> None:
    metrics = {metric["name"]: metric for metric in semantic["metrics"]}
    for name, formula in formulas().items():
        metric = metrics[name]
        assert metric["type"] == ("ratio" if formula == "ratio" else "simple")
        filters = [f["where_sql_template"] for f in metric["filter"]["where_filters"]]
        assert filters == [f"{{{{ Dimension('metric_case__metric_id') }}}} = '{name}'"]


class Evaluator:
    """Computes a metric from the semantic manifest, as SQL on the marts."""

    def __init__(self, semantic: dict[str, Any]) -> None:
        self.metrics = {metric["name"]: metric for metric in semantic["metrics"]}
        self.measures = {
            measure["name"]: (model, measure)
            for model in semantic["semantic_models"]
            for measure in model["measures"]
        }

    def sql(self, name: str, where: str = "") -> tuple[str, str]:
        """The aggregate of a metric, and the mart it is of."""
        metric = self.metrics[name]
        for part in (metric["filter"] or {}).get("where_filters", ()):
            template = re.sub(
                r"\{\{ Dimension\('\w+?__(\w+)'\) \}\}", r"\1", part["where_sql_template"]
            )
            where = f"{where} and {template}" if where else template
        if metric["type"] == "simple":
            model, measure = self.measures[metric["type_params"]["measure"]["name"]]
            text = AGGREGATES[measure["agg"]].format(measure["expr"])
            alias = model["node_relation"]["alias"]
            return f"{text} filter (where {where or 'true'})", f"marts.{alias}"
        (upper, mart), (lower, _) = (
            self.sql(metric["type_params"][side]["name"], where)
            for side in ("numerator", "denominator")
        )
        return f"{upper} / nullif({lower}, 0)", mart


def test_cases_give_the_numbers_of_the_mart(semantic: dict[str, Any], company: Place) -> None:
    """By month, for all and for each segment."""
    evaluator = Evaluator(semantic)
    compared = 0
    for name in formulas():
        sql, mart = evaluator.sql(name)
        for segment in ("'all'", "segment"):
            by_cases = {
                (month, part): value
                for month, part, value in company.query(
                    f"select period_month, {segment} as part, {sql} from {mart} "
                    f"group by period_month, part having {sql} is not null"
                )
            }
            is_part = "= 'all'" if segment == "'all'" else "!= 'all'"
            for month, part, value in company.query(
                "select period_month, segment, value from marts.pls_metrics where "
                f"metric_id = '{name}' and segment {is_part} and value is not null"
            ):
                # A month without a case is a count of 0 there, and no row here.
                assert by_cases.get((month, part), 0) == pytest.approx(value), (name, month, part)
                compared += 1
    assert compared > 50


def test_the_other_metrics_give_numbers(semantic: dict[str, Any], company: Place) -> None:
    evaluator = Evaluator(semantic)
    found = {}
    for name in evaluator.metrics.keys() - formulas().keys():
        sql, mart = evaluator.sql(name)
        ((found[name],),) = company.query(f"select {sql} from {mart}")
    ((accounts, sold, queued),) = company.query(
        "select (select count(*) from marts.account_routing), "
        "(select count(*) from marts.account_routing where is_sales_motion), "
        "(select count(*) from marts.sales_queue)"
    )
    assert found["routed_accounts"] == found["scored_accounts"] == accounts
    assert found["sales_motion_share"] == pytest.approx(float(str(sold)) / float(str(accounts)))
    assert found["queued_accounts"] == queued


def test_the_calendar_has_every_day_of_the_cases(company: Place) -> None:
    assert company.query(
        "select count(*) from marts.pls_metric_cases where counted_on not in "
        "(select calendar_on from marts.calendar_days)"
    ) == [(0,)]


def test_no_other_yaml_holds_metrics() -> None:
    """The newer way of writing stands in the models' own YAML."""
    for path in Path(ROOT / "models").glob("**/*.yml"):
        if path.name != "_semantic_models.yml":
            text = path.read_text()
            assert not re.search(r"^\s*(semantic_model|metrics):", text, re.MULTILINE), path
