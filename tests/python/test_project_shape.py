"""Lints of the project's own shape, over dbt's manifest and the files themselves.

A check takes a project and gives its problems, one line each. Lists that stand here beside
the project's own (the raw contract, the template's points, the behaviours, the metrics) are
transcribed from the specification on purpose: a number is right when two places agree.
"""

from __future__ import annotations

import ast
import csv
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from dbt.cli.main import dbtRunner
from jsonschema import Draft7Validator

from conftest import ROOT, Place

# --- exceptions, each with its reason ------------------------------------------------------

MAY_READ = {
    "staging": {"source", "staging"},
    "intermediate": {"staging", "intermediate", "seed"},
    "marts": {"intermediate", "marts", "seed"},
}
LAYER_EXCEPTIONS = {
    ("source_coverage", "staging"): "counts what staging did with every raw row",
    ("quarantine", "staging"): "shows the raw rows that staging dropped or repaired",
    ("account_conflicts", "staging"): "names workspaces; no step between would add anything",
    ("accounts", "staging"): "a workspace without a company gives its account its name",
    ("crm_acknowledged", "staging"): "what the CRM has is shown as it is",
    ("int_scored_accounts", "marts"): "tells what the histories hold, so it comes after them",
    ("int_calibration_weights", "marts"): "learns from the very rows that anyone can read",
    ("int_as_of_date", "marts"): "every score waits for seed_problems, so bad seeds stop first",
}
SWITCHED = {
    "int_calibration_weights": "Python in the process of the build, which is DuckDB's alone",
    "calibration_weights": "shows what that one gives",
}
READ_BY_NO_REF = {
    "int_scored_accounts": "int_user_pasts and int_account_pasts compare with the last build's",
}
MACROS_OF_INCREMENTS = {
    "arrivals_to_read": "base_events calls it where the table is there, which parsing cannot know",
    "arrived_since": "base_events calls it where the table is there, which parsing cannot know",
}
RUN_START_EXCEPTIONS = {
    "macro build_clock": "the only clock there is",
    "macro run_moment": "tells builds apart and dates nothing: loaded_at of base_events",
}
STAGED_BESIDES = {
    # Days, so that nobody casts moments again, and what the grain's test looks at.
    "stg_events": ["occurred_on", "received_on", "loaded_at"],
}
CONTRACT_OF = {"stg_event_copies": "events"}
MACROS_DBT_CALLS = {"generate_schema_name": "dbt itself calls it for every model"}
DIALECT_EXCEPTIONS: dict[str, str] = {}
FEW_TEXTS = {
    # Texts put together in an order are held in memory; DuckDB cannot spill them.
    "account_conflicts": "accounts of one user, of the few who have several",
    "account_dossiers": "steps of onboarding, features asked for and top signals of an account",
    "account_motions": "guards of an account",
    "account_routing": "reps of an account in the queue",
    "calibration_examples": "signals of the accounts that are drawn, as many as a variable says",
    "crm_changes": "fields of a kind of object, as the seed has them",
    "int_score_transitions": "causes of a change of a grade or tier",
    "pls_readiness_verdict": "open questions",
}
OLDER_METRICS = {
    "_semantic_models.yml": "the schema knows the newer YAML alone, and dbt 1.11 the older alone;"
    " test_semantic_layer.py has dbt's own validator look at it",
}

# --- what the specification says -----------------------------------------------------------

RAW_CONTRACT = {
    "events": "event_id* text, event_name* text, occurred_at* timestamp, received_at timestamp,"
    " user_id text, anonymous_id text, workspace_id text, properties text",
    "users": "user_id* text, email text, created_at* timestamp, full_name text, job_title text,"
    " department text, signup_source text, country text, is_opted_out boolean",
    "workspaces": "workspace_id* text, workspace_name text, created_at timestamp,"
    " owner_user_id text",
    "companies": "domain* text, company_name text, industry text, employee_count integer,"
    " country text, funding_stage text, last_funded_on date, open_relevant_roles integer,"
    " parent_domain text",
    "subscriptions": "subscription_id* text, workspace_id text, user_id text, domain text,"
    " plan* text, seats integer, mrr_usd double, started_at* timestamp, ended_at timestamp",
    "usage_meters": "workspace_id* text, meter* text, measured_on* date, used_quantity* double,"
    " limit_quantity double",
    "crm_accounts": "crm_account_id* text, account_name text, domain text, owner_id text,"
    " region text, created_at timestamp",
    "crm_opportunities": "opportunity_id* text, crm_account_id text, domain text,"
    " created_at* timestamp, accepted_at timestamp, closed_at timestamp, is_won boolean,"
    " amount_usd double, source text, opportunity_type text, stage text",
    "crm_activities": "activity_id* text, crm_account_id text, domain text, contact_email text,"
    " activity_type* text, direction* text, occurred_at* timestamp, owner_id text, outcome text",
    "crm_leads": "lead_id* text, email* text, created_at* timestamp, lead_source text,"
    " became_mql_at timestamp, converted_at timestamp, opportunity_id text",
    "support_tickets": "ticket_id* text, user_id text, created_at* timestamp, topic text",
    "nps_responses": "response_id* text, user_id* text, responded_at* timestamp, score* integer",
    "deal_feedback": "opportunity_id* text, logged_at* timestamp, deal_trigger text,"
    " objections text, requested_features text, self_serve_blocker text",
}
RAW_KEYS = {
    **{table: [columns.split("*")[0]] for table, columns in RAW_CONTRACT.items()},
    "usage_meters": ["workspace_id", "meter", "measured_on"],
}

