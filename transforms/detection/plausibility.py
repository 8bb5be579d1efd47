"""A filled act → its final kind, and why it can't be so, or ''.

Membership is judged on the day of the text, by the tables of alliances.
"""

from collections.abc import Callable
from datetime import timedelta

from transforms.codebook import NEGATIVE_KINDS, Kind
from transforms.detection.about import objects_behind
from transforms.detection.acts import Act
from transforms.detection.candidate import Candidate
from transforms.detection.composition import Composition
from transforms.detection.objects import object_class
from transforms.detection.parsed import MEMBERS, Parsed
from transforms.detection.roles import Role

#: An accession spoken of as a noun is a fact if it comes within so many days.
_SOON = timedelta(days=120)
#: Longer ago than this, a country is no new member.
_TEN_YEARS = 3650
#: Ways of finding who gains that go with a noun of admission.
_NAMED_GAINERS = ("theme", "passive", "possessor", "of", "wisher")
#: Kinds that do not fit who gains itself.
_FOR_OTHERS: tuple[Kind, ...] = ("admit", "endorse", "provide_aid", "pledge_aid")
_OF_ONES_OWN: tuple[Kind, ...] = ("apply", "withdraw", "threaten", "oppose")


def final_kind(
    parsed: Parsed, act: Act, composition: Composition, actor: Role, gainer: Role, membership: bool
) -> Kind | None:
    """Composition with its participants → the kind that fits them, or None where a giver would gain."""
    own = bool(set(actor.codes) & set(gainer.codes))
    kind = composition.kind
    if kind == "apply" and not own:
        return "endorse"
    if kind == "ratify" and membership and all(c in parsed.document.gazetteer.alliances for c in actor.codes):
        return "admit"
    if kind == "ratify" and act.frame.id == "approve" and _passes_mere_words(parsed, act):
        return "endorse"
    words = {word.lemma_.lower() for word in act.token.subtree}
    if act.frame.id == "receive" and membership and words & parsed.words.participants.backing:
        kind = "endorse"
    if act.frame.id == "receive" and kind == "provide_aid" and _is_only_promised(parsed, act):
        kind = "pledge_aid"
    if own and membership and kind == "oppose" and words & parsed.words.participants.wanting:
        return "apply"
    if own and kind in _FOR_OTHERS and (composition.asker is not None or composition.wished):
        return "apply"
    if own and kind not in _OF_ONES_OWN:
        return None
    return _unless(parsed, act, actor, kind)


def _unless(parsed: Parsed, act: Act, actor: Role, kind: Kind) -> Kind:
    """'Georgia can't join unless it …, Tallinn said' → a condition, no opposition."""
    if kind != "oppose" or act.frame.id != "join" or actor.how != "sayer":
        return kind
    unless = any(
        child.dep_ == "advcl" and any(mark.lower_ in ("unless", "until") for mark in child.children)
        for child in act.token.children
    )
    return "condition" if unless else kind


def _is_only_promised(parsed: Parsed, act: Act) -> bool:
    """'Thanked Norway for agreeing to send', 'for its pledge of tanks'."""
    governors = parsed.lexicon.governors
    found = (governors.get(parsed.doc[i].lemma_.lower()) for i in act.theme)
    return any(governor is not None and governor.effect in ("promise", "agree") for governor in found)


def _passes_mere_words(parsed: Parsed, act: Act) -> bool:
    """'Approved a resolution in favour of its membership': no law, only support."""
    words = parsed.words.about.mere_words
    return any(c.dep_ in ("dobj", "nsubjpass") and c.lemma_.lower() in words for c in act.token.children)


def why_implausible(candidate: Candidate) -> str:
    """Candidate → why it can't be so, or ''."""
    return next((words for holds, words in _REASONS if holds(candidate)), "") or _why_no_member(candidate)


def _names_no_newcomer(candidate: Candidate) -> bool:
    """'Enlargement is on the agenda'."""
    admission = candidate.act.part == "noun" and candidate.act.frame.id == "admit"
    return admission and not candidate.how["beneficiary"].startswith(_NAMED_GAINERS)


def _is_about_something_else(candidate: Candidate) -> bool:
    """'Commitment to a stable order': what the act says it is about is neither the country nor the cause."""
    act, how = candidate.act, candidate.how
    if act.frame.id not in ("support", "pledge", "oppose", "threaten", "promote", "apply"):
        return False
    if how["beneficiary"] not in ("near", "document"):
        return False
    if how["object"] not in ("sentence", "earlier", "weak", "at_war"):
        return False
    heads = [child for child in act.token.children if child.dep_ == "dobj"]
    completes = act.part == "noun" and act.token.dep_ == "dobj"
    for holder in [act.token, act.token.head] if completes else [act.token]:
        heads += objects_behind(holder, ("to", "for", "of", "with", "on"))
    carriers = candidate.parsed.words.about.carriers
    return any(head.pos_ in ("NOUN", "PROPN") and head.lemma_.lower() not in carriers for head in heads)


