"""A word above an act ('refused', 'asked', 'plans') → what the act becomes: kind, factuality, who acts.

Rejects threats to do what helps and bare bids. Each effect is a function; `lexicon.yaml` names the words.
"""

from collections.abc import Callable
from dataclasses import dataclass

from transforms.codebook import NEGATIVE_KINDS, Kind
from transforms.detection.acts import Act
from transforms.detection.composition import Composition
from transforms.detection.lexicon import Effect
from transforms.detection.parsed import Parsed
from transforms.detection.tokens import Token


@dataclass(frozen=True, slots=True)
class _Governing:
    """A governing word in its place."""

    parsed: Parsed
    act: Act
    token: Token
    aid: bool
    #: 'did not refuse', 'no plan to'
    negated: bool
    auxiliaries: frozenset[str]
    #: whether what is governed has a subject of its own ('want the U.S. to go on arming')
    own_subject: bool

    @property
    def joins(self) -> bool:
        """Whether the act is one of joining."""
        return self.act.frame.id == "join"


def apply_governor(
    parsed: Parsed, act: Act, composition: Composition, effect: Effect, token: Token, aid: bool
) -> None:
    """Governing word and what the act amounts to below it → changes the latter, and says so in its steps."""
    governing = _Governing(
        parsed,
        act,
        token,
        aid,
        negated=any(c.dep_ == "neg" or (c.lower_ == "no" and c.dep_ == "det") for c in token.children),
        auxiliaries=frozenset(child.lower_ for child in token.children if child.dep_ == "aux"),
        own_subject=_has_own_subject(act.token, token),
    )
    apply = _EFFECTS.get(effect)
    if apply is None or not apply(governing, composition):
        return
    if governing.auxiliaries & {"may", "might", "could"} and (effect != "want"):
        composition.factuality = "possible"
    composition.steps.append(f"{effect}: {token.lemma_.lower()}")


def _has_own_subject(act: Token, governor: Token) -> bool:
    current = act
    for _ in range(6):
        if current.i == governor.i or current.head.i == current.i:
            return False
        if current.pos_ in ("VERB", "AUX") and any(
            c.dep_ in ("nsubj", "nsubjpass") for c in current.children
        ):
            return True
        current = current.head
    return False


def _say(governing: _Governing, composition: Composition) -> bool:
    """'Said that': the innermost verb of saying tells whose words they are; nothing else changes."""
    composition.saying = composition.saying or governing.token
    return False


def _refuse(governing: _Governing, composition: Composition) -> bool:
    """'Refused to ratify' blocks, 'refused to help' opposes, 'refused to block' endorses."""
    composition.kind = _turned_down(composition) if composition.positive else "endorse"
    return True


def _turned_down(composition: Composition) -> Kind:
    return "block" if composition.kind in ("ratify", "admit") else "oppose"


def _threaten(governing: _Governing, composition: Composition) -> bool:
    """'Threatened to block'; nobody threatens to help."""
    if composition.positive:
        composition.dropped = "a threat to do what helps"
        return False
    composition.kind = "threaten"
    return True


def _promise(governing: _Governing, composition: Composition) -> bool:
    """'Promised to send' pledges, 'promised to block' threatens, 'promised to ratify' is planned."""
    if governing.aid and composition.positive:
        composition.kind = "pledge_aid"
    elif composition.kind in NEGATIVE_KINDS:
        composition.kind = "threaten"
    elif composition.kind in ("admit", "ratify", "sign"):
        composition.factuality = "planned"
    return True


def _ask(governing: _Governing, composition: Composition) -> bool:
    """'Urged Berlin to send': who urges is who acts, and applies, or opposes what it asks to be stopped."""
    composition.asker = governing.token
    composition.factuality = (
        "denied" if governing.negated or composition.factuality == "denied" else "asserted"
    )
    composition.kind = "apply" if composition.positive else "oppose"
    return True


def _want(governing: _Governing, composition: Composition) -> bool:
    """'Wants Berlin to send' asks, 'a bid to join' is one only if handed in, 'hopes to send' is planned."""
    token, act = governing.token, governing.act
    if governing.own_subject and token.dep_ != "aux":
        return _ask(governing, composition)
    if token.pos_ == "NOUN" and (act.frame.own or governing.joins):
        handed_in = token.head.lemma_.lower() in governing.parsed.words.acts.handing_in
        if not (token.dep_ == "dobj" and handed_in):
            composition.dropped = "a bare bid, no act"
            return False
        composition.kind, composition.factuality = "apply", "asserted"
    elif act.frame.own or (composition.kind == "admit" and governing.joins):
        composition.kind, composition.factuality = "apply", "asserted"
    elif composition.kind == "provide_aid":
        composition.kind, composition.factuality = "pledge_aid", "planned"
    elif composition.kind == "block":
        composition.kind = "oppose"
    return True


def _plan(governing: _Governing, composition: Composition) -> bool:
    """'Plans to send' is a pledge still planned, 'has no plan to send' opposes."""
    if governing.negated and composition.positive:
        composition.kind = _turned_down(composition)
        return True
    if composition.kind == "provide_aid":
        composition.kind = "pledge_aid"
    if composition.kind not in ("endorse", "oppose"):
        composition.factuality = "planned"
    return True


def _consider(governing: _Governing, composition: Composition) -> bool:
    """'Considers sending': possible. What is discussed as a noun ('discussed the aid') stays as it is."""
    if governing.act.part == "noun" and governing.token.lemma_.lower() in ("discuss", "debate"):
        return False
    composition.factuality = "possible"
    if composition.kind == "provide_aid":
        composition.kind = "pledge_aid"
    return True


def _agree(governing: _Governing, composition: Composition) -> bool:
    """'Agreed to send' pledges, 'will not agree to send' opposes, 'has not agreed' is denied."""
    if composition.kind == "provide_aid":
        composition.kind = "pledge_aid"
    if governing.negated and composition.positive:
        if governing.auxiliaries & {"will", "wo", "would", "does", "do"}:
            composition.kind = "oppose"
        else:
            composition.factuality = "denied"
    return True


def _fail(governing: _Governing, composition: Composition) -> bool:
    """'Failed to agree': denied."""
    composition.factuality = "denied"
    return True


def _stop(governing: _Governing, composition: Composition) -> bool:
    """'Stopped sending' withdraws, 'stopped blocking' endorses, 'stop Georgia from joining' blocks."""
    if governing.own_subject and governing.joins:
        composition.asker = governing.token
        composition.kind = "block"
        words = {child.lower_ for child in governing.token.children if child.dep_ in ("aux", "neg")}
        if governing.negated or words & {"ca", "cannot", "not", "n't"}:
            composition.factuality = "denied"
    elif governing.negated:
        composition.kind = "pledge_aid" if governing.aid and composition.positive else composition.kind
    elif composition.positive:
        composition.kind = "withdraw" if governing.aid else "block"
    else:
        composition.kind = "endorse"
    return True


def _doubt(governing: _Governing, composition: Composition) -> bool:
    """'Doubts that it will join': possible."""
    composition.factuality = "possible"
    return True


#: 'try' and 'continue' change nothing: the confidence alone reads them.
_EFFECTS: dict[Effect, Callable[[_Governing, Composition], bool]] = {
    "say": _say,
    "refuse": _refuse,
    "threaten": _threaten,
    "promise": _promise,
    "urge": _ask,
    "want": _want,
    "plan": _plan,
    "consider": _consider,
    "agree": _agree,
    "fail": _fail,
    "stop": _stop,
    "doubt": _doubt,
}
