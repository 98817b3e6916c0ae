"""The command line: thin verbs, one line for every error."""

from __future__ import annotations

import os
import signal
import sys
import threading
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, Literal

import typer

from pls.console import Reporter, clean, complain, print_json, say
from pls.errors import PlsError, SeveralErrors, one_line
from pls.paths import find_project, find_store

app = typer.Typer(
    name="pls",
    help="Product-led sales scores in the warehouse.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it."""
_interrupted = threading.Event()

Db = Annotated[
    Path | None, typer.Option("--db", metavar="FILE", help="The published file, *.duckdb.")
]
ProjectDir = Annotated[
    Path | None, typer.Option("--project-dir", metavar="DIR", help="The dbt project's folder.")
]
Target = Annotated[
    str | None, typer.Option("--target", metavar="NAME", help="A target of profiles.yml.")
]
Raw = Annotated[Path | None, typer.Option("--raw", metavar="DIR", help="The raw folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else to stdout.")]
Verbose = Annotated[bool, typer.Option("--verbose", help="Say everything, errors in full.")]
Force = Annotated[bool, typer.Option("--force", help="Replace the folder, whatever it holds.")]


@app.command("build")
def build_verb(
    raw: Raw = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="The as-of date (YYYY-MM-DD).")
    ] = None,
    db: Db = None,
    full_refresh: Annotated[
        bool, typer.Option("--full-refresh", help="Make incremental models anew.")
    ] = False,
    target: Target = None,
    select: Annotated[
        list[str] | None,
        typer.Option("--select", metavar="SELECTOR", help="Build a part; publishes nothing."),
    ] = None,
    variables: Annotated[
        str | None, typer.Option("--vars", metavar="YAML", help="dbt variables, a mapping.")
    ] = None,
    no_tests: Annotated[bool, typer.Option("--no-tests", help="Publish without testing.")] = False,
    backfill: Annotated[
        int | None,
        typer.Option("--backfill", metavar="DAYS", help="Make the history some days at a time."),
    ] = None,
    project_dir: ProjectDir = None,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Build and test all models, then publish the marts."""
    from pls.build import BuildRequest

    project = find_project(project_dir)
    request = BuildRequest(
        project=project,
        store=find_store(project, db, target),
        raw_dir=raw,
        as_of=as_of,
        full_refresh=full_refresh,
        target=target,
        select=tuple(word for text in select or () for word in text.split()),
        variables=variables,
        tests=not no_tests,
        backfill_days=backfill,
        verbose=verbose,
    )
    facts = _build(request, json)
    if json:
        print_json(facts)


@app.command("demo")
def demo_verb(
    raw: Raw = None,
    db: Db = None,
    force: Force = False,
    project_dir: ProjectDir = None,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Generate a small sample company, build it and show the morning queue."""
    from pls import samples
    from pls.build import BuildRequest
    from pls.lock import hold
    from pls.queue import morning_queue, print_queue
    from pls.report.site import Options

    project = find_project(project_dir)
    store = find_store(project, db)
    with Reporter() as reporter:
        folder = raw or project.default_raw
        store.folder.mkdir(parents=True, exist_ok=True)
        # A build that runs reads the very files that would be replaced.
        with hold(store.lock):
            made = samples.make(folder, samples.SampleSize(), force, reporter)
        reporter.step(samples.describe(made))
    facts = _build(
        BuildRequest(project=project, store=store, raw_dir=folder, verbose=verbose), json
    )
    queue = morning_queue(store)
    site = _report(project, store, Options())
    if json:
        print_json({**facts, **site, "queue": queue})
    else:
        say()
        print_queue(queue)
        say()
        if queue:
            say(f"why: pls explain {queue[0]['account_id']}")
        say(f"look: {site['report']}/index.html")


