"""`pls report`: whose accounts it shows, what it keeps to itself, and that it is whole or not."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shutil
import tomllib
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path

import duckdb
import pytest

from conftest import ROOT, Place, Result, error_lines, pls
from pls.report import facts as facts_module
from pls.report import pages
from pls.report import site as site_module
from pls.report.rendering import page_names
from report_data import HOSTILE_IDS

ADDRESS = re.compile(r"[\w.+'-]+(?:@|%40)[\w-]+\.[\w.-]+")


@pytest.fixture(scope="module")
def published(company: Place, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """What the company published, at a place of its own; not to be changed."""
    folder = tmp_path_factory.mktemp("published")
    shutil.copy(company.db, folder / "pls.duckdb")
    return Place(ROOT, company.raw, folder / "pls.duckdb")


def report(place: Place, to: Path, *arguments: object) -> Result:
    return pls("report", *place.where, "--no-docs", "--to", to, *arguments)


@pytest.fixture(scope="module")
def whole(published: Place) -> Path:
    """The site of all accounts; not to be changed."""
    to = published.db.parent / "whole"
    made = report(published, to)
    assert made.returncode == 0, made.stderr
    return to


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def told_of(folder: Path) -> str:
    """Give all that the site says, the names of its files included."""
    return "\n".join(f"{name}\n{text.decode()}" for name, text in contents(folder).items())


@pytest.mark.parametrize(
    ("option", "value", "owners"),
    [
        ("--owner", "rep_03", ["rep_03"]),
        ("--owner", "Cleo Marchetti", ["rep_03"]),
        ("--team", "ae", ["rep_01", "rep_02"]),
    ],
)
def test_only_their_accounts_are_told_of(
    published: Place, tmp_path: Path, option: str, value: str, owners: list[str]
) -> None:
    made = report(published, tmp_path / "site", option, value)
    assert made.returncode == 0, made.stderr
    accounts = published.query(
        "select account_id, company_name, coalesce(list_contains("
        f"{owners}, owner_id), false) from marts.accounts "
        "left join marts.account_routing using (account_id) order by account_id"
    )
    text = told_of(tmp_path / "site")
    theirs = {str(word) for *names, is_theirs in accounts if is_theirs for word in names}
    others = {str(word) for *names, is_theirs in accounts if not is_theirs for word in names}
    assert theirs and len(others - theirs) > 30
    assert [word for word in theirs if word not in text] == []
    found = [
        word
        for word in sorted(others - theirs - {"None"})
        if word in text and re.search(rf"(?<![\w.@-]){re.escape(word)}(?![\w-]| Main)", text)
    ]
    assert found == []
    people = published.query("select user_id, email, account_id from marts.users")
    of_theirs = {str(account_id) for account_id, _, is_theirs in accounts if is_theirs}
    strangers = [
        str(word)
        for user_id, email, account_id in people
        if account_id not in of_theirs
        for word in (user_id, email)
        if word is not None
    ]
    assert len(strangers) > 50
    assert [
        w for w in strangers if w in text and re.search(rf"(?<!\w){re.escape(w)}(?!\w)", text)
    ] == []


def test_the_scope_is_told_on_every_page(published: Place, tmp_path: Path) -> None:
    assert report(published, tmp_path / "site", "--team", "ae").returncode == 0
    pages = list((tmp_path / "site").rglob("*.html"))
    assert len(pages) > 4
    assert [page for page in pages if "<dd>team ae</dd>" not in page.read_text()] == []


@pytest.fixture(scope="module")
def leaky(published: Place, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The company with addresses where one may not look for them."""
    folder = tmp_path_factory.mktemp("leaky")
    shutil.copy(published.db, folder / "pls.duckdb")
    with duckdb.connect(str(folder / "pls.duckdb")) as connection:
        [(best,)] = connection.execute(
            "select account_id from marts.sales_queue where queue_position = 1"
        ).fetchall()
        for table, column in (
            ("accounts", "account_id"),
            ("sales_queue", "account_id"),
            ("account_routing", "account_id"),
            ("account_dossiers", "account_id"),
            ("users", "account_id"),
            ("pqa_scores", "account_id"),
            ("account_timeline", "account_id"),
            ("score_breakdown", "entity_id"),
        ):
            connection.execute(
                f"update marts.{table} set {column} = 'ann.owner@secret.example' "
                f"where {column} = ?",
                [best],
            )
        for table in ("sales_queue", "account_dossiers"):
            connection.execute(
                f"update marts.{table} set opening_line = 'Ask o''neil+x@secret.example, "
                "jörg@sécret.example, hid\u200bden@secret.example'"
            )
        connection.execute(
            "update marts.sales_queue set trigger_evidence = 'by mailto:eve@secret.example'"
        )
    return Place(ROOT, published.raw, folder / "pls.duckdb")


