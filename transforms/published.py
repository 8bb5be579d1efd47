"""A date as feeds and files write it → an aware datetime: ISO 8601 or RFC 822; anything else gives None."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

#: before the first web page a date is a default value ('0001-01-01', the Unix epoch), not a date
EARLIEST_YEAR = 1971
LATEST_YEAR = 2100
#: clocks and time zones disagree: an article may be dated this far ahead of now
AHEAD = timedelta(days=2)

#: a year of zeros, which RFC 822 would read as one of this century
_PLACEHOLDER = re.compile(r"(?<![+-])\b000\d\b")
_FRACTION = re.compile(r"(\.\d{6})\d+")


def parse_published(value: str) -> datetime | None:
    """Date in words → aware datetime in UTC: a date alone is its midnight, a time without a zone is UTC."""
    text = value.strip()
    if not text or len(text) > 64 or is_placeholder(text):
        return None
    moment = _parse_iso(text) or _parse_rfc822(text)
    return None if moment is None else as_utc(moment)


def is_placeholder(written: str) -> bool:
    """Date in words → whether it is a default value of year 0 or 1."""
    return _PLACEHOLDER.search(written) is not None


def as_utc(moment: datetime) -> datetime | None:
    """Datetime → the same moment in UTC: None where it is a placeholder or out of the calendar's range."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        moment = moment.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return moment if EARLIEST_YEAR <= moment.year <= LATEST_YEAR else None


def is_future(moment: datetime, now: datetime | None) -> bool:
    """Moment → whether it lies further ahead than clocks and zones explain; False where `now` isn't known."""
    return now is not None and moment > now + AHEAD


def _parse_iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(_FRACTION.sub(r"\1", text))
    except ValueError:
        return None


def _parse_rfc822(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
