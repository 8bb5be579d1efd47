"""How a candidate was found → how likely it is right: a logistic regression over rule features, fitted on labelled texts."""

import math
from collections.abc import Mapping, Sequence

from transforms.detection.candidates import Candidate
from transforms.detection.references import MEMBERS


def candidate_features(candidate: Candidate) -> dict[str, float]:
    """Candidate → named features, all from how its slots were found; no names, no words of the text."""
    how = candidate.how
    sentence = candidate.parsed.sentence
    document = candidate.parsed.document
    return {
        f"frame={candidate.act.frame.id}": 1.0,
        f"part={candidate.act.part}": 1.0,
        f"kind={candidate.kind}": 1.0,
        f"object={candidate.object}": 1.0,
        f"factuality={candidate.factuality}": 1.0,
        f"actor={how['actor']}": 1.0,
        f"actor_ref={how['actor_ref']}": 1.0,
        f"beneficiary={how['beneficiary']}": 1.0,
        f"beneficiary_ref={how['beneficiary_ref']}": 1.0,
        f"object_how={how['object']}": 1.0,
        f"alliance_how={how['alliance']}": 1.0,
        "title": float(sentence.field == "title"),
        "position": min(sentence.index, 20) / 10,
        "several_actors": float(len(candidate.actors) > 1),
        "several_beneficiaries": float(len(candidate.beneficiaries) > 1),
        "actor_is_alliance": float(candidate.actors[0].removesuffix(MEMBERS) in document.gazetteer.alliances),
        "members": float(candidate.actors[0].endswith(MEMBERS)),
        "main_beneficiary": float(candidate.beneficiaries[0] in document.countries[:3]),
        "governed": float(bool(candidate.act.governors)),
    }


def score(features: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """Features and weights → probability, 0 to 1. Unknown features count nothing."""
    total = weights.get("bias", 0.0) + sum(weights.get(name, 0.0) * value for name, value in features.items())
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


def combine_scores(scores: Sequence[float]) -> float:
    """Scores of the sentences that make the same claim → confidence of the event: the best of them."""
    return max(scores)
