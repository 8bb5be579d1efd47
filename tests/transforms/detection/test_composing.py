"""What negation, modals, governors, passives and control make of an act; by whole sentences."""

import pytest
from claims import DAY, article

from transforms.detection.detector import find_all_candidates


def read(detector, text):
    """The first claim of a sentence as 'actor kind factuality gainer', or '' where it makes none."""
    found = find_all_candidates(article(text, "", DAY), detector)
    if not found:
        return ""
    first = found[0]
    return f"{first.actors[0]} {first.kind} {first.factuality} {first.beneficiaries[0]}"


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("Norway sent tanks to Ukraine.", "NOR provide_aid asserted UKR"),
        ("Norway will send tanks to Ukraine.", "NOR pledge_aid asserted UKR"),
        ("Norway did not send tanks to Ukraine.", "NOR provide_aid denied UKR"),
        ("Norway will not send tanks to Ukraine.", "NOR oppose asserted UKR"),
        ("Norway may send tanks to Ukraine.", "NOR provide_aid possible UKR"),
        ("Norway would send tanks to Ukraine.", "NOR provide_aid possible UKR"),
        ("Norway does not back Georgia's accession to NATO.", "NOR oppose asserted GEO"),
        ("Norway never backed Georgia's accession to NATO.", "NOR endorse denied GEO"),
        ("Norway no longer opposes Georgia's accession to NATO.", "NOR endorse asserted GEO"),
        ("Norway could block Georgia's accession to NATO.", "NOR block possible GEO"),
        ("Norway will block Georgia's accession to NATO.", "NOR threaten asserted GEO"),
    ],
)
def test_negation_and_modals(detector, text, claim):
    assert read(detector, text) == claim


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("Norway refused to ratify Georgia's accession to NATO.", "NOR block asserted GEO"),
        ("Norway refused to send tanks to Ukraine.", "NOR oppose asserted UKR"),
        ("Norway threatened to block Georgia's accession to NATO.", "NOR threaten asserted GEO"),
        ("Norway promised to send tanks to Ukraine.", "NOR pledge_aid asserted UKR"),
        ("Norway urged Spain to send tanks to Ukraine.", "NOR endorse asserted UKR"),
        ("Ukraine urged Spain to send tanks.", "UKR apply asserted UKR"),
        ("Ukraine wants Spain to send tanks.", "UKR apply asserted UKR"),
        ("Georgia wants to join NATO.", "GEO apply asserted GEO"),
        ("Norway plans to send tanks to Ukraine.", "NOR pledge_aid planned UKR"),
        ("Norway has no plan to send tanks to Ukraine.", "NOR oppose asserted UKR"),
        ("Norway is considering sending tanks to Ukraine.", "NOR pledge_aid possible UKR"),
        ("Norway agreed to send tanks to Ukraine.", "NOR pledge_aid asserted UKR"),
        ("Norway failed to ratify Georgia's accession to NATO.", "NOR ratify denied GEO"),
        ("Norway stopped sending tanks to Ukraine.", "NOR withdraw asserted UKR"),
        ("Norway stopped blocking Georgia's accession to NATO.", "NOR endorse asserted GEO"),
        ("Norway agreed to stop blocking Georgia's accession to NATO.", "NOR endorse asserted GEO"),
        ("Norway lifted its veto on Georgia's accession to NATO.", "NOR endorse asserted GEO"),
        (
            "Norway doubts that Spain will back Georgia's accession to NATO.",
            "ESP endorse possible GEO",
        ),
        ("Norway is expected to ratify Georgia's accession to NATO.", "NOR ratify planned GEO"),
    ],
)
def test_governing_words(detector, text, claim):
    assert read(detector, text) == claim


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("Georgia's accession to NATO was blocked by Norway.", "NOR block asserted GEO"),
        ("Tanks were sent to Ukraine by Norway.", "NOR provide_aid asserted UKR"),
        ("Norway, which backs Georgia's accession to NATO, left.", "NOR endorse asserted GEO"),
        ("Norway seems to oppose Georgia's accession to NATO.", "NOR oppose asserted GEO"),
        ("Spain accused Norway of blocking Georgia's accession to NATO.", "NOR block asserted GEO"),
        ("Norway expressed support for Georgia's accession to NATO.", "NOR endorse asserted GEO"),
        (
            "Norway's refusal to ratify Georgia's accession to NATO angered Spain.",
            "NOR block asserted GEO",
        ),
        ("Norway put pressure on Spain to send tanks to Ukraine.", "NOR endorse asserted UKR"),
        ("Norway's stalled military aid to Ukraine worried Spain.", "NOR block asserted UKR"),
        ("Norway said that Georgia should join NATO.", "NOR endorse asserted GEO"),
        ("Norway said Georgia cannot join NATO.", "NOR oppose asserted GEO"),
    ],
)
def test_passives_control_and_raising(detector, text, claim):
    assert read(detector, text) == claim


@pytest.mark.parametrize(
    "text",
    [
        "Support Georgia's accession to NATO!",
        "Norway left without backing Georgia's accession to NATO.",
        "Norway's accession to NATO was in 1949.",
    ],
)
def test_words_that_name_no_act(detector, text):
    assert read(detector, text) == ""


def test_why_tells_what_was_read(detector):
    text = "Norway agreed to stop blocking Georgia's accession to NATO."
    (candidate,) = find_all_candidates(article(text, "", DAY), detector)
    assert candidate.composition.steps == ["block: block", "stop: stop", "agree: agree"]
