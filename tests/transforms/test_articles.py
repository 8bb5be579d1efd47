import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from transforms.articles import ArticleSettings, make_article
from transforms.furniture import Furniture
from transforms.language import identify_language
from transforms.records import Article, RawDocument, Rejection
from transforms.text import PageLimits

ROOT = Path(__file__).parents[2]
WORDS = yaml.safe_load((ROOT / "configs" / "furniture.yaml").read_text())
SETTINGS = ArticleSettings(furniture=Furniture(**{name: tuple(phrases) for name, phrases in WORDS.items()}))
SEEDS = [path.read_text() for path in sorted((ROOT / "seeds").glob("*.txt"))]

PROSE = [
    "The parliament of Sylvania voted on Tuesday to back the bid of its neighbour, after months of delay.",
    "Its prime minister called the vote a long-awaited step and thanked the members of every party in "
    "the house.",
    "Osterlich, the last member that has not yet ratified the treaty, said it would decide in the spring.",
]
TITLE = "Sylvania Votes for Its Neighbour’s Bid"
BODY = "".join(f"<p>{line}</p>" for line in PROSE)


def raw(content: str, format: str = "html", **fields: object) -> RawDocument:
    given = {"key": "k", "order": 7, "origin": "o", "format": format, "content": content, **fields}
    return RawDocument(**given)  # type: ignore[arg-type]


def page(body: str, head: str = "", title: str = TITLE) -> str:
    return (
        f"<!DOCTYPE html><html lang='en'><head><title>{title}</title>{head}</head><body>{body}</body></html>"
    )


def made(content: str, format: str = "html", **fields: object) -> Article:
    article = make_article(raw(content, format, **fields), SETTINGS)
    assert isinstance(article, Article), article
    return article


def reason(content: str, format: str = "html", settings: ArticleSettings = SETTINGS, **fields: object) -> str:
    rejection = make_article(raw(content, format, **fields), settings)
    assert isinstance(rejection, Rejection), rejection
    assert rejection.stage == "extract"
    return rejection.reason


@pytest.mark.parametrize("seed", SEEDS)
def test_a_seed_as_a_page_gives_the_title_and_text_of_the_seed(seed: str) -> None:
    text = made(seed, "text")
    lines = [line for line in seed.split("\n") if line]
    head = f"<h1>{lines.pop(0)}</h1>" if text.title else ""
    paragraphs = "".join(f"<p>{line}</p>" for line in lines)
    bare = made(f"<html><body>{head}{paragraphs}</body></html>")
    framed = made(
        page(
            f"<nav><a href='/'>Home</a> <a "
            f"href='/w'>World</a></nav><main><article>{head}{paragraphs}</article></main>"
            "<footer>© 2024 The Gazette</footer>",
            title=f"{text.title} | The Gazette" if text.title else "",
        )
    )
    assert (bare.title, bare.text) == (text.title, text.text)
    assert (framed.title, framed.text) == (text.title, text.text)
    assert bare.article_id == text.article_id


def test_metadata_of_a_page() -> None:
    head = (
        "<link rel='canonical' href='https://gazette.example/a?utm_source=x'><meta "
        "property='og:site_name' content='The Gazette'>"
        "<meta property='article:published_time' content='2024-06-04T10:30:00+02:00'><meta "
        "name='author' content='Ada Quill'>"
    )
    article = made(page(f"<article><h1>{TITLE}</h1>{BODY}</article>", head, f"{TITLE} - The Gazette"))
    assert (article.title, article.text) == (TITLE, "\n".join(PROSE))
    assert article.url == "https://gazette.example/a"
    assert (article.source, article.authors) == ("The Gazette", ("Ada Quill",))
    assert (article.published_at, article.published_basis) == (
        datetime(2024, 6, 4, 8, 30, tzinfo=UTC),
        "metadata",
    )