# signal_id, metric, from, below, points, ladder; - is empty.
USER_SIGNALS = """
    premium_feature_any premium_features_30d       1      3      10  premium
    premium_features_3  premium_features_30d       3      -      15  premium
    limit_hit           limit_hits_30d             1      -      20  -
    api_or_integration  api_or_integration_30d     1      -      15  -
    feature_breadth_5   features_30d               5      -      10  -
    invited_1_2         invites_sent               1      3      10  invites
    invited_3_5         invites_sent               3      6      20  invites
    invited_6           invites_sent               6      -      30  invites
    same_domain_3       account_users              3      10     15  same_domain
    same_domain_10      account_users              10     -      25  same_domain
    shared_externally   external_shares_30d        1      -      10  -
    activated_1h        minutes_to_activation      -      60     10  -
    stickiness_30       stickiness_30d             0.3001 0.5001 10  stickiness
    stickiness_50       stickiness_30d             0.5001 -      20  stickiness
    growth_3_weeks      growth_weeks               3      -      15  -
    active_5_of_7       active_days_7d             5      -      15  -
    pricing_viewed      pricing_views_30d          1      3      10  pricing
    pricing_viewed_3    pricing_views_30d          3      -      20  pricing
    upgrade_abandoned   abandoned_upgrades_30d     1      -      25  -
    enterprise_request  enterprise_requests_90d    1      -      30  -
    billing_contact     billing_contacts_90d       1      -      20  -
    company_50_500      employee_count             50     500    10  company_size
    company_500         employee_count             500    -      20  company_size
    target_industry     is_target_industry         1      -      10  -
    icp_match           is_icp                     1      -      15  -
    inactive_7          days_since_last_active     7      -      -20 -
    declining           decline_weeks              2      -      -15 -
    solo_30             solo_without_invites_days  30     -      -10 -
    free_only_30        free_only_days             30     -      -10 -
    exported_data       exports_30d                1      -      0   -
"""
ACCOUNT_SIGNALS = """
    active_users_3      active_users_30d           3      5      10  active_users
    active_users_5      active_users_30d           5      10     20  active_users
    active_users_10     active_users_30d           10     -      30  active_users
    departments_2       departments_30d            2      3      20  departments
    departments_3       departments_30d            3      -      30  departments
    user_growth         user_growth_30d            0.5    -      20  -
    executive_detected  executives                 1      -      10  -
    workspaces_2        workspaces                 2      -      20  -
    integrations_3      integrations_connected     3      -      20  -
    limit_80            limit_utilisation          0.8    1      10  limit
    limit_100           limit_utilisation          1      -      20  limit
    active_10_of_14     active_days_14d            10     -      10  -
    security_reviewed   security_views_30d         1      -      10  -
    api_keys            api_keys_30d               1      -      10  -
    funded              funded_90d                 1      -      10  -
    hiring              open_relevant_roles        1      -      5   -
    enterprise_domain   is_enterprise_domain       1      -      5   -
    usage_declining     decline_weeks              2      -      -15 -
    fit_size_50         employee_count             50     500    10  company_size
    fit_size_500        employee_count             500    -      20  company_size
    fit_industry        is_target_industry         1      -      10  -
    fit_icp             is_icp                     1      -      15  -
"""
FIT_SIGNALS = {
    "user": {"company_50_500", "company_500", "target_industry", "icp_match"},
    "account": {"fit_size_50", "fit_size_500", "fit_industry", "fit_icp"},
}
CATEGORIES = {"feature_usage", "collaboration", "velocity", "intent", "firmographic", "negative"}
GRADES = [("hot", "80"), ("warm", "50"), ("emerging", "30"), ("not_qualified", "")]
TIERS = [
    ("1", "Enterprise", "10", "2", "true", "150.0001"),
    ("2", "Mid-Market", "5", "", "false", "80"),
    ("3", "SMB", "2", "", "false", "40"),
    ("4", "Individual", "", "", "false", ""),
]
SEGMENTS = [("smb", "0", "0"), ("mid_market", "50", "10"), ("enterprise", "500", "100")]
BEHAVIOURS = """
    activation teammate_invited content_shared_externally data_exported api_used
    integration_connected ci_cd_used limit_reached pricing_viewed security_docs_viewed
    upgrade_started upgrade_completed enterprise_feature_requested contact_sales_requested
    enterprise_feature_explored billing_support_contacted admin_action sso_configured
    api_key_created onboarding_step_completed core_action
"""
METRICS = {
    "user": """
        user_age_days active_days_7d active_days_14d active_days_30d days_since_last_active
        stickiness_30d usage_events_w0 usage_events_w1 usage_events_w2 usage_events_w3
        growth_weeks decline_weeks features_30d premium_features_30d premium_features_lifetime
        exports_30d external_shares_30d limit_hits_30d api_or_integration_30d ci_cd_30d
        admin_actions_30d integrations_connected invites_sent minutes_to_activation
        pricing_views_30d security_views_30d abandoned_upgrades_30d enterprise_requests_90d
        billing_contacts_90d account_users solo_without_invites_days free_only_days
        employee_count is_target_industry is_icp
    """,
    "account": """
        users active_users_7d active_users_30d new_users_7d new_users_30d user_growth_30d
        users_14d_ago departments_30d countries_30d executives workspaces workspaces_14d_ago
        integrations_connected features_30d premium_features_30d active_days_14d active_days_30d
        usage_events_w0 usage_events_w1 usage_events_w2 usage_events_w3 growth_weeks
        decline_weeks limit_utilisation pricing_views_30d security_views_30d admin_actions_30d
        api_keys_30d enterprise_requests_90d billing_contacts_90d funded_90d open_relevant_roles
        employee_count is_target_industry is_icp is_enterprise_domain
    """,
}

