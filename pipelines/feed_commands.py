"""`feeds check|import|export|status`: lists of feeds, and how those that are followed are doing."""

import asyncio
import os
import sys
import time
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from pipelines.command import DONE, WITH_ERRORS
from pipelines.feed_cursor import start_cursor
from pipelines.feed_poll import open_desk, poll_feed
from pipelines.fetch_settings import FetchSettings
from pipelines.query import Result
from pipelines.settings import load_settings
from pipelines.state import PollReport, read_state
from transforms.articles import ArticleSettings
from transforms.feed_list import Layout, ListedFeed, merge_feeds, read_feed_list, write_feed_list
from transforms.storage import write_durably

_COLUMNS = ("feed", "outlet", "answer", "entries", "newest")


def check_feeds(options: Namespace) -> tuple[Result, int]:
    """`feeds check`: asks each feed of a list once → how it answers; 1 where one can't be read."""
    loaded = load_settings(options.config, os.environ)
    feeds = read_feed_list(options.feeds.read_bytes(), str(options.feeds))
    settings = loaded.settings
    articles = ArticleSettings(
        furniture=settings.furniture, languages=settings.languages, limits=settings.pages
    )
    reports = asyncio.run(_ask(feeds, settings.fetch, articles))
    rows = tuple(_checked(feed, report) for feed, report in zip(feeds, reports, strict=True))
    fine = all(report.result.outcome in ("read", "unchanged") for report in reports)
    return Result(columns=_COLUMNS, rows=rows), DONE if fine else WITH_ERRORS


async def _ask(
    feeds: Sequence[ListedFeed], settings: FetchSettings, articles: ArticleSettings
) -> list[PollReport]:
    async with open_desk(settings, articles) as desk:
        unknown = [start_cursor(feed, settings.policy).feed for feed in feeds]
        return await asyncio.gather(*(poll_feed(desk, feed, time.time()) for feed in unknown))


def _checked(feed: ListedFeed, report: PollReport) -> tuple[object, ...]:
    dates = [item.published_at for item in report.items if item.published_at]
    status = report.status.splitlines()[-1] if report.status else ""
    if report.feed.address != feed.url:
        status += f", now at {report.feed.address}"
    return feed.url, feed.outlet, status, report.result.entries, max(dates, default=None)


def import_feeds(options: Namespace) -> int:
    """`feeds import`: what another list has and ours has not is added to ours."""
    added = read_feed_list(options.list.read_bytes(), str(options.list))
    known: tuple[ListedFeed, ...] = ()
    if options.feeds.exists():
        known = read_feed_list(options.feeds.read_bytes(), str(options.feeds))
    merged = merge_feeds(known, added)
    write_durably(options.feeds, write_feed_list(merged, _layout_of(options.feeds)).encode())
    print(f"{options.feeds}: {len(merged)} feeds, {len(merged) - len(known)} of them new")
    return DONE


def export_feeds(options: Namespace) -> int:
    """`feeds export`: a list in the layout asked for, on standard output."""
    feeds = read_feed_list(options.feeds.read_bytes(), str(options.feeds))
    sys.stdout.write(write_feed_list(feeds, options.format))
    return DONE


def _layout_of(path: Path) -> Layout:
    layouts: dict[str, Layout] = {".csv": "csv", ".txt": "txt"}
    return layouts.get(path.suffix.lower(), "opml")


def list_status(options: Namespace) -> Result:
    """`feeds status`: data folder → how the feeds that are followed into it are doing, the worst first."""
    columns = ("feed", "state", "last success", "last new", "interval", "failures", "items", "answer")
    with closing(read_state(options.data)) as state:
        found = state.execute(
            "SELECT url, CASE WHEN retired THEN 'retired' WHEN failures > 0 THEN 'failing'"
            " WHEN last_poll IS NULL THEN 'new' ELSE 'well' END, last_success, last_new, interval, failures,"
            " items, status FROM feeds WHERE listed ORDER BY retired DESC, failures DESC, last_new, url"
        )
        return Result(columns=columns, rows=tuple(_status_rows(found)))


def _status_rows(found: Iterator[tuple[object, ...]]) -> Iterator[tuple[object, ...]]:
    for url, state, success, new, interval, failures, items, status in found:
        words = str(status).strip().splitlines()
        last = words[-1] if words else ""
        wait = f"{round(float(str(interval)) / 60)} min"
        yield url, state, _moment(success), _moment(new), wait, failures, items, last


def _moment(seconds: object) -> datetime | None:
    return datetime.fromtimestamp(float(str(seconds)), UTC) if seconds is not None else None
