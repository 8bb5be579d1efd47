"""World → matcher of names in text: every country, seat, leader, body and alliance.

Names are matched before any statistical entity is looked at, longest first and only at word borders.
A name is rejected where the text's date lies outside the person's term of office.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

import ahocorasick_rs

from transforms.codebook import ActorRole
from transforms.detection.lexicon import Lexicon
from transforms.detection.words import NameWords, Words, any_of
from transforms.knowledge import Alliance, Country, Leader, Membership, World

Form = Literal[
    "country", "demonym", "capital", "seat", "city", "parliament", "body", "leader",
    "alliance", "alliance_seat", "group",
]  # fmt: skip

#: How long after the end of a term a leader is still written of as one (readouts, late reports).
TERM_GRACE = timedelta(days=21)

_PLAIN_QUOTES = str.maketrans({"’": "'", "‘": "'"})


@dataclass(frozen=True, slots=True)
class Reading:
    """What a name may stand for."""

    codes: tuple[str, ...]
    form: Form
    role: ActorRole
    since: date | None = None
    until: date | None = None
    #: the surname alone was matched and is a common word
    weak: bool = False
    name: str = ""
    #: the office a leader held, in lower case
    office: str = ""

    def holds_on(self, day: date | None) -> bool:
        """Day of the text → whether the reading is possible then."""
        if day is None or self.form != "leader":
            return True
        if self.since is not None and day < self.since:
            return False
        return self.until is None or day <= self.until + TERM_GRACE


@dataclass(frozen=True, slots=True)
class Name:
    """A name found in a text: characters [start, end) and its possible readings, best first."""

    start: int
    end: int
    text: str
    readings: tuple[Reading, ...]

    @property
    def reading(self) -> Reading:
        """The best reading."""
        return self.readings[0]


class Gazetteer:
    """All names compiled into one matcher. Build it with `compile_gazetteer`."""

    def __init__(self, names: dict[str, tuple[Reading, ...]], world: World, lexicon: Lexicon) -> None:
        self.world = world
        self.lexicon = lexicon
        self._describing = re.compile(rf"-{any_of(lexicon.names.describing)}\b")
        self.alliances: dict[str, Alliance] = {alliance.id: alliance for alliance in world.alliances}
        self.countries: dict[str, Country] = {country.code: country for country in world.countries}
        self.regions: dict[str, frozenset[str]] = _regions(world, lexicon.names)
        self._sizes: dict[str, dict[date | None, int]] = {}
        self._patterns = [name.translate(_PLAIN_QUOTES) for name in names]
        self._readings = list(names.values())
        self._matcher = ahocorasick_rs.AhoCorasick(
            self._patterns, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest
        )

    def find_names(self, text: str, day: date | None) -> list[Name]:
        """Text and its day → names in order, none overlapping: the mentions everything else rests on."""
        found: list[Name] = []
        full_names: set[str] = set()
        for index, start, end in self._matcher.find_matches_as_indexes(text.translate(_PLAIN_QUOTES)):
            if not _stands_alone(text, start, end) or self._is_detached(text, start, end):
                continue
            readings = tuple(reading for reading in self._readings[index] if reading.holds_on(day))
            surface = text[start:end]
            for reading in readings:
                if reading.form == "leader" and not reading.weak:
                    full_names.add(reading.name)
            readings = tuple(
                r for r in readings if not r.weak or r.name in full_names or self._follows_title(text, start)
            )
            if readings:
                found.append(self._join_hyphenated(Name(start, end, surface, readings), text))
        return found

    def _is_detached(self, text: str, start: int, end: int) -> bool:
        """Whether a hyphen takes a name out of the story: 'pro-Russian', 'Soviet-era'."""
        if (
            start
            and text[start - 1] in "-‑"
            and _word_before(text, start - 1) in self.lexicon.names.detaching
        ):
            return True
        return end < len(text) and text[end] in "-‑" and self._describing.match(text, end) is not None

    def _join_hyphenated(self, name: Name, text: str) -> Name:
        """'Franco-German' → a name of both countries; any other name as it is."""
        if not name.start or text[name.start - 1] != "-":
            return name
        word = _word_before(text, name.start - 1)
        code = self.lexicon.names.joined_countries.get(word)
        if code is None or name.reading.form != "demonym" or code in name.reading.codes:
            return name
        start = name.start - 1 - len(word)
        both = replace(name.reading, codes=(code, *name.reading.codes))
        return Name(start, name.end, text[start : name.end], (both,))

    def _follows_title(self, text: str, start: int) -> bool:
        """Whether a title stands before a bare surname ('President Bush', 'Mr Brown')."""
        words = text[max(0, start - 40) : start].split()
        return bool(words) and words[-1].lower().strip(".,") in self.lexicon.names.titles

    def count_members(self, alliance: str, day: date | None) -> int:
        """How many countries belonged to an alliance on a day: 'the 27' are the EU's."""
        if alliance not in self._sizes:
            self._sizes[alliance] = {}
        sizes = self._sizes[alliance]
        if day not in sizes:
            members = {membership.country for membership in self.alliances[alliance].members}
            sizes[day] = sum(self.is_member(country, alliance, day) for country in members)
        return sizes[day]

    def is_member(self, country: str, alliance: str, day: date | None) -> bool:
        """Whether a country belonged to an alliance on a day (today's members where no day is known)."""
        return (
            _belongs(self.alliances[alliance].members, country, day) if alliance in self.alliances else False
        )

    def is_aspirant(self, country: str, alliance: str, day: date | None) -> bool:
        """Whether a country was known to seek membership of an alliance on a day."""
        return (
            _belongs(self.alliances[alliance].aspirants, country, day)
            if alliance in self.alliances
            else False
        )


