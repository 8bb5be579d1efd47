from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.gate import compile_matcher, find_watched, reject_off_topic
from transforms.knowledge import Alliance, Cause, Country, Leader, World
from transforms.records import Article

WORLD = World(
    alliances=(
        Alliance(id="NATO", name="NATO", aliases=("North Atlantic Alliance",), bodies=("SHAPE",)),
        Alliance(id="EU", name="European Union", aliases=("EU",), bodies=("European Commission",)),
        Alliance(id="QUAD", name="Quadrilateral Security Dialogue", aliases=("the Quad", "The Quad")),
        Alliance(id="UEFA", name="Union of European Football Associations", watched=False),
        Alliance(id="EUFA", name="European Union Football Award", watched=False),
    ),
    countries=(
        Country(code="UKR", name="Ukraine", demonyms=("Ukrainian", "Ukrainians"), capitals=("Kyiv",)),
        Country(code="TWN", name="Taiwan", capitals=("Taipei",)),
    ),
    leaders=(
        Leader(
            name="Ivan Testenko",
            surname="Testenko",
            speaks_for="UKR",
            office="president",
            role="HEAD",
            since=date(2020, 1, 1),
        ),
    ),
    offices=(),
    groups=(),
    causes=(
        Cause(id="UKRAINE_AID", country="UKR", words=("tanks", "air defence")),
        Cause(id="ARMS", words=("military aid",)),
        Cause(id="TRANSFER", words=("rifles",), countries=2),
    ),
)
MATCHER = compile_matcher(WORLD)


@pytest.mark.parametrize(
    ("text", "watched"),
    [
        ("NATO's summit", ("NATO",)),
        ("a pro-Nato party", ("NATO",)),
        ("nato says no", ("NATO",)),
        ("Natoli scored twice", ()),
        ("the senator", ()),
        ("The EU agreed", ("EU",)),
        ("un peu, eu tenho", ()),
        ("Eu sou assim", ()),
        ("the European Commission and NATO", ("EU", "NATO")),
        ("the European Union Football Award", ()),
        ("THE EUROPEAN UNION", ("EU",)),
        ("leaders of the Quad met", ("QUAD",)),
        ("a quad bike, and the quad of the college", ()),
        ("Quad bikes are loud", ()),
        ("in the shape of a star", ()),
        ("tanks for Ukraine", ("UKRAINE_AID",)),
        ("Testenko asks for air defence", ("UKRAINE_AID",)),
        ("fish tanks", ()),
        ("Kyiv is cold", ()),
        ("Kyiv is cold. " + "Much else was said. " * 20 + "Fish like tanks.", ()),
        ("Taiwan gets tanks", ()),
        ("Taipei gets military aid", ("ARMS",)),
        ("military aid", ()),
        ("Taiwan sends rifles to Kyiv", ("TRANSFER",)),
        ("Taiwan and Taipei send rifles", ()),
        ("İstanbul: NATO", ("NATO",)),
        ("", ()),
    ],
)
def test_what_a_text_names(text: str, watched: tuple[str, ...]) -> None:
    assert find_watched(text, MATCHER) == watched


@given(st.text(), st.text())
def test_a_name_between_spaces_is_always_found(before: str, after: str) -> None:
    assert "NATO" in find_watched(f"{before} NATO {after}", MATCHER)


@given(st.text(alphabet=st.characters(categories=["Ll"]), min_size=1, max_size=8))
def test_a_name_inside_a_word_is_none(letters: str) -> None:
    assert find_watched(f"{letters}NATO{letters}", MATCHER) == ()


def test_the_title_alone_lets_an_article_pass_and_a_rejection_says_why() -> None:
    article = Article(
        article_id="a",
        key="k",
        order=3,
        origin="file",
        url="http://example.org/1",
        source=None,
        title="Nato",
        text="A short text.",
        language="en",
        authors=(),
        published_at=None,
        published_basis=None,
        content_sha256="",
    )
    assert reject_off_topic(article, MATCHER) is None
    rejection = reject_off_topic(replace(article, title="Garden news"), MATCHER)
    assert rejection is not None
    assert (rejection.stage, rejection.reason, rejection.key, rejection.order) == (
        "gate",
        "off_topic",
        "k",
        3,
    )
