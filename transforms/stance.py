"""Events of an article → its stance toward its main target; rejects nothing, no events are neutral.

Each event weighs as much as it is likely to be right, more where it is quoted more than once. The side of
fewer than a quarter of the weight is not heard, so that one aside does not make an article mixed.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from transforms.codebook import NEGATIVE_KINDS, ArticleStance, Factuality, Kind, Stance

#: Weight below which the events found are too doubtful to give a stance.
LEAST_WEIGHT = 0.45
#: Share of the weight that makes a side heard.
LEAST_SHARE = 0.26
#: Share of the support that makes it conditional as a whole.
CONDITIONAL_SHARE = 0.3


class Position(Protocol):
    """What is read of an event: a detected one and one that a reader labelled are added up alike."""

    @property
    def beneficiaries(self) -> tuple[str, ...]:
        """Whose membership or aid it is."""

    @property
    def alliance(self) -> str | None:
        """The alliance, where one is named."""

    @property
    def kind(self) -> Kind:
        """The act."""

    @property
    def stance(self) -> Stance:
        """The actor's stance toward the object."""

    @property
    def factuality(self) -> Factuality:
        """Whether it happened, is planned, possible or denied."""

    @property
    def evidence(self) -> Sequence[object]:
        """Where the text says so."""

    @property
    def confidence(self) -> float:
        """How likely it is right."""


class ArticleJudgement(NamedTuple):
    """Stance of an article, toward what, and its balance from -1 (all oppose) to 1 (all support)."""

    stance: ArticleStance
    #: 'UKR:NATO', or 'UKR' where no alliance is named; None where there are no events
    target: str | None
    score: float


def judge_stance(events: Sequence[Position]) -> ArticleJudgement:
    """Events of one article → what the positions toward its main target add up to."""
    beneficiary = _heaviest((b, _weigh(event)) for event in events for b in event.beneficiaries)
    if beneficiary is None:
        return ArticleJudgement("neutral", None, 0.0)
    concerned = [event for event in events if beneficiary in event.beneficiaries]
    alliance = _heaviest((event.alliance, _weigh(event)) for event in concerned if event.alliance)
    target = f"{beneficiary}:{alliance}" if alliance else beneficiary
    sides: defaultdict[str, float] = defaultdict(float)
    for event in concerned:
        if side := _take_side(event):
            sides[side] += event.confidence
    total = sum(sides.values())
    if total < LEAST_WEIGHT:
        return ArticleJudgement("neutral", target, 0.0)
    score = (sides["support"] + sides["conditional"] / 2 - sides["oppose"]) / total
    stance = _weigh_sides(sides["support"], sides["conditional"], sides["oppose"])
    return ArticleJudgement(stance, target, score)


def _weigh_sides(support: float, conditional: float, oppose: float) -> ArticleStance:
    favour = support + conditional
    total = favour + oppose
    if oppose and favour and min(oppose, favour) / total >= LEAST_SHARE:
        return "mixed"
    if oppose > favour:
        return "oppose"
    return "conditional" if conditional / favour > CONDITIONAL_SHARE else "support"


def _take_side(event: Position) -> ArticleStance | None:
    """Event → the side it speaks for: a conditional hindrance is conditional, help denied is opposition."""
    if event.kind in NEGATIVE_KINDS:
        if event.factuality == "denied":
            return None
        return "conditional" if event.stance == "conditional" else "oppose"
    if event.factuality == "denied":
        return "oppose"
    return None if event.stance == "neutral" else event.stance


def _weigh(event: Position) -> float:
    return event.confidence * max(1, len(event.evidence))


def _heaviest(weights: Iterable[tuple[str, float]]) -> str | None:
    """Names with weights → the one with most in sum, the first named of equals; None where there is none."""
    sums: dict[str, float] = {}
    for name, weight in weights:
        sums[name] = sums.get(name, 0.0) + weight
    return max(sums, key=lambda name: sums[name]) if sums else None
