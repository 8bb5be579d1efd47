from datetime import date

import pytest
from claims import DAY

from transforms.detection.document import read_document


@pytest.fixture(scope="session")
def read(detector):
    def read(text, title="", day=DAY):
        return read_document(title, text, day, detector.gazetteer, detector.offices)

    return read


def owners(document, index):
    return [(mention.form, mention.codes) for mention in document.mentions[index]]


def test_an_office_is_that_of_the_country_named_with_it_last(read):
    document = read(
        "The Maltese prime minister came. The Spanish prime minister left. The prime minister slept."
    )
    assert owners(document, 2) == [("office_again", ("ESP",))]


def test_a_leader_named_by_name_gives_his_office_to_the_next_sentence(read):
    document = read("Olaf Scholz came. The chancellor slept.", day=date(2023, 5, 1))
    assert owners(document, 1) == [("office_again", ("DEU",))]


def test_his_minister_is_not_the_one_named_before(read):
    document = read("The Maltese foreign minister came. Spain's king left. His foreign minister slept.")
    assert document.mentions[2][0].vague


@pytest.mark.parametrize(
    "text",
    [
        "PRAGUE, NOV 21 - NATO INVITED MALTA TO JOIN THE PACT TODAY.",
        "Prague, 21 November – NATO invited Malta.",
        "Prague (Agency) - NATO invited Malta.",
    ],
)
def test_datelines_are_places(read, text):
    document = read(text)
    assert owners(document, 0)[0] == ("city", ("CZE",))


def test_a_dash_alone_makes_no_dateline(read):
    assert owners(read("Prague - long against it - backs Malta."), 0)[0] == ("capital", ("CZE",))


@pytest.mark.parametrize(("alliance", "code"), [("EU", "EU"), ("NATO", "NATO")])
def test_brussels_is_the_alliance_that_the_text_is_about(read, alliance, code):
    document = read(f"The {alliance} met. Brussels agreed.")
    assert document.mentions[1][0].codes == (code,)


def test_capitals_are_read_like_other_text(read):
    document = read("TURKEY ASKS THE EC FOR MEMBERSHIP, THE U.S. WELCOMES IT", day=date(1987, 4, 14))
    assert {code for mention in document.mentions[0] for code in mention.codes} == {"TUR", "EU", "USA"}


def test_who_may_gain(read):
    document = read("NATO met. Poland backs Moldova's accession. Poland and Germany want Moldova to join.")
    assert document.likely_gainers(aid=False)[0] == "MDA"


def test_groups_participants_and_authors(read):
    document = read(
        "We, the Prime Ministers of Denmark and Norway, met in Oslo. Malta and Spain, who took part, agreed.",
    )
    assert document.groups[1][0].codes == ("MLT", "ESP")
    assert document.authors[1] == ("DNK", "NOR")
    assert document.participants == ()
