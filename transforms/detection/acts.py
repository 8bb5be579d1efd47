"""A parsed sentence → the words that name an act, the words it is about, and the words that govern it.

A frame's word inside what another act is about ('blocked the decision to open talks') is no act of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from transforms.detection.lexicon import Frame, Governor, PartOfSpeech
from transforms.detection.parsed import Parsed
from transforms.detection.themes import find_theme
from transforms.detection.tokens import Token

#: Edges over which a governing word is looked for.
_UPWARD = frozenset(
    "xcomp ccomp acl pcomp pobj prep dobj attr acomp oprd conj nsubjpass nsubj advcl relcl compound "
    "dative".split()
)
#: Edges to what stands right below a verb, and from there one further.
_NEAR = frozenset({"prep", "agent", "dative", "acomp", "xcomp", "prt", "advmod"})
MAX_CLIMB = 12


@dataclass(slots=True)
class Act:
    """A word that names an act in one frame, with what it is about."""

    frame: Frame
    token: Token
    part: PartOfSpeech
    #: positions of the words the act is about
    theme: tuple[int, ...]
    #: whether more than one word of the text names it ('start … talks')
    multiword: bool
    #: words above it that change it, innermost first
    governors: tuple[tuple[Governor, Token], ...]


def find_acts(parsed: Parsed) -> tuple[list[Act], list[Act]]:
    """Parsed sentence → its acts, and those to fall back on, inside or above the first."""
    found: list[Act] = []
    for token in parsed.doc:
        for frame, part, rest in _frames_of(parsed, token):
            theme = find_theme(parsed, token, part, rest)
            found.append(Act(frame, token, part, theme, bool(rest), find_governors(parsed, token)))
    governing = {token.i for act in found for _, token in act.governors}
    first: list[Act] = []
    second: list[Act] = []
    for act in found:
        governs = act.token.i in governing and not act.multiword and _governs_an_act(act, found)
        (second if governs or any(_inside(parsed, act, other) for other in found) else first).append(act)
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


def _inside(parsed: Parsed, act: Act, other: Act) -> bool:
    """Whether an act only says what another is about; what a governing word governs stays."""
    if act.token.i == other.token.i or act.token.i not in other.theme or other.token.i in act.theme:
        return False
    if other.token.lemma_.lower() in parsed.words.acts.judging and _has_own_actor(parsed, act):
        return False
    if act.frame.id == "aid-noun":
        return True
    return other.multiword or not any(token.i == other.token.i for _, token in act.governors)


def _has_own_actor(parsed: Parsed, act: Act) -> bool:
    """'Welcomed Denmark's delivery', 'hailed the EU's decision to open talks': whose act it is is named."""
    holder = act.token
    if act.part == "verb":
        if act.token.dep_ != "acl" or act.token.head.lemma_.lower() not in parsed.lexicon.governors:
            return False
        holder = act.token.head
    owners = [child for child in holder.children if child.dep_ == "poss"]
    for child in holder.children:
        if child.dep_ in ("prep", "agent") and child.lower_ in ("by", "of"):
            owners += [pobj for pobj in child.children if pobj.dep_ == "pobj"]
    return any(owner.i in parsed.by_token and parsed.by_token[owner.i].codes for owner in owners)


# ---- which frames a word names ----


def _frames_of(parsed: Parsed, token: Token) -> Iterator[tuple[Frame, PartOfSpeech, tuple[str, ...]]]:
    """Word → frames that it names, with its part of speech there and the further words it needs."""
    if _is_name(parsed, token):
        return
    lexicon = parsed.lexicon
    seen: set[str] = set()
    for part in _parts_of_speech(parsed, token):
        table = {"verb": lexicon.verbs, "noun": lexicon.nouns, "adjective": lexicon.adjectives}[part]
        for frame, rest in table.get(token.lemma_.lower(), ()):
            if frame.id not in seen and (not rest or has_below(token, rest)):
                seen.add(frame.id)
                yield frame, part, rest


def _parts_of_speech(parsed: Parsed, token: Token) -> list[PartOfSpeech]:
    """Word → what it may be: in headlines verbs are often taken for nouns ('Norway backs bid')."""
    if token.pos_ in ("VERB", "AUX"):
        return ["verb"]
    if token.pos_ in ("NOUN", "PROPN"):
        in_title = parsed.sentence.field == "title" and token.i not in parsed.by_token
        return ["noun", "verb"] if in_title else ["noun"]
    if token.pos_ in ("ADJ", "ADP"):
        return ["adjective", "verb"] if token.tag_.startswith("V") else ["adjective"]
    return []


def _is_name(parsed: Parsed, token: Token) -> bool:
    """Whether a word is part of a name and so no act; 'supporters of' is an office without a country."""
    mention = parsed.by_token.get(token.i)
    if mention is None:
        return False
    noun = token.lemma_.lower() in parsed.lexicon.nouns
    return not (mention.vague and noun and any(child.dep_ == "prep" for child in token.children))


def has_below(token: Token, words: tuple[str, ...]) -> bool:
    """Whether all words stand right below a verb: as particle, object, predicate, or behind a preposition."""
    near: list[Token] = []
    for child in token.children:
        near.append(child)
        if child.dep_ in _NEAR:
            near += [below for below in child.children if below.dep_ in ("pobj", "prep", "dobj", "acomp")]
        if child.dep_ in ("dobj", "attr"):
            near += [below for below in child.children if below.dep_ in ("amod", "advmod")]
    near = [other for other in near if other.dep_ not in ("aux", "auxpass")]
    forms = {form for other in near for form in (other.lemma_.lower(), other.lower_)}
    return all(word in forms for word in words)


# ---- which words govern an act ----


def find_governors(parsed: Parsed, token: Token) -> tuple[tuple[Governor, Token], ...]:
    """Act's word → the governing words above it, innermost first, up to the end of its statement."""
    found: list[tuple[Governor, Token]] = []
    current = token
    for _ in range(MAX_CLIMB):
        if current.dep_ not in _UPWARD or current.head.i == current.i:
            break
        pressing = _pressing_noun(parsed, current)
        if pressing is not None:
            found.append(pressing)
        if _ends_statement(parsed, current, token):
            break
        head = current.head
        if current.dep_ != "conj" and not (current.dep_ == "nsubj" and head.pos_ != "AUX"):
            governors = parsed.lexicon.governors
            governor = governors.get(head.lemma_.lower()) or governors.get(head.lower_)
            if governor is not None and head.pos_ in ("VERB", "NOUN", "ADJ", "AUX"):
                found.append((governor, head))
        current = head
    return tuple(found)


def _ends_statement(parsed: Parsed, current: Token, token: Token) -> bool:
    """Whether nothing above a word governs what is below: own clauses, subjects, circumstances."""
    if current.dep_ in ("advcl", "relcl") or (current.dep_ == "nsubj" and current.i != token.i):
        return True
    if current.dep_ != "prep":
        return False
    words = parsed.words.acts
    if current.lower_ not in words.carrying:
        return True
    return current.lower_ == "in" and current.head.lemma_.lower() not in words.taking_part


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