@app.command("generate")
def generate_verb(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The raw folder to write.")],
    events: Annotated[int, typer.Option("--events", help="Events in all, about.")] = 200_000,
    accounts: Annotated[int, typer.Option("--accounts", help="Accounts.")] = 300,
    days: Annotated[int, typer.Option("--days", help="Days of history.")] = 240,
    seed: Annotated[int, typer.Option("--seed", help="Same seed, same data.")] = 7,
    last_day: Annotated[
        str | None, typer.Option("--last-day", metavar="DATE", help="The last day with events.")
    ] = None,
    force: Force = False,
    verbose: Verbose = False,
) -> None:
    """Generate a sample company of any size."""
    from pls import samples
    from pls.build import check_date

    size = samples.SampleSize(events=events, accounts=accounts, days=days, seed=seed)
    if last_day is not None:
        day = date.fromisoformat(check_date(last_day, "--last-day"))
        size = samples.SampleSize(events, accounts, days, seed, day)
    with Reporter() as reporter:
        made = samples.make(out, size, force, reporter)
    say(samples.describe(made))


@app.command("test")
def test_verb(
    db: Db = None,
    target: Target = None,
    project_dir: ProjectDir = None,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Run the data tests on what is published."""
    from pls.checks import run_tests

    project = find_project(project_dir)
    with Reporter() as reporter:
        facts = run_tests(project, find_store(project, db, target), reporter, verbose, target)
    if json:
        print_json(facts)
    else:
        say(f"{facts['passed']} tests passed, {facts['warned']} warn, as of {facts['as_of_date']}")


@app.command("explain")
def explain_verb(
    entity: Annotated[
        str, typer.Argument(metavar="ACCOUNT_OR_USER", help="An account_id, user_id or email.")
    ],
    score_model: Annotated[
        str | None, typer.Option("--score-model", metavar="NAME", help="Default: the active one.")
    ] = None,
    level: Annotated[
        Literal["account", "user"] | None,
        typer.Option("--level", help="When an id is both an account's and a user's."),
    ] = None,
    db: Db = None,
    target: Target = None,
    project_dir: ProjectDir = None,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Show where a score comes from, signal by signal."""
    from pls.explain import explain, print_explanation

    store = find_store(find_project(project_dir), db, target)
    facts = explain(store, entity, score_model, level)
    if json:
        print_json(facts)
    else:
        print_explanation(facts)


@app.command("queue")
def queue_verb(
    owner: Annotated[
        str | None,
        typer.Option("--owner", metavar="REP", help="Only this rep's accounts; a rep_id or name."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="The whole queue, not its head.")] = False,
    db: Db = None,
    target: Target = None,
    project_dir: ProjectDir = None,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Show whom to talk to this morning, and why."""
    from pls.queue import morning_queue, print_queue
    from pls.seeds import find_rep

    project = find_project(project_dir)
    rep_id = None if owner is None else find_rep(project, owner)
    queue = morning_queue(find_store(project, db, target), rep_id)
    if json:
        print_json(queue)
    elif not queue:
        say(f"nobody waits for {clean(owner)}" if owner else "nobody is to be called today")
    else:
        print_queue(queue, every)
        say()
        say(clean(f"how to begin: pls explain {queue[0]['account_id']}"))


@app.command("diff")
def diff_verb(
    signals: Annotated[
        Path, typer.Option("--signals", metavar="FILE", help="What signals.csv would be.")
    ],
    limit: Annotated[
        int, typer.Option("--limit", min=0, help="Rows that each table of moves shows.")
    ] = 10,
    db: Db = None,
    target: Target = None,
    project_dir: ProjectDir = None,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Show what other weights would change; nothing is published."""
    from pls.diff import diff, print_diff

    project = find_project(project_dir)
    with Reporter() as reporter:
        facts = diff(project, find_store(project, db, target), signals, reporter, target, verbose)
    if json:
        print_json(facts)
    else:
        print_diff(facts, limit)


@app.command("export")
def export_verb(
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="The folder to write to.")],
    kind: Annotated[
        Literal["csv", "jsonl", "parquet"], typer.Option("--format", help="Format of the files.")
    ] = "csv",
    names: Annotated[
        Literal["pls", "salesforce", "hubspot"],
        typer.Option("--names", help="Whose names of fields to use."),
    ] = "pls",
    ack: Annotated[
        bool, typer.Option("--ack", help="The CRM has taken them: no crm_sync row comes again.")
    ] = False,
    db: Db = None,
    target: Target = None,
    project_dir: ProjectDir = None,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Write what the CRM does not know yet, and today's alerts, as files."""
    from pls.export import export

    project = find_project(project_dir)
    facts = export(project, find_store(project, db, target), to, kind, names, ack)
    if json:
        print_json(facts)
        return
    for path, count in facts["files"].items():
        say(f"{count:>7,} {path}")
    if ack:
        say("acknowledged: the same rows of crm_sync_* will not come again")
    else:
        say("not acknowledged: the same rows come again until --ack is given")
    say(f"sales_alerts holds all alerts of {facts['as_of_date']}, whatever was acknowledged")


@app.command("publish")
def publish_verb(
    postgres: Annotated[
        str | None,
        typer.Option("--postgres", metavar="URL", help="The database; default: PLS_POSTGRES_URL."),
    ] = None,
    schema: Annotated[
        str, typer.Option("--schema", metavar="NAME", help="The schema to replace.")
    ] = "marts",
    db: Db = None,
    project_dir: ProjectDir = None,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Replace a schema of a PostgreSQL database by the published marts, all at once.

    The password may stand in PGPASSWORD. Grants on the schema and its tables stay, and views
    of other schemas go on with the new tables; default privileges of the schema do not stay.
    """
    from pls.postgres import find_address
    from pls.publish_postgres import publish_to_postgres

    address = find_address(postgres)
    project = find_project(project_dir)
    with Reporter() as reporter:
        store = find_store(project, db)
        facts = publish_to_postgres(project, store, address, schema, reporter)
    if json:
        print_json(facts)
        return
    say(
        f"{len(facts['tables'])} marts, {facts['rows']:,} rows, as of {facts['as_of_date']}: "
        f"{facts['database']} {facts['schema']}"
    )


@app.command("notify")
def notify_verb(
    url: Annotated[
        str | None,
        typer.Option("--url", metavar="URL", help="The webhook; default: PLS_WEBHOOK_URL."),
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", min=1, help="Messages for an owner and day at most.")
    ] = 5,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be sent.")] = False,
    db: Db = None,
    target: Target = None,
    project_dir: ProjectDir = None,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Send new pressing triggers to a webhook (Slack format), each once."""
    from pls.notify import find_webhook, notify

    store = find_store(find_project(project_dir), db, target)
    facts = notify(store, find_webhook(url), limit, is_dry=dry_run)
    if json:
        print_json(facts)
        return
    if dry_run:
        for message in facts["messages"]:
            say(message)
    done = "would be sent" if dry_run else "sent"
    say(
        f"{facts['alone']} triggers {done} to {facts['destination']}, "
        f"{facts['in_digests']} more in digests, {facts['waiting']} wait for another day, "
        f"{facts['known']} were there already"
    )


@app.command("playbook")
def playbook_verb(
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="The file; default: stdout.")
    ] = None,
    company: Annotated[
        str | None, typer.Option("--company", metavar="NAME", help="Whose playbook it is.")
    ] = None,
    db: Db = None,
    target: Target = None,
    project_dir: ProjectDir = None,
    verbose: Verbose = False,
) -> None:
    """Write the product-led sales playbook as Markdown, filled from what is published."""
    from pls.playbook import COMPANY, playbook, write

    project = find_project(project_dir)
    text = playbook(project, find_store(project, db, target), company or COMPANY)
    if to is None:
        sys.stdout.write(text)
    else:
        write(text, to)
        say(f"written: {to}")


