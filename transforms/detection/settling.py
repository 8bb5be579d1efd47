"""Actor and gainer as the slots give them → as they are meant: 'X joins', 'X receives'.

An applicant gains from its own act; whoever says that a country should join is the one who acts.
"""

from transforms.codebook import Kind
from transforms.detection.actors import (
    find_author,
    find_sayer,
    giver_in_theme,
    headline_speaker,
    owner_references,
)
from transforms.detection.acts import Act
from transforms.detection.composition import Composition
from transforms.detection.parsed import Parsed
from transforms.detection.references import refer
from transforms.detection.roles import NOBODY, Role, countries_only
from transforms.detection.subjects import find_subject
from transforms.detection.tokens import Token

_ALLIANCE = Role((), "alliance")
#: Kinds of one's own that turn what the alliance decides down.
_TURNS_DOWN: tuple[Kind, ...] = ("withdraw", "oppose", "threaten")


def settle(
    parsed: Parsed, act: Act, composition: Composition, actor: Role, gainer: Role, aid: bool
) -> tuple[Role, Role]:
    """Act with its slots → (actor, gainer) as they are meant. Joining may change the composition's kind."""
    if act.frame.id in ("join", "future-in"):
        return _settle_joining(parsed, act, composition, actor, gainer)
    if act.frame.reversed:
        return _settle_receiving(parsed, act, actor, gainer)
    own = countries_only(parsed, actor)
    if _turns_own_down(parsed, act, composition, own, gainer, aid):
        return own, own
    wished = composition.wished and composition.saying is not None and actor.how == "wisher"
    may_be_own = act.frame.own or composition.kind == "apply" or (wished and not gainer.codes)
    may_be_own = may_be_own and bool(own.codes) and all(wants(parsed, code, aid) for code in own.codes)
    if may_be_own and not _asks_for_another(parsed, own, gainer, aid):
        return own, own
    return actor, gainer


def _settle_joining(
    parsed: Parsed, act: Act, composition: Composition, actor: Role, gainer: Role
) -> tuple[Role, Role]:
    """'Georgia joined' → the alliance admits; 'Georgia should join, Tallinn said' → Tallinn endorses."""
    joiner = _find_joiner(parsed, act, gainer)
    if composition.kind == "apply":
        return (
            (actor, joiner if joiner.codes else gainer) if composition.asker is not None else (joiner, joiner)
        )
    speaker = find_sayer(parsed, composition)
    if act.frame.id == "future-in":
        return (speaker if speaker.codes else find_author(parsed)), joiner
    if not joiner.codes:
        return _ALLIANCE, gainer
    negated_last = composition.steps[-1] == "negated"
    refused = any(step.startswith(("stop", "refuse")) for step in composition.steps)
    if refused and composition.kind in ("withdraw", "oppose", "block") and not negated_last:
        composition.kind = "withdraw" if composition.kind == "block" else "oppose"
        return joiner, joiner
    if composition.wished and not speaker.codes:
        speaker = headline_speaker(parsed)
        if not speaker.codes:
            return NOBODY, NOBODY
    stated = composition.wished or "future" in composition.steps or "negated" in composition.steps
    if not (speaker.codes and stated):
        return _ALLIANCE, joiner
    if set(speaker.codes) & set(joiner.codes):
        composition.kind = "apply"
        return joiner, joiner
    composition.kind = "oppose" if "negated" in composition.steps else "endorse"
    composition.factuality = "asserted"
    return speaker, joiner


def _find_joiner(parsed: Parsed, act: Act, gainer: Role) -> Role:
    """'Georgia joined' → Georgia; 'the accession of Georgia' → Georgia."""
    if act.part == "noun":
        return gainer if gainer.codes else _owner(parsed, act.token)
    subject, how = find_subject(parsed, act.token if act.part == "verb" else act.token.head)
    return countries_only(parsed, Role(tuple(refer(parsed, subject)), how)) if subject is not None else NOBODY


def _owner(parsed: Parsed, token: Token) -> Role:
    """'Georgia's entry', 'entry of Georgia' → Georgia."""
    for child in token.children:
        if child.dep_ in ("poss", "compound", "amod", "nmod"):
            mention = parsed.by_token.get(child.i)
            if mention is not None and mention.codes:
                return Role(tuple(owner_references(parsed, child)), "possessor")
    for child in token.children:
        if child.dep_ == "prep" and child.lower_ in ("of", "by"):
            for pobj in child.children:
                role = countries_only(parsed, Role(tuple(refer(parsed, pobj)), "of"))
                if role.codes:
                    return role
    return NOBODY


def _settle_receiving(parsed: Parsed, act: Act, actor: Role, gainer: Role) -> tuple[Role, Role]:
    """'Ukraine received tanks from Poland', 'Ukraine thanked Poland' → Poland gives, Ukraine gains."""
    subject, how = find_subject(parsed, act.token)
    receiver = (
        countries_only(parsed, Role(tuple(refer(parsed, subject)), how)) if subject is not None else NOBODY
    )
    if act.token.lemma_ == "thank":
        return Role(countries_only(parsed, gainer, keep_alliances=True).references, "giver"), receiver
    return (actor if actor.codes else giver_in_theme(parsed, act, receiver)), receiver


def _turns_own_down(
    parsed: Parsed, act: Act, composition: Composition, own: Role, gainer: Role, aid: bool
) -> bool:
    """'Armenia froze its membership', 'Iceland rejected the invitation': what is turned down is one's own."""
    if aid or composition.kind not in _TURNS_DOWN or not own.codes:
        return False
    if gainer.codes and gainer.how not in ("near", "document"):
        return False
    about_alliance = any(
        parsed.by_token[i].form in ("alliance", "body") for i in act.theme if i in parsed.by_token
    ) or any(parsed.doc[i].lemma_.lower() in parsed.words.participants.offers for i in act.theme)
    takes_back = composition.kind == "withdraw" and any(
        parsed.doc[i].lemma_.lower() in parsed.words.participants.own_papers for i in act.theme
    )
    may_leave = (
        act.frame.id == "withdraw"
        or composition.kind == "withdraw"
        or all(parsed.document.can_join(code) for code in own.codes)
    )
    return (about_alliance or takes_back) and may_leave


def wants(parsed: Parsed, code: str, aid: bool) -> bool:
    """Whether a country may ask for itself: at war, or not yet a member."""
    document = parsed.document
    if aid:
        return code in document.at_war | document.adversaries or not document.at_war & set(document.countries)
    return not any(document.was_member(code, alliance) for alliance in document.alliances[:1])


def _asks_for_another(parsed: Parsed, own: Role, gainer: Role, aid: bool) -> bool:
    """Whether a country asks for another: that one then is named as owner or after 'for' in what is asked."""
    others = set(gainer.codes) - set(own.codes)
    return bool(others) and gainer.how == "theme_0" and all(wants(parsed, code, aid) for code in others)