# --- what stands in nobody's SQL -----------------------------------------------------------

CLOCKS = re.compile(
    r"\b(current_(date|time|timestamp)|local(time|timestamp)|now|getdate|getutcdate|sysdate|today"
    r"|transaction_timestamp)\b(?=\s*\(|\s*[^\w(]|$)",
    re.IGNORECASE,
)
DIALECT = re.compile(
    r"::|\b(try_cast|safe_cast|date_diff|date_part|date_trunc|dateadd|datediff|strptime|strftime"
    r"|unnest|explode|regexp_\w+|list_\w+|array_\w+|json_\w+|struct_\w+|map_\w+|epoch\w*|hash|md5"
    r"|string_agg|string_split\w*|split_part|listagg|arg_m\w+|any_value|concat_ws|generate_series"
    r"|range|typeof|iff?|nvl|ifnull|strlen|date_add|date_sub|make_date|isfinite)\s*\("
    r"|\b(qualify|ilike|pivot|unpivot|asof|lateral|interval|tablesample)\b"
    r"|\b(group|order)\s+by\s+all\b|\bas\s+(varchar|string|double|float|bigint|int64)\b"
    r"|\bselect\s+\*\s+(exclude|replace)\b|\bfilter\s*\(\s*where\b|->",
    re.IGNORECASE,
)
WINDOWS = re.compile(
    r"\b(row_number|rank|dense_rank|lead|lag|first_value|last_value)\s*\([^()]*(\([^()]*\)[^()]*)*\)"
    r"\s*over\s*\(",
    re.IGNORECASE,
)
# A machine's folders, written so that this line is none.
MACHINE_PATHS = re.compile(r"(?<![\w.:/{}$-])/(?:home|Users|root|work|mnt|private)/\w")
PACKAGE_INDEX = re.compile(r"(?<!no-emit-)index[-_]url|extra[-_]index|trusted[-_]host")

ARGUMENT_TYPES = re.compile(
    r"(string|boolean|integer|float|any|relation|column|(list|optional)\[.+\]|dict\[.+\])"
)
LEFT_BEHIND = {"target", "logs", "data", "dbt_packages", "__pycache__"}


@dataclass(frozen=True)
class Project:
    """A dbt project and its manifest."""

    root: Path
    manifest: dict[str, Any]

    @cached_property
    def models(self) -> dict[str, dict[str, Any]]:
        return {n["name"]: n for n in self.nodes if n["resource_type"] == "model"}

    @cached_property
    def seeds(self) -> dict[str, dict[str, Any]]:
        return {n["name"]: n for n in self.nodes if n["resource_type"] == "seed"}

    @cached_property
    def nodes(self) -> list[dict[str, Any]]:
        return list(self.manifest["nodes"].values())

    @cached_property
    def sources(self) -> dict[str, dict[str, Any]]:
        return {f"{s['source_name']}.{s['name']}": s for s in self.manifest["sources"].values()}

    @cached_property
    def macros(self) -> dict[str, dict[str, Any]]:
        return {
            m["name"]: m for m in self.manifest["macros"].values() if m["package_name"] == "pls"
        }

    def layer(self, unique_id: str) -> str:
        kind = unique_id.split(".")[0]
        return self.manifest["nodes"][unique_id]["fqn"][1] if kind == "model" else kind

    def rows(self, seed: str) -> list[dict[str, str]]:
        with (self.root / "seeds" / f"{seed}.csv").open(newline="") as stream:
            return list(csv.DictReader(stream))

    def metric_lists(self, macro: str) -> dict[str, list[str]]:
        """What `counted_metrics` or `computed_metrics` returns, by level."""
        found = re.search(r"return\((\{.*\})\[level\]\)", self.macros[macro]["macro_sql"], re.S)
        assert found, f"{macro} is no longer a literal by level"
        lists: dict[str, list[str]] = ast.literal_eval(found[1])
        return lists


