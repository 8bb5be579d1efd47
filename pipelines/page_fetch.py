"""One waiting item → the report of its page: the article on it, or why the feed's own text is used."""

import asyncio
import traceback
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from pipelines.feed_poll import Desk
from pipelines.ledger import PageReport, WaitingPage
from pipelines.reading import ReadFailure
from transforms.fetching import FetchFailure, fetch
from transforms.polling import read_retry_after
from transforms.robots import Robots, may_fetch, read_robots

_ACCEPT = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
_AGENT = "alliance-watch"
#: a site's rules are asked for again after this long; RFC 9309 allows a day
_RULES_LAST = 43_200.0
_MANY_SITES = 5_000
_MAX_TRIES = 3
#: seconds before another try
_RETRY = 60.0


@dataclass(slots=True)
class RobotsCache:
    """The rules of the sites visited lately."""

    known: dict[str, tuple[float, "asyncio.Task[Robots]"]] = field(default_factory=dict)

    async def find(self, desk: Desk, url: str, now: float) -> Robots:
        """Page → what its site allows, asked for once however many pages wait for it."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        asked, task = self.known.get(site, (0.0, None))
        if task is None or not 0 <= now - asked < _RULES_LAST:
            if len(self.known) >= _MANY_SITES:
                self.known.clear()
            task = asyncio.create_task(_ask(desk, site))
            self.known[site] = (now, task)
        return await asyncio.shield(task)


async def _ask(desk: Desk, site: str) -> Robots:
    async with desk.pace.turn(urlsplit(site).hostname or ""):
        answer = await fetch(desk.client, f"{site}/robots.txt")
    if isinstance(answer, FetchFailure):
        return read_robots(None, b"")
    return read_robots(answer.status, answer.body)


async def fetch_page(
    desk: Desk, robots: RobotsCache | None, page: WaitingPage, now: float, *, wait: float, last: bool
) -> PageReport:
    """Waiting page → report.

    Args:
        desk: what to work with.
        robots: rules of the sites; None where they are not asked for.
        page: the item and the address of its page.
        now: seconds since 1970.
        wait: how many seconds after it was first seen an item may wait for its page.
        last: whether there is no other try.
    """
    left = min(max(page.first_seen + wait - now, 0.0), wait)
    try:
        async with asyncio.timeout(left):
            return await _fetch(desk, robots, page, now, last or page.tries + 1 >= _MAX_TRIES)
    except TimeoutError:
        return PageReport(number=page.number, text=None, reason="not in time")
    except Exception as error:
        words = "".join(traceback.format_exception_only(error)).strip()[:200]
        return PageReport(number=page.number, text=None, reason=f"error {words}")


async def _fetch(
    desk: Desk, robots: RobotsCache | None, page: WaitingPage, now: float, last: bool
) -> PageReport:
    if robots is not None and not may_fetch(await robots.find(desk, page.url, now), page.url, _AGENT):
        return PageReport(number=page.number, text=None, reason="robots.txt")
    async with desk.pace.turn(urlsplit(page.url).hostname or ""):
        answer = await fetch(desk.client, page.url, {"Accept": _ACCEPT})
    if isinstance(answer, FetchFailure):
        passing = answer.reason in ("timeout", "connection")
        return _without(page, answer.reason, now, _RETRY if passing and not last else None)
    if answer.status != 200:
        passing = answer.status == 429 or answer.status >= 500
        wait = read_retry_after(answer.headers.get("retry-after"), now) or _RETRY
        return _without(page, f"http {answer.status}", now, wait if passing and not last else None)
    kind = answer.headers.get("content-type", "text/html").partition(";")[0].strip().lower()
    if kind and "html" not in kind and not kind.startswith("text/"):
        return _without(page, f"no page but {kind[:40]}", now, None)
    read = await desk.room.read_page(answer.body, answer.url)
    if isinstance(read, ReadFailure):
        return _without(page, read.reason, now, None)
    return PageReport(number=page.number, text=read)


def _without(page: WaitingPage, reason: str, now: float, retry: float | None) -> PageReport:
    return PageReport(
        number=page.number, text=None, reason=reason, retry_at=None if retry is None else now + retry
    )
