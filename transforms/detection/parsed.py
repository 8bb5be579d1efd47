"""Sentence and parse → Parsed: each word knows the mention it belongs to, groups named before among them."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from transforms.codebook import ActorRole
from transforms.detection.document import Document
from transforms.detection.lexicon import CompiledLexicon, Lexicon
from transforms.detection.mentions import Mention
from transforms.detection.objects import ObjectCue, find_cues
from transforms.detection.sentences import Sentence
from transforms.detection.tokens import Doc, Token

#: Suffix of an alliance's id where part of its members is meant.
MEMBERS = ":members"


@dataclass(frozen=True, slots=True)
class Reference:
    """Who a word stands for, and how that was found out."""

    codes: tuple[str, ...]
    role: ActorRole
    #: name, leader, office, members, modifier, pronoun, generic, speaker …
    how: str
    token: int


@dataclass(slots=True)
class Parsed:
    """A sentence with its parse and its mentions by word."""

    sentence: Sentence
    doc: Doc
    mentions: list[Mention]
    document: Document
    lexicon: CompiledLexicon
    by_token: dict[int, Mention]
    #: all object cues of the sentence, looked for once
    cues: list[ObjectCue] = field(default_factory=list)

    def cues_within(self, positions: Iterable[int]) -> list[ObjectCue]:
        """Positions of words → the cues that lie among them."""
        return find_cues([self.doc[i] for i in sorted(set(positions))], self.lexicon)

    @property
    def words(self) -> Lexicon:
        """The word lists."""
        return self.lexicon.lexicon


def align_mentions(sentence: Sentence, doc: Doc, document: Document, lexicon: CompiledLexicon) -> Parsed:
    """Sentence and parse → Parsed: words found by position, so that the cost grows with the mentions."""
    starts = [token.idx for token in doc]
    by_token: dict[int, Mention] = {}
    mentions = document.mentions[sentence.index]
    for mention in mentions:
        first = bisect_left(starts, mention.start)
        if first and starts[first - 1] + len(doc[first - 1].text) > mention.start:
            first -= 1
        for position in range(first, bisect_left(starts, mention.end)):
            by_token.setdefault(position, mention)
    return Parsed(sentence, doc, list(mentions), document, lexicon, by_token, find_cues(list(doc), lexicon))


def coordinated(token: Token) -> Iterator[Token]:
    """Word → itself and its conjuncts, appositions left out. Bounded by the sentence."""
    yield token
    for child in token.children:
        if child.dep_ == "conj" and child.pos_ in ("NOUN", "PROPN", "PRON", "ADJ", "NUM"):
            yield from coordinated(child)
