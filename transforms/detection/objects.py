"""The words an act is about → what is supported or opposed: membership, a kind of aid, partnership."""

from collections.abc import Sequence
from dataclasses import dataclass

from transforms.codebook import MEMBERSHIP_OBJECTS, Object
from transforms.detection.lexicon import CompiledLexicon
from transforms.detection.tokens import Token

#: The most words of a cue.
LONGEST_CUE = 4


@dataclass(frozen=True, slots=True)
class ObjectCue:
    """A word or phrase that tells an object, at a position of the sentence."""

    object: Object
    token: int
    last: int
    strong: bool
    words: str


def find_cues(tokens: Sequence[Token], lexicon: CompiledLexicon) -> list[ObjectCue]:
    """Words in order → object cues, the longest at each place."""
    found: list[ObjectCue] = []
    position = 0
    while position < len(tokens):
        step = 1
        if lexicon.rest_of_cue.keys().isdisjoint((tokens[position].lower_, tokens[position].lemma_.lower())):
            position += 1
            continue
        for length in range(min(LONGEST_CUE, len(tokens) - position), 0, -1):
            window = tokens[position : position + length]
            if window[-1].i - window[0].i >= length + 1 or _is_part_of_compound(window):
                continue
            cue = _cue_at(window, lexicon)
            if cue is not None:
                found.append(cue)
                step = length
                break
        position += step
    return found


def _is_part_of_compound(window: Sequence[Token]) -> bool:
    """'Euro-Atlantic' holds no euros: a word tied to the next by a hyphen is not that word.

    Nor do 'member states' join: they are those who are in.
    """
    last = window[-1]
    doc = last.doc
    if last.i + 1 < len(doc) and doc[last.i + 1].text == "-" and not last.whitespace_:
        return True
    return bool(last.lower_ == "member" and last.dep_ == "compound" and last.head.tag_ == "NNS")


def _cue_at(window: Sequence[Token], lexicon: CompiledLexicon) -> ObjectCue | None:
    first, last = window[0], window[-1]
    if first is last and first.pos_ == "VERB" and first.lemma_.lower() not in lexicon.lexicon.about.verbs_too:
        return None
    forms = (
        first.doc.text[first.idx : last.idx + len(last.text)].lower(),
        " ".join([token.lower_ for token in window]),
        " ".join([*[token.lower_ for token in window[:-1]], last.lemma_.lower()]),
        " ".join([token.lemma_.lower() for token in window]),
    )
    for words in forms:
        if words in lexicon.strong:
            return ObjectCue(lexicon.strong[words], window[0].i, window[-1].i, True, words)
    for words in forms:
        if words in lexicon.weak:
            return ObjectCue(lexicon.weak[words], window[0].i, window[-1].i, False, words)
    return None


def object_class(value: Object) -> str:
    """Object → its class in scoring: membership or aid."""
    return "membership" if value in MEMBERSHIP_OBJECTS else "aid"