def read_project(root: Path, scratch: Path) -> Project:
    """Parse a project; any warning is an error."""
    result = dbtRunner().invoke(
        [
            *("--log-level", "none", "--log-level-file", "none", "--quiet"),
            *("--warn-error-options", '{"error": "all"}', "parse", "--no-partial-parse"),
            *("--project-dir", str(root), "--profiles-dir", str(root)),
            *("--target-path", str(scratch), "--log-path", str(scratch)),
        ]
    )
    assert result.success, result.exception
    return Project(root, json.loads((scratch / "manifest.json").read_text()))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLS_DATABASE", ":memory:")
        return read_project(ROOT, tmp_path_factory.mktemp("shape"))


def code(text: str) -> str:
    """SQL and Jinja without comments."""
    return re.sub(r"--.*", "", re.sub(r"\{#.*?#\}", "", text, flags=re.S))


def bare(text: str) -> str:
    """The same without what dbt's own macros translate and what stands in quotes within SQL."""
    text = re.sub(r"\bdbt\.\w+\(", "(", code(text))
    jinja = re.compile(r"(\{\{.*?\}\}|\{%.*?%\})", re.S)
    parts = jinja.split(text)
    return "".join(p if n % 2 else re.sub(r"'[^']*'", "''", p) for n, p in enumerate(parts))


def parenthesis(text: str, start: int) -> str:
    """What stands between a parenthesis, which ends before `start`, and its other half."""
    depth = 1
    for end in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[end], 0)
        if not depth:
            return text[start:end]
    return text[start:]


def tracked_files(root: Path) -> Iterator[Path]:
    """What git would keep."""
    for path in sorted(root.iterdir()):
        name = path.name
        left_behind = name in LEFT_BEHIND or name.endswith((".egg-info", "_cache"))
        if left_behind or name in {".git", ".venv"} or path.is_symlink():
            continue
        if path.is_dir():
            yield from tracked_files(path)
        else:
            yield path


def differ(what: str, found: object, wanted: object) -> Iterator[str]:
    if found != wanted:
        yield f"{what}: is {found}, wanted {wanted}"


# --- layers and use ------------------------------------------------------------------------


def layers_read_downwards(project: Project) -> Iterator[str]:
    used = set()
    for name, model in project.models.items():
        for read in model["depends_on"]["nodes"]:
            layer = project.layer(read)
            if layer not in MAY_READ[model["fqn"][1]]:
                used.add((name, layer))
                if (name, layer) not in LAYER_EXCEPTIONS:
                    yield f"{name} of {model['fqn'][1]} reads {read}"
    yield from (
        f"exception {name}, {layer}: not used" for name, layer in LAYER_EXCEPTIONS.keys() - used
    )


def nothing_lies_unused(project: Project) -> Iterator[str]:
    readers = [n for n in project.nodes if n["resource_type"] == "model"]
    read = {r for n in readers for r in n["depends_on"]["nodes"]}
    for node in [*project.nodes, *project.sources.values()]:
        is_result = node["resource_type"] == "test" or node["fqn"][1] == "marts"
        if node["unique_id"] not in read and not is_result and node["name"] not in READ_BY_NO_REF:
            yield f"{node['unique_id']} is read by no model"
    yield from (
        f"exception {name}: not used"
        for name in READ_BY_NO_REF
        if project.models[name]["unique_id"] in read
    )


def every_macro_is_used(project: Project) -> Iterator[str]:
    """A form of an engine is called by the macro it is a form of, be it dbt's own."""
    macros = project.manifest["macros"]
    called = {m for node in project.nodes for m in node["depends_on"]["macros"]}
    forms: dict[str, set[str]] = {}
    for name, macro in project.macros.items():
        if "__" in name:
            forms.setdefault(name.split("__", 1)[1], set()).add(macro["unique_id"])
    for macro in macros.values():
        if macro["package_name"] != "pls":
            called |= forms.get(macro["name"], set())
    for name in MACROS_OF_INCREMENTS:
        if project.macros[name]["unique_id"] in called:
            yield f"exception {name}: not used"
        if any(f"{name}(" in code(model["raw_code"]) for model in project.models.values()):
            called.add(project.macros[name]["unique_id"])
    waiting = list(called)
    while waiting:
        macro = macros[waiting.pop()]
        found = {*macro["depends_on"]["macros"], *forms.get(macro["name"], set())} - called
        called |= found
        waiting += found
    for name, macro in project.macros.items():
        if macro["unique_id"] not in called and name not in MACROS_DBT_CALLS:
            yield f"macro {name} is called by nothing"


