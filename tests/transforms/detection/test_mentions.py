import pytest
from claims import DAY

from transforms.detection.mentions import find_mentions


@pytest.fixture(scope="session")
def mentions(detector):
    def mentions(text):
        names = detector.gazetteer.find_names(text, DAY)
        found = find_mentions(text, names, detector.offices)
        return {text[m.start : m.end]: m for m in found}

    return mentions


@pytest.mark.parametrize(
    ("text", "phrase", "codes", "role"),
    [
        ("The Latvian deputy foreign minister left.", "Latvian deputy foreign minister", "LVA", "GOV"),
        ("The defence minister of Iceland left.", "defence minister of Iceland", "ISL", "GOV"),
        ("Iceland’s minister for Europe left.", "Iceland’s minister for Europe", "ISL", "GOV"),
        ("Chancellor Otto Muster of Austria left.", "Chancellor Otto Muster of Austria", "AUT", "HEAD"),
        (
            "The Polish and Czech foreign ministers left.",
            "Polish and Czech foreign ministers",
            "POL CZE",
            "GOV",
        ),
        (
            "The leaders of Malta, Spain and Italy left.",
            "leaders of Malta, Spain and Italy",
            "MLT ESP ITA",
            "HEAD",
        ),
        ("The president of Malta, Spain and Italy left.", "president of Malta", "MLT", "HEAD"),
        ("The enlargement commissioner left.", "enlargement commissioner", "EU", "IGO"),
    ],
)
def test_offices_join_their_countries_in_every_order(mentions, text, phrase, codes, role):
    mention = mentions(text)[phrase]
    assert (mention.codes, mention.role) == (tuple(codes.split()), role)


@pytest.mark.parametrize(
    "text",
    [
        "Latvian Foreign Minister Karlis Paraugs arrived. Mr Paraugs spoke.",
        "Karlis Paraugs, the Latvian foreign minister, arrived. Paraugs spoke.",
        "Karlis Paraugs, Latvia's foreign minister, arrived. Paraugs spoke.",
        "Karlis Paraugs, who heads the Latvian government, arrived. Paraugs spoke.",
        "Latvia's foreign minister, Karlis Paraugs, arrived. Later Paraugs spoke.",
    ],
)
def test_persons_are_learned_from_their_office(mentions, text):
    last = list(mentions(text).values())[-1]
    assert (last.codes, last.form) == (("LVA",), "learned")


@pytest.mark.parametrize(
    "text",
    [
        "Former Latvian president Karlis Paraugs spoke.",
        "Senator Joe Sample of the United States spoke.",
        "A Latvian lawmaker spoke.",
        "The mayor of Riga spoke.",
        "The Latvian presidential candidate spoke.",
    ],
)
def test_who_does_not_speak_for_a_country(mentions, text):
    assert not [m for m in mentions(text).values() if m.form == "office" and not m.inactive]


def test_several_lawmakers_do(mentions):
    assert not mentions("Latvian lawmakers voted.")["Latvian lawmakers"].inactive


def test_a_name_over_a_verb_or_comma_owns_no_office(mentions):
    assert mentions("Latvia said the minister left.")["minister"].vague
    assert mentions("In Latvia, ministers left.")["ministers"].vague
