"""The pages of `pls report` in a browser: they filter, are inert, reachable and load nothing."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from conftest import ROOT, Place, pls
from pls.report import pages
from pls.report.rendering import page_names
from report_data import (
    HOSTILE_IDS,
    HOSTILE_OWNER,
    HOSTILE_TEXTS,
    SPARSE,
    multiply,
    spoil,
    spread,
)

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium is installed (apt-get install chromium)"
)

SORTED_BY = {
    "rank": "queue_position",
    "account": "company_name",
    "score": "score",
    "fit": "fit_score",
    "usage": "score - fit_score - intent_score",
    "intent": "intent_score",
    "reason": None,
    "contact": None,
    "ownername": "owner_name",
    "due": "due_by",
}
"""What each column of the queue is sorted by; None is known only to the page."""

TELEPHONE = {"width": 375, "height": 720}
"""The window of the narrowest reader."""


@dataclass(frozen=True)
class Site:
    """A written site and the database it was made of."""

    folder: Path
    place: Place

    def url(self, page: str) -> str:
        """Give the address of a page, as `queue` or `accounts/x.html`."""
        return (self.folder / (page if "." in page else f"{page}.html")).as_uri()

    def account(self, account_id: str) -> str:
        return f"accounts/{page_names([account_id])[account_id]}"

    def ids(self, condition: str = "true") -> list[str]:
        """List accounts of the queue, in its order."""
        found = self.place.query(
            "select account_id from marts.sales_queue as queue "
            f"left join marts.account_dossiers as dossiers using (account_id) where {condition} "
            "order by queue_position"
        )
        return [str(account_id) for (account_id,) in found]


@pytest.fixture(scope="module")
def site(company: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site of accounts as they are and hostile ones."""
    folder = tmp_path_factory.mktemp("site")
    db = multiply(company.db, folder / "pls.duckdb", 4)
    spread(db)
    spoil(db)
    (folder / "pls_target").mkdir()
    shutil.copy(company.db.parent / "pls_target" / "manifest.json", folder / "pls_target")
    place = Place(ROOT, company.raw, db)
    made = pls("report", *place.where, "--account", SPARSE)
    assert made.returncode == 0, made.stderr
    yield Site(folder / "report", place)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright's own server must not ask what its registry has to offer.
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Visits:
    """Opens pages, and remembers whatever none of them may do."""

    browser: Browser
    site: Site
    contexts: list[BrowserContext] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def context(self, **options: Any) -> BrowserContext:
        context = self.browser.new_context(
            **{"locale": "en-GB", "timezone_id": "UTC", "color_scheme": "light", **options}
        )
        context.set_default_timeout(20_000)
        self.contexts.append(context)
        context.on("request", lambda request: self._check_request(request.url))
        context.on("page", self._watch)
        return context

    def open(self, page: str, **options: Any) -> Page:
        opened = self.context(**options).new_page()
        opened.goto(self.site.url(page))
        return opened

    def _watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("console", self._check_message)
        page.on("dialog", self._dismiss)

    def _check_request(self, url: str) -> None:
        if not url.startswith(("file:", "data:", "blob:")):
            self.complaints.append(f"request: {url}")

    def _check_message(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    def _dismiss(self, dialog: Any) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()


@pytest.fixture
def visits(browser: Browser, site: Site) -> Iterator[Visits]:
    visits = Visits(browser, site)
    yield visits
    for context in visits.contexts:
        context.close()
    assert visits.complaints == []


def shown(page: Page) -> list[str]:
    """List the accounts of the queue that can be seen, in order."""
    return page.eval_on_selector_all(
        "#queue tbody tr", "rows => rows.filter(r => r.checkVisibility()).map(r => r.dataset.id)"
    )


def widths(page: Page) -> tuple[int, int]:
    return tuple(page.evaluate("[document.documentElement.scrollWidth, innerWidth]"))


def html_files(site: Site) -> list[Path]:
    return [path for path in sorted(site.folder.rglob("*.html")) if path.name != "docs.html"]


# ---- the queue


def test_the_queue_shows_everything_in_its_order(visits: Visits, site: Site) -> None:
    page = visits.open("queue")
    assert shown(page) == site.ids()
    assert len(site.ids()) == 32
    assert page.inner_text("#found") == "32 accounts"
    assert page.get_attribute("th:has([data-sort=rank])", "aria-sort") == "ascending"


@pytest.mark.parametrize(
    ("name", "column", "value"),
    [
        ("owner", "owner_id", "rep_02"),
        ("tier", "tier_name", "Enterprise"),
        ("segment", "segment", "mid_market"),
        ("play", "play", "expansion"),
        ("priority", "priority", "high"),
        ("status", "status", "waiting_for_capacity"),
    ],
)
def test_each_filter_leaves_its_rows(
    visits: Visits, site: Site, name: str, column: str, value: str
) -> None:
    page = visits.open("queue")
    page.select_option(f"[name={name}]", value)
    wanted = site.ids(f"queue.{column} = '{value}'")
    assert 0 < len(wanted) < 32
    assert shown(page) == wanted
    assert page.inner_text("#found").startswith(f"{len(wanted)} account")


def test_rows_of_nobody_can_be_asked_for(visits: Visits, site: Site) -> None:
    page = visits.open("queue")
    page.select_option("[name=owner]", "-")
    assert shown(page) == site.ids("owner_id is null") != []


def test_filters_add_up(visits: Visits, site: Site) -> None:
    page = visits.open("queue")
    page.select_option("[name=play]", "expansion")
    page.select_option("[name=priority]", "high")
    wanted = site.ids("play = 'expansion' and priority = 'high'")
    assert 0 < len(wanted) < len(site.ids("play = 'expansion'"))
    assert shown(page) == wanted


VIEWS = {
    "Mine, due today": "due_by <= queue.as_of_date",
    "New this week": "entered_on > queue.as_of_date - 7",
    "Gone quiet": "active_users_7d = 0",
    "Waiting for capacity": "status = 'waiting_for_capacity'",
}


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_leaves_its_rows(visits: Visits, site: Site, view: str) -> None:
    page = visits.open("queue")
    page.get_by_role("radio", name=view).check()
    wanted = site.ids(VIEWS[view])
    assert 0 < len(wanted) < 32
    assert shown(page) == wanted


def test_mine_is_of_the_owner_who_is_chosen(visits: Visits, site: Site) -> None:
    page = visits.open("queue")
    page.get_by_role("radio", name="Mine, due today").check()
    assert "choose yourself" in page.inner_text("#found")
    page.select_option("[name=owner]", "rep_03")
    assert "choose yourself" not in page.inner_text("#found")
    wanted = site.ids("owner_id = 'rep_03' and due_by <= queue.as_of_date")
    assert shown(page) == wanted != []


def test_search_finds_words_in_any_order(visits: Visits, site: Site) -> None:
    page = visits.open("queue")
    name = str(
        site.place.query("select company_name from marts.sales_queue where queue_position = 1")[0][
            0
        ]
    )
    page.fill("[name=search]", " ".join(reversed(name.upper().split())))
    found = shown(page)
    assert site.ids()[0] in found and len(found) < 32


def test_nothing_found_says_so_and_clear_brings_all_back(visits: Visits) -> None:
    page = visits.open("queue")
    page.select_option("[name=tier]", "Enterprise")
    page.fill("[name=search]", "no such account")
    assert shown(page) == []
    assert page.is_visible("#none") and not page.is_visible("#queue")
    assert page.inner_text("#found") == "0 accounts"
    page.click("#clear")
    page.wait_for_selector("#none", state="hidden")
    assert len(shown(page)) == 32
    assert page.input_value("[name=search]") == "" and page.input_value("[name=tier]") == ""


def test_the_owner_is_remembered_until_cleared(visits: Visits, site: Site) -> None:
    page = visits.open("queue")
    page.select_option("[name=owner]", "rep_04")
    page.reload()
    assert page.input_value("[name=owner]") == "rep_04"
    assert shown(page) == site.ids("owner_id = 'rep_04'")
    page.click("button[type=reset]")
    page.reload()
    assert page.input_value("[name=owner]") == "" and len(shown(page)) == 32


def test_an_owner_who_is_gone_is_forgotten(visits: Visits) -> None:
    page = visits.open("queue")
    page.evaluate("localStorage.setItem('pls-owner', 'rep_of_old')")
    page.reload()
    assert len(shown(page)) == 32


@pytest.mark.parametrize("key", SORTED_BY)
def test_each_column_sorts_both_ways(visits: Visits, site: Site, key: str) -> None:
    page = visits.open("queue")
    head = page.locator(f"th:has([data-sort={key}])")
    button = head.locator("button")
    orders = {}
    for _ in range(2):
        button.click()
        orders[str(head.get_attribute("aria-sort"))] = shown(page)
        assert page.locator("th[aria-sort]").count() == 1
    assert set(orders) == {"ascending", "descending"}
    up, down = orders["ascending"], orders["descending"]
    assert sorted(up) == sorted(down) == sorted(site.ids())
    column = SORTED_BY[key]
    if column is None:
        values = page.eval_on_selector_all(
            "#queue tbody tr", f"rows => rows.map(r => [r.dataset.id, r.dataset.{key}])"
        )
    else:
        values = site.place.query(f"select account_id, {column} from marts.sales_queue")
    # Letter case and signs order differently from one collation to the next.
    of = {str(row[0]): row[1] for row in values}
    plain = [
        account_id
        for account_id in up
        if not isinstance(of[account_id], str) or re.fullmatch(r"[A-Za-z0-9 ]+", of[account_id])
    ]
    known = [account_id for account_id in plain if of[account_id] not in (None, "")]
    sort_key: Callable[[str], Any] = lambda account_id: (  # noqa: E731
        of[account_id].lower() if isinstance(of[account_id], str) else of[account_id]
    )
    kept = [account_id for account_id in up if account_id in known]
    assert [sort_key(each) for each in kept] == sorted(map(sort_key, known))
    kept = [account_id for account_id in down if account_id in known]
    assert [sort_key(each) for each in kept] == sorted(map(sort_key, known), reverse=True)
    # Who has no value comes last, whichever way.
    empty = {account_id for account_id in up if of[account_id] in (None, "")}
    assert set(up[len(up) - len(empty) :]) == set(down[len(down) - len(empty) :]) == empty


def test_the_csv_is_what_is_shown(visits: Visits, site: Site) -> None:
    page = visits.open("queue", accept_downloads=True)
    page.select_option("[name=priority]", "medium")
    page.click("[data-sort=score]")
    wanted = shown(page)
    with page.expect_download() as download:
        page.click("#csv")
    assert download.value.suggested_filename == "queue.csv"
    text = Path(download.value.path()).read_bytes().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    assert [unguarded(row["account_id"]) for row in rows] == wanted != site.ids()
    assert len(wanted) > 5
    columns = ["company_name", "owner_id", "play", "priority", "contact_email", "segment"]
    for row in rows:
        [values] = site.place.query(
            f"select {', '.join(columns)}, score, due_by from marts.sales_queue "
            f"where account_id = {literal(unguarded(row['account_id']))}"
        )
        told = [unguarded(row[name]) for name in [*columns, "score", "due_by"]]
        assert told == ["" if value is None else str(value) for value in values]


def test_no_cell_of_the_csv_is_a_formula(visits: Visits) -> None:
    page = visits.open("queue", accept_downloads=True)
    with page.expect_download() as download:
        page.click("#csv")
    text = Path(download.value.path()).read_bytes().decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text, newline=""), strict=True) for cell in row]
    risky = [cell for cell in cells if re.match(r"[=+\-@\t\r]", cell)]
    assert [cell for cell in risky if not re.fullmatch(r"-?\d+(\.\d+)?", cell)] == []
    for formula in (text for text in HOSTILE_TEXTS if text[0] in "=+-@\t"):
        assert f"'{formula}" in cells


