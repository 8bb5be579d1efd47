"""When a feed is polled next: pure decisions."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.polling import (
    PollPolicy,
    PollResult,
    PollState,
    is_due,
    plan_next,
    read_max_age,
    read_retry_after,
)

NOW = datetime(2025, 3, 1, 12, 30, tzinfo=UTC).timestamp()
POLICY = PollPolicy(interval_first=900, interval_min=300, interval_max=20_000, wait_max=86_400)
START = PollState(interval=900)


def after(result: PollResult, state: PollState = START, chance: float = 0.0) -> PollState:
    return plan_next(state, result, POLICY, now=NOW, chance=chance)


def test_much_that_is_new_brings_the_next_poll_nearer() -> None:
    waits = [after(PollResult(outcome="read", entries=20, new=new)).next_poll - NOW for new in (20, 2, 0)]
    assert waits == [450, 720, 1350]
    assert after(PollResult(outcome="unchanged")).interval == 1350


def test_the_interval_has_bounds() -> None:
    busy = quiet = START
    for _ in range(50):
        busy = after(PollResult(outcome="read", entries=1, new=1), busy)
        quiet = after(PollResult(outcome="unchanged"), quiet)
    assert (busy.interval, quiet.interval) == (300, 20_000)


def test_jitter_brings_a_poll_forward_never_back() -> None:
    plain = PollResult(outcome="unchanged")
    assert after(plain, chance=1.0).next_poll == pytest.approx(NOW + 1350 * 0.9)


def test_what_the_feed_asks_for() -> None:
    read = PollResult(outcome="read", entries=1, new=1)
    assert after(replace(read, ttl=1800)).next_poll == NOW + 1800
    assert after(replace(read, ttl=10**9)).next_poll == NOW + 3600, "a hint, no more than an hour"
    assert after(replace(read, max_age=7200)).next_poll == NOW + 7200
    assert after(replace(read, retry_after=50_000)).next_poll == NOW + 50_000
    # 12:30 + 450 s is 12:37: in a skipped hour, so at 14:00
    assert after(replace(read, skip_hours=(12, 13))).next_poll == NOW + 5400


def test_88_hours_of_retry_after_are_one_day() -> None:
    asked = after(PollResult(outcome="failed", retry_after=88 * 3600))
    assert asked.next_poll == asked.not_before == NOW + 86_400
    assert not is_due(asked, POLICY, now=NOW + 80_000, impatient=True)
    assert is_due(asked, POLICY, now=NOW + 86_400)


def test_failures_back_off_and_success_forgets_them() -> None:
    state, waits = START, []
    for _ in range(40):
        state = after(PollResult(outcome="failed"), state)
        waits.append(state.next_poll - NOW)
    assert waits[:5] == [900, 1800, 3600, 7200, 14_400] and max(waits) == 20_000
    assert state.failures == 40
    assert after(PollResult(outcome="unchanged"), state).failures == 0


def test_gone_is_for_good() -> None:
    gone = after(PollResult(outcome="gone"))
    assert gone.retired and not is_due(gone, POLICY, now=NOW + 10**9, impatient=True)


def test_due() -> None:
    state = PollState(interval=900, next_poll=NOW + 100)
    assert not is_due(state, POLICY, now=NOW)
    assert is_due(state, POLICY, now=NOW, impatient=True)
    assert is_due(state, POLICY, now=NOW + 100)
    # The clock was set back by a year: the moment of before doesn't hold.
    assert is_due(state, POLICY, now=NOW - 365 * 86_400)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 7 ", 7.0),
        ("Sat, 01 Mar 2025 13:30:00 GMT", 3600.0),
        ("Sat, 01 Mar 2025 11:30:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert read_retry_after(value, NOW) == seconds


def test_max_age() -> None:
    assert read_max_age("public, max-age=600") == 600
    assert read_max_age("no-cache, max-age=600") is None
    assert read_max_age("s-maxage=3") is None
    assert read_max_age(None) is None


@given(
    st.lists(
        st.builds(
            PollResult,
            outcome=st.sampled_from(["read", "unchanged", "failed"]),
            entries=st.integers(0, 1000),
            new=st.integers(0, 1000),
            retry_after=st.none() | st.floats(0, 1e12),
            max_age=st.none() | st.floats(0, 1e12),
            ttl=st.none() | st.floats(0, 1e12),
            skip_hours=st.lists(st.integers(0, 23), max_size=23).map(tuple),
        ),
        max_size=30,
    ),
    st.floats(0, 1),
)
def test_a_feed_is_always_polled_again(results: list[PollResult], chance: float) -> None:
    state, now = START, NOW
    for result in results:
        state = plan_next(state, result, POLICY, now=now, chance=chance)
        assert now < state.next_poll <= now + 86_400 + 86_400
        now = state.next_poll
        assert is_due(state, POLICY, now=now)