def test_without_emails_there_is_no_address_in_any_file(leaky: Place, tmp_path: Path) -> None:
    link = "https://crm.example.com/{account_id}/{domain}"
    assert report(leaky, tmp_path / "bare", "--crm-link", link).returncode == 0
    assert len(ADDRESS.findall(told_of(tmp_path / "bare"))) > 50
    made = report(leaky, tmp_path / "masked", "--no-emails", "--crm-link", link)
    assert made.returncode == 0, made.stderr
    text = told_of(tmp_path / "masked")
    assert ADDRESS.findall(text) == []
    assert "…@secret.example" in text and "Addresses are masked" in text
    # Every account that had a page has one still, under the same name.
    assert contents(tmp_path / "masked").keys() == contents(tmp_path / "bare").keys()


def test_an_account_that_is_asked_for_has_a_page(
    published: Place, whole: Path, tmp_path: Path
) -> None:
    [(account_id,)] = published.query(
        "select account_id from marts.accounts where is_internal order by account_id limit 1"
    )
    name = page_names([str(account_id)])[str(account_id)]
    assert not (whole / "accounts" / name).exists()
    assert report(published, tmp_path / "site", "--account", account_id).returncode == 0
    assert "Our own, not scored" in (tmp_path / "site" / "accounts" / name).read_text()


@pytest.mark.parametrize(
    ("option", "value", "known"),
    [
        ("--owner", "rep_99", "rep_01, rep_02"),
        ("--team", "magicians", "ae, pls, sdr"),
        ("--account", "nobody.example", "mart accounts"),
    ],
)
def test_who_is_unknown_is_one_line(
    published: Place, tmp_path: Path, option: str, value: str, known: str
) -> None:
    made = report(published, tmp_path / "site", option, value)
    assert made.returncode == 2
    [line] = error_lines(made)
    assert option in line and repr(value) in line and known in line
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_somebody_else_is_left_alone(published: Place, tmp_path: Path) -> None:
    to = tmp_path / "papers"
    to.mkdir()
    (to / "thesis.txt").write_text("mine")
    made = report(published, to)
    assert made.returncode == 2
    [line] = error_lines(made)
    assert str(to) in line and "--force" in line
    assert contents(to) == {"thesis.txt": b"mine"}
    assert report(published, to, "--force").returncode == 0
    assert "thesis.txt" not in contents(to) and (to / "index.html").is_file()
    assert os.listdir(tmp_path) == ["papers"]


def test_a_file_in_the_way_is_left_alone(published: Place, tmp_path: Path) -> None:
    (tmp_path / "note").write_text("mine")
    made = report(published, tmp_path / "note")
    assert made.returncode == 2 and len(error_lines(made)) == 1
    assert (tmp_path / "note").read_text() == "mine"


def test_not_even_force_replaces_what_the_report_is_made_of(
    published: Place, tmp_path: Path
) -> None:
    shutil.copy(published.db, tmp_path / "pls.duckdb")
    place = Place(ROOT, published.raw, tmp_path / "pls.duckdb")
    made = report(place, tmp_path, "--force")
    assert made.returncode == 2
    assert "--to" in error_lines(made)[0]
    assert os.listdir(tmp_path) == ["pls.duckdb"]


