from datetime import date

import pytest

from pipelines.settings import load_settings
from transforms.detection.gazetteer import compile_gazetteer
from transforms.knowledge import Alliance, Country, CountryGroup, Leader, Membership, World

WORLD = World(
    alliances=(
        Alliance(
            id="PACT",
            name="Coastal Pact",
            bodies=("Pact's council",),
            members=(
                Membership(country="ANA", since=date(1990, 1, 1)),
                Membership(country="BOR", since=date(2000, 1, 1), until=date(2010, 1, 1)),
                Membership(country="FRA", since=date(1990, 1, 1)),
            ),
            aspirants=(Membership(country="BOR", since=date(2015, 1, 1)),),
        ),
    ),
    countries=(
        Country(code="ANA", name="Anaria", demonyms=("Anarian",), capitals=("Anapol",)),
        Country(code="BOR", name="Borland", demonyms=("Borlandish",)),
        Country(code="FRA", name="France", demonyms=("French",)),
    ),
    leaders=(
        Leader(
            name="Ida Brown", surname="Brown", speaks_for="ANA", office="President", role="HEAD",
            since=date(2010, 1, 1), until=date(2014, 1, 1),
        ),
    ),
    offices=(),
    groups=(CountryGroup(name="Coastal states", aliases=("Coastals",), countries=("ANA", "BOR")),),
)  # fmt: skip
DAY = date(2012, 6, 1)


@pytest.fixture(scope="module")
def gazetteer():
    return compile_gazetteer(WORLD, load_settings(None, {}).settings.lexicon)


def codes(gazetteer, text, day=DAY):
    return [(name.text, name.reading.codes) for name in gazetteer.find_names(text, day)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Anaria-Borland talks", [("Anaria", ("ANA",)), ("Borland", ("BOR",))]),
        ("an Anarian-led mission", [("Anarian", ("ANA",))]),
        ("a pro-Anarian party", []),
        ("a non-PACT country", []),
        ("Anarian-occupied villages", []),
        ("Borlandish-made tanks", []),
        ("the Franco-Anarian brigade", [("Franco-Anarian", ("FRA", "ANA"))]),
        ("the Pact’s council met", [("Pact’s council", ("PACT",))]),
        ("the Pact's council met", [("Pact's council", ("PACT",))]),
        ("Anarias and xAnaria", []),
    ],
)
def test_names_and_what_hyphens_and_quotes_do_to_them(gazetteer, text, found):
    assert codes(gazetteer, text) == found


def test_common_surname_needs_its_first_name_or_a_title(gazetteer):
    assert codes(gazetteer, "The Brown bear slept.") == []
    assert codes(gazetteer, "Ida Brown spoke. Brown left.") == [("Ida Brown", ("ANA",)), ("Brown", ("ANA",))]
    assert codes(gazetteer, "President Brown spoke.") == [("Brown", ("ANA",))]


def test_leader_only_in_her_term(gazetteer):
    assert codes(gazetteer, "Ida Brown spoke.", date(2014, 1, 15)) == [("Ida Brown", ("ANA",))]
    assert codes(gazetteer, "Ida Brown spoke.", date(2015, 1, 15)) == []


def test_members_are_counted_by_day(gazetteer):
    assert [gazetteer.count_members("PACT", day) for day in (date(1995, 1, 1), DAY, date(2005, 1, 1))] == [
        2,
        2,
        3,
    ]
    assert not gazetteer.is_member("BOR", "PACT", DAY)
    assert gazetteer.is_aspirant("BOR", "PACT", date(2016, 1, 1))


def test_regions_come_from_the_names_of_groups(gazetteer):
    assert gazetteer.regions["coastal"] == {"ANA", "BOR"}
