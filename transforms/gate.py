"""Title and text → the watched alliances and causes it names; rejects (`off_topic`) what names none.

One pass of a multi-pattern automaton over the lower-cased text finds every name; the text as written then
decides on capitals and word boundaries. Longer names swallow shorter ones, unwatched ones included, so that
'European Union of Football Associations' can be told apart by naming it.
"""

import bisect
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from ahocorasick_rs import AhoCorasick, MatchKind

from transforms.knowledge import Cause, Country, World
from transforms.records import Article, Rejection
from transforms.rejections import reject_document

#: Characters between a watched country and an aid word, at most: about one sentence.
NEAR_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Name:
    """One spelling and what it stands for: an alliance, a country, or an aid word of a cause."""

    spelling: str
    alliance: str | None = None
    country: str | None = None
    causes: tuple[str, ...] = ()
    #: an acronym that is so well known that it is also written small ('nato')
    any_case: bool = False


@dataclass(frozen=True, slots=True)
class Matcher:
    """The names of a world, ready to search; made once for each process, as it can't travel between them."""

    automaton: AhoCorasick
    #: lower-case pattern, by its index in the automaton -> all that is spelled so
    names: tuple[tuple[Name, ...], ...]
    causes: tuple[Cause, ...]


def compile_matcher(world: World) -> Matcher:
    """World → the matcher of its watched alliances and causes."""
    by_pattern: dict[str, list[Name]] = {}
    for name in spell_names(world):
        by_pattern.setdefault(_lower(name.spelling), []).append(name)
    patterns = sorted(by_pattern)
    return Matcher(
        automaton=AhoCorasick(patterns, matchkind=MatchKind.LeftmostLongest),
        names=tuple(tuple(by_pattern[pattern]) for pattern in patterns),
        causes=world.causes,
    )


def digest_names(world: World) -> str:
    """World → a name for all that its gate looks for: the same names and causes, the same digest."""
    spelled = sorted(repr(name) for name in spell_names(world))
    causes = sorted(repr((cause.id, cause.country, cause.countries)) for cause in world.causes)
    return hashlib.sha256("\n".join((*spelled, *causes)).encode()).hexdigest()[:16]


def find_watched(text: str, matcher: Matcher) -> tuple[str, ...]:
    """Text (title and body) → ids of the watched alliances and causes it names, sorted; () where none.

    A cause is named where one of its words stands within `NEAR_CHARACTERS` of its country, or of as many
    different countries as it asks for.
    """
    found: set[str] = set()
    countries: dict[str, list[int]] = {}
    aid_words: dict[str, list[int]] = {}
    lowered = _lower(text)
    for index, start, end in matcher.automaton.find_matches_as_indexes(lowered):
        if not _stands_alone(text, start, end):
            continue
        for name in matcher.names[index]:
            if name.causes:
                for cause in name.causes:
                    aid_words.setdefault(cause, []).append(start)
            elif name.any_case or _written_as(name.spelling, text[start:end]):
                if name.alliance:
                    found.add(name.alliance)
                if name.country:
                    countries.setdefault(name.country, []).append(start)
    for cause in matcher.causes:
        if any(_is_named(cause, countries, place) for place in aid_words.get(cause.id, ())):
            found.add(cause.id)
    return tuple(sorted(found))


def reject_off_topic(article: Article, matcher: Matcher) -> Rejection | None:
    """Article → None where it names a watched alliance or cause, else its rejection."""
    if find_watched(f"{article.title}\n{article.text}", matcher):
        return None
    return reject_document(article, "gate", "off_topic", "names no watched alliance or cause")


def keep_revision(article: Article, rejection: Rejection, known_revision: int) -> Article | Rejection:
    """Revision that names nothing watched → itself where an earlier one is in the tables, else its rejection.

    As the newest revision it takes the place of the text that did, whose events nobody reports any more.
    """
    if not known_revision:
        return rejection
    return replace(article, notes=(*article.notes, f"revision: {rejection.reason}, {rejection.detail}"))


def spell_names(world: World) -> Iterator[Name]:
    """World → every spelling that counts for the gate, and those that only swallow shorter ones."""
    for alliance in world.alliances:
        watched = alliance.id if alliance.watched else None
        yield Name(alliance.name, alliance=watched, any_case=_is_acronym(alliance.name))
        for alias in (*alliance.aliases, *alliance.bodies):
            yield Name(alias, alliance=watched)
    helped = {cause.country for cause in world.causes}
    for country in world.countries:
        if None in helped or country.code in helped:
            for spelling in _spell_country(country, world):
                yield Name(spelling, country=country.code)
    words: dict[str, list[str]] = {}
    for cause in world.causes:
        for word in cause.words:
            words.setdefault(word, []).append(cause.id)
    for word, causes in words.items():
        yield Name(word, causes=tuple(causes))


def _spell_country(country: Country, world: World) -> Iterable[str]:
    yield from (country.name, *country.aliases, *country.demonyms, *country.capitals)
    for leader in world.leaders:
        if leader.speaks_for == country.code:
            yield from (leader.name, leader.surname, *leader.aliases)


def _lower(text: str) -> str:
    """Text → lower case of the same length, so that places in one are places in the other."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)


def _stands_alone(text: str, start: int, end: int) -> bool:
    opens = start == 0 or not (text[start - 1].isalnum() and text[start].isalnum())
    closes = end == len(text) or not (text[end - 1].isalnum() and text[end].isalnum())
    return opens and closes


def _is_acronym(spelling: str) -> bool:
    """Long enough not to be a word that someone shouts: 'NATO', not 'EU'."""
    return len(spelling) >= 4 and spelling.isalpha() and spelling.isupper()


def _written_as(spelling: str, found: str) -> bool:
    """Whether `found` may be a writing of the name: its capitals are kept, and more of them do no harm."""
    return len(spelling) == len(found) and all(
        b.isupper() or not a.isupper() for a, b in zip(spelling, found, strict=True)
    )


def _is_named(cause: Cause, countries: Mapping[str, list[int]], place: int) -> bool:
    if cause.country:
        return _is_near(countries.get(cause.country, []), place)
    return sum(_is_near(places, place) for places in countries.values()) >= cause.countries


def _is_near(places: list[int], place: int) -> bool:
    """Whether one of the sorted places is within reach."""
    at = bisect.bisect_left(places, place - NEAR_CHARACTERS)
    return at < len(places) and places[at] <= place + NEAR_CHARACTERS
