"""The report in a real browser: what is shown is right, can be narrowed and traced, and is text."""

import re
import time
from pathlib import Path
from typing import Any

import pytest
from made_news import HOSTILE, NOW, make_news
from made_page import OpenPage, check_figures, read_figures, write_page
from playwright.sync_api import Page, expect

from pipelines.report import Names

AXE = Path(__file__).parents[2] / "pipelines/page/assets/node_modules/axe-core/axe.min.js"

FILTERS = (
    "",
    "beneficiary=UKR&alliance=NATO",
    "alliance=-&sure=70",
    "stance=ratified",
    "stance=conditional&from=2023-01-01&to=2024-06-30&object=membership",
    "kind=block&search=hungary",
    "search=courts+REFORMED",
    "search=Türkiye's+'x",
    "search=example+courier&since=2024-01-01",
)


def settled(page: Page, act: Any) -> None:
    """Do something that narrows the page, and wait until it shows the outcome."""
    turn = page.evaluate("document.body.dataset.turn")
    act()
    page.wait_for_function("turn => document.body.dataset.turn !== turn", arg=turn)


@pytest.mark.parametrize("filters", FILTERS)
def test_each_figure_is_what_its_query_gives(
    open_page: OpenPage, report: str, data: Path, filters: str
) -> None:
    check_figures(data, open_page(f"{report}#{filters}"))


def test_a_file_without_room_for_all_says_so_and_counts_what_it_has(
    open_page: OpenPage, data: Path, names: Names, tmp_path: Path
) -> None:
    page = open_page(write_page(data, names, tmp_path / "small.html", limit=50))
    expect(page.locator("#limits")).to_contain_text("The newest 50 of 400 events are in this file")
    shown = {label: values for label, values, _ in read_figures(page)}
    assert shown["events"] == [50] and shown["events they report"] == [400]
    check_figures(data, page)
    # What a position began with is at hand even where it is not among the newest.
    page.get_by_role("button", name="Evidence of").last.click()
    expect(page.locator("#evidence mark")).to_be_visible()


def test_filters_narrow_everything_and_can_be_taken_back(open_page: OpenPage, report: str) -> None:
    page = open_page(report)
    before = page.locator("#events-count").inner_text()
    settled(page, lambda: page.get_by_label("Toward").select_option("SWE"))
    settled(page, lambda: page.locator("[name=stance]").select_option("oppose"))
    assert page.url.endswith("#beneficiary=SWE&stance=oppose")
    assert set(page.locator("#events td.beneficiary strong").all_inner_texts()) == {"Sweden"}
    assert set(page.locator("#ledger td.rung .stance").all_inner_texts()) <= {"oppose"}
    expect(page.locator("#standing-title")).to_have_text("Sweden: NATO membership")
    settled(page, lambda: page.get_by_role("button", name="Remove filter: oppose").click())
    settled(page, lambda: page.get_by_role("button", name="Clear filters").click())
    assert page.locator("#events-count").inner_text() == before
    # A kept address shows the same again.
    page.goto(f"{report}#beneficiary=MDA&sure=80")
    expect(page.locator("#standing-title")).to_contain_text("Moldova")
    assert all(int(one.split()[0]) >= 80 for one in page.locator("#events td.sure").all_inner_texts())


def test_search_finds_names_sentences_and_conditions(open_page: OpenPage, report: str) -> None:
    page = open_page(report)
    search = page.get_by_label("Search", exact=True)
    settled(page, lambda: search.fill("BULGARIA backed"))
    assert set(page.locator("#ledger td.actor").all_inner_texts()) <= {"Bulgaria"}
    assert page.locator("#events td.actor").first.inner_text() == "Bulgaria"
    settled(page, lambda: search.fill("nothing has these words"))
    expect(page.locator("#events .none")).to_have_text("No events under these filters.")
    expect(page.locator("#standing-title")).to_have_text("No positions under these filters")
    assert search.evaluate("e => e === document.activeElement")