def test_what_the_input_says_goes_before_what_the_page_says() -> None:
    given_at = datetime(2023, 1, 1, tzinfo=UTC)
    head = "<meta property='article:published_time' content='2024-06-04'>"
    article = made(
        page(BODY, head),
        title="Given",
        url="https://b.example/x?utm_campaign=1",
        published_at=given_at,
        source="B",
    )
    assert (article.title, article.url, article.source) == ("Given", "https://b.example/x", "B")
    assert (article.published_at, article.published_basis, article.order, article.key) == (
        given_at,
        "given",
        7,
        "k",
    )


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Talks go on | The Gazette", "Talks go on"),
        ("Talks go on - Gazette", "Talks go on"),
        ("Talks go on | Ada Quill", "Talks go on | Ada Quill"),
        ("Minister: talks - and arms - go on", "Minister: talks - and arms - go on"),
    ],
)
def test_only_the_outlets_name_is_cut_from_a_title(title: str, expected: str) -> None:
    head = f"<meta property='og:site_name' content='The Gazette'><meta property='og:title' content='{title}'>"
    assert made(page(BODY, head, title)).title == expected


def test_a_fragment_is_all_content() -> None:
    assert made(f"<div>{BODY}</div>", title=TITLE).text == "\n".join(PROSE)
    assert made("<p>Envoys met again on Monday.</p>", title=TITLE).text == "Envoys met again on Monday."


def test_feed_items_may_be_short() -> None:
    assert made("", "text", title="Sylvania votes to back its neighbour’s bid for the pact").text == ""
    assert made("The envoys of both countries met again on Monday.", "text").title == ""
    assert reason("Too short.", "text") == "too_short"
    assert reason(" ", "text") == "empty"
    assert reason("Advertisement " * 9, "text") == "empty"


def test_two_headlines_without_text_are_two_articles() -> None:
    one = made("", "text", title="Sylvania votes to back its neighbour’s bid for the pact")
    other = made("", "text", title="Osterlich votes against its neighbour’s bid for the pact")
    assert one.article_id != other.article_id


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", "empty"),
        (
            "<p>Envoys met again on Monday, the ministry of foreign affairs said in a statement.</p>",
            "too_short",
        ),
        (
            "<h1>Just a moment...</h1><p>Verify you are human by completing the action "
            "below.</p><p>gazette.example needs to review "
            "the security of your connection before proceeding.</p>",
            "bot_check",
        ),
        (
            "<div id='x'></div><noscript>Please enable JavaScript and cookies to continue</noscript>"
            "<p>Enable JavaScript and cookies to continue</p>",
            "bot_check",
        ),
        (
            f"<article><h1>{TITLE}</h1><p>{PROSE[0]}</p><div><p>Subscribe to continue reading this "
            f"story.</p><p>Already a subscriber? "
            "Log in</p></div></article>",
            "paywall",
        ),
        (
            "<article><h1>Your privacy choices</h1><p>We and our partners store and/or access "
            "information on a device, such as "
            "cookies, and process personal data for personalised advertising.</p><p>You may accept all "
            "cookies or manage your choices "
            "by clicking below, including your right to object where legitimate interest is "
            "used.</p><p>Read our cookie policy to "
            "learn how we use cookies and how to withdraw your consent at any time.</p></article>",
            "consent",
        ),
    ],
)
def test_pages_that_are_no_articles(body: str, expected: str) -> None:
    assert reason(page(body)) == expected


def test_a_front_page_is_a_list() -> None:
    links = "".join(
        f"<li><a href='/{i}'>Minister number {i} visits the harbour town of Port {i}</a></li>"
        for i in range(40)
    )
    assert reason(page(f"<main><h1>World</h1><ul>{links}</ul></main>")) in ("list_page", "empty", "too_short")
    from transforms.pages import classify_page

    text = "\n".join(f"Minister number {i} visits the harbour town of Port {i}" for i in range(40))
    assert classify_page("World", text, page(f"<ul>{links}</ul>"), SETTINGS.furniture) == "list_page"
    assert classify_page("World", text, page(""), SETTINGS.furniture) is None


