"""A parsed sentence → the words that name an act, the words it is about, and the words that govern it.

A frame's word inside what another act is about ('blocked the decision to open talks') is no act of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from spacy.tokens import Token

from transforms.detection.lexicon import Frame, Governor
from transforms.detection.references import Parsed

#: Edges from a verb or noun to what it is about.
_COMPLEMENTS = frozenset({"dobj", "dative", "prep", "pobj", "xcomp", "ccomp", "oprd", "attr", "acomp", "prt", "pcomp", "acl", "nsubjpass"})
_NOUN_COMPLEMENTS = frozenset({"prep", "acl", "compound", "amod", "nmod", "poss", "pobj", "pcomp", "ccomp", "appos"})
#: Edges that lead to another statement.
_ELSEWHERE = frozenset({"relcl", "advcl", "parataxis", "punct", "cc", "mark", "det"})
_CIRCUMSTANCE = frozenset(
    "after before during amid despite since following until at because while like unlike including except under "
    "between through throughout within without by".split()
)
_UPWARD = frozenset({"xcomp", "ccomp", "acl", "pcomp", "pobj", "prep", "dobj", "attr", "acomp", "oprd", "conj", "nsubjpass", "nsubj", "advcl", "relcl", "compound", "dative"})
#: Prepositions over which a governing word reaches its act ('agreed to the transfer', 'promise of aid').
_CARRYING = frozenset("to on for from against about of over in into towards toward".split())
_TAKING_PART = frozenset({"participate", "take", "engage", "persist", "succeed", "interested", "waver"})
MAX_CLIMB = 12


@dataclass(slots=True)
class Act:
    """A word that names an act in one frame, with what it is about."""

    frame: Frame
    token: Token
    part: str
    #: positions of the words the act is about
    theme: tuple[int, ...]
    #: whether more than one word of the text names it ('start … talks')
    multiword: bool
    #: words above it that change it, innermost first
    governors: tuple[tuple[Governor, Token], ...]


def find_acts(parsed: Parsed) -> tuple[list[Act], list[Act]]:
    """Parsed sentence → its acts, and those to fall back on where they give nothing: inside or above the first."""
    found: list[Act] = []
    for token in parsed.doc:
        for frame, part, rest in _frames_of(parsed, token):
            theme = theme_of(token, part, rest)
            found.append(Act(frame, token, part, theme, bool(rest), governors_of(parsed, token)))
    governing = {token.i for act in found for _, token in act.governors}
    first: list[Act] = []
    second: list[Act] = []
    for act in found:
        governs = act.token.i in governing and not act.multiword and _governs_an_act(act, found)
        (second if governs or any(_inside(act, other) for other in found) else first).append(act)
    return first, second


def related(act: Act, other: Act) -> bool:
    """Whether one act is part of what the other is about."""
    return act.token.i in other.theme or other.token.i in act.theme or act.token.i == other.token.i


def _governs_an_act(act: Act, found: list[Act]) -> bool:
    """Whether a governing word ('agreed', 'asked') has an act below it, which then is the one to keep."""
    return any(
        other.frame.id != "aid-noun"
        and other.token.i in act.theme
        and any(token.i == act.token.i for _, token in other.governors)
        for other in found
    )


def _inside(act: Act, other: Act) -> bool:
    """Whether an act only says what another is about; what a governing word governs stays."""
    if act.token.i == other.token.i or act.token.i not in other.theme or other.token.i in act.theme:
        return False
    if act.frame.id == "aid-noun":
        return True
    return other.multiword or not any(token.i == other.token.i for _, token in act.governors)


def _frames_of(parsed: Parsed, token: Token) -> Iterator[tuple[Frame, str, tuple[str, ...]]]:
    lemma = token.lemma_.lower()
    tables = []
    if token.pos_ in ("VERB", "AUX"):
        tables.append((parsed.lexicon.verbs, "verb"))
    elif token.pos_ in ("NOUN", "PROPN"):
        tables.append((parsed.lexicon.nouns, "noun"))
        if parsed.sentence.field == "title" and token.i not in parsed.by_token:
            tables.append((parsed.lexicon.verbs, "verb"))
    elif token.pos_ in ("ADJ", "ADP"):
        tables.append((parsed.lexicon.adjectives, "adjective"))
        if token.tag_.startswith("V"):
            tables.append((parsed.lexicon.verbs, "verb"))
    mention = parsed.by_token.get(token.i)
    if mention is not None and not (mention.vague and lemma in parsed.lexicon.nouns and any(c.dep_ == "prep" for c in token.children)):
        return
    seen: set[str] = set()
    for table, part in tables:
        for frame, rest in table.get(lemma, ()):
            if frame.id in seen:
                continue
            if rest and not _has_below(token, rest):
                continue
            seen.add(frame.id)
            yield frame, part, rest


def _has_below(token: Token, words: tuple[str, ...]) -> bool:
    """Whether all words stand right below a verb: as its particle, object, predicate, or behind its preposition."""
    near: list[Token] = []
    for child in token.children:
        near.append(child)
        if child.dep_ in ("prep", "agent", "dative", "acomp", "xcomp", "prt", "advmod"):
            near += [grandchild for grandchild in child.children if grandchild.dep_ in ("pobj", "prep", "dobj", "acomp")]
        if child.dep_ in ("dobj", "attr"):
            near += [grandchild for grandchild in child.children if grandchild.dep_ in ("amod", "prep", "advmod")]
    forms = {
        form for other in near if other.dep_ not in ("aux", "auxpass") for form in (other.lemma_.lower(), other.lower_)
    }
    return all(word in forms for word in words)


def theme_of(token: Token, part: str, named: tuple[str, ...] = ()) -> tuple[int, ...]:
    """Act's word → positions of the words it is about: its complements, without circumstances and other statements."""
    edges = _NOUN_COMPLEMENTS if part == "noun" else _COMPLEMENTS
    roots = [
        child
        for child in token.children
        if child.dep_ in edges and (not _is_circumstance(child) or child.lower_ in named) and not (child.dep_ == "ccomp" and child.i < token.i)
    ]
    if part == "verb":
        roots += [child for child in token.children if child.dep_ == "advcl" and child.tag_ == "VB"]
    if part in ("noun", "adjective") and token.dep_ in ("dobj", "attr", "acomp", "nsubjpass", "pobj", "nsubj"):
        head = token.head if token.dep_ != "pobj" else token.head.head
        roots += [
            child
            for child in head.children
            if child.dep_ in ("prep", "dative", "acl", "xcomp", "ccomp") and not _is_circumstance(child) and child.i > token.i
            and token not in child.subtree
        ]
    if part == "verb" and token.dep_ == "conj" and not any(child.dep_ in ("dobj", "prep", "ccomp", "xcomp") for child in token.children):
        roots += [child for child in token.head.children if child.dep_ in ("dobj", "prep") and child.i > token.i]
    if part == "verb" and not any(child.dep_ in ("dobj", "ccomp", "xcomp") for child in token.children):
        for child in token.children:
            if child.dep_ == "conj" and child.pos_ == "VERB":
                roots += [grandchild for grandchild in child.children if grandchild.dep_ in ("dobj",)]
    if part == "verb" and token.dep_ == "relcl" and _is_object_relative(token):
        roots.append(token.head)
    if part == "verb" and token.dep_ == "acl" and token.tag_ == "VBN":
        roots.append(token.head)
    found: set[int] = set()
    for root in roots:
        found.update(_words_below(root, token))
    return tuple(sorted(found))


