"""Text and publication day → the dates it names, with how exact each is; rejects datelines and clock times.

'July 11 and 12', 'in May 2022', 'on Tuesday', 'two weeks ago', 'last spring'. A weekday or a month
without a year is looked for on the side of publication that the tense tells. A range is its first day.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from transforms.codebook import DateBasis, DatePrecision
from transforms.detection.datelines import read_dateline

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july",
    "august", "september", "october", "november", "december",
)  # fmt: skip
_NUMBERS = {
    word: number
    for number, word in enumerate(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"],
        start=1,
    )
} | {
    "a": 1,
    "an": 1,
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "several": 3,
    "few": 3,
    "couple of": 2,
}
_MONTH = (
    r"(?:jan(?:uary|\.)?|feb(?:ruary|\.)?|mar(?:ch|\.)?|apr(?:il|\.)?|may|june?|july?|aug(?:ust|\.)?|"
    r"sept?(?:ember|\.)?"
    r"|oct(?:ober|\.)?|nov(?:ember|\.)?|dec(?:ember|\.)?)"
)
_RANGE = r"(?:\s*(?:and|to|[-–—&])\s*\d{1,2}(?:st|nd|rd|th)?)?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_OF_YEAR = r"(?:,?\s+(?P<year>\d{4}))?"
_NUMBER = "|".join([*_NUMBERS, r"\d{1,2}"])


@dataclass(frozen=True, slots=True)
class EventDate:
    """A day with how exact it is and what it rests on."""

    day: date
    precision: DatePrecision
    basis: DateBasis


@dataclass(frozen=True, slots=True)
class DateMention:
    """Characters [start, end) that name a date, read with the past or the future in mind."""

    start: int
    end: int
    when: EventDate
    #: 'by', 'until', 'since', 'before', 'ahead of': what the words before make of it
    bound: str


def find_dates(
    text: str, published: date | None, is_future: Callable[[int], bool] = lambda _: False
) -> list[DateMention]:
    """Sentence → the dates it names, in order, the longest where they overlap.

    Args:
        text: the sentence.
        published: the publication day, on which all but full dates rest.
        is_future: whether words at a position speak of something to come.
    """
    dateline = read_dateline(text)
    skip = dateline.end if dateline else 0
    found: list[DateMention] = []
    for start, end, when in _read_all(text, published, is_future):
        if start >= skip and not any(start < other.end and other.start < end for other in found):
            leading = _LEADING.match(text, start, end)
            start = leading.end() if leading else start
            found.append(DateMention(start, end, when, _bound_before(text, start)))
    return sorted(found, key=lambda mention: mention.start)


def _read_all(
    text: str, published: date | None, is_future: Callable[[int], bool]
) -> Iterator[tuple[int, int, EventDate]]:
    for match, read in _match_all(text):
        try:
            when = read(match, published, is_future(match.start()))
        except (ValueError, OverflowError):
            continue
        if when is not None:
            yield match.start(), match.end(), when


@lru_cache(maxsize=64)
def _match_all(text: str) -> tuple[tuple[re.Match[str], "_Reader"], ...]:
    """Sentence → all that looks like a date: the same few are asked for again for each act of an article."""
    return tuple((match, read) for pattern, read in _READERS for match in pattern.finditer(text))


#: The preposition in front of a date is read with it, and is no part of it.
_LEADING = re.compile(r"(?:(?:in|since|by|of|until|after|before|during|from)\s+)", re.I)


def _bound_before(text: str, start: int) -> str:
    before = text[max(0, start - 28) : start].lower()
    match = re.search(
        r"\b(by|until|till|since|before|ahead of|prior to|within|from|after)\s+(?:the\s+)?(?:(?:end|"
        r"start|beginning|close|middle)\s+of\s+)?(?:the\s+)?$",
        before,
    )
    return match.group(1) if match else ""


# ---- one reader for each shape ----


def _iso(match: re.Match[str], published: date | None, future: bool) -> EventDate | None:
    return EventDate(date(int(match[1]), int(match[2]), int(match[3])), "day", "explicit")


def _day_of_month(match: re.Match[str], published: date | None, future: bool) -> EventDate | None:
    month, day = _month_number(match["month"]), int(match["day"])
    year = int(match["year"]) if match["year"] else _nearest_year(month, day, published, future)
    return EventDate(date(year, month, day), "day", "explicit") if year else None


def _month_of_year(match: re.Match[str], published: date | None, future: bool) -> EventDate | None:
    month = _month_number(match["month"])
    if match["year"]:
        year = int(match["year"])
    elif published is None:
        return None
    elif (match["which"] or "").lower() in ("last", "next") or match["relative"]:
        word = (match["relative"] or match["which"]).lower()
        if match["relative"]:
            year = published.year + {"last": -1, "next": 1, "this": 0}[word.split()[0]]
        else:
            passed = month < published.month
            year = (
                published.year - (not passed)
                if word == "last"
                else published.year + (month <= published.month)
            )
    else:
        year = _nearest_year(month, 1, published, future)
    return EventDate(date(year, month, 1), "month", "explicit")


def _year(match: re.Match[str], published: date | None, future: bool) -> EventDate | None:
    return EventDate(date(int(match["year"]), 1, 1), "year", "explicit")


def _near_day(match: re.Match[str], published: date | None, future: bool) -> EventDate | None:
    if published is None:
        return None
    words = match.group().lower()
    step = -1 if words in ("yesterday", "last night", "overnight") else 1 if words == "tomorrow" else 0
    return EventDate(published + timedelta(days=step), "day", "relative")


def _weekday(match: re.Match[str], published: date | None, future: bool) -> EventDate | None:
    if published is None:
        return None
    target = _WEEKDAYS.index(match["day"].lower())
    word = (match["which"] or "").lower()
    if word == "next" or (future and word != "last"):
        ahead = (target - published.weekday()) % 7
        return EventDate(published + timedelta(days=ahead or (7 if word == "next" else 0)), "day", "relative")
    back = (published.weekday() - target) % 7
    return EventDate(published - timedelta(days=back or (7 if word == "last" else 0)), "day", "relative")


def _period(match: re.Match[str], published: date | None, future: bool) -> EventDate | None:
    if published is None:
        return None
    step = {"last": -1, "past": -1, "next": 1, "coming": 1, "this": 0, "earlier this": 0, "later this": 0}[
        match["which"].lower()
    ]
    unit = match["unit"].lower()
    if unit in ("week", "weekend"):
        return _month_around(published + timedelta(days=7 * step))
    if unit == "month":
        return _month_around(_add_months(published, step))
    if unit in ("spring", "summer", "autumn", "fall", "winter"):
        season = {"spring": 5, "summer": 8, "autumn": 11, "fall": 11, "winter": 2}[unit]
        year = published.year + step if step >= 0 else published.year - (season >= published.month)
        return EventDate(date(year, 1, 1), "year", "relative")
    return EventDate(date(published.year + step, 1, 1), "year", "relative")


def _ago(match: re.Match[str], published: date | None, future: bool) -> EventDate | None:
    if published is None:
        return None
    words = match["number"].lower()
    number = int(words) if words.isdigit() else _NUMBERS[words]
    unit = match["unit"].lower()
    if unit == "day":
        return EventDate(published - timedelta(days=number), "day", "relative")
    if unit == "week":
        return _month_around(published - timedelta(days=7 * number))
    if unit == "month":
        return _month_around(_add_months(published, -number))
    if unit == "year" and number == 1:
        return _month_around(_add_months(published, -12))
    years = number * (10 if unit == "decade" else 1)
    return EventDate(date(published.year - years, 1, 1), "year", "relative")


_Reader = Callable[[re.Match[str], date | None, bool], EventDate | None]
_READERS: tuple[tuple[re.Pattern[str], _Reader], ...] = (
    (re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b"), _iso),
    (re.compile(rf"\b{_DAY}{_RANGE}\s+(?:of\s+)?(?P<month>{_MONTH}){_OF_YEAR}\b", re.I), _day_of_month),
    (re.compile(rf"\b(?P<month>{_MONTH})\s+{_DAY}{_RANGE}{_OF_YEAR}\b(?!\d)", re.I), _day_of_month),
    (
        re.compile(
            rf"\b(?:(?:in|since|by|of|until|after|before|during|from)\s+)?(?:(?P<which>early|late|"
            rf"mid-?|last|this|next)[\s-]+)?"
            rf"(?P<month>{_MONTH})(?:,?\s+(?:of\s+)?(?:(?P<year>(?:19|20)\d{{2}})|(?P<relative>(?:last|"
            rf"this|next)\s+year)))?\b",
        re.I),
        lambda m, p, f: _month_of_year(m, p, f) if _is_month(m) else None,
    ),
    (
        re.compile(r"\b(?:today|tonight|overnight|yesterday|tomorrow|last night|"
            r"this (?:morning|afternoon|evening))\b", re.I),
        _near_day,
    ),
    (re.compile(rf"\b(?:(?P<which>last|next|this)\s+)?(?P<day>{'|'.join(_WEEKDAYS)})\b", re.I), _weekday),
    (
        re.compile(
            rf"\b(?P<number>{_NUMBER})\s+(?P<unit>day|week|month|year|decade)s?\s+(?:ago|earlier)\b", re.I
        ),
        _ago,
    ),
    (
        re.compile(
            r"\b(?P<which>last|past|next|coming|this|earlier this|later this)\s+"
            r"(?P<unit>weekend|week|month|year|spring|summer|autumn|fall|winter)\b",
            re.I,
        ),
        _period,
    ),
    (
        re.compile(
            r"\b(?:in|since|by|of|until|after|before|during|from)\s+(?:early\s+|late\s+|mid-)?(?:the\s+)?"
            r"(?P<year>(?:19|20)\d{2})s?\b",
            re.I,
        ),
        _year,
    ),
)  # fmt: skip


def _is_month(match: re.Match[str]) -> bool:
    """'May' and 'March' are months only beside a word that makes them so."""
    word = match["month"].strip(".")
    led = match.start("month") > match.start()
    named = bool(match["year"] or match["relative"])
    return word[:1].isupper() and (led or named) and (len(word) > 3 or word.lower() == "may" or named)


def _month_number(text: str) -> int:
    return next(
        number for number, name in enumerate(_MONTHS, 1) if name.startswith(text.lower().strip(".")[:3])
    )


def _nearest_year(month: int, day: int, published: date | None, future: bool) -> int:
    if published is None:
        return 0
    options = [date(published.year + step, month, min(day, 28)) for step in (-1, 0, 1)]
    if future:
        options = [option for option in options if option >= published - timedelta(days=31)] or options
    else:
        options = [option for option in options if option <= published + timedelta(days=3)] or options
    return min(options, key=lambda option: abs((option - published).days)).year


def _month_around(day: date) -> EventDate:
    return EventDate(date(day.year, day.month, 1), "month", "relative")


def _add_months(day: date, months: int) -> date:
    total = day.year * 12 + day.month - 1 + months
    return date(total // 12, total % 12 + 1, 1)
