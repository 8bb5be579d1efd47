"""How a candidate was found → how likely it is right: a logistic regression over named features."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from transforms.detection.candidate import Candidate
from transforms.detection.objects import object_class
from transforms.detection.parsed import MEMBERS


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
    ]


def _measured_features(candidate: Candidate, likely: list[str]) -> dict[str, float]:
    """Candidate → features with a value: where it stands, how many it names, who they are."""
    document = candidate.parsed.document
    sentence = candidate.parsed.sentence
    actor = candidate.actors[0].removesuffix(MEMBERS)
    gainer = candidate.beneficiaries[0]
    return {
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
        "actor_at_war": float(actor in document.at_war and candidate.kind != "apply"),
        "gainer_at_war": float(gainer in document.at_war),
        "hypothetical": float(candidate.composition.hypothetical),
        "wished": float(candidate.composition.wished),
        "second": float("second" in candidate.how),
        "attributed": float(candidate.composition.saying is not None),
        "own": float(actor == gainer),
        "quoted": float(sentence.text.count('"') + sentence.text.count("“") > 0),
    }


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
