import pytest
from claims import article

from pipelines.settings import load_settings
from transforms.detection.detector import find_all_candidates
from transforms.detection.misreadings import find_misreadings, stand_in

WORDS = load_settings(None, {}).settings.lexicon.misread


@pytest.mark.parametrize(
    ("text", "name_ends", "times"),
    [
        ("Poland and Latvia back Georgia's bid", {17}, 1),
        ("Most allies back the bid", set(), 1),
        ("Ministers clear talks with Georgia", set(), 1),
        ("Latvia brought the troops back home", {6}, 0),
        ("Latvia is back in the talks", {6}, 0),
        ("The allies back down", set(), 0),
        ("Back the bid", set(), 0),
        ("It is clear that Latvia waits", set(), 0),
    ],
)
def test_verbs_behind_a_subject_are_parsed_by_a_stand_in(text, name_ends, times):
    found = find_misreadings(text, name_ends, WORDS)
    assert len(found) == times
    assert len(stand_in(text, found)) == len(text)
    assert (stand_in(text, found) == text) == (times == 0)


def test_each_stand_in_is_as_long_as_its_verb_and_told_from_the_others():
    assert all(len(verb) == len(other) for verb, other in WORDS.verbs.items())
    assert len(set(WORDS.verbs.values())) == len(WORDS.verbs)


def test_a_misread_verb_names_its_own_act(detector):
    found = find_all_candidates(
        article("The Czech Republic and Slovakia back Albania's bid for the EU."), detector
    )
    assert [(c.actors, c.kind, c.beneficiaries) for c in found] == [(("CZE", "SVK"), "endorse", ("ALB",))]