def unguarded(cell: str) -> str:
    return cell[1:] if re.match(r"'[=+\-@\t\r]", cell) else cell


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def test_of_a_long_queue_the_first_rows_are_laid_out(
    visits: Visits, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "ROWS_FIRST", 10)
    made = pls("report", *site.place.where, "--no-docs", "--to", tmp_path / "site")
    assert made.returncode == 0, made.stderr
    page = Visits(visits.browser, Site(tmp_path / "site", site.place), visits.contexts).open(
        "queue"
    )
    assert shown(page) == site.ids()[:10]
    assert page.inner_text("#found") == "32 accounts"
    page.click("[data-sort=rank]")
    assert shown(page) == site.ids()[:-11:-1]
    page.click("#more button")
    assert shown(page) == site.ids()[::-1]
    # Whoever is faster than the page finds, sorts and takes home all of it, too.
    page.reload()
    page.evaluate("document.querySelector('[data-sort=rank]').click()")
    assert shown(page) == site.ids()[:-11:-1]
    page = visits.context(java_script_enabled=False).new_page()
    page.goto((tmp_path / "site" / "queue.html").as_uri())
    assert page.locator(".wide tbody tr:visible").count() == 32


# ---- nothing of the data acts


def test_hostile_texts_are_only_shown(visits: Visits, site: Site) -> None:
    page = visits.open("queue")
    assert page.evaluate("window.bad") is None
    names = page.eval_on_selector_all(
        "#queue td[data-label=Account] a", "links => links.map(link => link.textContent)"
    )
    for text in ("<script>window.bad=1</script>", "{{ 7 * 7 }}{% raw %}", "&lt;b&gt;, &amp;"):
        assert text in names
    # No text turns what follows it round.
    assert "evil turned" in names and "\u202e" not in page.inner_text("main")
    assert page.locator("#queue img, #queue script, main script").count() == 0
    assert HOSTILE_OWNER in page.locator("[name=owner]").inner_text()