# --- grain and columns ---------------------------------------------------------------------


def grains_are_tested(project: Project) -> Iterator[str]:
    tested: dict[str, list[list[str]]] = {}
    for node in project.nodes:
        metadata = node.get("test_metadata") or {}
        if metadata.get("name") == "one_row_per_grain":
            tested.setdefault(node["attached_node"], []).append(metadata["kwargs"]["columns"])
            if node["config"]["severity"].lower() != "error" or node["config"]["where"]:
                yield f"{node['name']} only warns, or looks at some rows only"
    for name, model in project.models.items():
        meta = model["config"]["meta"]
        if "grain" not in meta:
            yield f"{name} has no config.meta.grain"
            continue
        wanted = [meta["grain"]] if meta["grain"] else []
        yield from differ(f"{name}: grains tested", tested.get(model["unique_id"], []), wanted)
        if bool(meta["grain"]) == bool(meta.get("no_grain_because")):
            yield f"{name} needs a grain, or no_grain_because"
        unknown = set(meta["grain"]) - set(model["columns"])
        if unknown:
            yield f"{name}: the grain names {unknown}, no columns of it"


def first_lines_say_the_grain(project: Project) -> Iterator[str]:
    for name, model in project.models.items():
        first = model["raw_code"].splitlines()[0]
        if not re.match(r'(-- |""")One row( per \S|: \S)', first):
            yield f"{name} begins with {first!r}, not with -- One row per"


def everything_is_described(project: Project) -> Iterator[str]:
    for node in [*project.models.values(), *project.seeds.values(), *project.sources.values()]:
        if not node["description"].strip():
            yield f"{node['unique_id']} has no description"
        if not node["columns"]:
            yield f"{node['unique_id']} has no columns in its YAML"
        for column in node["columns"].values():
            if not column["description"].strip():
                yield f"{node['unique_id']}.{column['name']} has no description"
    for source in project.sources.values():
        if not source["source_description"].strip():
            yield f"source {source['source_name']} has no description"


def marts_promise_types(project: Project) -> Iterator[str]:
    for name, model in project.models.items():
        if model["fqn"][1] != "marts":
            continue
        if not model["config"]["contract"]["enforced"]:
            yield f"{name} has no enforced contract"
        for column in model["columns"].values():
            if not column["data_type"]:
                yield f"{name}.{column['name']} has no data_type"


def yaml_stands_beside_its_model(project: Project) -> Iterator[str]:
    for name, model in project.models.items():
        wanted = str(Path(model["original_file_path"]).with_suffix(".yml"))
        found = (model["patch_path"] or "").split("://")[-1]
        yield from differ(f"{name}: described in", found, wanted)
    for test in unit_tests(project):
        model, _, behaviour = test["name"].partition("__")
        if model != test["model"] or not behaviour:
            yield f"unit test {test['name']} is not named {test['model']}__<behaviour>"
        if Path(test["original_file_path"]).stem != test["model"]:
            yield f"unit test {test['name']} stands in {test['original_file_path']}"


def unit_tests(project: Project) -> list[dict[str, Any]]:
    return list(project.manifest["unit_tests"].values())


def seeds_are_typed(project: Project) -> Iterator[str]:
    for name, seed in project.seeds.items():
        types = {c["name"]: c["data_type"] for c in seed["columns"].values()}
        yield from differ(f"{name}: column_types", seed["config"]["column_types"], types)
        with (project.root / seed["original_file_path"]).open(newline="") as stream:
            header = next(csv.reader(stream))
        yield from differ(f"{name}.csv: header", header, list(types))


def seed_rows_are_described(project: Project) -> Iterator[str]:
    for name in project.seeds:
        for number, row in enumerate(project.rows(name), start=2):
            if "description" in row and not (row["description"] or "").strip():
                yield f"seeds/{name}.csv line {number} has no description"


# --- SQL -----------------------------------------------------------------------------------


def no_model_reads_a_clock(project: Project) -> Iterator[str]:
    texts = {n: m["raw_code"] for n, m in project.models.items()}
    texts |= {f"macro {n}": m["macro_sql"] for n, m in project.macros.items()}
    for name, text in texts.items():
        if found := CLOCKS.search(code(text)):
            yield f"{name} reads a clock: {found[0]}"
        if "run_started_at" in code(text) and name not in RUN_START_EXCEPTIONS:
            yield f"{name} takes the run's start, not build_clock()"
        if "run_moment()" in code(text) and name not in {"base_events", "macro run_moment"}:
            yield f"{name} takes the run's moment, not build_clock()"