@app.command("report")
def report_verb(
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="DIR", help="The folder; default: report beside the file."),
    ] = None,
    team: Annotated[
        str | None, typer.Option("--team", metavar="NAME", help="Only accounts of a role of reps.")
    ] = None,
    owner: Annotated[
        str | None,
        typer.Option("--owner", metavar="REP", help="Only accounts of this rep; an id or name."),
    ] = None,
    account: Annotated[
        list[str] | None,
        typer.Option("--account", metavar="ID", help="A page for this account, score or not."),
    ] = None,
    no_emails: Annotated[bool, typer.Option("--no-emails", help="Mask addresses.")] = False,
    crm_link: Annotated[
        str | None,
        typer.Option(
            "--crm-link",
            metavar="URL",
            envvar="PLS_CRM_LINK",
            help="An account in the CRM, with {account_id} or {domain}.",
        ),
    ] = None,
    no_docs: Annotated[bool, typer.Option("--no-docs", help="Leave dbt's docs out.")] = False,
    force: Force = False,
    db: Db = None,
    target: Target = None,
    project_dir: ProjectDir = None,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Write pages to look at: overview, queue, accounts, score model, data health."""
    from pls.report.site import Options

    project = find_project(project_dir)
    options = Options(
        to=to,
        team=team,
        owner=owner,
        accounts=tuple(account or ()),
        emails=not no_emails,
        crm_link=crm_link,
        docs=not no_docs,
        force=force,
    )
    facts = _report(project, find_store(project, db, target), options)
    if json:
        print_json(facts)
    else:
        say(f"report: {facts['report']}/index.html ({facts['accounts']:,} accounts)")


@app.command("calibrate")
def calibrate_verb(
    write_model: Annotated[
        str,
        typer.Option(
            help="Add the suggested weights to seeds/signals.csv, as a challenger of that name.",
            metavar="NAME",
        ),
    ] = "",
    db: Db = None,
    target: Target = None,
    project_dir: ProjectDir = None,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Show what the past says about the weights: lift, coefficients, suggested points."""
    from pls.calibrate import calibrations, print_calibrations
    from pls.calibrate import write_model as write

    project = find_project(project_dir)
    facts = calibrations(find_store(project, db, target))
    path = write(project, facts, write_model) if write_model else None
    if json:
        print_json({**facts, "written": path and str(path)})
        return
    print_calibrations(facts)
    if path:
        say()
        say(
            f"{write_model} stands in {path}: build to see it beside {facts['score_model']}; "
            "it routes nothing until var active_score_model names it"
        )


