"""The words of a parsed sentence and how they hang together, as plain values. Knows no parser.

Attributes are named as in spaCy, whose documentation says what they hold (https://spacy.io/api/token). There,
a token is made anew and its strings are looked up anew each time that they are read.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple


class Form(NamedTuple):
    """A word as it stands, and what it is there."""

    text: str
    lower_: str
    lemma_: str
    pos_: str
    tag_: str
    dep_: str


class Token:
    """A word in its sentence."""

    __slots__ = (
        "children", "dep_", "doc", "head", "i", "idx", "lemma_", "lower_", "pos_", "tag_", "text",
        "whitespace_",
    )  # fmt: skip

    def __init__(self, doc: "Doc", i: int, idx: int, form: Form, whitespace: str) -> None:
        self.doc = doc
        self.i = i
        #: characters of the sentence before it
        self.idx = idx
        self.text, self.lower_, self.lemma_, self.pos_, self.tag_, self.dep_ = form
        #: a space, if one follows
        self.whitespace_ = whitespace
        #: itself for the root
        self.head = self
        #: in their order in the sentence
        self.children: list[Token] = []

    def __repr__(self) -> str:
        return self.text

    @property
    def lefts(self) -> list["Token"]:
        """Its children before it."""
        return [child for child in self.children if child.i < self.i]

    @property
    def rights(self) -> list["Token"]:
        """Its children behind it."""
        return [child for child in self.children if child.i > self.i]

    @property
    def subtree(self) -> Iterator["Token"]:
        """It and all below it, those to its left first."""
        for child in self.lefts:
            yield from child.subtree
        yield self
        for child in self.rights:
            yield from child.subtree

    @property
    def left_edge(self) -> "Token":
        """The first word of its subtree."""
        return min(self.subtree, key=lambda token: token.i)

    def is_ancestor(self, other: "Token") -> bool:
        """Whether it stands somewhere above another word."""
        current = other
        while current.head is not current:
            current = current.head
            if current is self:
                return True
        return False


class Doc(list[Token]):
    """A sentence's words in order, and the text that they make up."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def find_token(self, position: int) -> Token | None:
        """Position of a character → the word that it is part of."""
        return next((token for token in self if token.idx <= position < token.idx + len(token.text)), None)


def link_words(words: Sequence[tuple[Form, bool]], heads: Iterable[int]) -> Doc:
    """Words, each with whether a space follows, and the position of each one's head → Doc."""
    doc = Doc("".join(form.text + " " if spaced else form.text for form, spaced in words))
    position = 0
    for i, (form, spaced) in enumerate(words):
        doc.append(Token(doc, i, position, form, " " if spaced else ""))
        position += len(form.text) + spaced
    for token, head in zip(doc, heads, strict=True):
        token.head = doc[head]
        if head != token.i:
            doc[head].children.append(token)
    return doc
