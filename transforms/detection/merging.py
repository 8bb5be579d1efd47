"""Candidates of one article → its events: one for each combination, with all its evidence.

Rejects what is told as history. The same candidates in any order give the same events.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from transforms.codebook import NEGATIVE_KINDS, Factuality, Kind, Object
from transforms.detection.afterthoughts import find_condition_after
from transforms.detection.attribution import find_source, join_sources
from transforms.detection.candidate import Candidate
from transforms.detection.composition import stance_of
from transforms.detection.conditions import find_condition
from transforms.detection.confidence import combine_scores
from transforms.detection.lexicon import Lexicon
from transforms.detection.ordinals import find_ordinal
from transforms.detection.parsed import MEMBERS
from transforms.detection.places import place_event
from transforms.detection.sentences import quote_sentence
from transforms.detection.timing import date_event, is_history
from transforms.identity import event_id
from transforms.records import Article, Evidence, SupportEvent

#: Where both fit, the kind on the left gives way to one on the right.
CONCRETE: dict[Kind, tuple[Kind, ...]] = {
    "endorse": ("sign", "ratify", "pledge_aid", "provide_aid"),
    "oppose": ("block",),
}
_FIRM: tuple[Factuality, ...] = ("asserted", "planned", "possible", "denied")


@dataclass(slots=True)
class _Group:
    """Candidates that are one event."""

    actors: frozenset[str]
    beneficiaries: frozenset[str]
    alliance: str | None
    object: Object
    kind: Kind
    members: list[Candidate] = field(default_factory=list)
    condition: str | None = None
    #: sentences that only tell the condition
    after: frozenset[int] = frozenset()

    @property
    def sentences(self) -> frozenset[int]:
        return frozenset(member.parsed.sentence.index for member in self.members)

    @property
    def factuality(self) -> Factuality:
        return min((member.factuality for member in self.members), key=_FIRM.index)


def merge_candidates(
    candidates: Sequence[Candidate], article: Article, lexicon: Lexicon
) -> tuple[SupportEvent, ...]:
    """Candidates and their article → events in reading order, actors and beneficiaries sorted."""
    published = article.published_at.date() if article.published_at else None
    groups = _group(sorted(candidates, key=_reading_order))
    groups = [group for group in groups if not is_history(group.members, published)]
    for step in (_take_more_concrete, _absorb_parts):
        groups = step(groups)
    for group in groups:
        _attach_condition(group)
    # Twice: what is joined by those who gain may then be the same for several actors.
    groups = _join(_join(_drop_bare_conditions(groups)))
    return tuple(_event(group, article, published, lexicon.ordinal_nouns) for group in groups)


def _reading_order(candidate: Candidate) -> tuple[object, ...]:
    sentence = candidate.parsed.sentence
    return (
        sentence.index, candidate.act.token.i, candidate.rank, candidate.kind, candidate.object,
        candidate.actors, candidate.beneficiaries, candidate.alliance or "",
    )  # fmt: skip


def _group(candidates: Sequence[Candidate]) -> list[_Group]:
    found: dict[tuple[object, ...], _Group] = {}
    for candidate in candidates:
        actors, beneficiaries = frozenset(candidate.actors), frozenset(candidate.beneficiaries)
        key = (actors, beneficiaries, candidate.alliance, candidate.object, candidate.kind)
        group = found.setdefault(
            key, _Group(actors, beneficiaries, candidate.alliance, candidate.object, candidate.kind)
        )
        group.members.append(candidate)
    return list(found.values())


# ---- which events are one ----


def _take_more_concrete(groups: list[_Group]) -> list[_Group]:
    """'Backs the bid' and 'signed a declaration that backs it' → the signing, with both sentences."""
    kept: list[_Group] = []
    for group in groups:
        better = next((other for other in groups if other is not group and _says_more(other, group)), None)
        if better is None:
            kept.append(group)
        else:
            better.members = sorted([*better.members, *group.members], key=_reading_order)
    return kept


def _says_more(one: _Group, other: _Group) -> bool:
    same = (
        one.actors == other.actors
        and one.beneficiaries == other.beneficiaries
        and one.object == other.object
        and one.alliance == other.alliance
        and one.factuality == other.factuality
    )
    alliance_acts = one.alliance is not None and one.actors == {one.alliance}
    if same and alliance_acts and (one.kind, other.kind) == ("admit", "ratify"):
        return True  # an alliance opens its own talks; ratifying is for its members
    if _is_aid_of_members(one) and other.kind == "endorse" and other.actors == {one.alliance}:
        return (one.beneficiaries, one.object, one.alliance) == (
            other.beneficiaries,
            other.object,
            other.alliance,
        )
    return same and one.kind in CONCRETE.get(other.kind, ())


def _is_aid_of_members(group: _Group) -> bool:
    """What an alliance's members give is what the alliance's support consists of."""
    return group.kind in ("provide_aid", "pledge_aid") and group.actors == {f"{group.alliance}{MEMBERS}"}


def _absorb_parts(groups: list[_Group]) -> list[_Group]:
    """'Backs Finland' beside 'backs Finland and Sweden' → the latter, with both sentences."""
    kept: list[_Group] = []
    for group in sorted(groups, key=lambda group: -len(group.actors) * len(group.beneficiaries)):
        whole = next((other for other in kept if _is_part(group, other)), None)
        if whole is None:
            kept.append(group)
        else:
            whole.members = sorted([*whole.members, *group.members], key=_reading_order)
    return sorted(kept, key=lambda group: _reading_order(group.members[0]))


def _is_part(part: _Group, whole: _Group) -> bool:
    return (
        part.actors <= whole.actors
        and part.beneficiaries <= whole.beneficiaries
        and (part.alliance, part.object, part.kind, part.factuality)
        == (whole.alliance, whole.object, whole.kind, whole.factuality)
    )


def _join(groups: list[_Group]) -> list[_Group]:
    """Actors of the same act in the same sentences, or those who gain from it → one event of several.

    Joint applicants each apply for themselves, and so does a state that leaves.
    """
    kept: list[_Group] = []
    for group in groups:
        other = next((other for other in kept if _is_same_act(group, other)), None)
        if other is None:
            kept.append(group)
            continue
        other.actors |= group.actors
        other.beneficiaries |= group.beneficiaries
        other.members = sorted([*other.members, *group.members], key=_reading_order)
    return kept


def _is_same_act(one: _Group, other: _Group) -> bool:
    if (one.actors == other.actors) == (one.beneficiaries == other.beneficiaries):
        return False
    return (
        not (one.actors | other.actors) & (one.beneficiaries | other.beneficiaries)
        and (one.alliance, one.object, one.kind, one.factuality)
        == (other.alliance, other.object, other.kind, other.factuality)
        and one.sentences == other.sentences
        and one.condition == other.condition
    )


def _drop_bare_conditions(groups: list[_Group]) -> list[_Group]:
    """A condition told in the very sentence of its act → that act's condition, no event."""
    return [
        group
        for group in groups
        if group.kind != "condition" or not any(_has_as_condition(other, group) for other in groups)
    ]


