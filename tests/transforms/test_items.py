"""What names an item of a feed, and what makes it a new revision."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.items import (
    PlainEntry,
    item_key,
    list_items,
    make_document,
    number_revision,
    wrap_paragraphs,
)
from transforms.markup import strip_markup
from transforms.records import RawDocument
from transforms.stored import pack_document, unpack_document

FEED = "https://news.example/feed"


def entry(url: str | None, guid: str | None = None, title: str = "T", text: str = "Words.") -> PlainEntry:
    return PlainEntry(guid=guid, url=url, title=title, text=text, published_at=None)


def identities(*entries: PlainEntry) -> list[str]:
    return [item.identity for item in list_items(entries, FEED)]


def test_the_url_names_an_item_whatever_its_guid_and_tracking() -> None:
    (first,) = identities(entry("https://news.example/1?utm_source=rss", "a"))
    (second,) = identities(entry("http://NEWS.example/1#top", "b"))
    assert first == second == "url https://news.example/1"


def test_guid_and_content_name_what_has_no_url() -> None:
    (by_guid,) = identities(entry(None, "tag:1"))
    assert by_guid == identities(entry(None, "tag:1", text="Changed."))[0]
    assert list_items([entry(None, "tag:1")], "https://other.example/feed")[0].identity != by_guid
    (by_text,) = identities(entry(None))
    assert by_text != identities(entry(None, text="Changed."))[0]


def test_a_guid_that_several_share_names_nothing() -> None:
    both = identities(entry(None, "0", "One"), entry(None, "0", "Two"))
    assert len(set(both)) == 2 and all(name.startswith("text ") for name in both)


def test_a_url_that_several_share_is_no_item() -> None:
    page = "https://news.example/live"
    both = list_items([entry(page, "a", "One"), entry(page, "b", "Two")], FEED)
    assert len({item.identity for item in both}) == 2
    assert [item.url for item in both] == [None, None]
    assert "shared" in both[0].notes[0]


def test_an_item_listed_twice_is_one() -> None:
    twice = list_items(
        [entry("https://a.example/1", "x", text="New."), entry("https://a.example/1", "x")], FEED
    )
    assert [item.text for item in twice] == ["New."]


def test_what_it_says_is_title_and_text() -> None:
    (one,) = list_items([entry("https://a.example/1")], FEED)
    (spaced,) = list_items([entry("https://a.example/1", text=" Words. \n")], FEED)
    dated = replace(entry("https://a.example/1"), published_at=datetime(2025, 1, 1, tzinfo=UTC))
    (later,) = list_items([dated], FEED)
    (other,) = list_items([entry("https://a.example/1", title="U")], FEED)
    assert one.said == spaced.said == later.said != other.said
    assert item_key(one) == item_key(later) != item_key(other)


def test_oldest_first() -> None:
    some = [entry(f"https://a.example/{number}") for number in (3, 2, 1)]
    assert [item.url for item in list_items(some, FEED)] == [f"https://a.example/{n}" for n in (1, 2, 3)]


def test_the_outlet_of_the_list_is_the_source() -> None:
    (one,) = list_items([replace(entry("https://a.example/1"), source="Feed of it")], FEED)
    assert make_document(one, 1, origin=FEED, outlet="The Outlet").source == "The Outlet"
    named = make_document(one, 2, origin=FEED, outlet=None)
    assert (named.source, named.revision, named.text_basis, named.origin) == ("Feed of it", 2, "feed", FEED)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)))
def test_paragraphs_stay_apart(lines: list[str]) -> None:
    words = [" ".join(line.split()) for line in lines]
    assert strip_markup(wrap_paragraphs("\n".join(lines))).split("\n") == ([w for w in words if w] or [""])


@given(st.text(), st.none() | st.datetimes(timezones=st.just(UTC)), st.lists(st.text()))
def test_a_document_is_the_same_out_of_store(text: str, moment: datetime | None, names: list[str]) -> None:
    document = RawDocument(
        key="k", order=1, origin="o", format="text", content=text.encode("utf-8", "replace").decode(),
        published_at=moment, authors=tuple(name.encode("utf-8", "replace").decode() for name in names),
        revision=3, text_basis="feed: paywall",
    )  # fmt: skip
    assert unpack_document(pack_document(document)) == document


@pytest.mark.parametrize(
    ("known", "number"),
    [
        ([], 1),
        ([(FEED, 1, "before")], 2),
        ([(FEED, 1, "before"), (FEED, 2, "then")], 3),
        # As it is, as it once was, of another feed, changed too often.
        ([(FEED, 1, "now")], None),
        ([(FEED, 1, "now"), (FEED, 2, "then")], None),
        ([("https://b.example/f", 1, "before")], None),
        ([(FEED, number, f"then {number}") for number in range(1, 4)], None),
    ],
)
def test_a_revision_is_news_once(known: list[tuple[str, int, str]], number: int | None) -> None:
    assert number_revision(known, FEED, "now", 3) == number
