import pytest
from claims import word

from transforms.detection.places import find_dateline, find_heading, find_place


@pytest.mark.parametrize(
    ("text", "act", "place"),
    [
        ("In Sofia, Bulgaria signed a pact with Ukraine.", "signed", ("Sofia", "BGR")),
        ("Norway backed Ukraine at a summit in Vilnius.", "backed", ("Vilnius", "LTU")),
        ("Norway backed Ukraine at the Madrid summit.", "backed", ("Madrid", "ESP")),
        ("Norway promised Ukraine tanks during a visit to Kyiv.", "promised", ("Kyiv", "UKR")),
        ("Speaking in the White House, he backed Ukraine's entry.", "backed", ("White House", "USA")),
        ("The pact was signed in Lisbon on Monday.", "signed", ("Lisbon", "PRT")),
        (
            "Ministers backed Ukraine at a meeting in the Romanian capital.",
            "backed",
            ("Romanian capital", "ROU"),
        ),
    ],
)
def test_a_venue_that_the_words_name(parse, text, act, place):
    (parsed,) = parse(text)
    assert find_place(parsed, word(parsed, act)) == place


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("Norway backs Kyiv's entry into NATO.", "backs"),
        ("Norway sent tanks to Ukraine.", "sent"),
        ("Norway backs Ukraine ahead of a summit in Vilnius.", "backs"),
        ("The union signed a pact, months after the revolution began in Kyiv.", "signed"),
        ("Norway welcomes the choice that was made in Helsinki.", "welcomes"),
        ("Norway backed the start of Turkey's accession talks.", "backed"),
    ],
)
def test_no_venue(parse, text, act):
    (parsed,) = parse(text)
    assert find_place(parsed, word(parsed, act)) is None


def test_dateline(detector):
    gazetteer = detector.gazetteer
    assert find_dateline("RIGA, July 11 (Wire) - Latvia said no.", gazetteer) == ("RIGA", "LVA")
    assert find_dateline("SINTRA, Portugal (Wire) - Ministers met.", gazetteer) == ("SINTRA", "PRT")
    assert find_dateline("NATO - the alliance - said no.", gazetteer) is None
    assert find_dateline("Riga said no.", gazetteer) is None


def test_heading_of_a_transcript(detector):
    assert find_heading("Oval Office\n\n2:09 P.M. EDT\n\nWelcome.", detector.gazetteer) == (
        "Oval Office",
        "USA",
    )
    assert find_heading("Oval Office\n\nWelcome.", detector.gazetteer) is None
