"""An act with its governors, negation and modals → Composition: kind, factuality and who really acts.

'Refused to ratify' is a block, 'asked Congress to approve' is the asker's act, 'will send' is a pledge.
"""

from transforms.codebook import Kind
from transforms.detection.acts import Act
from transforms.detection.auxiliaries import apply_auxiliaries
from transforms.detection.composition import Composition
from transforms.detection.governing import apply_governor
from transforms.detection.parsed import Parsed
from transforms.detection.tokens import Token

#: Above 'lifted its veto', they say that it has not been lifted.
_NOT_YET = frozenset({"urge", "doubt", "consider", "try", "want"})
_MAY = frozenset({"could", "may", "might"})


def compose(parsed: Parsed, act: Act, aid: bool) -> Composition:
    """Act and whether it is about aid → Composition, read from the act outwards."""
    frame = act.frame
    kind: Kind = (frame.aid_kind or frame.kind) if aid else frame.kind
    composition = Composition(kind, steps=[f"{frame.id}: {act.token.lemma_.lower()}"])
    if act.part == "noun" and composition.positive and _is_stalled(parsed, act.token):
        composition.kind = "block"
        composition.steps.append("delayed")
    apply_auxiliaries(parsed, act, composition, aid)
    if frame.id == "lift-objection" and any(governor.effect in _NOT_YET for governor, _ in act.governors):
        composition.kind = "oppose"
        composition.steps.append("not lifted yet")
        return composition
    for governor, token in act.governors:
        if composition.dropped:
            break
        apply_governor(parsed, act, composition, governor.effect, token, aid)
    if composition.kind == "provide_aid" and _is_unfinished(act.token):
        composition.kind = "pledge_aid"
        composition.steps.append("not given yet")
    proposes = frame.id == "pledge" and act.token.lemma_.lower() == "propose"
    if proposes and composition.factuality == "asserted":
        composition.factuality = "possible"
    _apply_markers(act, composition)
    _inherit_modal(act, composition)
    return composition


def _is_stalled(parsed: Parsed, noun: Token) -> bool:
    """'Stalled aid', 'long-delayed talks'."""
    return any(
        child.dep_ == "amod" and child.lower_.rpartition("-")[2] in parsed.words.acts.stalled
        for child in noun.children
    )


def _is_unfinished(token: Token) -> bool:
    """'A deal to send', 'talks about sending': a giving that is spoken of before it is done."""
    if token.tag_ == "VB" and token.dep_ in ("acl", "xcomp", "advcl"):
        return _has_to(token)
    return bool(token.tag_ == "VBG" and token.dep_ == "pcomp")


def _has_to(verb: Token) -> bool:
    return any(child.lower_ == "to" and child.dep_ == "aux" for child in verb.children)


def _apply_markers(act: Act, composition: Composition) -> None:
    """'If', 'whether': the act stands under a hypothesis."""
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


def _inherit_modal(act: Act, composition: Composition) -> None:
    """'Could be used to support': what the verb above may do, this may do."""
    current = act.token
    for _ in range(4):
        if current.dep_ not in ("xcomp", "advcl") or current.head.i == current.i:
            return
        if current.dep_ == "advcl" and not _has_to(current):
            return
        current = current.head
        near = [word for child in current.children for word in (child, *child.children)]
        if not any(word.dep_ == "aux" and word.lower_ in _MAY for word in near):
            continue
        if composition.factuality == "asserted":
            composition.factuality = "possible"
            composition.steps.append("possible (modal above)")
        if any(child.lower_ in ("how", "whether") for child in current.children):
            composition.dropped = "only discussed"
        return