def models_know_no_target(project: Project) -> Iterator[str]:
    for name, model in project.models.items():
        if found := re.search(r"\btarget\.\w+|\benabled\s*=", code(model["raw_code"])):
            yield f"{name} has {found[0]}"
        if "enabled" in model["unrendered_config"] and name not in SWITCHED:
            yield f"{name} is switched by its config"
    yield from (f"{name} is disabled" for name in project.manifest["disabled"])


def models_speak_no_dialect(project: Project) -> Iterator[str]:
    own = rf"\b({'|'.join(project.macros)})\("
    for name, model in project.models.items():
        text = re.sub(own, "(", bare(model["raw_code"]))
        if name not in DIALECT_EXCEPTIONS and (found := DIALECT.search(text)):
            yield f"{name} has {found[0]!r}; dispatch it in a macro"


def windows_are_ordered(project: Project) -> Iterator[str]:
    texts = {n: m["raw_code"] for n, m in [*project.models.items()]}
    texts |= {f"macro {n}": m["macro_sql"] for n, m in project.macros.items()}
    for name, text in texts.items():
        for window in WINDOWS.finditer(code(text)):
            if "order by" not in parenthesis(code(text), window.end()):
                yield f"{name}: {window[1]}() without order by"


def texts_are_joined_of_few(project: Project) -> Iterator[str]:
    found = {n for n, m in project.models.items() if "listagg(" in code(m["raw_code"])}
    yield from differ("models that put texts together in an order", found, set(FEW_TEXTS))


def base_models_are_alike(project: Project) -> Iterator[str]:
    """One of them is linted for all, so they may differ in table and key alone."""
    speaker = "nps_responses"
    pattern = project.models[f"base_{speaker}"]["raw_code"]
    numbering = re.compile(r",\n\nnumbered_rows as \(.*?\n\)(?=\n\nselect)", re.S)
    for table, key in RAW_KEYS.items():
        wanted = pattern.replace(speaker, table).replace(
            f"is_dropped, {RAW_KEYS[speaker][0]}\n", f"is_dropped, {', '.join(key)}\n"
        )
        found = project.models[f"base_{table}"]["raw_code"]
        if table != "events":
            if found != wanted:
                yield f"base_{table} is not base_{speaker} with another table and key"
            continue
        # Numbered in stg_event_copies, and read by the day: lines more, but none less.
        wanted = numbering.sub("", wanted).replace("from numbered_rows", "from typed_rows")
        wanted = wanted.replace("from cast_rows", "from rows_to_read")
        wanted = wanted.replace("end as raw_row\n", "end as raw_row,\n")
        lines = iter(found.splitlines())
        for line in wanted.splitlines():
            if line not in lines:
                yield f"base_events has no line {line.strip()!r} of base_{speaker} in its place"
                break


# --- macros --------------------------------------------------------------------------------


def one_macro_a_file(project: Project) -> Iterator[str]:
    for path in sorted((project.root / "macros").glob("**/*.sql")):
        names = re.findall(r"\{%-?\s*macro\s+(\w+)", path.read_text())
        others = [n for n in names if not re.fullmatch(rf"([a-z]+__)?{path.stem}", n)]
        if path.stem not in names or others:
            yield f"{path.name} holds {names}"
        if f"adapter.dispatch('{path.stem}', 'pls')" in path.read_text():
            yield from differ(f"{path.name}: macros", names[1:2], [f"default__{path.stem}"])
        elif len(names) > 1:
            yield f"{path.name} has dialects and does not dispatch"


def macros_are_documented(project: Project) -> Iterator[str]:
    for name, macro in project.macros.items():
        if re.match(r"[a-z]+__", name):
            continue
        if not macro["description"].strip():
            yield f"macro {name} has no description"
        signature = re.search(
            r"\{%-?\s*(macro|test)\s+\w+\((.*?)\)\s*-?%\}", macro["macro_sql"], re.S
        )
        assert signature, name
        wanted = re.findall(r"(\w+)(?:=[^,]*)?(?:,|$)", signature[2])
        found = [argument["name"] for argument in macro["arguments"]]
        yield from differ(f"macro {name}: arguments", found, wanted)
        for argument in macro["arguments"]:
            if not ARGUMENT_TYPES.fullmatch(argument["type"] or ""):
                yield f"macro {name}: {argument['name']} has type {argument['type']}"
            if not argument["description"].strip():
                yield f"macro {name}: {argument['name']} has no description"


# --- agreement with the specification ------------------------------------------------------


