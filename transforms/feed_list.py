"""A list of feeds as OPML, CSV or plain lines ↔ feeds with outlet, language and country.

Rejects what can't be read as any of them (`BadFeedList`); a line without an http or https address is one.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit
from xml.etree import ElementTree

Layout = Literal["opml", "csv", "txt"]

_MAX_FEEDS = 100_000
_COLUMNS = ("url", "outlet", "language", "country")
_CODE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z]{2,4})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFeed:
    """One feed to follow."""

    url: str
    #: the name its articles get as their source; '' leaves it to the feed
    outlet: str = ""
    #: ISO 639-1, for the reader of the list; articles are judged by their text
    language: str = ""
    #: ISO 3166-1 alpha-3
    country: str = ""


class BadFeedList(Exception):
    """A list that can't be read; says where."""


def read_feed_list(content: bytes, name: str) -> tuple[ListedFeed, ...]:
    """Bytes and the name of their file → the feeds, each address once, in order.

    The content decides, not the name: XML is OPML, a first line with `url` and commas is CSV, else lines.

    Raises:
        BadFeedList: it can't be read.
    """
    text = content.decode("utf-8-sig", "replace")
    head = text.lstrip()[:1]
    if head == "<":
        feeds = _read_opml(content, name)
    elif "," in text.partition("\n")[0] and "url" in text.partition("\n")[0].lower().split(","):
        feeds = _read_csv(text, name)
    else:
        feeds = _read_lines(text, name)
    if len(feeds) > _MAX_FEEDS:
        raise BadFeedList(f"{name}: more than {_MAX_FEEDS:,} feeds")
    return tuple({feed.url: feed for feed in reversed(feeds)}.values())[::-1]


def write_feed_list(feeds: Sequence[ListedFeed], layout: Layout) -> str:
    """Feeds → a list of them in the layout asked for."""
    if layout == "txt":
        return "".join(f"{feed.url}\n" for feed in feeds)
    if layout == "csv":
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(_COLUMNS)
        writer.writerows([feed.url, feed.outlet, feed.language, feed.country] for feed in feeds)
        return stream.getvalue()
    root = ElementTree.Element("opml", version="2.0")
    ElementTree.SubElement(ElementTree.SubElement(root, "head"), "title").text = "Feeds"
    body = ElementTree.SubElement(root, "body")
    for feed in feeds:
        named = {"outlet": feed.outlet, "language": feed.language, "country": feed.country}
        given = {"type": "rss", "text": feed.outlet or feed.url, "xmlUrl": feed.url}
        ElementTree.SubElement(body, "outline", given | {name: code for name, code in named.items() if code})
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _read_opml(content: bytes, name: str) -> list[ListedFeed]:
    if b"<!ENTITY" in content.replace(b"\x00", b""):
        raise BadFeedList(f"{name}: declares XML entities")
    try:
        root = ElementTree.fromstring(content)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise BadFeedList(f"{name}: {error}") from None
    found = []
    for outline in root.iter("outline"):
        values = {key.lower(): value.strip() for key, value in outline.attrib.items()}
        if url := values.get("xmlurl"):
            outlet = values.get("outlet") or values.get("title") or values.get("text") or ""
            outlet = "" if outlet == url else outlet
            found.append(_listed(url, outlet, values.get("language", ""), values.get("country", ""), name))
    return found


def _read_csv(text: str, name: str) -> list[ListedFeed]:
    try:
        rows = list(csv.DictReader(io.StringIO(text)))
    except csv.Error as error:
        raise BadFeedList(f"{name}: {error}") from None
    found = []
    for number, row in enumerate(rows, 2):
        values = {str(key or "").strip().lower(): str(value or "").strip() for key, value in row.items()}
        if any(values.values()):
            outlet = values.get("outlet") or values.get("title") or ""
            where = f"{name}, line {number}"
            language, country = values.get("language", ""), values.get("country", "")
            found.append(_listed(values.get("url", ""), outlet, language, country, where))
    return found


def _read_lines(text: str, name: str) -> list[ListedFeed]:
    lines = ((number, line.strip()) for number, line in enumerate(text.splitlines(), 1))
    return [
        _listed(line.split()[0], " ".join(line.split()[1:]), "", "", f"{name}, line {number}")
        for number, line in lines
        if line and not line.startswith("#")
    ]


def _listed(url: str, outlet: str, language: str, country: str, where: str) -> ListedFeed:
    try:
        parts = urlsplit(url)
        usable = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable:
        raise BadFeedList(f"{where}: no http or https address: {url[:100]!r}")
    for code in (language, country):
        if code and not _CODE.fullmatch(code):
            raise BadFeedList(f"{where}: no code of a language or country: {code[:20]!r}")
    return ListedFeed(url=url, outlet=outlet, language=language.lower(), country=country.upper())


def merge_feeds(known: Iterable[ListedFeed], added: Iterable[ListedFeed]) -> tuple[ListedFeed, ...]:
    """Two lists → one: what stands in the first stays as it is."""
    merged = {feed.url: feed for feed in known}
    for feed in added:
        merged.setdefault(feed.url, feed)
    return tuple(merged.values())
