import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from transforms.detection.references import refer, refer_one


def codes(parsed, word, nth=0):
    """The codes that the nth such word of the last sentence stands for."""
    tokens = [token for token in parsed[-1].doc if token.text == word]
    reference = refer_one(parsed[-1], tokens[nth])
    return " ".join(reference.codes) if reference else None


@pytest.mark.parametrize(
    ("text", "word", "who"),
    [
        ("Estonia said it would back Georgia.", "it", "EST"),
        ("Estonia said it would back Georgia. It has sent trainers.", "It", "EST"),
        ("Georgia waits. Estonia will help it.", "it", "GEO"),
        ("Poland's defence minister said his country would send tanks to Ukraine.", "country", "POL"),
        ("Poland will send tanks to Ukraine, its prime minister said.", "minister", "POL"),
        ("Estonia backs Georgia. The Baltic country wants more.", "country", "EST"),
        ("Estonia backs Armenia. The South Caucasus country was grateful.", "country", "ARM"),
        (
            "Moldova's NATO bid waits. Norway wants Moldova to join. The bloc is torn over the country.",
            "country",
            "MDA",
        ),
        ("European leaders told Moldova they would not waver.", "they", "EU:members"),
        ("Most allies have ratified. Malta said their support was firm.", "their", "MLT"),
        ("It is clear that Malta will help.", "It", None),
    ],
)
def test_pronouns_and_the_country(parse, text, word, who):
    assert codes(parse(text), word) == who


@pytest.mark.parametrize(
    ("text", "word", "who"),
    [
        ("Finland and Sweden applied. NATO said the two would be welcome.", "two", "FIN SWE"),
        ("Finland and Sweden applied. Both of them are welcome in NATO.", "Both", "FIN SWE"),
        ("Finland and Sweden applied. Turkey may block either country.", "country", "FIN SWE"),
        ("Finland and Sweden applied. The pair must wait. Norway will help them.", "them", "FIN SWE"),
        ("Malta, Spain and Italy met. The three countries will help.", "countries", "MLT ESP ITA"),
        ("Malta, Spain and Italy met. The trio will help.", "trio", "MLT ESP ITA"),
        ("The Serbian president met the president of Malta. The two leaders spoke.", "leaders", "SRB MLT"),
        ("Malta and Spain met. The two tanks were old.", "tanks", None),
        ("Malta, Spain and Italy met. The two will help.", "two", None),
    ],
)
def test_groups_named_before(parse, text, word, who):
    assert codes(parse(text, published=None), word) == who


@pytest.mark.parametrize(
    ("text", "word", "who"),
    [
        ("EU leaders agreed to open talks.", "leaders", "EU"),
        ("Some EU countries had doubts.", "countries", "EU:members"),
        ("Most NATO allies have ratified.", "allies", "NATO:members"),
        ("All NATO members have ratified.", "members", "NATO"),
        ("Most of the allies in NATO have ratified.", "Most", "NATO:members"),
        ("A majority of EU countries is in favour.", "majority", "EU:members"),
        ("The EU met. The 27 will decide.", "27", "EU"),
        ("The EU met. The 26 will decide.", "26", None),
        ("The EU met. The Commission will decide.", "Commission", "EU"),
        ("NATO met. Ukraine's allies will decide.", "allies", "UKR"),
    ],
)
def test_members_and_the_whole(parse, text, word, who):
    assert codes(parse(text), word) == who


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Maltese analysts want NATO to wait.", "analysts"),
        ("German companies offered help.", "companies"),
        ("British newspapers were against it.", "newspapers"),
        ("Maltese officials met. A diplomat said so.", "diplomat"),
        ("Malta met Spain. Officials said so.", "Officials"),
    ],
)
def test_who_stands_for_nobody(parse, text, word):
    assert codes(parse(text), word) is None


def test_we_is_whoever_speaks(parse):
    assert codes(parse('"We will help Moldova," Maltese Prime Minister Robert Abela said.'), "We") == "MLT"
    assert codes(parse("We will help Moldova.", "Statement by the Foreign Ministry of Norway"), "We") == "NOR"
    joint = "We, the Prime Ministers of Denmark and Norway, met. We will help Moldova."
    assert codes(parse(joint), "We") == "DNK NOR"


def test_the_leaders_of_a_call_are_all_who_took_part(parse):
    parsed = parse(
        "Joining the prime minister on the call were Prime Minister Kari Nordmo of Norway, Chancellor "
        "Otto Muster of Austria "
        "and President Jan Wzor of Poland. The leaders promised more aid."
    )
    assert codes(parsed, "leaders") == "NOR AUT POL"


def test_headline_lists_are_one_subject(parse):
    title = parse("Nothing.", "Malta, Spain sign pact with Moldova")[0]
    subject = next(token for token in title.doc if token.text == "Spain")
    assert {code for reference in refer(title, subject) for code in reference.codes} >= {"ESP"}


WORDS = st.sampled_from(
    "they their it its he his we our the two both leaders allies of said that Malta Spain "
    "NATO EU most 27 , and minister country".split()
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(WORDS, min_size=1, max_size=14))
def test_any_words_resolve_or_do_not_but_always_end(parse, words):
    for parsed in parse(" ".join(words) + "."):
        for token in parsed.doc:
            refer(parsed, token)
