"""Labelled and detected events → counts, scores and their spread: codebook section 6; rejects nothing.

Events are exploded by actor and beneficiary into claims, a set for each document. An optional labelled
event counts neither as missed nor, when found, as false.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Generic, Literal, NamedTuple, TypeVar

from pipelines.gold import LabelledEvent
from transforms.codebook import MEMBERSHIP_OBJECTS, NEGATIVE_KINDS

Sign = Literal["+", "-"]
ObjectClass = Literal["membership", "aid"]
C = TypeVar("C")


class Claim(NamedTuple):
    """Who helps or hinders whom in what: the relaxed unit of scoring."""

    actor: str
    beneficiary: str
    object_class: ObjectClass
    sign: Sign


class StrictClaim(NamedTuple):
    """The same with every coded field: the strict unit of scoring."""

    actor: str
    beneficiary: str
    alliance: str | None
    object: str
    kind: str
    stance: str
    factuality: str


class Counts(NamedTuple):
    """True positives, false positives and false negatives."""

    true: int
    false: int
    missed: int

    def add(self, other: "Counts") -> "Counts":
        """Two counts → their sum."""
        return Counts(self.true + other.true, self.false + other.false, self.missed + other.missed)


class Score(NamedTuple):
    """Precision, recall and F1; each 0 where its denominator is."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A score with its 95 % bootstrap interval over documents."""

    counts: Counts
    score: Score
    low: Score
    high: Score


def sign_of(event: LabelledEvent) -> Sign:
    """Event → its sign: '-' for stance oppose and for the negative kinds whatever their stance, else '+'."""
    return "-" if event.kind in NEGATIVE_KINDS or event.stance == "oppose" else "+"


def object_class_of(event: LabelledEvent) -> ObjectClass:
    """Event → its object class: membership and partnership are one, every kind of aid the other."""
    return "membership" if event.object in MEMBERSHIP_OBJECTS else "aid"


def relaxed_claims(event: LabelledEvent) -> tuple[Claim, ...]:
    """Event → its relaxed claims, none for a denied one: actor by beneficiary."""
    if event.factuality == "denied":
        return ()
    return tuple(
        Claim(actor, beneficiary, object_class_of(event), sign_of(event))
        for actor in event.actors
        for beneficiary in event.beneficiaries
    )