def raw_tables_are_the_contract(project: Project) -> Iterator[str]:
    raw = {s["name"]: s for s in project.sources.values() if s["source_name"] == "raw"}
    yield from differ("raw tables", list(raw), list(RAW_CONTRACT))
    for name, table in raw.items():
        found = [
            f"{c['name']}{'*' if c['config']['meta'].get('required') else ''} {c['data_type']}"
            for c in table["columns"].values()
        ]
        yield from differ(f"raw.{name}", found, RAW_CONTRACT.get(name, "").split(", "))
        yield from differ(f"raw.{name}: key", table["config"]["meta"]["key"], RAW_KEYS.get(name))
        staged = sorted(project.models[f"stg_{name}"]["columns"])
        columns = sorted([*table["columns"], *STAGED_BESIDES.get(f"stg_{name}", [])])
        yield from differ(f"stg_{name}: columns", staged, columns)


def unit_tests_know_the_contract(project: Project) -> Iterator[str]:
    """In a unit test dbt shows no sources, so the contract is repeated there: the same."""
    sources = {
        source["name"]: source
        for source in project.manifest["sources"].values()
        if source["source_name"] == "raw"
    }
    for test in unit_tests(project):
        repeated = (test.get("overrides") or {}).get("macros", {}).get("raw_contract")
        if not repeated:
            continue
        model = test["model"]
        source = sources[CONTRACT_OF.get(model) or model.split("_", maxsplit=1)[1]]
        what = f"{test['name']}: raw_contract"
        meta = {k: v for k, v in source["config"]["meta"].items() if v}
        yield from differ(what, repeated["config"]["meta"], meta)
        wanted = {
            name: (column["data_type"], column["config"]["meta"])
            for name, column in source["columns"].items()
        }
        found = {
            name: (column["data_type"], column["config"]["meta"])
            for name, column in repeated["columns"].items()
        }
        yield from differ(what, found, wanted)


def health_marts_know_every_table(project: Project) -> Iterator[str]:
    tables = set(RAW_CONTRACT)
    for mart, prefixes in {"quarantine": ["base"], "source_coverage": ["base", "stg"]}.items():
        for prefix in prefixes:
            found = {
                read.split(f".{prefix}_")[1]
                for read in project.models[mart]["depends_on"]["nodes"]
                if f".{prefix}_" in read
            } & tables
            yield from differ(f"{mart}: {prefix}_ models", sorted(found), sorted(tables))
    keys = {
        table: re.findall(r"'(\w+)'", key)
        for table, key in re.findall(
            r"'(\w+)': \[(.*?)\]", project.models["source_coverage"]["raw_code"]
        )
    }
    wanted = {table: key for table, key in RAW_KEYS.items() if table != "events"}
    yield from differ("source_coverage: keys", keys, wanted)
    counted = re.search(r"for table in \[(.*?)\]", project.models["builds"]["raw_code"], re.S)
    listed = re.findall(r"'(\w+)'", counted[1] if counted else "")
    yield from differ("builds: tables", listed, list(RAW_CONTRACT))


def template_is_the_specification(project: Project) -> Iterator[str]:
    def number(text: str) -> float | None:
        return None if text in ("", "-") else float(text)

    for level, table in {"user": USER_SIGNALS, "account": ACCOUNT_SIGNALS}.items():
        wanted = {}
        for line in table.strip().splitlines():
            signal, metric, low, high, points, ladder = line.split()
            limits = (number(low), number(high), int(points))
            wanted[signal] = (metric, *limits, "" if ladder == "-" else ladder)
        rows = [
            row
            for row in project.rows("signals")
            if row["score_model"] == "template" and row["level"] == level
        ]
        found = {
            row["signal_id"]: (
                row["metric"],
                number(row["min_value"]),
                number(row["max_value"]),
                int(row["points"]),
                row["ladder"],
            )
            for row in rows
        }
        for signal in sorted(wanted.keys() | found.keys()):
            yield from differ(f"{level} signal {signal}", found.get(signal), wanted.get(signal))
        fit = {row["signal_id"] for row in rows if row["category"] == "firmographic"}
        yield from differ(f"{level} signals of fit", fit, FIT_SIGNALS[level])
        for row in rows:
            if row["category"] not in CATEGORIES:
                yield f"{level} signal {row['signal_id']}: category {row['category']}"
            if (int(row["points"]) < 0) != (row["category"] == "negative"):
                yield f"{level} signal {row['signal_id']}: {row['points']} {row['category']}"


def ladders_of_results_are_the_specification(project: Project) -> Iterator[str]:
    for seed, wanted in {"pql_grades": GRADES, "pqa_tiers": TIERS, "segments": SEGMENTS}.items():
        found = [
            tuple(v for k, v in row.items() if k != "description") for row in project.rows(seed)
        ]
        yield from differ(f"seeds/{seed}.csv", found, wanted)


def behaviours_are_the_specification(project: Project) -> Iterator[str]:
    found = [row["behaviour"] for row in project.rows("behaviours")]
    yield from differ("seeds/behaviours.csv", found, BEHAVIOURS.split())
    for row in project.rows("event_catalog"):
        if row["behaviour"] and row["behaviour"] not in found:
            yield f"seeds/event_catalog.csv: {row['event_name']} means {row['behaviour']}"


