"""Foreign bytes are read in a process that can be killed, within time and memory."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from pipelines.reading import ReadFailure, ReadFeed, ReadingLimits, ReadingRoom, open_reading_room
from pipelines.settings import load_settings
from transforms.articles import ArticleSettings
from transforms.items import PageText

T = TypeVar("T")

FEED = b"<rss><channel><title>F</title><item><title>One</title><description>&lt;b&gt;a c</description>%s"
END = b"</item></channel></rss>"
GOOD = FEED % b"" + END


def read(ask: Callable[[ReadingRoom], Awaitable[T]], **limits: int) -> T:
    settings = load_settings().settings
    articles = ArticleSettings(
        furniture=settings.furniture, languages=settings.languages, limits=settings.pages
    )

    async def once() -> T:
        async with open_reading_room(articles, ReadingLimits(**limits)) as room:
            return await ask(room)

    return asyncio.run(once())


def reason(answer: object) -> str:
    assert isinstance(answer, ReadFailure), answer
    return answer.reason


def test_feeds_and_pages_are_read() -> None:
    async def ask(room: ReadingRoom) -> tuple[object, ...]:
        page = "".join(
            f"<p>The ministers met again and talked for a long time, part {n} of it.</p>" for n in range(9)
        )
        html = f"<html><body><article><h1>A page</h1>{page}</article></body></html>".encode()
        return (
            await room.read_feed(GOOD, "https://a.example/f", 1e9),
            await room.read_page(html, "https://a.example/1"),
            await room.read_page(b"<html><body>Nothing</body></html>", "https://a.example/2"),
        )

    feed, page, nothing = read(ask)
    assert isinstance(feed, ReadFeed) and [entry.text for entry in feed.entries] == ["a c"]
    assert isinstance(page, PageText) and page.text.count("\n") == 8
    assert reason(nothing) in ("empty", "too_short")


def test_what_hangs_is_killed_and_the_next_is_read() -> None:
    async def ask(room: ReadingRoom) -> tuple[object, ...]:
        await room.read_feed(GOOD, "https://a.example/f", 1e9)
        process = room._idle.get_nowait()
        room._idle.put_nowait(process)
        assert process is not None
        os.kill(process.pid, signal.SIGSTOP)
        hung = await room.read_feed(GOOD, "https://a.example/f", 1e9)
        return hung, process.returncode, await room.read_feed(GOOD, "https://a.example/f", 1e9)

    hung, ended, after = read(ask, seconds=3)
    assert reason(hung) == "timeout" and ended == -signal.SIGKILL
    assert isinstance(after, ReadFeed)


def test_what_dies_is_a_failure_and_the_next_is_read() -> None:
    async def ask(room: ReadingRoom) -> tuple[object, ...]:
        await room.read_feed(GOOD, "https://a.example/f", 1e9)
        process = room._idle.get_nowait()
        room._idle.put_nowait(process)
        assert process is not None
        os.kill(process.pid, signal.SIGSTOP)
        asyncio.get_running_loop().call_later(0.2, process.kill)
        died = await room.read_feed(GOOD, "https://a.example/f", 1e9)
        return died, await room.read_feed(GOOD, "https://a.example/f", 1e9)

    died, after = read(ask, seconds=10)
    assert reason(died) == "killed"
    assert isinstance(after, ReadFeed)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (
            b'<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><rss><channel>&b;</channel></rss>',
            "entities",
        ),
        (
            b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel>&x;</channel></rss>',
            "entities",
        ),
        (b"", "empty"),
        (b"<html><body><p>no feed</p></body></html>", "not_a_feed"),
        (b"\x00\x01\x02" * 100, "not_a_feed"),
        (b"<rss><channel>" + b"<a>" * 100_000, "cut_short|memory|killed|error"),
    ],
)
def test_what_is_no_feed(body: bytes, why: str) -> None:
    answer = read(lambda room: room.read_feed(body, "https://a.example/f", 1e9))
    assert reason(answer) in why.split("|")


def test_entries_are_cut() -> None:
    many = FEED % b"" + b"</item><item><title>x</title>" * 5_000 + END
    answer = read(lambda room: room.read_feed(many, "https://a.example/f", 1e9), entries=50)
    assert isinstance(answer, ReadFeed) and len(answer.entries) == 50


def test_a_feed_that_is_cut_short_loses_its_last_entry_only() -> None:
    body = FEED % b"" + b"</item><item><title>Two and a ha"
    answer = read(lambda room: room.read_feed(body, "https://a.example/f", 1e9))
    assert isinstance(answer, ReadFeed) and answer.cut_short
    assert [entry.title for entry in answer.entries] == ["One"]


def test_memory_is_bounded() -> None:
    body = FEED % (b"<category>" + b"x" * 60_000_000 + b"</category>") + END

    async def ask(room: ReadingRoom) -> tuple[object, ...]:
        large = await room.read_feed(body, "https://a.example/f", 1e9)
        return large, await room.read_feed(GOOD, "https://a.example/f", 1e9)

    large, after = read(ask, memory_bytes=250_000_000)
    assert reason(large) in ("memory", "killed")
    assert isinstance(after, ReadFeed)
