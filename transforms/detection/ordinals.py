"""Sentence → the number in a row that it gives: '22nd country' is 22; rejects those of time and rank."""

import re
from functools import cache

from transforms.detection.words import any_of

_WORDS = {
    word: number
    for number, word in enumerate(
        (
            "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
            "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
        ).split(),
        start=1,
    )
} | {"thirtieth": 30, "fortieth": 40}
_TENS = {"twenty": 20, "thirty": 30, "forty": 40}
_UNITS = "|".join(word for word, number in _WORDS.items() if number < 10)
#: The first or second in a row is one only with the act it comes first in.
_IN_AN_ACT = re.compile(r"^\s+(?:to|in the \w+ to)\s+\w+", re.IGNORECASE)
_FEWEST = 3


@cache
def _pattern(nouns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(
        rf"\b(?:(?P<digits>\d{{1,3}})(?:<sup>)?(?:st|nd|rd|th)(?:</sup>)?|(?P<tens>twenty|thirty|"
        rf"forty)[-\s](?P<unit>{_UNITS})|"
        rf"(?P<word>{'|'.join(_WORDS)}))\s+(?:(?!(?:time|year|day|largest|biggest|most|"
        rf"century)\b)[\w-]+\s+){{0,3}}?{any_of(nouns)}\b(?P<rest>.{{0,30}})",
        re.IGNORECASE,
    )


def find_ordinal(text: str, nouns: tuple[str, ...]) -> int | None:
    """Sentence → '22nd country' as 22, 'the ninth ally to do so' as 9, 'the first state to ratify' as 1."""
    for match in _pattern(nouns).finditer(text):
        number = _number(match)
        if number >= _FEWEST or _IN_AN_ACT.match(match["rest"]):
            return number
    return None


def _number(match: re.Match[str]) -> int:
    if match["digits"]:
        return int(match["digits"])
    if match["tens"]:
        return _TENS[match["tens"].lower()] + _WORDS[match["unit"].lower()]
    return _WORDS[match["word"].lower()]
