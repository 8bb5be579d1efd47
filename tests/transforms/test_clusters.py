"""Which mentions are taken for one event: pairs, and what keeps them apart."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from made_rows import at, make_event_row

from transforms.claims import Mention, make_mention
from transforms.clusters import cluster_mentions

DAY = date(2024, 3, 14)


def mention(name: str, day: date | None = DAY, reported: date | None = None, **fields: Any) -> Mention:
    row = make_event_row(
        name, fields.pop("article", name), event_date=day, published_at=at(reported or day or DAY), **fields
    )
    return make_mention({**row, "actor": "BGR", "beneficiary": "UKR", "copies": 0, "copy_sources": []})


def groups(*mentions: Mention) -> list[set[str]]:
    return sorted(({one.event_id for one in some} for some in cluster_mentions(mentions)), key=sorted)


def after(days: int) -> date:
    return DAY + timedelta(days=days)


TOGETHER: dict[str, tuple[Mention, Mention]] = {
    "a day apart": (mention("a"), mention("b", after(1))),
    "dated by publication two days later": (
        mention("a"),
        mention("b", after(2), event_date_basis="publication"),
    ),
    "undated, within the week": (mention("a"), mention("b", None, after(6))),
    "undated, within a year, done once": (
        mention("a", kind="ratify"),
        mention("b", None, after(300), kind="ratify"),
    ),
    "within the month": (mention("a"), mention("b", date(2024, 3, 1), event_date_precision="month")),
    "within the year, done once": (
        mention("a", kind="sign"),
        mention("b", date(2024, 1, 1), event_date_precision="year", kind="sign"),
    ),
    "announced, then done": (
        mention("a", None, after(-3), kind="sign", factuality="planned"),
        mention("b", kind="sign"),
    ),
    "another kind on the same day": (mention("a", kind="sign"), mention("b", kind="endorse")),
    "a condition of both": (
        mention("a", kind="block", stance="conditional"),
        mention("b", kind="condition", stance="conditional"),
    ),
    "no alliance named": (mention("a"), mention("b", alliance=None)),
    "asserted and denied on one day": (mention("a"), mention("b", factuality="denied")),
}
APART: dict[str, tuple[Mention, Mention]] = {
    "two days apart": (mention("a"), mention("b", after(2))),
    "undated, later": (mention("a"), mention("b", None, after(9))),
    "undated, but from before": (mention("a", after(2)), mention("b", None)),
    "another month": (mention("a"), mention("b", date(2024, 5, 1), event_date_precision="month")),
    "a sum of the year": (
        mention("a", kind="provide_aid"),
        mention("b", date(2024, 1, 1), event_date_precision="year", kind="provide_aid"),
    ),
    "another alliance": (mention("a"), mention("b", alliance="EU")),
    "the other side": (mention("a"), mention("b", kind="oppose", stance="oppose")),
    "another kind, two days later": (
        mention("a", kind="sign"),
        mention("b", after(2), event_date_basis="publication"),
    ),
    "two acts of one article": (
        mention("a", kind="sign", article="x"),
        mention("b", kind="endorse", article="x"),
    ),
    "denied the day before": (mention("a", after(-1), factuality="denied"), mention("b")),
    "an application": (mention("a"), mention("b", kind="apply")),
}


@pytest.mark.parametrize("pair", TOGETHER.values(), ids=TOGETHER)
def test_one_event(pair: tuple[Mention, Mention]) -> None:
    assert groups(*pair) == groups(*reversed(pair)) == [{"a", "b"}]


@pytest.mark.parametrize("pair", APART.values(), ids=APART)
def test_two_events(pair: tuple[Mention, Mention]) -> None:
    assert groups(*pair) == groups(*reversed(pair)) == [{"a"}, {"b"}]


def test_daily_reports_do_not_chain_up() -> None:
    days = [mention(f"{i:02d}", after(i)) for i in range(30)]
    assert max(len(some) for some in groups(*days)) <= 3


def test_a_report_joins_the_nearest_and_its_own_kind_first() -> None:
    first, second = mention("first"), mention("second", after(2))
    assert groups(first, second, mention("x", None, after(3))) == [{"first"}, {"second", "x"}]
    signed, endorsed = mention("signed", kind="sign"), mention("endorsed", after(2))
    assert groups(signed, endorsed, mention("x", after(1))) == [{"endorsed", "x"}, {"signed"}]


def test_an_article_that_tells_of_both_acts_confuses_neither() -> None:
    signed = mention("signed", kind="sign")
    both = [mention("s", kind="sign", article="x"), mention("e", kind="endorse", article="x")]
    assert groups(signed, *both) == [{"e"}, {"s", "signed"}]


def test_days_at_the_ends_of_the_calendar() -> None:
    early, late = date(1, 1, 1), date(9999, 12, 31)
    seen = datetime(2025, 1, 1, tzinfo=UTC)
    ends = [
        mention(f"{day.year}{kind}", day, kind=kind, event_date_basis="publication", first_seen=seen)
        for day in (early, late)
        for kind in ("sign", "endorse")
    ]
    assert len(groups(*ends)) == 2
