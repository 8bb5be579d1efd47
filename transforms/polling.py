"""How a poll of a feed went → when to poll it next, and whether at all. Pure: time and chance come in.

A feed that brings much is polled sooner, one that brings nothing later; what it asks for itself (`ttl`,
`skipHours`, `Cache-Control`, `Retry-After`) bounds that. Moments are seconds since 1970.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

#: share of new entries from which a feed is polled much sooner
_MANY = 0.5
_SLOWER, _SOONER, _MUCH_SOONER = 1.5, 0.8, 0.5
#: part of the interval by which a poll may come early, so that feeds don't march in step
_JITTER = 0.1
_HOUR = 3_600.0
_MAX_AGE = re.compile(r"\bmax-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PollPolicy:
    """Bounds of the interval between two polls of a feed, in seconds."""

    interval_first: float = 900.0
    interval_min: float = 300.0
    interval_max: float = 21_600.0
    #: longest wait that a server or its feed can ask for
    wait_max: float = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PollState:
    """What is kept of a feed's polls."""

    interval: float
    #: when it is due
    next_poll: float = 0.0
    #: the server asked not to come before, however impatient the user is
    not_before: float = 0.0
    failures: int = 0
    retired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PollResult:
    """How one poll went."""

    outcome: Literal["read", "unchanged", "failed", "gone"]
    #: entries listed, and new or changed ones among them
    entries: int = 0
    new: int = 0
    #: seconds that the server asks to wait: `Retry-After`
    retry_after: float | None = None
    #: seconds for which the answer stays good: `Cache-Control`
    max_age: float | None = None
    #: seconds between polls that the feed asks for: `ttl`, `sy:updatePeriod`
    ttl: float | None = None
    skip_hours: tuple[int, ...] = ()


def plan_next(
    state: PollState, result: PollResult, policy: PollPolicy, *, now: float, chance: float
) -> PollState:
    """State and the result of a poll → the state after it.

    Args:
        state: before the poll.
        result: how it went.
        policy: the bounds.
        now: seconds since 1970.
        chance: from 0 to 1; by it the poll comes up to a tenth of the interval early, never late.
    """
    asked = min(result.retry_after or 0.0, policy.wait_max)
    if result.outcome == "gone":
        return replace(state, retired=True, failures=state.failures + 1)
    if result.outcome == "failed":
        failures = state.failures + 1
        # Shifted no further than the bound needs: the number of failures has none.
        wait = min(state.interval * 2.0 ** min(failures - 1, 20), max(policy.interval_max, state.interval))
        return replace(
            state,
            failures=failures,
            next_poll=now + max(wait * (1 - _JITTER * chance), asked),
            not_before=now + asked,
        )
    interval = _adapt(state.interval, result, policy)
    wanted = min(result.ttl or 0.0, _HOUR, policy.wait_max)
    good = min(result.max_age or 0.0, policy.interval_max)
    wait = max(interval * (1 - _JITTER * chance), wanted, good, asked)
    return PollState(
        interval=interval,
        next_poll=_leave_out(now + wait, result.skip_hours),
        not_before=now + asked,
    )


def is_due(state: PollState, policy: PollPolicy, *, now: float, impatient: bool = False) -> bool:
    """State → whether to poll now.

    A moment further ahead than any wait can lead is of a clock that was set back since: it doesn't hold.

    Args:
        state: of the feed.
        policy: the bounds.
        now: seconds since 1970.
        impatient: whether the user asks for it; only what the server asked for then holds it back.
    """
    if state.retired:
        return False
    furthest = now + max(policy.wait_max, policy.interval_max) + 24 * _HOUR
    if now < state.not_before <= furthest:
        return False
    return impatient or not now < state.next_poll <= furthest


def _adapt(interval: float, result: PollResult, policy: PollPolicy) -> float:
    share = result.new / result.entries if result.entries else 0.0
    if not result.new:
        factor = _SLOWER
    elif share >= _MANY:
        factor = _MUCH_SOONER
    else:
        factor = _SOONER
    return min(max(interval * factor, policy.interval_min), policy.interval_max)


def _leave_out(moment: float, skip_hours: tuple[int, ...]) -> float:
    """Moment → itself, or the start of the next hour of the day that the feed doesn't exclude."""
    for _ in range(24):
        if datetime.fromtimestamp(moment, UTC).hour not in skip_hours:
            return moment
        moment = (moment // _HOUR + 1) * _HOUR
    return moment


def read_retry_after(value: str | None, now: float) -> float | None:
    """`Retry-After`, in seconds or as a date → seconds from now; None where it says nothing."""
    text = (value or "").strip()
    if text.isdecimal():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return max(0.0, moment.timestamp() - now)


def read_max_age(value: str | None) -> float | None:
    """`Cache-Control` → seconds for which the answer stays good; None where it says nothing."""
    text = value or ""
    found = _MAX_AGE.search(text)
    if found is None or re.search(r"\bno-(?:cache|store)\b", text, re.IGNORECASE):
        return None
    return float(found.group(1))
