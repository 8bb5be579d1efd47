"""How a candidate was found → how likely it is right: a logistic regression over named features."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from transforms.codebook import MEMBERSHIP_OBJECTS
from transforms.detection.candidate import Candidate
from transforms.detection.objects import object_class
from transforms.detection.parsed import MEMBERS

#: Ways of finding a slot in the clause of the act itself.
_OWN_SLOTS = frozenset({
    "subject", "shared", "agent", "possessor", "from", "by", "relative", "owner", "describes", "controlled",
    "alliance", "wisher", "sayer", "giver",
})  # fmt: skip
_OWN_GAINERS = frozenset({"theme_0", "theme_1", "subject", "shared", "possessor", "passive"})
_OWN_OBJECTS = frozenset({"strong", "verb_alliance", "weak_alliance"})


def candidate_features(candidate: Candidate, repeats: int = 1) -> dict[str, float]:
    """Candidate → named features: how its slots were found, what kinds of parties meet; no names.

    Args:
        candidate: the candidate.
        repeats: how many acts of the article make the same claim.
    """
    document = candidate.parsed.document
    likely = document.likely_gainers(object_class(candidate.object) == "aid")
    named = dict.fromkeys(_named_features(candidate, repeats, likely), 1.0)
    return named | _measured_features(candidate, likely)


def _named_features(candidate: Candidate, repeats: int, likely: list[str]) -> list[str]:
    """Candidate → features that hold or don't: 'actor=subject', 'frame=give&aid'."""
    how = candidate.how
    group = object_class(candidate.object)
    gainer = candidate.beneficiaries[0]
    return [
        f"frame={candidate.act.frame.id}",
        f"frame={candidate.act.frame.id}&{group}",
        f"part={candidate.act.part}",
        f"kind={candidate.kind}&{group}",
        f"object={candidate.object}",
        f"factuality={candidate.factuality}",
        f"actor={how['actor']}",
        f"actor={how['actor']}&{candidate.act.part}",
        f"actor_ref={how['actor_ref']}",
        f"gainer={how['beneficiary']}",
        f"gainer={how['beneficiary']}&{group}",
        f"gainer_ref={how['beneficiary_ref']}",
        f"object_how={how['object']}",
        f"object_how={how['object']}&{candidate.act.frame.id}",
        f"alliance_how={how['alliance']}&{group}",
        f"rank={min(candidate.rank, 3)}",
        f"likely={min(likely.index(gainer), 3) if gainer in likely else 'no'}&{group}",
        f"governors={'+'.join(sorted({g.effect for g, _ in candidate.act.governors})) or 'none'}",
        f"repeats={min(repeats, 4)}",
        f"word={candidate.act.token.lemma_.lower()}",
        f"clause={_clause(candidate)}",
        *_document_features(candidate, group),
    ]


def _document_features(candidate: Candidate, group: str) -> list[str]:
    """Candidate → what its document is like: whether it is about the parties and the alliance at all."""
    document = candidate.parsed.document
    gainer = candidate.beneficiaries[0]
    named = sum(document.counts[code] for code in document.countries) or 1
    at_war = sum(document.counts[code] for code in document.at_war)
    alliances = max((document.counts[code] for code in document.alliances), default=0)
    aspires = candidate.alliance is not None and document.gazetteer.is_aspirant(
        gainer, candidate.alliance, document.day
    )
    found = [
        f"at_war_named={_bucket(at_war, (0, 1, 2, 5))}",
        f"alliance_named={_bucket(alliances, (0, 1, 2, 5))}",
        f"gainer_share={_bucket(document.counts[gainer] / named, (0.05, 0.1, 0.2, 0.35, 0.6))}",
        f"sentences={_bucket(len(document.sentences), (3, 6, 12, 25))}",
        f"near_membership={_bucket(document.near_membership[gainer], (0, 1, 2))}&{group}",
    ]
    if gainer in document.at_war:
        found.append(f"at_war&{candidate.how['beneficiary']}&{_bucket(at_war, (1, 3))}")
    else:
        found.append(f"not_at_war&{group}&{'aspires' if aspires else 'no'}")
    if candidate.alliance is not None:
        found.append(f"with_alliance&{group}")
    return found


