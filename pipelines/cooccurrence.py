"""Title and text → claims by keywords alone: the floor that any detector has to leave far below.

In a sentence that names an alliance and has a word of support or opposition, each country is said to help or
hinder those named after it, and the alliance all of them.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from pipelines.scoring import Claim, ObjectClass, Sign
from transforms.knowledge import World

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeywordWords:
    """Words of either sign, and those that make aid of it; in lower case, `*` for any ending."""

    support: tuple[str, ...]
    oppose: tuple[str, ...]
    aid: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Keywords:
    """The words of a world, ready to search."""

    alliances: re.Pattern[str]
    countries: re.Pattern[str]
    #: name of a country or alliance -> its code
    codes: dict[str, str]
    support: re.Pattern[str]
    oppose: re.Pattern[str]
    aid: re.Pattern[str]


def compile_keywords(world: World, words: KeywordWords) -> Keywords:
    """World and cue words → patterns: made once."""
    countries: dict[str, str] = {}
    for country in world.countries:
        for name in (country.name, *country.aliases, *country.demonyms, *country.capitals):
            countries.setdefault(name, country.code)
    alliances = {name: a.id for a in world.alliances if a.watched for name in (a.name, *a.aliases)}
    return Keywords(
        alliances=_any_of(alliances),
        countries=_any_of(countries),
        codes={**countries, **alliances},
        support=_any_of(words.support, re.IGNORECASE),
        oppose=_any_of(words.oppose, re.IGNORECASE),
        aid=_any_of(words.aid, re.IGNORECASE),
    )


def find_cooccurrences(title: str, text: str, keywords: Keywords) -> frozenset[Claim]:
    """Title and text → the claims that keywords alone would make."""
    claims: set[Claim] = set()
    for sentence in (title, *_SENTENCE_END.split(text)):
        opposed = keywords.oppose.search(sentence)
        alliances = _name_codes(keywords.alliances, sentence, keywords)
        if not alliances or not (opposed or keywords.support.search(sentence)):
            continue
        sign: Sign = "-" if opposed else "+"
        object_class: ObjectClass = "aid" if keywords.aid.search(sentence) else "membership"
        countries = _name_codes(keywords.countries, sentence, keywords)
        pairs = [*combinations(countries, 2), *product(alliances, countries)]
        claims.update(Claim(a, b, object_class, sign) for a, b in pairs)
    return frozenset(claims)


def _name_codes(names: re.Pattern[str], sentence: str, keywords: Keywords) -> Sequence[str]:
    """Sentence → codes of what it names, in order, each once."""
    return tuple(dict.fromkeys(keywords.codes[name] for name in names.findall(sentence)))


def _any_of(words: Iterable[str], flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """Words → one pattern for any of them, longest first; matches nothing where there are none."""
    escaped = (re.escape(w).replace(r"\*", r"\w*") for w in sorted(set(words), key=lambda w: (-len(w), w)))
    return re.compile(rf"(?<!\w)(?:{'|'.join(escaped) or '(?!)'})(?!\w)", flags)