def compile_gazetteer(world: World, lexicon: Lexicon) -> Gazetteer:
    """World → Gazetteer: each spelling once, with its readings in order of precedence."""
    names: dict[str, list[Reading]] = {}
    for spelling, reading in _spellings(world, lexicon.names.common_surnames):
        for variant in _case_variants(spelling, reading):
            known = names.setdefault(variant, [])
            if reading not in known:
                known.append(reading)
    ordered = {name: tuple(sorted(readings, key=_precedence)) for name, readings in names.items()}
    return Gazetteer(ordered, world, lexicon)


def _spellings(world: World, common: Words) -> Iterator[tuple[str, Reading]]:
    for alliance in world.alliances:
        for spelling in (alliance.id, alliance.name, *alliance.aliases):
            yield spelling, Reading((alliance.id,), "alliance", "IGO")
        for spelling in alliance.bodies:
            yield spelling, Reading((alliance.id,), "body", "IGO")
        for spelling in alliance.seats:
            yield spelling, Reading((alliance.id,), "alliance_seat", "IGO")
    for country in world.countries:
        yield from _country_spellings(country)
    for group in world.groups:
        for spelling in (group.name, *group.aliases):
            yield spelling, Reading(group.countries, "group", "GOV")
    for leader in world.leaders:
        yield from _leader_spellings(leader, common)


def _country_spellings(country: Country) -> Iterator[tuple[str, Reading]]:
    def read(form: Form, role: ActorRole, spellings: Iterable[str]) -> Iterator[tuple[str, Reading]]:
        for spelling in spellings:
            yield spelling, Reading((country.code,), form, role)

    yield from read("country", "GOV", (country.name, *country.aliases))
    yield from read("demonym", "GOV", country.demonyms)
    yield from read("capital", "GOV", country.capitals)
    yield from read("seat", "HEAD", country.seats)
    yield from read("city", "OTHER", country.cities)
    yield from read("parliament", "LEG", country.parliaments)
    for body in country.bodies:
        yield body.name, Reading((country.code,), "body", body.role)


def _leader_spellings(leader: Leader, common: Words) -> Iterator[tuple[str, Reading]]:
    for spelling in dict.fromkeys((leader.name, *leader.aliases, leader.surname)):
        single = " " not in spelling
        weak = single and spelling.lower() in common
        yield (
            spelling,
            Reading(
                (leader.speaks_for,),
                "leader",
                leader.role,
                leader.since,
                leader.until,
                weak,
                leader.name,
                leader.office.lower(),
            ),
        )


def _case_variants(spelling: str, reading: Reading) -> Iterator[str]:
    yield spelling
    if reading.form in ("alliance", "body") and spelling.isupper() and len(spelling) > 3:
        yield spelling.capitalize()


_FORM_ORDER: dict[str, int] = {
    "alliance": 0, "country": 1, "leader": 2, "demonym": 3, "seat": 4, "capital": 5,
    "parliament": 6, "body": 7, "group": 8, "alliance_seat": 9, "city": 10,
}  # fmt: skip


def _precedence(reading: Reading) -> tuple[int, int]:
    latest = -reading.since.toordinal() if reading.since else 0
    return _FORM_ORDER[reading.form], latest


def _stands_alone(text: str, start: int, end: int) -> bool:
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    if before.isalnum() or before in "_@#/" or after == "_":
        return False
    if before == "." and start > 1 and text[start - 2].isalnum():
        return False
    return not after.isalnum() or not text[end - 1].isalnum()


def _word_before(text: str, end: int) -> str:
    start = end
    while start and text[start - 1].isalpha() and end - start < 12:
        start -= 1
    return text[start:end].lower()


def _regions(world: World, names: NameWords) -> dict[str, frozenset[str]]:
    """World → countries by the word for their region ('nordic', 'baltic', 'balkan'), from the names of
    groups.
    """
    found: dict[str, frozenset[str]] = {}
    for group in sorted(world.groups, key=lambda group: len(group.countries)):
        for name in (group.name, *group.aliases):
            words = name.split()
            if len(words) == 1 or words[-1].lower() in names.group_nouns:
                region = words[-1] if len(words) == 1 else words[-2]
                if region.isalpha() and region[0].isupper():
                    found.setdefault(region.lower(), frozenset(group.countries))
    return found


def _belongs(memberships: Iterable[Membership], country: str, day: date | None) -> bool:
    for membership in memberships:
        if membership.country != country:
            continue
        if day is None:
            if membership.until is None:
                return True
        elif membership.since <= day and (membership.until is None or day < membership.until):
            return True
    return False