def test_the_old_site_is_replaced_without_being_asked(published: Place, tmp_path: Path) -> None:
    to = tmp_path / "site"
    assert report(published, to).returncode == 0
    assert report(published, to, "--owner", "rep_03").returncode == 0
    assert len(list((to / "accounts").iterdir())) == len(
        published.query("from marts.account_routing where owner_id = 'rep_03'")
    )


@pytest.mark.parametrize("broken", ["render", "write", "switch"])
def test_a_failure_midway_leaves_the_old_site_whole(
    published: Place,
    whole: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    broken: str,
) -> None:
    to = tmp_path / "site"
    shutil.copytree(whole, to)
    before = contents(to)
    calls = 0
    if broken == "render":
        real_facts = site_module.account_facts

        def facts(*arguments: object) -> object:
            yield from list(real_facts(*arguments))[:3]  # type: ignore[arg-type]
            raise RuntimeError("no more")

        monkeypatch.setattr(site_module, "account_facts", facts)
    elif broken == "write":
        real_write = Path.write_text

        def write(path: Path, *arguments: object, **named: object) -> int:
            nonlocal calls
            calls += 1
            if calls == 6:
                raise OSError(28, "No space left on device")
            return real_write(path, *arguments, **named)  # type: ignore[arg-type]

        monkeypatch.setattr(Path, "write_text", write)
    else:
        real_rename = os.rename

        def rename(source: Path, target: Path) -> None:
            if str(source).endswith(".new"):
                raise PermissionError(13, "Permission denied")
            real_rename(source, target)

        monkeypatch.setattr(os, "rename", rename)
    made = report(published, to)
    monkeypatch.undo()
    assert made.returncode == 2 and len(error_lines(made)) == 1, made.stderr
    assert contents(to) == before
    assert os.listdir(tmp_path) == ["site"]


def test_links_lead_to_the_crm(published: Place, tmp_path: Path) -> None:
    link = "https://crm.example.com/a?id={account_id}&site={domain}"
    assert report(published, tmp_path / "site", "--crm-link", link).returncode == 0
    account_id, domain = published.query(
        "select account_id, domain from marts.sales_queue inner join marts.accounts "
        "using (account_id) where queue_position = 1"
    )[0]
    href = f"https://crm.example.com/a?id={account_id}&amp;site={domain}"
    assert f'href="{href}"' in (tmp_path / "site" / "queue.html").read_text()
    page = tmp_path / "site" / "accounts" / page_names([str(account_id)])[str(account_id)]
    assert f'href="{href}"' in page.read_text()
    # A team of people without a domain has no such link, rather than one that leads astray.
    [(team,)] = published.query(
        "select max(account_id) from marts.accounts inner join marts.pqa_scores "
        "using (account_id) where domain is null and score > 0"
    )
    page = tmp_path / "site" / "accounts" / page_names([str(team)])[str(team)]
    assert "crm.example.com" not in page.read_text()


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert({account_id})",
        "crm.example.com/{account_id}",
        "https://crm.example.com/accounts",
        "https://crm.example.com/{id}",
        "{domain}",
        "https://{domain}/crm",
        "http:///{account_id}",
    ],
)
def test_a_link_that_leads_to_no_account_is_refused(
    published: Place, tmp_path: Path, link: str
) -> None:
    made = report(published, tmp_path / "site", "--crm-link", link)
    assert made.returncode == 2
    [line] = error_lines(made)
    assert line.startswith("--crm-link: ")
    assert list(tmp_path.iterdir()) == []


def test_json_says_where_it_lies_and_how_much_it_is(published: Place, tmp_path: Path) -> None:
    made = report(published, tmp_path / "site", "--json")
    facts = json.loads(made.stdout)
    assert facts["report"] == str(tmp_path / "site")
    assert facts["pages"] == len(list((tmp_path / "site").rglob("*.html")))
    assert facts["accounts"] == len(list((tmp_path / "site" / "accounts").iterdir())) > 20