def _bucket(value: float, steps: Sequence[float]) -> str:
    """Value → the first step it does not exceed, or 'more'."""
    return next((str(step) for step in steps if value <= step), "more")


def _measured_features(candidate: Candidate, likely: list[str]) -> dict[str, float]:
    """Candidate → features with a value: where it stands, how many it names, who they are."""
    document = candidate.parsed.document
    sentence = candidate.parsed.sentence
    actor = candidate.actors[0].removesuffix(MEMBERS)
    gainer = candidate.beneficiaries[0]
    in_title = {
        code
        for sentence in document.sentences[:1]
        if sentence.field == "title"
        for mention in document.mentions[sentence.index]
        for code in mention.codes
    }
    return {
        "gainer_in_title": float(gainer in in_title),
        "actor_in_title": float(actor in in_title),
        "alliance_in_title": float(bool(in_title & set(document.alliances))),
        "at_war_in_title": float(bool(in_title & document.at_war)),
        "title": float(sentence.field == "title"),
        "position": min(sentence.index, 20) / 10,
        "several_actors": float(len(candidate.actors) > 1),
        "several_gainers": float(len(candidate.beneficiaries) > 1),
        "actor_is_alliance": float(actor in document.gazetteer.alliances),
        "actor_is_members": float(candidate.actors[0].endswith(MEMBERS)),
        "actor_may_gain": float(actor in likely[:2] and candidate.kind != "apply"),
        "actor_belongs": float(
            candidate.alliance is not None
            and document.gazetteer.is_member(actor, candidate.alliance, document.day)
        ),
        "actor_in_an_alliance": float(
            any(
                document.gazetteer.is_member(actor, alliance, document.day)
                for alliance in document.alliances[:2]
            )
        ),
        "actor_at_war": float(actor in document.at_war and candidate.kind != "apply"),
        "gainer_at_war": float(gainer in document.at_war),
        "hypothetical": float(candidate.composition.hypothetical),
        "wished": float(candidate.composition.wished),
        "second": float("second" in candidate.how),
        "attributed": float(candidate.composition.saying is not None),
        "own": float(actor == gainer),
        "explicit": float(_is_explicit(candidate)),
        "quoted": float(sentence.text.count('"') + sentence.text.count("“") > 0),
    }


def _is_explicit(candidate: Candidate) -> bool:
    """'Norway backs Georgia's bid for NATO': each slot is filled by words of the act's own clause."""
    how, membership = candidate.how, candidate.object in MEMBERSHIP_OBJECTS
    return (
        how["actor"].removeprefix("light_").removeprefix("asker_") in _OWN_SLOTS
        and how["beneficiary"] in _OWN_GAINERS
        and how["object"] in _OWN_OBJECTS
        and (not membership or how["alliance"] in ("theme", "generic", "actor"))
    )


def _clause(candidate: Candidate) -> str:
    token = candidate.act.token
    for _ in range(8):
        if token.dep_ in ("relcl", "advcl", "ROOT", "parataxis"):
            return str(token.dep_)
        token = token.head
    return "deep"


def count_repeats(candidates: Sequence[Candidate]) -> list[int]:
    """Candidates of an article → for each, how many acts make its claim."""
    seen: Counter[tuple[object, ...]] = Counter()
    claims = []
    for candidate in candidates:
        claim = (
            candidate.actors,
            candidate.beneficiaries,
            object_class(candidate.object),
            candidate.negative,
        )
        claims.append(claim)
        seen[claim] += 1
    return [seen[claim] for claim in claims]


def score(features: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """Features and weights → probability, 0 to 1. Unknown features count nothing."""
    total = weights.get("bias", 0.0) + sum(weights.get(name, 0.0) * value for name, value in features.items())
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


def combine_scores(scores: Sequence[float]) -> float:
    """Scores of the sentences that make the same claim → confidence of the event: the best of them."""
    return max(scores)
