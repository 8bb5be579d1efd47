import pytest
from claims import article

from transforms.detection.detector import find_all_candidates


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("Norway sent tanks to Ukraine. Denmark followed suit.", "DNK provide_aid UKR asserted"),
        ("Norway sent tanks to Ukraine. Denmark will follow suit.", "DNK pledge_aid UKR asserted"),
        (
            "Spain ratified Sweden's accession to NATO, and Italy said it would follow.",
            "ITA ratify SWE planned",
        ),
        ("Georgia applied to join the EU. Moldova did the same.", "MDA apply MDA asserted"),
        ("Norway sent tanks to Ukraine. Denmark may do likewise.", "DNK provide_aid UKR possible"),
    ],
)
def test_what_another_does_likewise(detector, text, claim):
    assert claim in claims(detector, text)


@pytest.mark.parametrize(
    "text",
    [
        "Norway sent tanks to Ukraine. Denmark followed the rules.",
        "Norway sent tanks to Ukraine. A debate will follow.",
        "Norway sent tanks to Ukraine. Norway will do the same.",
        "Denmark will follow suit.",
    ],
)
def test_what_is_no_repetition(detector, text):
    assert {claim.split()[0] for claim in claims(detector, text)} <= {"NOR"}


def claims(detector, text):
    return {
        " ".join((*c.actors, c.kind, *c.beneficiaries, c.factuality))
        for c in find_all_candidates(article(text), detector)
    }