def test_the_same_database_gives_the_same_site(
    published: Place, whole: Path, tmp_path: Path
) -> None:
    assert report(published, tmp_path / "again").returncode == 0
    assert contents(tmp_path / "again") == contents(whole)


def test_several_processes_write_the_same_site(
    published: Place, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site_module, "BATCH", 10)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert report(published, tmp_path / "site").returncode == 0
    assert contents(tmp_path / "site") == contents(whole)


def test_every_page_says_of_when_and_of_what_it_is(published: Place, whole: Path) -> None:
    as_of, built, model, version = published.query(
        "select as_of_date, built_at, active_score_model, score_model_version from marts.builds "
        "order by built_at desc limit 1"
    )[0]
    words = [
        f"<dd>{as_of.day} {as_of:%b %Y}</dd>",
        f"{built:%H:%M} UTC",
        str(model),
        str(version)[:8],
    ]
    pages = list(whole.rglob("*.html"))
    assert len(pages) > 20
    for page in pages:
        text = page.read_text()
        assert [word for word in words if word not in text] == [], page


class Parts(HTMLParser):
    """Reads the points of an account's page: those of each part, and their sum at the foot."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[int] = []
        self.score: int | None = None
        self.place: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = dict(attrs).get("class") or ""
        if tag == "table" and "parts" in classes.split():
            self.place = ["parts"]
        elif self.place and tag in ("tbody", "tfoot"):
            self.place[1:] = [tag]
        elif len(self.place) == 2 and tag == "td" and classes == "num":
            self.place.append("num")

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self.place = []
        elif tag == "td" and self.place[2:]:
            del self.place[2:]

    def handle_data(self, data: str) -> None:
        if self.place[2:]:
            points = int(data.replace("−", "-").replace(",", "").replace("+", ""))
            if self.place[1] == "tbody":
                self.parts.append(points)
            else:
                self.score = points


def test_parts_add_up_to_the_score(published: Place, whole: Path) -> None:
    scores = published.query(
        "select account_id, score from marts.pqa_scores inner join (select active_score_model "
        "from marts.builds order by built_at desc limit 1) builds "
        "on pqa_scores.score_model = builds.active_score_model where score > 0"
    )
    assert len(scores) > 20
    several = 0
    for account_id, score in scores:
        parser = Parts()
        name = page_names([str(account_id)])[str(account_id)]
        parser.feed((whole / "accounts" / name).read_text())
        assert sum(parser.parts) == parser.score == score, account_id
        several += len(parser.parts) > 2
    assert several > 10


def copied(published: Place, folder: Path, *changes: str) -> Place:
    """Give the company with something changed in what it published."""
    shutil.copy(published.db, folder / "pls.duckdb")
    with duckdb.connect(str(folder / "pls.duckdb")) as connection:
        for change in changes:
            connection.execute(change)
    return Place(ROOT, published.raw, folder / "pls.duckdb")


def test_accounts_that_changed_tier_are_called_so(published: Place, tmp_path: Path) -> None:
    place = copied(
        published,
        tmp_path,
        "update marts.score_transitions set changed_on = ("
        "select max(as_of_date) from marts.builds) where level = 'account'",
    )
    assert report(place, tmp_path / "site").returncode == 0
    text = (tmp_path / "site" / "index.html").read_text()
    assert "moved most" not in text
    [part] = re.findall(r"<h3>Accounts that changed tier.*?</ul>", text, re.DOTALL)
    changed = place.query(
        "select coalesce(company_name, account_id) from marts.score_transitions "
        "inner join marts.accounts on entity_id = account_id where level = 'account'"
    )
    named = re.findall(r"<b><a [^>]*>([^<]*)</a></b>", part)
    assert 0 < len(named) <= 8
    assert set(named) <= {str(name) for (name,) in changed}


def test_an_account_says_what_it_does_not_show(
    published: Place, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [(dealings, account_id, users, signals)] = published.query(
        "select (select count(*) from marts.account_timeline as timeline "
        "where timeline.account_id = queue.account_id) as dealings, account_id, "
        "(select count(*) from marts.users where users.account_id = "
        "queue.account_id), (select count(*) from marts.sales_triggers as triggers "
        "where triggers.account_id = queue.account_id and priority != 'low') + (select count(*) "
        "from marts.score_transitions, (select max_by(active_score_model, built_at) as model "
        "from marts.builds) where level = 'account' and entity_id = queue.account_id "
        "and score_model = model) "
        "from marts.sales_queue as queue order by all desc limit 1"
    )
    assert min(users, signals, dealings) > 1
    name = f"accounts/{page_names([str(account_id)])[str(account_id)]}"
    monkeypatch.setitem(
        facts_module.ACCOUNTS, "people", facts_module.ACCOUNTS["people"].replace("<= 12", "<= 1")
    )
    for query in ("timeline", "dealings"):
        monkeypatch.setitem(
            facts_module.ACCOUNTS, query, facts_module.ACCOUNTS[query].replace("<= 15", "<= 1")
        )
    assert report(published, tmp_path / "site").returncode == 0
    text = (tmp_path / "site" / name).read_text()
    assert f"and {users - 1} more; <code>pls explain {account_id} --json</code> lists all" in text
    told = re.findall(r"and ([\d,]+) earlier, not shown", text)
    assert told == [f"{signals - 1:,}", f"{dealings - 1:,}"]
    shown = len(re.findall(r'class="when"', (whole / name).read_text()))
    hidden = re.findall(r"and ([\d,]+) earlier, not shown", (whole / name).read_text())
    assert shown + sum(map(int, hidden)) == signals + dealings


def test_signals_over_time_say_of_whom_they_are(published: Place, tmp_path: Path) -> None:
    [(account_id, user_ids)] = published.query(
        "select account_id, list_sort(list(distinct user_id))[:3] from marts.sales_triggers "
        "where trigger = 'user_hot' group by account_id having count(distinct user_id) > 2 "
        "order by account_id limit 1"
    )
    named, known, unknown = user_ids
    place = copied(
        published,
        tmp_path,
        f"update marts.sales_triggers set triggered_on = '2100-01-01', evidence = 'Hot' "
        f"where trigger = 'user_hot' and list_contains({user_ids}, user_id)",
        f"update marts.users set full_name = 'Ann Poe' where user_id = '{named}'",
        "update marts.users set full_name = null, email = 'bo@hidden.example' "
        f"where user_id = '{known}'",
        f"update marts.users set full_name = null, email = null where user_id = '{unknown}'",
    )
    name = page_names([str(account_id)])[str(account_id)]
    for arguments, address in (((), "bo@hidden.example"), (("--no-emails",), "…@hidden.example")):
        assert report(place, tmp_path / "site", *arguments).returncode == 0
        text = (tmp_path / "site" / "accounts" / name).read_text()
        for person in ("Ann Poe", address, unknown):
            assert f'User hot: Hot <span class="faint">{person}</span>' in text


def test_readiness_is_told_by_what_counts(published: Place, tmp_path: Path) -> None:
    place = copied(
        published,
        tmp_path,
        "update marts.pls_readiness set answer = 'no', answered_by = 'data', unit = 'usd', "
        "value = 82440, evidence = 'Yearly revenue: 82440.' where question_id = 'self_serve_arr'",
        "update marts.pls_readiness set answer = 'yes', answered_by = 'Kim', value = null, "
        "evidence = 'Two were lost.' where question_id = 'competitor_pressure'",
    )
    assert report(place, tmp_path / "site").returncode == 0
    text = (tmp_path / "site" / "index.html").read_text()
    for kind, title in pages.READINESS.items():
        [(met, asked)] = place.query(
            "select count(*) filter (where answer = 'yes'), count(*) "
            f"from marts.pls_readiness where kind = '{kind}'"
        )
        assert asked > 4
        assert f"<h3>{title}: {met} of {asked}</h3>" in text
    assert "82440" not in text
    assert 'class="num">82,440 USD</td>' in text
    assert 'class="num">1,000,000 USD</td>' in text
    assert "Yearly revenue of self-serve accounts that pay now</td>" in text
    assert "Two were lost.</td>" in text


def test_a_verdict_has_its_bound_beside_it(whole: Path) -> None:
    text = (whole / "index.html").read_text()
    bounds = {
        # A benchmark, an alarm, both and neither.
        "Leads accepted by sales": "30 % to 50 %",
        "Self-serve conversion against before": "alarm under -20 %, from 100 cases on",
        "Leads that paid within 60 days":
            "15 % to 30 %alarm under 10 % or over 40 %, from 20 cases on",
        "Sales-assisted deal": "no benchmark",
    }  # fmt: skip
    for name, bound in bounds.items():
        [row] = re.findall(rf'<tr>\s*<th scope="row"><span[^>]*>{name}</span>.*?</tr>', text, re.S)
        [cell] = re.findall(r'data-label="Benchmark">(.*?)</td>', row, re.S)
        assert re.sub(r"<[^>]*>", "", cell).strip() == bound


def test_why_now_says_of_when_it_is(published: Place, tmp_path: Path) -> None:
    (old,), (new,), *_ = published.query("select account_id from marts.sales_queue order by all")
    [(as_of,)] = published.query("select max(as_of_date) from marts.sales_queue")
    changes = [
        f"update marts.sales_queue set trigger_evidence = 'So it was', triggered_on = '{when}' "
        f"where account_id = '{account_id}'"
        for account_id, when in ((old, "2026-01-04"), (new, as_of))
    ]
    place = copied(published, tmp_path, *changes)
    assert report(place, tmp_path / "site").returncode == 0
    queue = (tmp_path / "site" / "queue.html").read_text()
    for account_id, reason in ((old, "So it was, 4 Jan 2026"), (new, "So it was")):
        name = page_names([str(account_id)])[str(account_id)]
        page = (tmp_path / "site" / "accounts" / name).read_text()
        assert f"<b>Why now:</b> {reason}</p>" in page
        assert f'data-reason="{reason}"' in queue
    assert queue.count("So it was, ") == 2  # on the page, and for its CSV


def test_names_of_pages_suit_every_file_system() -> None:
    ids = [*HOSTILE_IDS, "", ".", "..", "a" * 100, "a" * 101, "NUL", "acme.", "acme ", "com1.x"]
    names = page_names(ids)
    assert list(names) == ids
    assert len({name.lower() for name in names.values()}) == len(ids)
    for name in names.values():
        assert re.fullmatch(r"[a-z0-9][a-z0-9._-]*\.html", name) and len(name) <= 110
        assert name.split(".")[0] not in {"con", "prn", "aux", "nul", "com1", "lpt1"}
    assert not [name for name in names.values() if "secret" in name]


def test_nothing_published_is_one_line(tmp_path: Path) -> None:
    made = pls("report", "--project-dir", ROOT, "--db", tmp_path / "pls.duckdb")
    assert made.returncode == 2
    [line] = error_lines(made)
    assert "pls build" in line
    assert list(tmp_path.iterdir()) == []


def test_the_package_brings_templates_and_assets() -> None:
    package = resources.files("pls.report")
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    globs = config["package-data"]["pls.report"]
    assert "pls.report" in config["packages"]
    for folder, wanted in (
        ("templates", {"base", "parts", "index", "queue", "model", "health", "account"}),
        ("assets", {"report"}),
    ):
        files = [each.name for each in (package / folder).iterdir() if each.is_file()]
        assert {name.split(".")[0] for name in files} >= wanted
        uncovered = [
            name
            for name in files
            if not any(fnmatch.fnmatch(f"{folder}/{name}", glob) for glob in globs)
        ]
        assert uncovered == []
    assert set(site_module.ASSETS) == {each.name for each in (package / "assets").iterdir()}