@pytest.mark.parametrize(
    "extra",
    [
        "<p>Sites must say “we use cookies” and offer to “reject all”, the regulator wrote, or ask "
        "readers to “accept all cookies”.</p>",
        "<p>Subscribe to continue reading our coverage.</p>" + BODY * 4,
        "<p>The captcha asked: are you a robot?</p>" + BODY * 6,
        "<ul>" + "".join(f"<li>Point number {i} of the plan</li>" for i in range(9)) + "</ul>",
    ],
)
def test_articles_that_speak_of_such_things_are_articles(extra: str) -> None:
    assert PROSE[2] in made(page(f"<article><h1>{TITLE}</h1>{BODY}{extra}</article>")).text


def test_languages() -> None:
    german = (
        "Das Parlament stimmte am Dienstag dafür, den Antrag des Nachbarn zu unterstützen, "
        "nach Monaten der Verzögerung."
    )
    rejection = make_article(raw(german, "text", title="Parlament stimmt zu"), SETTINGS)
    assert isinstance(rejection, Rejection)
    assert (rejection.reason, rejection.detail[:3]) == ("language", "de ")
    assert isinstance(
        make_article(
            raw(german, "text"), ArticleSettings(furniture=SETTINGS.furniture, languages=("en", "de"))
        ),
        Article,
    )
    assert (
        identify_language("PARLIAMENT VOTES TO BACK THE BID OF ITS NEIGHBOUR AFTER MONTHS OF DELAY")[0]
        == "en"
    )
    assert identify_language("1234 !?") == ("und", 0.0)
    assert made("", "text", title="Zelenskyy Stoltenberg Vilnius").language == "en"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("<html>" + "<div>" * 500 + "x", "too_deep"),
        ("<html>" + "<p>x</p>" * 10_000, "too_complex"),
        ("<html>" + "x" * 300_000, "too_large"),
    ],
)
def test_pages_that_would_cost_too_much_are_not_parsed(content: str, expected: str) -> None:
    settings = ArticleSettings(furniture=SETTINGS.furniture, limits=PageLimits(characters=200_000))
    assert reason(content, settings=settings) == expected


@pytest.mark.parametrize(
    "content",
    [
        "<html>" + "<p>one more paragraph that was never closed" * 1_000,
        "<html><script>" + "<div>" * 3_000 + "</script>" + BODY,
        "<html><!--" + "<div>" * 3_000 + "-->" + BODY,
    ],
)
def test_sloppy_pages_are_parsed(content: str) -> None:
    made(content)


@pytest.mark.parametrize(
    "piece",
    [
        "<!--",
        "<",
        "<a ",
        "<script>",
        "</",
        "&",
        "&#",
        "<p>Read more ",
        "(",
        "“",
        "Photo ",
        "Share ",
        "Previous Article ",
        "No time to read? ",
        "- ",
        "\u0301",
        "<meta ",
        "<!",
        "<?",
        "<![CDATA[",
        "<svg>",
        "a\n",
        "A,\n",
        " \n",
        "Share this article ",
    ],
)
def test_no_input_takes_long(piece: str) -> None:
    start = time.process_time()
    for format, text in (
        ("text", piece * 10_000 + "x"),
        ("html", "<html>" + piece * 10_000),
        ("html", piece * 10_000),
    ):
        make_article(raw(text, format, title=piece * 300), SETTINGS)
    assert time.process_time() - start < 3


@given(st.text(max_size=200), st.sampled_from(["text", "html"]), st.none() | st.text(max_size=20))
def test_any_document_becomes_an_article_or_a_reason(content: str, format: str, title: str | None) -> None:
    result = make_article(raw(content, format, title=title), SETTINGS)
    if isinstance(result, Article):
        assert result.title or result.text
        (result.title + result.text).encode()