def test_tables_are_sorted_and_paged(open_page: OpenPage, report: str) -> None:
    page = open_page(report)
    who = page.locator("#ledger").get_by_role("button", name="Who", exact=True)
    who.click()
    first = page.locator("#ledger td.actor").all_inner_texts()
    assert first == sorted(first) and page.locator("#ledger th[aria-sort=ascending]").count() == 1
    who.click()
    assert page.locator("#ledger td.actor").first.inner_text() > first[-1]
    assert (
        page.locator("#ledger")
        .get_by_role("button", name="Who", exact=True)
        .evaluate("e => e === document.activeElement")
    )
    page.locator("#events").get_by_role("button", name="Next").click()
    expect(page.locator("#events .pages span")).to_have_text("26 to 50 of 400")
    page.locator("#events").get_by_role("button", name="Sources", exact=True).click()
    expect(page.locator("#events .pages span")).to_have_text("1 to 25 of 400")
    assert page.locator("#events td.n_sources").first.inner_text().startswith("6 sources")


def test_evidence_stands_in_its_context(open_page: OpenPage, report: str) -> None:
    page = open_page(f"{report}#search=Bulgaria&stance=conditional")
    page.locator("#events").get_by_role("button", name="Evidence of Bulgaria").first.click()
    box = page.locator("#evidence")
    sentence = box.locator("mark").inner_text()
    assert sentence.startswith("Bulgaria ") and sentence.endswith(".")
    quote = box.locator("blockquote").inner_text()
    assert quote.startswith("Ministers met") and f"of them. {sentence}" in quote and "dinner" in quote
    source = box.get_by_role("link")
    assert source.get_attribute("href").startswith("https://news.example/")
    assert source.get_attribute("rel") == "noopener noreferrer"
    expect(box).to_contain_text("Confidence")
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    assert page.evaluate("document.activeElement.textContent").startswith("Evidence")


def test_map_shows_who_stands_where(open_page: OpenPage, report: str) -> None:
    page = open_page(f"{report}#beneficiary=UKR&alliance=NATO")
    counts = {
        rung: int(page.locator(f".tile.{rung} .number").inner_text())
        for rung in ("ratified", "support", "conditional", "oppose")
    }
    assert sum(counts.values()) > 15
    for rung, number in counts.items():
        assert page.locator(f"#map .marks .{rung}").count() == number
    assert (
        page.locator("#map svg.world")
        .get_attribute("aria-label")
        .startswith("Map of Ukraine, NATO membership")
    )
    before = page.locator("#map svg.world > g").get_attribute("transform")
    page.get_by_role("button", name="Closer").click()
    page.wait_for_function(
        "before => document.querySelector('#map svg.world > g').getAttribute('transform') !== before",
        arg=before,
    )
    name = page.locator("#who .name").first
    name.click()
    expect(page.locator("#evidence-title")).to_contain_text(name.inner_text())


def test_timeline_can_be_walked_and_narrows(open_page: OpenPage, report: str) -> None:
    page = open_page(report)
    last = page.locator("#timeline .bar[tabindex='0']")
    last.focus()
    page.keyboard.press("ArrowLeft")
    words = page.locator("#timeline .bin strong").inner_text()
    number = int(re.match(r"\d+", words)[0])
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").endswith(f": {number} events")
    settled(page, lambda: page.keyboard.press("Enter"))
    expect(page.locator("#events-count")).to_contain_text(f"{number} events")
    bars = page.locator("#timeline .bar").count()
    assert 1 < bars <= 31  # one month by days


def test_changes_are_counted_from_a_day_of_choice(open_page: OpenPage, report: str) -> None:
    page = open_page(report)
    few = page.locator("#changes strong").first.inner_text()
    settled(page, lambda: page.get_by_label("Changes since").fill("2024-06-01"))
    many = page.locator("#changes strong").first.inner_text()
    assert int(many.split()[0]) > int(few.split()[0])


def test_query_is_offered_for_copying(open_page: OpenPage, report: str) -> None:
    page = open_page(report, permissions=["clipboard-read", "clipboard-write"])
    button = page.locator("#events-count [data-figure=events]")
    button.click()
    sql = button.get_attribute("data-query")
    assert page.locator("#query textarea").input_value() == sql
    assert page.evaluate("navigator.clipboard.readText()") == sql
    page.locator("#query").get_by_role("button", name="Close").click()
    expect(page.locator("#query")).to_be_hidden()


