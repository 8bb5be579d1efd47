"""An act with its governors, negation and modals → kind, stance, factuality and who really acts.

'Refused to ratify' is a block, 'asked Congress to approve' is the asker's act, 'will send' is a pledge.
"""

from dataclasses import dataclass, field

from spacy.tokens import Token

from transforms.codebook import KIND_CODES, NEGATIVE_KINDS, Factuality, Kind, Stance
from transforms.detection.acts import Act
from transforms.detection.references import Parsed

POSITIVE_KINDS = frozenset(KIND_CODES) - NEGATIVE_KINDS
#: Verbs that make a bid an act.
_HANDING_IN = frozenset("lodge submit make hand launch file present announce relaunch renew pursue table deliver put".split())
_STALLED = frozenset({"delayed", "stalled", "blocked", "suspended", "frozen", "withheld", "vetoed"})
_ASKING = frozenset({"urge"})


@dataclass(slots=True)
class Composition:
    """What an act amounts to once everything around it is read."""

    kind: Kind
    factuality: Factuality = "asserted"
    #: verb whose subject is the actor instead of the act's own ('urged', 'asked'), if any
    asker: Token | None = None
    #: verb of saying above it, if any
    saying: Token | None = None
    #: 'should', 'must': a wish of whoever says it
    wished: bool = False
    hypothetical: bool = False
    #: steps, in words
    steps: list[str] = field(default_factory=list)
    dropped: str = ""


def compose(parsed: Parsed, act: Act, aid: bool) -> Composition:
    """Act and the class of its object → Composition."""
    frame = act.frame
    kind: Kind = (frame.aid_kind or frame.kind) if aid else frame.kind
    composition = Composition(kind, steps=[f"{frame.id}: {act.token.lemma_.lower()}"])
    if act.part == "noun" and kind in POSITIVE_KINDS and any(
        child.dep_ == "amod" and child.lower_.rpartition("-")[2] in _STALLED for child in act.token.children
    ):
        composition.kind = "block"
        composition.steps.append("delayed")
    _apply_own_auxiliaries(parsed, act, composition, aid)
    if frame.id == "lift-objection" and any(g.effect in ("urge", "doubt", "consider", "try", "want", "seek_votes") for g, _ in act.governors):
        composition.kind = "oppose"
        composition.steps.append("not lifted yet")
        return composition
    for governor, token in act.governors:
        if composition.dropped:
            break
        _apply_governor(parsed, act, composition, governor.effect, token, aid)
    if composition.kind == "provide_aid" and _is_unfinished(act.token):
        composition.kind = "pledge_aid"
        composition.steps.append("not given yet")
    if frame.id == "pledge" and act.token.lemma_.lower() == "propose" and composition.factuality == "asserted":
        composition.factuality = "possible"
    _apply_markers(parsed, act, composition)
    _inherit_modal(parsed, act, composition)
    return composition


def _apply_own_auxiliaries(parsed: Parsed, act: Act, composition: Composition, aid: bool) -> None:
    verb = act.token if act.part == "verb" else (act.token.head if act.token.dep_ in ("dobj", "acomp", "attr", "nsubjpass") else None)
    if verb is None and act.part == "noun" and act.token.dep_ in ("nsubj", "nsubjpass"):
        if {child.lower_ for child in act.token.head.children if child.dep_ == "aux"} & {"should", "must", "ought"}:
            composition.wished = True
            composition.steps.append("wished (should, must)")
            _find_saying(parsed, act, composition)
        return
    if verb is None:
        return
    lexicon = parsed.lexicon.lexicon
    auxiliaries = {child.lower_ for child in verb.children if child.dep_ in ("aux", "auxpass")}
    negated = any(child.dep_ == "neg" for child in verb.children) or any(
        child.dep_ == "det" and child.lower_ == "no" for child in act.token.children
    ) or any(child.lower_ in ("never", "no", "hardly", "neither", "nor", "cannot", "longer") and child.dep_ in ("advmod", "neg", "det", "preconj") for child in verb.children)
    future = bool(auxiliaries & {"will", "shall", "'ll", "wo"}) or (
        "to" in auxiliaries and verb.dep_ in ("ROOT", "ccomp") and not negated
    )
    if negated:
        _negate(composition, future or "would" in auxiliaries or "can" in auxiliaries or "ca" in auxiliaries, aid, auxiliaries)
        return
    if auxiliaries & {"should", "must", "ought"}:
        composition.wished = True
        composition.steps.append("wished (should, must)")
    elif auxiliaries & set(lexicon.modals_possible) and "can" not in auxiliaries:
        composition.factuality = "possible"
        composition.steps.append("possible (modal)")
    elif "would" in auxiliaries:
        composition.factuality = "planned" if verb.dep_ == "ccomp" else "possible"
        composition.steps.append("would")
    elif future:
        _put_in_future(composition, aid, continued=verb.lemma_ == "continue")


