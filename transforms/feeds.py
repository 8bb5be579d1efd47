"""Bytes of a feed (RSS, Atom, JSON Feed) → its entries; rejects what is none and what declares entities."""

import json
import re
from calendar import timegm
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, Literal
from urllib.parse import urljoin

import feedparser

from transforms.encodings import decode
from transforms.markup import strip_markup
from transforms.paragraphs import tidy_line
from transforms.published import as_utc, is_future, is_placeholder, parse_published

MAX_ENTRIES = 20_000

#: where a feed too long is cut, and what it is closed with
_ENTRY_START = re.compile(rb"<(?:\w+:)?(?:item|entry)[\s>]")
_ROOT = re.compile(rb"<(rss|feed|(?:\w+:)?RDF)[\s>]")
_CLOSING = {b"rss": b"</channel></rss>", b"feed": b"</feed>"}
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|&(?:#\d+|#x[0-9a-fA-F]+|\w+);")
_END = re.compile(rb"</(?:\w+:)?(?:rss|feed|RDF)\s*>", re.IGNORECASE)
_SKIP_HOURS = re.compile(rb"<skipHours>(.{0,2000}?)</skipHours>", re.DOTALL)
_HOUR = re.compile(rb"<hour>\s*(\d{1,2})\s*</hour>")
_PERIODS = {"hourly": 60, "daily": 1_440, "weekly": 10_080, "monthly": 43_200, "yearly": 525_600}
_NO_XML = "no RSS, Atom or RDF root element"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item of a feed, its dates checked and its URL absolute."""

    guid: str | None
    url: str | None
    title: str
    #: full content where the feed has it, else the summary; '' for a headline alone
    html: str
    published_at: datetime | None
    authors: tuple[str, ...]
    source: str | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed with its entries in the order it lists them."""

    title: str
    link: str | None
    entries: tuple[Entry, ...]
    #: minutes between polls the feed asks for
    ttl: int | None = None
    #: hours of the day, UTC, in which it asks not to be polled
    skip_hours: tuple[int, ...] = ()
    #: it ends before its end tag: the last entry may be cut short and is left out
    cut_short: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFailure:
    """Why bytes can't be used as a feed."""

    reason: Literal["not_a_feed", "empty", "entities", "cut_short"]
    detail: str


def parse_feed(
    data: bytes, *, url: str | None = None, now: datetime | None = None, max_entries: int = MAX_ENTRIES
) -> Feed | FeedFailure:
    """Bytes → feed: for both the saved feeds of a batch run and the fetched ones of a continuous run.

    Args:
        data: the body as it came, in any encoding it declares.
        url: where it came from; relative links are resolved against it.
        now: dates further ahead than clocks explain are dropped; without it no date is in the future.
        max_entries: entries after these are cut off before parsing, with a note.
    """
    if not data.strip():
        return FeedFailure(reason="empty", detail="no content")
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return _read_json_feed(data, url, now, max_entries)
    # Also in UTF-16, which a parser would read as well.
    if b"<!ENTITY" in data or b"<!ENTITY" in data.replace(b"\x00", b""):
        return FeedFailure(reason="entities", detail="the feed declares XML entities")
    return _read_xml_feed(data, url, now, max_entries)


def entry_text(entry: Entry) -> str:
    """Entry → its content as plain text, a line for each block."""
    return strip_markup(entry.html)


def _read_xml_feed(
    data: bytes, url: str | None, now: datetime | None, max_entries: int
) -> Feed | FeedFailure:
    data, notes = _cut(data, max_entries)
    # Bytes of 16 or 32 bits a character have zeros between the letters of the tag.
    cut_short = not _END.search(data[-65_536:]) and not _END.search(data[-65_536:].replace(b"\x00", b""))
    # A stream, never the bytes: feedparser would open a short string as a file or address.
    parsed = feedparser.parse(BytesIO(data), sanitize_html=False, resolve_relative_uris=False)
    if not parsed.get("version") and not parsed.entries:
        error = parsed.get("bozo_exception")
        detail = _NO_XML if error is None else f"{_NO_XML}: {error}"[:300]
        return FeedFailure(reason="not_a_feed", detail=detail)
    if cut_short and len(parsed.entries) < 2:
        return FeedFailure(reason="cut_short", detail="it ends before the end of its first entry")
    if not parsed.entries:
        return FeedFailure(reason="empty", detail="the feed has no entries")
    if parsed.get("bozo") and not isinstance(parsed.bozo_exception, feedparser.CharacterEncodingOverride):
        notes = (*notes, f"feed: malformed, {parsed.bozo_exception}"[:200])
    head: Mapping[str, Any] = parsed.feed
    link = _absolute(head.get("link"), url)
    title = _plain(head.get("title"))
    entries = tuple(
        _check_date(_xml_entry(item, title, link or url), now) for item in parsed.entries[:max_entries]
    )
    if cut_short:
        entries, notes = entries[:-1], (*notes, "feed: cut short")
    return Feed(
        title=title,
        link=link,
        entries=entries,
        ttl=_pause_wanted(head),
        skip_hours=_skip_hours(data),
        cut_short=cut_short,
        notes=notes,
    )


def _pause_wanted(head: Mapping[str, Any]) -> int | None:
    """Feed's head → minutes between polls, by `ttl` or `sy:updatePeriod`."""
    ttl = str(head.get("ttl", "")).strip()
    if ttl.isdecimal() and len(ttl) < 7:
        return int(ttl)
    period = _PERIODS.get(str(head.get("sy_updateperiod", "")).strip().lower())
    often = str(head.get("sy_updatefrequency", "1")).strip()
    times = int(often) if often.isdecimal() and len(often) < 5 else 1
    return None if period is None else max(1, period // max(1, times))


def _skip_hours(data: bytes) -> tuple[int, ...]:
    found = _SKIP_HOURS.search(data)
    hours = {int(hour) % 24 for hour in _HOUR.findall(found.group(1))} if found else set()
    # A feed that is never to be polled doesn't mean it.
    return tuple(sorted(hours)) if len(hours) < 24 else ()


def _cut(data: bytes, max_entries: int) -> tuple[bytes, tuple[str, ...]]:
    for count, match in enumerate(_ENTRY_START.finditer(data)):
        if count == max_entries:
            root = _ROOT.search(data[:4_096])
            name = root.group(1) if root else b"rss"
            closing = _CLOSING.get(name, b"</" + name + b">")
            return data[: match.start()] + closing, (f"feed: cut after {max_entries} entries",)
    return data, ()


def _xml_entry(item: Mapping[str, Any], source: str, base: str | None) -> Entry:
    contents = [part.get("value") or "" for part in item.get("content", ())]
    summary = item.get("summary") or ""
    moment, notes = _xml_date(item)
    guid = _text(item.get("id"))
    link = _absolute(item.get("link"), base)
    if link is None and guid and guid.startswith(("http://", "https://")):
        link = guid
    names = [author.get("name") for author in item.get("authors", ())] or [item.get("author")]
    inner = item.get("source")
    inner_title = _plain(inner.get("title")) if isinstance(inner, Mapping) else ""
    return Entry(
        guid=guid,
        url=link,
        title=_plain(item.get("title")),
        html=max([*contents, summary], key=len) if contents else summary,
        published_at=moment,
        authors=_names(names),
        source=inner_title or source or None,
        notes=notes,
    )


def _xml_date(item: Mapping[str, Any]) -> tuple[datetime | None, tuple[str, ...]]:
    for field in ("published", "updated"):
        written = _text(item.get(field))
        if not written:
            continue
        parsed = item.get(f"{field}_parsed")
        moment = parse_published(written)
        if moment is None and parsed is not None and not is_placeholder(written):
            try:
                moment = as_utc(datetime.fromtimestamp(timegm(parsed), UTC))
            except (ValueError, OverflowError, OSError):
                moment = None
        return moment, () if moment else (f"published: unreadable date {written[:60]!r}",)
    return None, ()


def _read_json_feed(
    data: bytes, url: str | None, now: datetime | None, max_entries: int
) -> Feed | FeedFailure:
    try:
        body = json.loads(decode(data).text)
    except (ValueError, RecursionError) as error:
        return FeedFailure(reason="not_a_feed", detail=f"no JSON: {error}"[:300])
    items = body.get("items") if isinstance(body, dict) else None
    if not isinstance(items, list) or "jsonfeed.org" not in str(body.get("version", "")):
        return FeedFailure(reason="not_a_feed", detail="no JSON Feed: version and items are needed")
    if not items:
        return FeedFailure(reason="empty", detail="the feed has no entries")
    title = _plain(body.get("title"))
    link = _absolute(body.get("home_page_url"), url)
    notes = (f"feed: cut after {max_entries} entries",) if len(items) > max_entries else ()
    entries = tuple(
        _check_date(_json_entry(item, body, title, link or url), now)
        for item in items[:max_entries]
        if isinstance(item, dict)
    )
    return Feed(title=title, link=link, entries=entries, notes=notes)


def _json_entry(item: Mapping[str, Any], feed: Mapping[str, Any], source: str, base: str | None) -> Entry:
    html, text = _text(item.get("content_html")), _text(item.get("content_text"))
    # Plain text may contain '<': it is escaped, so that one reading fits both.
    escaped = "<br>".join(text.replace("&", "&amp;").replace("<", "&lt;").split("\n")) if text else ""
    written = _text(item.get("date_published")) or _text(item.get("date_modified"))
    moment = parse_published(written) if written else None
    authors = _people(item.get("authors")) or _people([item.get("author")]) or _people(feed.get("authors"))
    guid = item.get("id")
    return Entry(
        guid=str(guid) if isinstance(guid, str | int) else None,
        url=_absolute(item.get("url"), base),
        title=_plain(item.get("title")),
        html=html or escaped or _text(item.get("summary")) or "",
        published_at=moment,
        authors=_names(author.get("name") for author in authors),
        source=source or None,
        notes=(f"published: unreadable date {written[:60]!r}",) if written and moment is None else (),
    )


def _people(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _check_date(entry: Entry, now: datetime | None) -> Entry:
    moment = entry.published_at
    if moment is None or not is_future(moment, now):
        return entry
    note = f"published: {moment:%Y-%m-%d} lies in the future"
    return replace(entry, published_at=None, notes=(*entry.notes, note))


def _absolute(link: object, base: str | None) -> str | None:
    text = _text(link)
    if not text:
        return None
    try:
        joined = urljoin(base or "", text.strip())
    except ValueError:
        return None
    return joined if joined.lower().startswith(("http://", "https://")) else None


def _plain(value: object) -> str:
    """Title as feeds write it, at times escaped twice → one line of text without markup."""
    text = _text(value) or ""
    for _ in range(2):
        if not _MARKUP.search(text):
            break
        text = strip_markup(text)
    return tidy_line(text)


def _names(values: Iterable[object]) -> tuple[str, ...]:
    names = (_plain(value)[:200] for value in values if value)
    return tuple(dict.fromkeys(name for name in names if name))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None
