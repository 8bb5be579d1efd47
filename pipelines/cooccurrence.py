"""Title and text → claims by keywords alone: the floor that any detector has to leave far below.

Countries in a sentence that names an alliance and a word of support or opposition: each is said to help or
hinder each other one.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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
    codes: dict[str, str]
    support: re.Pattern[str]
    oppose: re.Pattern[str]
    aid: re.Pattern[str]


def compile_keywords(world: World, words: KeywordWords) -> Keywords:
    """World and cue words → patterns: made once."""
    codes: dict[str, str] = {}
    for country in world.countries:
        for name in (country.name, *country.aliases, *country.demonyms, *country.capitals):
            codes.setdefault(name, country.code)
    alliances = (name for a in world.alliances if a.watched for name in (a.name, *a.aliases))
    return Keywords(
        alliances=_any_of(alliances),
        countries=_any_of(codes),
        codes=codes,
        support=_any_of(words.support, re.IGNORECASE),
        oppose=_any_of(words.oppose, re.IGNORECASE),
        aid=_any_of(words.aid, re.IGNORECASE),
    )


def find_cooccurrences(title: str, text: str, keywords: Keywords) -> frozenset[Claim]:
    """Title and text → the claims that keywords alone would make."""
    claims: set[Claim] = set()
    for sentence in (title, *_SENTENCE_END.split(text)):
        opposed = keywords.oppose.search(sentence)
        if not keywords.alliances.search(sentence) or not (opposed or keywords.support.search(sentence)):
            continue
        sign: Sign = "-" if opposed else "+"
        codes = _in_order(keywords.codes[m] for m in keywords.countries.findall(sentence))
        object_class: ObjectClass = "aid" if keywords.aid.search(sentence) else "membership"
        claims.update(Claim(a, b, object_class, sign) for a in codes for b in codes if a != b)
    return frozenset(claims)


def _in_order(codes: Iterable[str]) -> Sequence[str]:
    return tuple(dict.fromkeys(codes))


def _any_of(words: Iterable[str], flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """Words → one pattern for any of them, longest first; matches nothing where there are none."""
    escaped = (re.escape(w).replace(r"\*", r"\w*") for w in sorted(set(words), key=lambda w: (-len(w), w)))
    return re.compile(rf"(?<!\w)(?:{'|'.join(escaped) or '(?!)'})(?!\w)", flags)