@app.command("backtest")
def backtest_verb(
    level: Annotated[
        Literal["user", "account"] | None,
        typer.Option("--level", help="Only users' or accounts' scores."),
    ] = None,
    db: Db = None,
    target: Target = None,
    project_dir: ProjectDir = None,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Show what other thresholds and score models would have given."""
    from pls.backtest import backtest, print_backtest

    facts = backtest(find_store(find_project(project_dir), db, target), level)
    if json:
        print_json(facts)
    else:
        print_backtest(facts)


@app.command("forget")
def forget_verb(
    email: Annotated[str, typer.Option("--email", metavar="ADDRESS", help="Whom to forget.")],
    raw: Raw = None,
    db: Db = None,
    project_dir: ProjectDir = None,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Erase a person from raw files, databases, exports' state and the ledger; build anew."""
    from pls.forget import forget

    project = find_project(project_dir)
    with Reporter() as reporter:
        facts = forget(project, find_store(project, db), raw, email, reporter, verbose)
    if json:
        print_json(facts)
        return
    say(
        f"forgotten: {facts['users']} users, {facts['rows_removed']:,} rows in "
        f"{facts['files']} raw files, {facts['cells_cleared']:,} mentions elsewhere"
    )
    say("export again: the CRM is then told to clear the contact")
    say("report again: the pages beside the published file are gone, others name the person still")


@app.command("bench")
def bench_verb(
    events: Annotated[
        str, typer.Option("--events", metavar="LIST", help="Sizes, such as 500k,5_000_000,20M.")
    ] = "5M,20M",
    steps: Annotated[
        str | None,
        typer.Option(
            "--steps",
            metavar="LIST",
            help="Of floor, full-1, full, full-tests, increment, increment-tests, no-change, "
            "explain; default: all.",
        ),
    ] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Measure the sample company too.")] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Data, logs and table; default data/bench."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Same seed, same data.")] = 7,
    memory_limit: Annotated[
        str | None, typer.Option("--memory-limit", metavar="SIZE", help="Such as 4GB.")
    ] = None,
    threads: Annotated[int | None, typer.Option("--threads", min=1, help="PLS_THREADS.")] = None,
    project_dir: ProjectDir = None,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Measure time and memory of every step on data of a given size."""
    from pls.bench.report import as_dict, markdown
    from pls.bench.run import BenchRequest, bench, parse_sizes, parse_steps

    project = find_project(project_dir)
    request = BenchRequest(
        project=project,
        out=(out or project.root / "data" / "bench").expanduser().resolve(),
        events=parse_sizes(events),
        steps=parse_steps(steps) if steps is not None else (),
        seed=seed,
        demo=demo,
        memory_limit=memory_limit,
        threads=threads,
    )
    with Reporter() as reporter:
        results = bench(request, reporter)
    if json:
        print_json(as_dict(results))
    else:
        say(markdown(results))
    if results.has_failures:
        raise typer.Exit(2)


@app.command("doctor")
def doctor_verb(
    raw: Raw = None,
    db: Db = None,
    target: Target = None,
    project_dir: ProjectDir = None,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Say what is wrong with this set-up, this raw folder and these seeds."""
    from pls.doctor import examine

    findings = examine(project_dir, raw, db, target)
    if json:
        print_json([finding.as_dict() for finding in findings])
    else:
        for finding in findings:
            mend = f"; {finding.mend}" if finding.mend else ""
            say(f"{finding.level:<8} {clean(finding.what + mend)}")
    if any(finding.level == "error" for finding in findings):
        raise typer.Exit(2)


def _report(project: Any, store: Any, options: Any) -> dict[str, Any]:
    from pls.report.site import write_report

    with Reporter() as reporter:
        return write_report(project, store, options, reporter.step)


def _build(request: Any, json: bool = False) -> dict[str, Any]:
    """Build and print the summary; give it as facts too."""
    from pls.build import build
    from pls.summary import print_summary, summary

    with Reporter() as reporter:
        result = build(request, reporter)
        for warning in result.warnings:
            reporter.note(f"warning: {warning}")
        if not request.tests:
            reporter.note("warning: nothing was tested (--no-tests)")
    facts: dict[str, Any] = {
        "run_id": result.run_id,
        "is_published": result.is_published,
        "seconds": round(result.seconds, 1),
        "nodes": result.nodes,
        "warnings": list(result.warnings),
        "db": request.store.place,
    }
    if result.is_published:
        found = summary(request.store)
        if not json:
            print_summary(request.store, found, result.seconds)
        return {**facts, **found}
    if not json:
        say(
            f"ran {result.nodes} nodes in {request.store.work}; nothing was published, because "
            "only a whole build on this machine is: run `pls build`"
        )
    return facts


def run(arguments: list[str]) -> int:
    """Run a command line.

    Args:
        arguments: What follows `pls`.

    Returns:
        The exit code: 0 good, 1 a data test failed, 2 bad input or configuration, 3 another
        build holds the lock.
    """
    arguments = arguments or ["--help"]
    verbose = "--verbose" in arguments
    _interrupted.clear()
    try:
        result = app(args=arguments, prog_name="pls", standalone_mode=False)
        if result == INTERRUPTED:  # typer has caught Ctrl-C already
            raise KeyboardInterrupt
        return result if isinstance(result, int) else 0
    except SeveralErrors as error:
        return _fail(error.exit_code, False, *map(str, error.errors))
    except PlsError as error:
        return _fail(error.exit_code, verbose, str(error))
    except (KeyboardInterrupt, typer.Abort):
        _interrupted.set()
        return _fail(INTERRUPTED, False)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        usage = getattr(error, "format_message", None)
        if usage is not None:  # the command line itself makes no sense
            where = getattr(getattr(error, "ctx", None), "command_path", "pls")
            return _fail(
                2, False, f"{where}: {one_line(usage()).rstrip('.')}; see `{where} --help`"
            )
        what = f"unexpected {type(error).__name__}: {one_line(error)}"
        return _fail(2, verbose, f"pls: {what}; run again with --verbose and report it")


def _fail(code: int, verbose: bool, *lines: str) -> int:
    # What breaks on Ctrl-C may say so with an error of its own: dbt's threads do, and DuckDB.
    if _interrupted.is_set():
        code, lines = INTERRUPTED, ("pls: interrupted; what was published is untouched",)
    for line in lines:
        complain(line)
    if verbose:
        import traceback

        traceback.print_exc()
    return code


def _interrupt(number: int, frame: FrameType | None) -> None:
    _interrupted.set()
    signal.default_int_handler(number, frame)


def main() -> None:
    """Run the command line of this process and end it."""
    # A process that was told to ignore Ctrl-C, such as one in the background, goes on doing so.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