def _has_as_condition(act: _Group, condition: _Group) -> bool:
    return (
        act.kind != "condition"
        and act.condition is not None
        and condition.beneficiaries <= act.beneficiaries
        and condition.actors <= act.actors
        and condition.sentences <= act.sentences | act.after
    )


# ---- the fields of one ----


def _attach_condition(group: _Group) -> None:
    """Group → its condition, in the sentence of the act or in the one right after."""
    negative = group.kind in NEGATIVE_KINDS
    for member in group.members:
        group.condition = find_condition(member.parsed, member.act.token, negative)
        if group.condition:
            return
    if negative or group.kind == "apply" or group.factuality == "denied":
        return
    for member in group.members:
        document = member.parsed.document
        index = member.parsed.sentence.index + 1
        if (
            index >= len(document.sentences)
            or document.sentences[index].field != member.parsed.sentence.field
        ):
            continue
        named = {
            code
            for mention in document.mentions[index]
            for code in mention.codes
            if code in document.gazetteer.countries
        }
        gaining = named & group.beneficiaries
        group.condition = find_condition_after(
            document.sentences[index].text,
            gaining,
            member.parsed.words.conditions,
            may_point_back=not named - group.actors,
        )
        if group.condition:
            group.after = frozenset({index})
            return


def _event(group: _Group, article: Article, published: date | None, counted: tuple[str, ...]) -> SupportEvent:
    actors, beneficiaries = tuple(sorted(group.actors)), tuple(sorted(group.beneficiaries))
    members = [member for member in group.members if member.factuality == group.factuality]
    first = members[0]
    when = date_event([*members, *(m for m in group.members if m.factuality != group.factuality)], published)
    place = place_event(members, article)
    return SupportEvent(
        event_id=event_id(
            article.article_id, actors, beneficiaries, group.alliance, group.object, group.kind
        ),
        article_id=article.article_id,
        actors=actors,
        actor_role=first.actor_role,
        beneficiaries=beneficiaries,
        alliance=group.alliance,
        object=group.object,
        kind=group.kind,
        stance=stance_of(group.kind, group.factuality, group.condition is not None),
        factuality=group.factuality,
        attributed_to=join_sources(
            (find_source(m.parsed, m), m.parsed.sentence.field == "text") for m in members
        ),
        condition=group.condition,
        ordinal=next(
            (number for m in members if (number := find_ordinal(m.parsed.sentence.text, counted))), None
        ),
        event_date=when.day if when else None,
        event_date_precision=when.precision if when else None,
        event_date_basis=when.basis if when else None,
        place=place[0] if place else None,
        place_country=place[1] if place else None,
        evidence=_evidence(group),
        confidence=combine_scores([member.score for member in group.members]),
        rule=" | ".join(
            dict.fromkeys(f"{'; '.join(m.composition.steps)} [{_how(m)}]" for m in group.members)
        ),
    )


def _how(candidate: Candidate) -> str:
    return ", ".join(f"{slot} by {how}" for slot, how in candidate.how.items())


def _evidence(group: _Group) -> tuple[Evidence, ...]:
    document = group.members[0].parsed.document
    sentences = [document.sentences[index] for index in sorted(group.sentences | group.after)]
    return tuple(quote_sentence(sentence) for sentence in sentences)
