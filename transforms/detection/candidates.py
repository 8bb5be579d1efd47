"""A parsed sentence → candidate claims: an act with its slots filled, each with the way it was found.

Rejected here is what can't be: no beneficiary, a giver that gains, a member that would join.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from transforms.codebook import Object
from transforms.detection.about import choose_object, cues_around, is_money_of_eu, sorts_of_aid
from transforms.detection.actors import (
    actors_around,
    as_alliance,
    as_members,
    choose_actor,
    default_actor,
    other_signers,
)
from transforms.detection.acts import Act, find_acts, related
from transforms.detection.alliances import find_alliance
from transforms.detection.candidate import Candidate
from transforms.detection.composing import compose
from transforms.detection.gainers import find_gainers
from transforms.detection.objects import object_class
from transforms.detection.parsed import Parsed
from transforms.detection.plausibility import final_kind, why_implausible
from transforms.detection.refusals import why_no_act
from transforms.detection.roles import Role
from transforms.detection.settling import settle, wants

__all__ = ["Candidate", "choose_alternatives", "find_candidates"]

#: Told of each act that gave nothing, and why.
Note = Callable[[Act, str], None]

#: Alternatives of one act: more cost time and are hardly ever right.
MOST_ALTERNATIVES = 5
_NO_CUE = "no word tells what it is about"


def find_candidates(parsed: Parsed, note: Note) -> list[Candidate]:
    """Parsed sentence → candidates; those of one word are alternatives, of which at most one is right."""
    first, second = find_acts(parsed)
    found: list[Candidate] = []
    fruitful: list[Act] = []
    for act in first:
        candidates = _alternatives(parsed, act, note)
        found += candidates
        fruitful += [act] if candidates else []
    for act in second:
        if not any(related(act, other) for other in fruitful):
            candidates = _alternatives(parsed, act, note)
            for candidate in candidates:
                candidate.how["second"] = "yes"
            found += candidates
            fruitful += [act] if candidates else []
    return found


def choose_alternatives(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Scored candidates → of each act's alternatives the best one, with those that stand together with it."""
    best: dict[tuple[int, int], Candidate] = {}
    for candidate in candidates:
        key = (candidate.parsed.sentence.index, candidate.act.token.i)
        if key not in best or candidate.score > best[key].score:
            best[key] = candidate
    return [
        candidate
        for candidate in candidates
        if (winner := best[candidate.parsed.sentence.index, candidate.act.token.i]).rank == candidate.rank
        and winner.act.frame.id == candidate.act.frame.id
    ]


def _alternatives(parsed: Parsed, act: Act, note: Note) -> list[Candidate]:
    """Act → its candidates: for what it is about, who may act and who may gain, best first."""
    cues = cues_around(parsed, act)
    value, object_how = choose_object(parsed, act, cues)
    if value is None:
        note(act, _NO_CUE)
        return []
    aid = object_class(value) == "aid"
    primary = choose_actor(parsed, act, compose(parsed, act, aid))
    if act.frame.id == "sign":
        primary = other_signers(parsed, primary, aid)
    problem = why_no_act(parsed, act, primary)
    if problem:
        note(act, problem)
        return []
    found: list[Candidate] = []
    for actor in [primary] if primary.codes else [primary, *actors_around(parsed, act, primary)[:2]]:
        for gainer in find_gainers(parsed, act, cues, actor, value):
            candidate = _fill(parsed, act, value, object_how, actor, gainer)
            if isinstance(candidate, str):
                note(act, candidate)
            elif not any(_same(candidate, other) for other in found):
                candidate.rank = len(found)
                found += _tell_apart(parsed, act, candidate)
            if len(found) >= MOST_ALTERNATIVES:
                return found
    return found


def _same(one: Candidate, other: Candidate) -> bool:
    return (one.actors, one.beneficiaries, one.kind, one.object) == (
        other.actors, other.beneficiaries, other.kind, other.object,
    )  # fmt: skip


def _tell_apart(parsed: Parsed, act: Act, candidate: Candidate) -> list[Candidate]:
    """Candidate → one for each sort of aid, and for each joint applicant, who pairs with itself."""
    if is_money_of_eu(parsed, act, candidate.object, candidate.alliance):
        candidate = replace(candidate, object="economic_aid")
    parts = [candidate]
    sorts = sorts_of_aid(parsed, act) if object_class(candidate.object) == "aid" else []
    if len(sorts) > 1:
        parts = [replace(candidate, object=sort) for sort in sorts]
    own = sorted(set(candidate.actors) & set(candidate.beneficiaries))
    if len(candidate.actors) > 1 and own:
        return [replace(part, actors=(code,), beneficiaries=(code,)) for part in parts for code in own]
    return parts


def _fill(
    parsed: Parsed, act: Act, value: Object, object_how: str, actor: Role, gainer: Role
) -> Candidate | str:
    """Act with a choice of participants → candidate, or why they can't be."""
    aid = object_class(value) == "aid"
    membership = not aid
    composition = compose(parsed, act, aid)
    if composition.dropped:
        return composition.dropped
    actor, gainer = settle(parsed, act, composition, actor, gainer, aid)
    if not gainer.codes:
        return "no beneficiary"
    faint = object_how == "weak" and act.frame.needs_cue and not act.multiword
    if faint and (membership or gainer.how not in ("theme_0", "theme_1")):
        return _NO_CUE
    alliance, alliance_how = find_alliance(parsed, act, actor, gainer, value)
    if membership and alliance is None:
        return "no alliance to be a member of"
    actor = default_actor(parsed, act, actor, alliance, membership)
    if not actor.codes:
        return "no actor"
    if (
        aid
        and set(actor.codes) & set(gainer.codes)
        and not all(wants(parsed, code, True) for code in gainer.codes)
    ):
        return "a giver asks nothing for itself"
    if composition.kind == "ratify" and membership and actor.references[0].how == "members":
        actor = as_members(parsed, actor)
    kind = final_kind(parsed, act, composition, actor, gainer, membership)
    if kind is None:
        return "the actor gains from its own act"
    if kind == "admit":
        actor = as_alliance(actor)
    candidate = Candidate(
        actor.codes, actor.references[0].role, gainer.codes, alliance, value, kind, composition.factuality,
        parsed, act, composition,
        how={
            "actor": actor.how,
            "actor_ref": actor.references[0].how,
            "beneficiary": gainer.how,
            "beneficiary_ref": gainer.references[0].how,
            "object": object_how,
            "alliance": alliance_how,
        },
    )  # fmt: skip
    return why_implausible(candidate) or candidate