@pytest.mark.parametrize("account_id", HOSTILE_IDS, ids=lambda text: text[:20])
def test_pages_of_hostile_accounts_are_inert(visits: Visits, site: Site, account_id: str) -> None:
    page = visits.open(site.account(account_id))
    assert page.evaluate("window.bad") is None
    assert page.locator("main script, main img, main iframe").count() == 0
    schemes = page.eval_on_selector_all("a[href]", "links => links.map(link => link.protocol)")
    assert set(schemes) == {"file:"}
    place = HOSTILE_IDS.index(account_id)
    title = " ".join(HOSTILE_TEXTS[place].replace("\u202e", "").replace("\u2066", "").split())
    assert " ".join(page.inner_text("h1").split()) == title
    assert page.locator("main [style], main [onclick], main [onerror]").count() == 0


def test_every_account_of_the_queue_opens_its_page(visits: Visits, site: Site) -> None:
    page = visits.open("queue")
    links = page.eval_on_selector_all(
        "#queue tbody tr", "rows => rows.map(r => [r.dataset.id, r.querySelector('a').href])"
    )
    assert [account_id for account_id, _ in links] == site.ids()
    for account_id, href in links:
        assert Path(unquote(urlsplit(href).path)) == site.folder / site.account(account_id)
    assert len({href.lower() for _, href in links}) == 32


