"""A sentence → the same length, verbs that a parser misreads replaced; its parse → their own words again.

'Poland and Latvia back the bid': 'back' is taken for an adverb, so another verb is parsed in its place.
"""

import re
from collections.abc import Collection

from transforms.detection.tokens import Doc
from transforms.detection.words import MisreadWords

_WORD = re.compile(r"[^\W\d_][\w'’-]*")
#: So many words before it, a verb of moving has 'back' for itself: 'brought the troops back'.
_REACH = 4

Misreading = tuple[int, str]


def find_misreadings(text: str, names: Collection[int], words: MisreadWords) -> list[Misreading]:
    """Sentence → where a misread verb stands behind a subject, with the word to parse there.

    Args:
        text: the sentence.
        names: where the names of actors in it end.
        words: the verbs and what rules them out.
    """
    found = list(_WORD.finditer(text))
    misreadings: list[Misreading] = []
    for position, match in enumerate(found[:-1]):
        stand_in = words.verbs.get(match.group())
        if stand_in is None or position == 0:
            continue
        before, after = found[position - 1], found[position + 1]
        if text[before.end() : match.start()] != " " or text[match.end() : after.start()] not in (" ", " “"):
            continue
        plural = before.group().endswith("s") and before.group().lower() not in words.not_after
        if not plural and before.end() not in names:
            continue
        near = {other.group().lower() for other in found[max(0, position - _REACH) : position]}
        if after.group().lower() in words.not_before or not near.isdisjoint(words.moving):
            continue
        misreadings.append((match.start(), stand_in))
    return misreadings


def stand_in(text: str, misreadings: Collection[Misreading]) -> str:
    """Sentence and its misreadings → what is parsed, of the same length."""
    for start, word in misreadings:
        text = text[:start] + word + text[start + len(word) :]
    return text


def put_back(doc: Doc, misreadings: Collection[Misreading], words: MisreadWords) -> Doc:
    """Parse and its misreadings → the parse, with the lemmas of the verbs that stand in the text."""
    lemmas = {stand_in: verb for verb, stand_in in words.verbs.items()}
    starts = {start for start, _ in misreadings}
    for token in doc:
        if token.idx in starts:
            token.lemma_ = lemmas[token.text].removesuffix("s")
    return doc