def metrics_are_the_specification(project: Project) -> Iterator[str]:
    counted, computed = (project.metric_lists(f"{way}_metrics") for way in ("counted", "computed"))
    for level, text in METRICS.items():
        wanted = sorted(text.split())
        rows = [row["metric"] for row in project.rows("metrics") if row["level"] == level]
        yield from differ(f"seeds/metrics.csv, {level}", sorted(rows), wanted)
        both = sorted(counted[level] + computed[level])
        yield from differ(f"counted and computed metrics, {level}", both, wanted)
        columns = list(project.models[f"{level}_metrics"]["columns"])
        extra = {f"{level}_id", "as_of_date"}
        columns = sorted(c for c in columns if c not in extra)
        yield from differ(f"columns of {level}_metrics", columns, wanted)
        for row in project.rows("metrics"):
            is_sum = row["counted_as"] in ("quantity", "items", "days")
            if row["level"] == level and is_sum and row["metric"] not in counted[level]:
                yield f"seeds/metrics.csv: {level} {row['metric']} is not in counted_metrics"


# --- files ---------------------------------------------------------------------------------


def yaml_is_what_dbt_knows(project: Project) -> Iterator[str]:
    """On DuckDB dbt lets unknown keys pass; the schema it ships does not."""
    schema = files("dbt.jsonschemas") / "resources" / "latest.json"
    validator = Draft7Validator(json.loads(schema.read_text()))
    for folder in ("models", "seeds", "macros", "tests"):
        for path in sorted((project.root / folder).glob("**/*.yml")):
            if "python" in path.parts:  # not the project's own
                continue
            content = yaml.safe_load(path.read_text())
            if path.name in OLDER_METRICS:
                metrics = {"version": 2, "metrics": content.pop("metrics")}
                if validator.is_valid(metrics):
                    yield f"exception {path.name}: not used"
            for error in validator.iter_errors(content):
                yield f"{path.name}: {'.'.join(map(str, error.path))}: {error.message[:120]}"


def files_name_no_machine(project: Project) -> Iterator[str]:
    for path in tracked_files(project.root):
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        name = path.relative_to(project.root)
        for pattern in (MACHINE_PATHS, PACKAGE_INDEX):
            if found := pattern.search(text):
                yield f"{name} has {found[0]}"
        if path.name == "requirements.lock" and (found := re.search(r"\S*://\S*| @ \S+", text)):
            yield f"{name} names a host: {found[0]}"


CHECKS: list[Callable[[Project], Iterator[str]]] = [
    layers_read_downwards,
    nothing_lies_unused,
    every_macro_is_used,
    grains_are_tested,
    first_lines_say_the_grain,
    everything_is_described,
    marts_promise_types,
    yaml_stands_beside_its_model,
    seeds_are_typed,
    seed_rows_are_described,
    no_model_reads_a_clock,
    models_know_no_target,
    models_speak_no_dialect,
    windows_are_ordered,
    texts_are_joined_of_few,
    base_models_are_alike,
    one_macro_a_file,
    macros_are_documented,
    raw_tables_are_the_contract,
    unit_tests_know_the_contract,
    health_marts_know_every_table,
    template_is_the_specification,
    ladders_of_results_are_the_specification,
    behaviours_are_the_specification,
    metrics_are_the_specification,
    yaml_is_what_dbt_knows,
    files_name_no_machine,
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_shape(project: Project, check: Callable[[Project], Iterator[str]]) -> None:
    problems = list(check(project))
    assert not problems, "\n".join(problems)


def built_columns(database: Path) -> dict[str, dict[str, str]]:
    """Columns of every relation of the project's schemas, with their types, in order."""
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(
            "select table_name, column_name, lower(data_type) from information_schema.columns"
            " where table_schema in ('staging', 'intermediate', 'marts', 'seeds')"
            " order by table_schema, table_name, ordinal_position"
        ).fetchall()
    columns: dict[str, dict[str, str]] = {}
    for table, column, data_type in rows:
        columns.setdefault(table, {})[column] = data_type
    return columns


def yaml_is_what_is_built(project: Project, database: Path) -> Iterator[str]:
    built = built_columns(database)
    for name, node in {**project.models, **project.seeds}.items():
        columns = {c["name"]: c["data_type"] for c in node["columns"].values()}
        found = built.get(name, {})
        yield from differ(f"{name}: columns", list(columns), list(found))
        for column, data_type in columns.items():
            if data_type and column in found:
                yield from differ(f"{name}.{column}", data_type, found[column])


def test_yaml_columns_are_the_built_ones(project: Project, company: Place) -> None:
    problems = list(yaml_is_what_is_built(project, company.work))
    assert not problems, "\n".join(problems)