def test_text_of_others_is_text(open_page: OpenPage, names: Names, tmp_path: Path) -> None:
    data = tmp_path / "data"
    make_news(data, 40, hostile=True)
    page = open_page(write_page(data, names, tmp_path / "hostile.html") + "#search=script")
    assert (
        page.locator("#events td.title bdi").first.inner_text().endswith(HOSTILE.replace("\u2028", "\u2028"))
    )
    page.locator("#events").get_by_role("button", name="Evidence of").first.click()
    assert page.locator("#evidence mark").inner_text().startswith(HOSTILE[:60])
    # Such an address is no link, and nothing of the text became an element or ran.
    assert page.locator("#evidence a").count() == 0
    assert page.locator("main script, main img, dialog img").count() == 0
    assert page.evaluate("window.broken") is None
    assert page.locator("#evidence bdi[dir=auto]").count() >= 2
    check_figures(data, page)


@pytest.mark.parametrize("width", [375, 1400])
def test_nothing_is_wider_than_the_window(open_page: OpenPage, report: str, width: int) -> None:
    page = open_page(report, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    cut = page.evaluate(
        "[...document.querySelectorAll('main td, main th, main button, main h2, main li, main p')]"
        ".filter(e => !e.closest('.unseen') && e.scrollWidth > e.clientWidth + 1)"
        ".filter(e => getComputedStyle(e).display !== 'inline')"
        ".map(e => e.outerHTML.slice(0, 120))"
    )
    assert cut == []


def test_theme_can_be_chosen(open_page: OpenPage, report: str) -> None:
    page = open_page(report, scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(ground)
    page.get_by_label("Theme").select_option("light")
    assert page.evaluate(ground) != dark
    page.get_by_label("Theme").select_option("dark")
    assert page.evaluate(ground) == dark
    page.reload()
    page.wait_for_selector("body[data-turn]")
    assert page.get_by_label("Theme").input_value() == "dark"


def test_keyboard_reaches_the_content_first(open_page: OpenPage, report: str) -> None:
    page = open_page(report)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize("width", [375, 1400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(
    open_page: OpenPage, names: Names, tmp_path: Path, width: int, scheme: str
) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not there: make axe")
    make_news(tmp_path / "data", 26)  # more than a page of a table holds
    address = write_page(tmp_path / "data", names, tmp_path / "report.html")
    page = open_page(f"{address}#sure=5", width=width, scheme=scheme, bypass_csp=True)
    page.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true; })")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert serious(page) == []
    page.locator("#events").get_by_role("button", name="Evidence of").first.click()
    assert serious(page) == []


def serious(page: Page) -> list[str]:
    found = page.evaluate("axe.run()")["violations"]
    return [
        f"{one['id']}: {[node['html'][:160] for node in one['nodes'][:3]]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


def test_ten_thousand_events_are_quick(open_page: OpenPage, names: Names, tmp_path: Path) -> None:
    data = tmp_path / "data"
    make_news(data, 10_000)
    address = write_page(data, names, tmp_path / "large.html")
    started = time.monotonic()
    page = open_page(address)
    loaded = time.monotonic() - started
    took = page.evaluate(
        """async () => {
            const times = [];
            for (const hash of ["search=courts", "beneficiary=UKR", "search=", "stance=oppose&sure=60"]) {
                const turn = document.body.dataset.turn, start = performance.now();
                location.hash = hash;
                while (document.body.dataset.turn === turn) await new Promise((done) => setTimeout(done, 5));
                times.push(Math.round(performance.now() - start));
            }
            return times;
        }"""
    )
    print(f"\n10,000 events: {Path(tmp_path / 'large.html').stat().st_size / 1e6:.1f} MB, shown after "
          f"{loaded:.2f} s, filters {took} ms")  # fmt: skip
    assert loaded < 10 and max(took) < 2_000
    assert str(NOW.year) in page.locator("#made").inner_text()
