"""One feed → the report of one poll: asked for with its validators, read in a process apart."""

import hashlib
import traceback
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from pipelines.fetch_settings import FetchSettings
from pipelines.reading import ReadFailure, ReadFeed, ReadingRoom, open_reading_room
from pipelines.state import FollowedFeed, PollReport
from transforms.articles import ArticleSettings
from transforms.fetching import Client, Fetched, FetchFailure, fetch, open_client
from transforms.items import list_items
from transforms.pacing import HostPace
from transforms.polling import PollResult, read_max_age, read_retry_after

_ACCEPT = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
#: a server may say 'unchanged' by mistake: once a day the feed is asked for whole
_WHOLE_AFTER = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a poll works with."""

    client: Client
    room: ReadingRoom
    pace: HostPace


@asynccontextmanager
async def open_desk(settings: FetchSettings, articles: ArticleSettings) -> AsyncIterator[Desk]:
    """Settings → a desk, for as long as the context lasts."""
    pace = HostPace(
        settings.host_connections, settings.host_pause, settings.allow_hosts, settings.connections
    )
    async with (
        open_client(settings.limits, settings.connections) as client,
        open_reading_room(articles, settings.reading) as room,
    ):
        yield Desk(client=client, room=room, pace=pace)


async def poll_feed(desk: Desk, feed: FollowedFeed, now: float) -> PollReport:
    """Feed → report: whatever goes wrong is said in it."""
    try:
        return await _poll(desk, feed, now)
    except Exception as error:
        return _failed(feed, now, f"error: {''.join(traceback.format_exception(error))[-1_500:]}")


async def _poll(desk: Desk, feed: FollowedFeed, now: float) -> PollReport:
    whole = not 0 <= now - feed.whole_at < _WHOLE_AFTER
    answer = await _get(desk, feed.address, {} if whole else _validators(feed))
    if isinstance(answer, FetchFailure):
        return _failed(feed, now, f"{answer.reason}: {answer.detail}")
    hints = PollResult(
        outcome="unchanged",
        retry_after=read_retry_after(answer.headers.get("retry-after"), now),
        max_age=read_max_age(answer.headers.get("cache-control")),
    )
    if answer.status == 304:
        return PollReport(feed=_moved(feed, answer), at=now, result=hints, status="304 unchanged")
    if answer.status == 410:
        gone = replace(hints, outcome="gone")
        return PollReport(feed=feed, at=now, result=gone, status="410 gone: not asked again")
    if answer.status != 200:
        return _failed(feed, now, f"http {answer.status}", hints)
    return await _read(desk, feed, answer, now, hints)


async def _read(desk: Desk, feed: FollowedFeed, answer: Fetched, now: float, hints: PollResult) -> PollReport:
    digest = hashlib.sha256(answer.body).hexdigest()
    if digest == feed.body_sha256:
        known = _validated(_moved(feed, answer), answer, now, digest)
        return PollReport(feed=known, at=now, result=hints, status="200 unchanged")
    read = await desk.room.read_feed(answer.body, answer.url, now)
    if isinstance(read, ReadFailure) and read.links:
        # A web page that names its feed: from now on that is the address, after a look at it.
        named = await _get(desk, read.links[0], {})
        if isinstance(named, Fetched) and named.status == 200:
            answer = replace(named, moved_to=named.moved_to or read.links[0])
            digest = hashlib.sha256(answer.body).hexdigest()
            read = await desk.room.read_feed(answer.body, answer.url, now)
    if isinstance(read, ReadFailure):
        if read.reason == "empty" and answer.body.strip():
            return PollReport(feed=feed, at=now, result=hints, status="200 without entries")
        return _failed(feed, now, f"{read.reason}: {read.detail}", hints)
    return _report(feed, answer, read, now, hints, digest)


def _report(
    feed: FollowedFeed, answer: Fetched, read: ReadFeed, now: float, hints: PollResult, digest: str
) -> PollReport:
    # Validators of a body that was cut short would keep its missing rest away for good.
    whole = not read.cut_short
    known = _moved(feed, answer)
    if whole:
        known = _validated(known, answer, now, digest)
    else:
        known = replace(known, etag=None, last_modified=None, body_sha256=None, whole_at=now)
    result = replace(
        hints,
        outcome="read",
        entries=len(read.entries),
        ttl=read.ttl_minutes * 60.0 if read.ttl_minutes else None,
        skip_hours=read.skip_hours,
    )
    status = "; ".join(
        (f"200 {len(read.entries)} entries", *(note.removeprefix("feed: ") for note in read.notes))
    )
    items = list_items(read.entries, feed.url)
    return PollReport(feed=known, at=now, result=result, status=status, items=items)


async def _get(desk: Desk, url: str, headers: Mapping[str, str]) -> Fetched | FetchFailure:
    async with desk.pace.turn(urlsplit(url).hostname or ""):
        return await fetch(desk.client, url, {"Accept": _ACCEPT, **headers})


def _validators(feed: FollowedFeed) -> dict[str, str]:
    given = {"If-None-Match": feed.etag, "If-Modified-Since": feed.last_modified}
    return {name: value for name, value in given.items() if value}


def _validated(feed: FollowedFeed, answer: Fetched, now: float, digest: str) -> FollowedFeed:
    return replace(
        feed,
        etag=answer.headers.get("etag"),
        last_modified=answer.headers.get("last-modified"),
        body_sha256=digest,
        whole_at=now,
    )


def _moved(feed: FollowedFeed, answer: Fetched) -> FollowedFeed:
    return replace(feed, address=answer.moved_to or feed.address)


def _failed(feed: FollowedFeed, now: float, status: str, hints: PollResult | None = None) -> PollReport:
    result = replace(hints, outcome="failed") if hints else PollResult(outcome="failed")
    # The next answer is to be read whatever its validators say.
    return PollReport(feed=replace(feed, whole_at=0.0), at=now, result=result, status=status)