def _is_object_relative(token: Token) -> bool:
    subjects = [child for child in token.children if child.dep_ in ("nsubj",)]
    return bool(subjects) and subjects[0].tag_ not in ("WDT", "WP")


def _words_below(root: Token, act: Token) -> set[int]:
    found: set[int] = set()
    stack = [root]
    while stack and len(found) < 400:
        token = stack.pop()
        if token.i == act.i or token.i in found:
            continue
        found.add(token.i)
        for child in token.children:
            if child.dep_ in _ELSEWHERE or child.i == act.i:
                continue
            if child.dep_ == "prep" and _is_circumstance(child) and child.lower_ not in ("at", "under", "within", "between", "including"):
                continue
            if child.dep_ == "conj" and child.pos_ == "VERB" and any(c.dep_ == "nsubj" for c in child.children):
                continue
            stack.append(child)
    return found


def _is_circumstance(token: Token) -> bool:
    return token.dep_ == "prep" and token.lower_ in _CIRCUMSTANCE


def _pressing_noun(parsed: Parsed, token: Token) -> tuple[Governor, Token] | None:
    """'Put pressure on Berlin to send': the noun that governs an infinitive over its verb."""
    if token.dep_ != "advcl" or token.tag_ != "VB":
        return None
    for child in token.head.children:
        if child.dep_ == "dobj" and child.i < token.i:
            governor = parsed.lexicon.governors.get(child.lemma_.lower())
            if governor is not None and governor.effect == "urge":
                return governor, child
    return None


def governors_of(parsed: Parsed, token: Token) -> tuple[tuple[Governor, Token], ...]:
    """Act's word → the governing words above it, innermost first, up to the end of its statement."""
    found: list[tuple[Governor, Token]] = []
    current = token
    for _ in range(MAX_CLIMB):
        if current.dep_ not in _UPWARD or current.head.i == current.i:
            break
        pressing = _pressing_noun(parsed, current)
        if pressing is not None:
            found.append(pressing)
        if current.dep_ in ("advcl", "relcl"):
            break
        if current.dep_ in ("nsubj",) and current is not token:
            break
        if current.dep_ == "prep" and (
            current.lower_ not in _CARRYING or current.lower_ == "in" and current.head.lemma_.lower() not in _TAKING_PART
        ):
            break
        head = current.head
        conjunct = current.dep_ == "conj"
        if not conjunct and not (current.dep_ == "nsubj" and head.pos_ != "AUX"):
            governor = parsed.lexicon.governors.get(head.lemma_.lower()) or parsed.lexicon.governors.get(head.lower_)
            if governor is not None and head.pos_ in ("VERB", "NOUN", "ADJ", "AUX"):
                found.append((governor, head))
        current = head
    return tuple(found)
