from datetime import date

import pytest
from claims import DAY, claim, word

from transforms.detection.timing import date_event, find_date, is_history, is_news


@pytest.mark.parametrize(
    ("text", "act", "day"),
    [
        ("Norway signed the pact on Tuesday.", "signed", "2023-07-11"),
        ("Norway, which joined in 1949, signed the pact on Monday.", "signed", "2023-07-10"),
        ("Norway said on Monday that it backs Ukraine.", "backs", "2023-07-10"),
        ("Norway spoke on Monday to show its support for Ukraine.", "support", "2023-07-10"),
        ("The first states to join NATO on Friday were Poland and Hungary.", "join", "2023-07-07"),
    ],
)
def test_the_date_of_the_acts_own_clause(parse, text, act, day):
    (parsed,) = parse(text)
    when = find_date(parsed, word(parsed, act), DAY, open_ended=False)
    assert when and when.day.isoformat() == day


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("Norway backs Ukraine, which Russia attacked in February 2022.", "backs"),
        ("Norway agreed to send tanks by the end of 2025.", "agreed"),
        ("Norway decided to open talks next year.", "decided"),
        ("Norway backs Ukraine before this week's summit.", "backs"),
    ],
)
def test_dates_of_something_else(parse, text, act):
    (parsed,) = parse(text)
    assert find_date(parsed, word(parsed, act), DAY, open_ended=False) is None


def test_a_planned_act_is_dated_ahead(parse):
    (parsed,) = parse("Norway said on Monday it will sign the pact on Friday.")
    when = find_date(parsed, word(parsed, "sign"), DAY, open_ended=True)
    assert when and when.day == date(2023, 7, 14)


def test_news_without_a_date_is_dated_by_publication(parse):
    (parsed,) = parse("Norway backs Ukraine's entry into NATO.")
    when = date_event([claim(parsed, "backs", "NOR")], DAY)
    assert when and (when.day, when.basis) == (DAY, "publication")
    assert date_event([claim(parsed, "backs", "NOR")], None) is None


@pytest.mark.parametrize(
    ("text", "act", "factuality"),
    [
        ("Norway may back Ukraine's entry into NATO.", "back", "possible"),
        ("Norway had backed Ukraine's entry into NATO.", "backed", "asserted"),
        ("Ministers met in Norway, which backs Ukraine's entry.", "backs", "asserted"),
    ],
)
def test_what_is_no_news_has_no_publication_date(parse, text, act, factuality):
    (parsed,) = parse(text)
    assert not is_news(claim(parsed, act, "NOR", factuality=factuality), DAY)
    assert date_event([claim(parsed, act, "NOR", factuality=factuality)], DAY) is None


def test_a_day_named_in_any_sentence_comes_first(parse):
    title, lead = parse("Norway signed the pact on Monday.", "Norway signs pact")
    when = date_event([claim(title, "signs", "NOR"), claim(lead, "signed", "NOR")], DAY)
    assert when and (when.day, when.basis) == (date(2023, 7, 10), "relative")


def test_history_is_older_than_ten_years(parse):
    old, new = parse("Greece joined NATO in 1952. Norway backs Ukraine.")
    assert is_history([claim(old, "joined", "NATO", "GRC")], DAY)
    assert not is_history([claim(old, "joined", "NATO", "GRC"), claim(new, "backs", "NOR")], DAY)
    assert not is_history([claim(old, "joined", "NATO", "GRC")], None)