def strict_claims(event: LabelledEvent) -> tuple[StrictClaim, ...]:
    """Event → its strict claims: actor by beneficiary with every coded field, denied ones too."""
    return tuple(
        StrictClaim(a, b, event.alliance, event.object, event.kind, event.stance, event.factuality)
        for a in event.actors
        for b in event.beneficiaries
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison(Generic[C]):
    """The claims of one document, sorted by outcome."""

    true: frozenset[C]
    false: frozenset[C]
    missed: frozenset[C]
    #: detected and labelled as optional only: counted nowhere
    ignored: frozenset[C]

    def count(self) -> Counts:
        """Comparison → its counts."""
        return Counts(len(self.true), len(self.false), len(self.missed))


def compare_claims(
    gold: Iterable[LabelledEvent],
    found: Iterable[LabelledEvent],
    explode: Callable[[LabelledEvent], tuple[C, ...]],
) -> Comparison[C]:
    """Labelled and detected events of one document → which claims are right, false, missed or ignored."""
    return sort_claims(gold, {claim for event in found for claim in explode(event)}, explode)


def sort_claims(
    gold: Iterable[LabelledEvent],
    detected: Set[C],
    explode: Callable[[LabelledEvent], tuple[C, ...]],
) -> Comparison[C]:
    """Labelled events and detected claims of one document → the claims by outcome."""
    required: set[C] = set()
    optional: set[C] = set()
    for event in gold:
        (optional if event.optional else required).update(explode(event))
    optional -= required
    return Comparison(
        true=frozenset(required & detected),
        false=frozenset(detected - required - optional),
        missed=frozenset(required - detected),
        ignored=frozenset(optional & detected),
    )


def score_counts(counts: Counts) -> Score:
    """Counts → precision, recall, F1."""
    found, wanted = counts.true + counts.false, counts.true + counts.missed
    precision = counts.true / found if found else 0.0
    recall = counts.true / wanted if wanted else 0.0
    f1 = 2 * counts.true / (found + wanted) if found + wanted else 0.0
    return Score(precision, recall, f1)


def sum_counts(counts: Iterable[Counts]) -> Counts:
    """Counts of several documents → their sum."""
    total = Counts(0, 0, 0)
    for one in counts:
        total = total.add(one)
    return total


def bootstrap_score(counts: Sequence[Counts], resamples: int = 1000, seed: int = 20240229) -> Interval:
    """Counts by document → the micro score with its 95 % interval: documents drawn with replacement."""
    total = sum_counts(counts)
    score = score_counts(total)
    if not counts:
        return Interval(counts=total, score=score, low=score, high=score)
    rng = random.Random(seed)
    drawn = [score_counts(sum_counts(rng.choices(counts, k=len(counts)))) for _ in range(resamples)]
    lows, highs = zip(*(_percentiles([s[i] for s in drawn]) for i in range(3)), strict=True)
    return Interval(counts=total, score=score, low=Score(*lows), high=Score(*highs))


def bootstrap_share(
    right: Sequence[bool], resamples: int = 1000, seed: int = 20240229
) -> tuple[float, float]:
    """Whether each document is right → the 95 % bootstrap interval of the share that is."""
    if not right:
        return 0.0, 0.0
    rng = random.Random(seed)
    return _percentiles([sum(rng.choices(right, k=len(right))) / len(right) for _ in range(resamples)])


def _percentiles(values: list[float]) -> tuple[float, float]:
    ordered = sorted(values)
    last = len(ordered) - 1
    return ordered[round(0.025 * last)], ordered[round(0.975 * last)]


#: Fields compared on relaxed matches, and how each is read from an event.
COMPARED_FIELDS: Mapping[str, Callable[[LabelledEvent], object]] = {
    "kind": lambda e: e.kind,
    "stance": lambda e: e.stance,
    "factuality": lambda e: e.factuality,
    "alliance": lambda e: e.alliance,
    "attributed_to": lambda e: e.attributed_to,
    "object": lambda e: e.object,
    "actor_role": lambda e: e.actor_role,
    "condition": lambda e: e.condition is not None,
    "ordinal": lambda e: e.ordinal,
    "place_country": lambda e: e.place_country,
    "event_date": lambda e: e.event_date,
}


def compare_fields(gold: Sequence[LabelledEvent], found: Sequence[LabelledEvent]) -> dict[str, list[bool]]:
    """Events of one document → for each field, whether it is right on each relaxed match.

    Where several events hold the same claim, the pair of events that agrees most is the match.
    """
    outcome: dict[str, list[bool]] = {name: [] for name in COMPARED_FIELDS}
    labelled = _by_claim(event for event in gold if not event.optional)
    detected = _by_claim(found)
    for claim in sorted(labelled.keys() & detected.keys()):
        agreements = (
            [read(g) == read(f) for read in COMPARED_FIELDS.values()]
            for g in labelled[claim]
            for f in detected[claim]
        )
        for name, right in zip(COMPARED_FIELDS, max(agreements, key=sum), strict=True):
            outcome[name].append(right)
    return outcome


def rate_claims(found: Iterable[LabelledEvent], compared: Comparison[Claim]) -> list[tuple[float, bool]]:
    """Detected events and how their claims compare → each claim's confidence, and whether it is right."""
    grouped = _by_claim(found)
    return [
        (max(event.confidence for event in grouped[claim]), claim in compared.true)
        for claim in sorted(compared.true | compared.false)
    ]


def _by_claim(events: Iterable[LabelledEvent]) -> dict[Claim, list[LabelledEvent]]:
    grouped: dict[Claim, list[LabelledEvent]] = {}
    for event in events:
        for claim in relaxed_claims(event):
            grouped.setdefault(claim, []).append(event)
    return grouped


def compare_labels(gold: Iterable[str], found: Iterable[str]) -> Counts:
    """Topics of one document → counts over labels."""
    wanted, got = set(gold), set(found)
    return Counts(len(got & wanted), len(got - wanted), len(wanted - got))


def score_labels(pairs: Sequence[tuple[str, str]]) -> tuple[float, float]:
    """(Labelled, given) of each document → accuracy and macro F1 over the labels that occur in the gold."""
    if not pairs:
        return 0.0, 0.0
    right = Counter(gold for gold, found in pairs if gold == found)
    labelled, given = Counter(gold for gold, _ in pairs), Counter(found for _, found in pairs)
    f1 = [2 * right[label] / (labelled[label] + given[label]) for label in sorted(labelled)]
    return sum(right.values()) / len(pairs), sum(f1) / len(f1)