class References(HTMLParser):
    """Collects what a page refers to, and the anchors it has."""

    def __init__(self) -> None:
        super().__init__()
        self.references: list[str] = []
        self.anchors: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src"):
                self.references.append(value or "")
            elif name == "id":
                self.anchors.append(value or "")


def test_all_links_lead_somewhere(site: Site) -> None:
    read: dict[Path, References] = {}
    for path in html_files(site):
        read[path] = References()
        read[path].feed(path.read_text(encoding="utf-8"))
    followed = 0
    for path, found in read.items():
        assert len(found.anchors) == len(set(found.anchors)), path
        for reference in found.references:
            parts = urlsplit(reference)
            if parts.scheme == "data":
                continue
            assert not parts.scheme and not parts.netloc, (path, reference)
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.is_file(), (path, reference)
            anchor = unquote(parts.fragment)
            assert not anchor or anchor in read[target].anchors, (path, reference)
            followed += 1
    assert followed > 1000


def test_no_page_loads_or_complains_of_anything(visits: Visits, site: Site) -> None:
    page = visits.context().new_page()
    tops = [path for path in html_files(site) if path.parent == site.folder]
    assert {path.stem for path in tops} == {"index", "queue", "model", "health"}
    for path in [*tops, site.folder / "docs.html", *html_files(site)[:5]]:
        page.goto(path.as_uri(), wait_until="networkidle")
    visits.complaints[:] = [
        complaint for complaint in visits.complaints if not is_of_dbt(complaint)
    ]


