"""Entry of a followed feed → item: what names it, what it says, and the document made of it.

An item is named by its canonical URL, else by its GUID, else by its content. What it says is its title and
text; where that changes, the item has a new revision.
"""

import html
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from transforms.encodings import drop_surrogates
from transforms.identity import canonical_url, digest_strings, document_key
from transforms.records import RawDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An entry of a feed as plain text, ready to be compared with what is known."""

    #: names it among all items
    identity: str
    #: hash of title and text
    said: str
    title: str
    text: str
    url: str | None
    published_at: datetime | None
    authors: tuple[str, ...]
    source: str | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainEntry:
    """An entry whose markup has been read away."""

    guid: str | None
    url: str | None
    title: str
    text: str
    published_at: datetime | None
    authors: tuple[str, ...] = ()
    source: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PageText:
    """What was read on an item's page."""

    text: str
    title: str = ""
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None


def list_items(entries: Sequence[PlainEntry], feed: str) -> tuple[Item, ...]:
    """Entries of one feed, newest first as a rule → its items, each once, the oldest first.

    A URL that several entries with titles and GUIDs of their own share names a page of many, not an item; a
    GUID that several share names nothing. An item that is listed twice is taken as it stands first.

    Args:
        entries: in the order of the feed.
        feed: its address; GUIDs are only good within one feed.
    """
    urls = [canonical_url(entry.url) for entry in entries]
    named = list(zip(urls, entries, strict=True))
    shared = _shared((url, entry.title) for url, entry in named)
    shared &= _shared((url, entry.guid or entry.title) for url, entry in named)
    repeated = _shared((entry.guid, entry.url or entry.title) for entry in entries)
    found: dict[str, Item] = {}
    for url, entry in named:
        url = None if url in shared else url
        guid = None if entry.guid in repeated else entry.guid
        item = _make_item(entry, url, guid, feed)
        found.setdefault(item.identity, item)
    return tuple(reversed(found.values()))


def _shared(pairs: Iterable[tuple[str | None, str]]) -> set[str]:
    """Pairs of a name and what it stands beside → the names that stand beside several things."""
    counts = Counter(name for name, _ in set(pairs) if name is not None)
    return {name for name, count in counts.items() if count > 1}


def _make_item(entry: PlainEntry, url: str | None, guid: str | None, feed: str) -> Item:
    said = digest_strings(" ".join(entry.title.split()), " ".join(entry.text.split()))[:32]
    notes = entry.notes
    if url:
        identity = f"url {url}"
    elif guid:
        identity = f"guid {digest_strings(feed, guid)[:32]}"
    else:
        identity = f"text {said}"
    if url is None and entry.url:
        notes = (*notes, f"url: shared by several items, {entry.url[:300]}")
    return Item(
        identity=identity,
        said=said,
        title=entry.title,
        text=entry.text,
        url=entry.url if url else None,
        published_at=entry.published_at,
        authors=entry.authors,
        source=entry.source,
        notes=notes,
    )


def item_key(item: Item) -> str:
    """Item → key of the document: named by what it says, whatever is known of what it said before."""
    # At this place stood the number of the revision, as it still does in older folders.
    return document_key(item.identity, 1, item.said)


def number_revision(
    known: Sequence[tuple[str, int, str]], feed: str, said: str, max_revisions: int
) -> int | None:
    """What is known of an item, and what a feed says of it now → number of its revision; None for no news.

    Listed by another feed too, changed too often, or as it once was: a text that comes back isn't new.

    Args:
        known: feed, number and hash of each of its revisions.
        feed: address of the feed that lists it now.
        said: hash of what it says now.
        max_revisions: that are kept; later changes are left out.
    """
    if known and (
        known[0][0] != feed or len(known) >= max_revisions or any(said == one for _, _, one in known)
    ):
        return None
    return 1 + max((revision for _, revision, _ in known), default=0)


def make_document(
    item: Item, revision: int, *, origin: str, outlet: str | None, order: int = 0
) -> RawDocument:
    """Item and its revision → the document that enters the graph, with the text of the feed.

    Args:
        item: what the feed says.
        revision: 1 for the first.
        origin: address of the feed.
        outlet: name of the outlet as the feed list has it; it is better kept than a feed's title.
        order: number of the item in the state file.
    """
    return RawDocument(
        key=item_key(item),
        order=order,
        origin=origin,
        format="text",
        content=drop_surrogates(item.text),
        url=drop_surrogates(item.url) if item.url else None,
        title=drop_surrogates(item.title),
        published_at=item.published_at,
        source=outlet or item.source,
        authors=item.authors,
        notes=item.notes,
        revision=revision,
        text_basis="feed",
    )


def wrap_paragraphs(text: str) -> str:
    """Paragraphs, one a line → markup that keeps them apart, so that cleaning them again changes nothing."""
    return "".join(f"<p>{html.escape(line, quote=False)}</p>\n" for line in text.split("\n"))
