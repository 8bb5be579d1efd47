"""Seed, number of pages and shares → inputs on disk: a web archive, a folder of pages, JSON lines, texts.

Pages on topic are all different, as copies would cost nothing to detect. The others are drawn from a pool and
repeated: they are turned away before anybody could notice, and a large archive is written in seconds.
"""

import io
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fastwarc import GzipWriter
from fastwarc.warc import WarcRecord, WarcRecordType
from pages import make_page, make_url
from texts import MadeArticle, make_text

#: different pages that are off topic, or name an alliance in their menus only
POOL = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """How many pages there are of each sort."""

    pages: int
    #: share of pages whose article is on topic
    on_topic: float = 0.0
    #: share of pages that name an alliance in menus and footer only
    in_menus: float = 0.0
    seed: int = 1
    #: number of the first page: archives of one crawl share no article
    first: int = 0

    def kinds(self) -> Iterator[tuple[int, str]]:
        """Number and sort of each page, spread evenly."""
        made = {"on_topic": 0, "in_menus": 0}
        for number in range(self.pages):
            if made["on_topic"] < _due(number, self.on_topic):
                kind, place = "on_topic", self.first + number
            elif made["in_menus"] < _due(number + 1, self.in_menus):
                kind, place = "in_menus", number % POOL
            else:
                yield number % POOL, "off_topic"
                continue
            made[kind] += 1
            yield place, kind


def _due(number: int, share: float) -> int:
    # The small part keeps a share from falling below a whole number.
    return int((number + 1) * share + 1e-9)


def write_archive(path: Path, mix: Mix) -> Path:
    """Mix → a web archive, gzipped record by record."""
    held: dict[tuple[int, str], bytes] = {}
    with path.open("wb") as file:
        for number, kind in mix.kinds():
            record = held.get((number, kind))
            if record is None:
                record = _record(mix.seed, number, kind)
                if kind != "on_topic":
                    held[number, kind] = record
            file.write(record)
    return path


def _record(seed: int, number: int, kind: str) -> bytes:
    article = make_text(seed, number, kind == "on_topic")
    body = make_page(seed, article, kind == "in_menus").encode()
    http = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
    record = WarcRecord()
    record.init_headers(record_type=WarcRecordType.response)
    record.headers["WARC-Record-ID"] = (
        f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{seed}/{kind}/{number}')}>"
    )
    record.headers["WARC-Date"] = "2024-07-11T00:00:00Z"
    record.headers["WARC-Target-URI"] = make_url(seed, article)
    record.headers["WARC-Identified-Payload-Type"] = "text/html"
    record.headers["Content-Type"] = "application/http; msgtype=response"
    record.set_bytes_content(http.encode() + body)
    held = io.BytesIO()
    stream = GzipWriter(held, compression_level=6)
    record.write(stream)
    stream.close()
    return held.getvalue()


def write_folder(folder: Path, mix: Mix) -> Path:
    """Mix → a folder with a file for each page."""
    folder.mkdir(parents=True)
    for place, (number, kind) in enumerate(mix.kinds()):
        page = make_page(mix.seed, make_text(mix.seed, number, kind == "on_topic"), kind == "in_menus")
        (folder / f"{place:06}.html").write_text(page, encoding="utf-8")
    return folder


def write_lines(path: Path, mix: Mix) -> Path:
    """Mix → its articles as JSON lines, all different."""
    with path.open("w", encoding="utf-8") as file:
        for article in list_articles(mix):
            values = {
                "url": make_url(mix.seed, article),
                "title": article.title,
                "text": article.text,
                "published": article.published.isoformat(),
            }
            file.write(json.dumps(values) + "\n")
    return path


def list_articles(mix: Mix) -> list[MadeArticle]:
    """Mix → its articles, all different whatever their sort."""
    kinds = (kind for _, kind in mix.kinds())
    return [make_text(mix.seed, mix.first + place, kind == "on_topic") for place, kind in enumerate(kinds)]