def _has_not_come(candidate: Candidate) -> bool:
    """'Georgia's accession' as a noun, where Georgia does not join in these months."""
    if candidate.act.frame.id != "join" or candidate.act.part != "noun":
        return False
    document = candidate.parsed.document
    if candidate.alliance is None or document.day is None:
        return True
    soon = document.day + _SOON
    return not all(
        document.gazetteer.is_member(code, candidate.alliance, soon) for code in candidate.beneficiaries
    )


def _sets_condition_for_itself(candidate: Candidate) -> bool:
    """'Georgia made its accession conditional on …'."""
    if candidate.kind != "condition" or not _is_membership(candidate):
        return False
    return bool(set(candidate.actors) & set(candidate.parsed.document.likely_gainers(False)[:3]))


def _is_not_asked_for(candidate: Candidate) -> bool:
    """'Can't expect'; that one 'did not apply' is told."""
    negated = candidate.act.frame.id == "apply" and "negated" in candidate.composition.steps
    return negated and candidate.factuality != "denied"


def _is_told_by_no_word(candidate: Candidate) -> bool:
    """'Gave the green light to talks', with no alliance and no country near."""
    how = candidate.how
    return (
        how["object"] == "weak"
        and candidate.act.multiword
        and _is_membership(candidate)
        and how["beneficiary"] in ("document", "near")
        and how["alliance"] not in ("theme", "actor", "sentence")
    )


def _is_of_unwatched(candidate: Candidate) -> bool:
    """'The Arab League backed …'."""
    alliances = candidate.parsed.document.gazetteer.alliances
    codes = [code.removesuffix(MEMBERS) for code in candidate.actors]
    return any(code in alliances and not alliances[code].watched for code in codes)


def _threatens_war(candidate: Candidate) -> bool:
    """An attacker's threat to the one attacked."""
    return (
        candidate.kind == "threaten" and not _is_membership(candidate) and _attacker_and_attacked(candidate)
    )


def _is_help_of_adversary(candidate: Candidate) -> bool:
    """An attacker that helps the one attacked."""
    return candidate.kind not in NEGATIVE_KINDS and _attacker_and_attacked(candidate)


def _attacker_and_attacked(candidate: Candidate) -> bool:
    document = candidate.parsed.document
    attacks = set(candidate.actors) & document.adversaries
    return bool(attacks and set(candidate.beneficiaries) & document.at_war)


def _helps_adversary(candidate: Candidate) -> bool:
    """The one attacked that helps its attacker."""
    document = candidate.parsed.document
    attacked = set(candidate.actors) & document.at_war
    positive = candidate.kind not in NEGATIVE_KINDS
    return positive and bool(attacked and set(candidate.beneficiaries) & document.adversaries)


def _lets_adversary_in(candidate: Candidate) -> bool:
    """An attacker that would join, in a text about the one attacked."""
    document = candidate.parsed.document
    if candidate.object != "membership" or not document.at_war & set(document.countries):
        return False
    return bool(set(candidate.beneficiaries) & document.adversaries)


def _why_no_member(candidate: Candidate) -> str:
    """'NATO admits Poland', in 2023."""
    alliance, document = candidate.alliance, candidate.parsed.document
    if candidate.object != "membership" or alliance is None:
        return ""
    if candidate.kind in ("withdraw", "threaten", "oppose"):
        return ""
    members = [code for code in candidate.beneficiaries if document.was_member(code, alliance)]
    recent = all(document.joined_within(code, alliance, _TEN_YEARS) for code in members)
    if not members or (candidate.kind == "admit" and recent):
        return ""
    return f"{', '.join(members)} was a member of {alliance} already"


def _is_membership(candidate: Candidate) -> bool:
    return object_class(candidate.object) == "membership"


#: In the order in which they are asked; the words are what `why` shows.
_REASONS: tuple[tuple[Callable[[Candidate], bool], str], ...] = (
    (_names_no_newcomer, "a noun that names nobody who would join"),
    (_is_about_something_else, "it is about something else"),
    (_has_not_come, "an accession that has not come"),
    (_sets_condition_for_itself, "who would join sets no condition"),
    (_is_not_asked_for, "not asked for"),
    (_is_told_by_no_word, "no word tells what it is about"),
    (_is_of_unwatched, "an organisation that is not watched"),
    (_threatens_war, "an adversary's threat is war, not a withheld hand"),
    (_is_help_of_adversary, "an adversary does not help"),
    (_helps_adversary, "an adversary is not helped"),
    (_lets_adversary_in, "an adversary does not join"),
)
