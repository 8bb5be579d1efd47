"""Feeds that are due → items in the state: the part of a continuous run that talks to the network.

Runs in a thread of its own, with its own connection to the state; the batches are made elsewhere. It sees to
it that what was read and the validators it was read with are recorded together, some reports in each
transaction.
"""

import asyncio
import random
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.feed_poll import Desk, open_desk, poll_feed
from pipelines.fetch_settings import FetchSettings
from pipelines.ledger import PageReport, WaitingPage, list_pages, record_pages
from pipelines.page_fetch import RobotsCache, fetch_page
from pipelines.state import (
    STATE,
    FollowedFeed,
    PollReport,
    list_candidates,
    open_state,
    record_polls,
    sqlite_errors_as_unwritable,
)
from transforms.articles import ArticleSettings
from transforms.polling import is_due

#: seconds between two looks at what is due, and in which reports are gathered
_TICK = 0.25
_TOGETHER = 0.02
_REPORTS_AT_ONCE = 200
_PAGES_AT_ONCE = 1_000


@dataclass(slots=True)
class Vitals:
    """What the following has done so far; written by its thread, read by others."""

    polls: Counter[str] = field(default_factory=Counter)
    pages: Counter[str] = field(default_factory=Counter)
    new_items: int = 0
    #: when it last looked at what is due
    last_look: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """How to follow: where the state is, the settings, and the sources of time and chance."""

    data: Path
    settings: FetchSettings
    articles: ArticleSettings
    vitals: Vitals
    clock: Callable[[], float] = time.time
    chance: Callable[[], float] = random.random


@dataclass(slots=True)
class _Work:
    """What is under way: tasks by feed and by item, and reports not yet recorded."""

    feeds: "dict[str, asyncio.Task[None]]" = field(default_factory=dict)
    pages: "dict[int, asyncio.Task[None]]" = field(default_factory=dict)
    polled: list[PollReport] = field(default_factory=list)
    fetched: list[PageReport] = field(default_factory=list)
    #: set when a report has come
    news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def idle(self) -> bool:
        return not (self.feeds or self.pages or self.polled or self.fetched)


async def follow(following: Following, stop: asyncio.Event, *, once: bool) -> None:
    """Following → items in the state, until told to stop; with `once`, until each feed was asked once.

    Raises:
        UnwritableData: the state can't be written.
    """
    settings = following.settings
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(16, "names"))
    with sqlite_errors_as_unwritable(following.data / STATE), closing(open_state(following.data)) as state:
        async with open_desk(settings, following.articles) as desk:
            robots = RobotsCache() if settings.robots else None
            work = _Work()
            try:
                await _loop(following, state, desk, robots, work, stop, once)
            finally:
                tasks = [*work.feeds.values(), *work.pages.values()]
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            _record(following, state, work)


async def _loop(
    following: Following,
    state: sqlite3.Connection,
    desk: Desk,
    robots: RobotsCache | None,
    work: _Work,
    stop: asyncio.Event,
    once: bool,
) -> None:
    first = True
    while not stop.is_set():
        following.vitals.last_look = following.clock()
        if first or not once:
            _start_polls(following, state, desk, work, impatient=once)
        first = False
        _start_pages(following, state, desk, robots, work, once)
        if once and work.idle:
            return
        try:
            await asyncio.wait_for(work.news.wait(), _TICK)
            # What comes at about the same time is recorded together.
            await asyncio.sleep(_TOGETHER)
        except TimeoutError:
            pass
        work.news.clear()
        _record(following, state, work)


def _start_polls(
    following: Following, state: sqlite3.Connection, desk: Desk, work: _Work, *, impatient: bool
) -> None:
    now, policy = following.clock(), following.settings.policy
    furthest = now + max(policy.wait_max, policy.interval_max) + 86_400
    for feed in list_candidates(state, now, furthest, impatient=impatient):
        if feed.url not in work.feeds and is_due(feed.poll, policy, now=now, impatient=impatient):
            work.feeds[feed.url] = asyncio.create_task(_poll(following, desk, work, feed))


async def _poll(following: Following, desk: Desk, work: _Work, feed: FollowedFeed) -> None:
    # Awaited first: the list may be another one by then.
    report = await poll_feed(desk, feed, following.clock())
    work.polled.append(report)
    work.news.set()


def _start_pages(
    following: Following,
    state: sqlite3.Connection,
    desk: Desk,
    robots: RobotsCache | None,
    work: _Work,
    once: bool,
) -> None:
    if len(work.pages) >= _PAGES_AT_ONCE:
        return
    for page in list_pages(state, following.clock(), _PAGES_AT_ONCE):
        if page.number not in work.pages:
            work.pages[page.number] = asyncio.create_task(_get(following, desk, robots, work, page, once))


async def _get(
    following: Following, desk: Desk, robots: RobotsCache | None, work: _Work, page: WaitingPage, once: bool
) -> None:
    wait, now = following.settings.page_wait, following.clock()
    report = await fetch_page(desk, robots, page, now, wait=wait, last=once)
    work.fetched.append(report)
    work.news.set()


def _record(following: Following, state: sqlite3.Connection, work: _Work) -> None:
    vitals, settings = following.vitals, following.settings
    while work.polled:
        reports, work.polled = work.polled[:_REPORTS_AT_ONCE], work.polled[_REPORTS_AT_ONCE:]
        chances = [(report, following.chance()) for report in reports]
        vitals.new_items += record_polls(state, chances, settings.policy, settings.rules)
        for report in reports:
            vitals.polls[report.result.outcome] += 1
            work.feeds.pop(report.feed.url, None)
    if work.fetched:
        fetched, work.fetched = work.fetched, []
        record_pages(state, fetched)
        for page in fetched:
            outcome = "page" if page.text else "retry" if page.retry_at is not None else page.reason
            vitals.pages[outcome] += 1
            work.pages.pop(page.number, None)


class FollowingThread:
    """The following in a thread: started at once, stopped from outside."""

    def __init__(self, following: Following, *, once: bool) -> None:
        self._following = following
        self._once = once
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._begun = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="following", daemon=True)
        self._thread.start()
        self._begun.wait(30)

    def _run(self) -> None:
        async def main() -> None:
            self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
            self._begun.set()
            await follow(self._following, self._stop, once=self._once)

        try:
            asyncio.run(main())
        except BaseException as error:
            self._failure = error
        finally:
            self._begun.set()

    def wait(self, seconds: float) -> bool:
        """Seconds at most → whether it has ended.

        Raises:
            UnwritableData, …: what ended it, if it was not its end.
        """
        self._thread.join(seconds)
        if self._thread.is_alive():
            return False
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure
        return True

    def stop(self) -> None:
        """Tell it to end and wait until it has, some seconds at most; what is under way is left undone."""
        if self._loop is not None and self._stop is not None and self._thread.is_alive():
            try:
                self._loop.call_soon_threadsafe(self._stop.set)
            except RuntimeError:
                return
        self._thread.join(10)