def is_of_dbt(complaint: str) -> bool:
    """Tell what dbt's own page says to the console; what it asks for counts all the same."""
    return "docs.html" in complaint and not complaint.startswith("request")


# ---- pages for everybody


def test_the_opening_line_is_copied(visits: Visits, site: Site) -> None:
    context = visits.context()
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(site.url(site.account(site.ids()[0])))
    page.click("[data-copy=opening]")
    page.get_by_text("Copied", exact=True).wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == page.text_content("#opening")


def test_without_the_clipboard_the_line_is_selected(visits: Visits, site: Site) -> None:
    page = visits.open(site.account(site.ids()[0]))
    page.evaluate("navigator.clipboard.writeText = () => Promise.reject(new Error('denied')); 0")
    page.click("[data-copy=opening]")
    page.get_by_text("Press Ctrl").wait_for()
    assert page.evaluate("getSelection().toString()") == page.text_content("#opening")


def focused(page: Page) -> str:
    return str(
        page.evaluate(
            "(e => e.id || e.name || e.dataset.sort || e.textContent.trim())"
            "(document.activeElement)"
        )
    )


def tab_to(page: Page, wanted: str) -> None:
    """Go forward by the keyboard alone until something has the focus."""
    seen = []
    for _ in range(80):
        page.keyboard.press("Tab")
        seen.append(focused(page))
        if seen[-1] == wanted:
            return
    pytest.fail(f"{wanted} is not reached: {seen}")


def test_the_keyboard_alone_is_enough(visits: Visits, site: Site) -> None:
    page = visits.open("queue")
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the content"
    box = page.locator(".skip").bounding_box()
    assert box is not None and box["x"] >= 0
    page.keyboard.press("Enter")
    assert focused(page) == "main"
    tab_to(page, "view")
    page.keyboard.press("ArrowRight")
    assert shown(page) == site.ids(VIEWS["Mine, due today"])
    page.keyboard.press("ArrowLeft")
    tab_to(page, "tier")
    page.keyboard.type("Enterprise")
    wanted = site.ids("queue.tier_name = 'Enterprise'")
    assert shown(page) == wanted
    tab_to(page, "score")
    page.keyboard.press("Enter")
    assert page.get_attribute("th:has([data-sort=score])", "aria-sort") == "ascending"
    assert shown(page) != wanted
    first = shown(page)[0]
    tab_to(page, page.locator("#queue tbody tr:not([hidden]) a").first.inner_text().strip())
    page.keyboard.press("Enter")
    page.wait_for_url(site.url(site.account(first)))


@pytest.fixture
def looked_at(site: Site) -> dict[str, str]:
    """The pages that every look takes in: each kind, and accounts rich, sparse and hostile."""
    accounts = {
        "rich": site.account(site.ids()[0]),
        "sparse": site.account(SPARSE),
        "long": site.account(HOSTILE_IDS[HOSTILE_TEXTS.index("W" * 300)]),
        "hostile": site.account(HOSTILE_IDS[0]),
    }
    return {**{name: name for name in ("index", "queue", "model", "health")}, **accounts}


def test_no_page_is_wider_than_a_telephone(visits: Visits, looked_at: dict[str, str]) -> None:
    page = visits.context(viewport=TELEPHONE).new_page()
    too_wide = {}
    for name, address in looked_at.items():
        page.goto(visits.site.url(address))
        wide, there = widths(page)
        if wide > there:
            too_wide[name] = wide
    assert too_wide == {}


