"""Data folder → a report of it on disk; and what its figures say."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from made_news import NOW

from pipelines.query import with_tables
from pipelines.report import Names, Since, gather_report
from pipelines.report_page import render_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

SINCE = datetime(2025, 2, 10, tzinfo=UTC)

#: Opens an address in a window of a size and theme.
OpenPage = Callable[..., "Page"]


def write_page(data: Path, names: Names, out: Path, limit: int = 10_000) -> str:
    """Data folder → the address of a report of it."""
    since = Since(moment=SINCE, basis="as asked")
    report = with_tables(data, lambda ask: gather_report(ask, names, NOW, since, limit))
    out.write_text(render_page({"mode": "file", **report}), encoding="utf-8")
    return out.as_uri()


def read_figures(page: "Page") -> list[tuple[str, list[Any], str]]:
    """Page → each figure in it: what it is called, its values, its query."""
    found = page.evaluate(
        "[...document.querySelectorAll('[data-figure]')]"
        ".map(e => [e.dataset.figure, e.dataset.values, e.dataset.query])"
    )
    return [(label, json.loads(values), sql) for label, values, sql in found]


def check_figures(data: Path, page: "Page") -> None:
    """Every figure of a page is what its query gives."""
    shown = read_figures(page)
    assert len(shown) > 5

    def check(ask: Any) -> None:
        for label, values, sql in shown:
            assert list(ask(sql).rows[0])[: len(values)] == values, (label, sql)

    with_tables(data, check)
