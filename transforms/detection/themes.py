"""A word that names an act → its theme: the positions of the words that the act is about.

Left out are circumstances ('after the war', 'at a summit') and other statements of the sentence.
"""

from transforms.detection.lexicon import PartOfSpeech
from transforms.detection.parsed import Parsed
from transforms.detection.tokens import Token

#: Edges from a verb or adjective to what it is about, and from a noun.
_COMPLEMENTS = frozenset("dobj dative prep pobj xcomp ccomp oprd attr acomp prt pcomp acl nsubjpass".split())
_NOUN_COMPLEMENTS = frozenset("prep acl compound amod nmod poss pobj pcomp ccomp appos".split())
#: Edges that lead to another statement.
_ELSEWHERE = frozenset({"relcl", "advcl", "parataxis", "punct", "cc", "mark", "det"})
#: Circumstances that may tell what a word inside a theme is: 'a place within NATO'.
_DESCRIBING = frozenset({"at", "under", "within", "between", "including"})
#: The most words of a theme that are read.
MOST_WORDS = 400


def find_theme(
    parsed: Parsed, token: Token, part: PartOfSpeech, named: tuple[str, ...] = ()
) -> tuple[int, ...]:
    """Act's word → positions of the words it is about, in order.

    Args:
        parsed: the sentence.
        token: the word that names the act.
        part: what it is there.
        named: further words that name the act with it, and so are no circumstance: 'stand in way'.
    """
    roots = _complements(parsed, token, part, named)
    if part in ("noun", "adjective"):
        roots += _complements_of_verb(parsed, token)
    if part == "verb":
        roots += _shared_objects(token)
        roots += [child for child in token.children if child.dep_ == "advcl" and child.tag_ == "VB"]
        if (token.dep_ == "relcl" and _has_subject_of_its_own(token)) or (
            token.dep_ == "acl" and token.tag_ == "VBN"
        ):
            roots.append(token.head)
    found: set[int] = set()
    for root in roots:
        found.update(_words_below(parsed, root, token))
    return tuple(sorted(found))


def _complements(parsed: Parsed, token: Token, part: PartOfSpeech, named: tuple[str, ...]) -> list[Token]:
    """'Backed the bid', 'support for the bid' → bid, for."""
    edges = _NOUN_COMPLEMENTS if part == "noun" else _COMPLEMENTS
    return [
        child
        for child in token.children
        if child.dep_ in edges
        and (not _is_circumstance(parsed, child) or child.lower_ in named)
        and not (child.dep_ == "ccomp" and child.i < token.i)
    ]


def _complements_of_verb(parsed: Parsed, token: Token) -> list[Token]:
    """'Gave support to Georgia': what follows the verb belongs to the noun that completes it."""
    if token.dep_ not in ("dobj", "attr", "acomp", "nsubjpass", "pobj", "nsubj"):
        return []
    verb = token.head.head if token.dep_ == "pobj" else token.head
    return [
        child
        for child in verb.children
        if child.dep_ in ("prep", "dative", "acl", "xcomp", "ccomp")
        and child.i > token.i
        and not _is_circumstance(parsed, child)
        and token not in child.subtree
    ]


def _shared_objects(token: Token) -> list[Token]:
    """'Backed and funded the bid': one object of two verbs."""
    shared: list[Token] = []
    edges = {child.dep_ for child in token.children}
    if token.dep_ == "conj" and not edges & {"dobj", "prep", "ccomp", "xcomp"}:
        shared += [c for c in token.head.children if c.dep_ in ("dobj", "prep") and c.i > token.i]
    if not edges & {"dobj", "ccomp", "xcomp"}:
        for child in token.children:
            if child.dep_ == "conj" and child.pos_ == "VERB":
                shared += [below for below in child.children if below.dep_ == "dobj"]
    return shared


def _has_subject_of_its_own(verb: Token) -> bool:
    """'The tanks Norway sent': what is sent stands above."""
    subject = next((child for child in verb.children if child.dep_ == "nsubj"), None)
    return subject is not None and subject.tag_ not in ("WDT", "WP")


def _words_below(parsed: Parsed, root: Token, act: Token) -> set[int]:
    found: set[int] = set()
    stack = [root]
    while stack and len(found) < MOST_WORDS:
        token = stack.pop()
        if token.i == act.i or token.i in found:
            continue
        found.add(token.i)
        stack += [child for child in token.children if child.i != act.i and _belongs(parsed, child)]
    return found


def _belongs(parsed: Parsed, child: Token) -> bool:
    """Whether a word is part of what the word above it says; not so other statements and circumstances."""
    if child.dep_ in _ELSEWHERE:
        return False
    if _is_circumstance(parsed, child) and child.lower_ not in _DESCRIBING:
        return False
    other_statement = child.dep_ == "conj" and child.pos_ == "VERB"
    return not (other_statement and any(below.dep_ == "nsubj" for below in child.children))


def _is_circumstance(parsed: Parsed, token: Token) -> bool:
    return token.dep_ == "prep" and token.lower_ in parsed.words.acts.circumstances
