"""An act's own 'will', 'should', 'may', 'not' → what they make of it: planned, wished, denied …"""

from transforms.codebook import NEGATIVE_KINDS
from transforms.detection.acts import Act
from transforms.detection.composition import Composition
from transforms.detection.parsed import Parsed
from transforms.detection.tokens import Token

_WISHING = frozenset({"should", "must", "ought"})
#: 'wo' and 'ca' are what the parser makes of "won't" and "can't".
_FUTURE = frozenset({"will", "shall", "'ll", "wo"})
_MAY = frozenset({"may", "might", "could"})
_DENYING = frozenset({"never", "no", "hardly", "neither", "nor", "cannot", "longer"})


def apply_auxiliaries(parsed: Parsed, act: Act, composition: Composition, aid: bool) -> None:
    """Act and what it amounts to so far → changes the latter by its verb's auxiliaries and negation."""
    if act.part == "noun" and act.token.dep_ == "nsubj":
        _apply_wish_of_subject(parsed, act, composition)
        return
    verb = _verb_of(act)
    if verb is None:
        if act.part == "noun" and says_none(act.token):
            _negate(composition, True, set())
        return
    auxiliaries = {child.lower_ for child in verb.children if child.dep_ in ("aux", "auxpass")}
    negated = _is_negated(act, verb)
    to_come = "to" in auxiliaries and verb.dep_ in ("ROOT", "ccomp") and not negated
    future = bool(auxiliaries & _FUTURE) or to_come
    if negated:
        ended = any(child.lower_ == "longer" for child in verb.children)
        if ended and composition.kind in NEGATIVE_KINDS:
            composition.kind = "endorse"
            composition.steps.append("no longer")
            return
        _negate(composition, future or bool(auxiliaries & {"would", "can", "ca"}), auxiliaries)
    elif auxiliaries & _WISHING:
        composition.wished = True
        composition.steps.append("wished (should, must)")
    elif auxiliaries & _MAY and "can" not in auxiliaries:
        composition.factuality = "possible"
        composition.steps.append("possible (modal)")
    elif "would" in auxiliaries:
        composition.factuality = "planned" if verb.dep_ == "ccomp" else "possible"
        composition.steps.append("would")
    elif future:
        _put_in_future(composition, continued=verb.lemma_ == "continue")


def says_none(noun: Token) -> bool:
    """'Warsaw: no more jets for Kyiv'."""
    return any(word.lower_ == "no" for child in noun.lefts for word in (child, *child.children))


def _verb_of(act: Act) -> Token | None:
    """'Sent' itself; of 'gave support', 'is opposed', 'aid was sent' the verb that it completes."""
    if act.part == "verb":
        return act.token
    return act.token.head if act.token.dep_ in ("dobj", "acomp", "attr", "nsubjpass") else None


def _is_negated(act: Act, verb: Token) -> bool:
    """'Did not send', 'sent no tanks', 'neither A nor B backed', 'never backed', 'no longer opposes'."""
    if any(child.dep_ == "neg" for child in verb.children):
        return True
    objects = [child for child in verb.children if child.dep_ == "dobj"]
    if any(c.dep_ == "det" and c.lower_ == "no" for noun in (act.token, *objects) for c in noun.children):
        return True
    subjects = [child for child in verb.children if child.dep_ in ("nsubj", "nsubjpass")]
    if any(c.lower_ == "neither" for subject in subjects for c in (subject, *subject.children)):
        return True
    return any(
        child.lower_ in _DENYING and child.dep_ in ("advmod", "neg", "det", "preconj")
        for child in verb.children
    )


def _apply_wish_of_subject(parsed: Parsed, act: Act, composition: Composition) -> None:
    """'An invitation should come': a wish, of whoever says so."""
    verb = act.token.head
    if not {child.lower_ for child in verb.children if child.dep_ == "aux"} & _WISHING:
        return
    composition.wished = True
    composition.steps.append("wished (should, must)")
    governor = parsed.lexicon.governors.get(verb.head.lemma_.lower())
    if governor is not None and governor.effect == "say" and verb.dep_ == "ccomp":
        composition.saying = verb.head


def _put_in_future(composition: Composition, continued: bool) -> None:
    """'Will send' is a pledge, 'will block' a threat, 'will join' planned."""
    if composition.kind == "provide_aid":
        if continued:
            composition.factuality = "planned"
        else:
            composition.kind = "pledge_aid"
    elif composition.kind in ("ratify", "sign", "admit", "apply", "withdraw"):
        composition.factuality = "planned"
    elif composition.kind == "block":
        composition.kind = "threaten"
    composition.steps.append("future")


def _negate(composition: Composition, future: bool, auxiliaries: set[str]) -> None:
    """'Will not send' opposes, 'did not send' is denied, 'does not oppose' endorses."""
    kind = composition.kind
    if kind in NEGATIVE_KINDS:
        composition.kind = "endorse"
        if kind == "withdraw" or not (future or kind == "oppose"):
            composition.factuality = "denied"
    elif kind == "endorse":
        if auxiliaries & {"did", "has", "have", "had"} or not auxiliaries:
            composition.factuality = "denied"
        else:
            composition.kind = "oppose"
    elif kind in ("admit", "ratify", "sign", "apply"):
        if future:
            composition.kind = "block" if kind == "ratify" else "oppose"
        else:
            composition.factuality = "denied"
    elif kind in ("provide_aid", "pledge_aid"):
        if future or auxiliaries & {"does", "do"}:
            composition.kind = "oppose"
        else:
            composition.factuality = "denied"
    composition.steps.append("negated")