@pytest.mark.parametrize("name", ["index", "queue", "model", "health", "rich", "long"])
def test_cards_of_a_telephone_hold_what_they_show(
    visits: Visits, looked_at: dict[str, str], name: str
) -> None:
    page = visits.open(looked_at[name], viewport=TELEPHONE)
    page.eval_on_selector_all("details.part", "all => all.forEach(each => each.open = true)")
    assert page.locator(".cards-when-narrow td:visible").count() > 20
    assert page.locator(".roomy:visible").count() == 0
    # Whatever has no label says nothing; whatever runs over the edge is not to be read.
    assert page.locator(".cards-when-narrow td:not([data-label]):visible").count() == 0
    beyond = page.eval_on_selector_all(
        ".cards-when-narrow :is(tbody, tfoot) tr *",
        "all => all.filter(each => each.checkVisibility() && !each.closest('.hidden, svg')"
        " && each.getBoundingClientRect().right"
        " > each.closest('tr').getBoundingClientRect().right)"
        ".map(each => each.outerHTML.slice(0, 100))",
    )
    assert beyond == []
    stretched = page.eval_on_selector_all(
        ".cards-when-narrow td > .chip",
        "chips => chips.filter(chip => chip.getBoundingClientRect().width > 200)"
        ".map(chip => chip.textContent)",
    )
    assert stretched == []
    # Only numbers behind a fold may have to be scrolled sideways.
    cut = page.eval_on_selector_all(
        ".wide",
        "all => all.filter(each => each.checkVisibility() && each.scrollWidth > each.clientWidth)"
        ".map(each => each.getAttribute('aria-label'))",
    )
    assert cut == []


def test_dark_and_light_are_the_readers_choice(visits: Visits) -> None:
    found = {}
    for scheme in ("light", "dark"):
        page = visits.open("queue", color_scheme=scheme)
        found[scheme] = page.evaluate(
            "['backgroundColor', 'color'].map(name => "
            "getComputedStyle(document.documentElement)[name].match(/\\d+/g)"
            ".slice(0, 3).reduce((sum, part) => sum + +part, 0))"
        )
    assert found["light"][0] > 600 > 300 > found["light"][1]
    assert found["dark"][0] < 150 < 500 < found["dark"][1]


def test_a_printed_dossier_is_its_content_alone(visits: Visits, site: Site) -> None:
    page = visits.open(site.account(site.ids()[0]))
    chrome = ["nav", "button", ".skip", ".crumbs", "footer"]
    assert page.is_visible("nav") and page.is_visible("[data-print]")
    page.emulate_media(media="print")
    assert [name for name in chrome if page.locator(f"{name}:visible").count()] == []
    assert page.is_visible("h1") and page.is_visible("table.parts") and page.is_visible("#opening")
    assert page.is_visible(".fresh")


RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
    "resultTypes": ["violations"],
    # It would fetch the style sheet once more, which no page may.
    "preload": False,
}

LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "narrow": {"viewport": TELEPHONE},
}


@pytest.mark.parametrize("look", LOOKS)
def test_nobody_is_kept_out(visits: Visits, looked_at: dict[str, str], look: str) -> None:
    page = visits.context(**LOOKS[look]).new_page()
    violations = []
    for name, address in looked_at.items():
        if name == "long":
            continue  # made of what the others are made of
        page.goto(visits.site.url(address))
        found = Axe().run(page, options=RULES).response
        assert found["testEngine"]["name"] == "axe-core"
        violations += [
            (name, violation["id"], node["html"][:200])
            for violation in found["violations"]
            for node in violation["nodes"][:3]
        ]
    assert violations == []


@pytest.mark.parametrize("page_name", ["queue", "account"])
def test_pages_are_read_without_javascript(visits: Visits, site: Site, page_name: str) -> None:
    best = site.ids()[0]
    address = "queue" if page_name == "queue" else site.account(best)
    page = visits.open(address, java_script_enabled=False)
    name, score, line = site.place.query(
        f"select company_name, score, opening_line from marts.sales_queue "
        f"where account_id = {literal(best)}"
    )[0]
    text = page.inner_text("main")
    assert str(name) in text and f"{score:,}" in text
    if page_name == "queue":
        assert page.locator("#queue tbody tr:visible").count() == 32
    else:
        assert str(line) in text


def test_the_age_of_the_data_is_told(visits: Visits, site: Site) -> None:
    page = visits.open("index")
    built = site.place.query("select max(built_at) from marts.builds")[0][0]
    context = visits.context()
    later = context.new_page()
    later.clock.set_fixed_time(f"{built:%Y-%m-%d}T00:00:00Z")
    later.goto(site.url("index"))
    assert "days ago" not in later.inner_text(".fresh")
    later.clock.set_fixed_time(built.replace(year=built.year + 1).isoformat() + "Z")
    later.goto(site.url("index"))
    assert "(365 days ago)" in later.inner_text(".fresh")
    assert page.locator("time[data-age]").count() == 1
