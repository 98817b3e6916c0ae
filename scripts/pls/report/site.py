"""Writing the site: a folder of pages, whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from pls.errors import InputError
from pls.paths import Project, Store
from pls.publish import disk_error
from pls.published import last_build, open_published
from pls.report import MARKER, health_page, model_page, pages
from pls.report.dbt_docs import dbt_docs
from pls.report.facts import (
    account_facts,
    health_facts,
    model_facts,
    overview_facts,
    queue_facts,
    read_scope,
)
from pls.report.rendering import Site, page_names, render

ASSETS = ("report.css", "report.js")
"""Files that every page loads, beside it."""


@dataclass(frozen=True)
class Options:
    """What the reader asked for.

    Attributes:
        to: The folder to write; None for the store's own.
        team: Only accounts of owners with this role; None for all.
        owner: Only accounts of this rep_id; None for all.
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
    _check_replaceable(folder, options.force)
    tell = progress or (lambda _: None)
    fresh = folder.with_name(f".{folder.name}.{os.getpid()}.new")
    try:
        shutil.rmtree(fresh, ignore_errors=True)
        (fresh / "accounts").mkdir(parents=True)
        accounts = _write_pages(project, store, options, tell, fresh)
        (fresh / MARKER).touch()
        _switch(fresh, folder)
    except OSError as error:
        raise disk_error(error, folder.parent) from error
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
        for name, facts_of, arrange in (
            ("index", overview_facts, pages.overview),
            ("queue", queue_facts, pages.queue),
            ("model", model_facts, model_page.model),
            ("health", health_facts, health_page.health),
        ):
            tell(f"writing {name}.html")
            facts = facts_of(project, connection, build, scope)
            text = render(site, f"{name}.html.j2", {"page": name, **arrange(site.told(facts))})
            (folder / f"{name}.html").write_text(text, encoding="utf-8")
        tell(f"writing the pages of {len(scope.accounts):,} accounts")
        for facts in account_facts(project, connection, build, scope):
            text = render(
                site, "account.html.j2", {"page": "account", **pages.account(site.told(facts))}
            )
            (folder / "accounts" / site.pages[facts["account_id"]]).write_text(
                text, encoding="utf-8"
            )
    return len(scope.accounts)


def _check_replaceable(folder: Path, force: bool) -> None:
    if not folder.exists() or force:
        return
    mend = "give another --to, or --force to replace it"
    if not folder.is_dir():
        raise InputError("is not a folder", str(folder), mend)
    if any(folder.iterdir()) and not (folder / MARKER).exists():
        raise InputError("holds something that is no report", str(folder), mend)


def _switch(fresh: Path, folder: Path) -> None:
    """Put the new folder in the place of the old one."""
    old = folder.with_name(f".{folder.name}.{os.getpid()}.old")
    if folder.is_dir():
        os.rename(folder, old)
    elif folder.exists():
        folder.unlink()
    os.rename(fresh, folder)
    shutil.rmtree(old, ignore_errors=True)
