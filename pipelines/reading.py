"""Foreign bytes → plain values, read in a process of its own that is killed when it takes too long.

Takes the body of a feed or a page, gives what `reading_process` makes of it; what the process dies of is a
failure with the reason `killed` or `memory`, and the next body is read by a new one.
"""

import asyncio
import json
import pickle
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pipelines.reading_process import FRAME, write_frame
from transforms.articles import ArticleSettings
from transforms.items import PageText, PlainEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingLimits:
    """What reading one body may cost."""

    seconds: int = 20
    memory_bytes: int = 2_000_000_000
    #: entries of a feed; what follows them is cut off
    entries: int = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFeed:
    """A feed as it was read: entries without markup, and what it asks of who polls it."""

    entries: tuple[PlainEntry, ...]
    ttl_minutes: int | None = None
    skip_hours: tuple[int, ...] = ()
    cut_short: bool = False
    #: what was wrong with it and yet could be read
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFailure:
    """Why nothing could be read."""

    reason: str
    detail: str
    #: feeds that are named by what turned out to be a web page
    links: tuple[str, ...] = ()


class ReadingRoom:
    """A few reading processes, started when they are needed and again when they died."""

    def __init__(self, settings: ArticleSettings, limits: ReadingLimits, processes: int) -> None:
        self._packed = pickle.dumps(settings)
        self._limits = limits
        self._idle: asyncio.LifoQueue[asyncio.subprocess.Process | None] = asyncio.LifoQueue()
        for _ in range(processes):
            self._idle.put_nowait(None)

    async def read_feed(self, body: bytes, url: str, now: float) -> ReadFeed | ReadFailure:
        """Body of a feed and where it came from → its entries, or why there are none."""
        moment = datetime.fromtimestamp(now, UTC).isoformat()
        job = {"kind": "feed", "url": url, "now": moment, "entries": self._limits.entries}
        answer = await self._ask(job, body)
        if "failure" in answer:
            return _failure(answer)
        return ReadFeed(
            entries=tuple(
                PlainEntry(
                    **{
                        **entry,
                        "published_at": _moment(entry["published_at"]),
                        "authors": tuple(entry["authors"]),
                        "notes": tuple(entry["notes"]),
                    }
                )
                for entry in answer["entries"]
            ),
            ttl_minutes=answer["ttl"],
            skip_hours=tuple(answer["skip_hours"]),
            cut_short=answer["cut_short"],
            notes=tuple(answer["notes"]),
        )

    async def read_page(self, body: bytes, url: str) -> PageText | ReadFailure:
        """Body of a page and its address → the article on it, or why there is none."""
        answer = await self._ask({"kind": "page", "url": url}, body)
        if "failure" in answer:
            return _failure(answer)
        return PageText(
            text=answer["text"],
            title=answer["title"],
            authors=tuple(answer["authors"]),
            published_at=_moment(answer["published_at"]),
        )

    async def close(self) -> None:
        """End all processes that are idle; those at work end with their tasks."""
        while not self._idle.empty():
            await _end(self._idle.get_nowait())

    async def _ask(self, job: dict[str, Any], body: bytes) -> dict[str, Any]:
        process = await self._idle.get()
        try:
            if process is None or process.returncode is not None:
                process = await self._start()
            async with asyncio.timeout(self._limits.seconds):
                answer = await _converse(process, job, body)
            if answer.get("failure") == "memory":
                # What a parser took in bits and pieces doesn't all come back.
                await _end(process)
        except TimeoutError:
            await _end(process)
            process, answer = None, {"failure": "timeout", "detail": f"not read in {self._limits.seconds} s"}
        except (asyncio.IncompleteReadError, ConnectionError):
            await _end(process)
            process, answer = None, {"failure": "killed", "detail": "the process that read it died"}
        except BaseException:
            # Cancelled amid a frame: what it would say next is no answer to the next question.
            if process is not None and process.returncode is None:
                process.kill()
            process = None
            raise
        finally:
            self._idle.put_nowait(process)
        return answer

    async def _start(self) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "pipelines.reading_process",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            # Ctrl-C is for the one who started it.
            start_new_session=True,
        )
        assert process.stdin is not None
        limits = {"memory": self._limits.memory_bytes, "seconds": self._limits.seconds}
        process.stdin.write(write_frame(limits, self._packed))
        return process


async def _converse(process: asyncio.subprocess.Process, job: dict[str, Any], body: bytes) -> dict[str, Any]:
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(write_frame(job, body))
    await process.stdin.drain()
    header, _ = FRAME.unpack(await process.stdout.readexactly(FRAME.size))
    answer: dict[str, Any] = json.loads(await process.stdout.readexactly(header))
    return answer


async def _end(process: asyncio.subprocess.Process | None) -> None:
    if process is not None and process.returncode is None:
        process.kill()
        await process.wait()


@asynccontextmanager
async def open_reading_room(
    settings: ArticleSettings, limits: ReadingLimits, processes: int = 1
) -> AsyncIterator[ReadingRoom]:
    """Settings and limits → reading processes, for as long as the context lasts."""
    room = ReadingRoom(settings, limits, processes)
    try:
        yield room
    finally:
        await room.close()


def _failure(answer: dict[str, Any]) -> ReadFailure:
    links = tuple(answer.get("links", ()))
    return ReadFailure(reason=answer["failure"], detail=answer["detail"], links=links)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
