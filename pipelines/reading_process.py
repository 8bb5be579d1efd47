"""A process that reads foreign bytes for the continuous run: feeds and pages in, plain values out.

It may be killed at any moment, its memory is bounded, and an alarm ends it where a parser never would. The
first frame holds the settings, packed by the process that started this one; what comes back is JSON.
"""

import json
import pickle
import resource
import signal
import struct
import sys
import traceback
from datetime import datetime
from typing import Any, BinaryIO

from transforms.articles import ArticleSettings, make_article
from transforms.encodings import decode_html
from transforms.feed_discovery import find_feeds
from transforms.feeds import FeedFailure, entry_text, parse_feed
from transforms.records import RawDocument, Rejection

#: lengths of header and body before each frame
FRAME = struct.Struct(">II")
_MAX_ENTRY = 500_000


def read_frame(stream: BinaryIO) -> tuple[dict[str, Any], bytes] | None:
    """Stream → (header, body) of the next frame; None at its end."""
    lengths = stream.read(FRAME.size)
    if len(lengths) < FRAME.size:
        return None
    header, body = FRAME.unpack(lengths)
    return json.loads(stream.read(header)), stream.read(body)


def write_frame(header: dict[str, Any], body: bytes = b"") -> bytes:
    """Header and body → the frame that carries them."""
    packed = json.dumps(header).encode()
    return FRAME.pack(len(packed), len(body)) + packed + body


def read_feed_bytes(job: dict[str, Any], body: bytes) -> dict[str, Any]:
    """Job and the body of a feed → its entries as plain values, or why it is none."""
    now = datetime.fromisoformat(job["now"])
    feed = parse_feed(body, url=job["url"], now=now, max_entries=job["entries"])
    if isinstance(feed, FeedFailure):
        links: tuple[str, ...] = ()
        if feed.reason == "not_a_feed":
            links = find_feeds(decode_html(body).text, job["url"])
        return {"failure": feed.reason, "detail": feed.detail, "links": links}
    return {
        "entries": [
            {
                "guid": entry.guid,
                "url": entry.url,
                "title": entry.title[:_MAX_ENTRY],
                "text": entry_text(entry)[:_MAX_ENTRY],
                "published_at": entry.published_at.isoformat() if entry.published_at else None,
                "authors": entry.authors,
                "source": entry.source,
                "notes": (*entry.notes, *feed.notes),
            }
            for entry in feed.entries
        ],
        "ttl": feed.ttl,
        "skip_hours": feed.skip_hours,
        "cut_short": feed.cut_short,
        "notes": feed.notes,
    }


def read_page_bytes(job: dict[str, Any], body: bytes, settings: ArticleSettings) -> dict[str, Any]:
    """Job and the body of a page → the article on it as plain values, or why there is none."""
    raw = RawDocument(
        key="page",
        order=0,
        origin=job["url"],
        format="html",
        content=decode_html(body).text,
        url=job["url"],
        title=job.get("title") or None,
    )
    made = make_article(raw, settings)
    if isinstance(made, Rejection):
        return {"failure": made.reason, "detail": made.detail}
    return {
        "title": made.title,
        "text": made.text,
        "authors": made.authors,
        "published_at": made.published_at.isoformat() if made.published_at else None,
    }


def serve(stdin: BinaryIO, stdout: BinaryIO) -> None:
    """Frames in → frames out, one for one, until the stream ends."""
    first = read_frame(stdin)
    if first is None:
        return
    limits, packed = first
    # Packed by the process that started this one, never read from outside.
    settings: ArticleSettings = pickle.loads(packed)
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory"], limits["memory"]))
    while (frame := read_frame(stdin)) is not None:
        job, body = frame
        # Without a handler the alarm ends the process: also when whoever asked is gone.
        signal.alarm(limits["seconds"] + 2)
        try:
            if job["kind"] == "feed":
                answer = read_feed_bytes(job, body)
            else:
                answer = read_page_bytes(job, body, settings)
        except MemoryError:
            answer = {"failure": "memory", "detail": f"more than {limits['memory']:,} bytes of memory"}
        except Exception:
            answer = {"failure": "error", "detail": traceback.format_exc()[-2_000:]}
        signal.alarm(0)
        stdout.write(write_frame(answer))
        stdout.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
