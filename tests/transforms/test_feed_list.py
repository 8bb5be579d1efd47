"""Lists of feeds, the feeds that web pages name, and robots.txt."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.feed_discovery import find_feeds
from transforms.feed_list import BadFeedList, Layout, ListedFeed, merge_feeds, read_feed_list, write_feed_list
from transforms.robots import EVERYTHING, NOTHING, may_fetch, read_robots

FEEDS = (
    ListedFeed(url="https://a.example/feed?x=1&y=2", outlet='The "A", daily', language="en", country="GBR"),
    ListedFeed(url="http://b.example/rss"),
)


@pytest.mark.parametrize("layout", ["opml", "csv", "txt"])
def test_what_is_written_is_read(layout: Layout) -> None:
    read = read_feed_list(write_feed_list(FEEDS, layout).encode(), "f")
    assert [feed.url for feed in read] == [feed.url for feed in FEEDS]
    if layout != "txt":
        assert read[0] == FEEDS[0]


def test_nested_outlines_of_other_programs() -> None:
    opml = b"""\xef\xbb\xbf<?xml version="1.0"?><opml version="1.0"><body><outline text="World">
      <outline text="A" title="The A" XMLURL=" https://a.example/f "/><outline text="no feed"/>
      <outline xmlUrl="https://a.example/f" text="again"/></outline></body></opml>"""
    assert read_feed_list(opml, "f") == (ListedFeed(url="https://a.example/f", outlet="The A"),)


def test_lines() -> None:
    text = b"# mine\n\nhttps://a.example/f  The A\r\nhttps://b.example/f\n"
    read = read_feed_list(text, "f")
    assert [(feed.url, feed.outlet) for feed in read] == [
        ("https://a.example/f", "The A"), ("https://b.example/f", "")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"https://a.example\nfile:///etc/passwd\n", "line 2"),
        (b"url,outlet\nhttps://a.example,A\nnowhere,B\n", "line 3"),
        (b"url,language\nhttps://a.example,english please\n", "line 2: no code"),
        (b"<opml><body>", "no element found|unclosed|mismatched"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><opml/>', "entities"),
        (b"http://[bad\n", "line 1"),
    ],
)
def test_bad_lists_say_where(content: bytes, words: str) -> None:
    with pytest.raises(BadFeedList, match=words):
        read_feed_list(content, "f.txt")


@given(st.binary(max_size=200))
def test_any_bytes_are_a_list_or_a_bad_one(content: bytes) -> None:
    with suppress(BadFeedList):
        assert all(feed.url.lower().startswith("http") for feed in read_feed_list(content, "f"))


def test_merging_keeps_what_is_there() -> None:
    other = ListedFeed(url=FEEDS[1].url, outlet="Other")
    new = ListedFeed(url="https://c.example/")
    assert merge_feeds(FEEDS, [other, new]) == (*FEEDS, new)


def test_pages_name_their_feeds() -> None:
    page = """<html><head><base href="https://a.example/news/">
      <link rel="alternate" type="application/rss+xml" href="feed.xml?a=1&amp;b=2">
      <link href='/atom' type='application/atom+xml; charset=utf-8' rel='ALTERNATE nofollow'>
      <link rel="alternate" hreflang="fr" href="/fr">
      <link rel=alternate type=application/rss+xml href=javascript:x>
      <link rel="stylesheet" type="application/rss+xml" href="/no"></head>"""
    assert find_feeds(page, "https://a.example/") == (
        "https://a.example/news/feed.xml?a=1&b=2",
        "https://a.example/atom",
    )


def test_robots() -> None:
    rules = read_robots(
        200, b"User-agent: *\nDisallow: /private\nUser-agent: alliance-watch\nDisallow: /no\n"
    )
    assert may_fetch(rules, "https://a.example/private", "alliance-watch")
    assert not may_fetch(rules, "https://a.example/no/1", "alliance-watch")
    assert not may_fetch(rules, "https://a.example/private/1", "other")
    assert read_robots(404, b"") == EVERYTHING
    assert read_robots(503, b"") == read_robots(None, b"") == NOTHING
    assert not may_fetch(NOTHING, "https://a.example/", "x") and may_fetch(
        EVERYTHING, "https://a.example/", "x"
    )
    assert may_fetch(read_robots(200, b"\xff\xfe<html>no rules</html>"), "https://a.example/", "x")
