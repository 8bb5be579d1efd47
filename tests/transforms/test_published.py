from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.published import is_future, parse_published


@pytest.mark.parametrize(
    "written",
    [
        "2024-02-03",
        "2024-02-03T00:00:00Z",
        "2024-02-03T01:00:00.0000000+01:00",
        "20240203",
        "Sat, 03 Feb 2024 00:00:00 GMT",
        "3 Feb 2024 00:00 +0000",
        " 2024-02-03 00:00 ",
    ],
)
def test_one_moment_in_many_forms(written: str) -> None:
    assert parse_published(written) == datetime(2024, 2, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "soon",
        "0001-01-01",
        "1970-01-01T00:00:00Z",
        "2024-13-01",
        "0001-01-01T00:00:00+09:00",
        "9999-12-31T23:59:59-10:00",
        "x" * 100,
    ],
)
def test_what_is_no_date_of_an_article(written: str) -> None:
    assert parse_published(written) is None


@given(st.text(max_size=80))
def test_any_text_is_a_date_or_none(written: str) -> None:
    moment = parse_published(written)
    assert moment is None or moment.tzinfo == UTC


def test_the_future_needs_a_clock() -> None:
    now = datetime(2024, 1, 1, tzinfo=UTC)
    assert is_future(now + timedelta(days=3), now)
    assert not is_future(now + timedelta(days=1), now)
    assert not is_future(now + timedelta(days=3_000), None)
