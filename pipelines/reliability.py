"""Confidences and whether each was right → how far they can be trusted; rejects nothing."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

#: A detected claim: its confidence, and whether it is right.
Judgement = tuple[float, bool]


class Bin(NamedTuple):
    """Claims with a confidence from `low` to below `high`: what was promised and what came true."""

    low: float
    high: float
    claims: int
    confidence: float
    precision: float


class CoveragePoint(NamedTuple):
    """What is left, and how good it is, when only claims of at least `threshold` are kept."""

    threshold: float
    kept: int
    precision: float
    recall: float


def bin_confidences(judgements: Iterable[Judgement], bins: int = 10) -> tuple[Bin, ...]:
    """Judgements → the bins of equal width that hold any, lowest first."""
    grouped: dict[int, list[Judgement]] = {}
    for confidence, right in judgements:
        grouped.setdefault(min(int(confidence * bins), bins - 1), []).append((confidence, right))
    return tuple(
        Bin(
            low=index / bins,
            high=(index + 1) / bins,
            claims=len(members),
            confidence=sum(c for c, _ in members) / len(members),
            precision=sum(right for _, right in members) / len(members),
        )
        for index, members in sorted(grouped.items())
    )


def measure_calibration(bins: Sequence[Bin]) -> float:
    """Bins → expected calibration error: the gap between promise and truth, weighed by claims."""
    total = sum(b.claims for b in bins)
    return sum(b.claims * abs(b.confidence - b.precision) for b in bins) / total if total else 0.0


def trace_coverage(
    judgements: Sequence[Judgement], wanted: int, steps: int = 10
) -> tuple[CoveragePoint, ...]:
    """Judgements and how many claims are labelled → precision and recall of the surest tenth, … and all.

    Claims of equal confidence are kept or left out together, so a point never depends on their order.
    """
    ranked = sorted(judgements, key=lambda j: -j[0])
    points: list[CoveragePoint] = []
    for step in range(1, steps + 1):
        if not ranked:
            break
        threshold = ranked[max(0, round(len(ranked) * step / steps) - 1)][0]
        kept = [right for confidence, right in ranked if confidence >= threshold]
        if points and points[-1].kept == len(kept):
            continue
        recall = sum(kept) / wanted if wanted else 0.0
        points.append(CoveragePoint(threshold, len(kept), sum(kept) / len(kept), recall))
    return tuple(points)
