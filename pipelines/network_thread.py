"""Settings → the one place of a process that talks to the network, for threads that wait for its answers.

Takes feeds and pages, gives their reports; what goes wrong is said in them. One event loop in a thread of its
own, so that the limits for each host hold however many threads ask.
"""

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, TypeVar

from pipelines.feed_poll import Desk, open_desk, poll_feed
from pipelines.fetch_settings import FetchSettings
from pipelines.ledger import PageReport, WaitingPage
from pipelines.page_fetch import RobotsCache, fetch_page
from pipelines.state import FollowedFeed, PollReport
from transforms.articles import ArticleSettings

_T = TypeVar("_T")
_opening = threading.Lock()
_open: dict[str, "NetworkThread"] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """How to go about it."""

    #: names the settings: for the same name the same thread answers
    name: str
    fetch: FetchSettings
    articles: ArticleSettings


class NetworkThread:
    """The loop, its connections and its reading process; they end with the process."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="network", daemon=True).start()
        # Never closed: the process that has it may be killed at any moment anyhow.
        self._held = AsyncExitStack()
        self._desk: Desk = self._await(self._open())
        self._robots = RobotsCache() if network.fetch.robots else None

    def poll(self, feed: FollowedFeed, now: float) -> PollReport:
        """Feed → report of one poll."""
        return self._await(poll_feed(self._desk, feed, now))

    def fetch(self, page: WaitingPage, now: float, *, last: bool) -> PageReport:
        """Page of an item → its report; with `last` there is no other try."""
        wait = self._network.fetch.page_wait
        return self._await(fetch_page(self._desk, self._robots, page, now, wait=wait, last=last))

    async def _open(self) -> Desk:
        return await self._held.enter_async_context(open_desk(self._network.fetch, self._network.articles))

    def _await(self, work: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


def open_network(network: Network) -> NetworkThread:
    """Settings → the thread of this process for them, started now or before."""
    with _opening:
        if network.name not in _open:
            _open[network.name] = NetworkThread(network)
        return _open[network.name]
