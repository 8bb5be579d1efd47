"""HTML page → title, main text and metadata; rejects what is too large to parse or has no text."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from trafilatura import bare_extraction

from transforms.identity import canonical_url
from transforms.markup import strip_markup
from transforms.paragraphs import tidy_line
from transforms.published import parse_published

#: elements that end without an end tag: they never nest deeply, whatever the number of their start tags
_UNNESTED = frozenset(
    (
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
        "p",
        "li",
        "td",
        "th",
        "tr",
        "dt",
        "dd",
        "option",
        "thead",
        "tbody",
    )
)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*)|<!--")
#: what is longer is not looked through to its end
_LONGEST_TAG = 502
_PAGE = re.compile(r"<(?:html|body|head|!doctype)\b", re.IGNORECASE)
_META_DATE = re.compile(
    r"""<meta\s[^>]{0,200}?(?:property|name|itemprop)\s*=\s*["'](?:article:published_time|datePublished|"""
    r"""og:published_time|publish-date|publication_date|date|dc\.date(?:\.issued)?|parsely-pub-date)["'][^>]{0,200}?"""
    r"""content\s*=\s*["']([^"'<>]{8,40})["']""",
    re.IGNORECASE,
)
_JSON_DATE = re.compile(r'"datePublished"\s*:\s*"([^"]{8,40})"')
_LANG = re.compile(r"""<html\b[^>]{0,300}?\blang\s*=\s*["']?([a-zA-Z]{2})\b""", re.IGNORECASE)
_TITLE_TAIL = re.compile(r"\s+[|–—·»-]\s+([^|–—·»]{2,60})$")
_NOT_LETTERS = re.compile(r"[\W_]+")
#: a constant: trafilatura would take today and give another date tomorrow
_DATE_OPTIONS = {"original_date": True, "extensive_search": False, "max_date": "2100-01-01"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLimits:
    """What a page may be before parsing it costs too much: 50,000 paragraphs took 19 s."""

    characters: int = 5_000_000
    tags: int = 15_000
    depth: int = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """What a page says and says about itself; `text` has a paragraph a line, furniture still in it."""

    title: str
    text: str
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    source: str | None = None
    canonical_url: str | None = None
    #: language the page declares, ISO 639-1
    language_hint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFailure:
    """Why no text can be had of a page."""

    reason: Literal["empty", "too_large", "too_complex", "too_deep"]
    detail: str


def extract_html(html: str, url: str | None, limits: PageLimits) -> Extracted | PageFailure:
    """Page or fragment of one → its article: boilerplate left out by trafilatura, metadata read.

    A fragment, as feeds and archives carry it, is taken as it is: all of it is content.
    """
    failure = measure_page(html, limits)
    if failure is not None:
        return failure
    if not is_page(html):
        text = strip_markup(html)
        return Extracted(title="", text=text) if text else PageFailure(reason="empty", detail="no text in it")
    document = bare_extraction(
        html,
        url=url,
        fast=True,
        include_comments=False,
        with_metadata=True,
        date_extraction_params=dict(_DATE_OPTIONS),
    )
    if document is None:
        return PageFailure(reason="empty", detail="no article text found in the page")
    found: Mapping[str, Any] = document if isinstance(document, dict) else document.as_dict()
    source = tidy_line(found.get("sitename") or "") or None
    return Extracted(
        title=strip_outlet(tidy_line(found.get("title") or ""), source, found.get("hostname") or url),
        text=found.get("text") or "",
        authors=_split_authors(found.get("author")),
        published_at=_published_at(html, found.get("date")),
        source=source,
        canonical_url=canonical_url(found.get("url")),
        language_hint=_declared_language(html),
    )


def is_page(html: str) -> bool:
    """Markup → whether it is a whole page rather than a fragment."""
    return _PAGE.search(html, 0, 10_000) is not None


def measure_page(html: str, limits: PageLimits) -> PageFailure | None:
    """Page → why it must not be parsed, or None: one pass over its tags, scripts and comments left out."""
    if len(html) > limits.characters:
        return PageFailure(reason="too_large", detail=f"more than {limits.characters:,} characters")
    tags = depth = position = 0
    while match := _TAG.search(html, position):
        position = match.end()
        closing, name = match.groups()
        if name is None:
            position = _after(html, "-->", position)
            continue
        tags += 1
        if tags > limits.tags:
            return PageFailure(reason="too_complex", detail=f"more than {limits.tags:,} tags")
        name = name.lower()
        if name in _UNNESTED:
            continue
        if closing:
            depth -= depth > 0
        elif name in ("script", "style"):
            position = _after(html, f"</{name}", position)
        elif not _is_self_closed(html, position):
            depth += 1
            if depth > limits.depth:
                return PageFailure(reason="too_deep", detail=f"more than {limits.depth} nested elements")
    return None


def _is_self_closed(html: str, position: int) -> bool:
    """Markup and where a tag's name ends → whether the tag ends itself."""
    end = html.find(">", position, position + _LONGEST_TAG)
    return end > position and html[end - 1] == "/" and "<" not in html[position:end]


def strip_outlet(title: str, source: str | None, host: str | None) -> str:
    """'Talks go on | The Gazette' → 'Talks go on': only where the tail is the site's name or its host's."""
    match = _TITLE_TAIL.search(title)
    if match is None:
        return title
    tail = _letters(match.group(1))
    names = {_letters(source or ""), _letters(source or "").removeprefix("the")} - {""}
    site = _letters(re.sub(r"^\w+://|/.*$", "", host or ""))
    bare = tail.removeprefix("the")
    known = tail in names or bare in names or (len(bare) >= 3 and bare in site)
    return title[: match.start()].rstrip() if known and tail else title


def _letters(name: str) -> str:
    return _NOT_LETTERS.sub("", name.casefold())


def _after(html: str, mark: str, position: int) -> int:
    found = html.find(mark, position)
    return len(html) if found < 0 else found + len(mark)


def _published_at(html: str, date: object) -> datetime | None:
    for pattern in (_META_DATE, _JSON_DATE):
        match = pattern.search(html)
        moment = parse_published(match.group(1)) if match else None
        if moment is not None:
            return moment
    return parse_published(date) if isinstance(date, str) else None


def _declared_language(html: str) -> str | None:
    match = _LANG.search(html, 0, 10_000)
    return match.group(1).lower() if match else None


def _split_authors(authors: object) -> tuple[str, ...]:
    if not isinstance(authors, str):
        return ()
    return tuple(dict.fromkeys(name for name in map(tidy_line, authors.split(";")) if name))
