from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.feeds import Entry, Feed, FeedFailure, entry_text, parse_feed

DATA = Path(__file__).parent.parent / "samples"
NOW = datetime(2024, 7, 1, tzinfo=UTC)


def feed(name: str) -> Feed:
    parsed = parse_feed((DATA / name).read_bytes(), url=f"https://feeds.example/{name}", now=NOW)
    assert isinstance(parsed, Feed)
    return parsed


def test_rss() -> None:
    parsed = feed("rss2.xml")
    assert (parsed.title, parsed.link, parsed.ttl) == (
        "The Harbour Gazette",
        "https://gazette.example/world",
        30,
    )
    first, second, third, _ = parsed.entries
    assert first.title == "Freedonia & Sylvania back Osterlich’s bid"
    assert first.url == "https://gazette.example/world/2024/bid?utm_source=rss"
    assert first.guid == "gazette-1"
    assert first.published_at == datetime(2024, 6, 4, 8, 30, tzinfo=UTC)
    assert (first.authors, first.source) == (("Ada Quill",), "The Harbour Gazette")
    assert entry_text(first) == "Two neighbours backed the bid on Tuesday.\nA vote follows."
    assert (second.published_at, third.published_at) == (None, None)
    assert "0001" in second.notes[0]
    assert third.notes == ("published: 2091-06-04 lies in the future",)


def test_without_a_clock_no_date_is_in_the_future() -> None:
    parsed = parse_feed((DATA / "rss2.xml").read_bytes())
    assert isinstance(parsed, Feed)
    assert parsed.entries[2].published_at == datetime(2091, 6, 4, 10, 30, tzinfo=UTC)


def test_atom() -> None:
    (entry,) = feed("atom.atom").entries
    assert (entry.title, entry.url, entry.authors) == ("Talks resume", "https://pact.example/7", ("Ben Ink",))
    assert entry.published_at == datetime(2024, 3, 2, 8, tzinfo=UTC)


def test_rss_1() -> None:
    (entry,) = feed("rss1.rss").entries
    assert (entry.title, entry_text(entry)) == ("An early item", "It was short.")
    assert entry.published_at == datetime(2003, 5, 1, tzinfo=UTC)


def test_json_feed() -> None:
    first, second = feed("feed.json").entries
    assert (first.guid, first.url, first.authors) == ("11", "https://signal.example/11", ("Desk",))
    assert entry_text(first) == "Aid < 5 million\nwas pledged."
    assert first.published_at == datetime(2024, 2, 1, 17, tzinfo=UTC)
    assert (second.title, second.authors, entry_text(second)) == ("", ("Cy Lead",), "No title here.")


def rss(items: str, head: str = "<title>T</title>") -> bytes:
    return f"<rss version='2.0'><channel>{head}{items}</channel></rss>".encode()


def entries(data: bytes) -> tuple[Entry, ...]:
    parsed = parse_feed(data)
    assert isinstance(parsed, Feed), parsed
    return parsed.entries


def test_too_many_entries_are_cut_with_a_note() -> None:
    parsed = parse_feed(rss("<item><title>x</title></item>" * 50), max_entries=20)
    assert isinstance(parsed, Feed)
    assert (len(parsed.entries), parsed.notes) == (20, ("feed: cut after 20 entries",))


def test_a_feed_broken_half_way_gives_what_came_before() -> None:
    broken = rss("<item><title>One</title><link>https://a.example/1</link></item><item><title>Tw")[:-25]
    parsed = parse_feed(broken)
    assert isinstance(parsed, Feed)
    assert parsed.entries[0].title == "One"
    assert "malformed" in parsed.notes[0]


@pytest.mark.parametrize("end", ["<title>T</title>", "<item><title>One", "<item><title>One</title></item>"])
def test_a_feed_cut_before_its_first_entry_is_whole_says_so(end: str) -> None:
    failure = parse_feed(f"<rss version='2.0'><channel>{end}".encode())
    assert isinstance(failure, FeedFailure) and failure.reason == "cut_short"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused(encoding: str) -> None:
    bomb = (
        '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
        '<rss version="2.0"><channel><title>&b;</title></channel></rss>'
    )
    failure = parse_feed(bomb.encode(encoding))
    assert isinstance(failure, FeedFailure)
    assert failure.reason == "entities"


def test_the_doctype_of_old_feeds_is_no_entity() -> None:
    old = (
        b'<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN"'
        b' "http://my.netscape.com/publish/formats/rss-0.91.dtd">'
    )
    assert (
        entries(old + rss("<item><title>Old one</title></item>").replace(b"2.0", b"0.91"))[0].title
        == "Old one"
    )


@pytest.mark.parametrize(
    "data", [b"https://a.example/feed", b"/etc/hostname", b"feed://a.example", b"README.md"]
)
def test_a_name_or_address_is_never_opened(data: bytes) -> None:
    failure = parse_feed(data)
    assert isinstance(failure, FeedFailure)
    assert failure.reason == "not_a_feed"


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("/a", "https://site.example/a"),
        ("https://b.example/c", "https://b.example/c"),
        ("javascript:alert(1)", None),
        ("//cdn.example/x", "https://cdn.example/x"),
        ("http://[bad", None),
        ("", None),
    ],
)
def test_links_are_absolute_web_addresses(link: str, expected: str | None) -> None:
    item = f"<item><title>x</title><link>{link}</link></item>"
    assert entries(rss(item, "<link>https://site.example/</link>"))[0].url == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2024-06-01T00:00:00Z", datetime(2024, 6, 1, tzinfo=UTC)),
        ("Sat, 01 Jun 2024 02:00:00 EDT", datetime(2024, 6, 1, 6, tzinfo=UTC)),
        ("Sat, 1 Jun 24 00:00:00 GMT", datetime(2024, 6, 1, tzinfo=UTC)),
        ("yesterday", None),
        ("9999-99-99", None),
    ],
)
def test_dates(written: str, expected: datetime | None) -> None:
    entry = entries(rss(f"<item><title>x</title><pubDate>{written}</pubDate></item>"))[0]
    assert entry.published_at == expected
    assert bool(entry.notes) == (expected is None)


@given(st.binary(max_size=200))
def test_any_bytes_give_a_feed_or_a_reason(data: bytes) -> None:
    assert isinstance(parse_feed(data), Feed | FeedFailure)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["id", "url", "title", "content_html", "authors", "date_published", "author", "name"]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_item_gives_a_feed_or_a_reason(item: object) -> None:
    import json

    body = {"version": "https://jsonfeed.org/version/1", "items": [item]}
    assert isinstance(parse_feed(json.dumps(body).encode()), Feed | FeedFailure)