def _find_saying(parsed: Parsed, act: Act, composition: Composition) -> None:
    """'Said that an invitation should come': the verb of saying above the verb that the act is the subject of."""
    above = act.token.head.head
    governor = parsed.lexicon.governors.get(above.lemma_.lower())
    if governor is not None and governor.effect == "say" and act.token.head.dep_ == "ccomp":
        composition.saying = above


def _put_in_future(composition: Composition, aid: bool, continued: bool) -> None:
    if composition.kind == "provide_aid":
        if continued:
            composition.factuality = "planned"
        else:
            composition.kind = "pledge_aid"
    elif composition.kind in ("ratify", "sign", "admit", "apply", "withdraw"):
        composition.factuality = "planned"
    elif composition.kind in ("block", "oppose") :
        composition.kind = "threaten" if composition.kind == "block" else "oppose"
    composition.steps.append("future")


def _negate(composition: Composition, future: bool, aid: bool, auxiliaries: set[str]) -> None:
    kind = composition.kind
    if kind in NEGATIVE_KINDS:
        composition.kind = "endorse"
        if kind == "withdraw" or not (future or kind == "oppose"):
            composition.factuality = "denied"
    elif kind == "endorse" and auxiliaries & {"did", "has", "have", "had"}:
        composition.factuality = "denied"
    elif kind == "endorse":
        composition.kind = "oppose"
    elif kind in ("admit", "ratify", "sign", "apply"):
        if future:
            composition.kind = "oppose" if kind != "ratify" else "block"
        else:
            composition.factuality = "denied"
    elif kind in ("provide_aid", "pledge_aid"):
        if future or auxiliaries & {"does", "do"}:
            composition.kind = "oppose"
        else:
            composition.factuality = "denied"
    composition.steps.append("negated")


def _apply_governor(parsed: Parsed, act: Act, composition: Composition, effect: str, token: Token, aid: bool) -> None:
    negated = any(child.dep_ == "neg" or child.lower_ == "no" and child.dep_ == "det" for child in token.children)
    auxiliaries = {child.lower_ for child in token.children if child.dep_ == "aux"}
    positive = composition.kind in POSITIVE_KINDS
    word = token.lemma_.lower()
    own_subject = _has_own_subject(act.token, token)
    if effect == "say":
        if composition.saying is None:
            composition.saying = token
        return
    if effect == "refuse":
        composition.kind = ("block" if composition.kind in ("ratify", "admit") else "oppose") if positive else "endorse"
    elif effect == "threaten":
        if positive and composition.kind != "withdraw":
            composition.dropped = "a threat to do what helps"
            return
        composition.kind = "threaten"
    elif effect == "promise":
        if composition.kind == "provide_aid" or (aid and positive):
            composition.kind = "pledge_aid"
        elif composition.kind in NEGATIVE_KINDS:
            composition.kind = "threaten"
        elif composition.kind in ("admit", "ratify", "sign"):
            composition.factuality = "planned"
    elif effect in _ASKING or (effect == "want" and own_subject and token.dep_ != "aux"):
        if negated:
            composition.factuality = "denied"
        composition.asker = token
        composition.factuality = "asserted" if composition.factuality != "denied" else "denied"
        composition.kind = "apply" if composition.kind in POSITIVE_KINDS else "oppose"
    elif effect == "want" and token.pos_ == "NOUN" and (act.frame.own or act.frame.id == "join"):
        if token.dep_ == "dobj" and token.head.lemma_.lower() in _HANDING_IN:
            composition.kind, composition.factuality = "apply", "asserted"
        else:
            composition.dropped = "a bare bid, no act"
            return
    elif effect == "want":
        if act.frame.own or composition.kind == "admit" and act.frame.id == "join":
            composition.kind = "apply"
            composition.factuality = "asserted"
        elif composition.kind == "provide_aid":
            composition.kind, composition.factuality = "pledge_aid", "planned"
        elif composition.kind in ("block", "withdraw"):
            composition.kind = "oppose" if composition.kind == "block" else "withdraw"
    elif effect == "plan" and negated and positive:
        composition.kind = "block" if composition.kind in ("ratify", "admit") else "oppose"
    elif effect == "plan":
        if composition.kind == "provide_aid":
            composition.kind = "pledge_aid"
        if composition.kind not in ("endorse", "oppose"):
            composition.factuality = "planned"
    elif effect == "consider" and act.part == "noun" and word in ("discuss", "debate"):
        return
    elif effect == "consider":
        composition.factuality = "possible"
        if composition.kind == "provide_aid":
            composition.kind = "pledge_aid"
    elif effect == "agree":
        if composition.kind == "provide_aid":
            composition.kind = "pledge_aid"
        if negated and positive:
            if auxiliaries & {"will", "wo", "would", "does", "do"}:
                composition.kind = "oppose"
            else:
                composition.factuality = "denied"
    elif effect == "fail":
        composition.factuality = "denied"
    elif effect == "stop" and own_subject and act.frame.id == "join":
        composition.asker = token
        composition.kind = "block"
        stopped = {child.lower_ for child in token.children if child.dep_ in ("aux", "neg")}
        if negated or stopped & {"ca", "cannot", "not", "n't"}:
            composition.factuality = "denied"
    elif effect == "stop" and negated:
        composition.kind = "pledge_aid" if aid and positive else composition.kind
    elif effect == "stop":
        if positive:
            composition.kind = "withdraw" if aid else "block"
        else:
            composition.kind = "endorse"
    elif effect == "doubt":
        composition.factuality = "possible"
    else:
        return
    if auxiliaries & {"may", "might", "could"} and effect not in ("want",):
        composition.factuality = "possible"
    composition.steps.append(f"{effect}: {word}")


