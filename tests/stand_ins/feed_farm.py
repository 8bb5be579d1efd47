"""Thousands of feeds on loopback, answered by one thread: 304 to who has the newest state of one."""

import asyncio
import random
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from stand_in import WORDS

_KEPT = 10
_BODY = "BGR backs UKR in NATO. Bulgaria supports the accession of Ukraine to NATO, the prime minister said."


@dataclass
class Farm:
    """The feeds, what they have published and when, and how often they were asked."""

    count: int
    url: str = ""
    chance: random.Random = field(default_factory=lambda: random.Random(3))
    published: dict[str, float] = field(default_factory=dict)
    answers: dict[int, int] = field(default_factory=dict)
    asked: int = 0
    _items: dict[int, deque[str]] = field(default_factory=dict)
    _versions: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for feed in range(self.count):
            self._items[feed], self._versions[feed] = deque(maxlen=_KEPT), 0

    def list_urls(self) -> str:
        return "".join(f"{self.url}/{feed}\n" for feed in range(self.count))

    def publish(self, feed: int) -> None:
        """Feed → one more item in it, with a text of its own."""
        title = f"Item {len(self.published)}"
        words = " ".join(self.chance.choices(WORDS.split(), k=60))
        item = f"<item><title>{title}</title><link>{self.url}/item/{len(self.published)}</link>"
        self._items[feed].appendleft(f"{item}<description>{_BODY} {words}.</description></item>")
        self._versions[feed] += 1
        self.published[title] = time.time()

    def publish_some(self, count: int) -> None:
        for feed in self.chance.sample(range(self.count), count):
            self.publish(feed)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, ValueError, KeyError):
            while head := (await reader.readuntil(b"\r\n\r\n")).decode("latin-1"):
                feed = int(head.split(" ", 2)[1].strip("/"))
                etag = f'"{self._versions[feed]}"'
                status = 304 if f"if-none-match: {etag}" in head.lower() else 200
                body = self._write(feed) if status == 200 else b""
                self.asked += 1
                self.answers[status] = self.answers.get(status, 0) + 1
                answer = f"HTTP/1.1 {status} X\r\nETag: {etag}\r\nContent-Length: {len(body)}\r\n\r\n"
                writer.write(answer.encode() + body)
                await writer.drain()
        writer.close()

    def _write(self, feed: int) -> bytes:
        items = "".join(self._items[feed])
        return f"<rss version='2.0'><channel><title>Feed {feed}</title>{items}</channel></rss>".encode()


@contextmanager
def open_farm(count: int) -> Iterator[Farm]:
    """Number of feeds → the feeds, served for as long as the context lasts."""
    farm = Farm(count)
    begun, ended = threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        server = await asyncio.start_server(farm.answer, "127.0.0.1", 0, backlog=1_024)
        farm.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        loops.append(asyncio.get_running_loop())
        begun.set()
        await ended.wait()
        server.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="farm", daemon=True)
    thread.start()
    assert begun.wait(30)
    try:
        yield farm
    finally:
        loops[0].call_soon_threadsafe(ended.set)
        thread.join(30)
