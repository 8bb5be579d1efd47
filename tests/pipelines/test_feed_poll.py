"""One poll of a feed: what is asked, and what is kept of the answer."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest
from web_site import Answer, Site, open_site

from pipelines.feed_poll import Desk, poll_feed
from pipelines.reading import ReadingLimits, open_reading_room
from pipelines.state import FollowedFeed, PollReport
from transforms.articles import ArticleSettings
from transforms.fetching import FetchLimits, open_client
from transforms.furniture import Furniture
from transforms.pacing import HostPace
from transforms.polling import PollState

NOW = 1.7e9


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as site:
        yield site


@pytest.fixture
def articles() -> ArticleSettings:
    from pipelines.settings import load_settings

    furniture: Furniture = load_settings().settings.furniture
    return ArticleSettings(furniture=furniture)


def poll(articles: ArticleSettings, *feeds: tuple[FollowedFeed, float]) -> list[PollReport]:
    async def each() -> list[PollReport]:
        limits = FetchLimits(user_agent="test", allow_hosts=("127.0.0.1",), seconds=5)
        async with (
            open_client(limits, 4) as client,
            open_reading_room(articles, ReadingLimits(entries=50)) as room,
        ):
            desk = Desk(client=client, room=room, pace=HostPace(2, 0.0, ("127.0.0.1",)))
            return [await poll_feed(desk, feed, now) for feed, now in feeds]

    return asyncio.run(each())


def new(url: str, **fields: object) -> FollowedFeed:
    feed = FollowedFeed(
        url=url, outlet="", address=url, etag=None, last_modified=None, body_sha256=None, whole_at=0.0,
        poll=PollState(interval=900),
    )  # fmt: skip
    return replace(feed, **fields)  # type: ignore[arg-type]


def test_asks_for_what_has_changed_and_once_a_day_for_all(site: Site, articles: ArticleSettings) -> None:
    site.feed("/f", ("/1", "One", "text"))
    (first,) = poll(articles, (new(f"{site.url}/f"), NOW))
    assert (first.result.outcome, first.result.entries, len(first.items)) == ("read", 1, 1)
    assert first.feed.etag and first.feed.whole_at == NOW
    soon, late, back = poll(
        articles, (first.feed, NOW + 900), (first.feed, NOW + 90_000), (first.feed, NOW - 900)
    )
    assert [one.result.outcome for one in (soon, late, back)] == ["unchanged"] * 3
    sent = ["if-none-match" in headers for _, headers in site.asked]
    assert sent == [False, True, False, False], "nor is a clock that was set back trusted"
    assert late.feed.whole_at == NOW + 90_000


def test_a_server_that_says_unchanged_to_everything_is_believed_for_a_day(
    site: Site, articles: ArticleSettings
) -> None:
    site.feed("/f", ("/1", "One", "text"))
    (first,) = poll(articles, (new(f"{site.url}/f"), NOW))
    site.feed("/f", ("/2", "Two", "text"))
    newer = site.answers["/f"]
    assert isinstance(newer, Answer)
    site.answers["/f"] = lambda: Answer(b"", 304) if "if-none-match" in site.asked[-1][1] else newer
    soon, late = poll(articles, (first.feed, NOW + 900), (first.feed, NOW + 90_000))
    assert soon.items == () and [item.title for item in late.items] == ["Two"]


def test_a_body_that_ends_too_early_leaves_no_validators(site: Site, articles: ArticleSettings) -> None:
    site.answers["/f"] = Answer(
        b"<rss><channel><item><title>One</title></item><item><title>Tw", headers={"ETag": "x"}
    )
    (cut,) = poll(articles, (new(f"{site.url}/f"), NOW))
    assert [item.title for item in cut.items] == ["One"]
    assert (cut.feed.etag, cut.feed.body_sha256) == (None, None)
    assert "cut short" in cut.status
    site.feed("/many", *((f"/{number}", "One", "text") for number in range(60)))
    (many,) = poll(articles, (new(f"{site.url}/many"), NOW))
    assert many.status == "200 50 entries; cut after 50 entries" and many.feed.etag


def test_hints_of_the_server_and_the_feed(site: Site, articles: ArticleSettings) -> None:
    body = (
        b"<rss xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'><channel><title>F</title>"
        b"<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>"
        b"<skipHours><hour>3</hour><hour>24</hour></skipHours><item><title>One</title></item></channel></rss>"
    )
    site.answers["/f"] = Answer(body, headers={"Cache-Control": "max-age=77"})
    site.answers["/busy"] = Answer(b"", 503, {"Retry-After": "99"})
    read, busy = poll(articles, (new(f"{site.url}/f"), NOW), (new(f"{site.url}/busy"), NOW))
    assert (read.result.max_age, read.result.ttl, read.result.skip_hours) == (77, 1800, (0, 3))
    assert (busy.result.outcome, busy.result.retry_after, busy.status) == ("failed", 99, "http 503")


def test_a_feed_moves_only_for_good(site: Site, articles: ArticleSettings) -> None:
    site.feed("/new", ("/1", "One", "text"))
    site.answers["/old"] = Answer(b"", 301, {"Location": "/new"})
    site.answers["/now"] = Answer(b"", 302, {"Location": "/new"})
    site.answers["/dead"] = Answer(b"", 301, {"Location": "/none"})
    moved, passing, dead = poll(
        articles, *((new(site.url + path), NOW) for path in ("/old", "/now", "/dead"))
    )
    assert moved.feed.address == f"{site.url}/new" and moved.feed.url == f"{site.url}/old"
    assert passing.feed.address == f"{site.url}/now"
    assert (dead.result.outcome, dead.feed.address) == ("failed", f"{site.url}/dead")


def test_whatever_is_not_expected_is_said(site: Site, articles: ArticleSettings) -> None:
    (report,) = poll(articles, (new(f"{site.url}/f", address=None), NOW))
    assert report.result.outcome == "failed" and report.status.startswith("error: Traceback")
