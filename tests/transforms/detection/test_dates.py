from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.detection.dates import find_dates

DAY = date(2023, 7, 12)  # a Wednesday


def read(text, future=False, published=DAY):
    return [
        (m.when.day.isoformat()[: {"day": 10, "month": 7, "year": 4}[m.when.precision]], m.when.basis)
        for m in find_dates(text, published, lambda _: future)
    ]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("They met on July 11 and 12.", "2023-07-11"),
        ("They met on 11-12 July.", "2023-07-11"),
        ("It was signed on 4 April 2022.", "2022-04-04"),
        ("It was signed on April 4, 2022.", "2022-04-04"),
        ("It applied in May 2022.", "2022-05"),
        ("It joined in March.", "2023-03"),
        ("It joined in December.", "2022-12"),
        ("It has sent arms since 2014.", "2014"),
        ("It was filed 2021-03-02.", "2021-03-02"),
    ],
)
def test_explicit_dates(text, day):
    assert read(text) == [(day, "explicit")]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("It said so on Tuesday.", "2023-07-11"),
        ("It said so on Wednesday.", "2023-07-12"),
        ("It said so last Wednesday.", "2023-07-05"),
        ("It said so yesterday.", "2023-07-11"),
        ("The house voted overnight.", "2023-07-11"),
        ("It was sent two weeks ago.", "2023-06"),
        ("It was sent last week.", "2023-07"),
        ("It was sent earlier this month.", "2023-07"),
        ("It was granted a year ago.", "2022-07"),
        ("It joined last winter.", "2023"),
        ("It joined last autumn.", "2022"),
        ("Forty years ago it said no.", "1983"),
    ],
)
def test_relative_dates_look_back(text, day):
    assert read(text) == [(day, "relative")]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("It will vote on Tuesday.", "2023-07-18"),
        ("It will vote tomorrow.", "2023-07-13"),
        ("It will vote next Wednesday.", "2023-07-19"),
        ("It will vote in March.", "2024-03"),
        ("It will vote next month.", "2023-08"),
        ("It will be done by the end of 2025.", "2025"),
    ],
)
def test_what_is_to_come_looks_ahead(text, day):
    assert [found for found, _ in read(text, future=True)] == [day]


def test_words_that_only_look_like_dates():
    assert read("Leaders may march on, 12 of them, in 40 tanks at 21.40.") == []
    assert read("It will vote on 31 June.") == []


def test_nothing_relative_without_a_publication_day():
    assert read("It voted on Tuesday, in March and last year.", published=None) == []
    assert read("It voted on 3 March 2022.", published=None) == [("2022-03-03", "explicit")]


def test_the_words_before_bind_a_date():
    text = "It must leave by the end of 2025, not before Friday, and in May."
    assert [m.bound for m in find_dates(text, DAY)] == ["by", "before", ""]


def test_a_dateline_names_no_date_of_the_act():
    assert read("RIGA, July 11 (Wire) - Latvia said") == []


@given(st.text(alphabet=st.sampled_from(" 0123456789-/,.MayJuneinlastnextTuesdayagoyearweek"), max_size=80))
def test_any_text_gives_dates_inside_it(text):
    for mention in find_dates(text, DAY):
        assert 0 <= mention.start < mention.end <= len(text)