def _inherit_modal(parsed: Parsed, act: Act, composition: Composition) -> None:
    """'Could be used to support': what the verb above may do, this may do."""
    current = act.token
    for _ in range(4):
        if current.dep_ not in ("xcomp", "advcl") or current.head.i == current.i:
            return
        if current.dep_ == "advcl" and not any(child.lower_ == "to" and child.dep_ == "aux" for child in current.children):
            return
        current = current.head
        if {word.lower_ for child in current.children for word in (child, *child.children) if word.dep_ == "aux"} & {"could", "may", "might"}:
            if composition.factuality == "asserted":
                composition.factuality = "possible"
                composition.steps.append("possible (modal above)")
            if any(child.lower_ in ("how", "whether") for child in current.children):
                composition.dropped = "only discussed"
            return


def _is_unfinished(token: Token) -> bool:
    """'A deal to send', 'talks about sending': a giving that is spoken of before it is done."""
    if token.tag_ == "VB" and token.dep_ in ("acl", "xcomp", "advcl"):
        return any(child.lower_ == "to" and child.dep_ == "aux" for child in token.children)
    return token.tag_ == "VBG" and token.dep_ == "pcomp"


def _has_own_subject(act: Token, governor: Token) -> bool:
    """Whether what is governed has a subject of its own ('want the U.S. to go on arming')."""
    current = act
    for _ in range(6):
        if current.i == governor.i or current.head.i == current.i:
            return False
        if current.pos_ in ("VERB", "AUX") and any(child.dep_ in ("nsubj", "nsubjpass") for child in current.children):
            return True
        current = current.head
    return False


def _apply_markers(parsed: Parsed, act: Act, composition: Composition) -> None:
    """'If', 'whether', 'calls for … to': the act stands under a hypothesis."""
    current = act.token
    for _ in range(6):
        for child in current.children:
            if child.dep_ == "mark" and child.lower_ in ("if", "whether", "unless"):
                composition.hypothetical = True
        if current.dep_ in ("advcl", "relcl") or current.head.i == current.i:
            break
        current = current.head
    if composition.hypothetical and composition.factuality == "asserted":
        composition.factuality = "possible"
        composition.steps.append("hypothetical")


def stance_of(kind: Kind, factuality: Factuality, conditional: bool) -> Stance:
    """Kind, factuality and whether a condition is attached → stance, by the codebook's table."""
    if factuality == "denied" and kind not in NEGATIVE_KINDS:
        return "neutral"
    if conditional:
        return "conditional"
    return KIND_CODES[kind].stance
