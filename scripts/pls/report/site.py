"""Writing the site: a folder of pages, whole or not at all."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from importlib import resources
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import duckdb

from pls.errors import InputError
from pls.paths import Project, Store
from pls.published import last_build, open_published
from pls.report import MARKER, health_page, model_page, pages
from pls.report.dbt_docs import dbt_docs
from pls.report.facts import (
    Scope,
    account_facts,
    health_facts,
    model_facts,
    overview_facts,
    queue_facts,
    read_scope,
    show,
)
from pls.report.rendering import Site, page_names, render

ASSETS = ("report.css", "report.js")
"""Files that every page loads, beside it."""

BATCH = 1000
"""Accounts for which it pays to start a process that writes their pages."""

PAGES = {
    "index": (overview_facts, pages.overview),
    "queue": (queue_facts, pages.queue),
    "model": (model_facts, model_page.model),
    "health": (health_facts, health_page.health),
}
"""The pages but those of accounts: what reads their facts, and what brings these into order."""


@dataclass(frozen=True)
class Options:
    """What the reader asked for.

    Attributes:
        to: The folder to write; None for the store's own.
        team: Only accounts of owners with this role; None for all.
        owner: Only accounts of this rep, a rep_id or a name; None for all.
        accounts: Accounts that get a page though they have no score.
        emails: Whether addresses are shown.
        crm_link: Where an account lies in the CRM, with `{account_id}` or `{domain}`.
        docs: Whether dbt's own documentation is made too.
        force: Replace the folder whatever it holds.
    """

    to: Path | None = None
    team: str | None = None
    owner: str | None = None
    accounts: tuple[str, ...] = ()
    emails: bool = True
    crm_link: str | None = None
    docs: bool = True
    force: bool = False


def write_report(
    project: Project,
    store: Store,
    options: Options,
    progress: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Write the site.

    The published file is read once and closed before the folder appears.

    Args:
        project: The project, for its seeds.
        store: Where the marts are published.
        options: What the reader asked for.
        progress: Told of each part.

    Returns:
        The folder, its pages and its accounts, counted.

    Raises:
        InputError: Nothing is published, an option names nothing, or the folder is another's.
    """
    folder = (options.to or store.report).expanduser().resolve()
    _check_link(options.crm_link)
    _check_replaceable(folder, (store.db, project.root), options.force)
    tell = progress or (lambda _: None)
    fresh = folder.with_name(f".{folder.name}.{os.getpid()}.new")
    try:
        shutil.rmtree(fresh, ignore_errors=True)
        (fresh / "accounts").mkdir(parents=True)
        accounts = _write_pages(project, store, options, tell, fresh)
        (fresh / MARKER).touch()
        _switch(fresh, folder)
    except OSError as error:
        raise InputError(
            f"the report cannot be written ({error.strerror or error}); nothing is changed",
            str(folder),
            "mend it and run this again",
        ) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return {
        "report": str(folder),
        "pages": sum(1 for _ in folder.rglob("*.html")),
        "accounts": accounts,
    }


def _write_pages(
    project: Project,
    store: Store,
    options: Options,
    tell: Callable[[str], None],
    folder: Path,
) -> int:
    for name in ASSETS:
        source = resources.files("pls.report") / "assets" / name
        (folder / name).write_bytes(source.read_bytes())
    with open_published(store) as connection:
        build = last_build(connection)
        scope = read_scope(
            project, connection, build, options.owner, options.team, options.accounts
        )
        docs = dbt_docs(store, connection) if options.docs else None
        if docs is not None:
            (folder / "docs.html").write_text(docs, encoding="utf-8")
        site = Site(
            build=build,
            scope=scope.label,
            pages=page_names(scope.accounts),
            crm_link=options.crm_link,
            has_docs=docs is not None,
            shows_emails=options.emails,
        )
        wanted = min(os.cpu_count() or 1, len(scope.accounts) // BATCH)
        processes = wanted if wanted > 1 else 0
        tell(f"writing the pages of {len(scope.accounts):,} accounts")
        if not processes:
            _write_accounts(project, connection, site, folder, scope)
        # Started anew, since to fork a process with the threads of a database may hang it.
        with ProcessPoolExecutor(processes or 1, get_context("spawn")) as pool:
            parts = [
                pool.submit(
                    _write_part,
                    project,
                    store,
                    site,
                    folder,
                    replace(scope, accounts=scope.accounts[first::processes]),
                )
                for first in range(processes)
            ]
            for name, (facts_of, arrange) in PAGES.items():
                tell(f"writing {name}.html")
                facts = facts_of(project, connection, build, scope)
                text = render(site, f"{name}.html.j2", {"page": name, **arrange(facts)})
                (folder / f"{name}.html").write_text(text, encoding="utf-8")
            for part in parts:
                part.result()
    return len(scope.accounts)


def _write_part(project: Project, store: Store, site: Site, folder: Path, scope: Scope) -> None:
    """Write the pages of some accounts, in a process that reads them for itself."""
    with open_published(store) as connection:
        if last_build(connection) != site.build:
            raise InputError(
                "another build was published while its pages were written",
                store.place,
                "run this again",
            )
        show(connection, scope.accounts)
        _write_accounts(project, connection, site, folder, scope)


def _write_accounts(
    project: Project,
    connection: duckdb.DuckDBPyConnection,
    site: Site,
    folder: Path,
    scope: Scope,
) -> None:
    for facts in account_facts(project, connection, site.build, scope):
        text = render(site, "account.html.j2", {"page": "account", **pages.account(facts)})
        path = folder / "accounts" / site.pages[facts["account_id"]]
        path.write_text(text, encoding="utf-8")


def _check_link(link: str | None) -> None:
    """Make sure that a link to the CRM leads there, and to one account."""
    if link is None:
        return
    mend = "such as https://crm.example.com/accounts/{account_id}"
    names = re.findall(r"{(.*?)}", link)
    # Where the link leads is for who writes the report to say, never for the data.
    if not re.match(r"https?://[^/{}\s]+/", link):
        raise InputError("does not begin with http(s):// and a host", "--crm-link", mend)
    if not names or not set(names) <= {"account_id", "domain"}:
        raise InputError("needs {account_id} or {domain}, and knows no other", "--crm-link", mend)


def _check_replaceable(folder: Path, kept: tuple[Path, ...], force: bool) -> None:
    for path in kept:
        if path.is_relative_to(folder):
            raise InputError(f"holds {path}", f"--to {folder}", "give a folder of its own")
    if not folder.exists() or force:
        return
    mend = "give another --to, or --force to replace it"
    if not folder.is_dir():
        raise InputError("is not a folder", str(folder), mend)
    if any(folder.iterdir()) and not (folder / MARKER).exists():
        raise InputError("holds something that is no report", str(folder), mend)


def _switch(fresh: Path, folder: Path) -> None:
    """Put the new folder in the place of the old one, which comes back if that fails."""
    old = folder.with_name(f".{folder.name}.{os.getpid()}.old")
    is_moved = folder.exists()
    if is_moved:
        os.rename(folder, old)
    try:
        os.rename(fresh, folder)
    except OSError:
        if is_moved:
            os.rename(old, folder)
        raise
    if old.is_dir():
        shutil.rmtree(old, ignore_errors=True)
    else:
        old.unlink(missing_ok=True)
