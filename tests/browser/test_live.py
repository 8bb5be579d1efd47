"""The live page in a real browser: the same as a file, and new when a batch is committed, filters and all."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from made_news import NOW, make_news
from made_page import SINCE, OpenPage, check_figures, read_figures, write_page
from playwright.sync_api import Page, expect

from pipelines.loopback import serve_loopback
from pipelines.report import Names
from pipelines.serve import LiveTables, answer_with


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    make_news(tmp_path / "data", 120)
    return tmp_path / "data"


@pytest.fixture
def tables(fresh: Path, names: Names) -> LiveTables:
    return LiveTables(fresh, names, SINCE, lambda: NOW)


@pytest.fixture
def address(tables: LiveTables, names: Names) -> Iterator[str]:
    with serve_loopback("--port", 0, answer_with(tables, names)) as port:
        yield f"http://127.0.0.1:{port}/"


def rows(page: Page) -> list[str]:
    return page.locator(
        "#ledger tbody tr, #events tbody tr, #changes li, #who button, #timeline .bar"
    ).evaluate_all("all => all.map(e => e.textContent + (e.getAttribute('aria-label') ?? ''))")


@pytest.mark.parametrize(
    "filters", ["", "beneficiary=UKR&sure=60", "search=reforms+moldova", "stance=oppose&from=2023-05-01"]
)
def test_live_page_shows_what_a_file_shows(
    open_page: OpenPage, fresh: Path, names: Names, address: str, filters: str, tmp_path: Path
) -> None:
    live = open_page(f"{address}#{filters}")
    file = open_page(f"{write_page(fresh, names, tmp_path / 'page.html')}#{filters}")
    assert read_figures(live) == read_figures(file)
    assert rows(live) == rows(file)
    check_figures(fresh, live)
    live.locator("#ledger").get_by_role("button", name="Sources", exact=True).click()
    live.wait_for_selector("#ledger th.n_sources[aria-sort=descending]")
    file.locator("#ledger").get_by_role("button", name="Sources", exact=True).click()
    assert (
        live.locator("#ledger td.n_sources").all_inner_texts()
        == file.locator("#ledger td.n_sources").all_inner_texts()
    )


def test_commits_are_shown_and_filters_stay(
    open_page: OpenPage, fresh: Path, tables: LiveTables, address: str
) -> None:
    page = open_page(f"{address}#beneficiary=UKR")
    before = page.locator("#events-count").inner_text()
    page.locator("#events").get_by_role("button", name="Evidence of").first.click()
    expect(page.locator("#evidence mark")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_label("Search", exact=True).fill("Ukraine")
    make_news(fresh, 60, first=120, seed=3)
    assert tables.refresh()
    started = time.monotonic()
    expect(page.locator("#said")).to_have_text("New data has come in.", timeout=10_000)
    assert time.monotonic() - started < 10
    assert page.locator("#events-count").inner_text() != before
    assert page.locator("[name=beneficiary]").input_value() == "UKR"
    assert page.get_by_label("Search", exact=True).input_value() == "Ukraine"
    assert page.locator("#events td.beneficiary strong").first.inner_text() == "Ukraine"
