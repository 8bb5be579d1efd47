"""A candidate in its sentence → the rest of the event: condition, attribution, ordinal, date and place.

Each is a pure look at the words around the act; what the text does not say stays empty.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from spacy.tokens import Token

from transforms.codebook import DateBasis, DatePrecision
from transforms.detection.candidates import Candidate
from transforms.detection.references import Parsed, refer
from transforms.detection.roles import find_subject

_ORDINAL_WORDS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15, "sixteenth": 16,
    "seventeenth": 17, "eighteenth": 18, "nineteenth": 19, "twentieth": 20, "thirtieth": 30,
}  # fmt: skip
_TENS = {"twenty": 20, "thirty": 30}
_ORDINAL = re.compile(
    r"\b(?:(?P<digits>\d{1,3})(?:st|nd|rd|th)|(?P<tens>twenty|thirty)-(?P<unit>[a-z]+)|(?P<word>[a-z]+))\s+"
    r"(?:\w+\s+){0,2}(?:country|nation|member|state|ally|government|capital|parliament)\b",
    re.IGNORECASE,
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_MONTH = "(?:jan(?:uary|\\.)?|feb(?:ruary|\\.)?|mar(?:ch|\\.)?|apr(?:il|\\.)?|may|june?|july?|aug(?:ust|\\.)?|sept?(?:ember|\\.)?|oct(?:ober|\\.)?|nov(?:ember|\\.)?|dec(?:ember|\\.)?)"
_DATES = (
    ("dmy", re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?:\s+(?:and|to)\s+\d{{1,2}}|[-–]\d{{1,2}})?\s+({_MONTH})(?:,?\s+(\d{{4}}))?\b", re.I)),
    ("mdy", re.compile(rf"\b({_MONTH})\s+(\d{{1,2}})(?:st|nd|rd|th)?(?:\s+(?:and|to)\s+\d{{1,2}}|[-–]\d{{1,2}})?(?:,?\s+(\d{{4}}))?\b(?!\d)", re.I)),
    ("my", re.compile(rf"\b(?:in|since|by|of|early|late|mid-?|last|this|next)\s+({_MONTH})(?:,?\s+(\d{{4}}))?\b", re.I)),
    ("iso", re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")),
)
_RELATIVE = (
    (re.compile(r"\b(?:today|tonight|this (?:morning|afternoon|evening))\b", re.I), 0, "day"),
    (re.compile(r"\byesterday\b", re.I), -1, "day"),
    (re.compile(r"\btomorrow\b", re.I), 1, "day"),
)
_RELATIVE_MONTH = re.compile(r"\b(last|next|this) (month|year|week)\b", re.I)
_WEEKDAY = re.compile(rf"\b(?:(last|next|this|on|late|early|until|by)\s+)?({'|'.join(_WEEKDAYS)})\b", re.I)
_PAST_YEAR = re.compile(r"\b(?:in|since)\s+((?:19|20)\d{2})\b")


@dataclass(frozen=True, slots=True)
class EventDate:
    """A day with how exact it is and what it rests on."""

    day: date
    precision: DatePrecision
    basis: DateBasis


def find_ordinal(text: str) -> int | None:
    """Sentence → '22nd country' as 22."""
    for match in _ORDINAL.finditer(text):
        if match["digits"]:
            return int(match["digits"])
        if match["tens"]:
            unit = _ORDINAL_WORDS.get(match["unit"].lower(), 0)
            if unit:
                return _TENS[match["tens"].lower()] + unit
        elif match["word"] and match["word"].lower() in _ORDINAL_WORDS:
            value = _ORDINAL_WORDS[match["word"].lower()]
            if value > 2:
                return value
    return None


def find_condition(parsed: Parsed, act: Token, openers: Sequence[str]) -> str | None:
    """Act → the words of an explicit condition attached to it, if any: 'as soon as Kyiv can meet the prerequisites'."""
    text = parsed.sentence.text
    lowered = text.lower()
    best: tuple[int, int] | None = None
    for opener in openers:
        for match in re.finditer(rf"\b{re.escape(opener)}\b", lowered):
            if best is None or len(opener) > best[1] - best[0]:
                if _is_condition(parsed, act, match.start(), opener):
                    best = (match.start(), match.end())
    if best is None:
        return None
    return _clause_from(parsed, best[0])


def _is_condition(parsed: Parsed, act: Token, start: int, opener: str) -> bool:
    token = next((token for token in parsed.doc if token.idx <= start < token.idx + len(token)), None)
    if token is None:
        return False
    if opener == "until" and any(word in parsed.sentence.text.lower() for word in ("until now", "until recently")):
        return False
    if opener == "once" and token.dep_ not in ("mark", "advmod") or opener == "once" and parsed.sentence.text.lower()[start:].startswith("once again"):
        return False
    if opener in ("if", "until") and token.dep_ not in ("mark", "prep"):
        return False
    if opener == "as long as" and "as long as it takes" in parsed.sentence.text.lower():
        return False
    if opener == "as soon as" and "as soon as possible" in parsed.sentence.text.lower():
        return False
    clause = token.head
    for _ in range(8):
        if clause.i == act.i:
            return True
        if clause.head.i == clause.i:
            break
        clause = clause.head
    return clause.i == act.sent.root.i and _shares_root(act)


def _shares_root(act: Token) -> bool:
    current = act
    for _ in range(8):
        if current.head.i == current.i:
            return True
        if current.dep_ in ("relcl", "parataxis"):
            return False
        current = current.head
    return False


def _clause_from(parsed: Parsed, start: int) -> str:
    text = parsed.sentence.text
    rest = text[start:]
    stop = re.search(r"[.;!?\"”]|,\s+(?:said|says|according|and|but|he|she|the)\b", rest)
    clause = rest[: stop.start()] if stop else rest
    return clause.strip(" ,")


def find_source(parsed: Parsed, candidate: Candidate) -> str | None:
    """Candidate → who claims it, where that is neither the text nor the actor."""
    saying = candidate.composition.saying
    if saying is not None and saying.pos_ == "VERB":
        subject, _ = find_subject(parsed, saying)
        if subject is not None:
            return _source_of(parsed, subject, candidate)
    for token in parsed.doc:
        if token.lower_ == "according" and token.i + 1 < len(parsed.doc):
            for child in token.children:
                for pobj in child.children:
                    if pobj.dep_ == "pobj":
                        return _source_of(parsed, pobj, candidate)
    return None


def _source_of(parsed: Parsed, subject: Token, candidate: Candidate) -> str | None:
    references = refer(parsed, subject)
    if not references:
        return None
    code = references[0].codes[0]
    actors = {actor.split(":")[0] for actor in candidate.actors}
    return None if code.split(":")[0] in actors else code


def resolve_date(sentence: str, published: date | None, future: bool) -> EventDate | None:
    """Sentence and publication day → the date it names: explicit first, then relative to publication."""
    explicit = _explicit_date(sentence, published, future)
    if explicit is not None:
        return explicit
    if published is None:
        return None
    for pattern, days, _ in _RELATIVE:
        if pattern.search(sentence):
            return EventDate(published + timedelta(days=days), "day", "relative")
    match = _WEEKDAY.search(sentence)
    if match:
        return EventDate(_weekday(match, published, future), "day", "relative")
    match = _RELATIVE_MONTH.search(sentence)
    if match:
        return _relative_period(match, published)
    year = _PAST_YEAR.search(sentence)
    if year and int(year.group(1)) <= published.year:
        return EventDate(date(int(year.group(1)), 1, 1), "year", "explicit")
    return None


def _explicit_date(sentence: str, published: date | None, future: bool) -> EventDate | None:
    for shape, pattern in _DATES:
        match = pattern.search(sentence)
        if match is None:
            continue
        try:
            if shape == "iso":
                return EventDate(date(*(int(part) for part in match.groups())), "day", "explicit")
            if shape == "my":
                month, year_text = _month(match.group(1)), match.group(2)
                year = int(year_text) if year_text else _nearest_year(month, 1, published, future)
                return EventDate(date(year, month, 1), "month", "explicit") if year else None
            day_text, month_text = (match.group(1), match.group(2)) if shape == "dmy" else (match.group(2), match.group(1))
            month, day = _month(month_text), int(day_text)
            year = int(match.group(3)) if match.group(3) else _nearest_year(month, day, published, future)
            return EventDate(date(year, month, day), "day", "explicit") if year else None
        except ValueError:
            continue
    return None


def _month(text: str) -> int:
    return next(number for number, name in enumerate(_MONTHS, 1) if name.startswith(text.lower().strip(".")[:3]))


def _nearest_year(month: int, day: int, published: date | None, future: bool) -> int:
    if published is None:
        return 0
    options = [date(published.year + step, month, min(day, 28)) for step in (-1, 0, 1)]
    if future:
        options = [option for option in options if option >= published - timedelta(days=3)] or options
    else:
        options = [option for option in options if option <= published + timedelta(days=60)] or options
    return min(options, key=lambda option: abs((option - published).days)).year


def _weekday(match: re.Match[str], published: date, future: bool) -> date:
    target = _WEEKDAYS.index(match.group(2).lower())
    word = (match.group(1) or "").lower()
    if word == "next" or (future and word != "last"):
        ahead = (target - published.weekday()) % 7
        return published + timedelta(days=ahead or (7 if word == "next" else 0))
    back = (published.weekday() - target) % 7
    return published - timedelta(days=back or (7 if word == "last" else 0))


def _relative_period(match: re.Match[str], published: date) -> EventDate | None:
    word, unit = match.group(1).lower(), match.group(2).lower()
    step = {"last": -1, "next": 1, "this": 0}[word]
    if unit == "year":
        return EventDate(date(published.year + step, 1, 1), "year", "relative")
    if unit == "month":
        month = published.month + step
        year = published.year + (month - 1) // 12
        return EventDate(date(year, (month - 1) % 12 + 1, 1), "month", "relative")
    if step == 0:
        return None
    moved = published + timedelta(days=7 * step)
    return EventDate(date(moved.year, moved.month, 1), "month", "relative")


def find_place(parsed: Parsed, act: Token) -> tuple[str | None, str | None]:
    """Sentence of an act → the venue if the words say so ('In Sofia, …', 'signed in Vilnius'), and its country."""
    for mention in parsed.mentions:
        if mention.form not in ("capital", "city", "seat", "country"):
            continue
        token = next((token for token in parsed.doc if token.idx <= mention.start < token.idx + len(token)), None)
        if token is None:
            continue
        head = token
        while head.dep_ in ("compound", "nmod", "amod") and head.head.i != head.i:
            head = head.head
        if head.i != token.i and head.lemma_.lower() not in ("summit",):
            continue
        preposition = head.head
        if head.dep_ != "pobj" or preposition.lower_ not in ("in", "at"):
            continue
        if mention.form == "country" and preposition.head.pos_ not in ("VERB", "AUX"):
            continue
        attached = preposition.head
        if preposition.i > 0 and attached.pos_ in ("VERB", "AUX") or attached.lemma_.lower() in ("summit", "meeting", "conference", "talk", "visit", "press", "speech", "ceremony", "gathering"):
            if mention.form == "country" and (preposition.head.lemma_ in ("invest", "fight", "war", "be", "believe")):
                continue
            code = mention.codes[0] if mention.codes else None
            return parsed.sentence.text[mention.start : mention.end], code
    return None, None
