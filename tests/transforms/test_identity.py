import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.identity import article_id, canonical_url, content_sha256, document_key, event_id


@pytest.mark.parametrize(
    "url",
    [
        "https://news.example/a/b?id=3&page=1",
        "http://news.example/a/b?id=3&page=1",
        "HTTPS://News.Example:443/a/b?page=1&id=3#top",
        "http://news.example:80/a/b?id=3&page=1&utm_source=x&fbclid=abc",
        " https://news.example./a/b?id=3&page=1 ",
    ],
)
def test_one_address_has_one_form(url: str) -> None:
    assert canonical_url(url) == "https://news.example/a/b?id=3&page=1"


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "  ",
        "not a url",
        "/relative",
        "mailto:a@b.example",
        "ftp://a.example/x",
        "https://",
        "http://[::1",
        "http://a.example:99999/",
        "javascript:alert(1)",
        "https://a.example/" + "x" * 3_000,
    ],
)
def test_what_is_no_web_address_is_none(url: str | None) -> None:
    assert canonical_url(url) is None


def test_other_pages_keep_other_forms() -> None:
    urls = [
        "https://a.example/",
        "https://a.example/x",
        "https://a.example/x?id=1",
        "https://a.example:8443/x",
    ]
    assert len({canonical_url(url) for url in urls}) == len(urls)


@given(st.text(max_size=60))
def test_the_form_is_stable(path: str) -> None:
    once = canonical_url(f"https://a.example/{path}")
    if once is not None:
        assert canonical_url(once) == once
        once.encode()


def test_ids_are_short_and_the_same_in_every_run() -> None:
    assert article_id("https://a.example/1", "text") == article_id("https://a.example/1", "another text")
    assert article_id(None, "text") != article_id(None, "another text")
    assert article_id(None, "https://a.example/1") != article_id("https://a.example/1", "")
    # Written down: a changed value would make every known article new.
    assert article_id("https://a.example/1", "") == "fb08619ffdf0dde5"
    assert len(document_key("n", 1, "f")) == 32


def test_an_event_is_its_parties_whatever_their_order() -> None:
    one = event_id("a", ("FIN", "SWE"), ("UKR",), "NATO", "membership", "endorse")
    assert one == event_id("a", ("SWE", "FIN"), ("UKR",), "NATO", "membership", "endorse")
    assert one != event_id("a", ("UKR",), ("FIN", "SWE"), "NATO", "membership", "endorse")
    assert one != event_id("a", ("FIN", "SWE"), ("UKR",), None, "membership", "endorse")
    assert len(one) == 16


def test_the_border_of_title_and_text_matters() -> None:
    assert content_sha256("ab", "c") != content_sha256("a", "bc")
