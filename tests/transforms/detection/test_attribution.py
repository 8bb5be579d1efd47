import pytest
from claims import claim

from transforms.detection.attribution import find_source, join_sources


@pytest.mark.parametrize(
    ("text", "act", "actors", "source"),
    [
        ("Zelensky said Bulgaria backs Ukraine's entry into NATO.", "backs", "BGR", "UKR"),
        ("Bulgaria backs Ukraine's entry into NATO, Estonia's foreign minister said.", "backs", "BGR", "EST"),
        ("Bulgaria backs Ukraine's entry into NATO, diplomats said.", "backs", "BGR", "diplomats"),
        (
            "Bulgaria will send Ukraine tanks, two security sources said.",
            "send",
            "BGR",
            "two security sources",
        ),
        ("Bulgaria will send Ukraine tanks, US media reported.", "send", "BGR", "US media"),
        (
            "Bulgaria has sent Ukraine tanks, according to the Financial Times.",
            "sent",
            "BGR",
            "Financial Times",
        ),
        ("According to Washington, Iran has sent Russia missiles.", "sent", "IRN", "USA"),
    ],
)
def test_who_claims_it(parse, text, act, actors, source):
    (parsed,) = parse(text)
    assert find_source(parsed, claim(parsed, act, actors)) == source


@pytest.mark.parametrize(
    ("text", "act", "actors"),
    [
        ("Bulgaria backs Ukraine's entry into NATO.", "backs", "BGR"),
        ("Bulgaria backs Ukraine's entry into NATO, its foreign minister said.", "backs", "BGR"),
        ("Bulgaria will send Ukraine tanks, the Bulgarian prime minister said.", "send", "BGR"),
        ("The ministers of Estonia and Bulgaria said they back Ukraine's entry.", "back", "BGR"),
        ("Zelensky said he spoke about tanks that Bulgaria has sent.", "sent", "BGR"),
        ("Bulgaria sent tanks; ministers met, according to the plan, in Riga.", "sent", "BGR"),
    ],
)
def test_neither_the_actor_nor_the_text_itself(parse, text, act, actors):
    (parsed,) = parse(text)
    assert find_source(parsed, claim(parsed, act, actors)) is None


def test_what_the_text_says_itself_has_no_source():
    assert join_sources([("UKR", True), (None, True)]) is None
    assert join_sources([("UKR", True), ("EST", True)]) == "UKR"


def test_a_headline_leaves_out_who_says_so():
    assert join_sources([(None, False), ("UKR", True)]) == "UKR"
    assert join_sources([("UKR", False)]) == "UKR"
    assert join_sources([]) is None
