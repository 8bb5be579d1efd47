"""Missed and false claims of one document → each with its cause and the sentence it stands on.

The cause is the nearest thing that the other side has: the same pair with the other sign, the same
beneficiary in the same sentence, …; so the list says what to mend, not only that something is wrong.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from pipelines.gold import LabelledDocument, LabelledEvent, Span
from pipelines.scoring import Claim, Comparison, object_class_of, relaxed_claims, sign_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """A claim that is missed or false, why, and where."""

    document: str
    outcome: Literal["missed", "false"]
    cause: str
    claim: Claim
    kind: str
    sentence: str


def explain_mistakes(
    document: LabelledDocument,
    found: Sequence[LabelledEvent],
    compared: Comparison[Claim],
    rejection: str | None,
) -> Iterator[Mistake]:
    """Document, what was found and how that compares → each missed and each false claim with its cause."""
    for claim in sorted(compared.missed):
        event = _event_of(claim, (e for e in document.events if not e.optional))
        cause = f"rejected ({rejection})" if rejection else _find_cause(claim, event, found, "found")
        yield _make_mistake(document, "missed", cause, claim, event)
    for claim in sorted(compared.false):
        event = _event_of(claim, found)
        yield _make_mistake(
            document, "false", _find_cause(claim, event, document.events, "labelled"), claim, event
        )


def _find_cause(claim: Claim, event: LabelledEvent, others: Sequence[LabelledEvent], side: str) -> str:
    """Claim of one side and the events of the other → the nearest thing that the other side has."""
    same_pair = [e for e in others if claim.actor in e.actors and claim.beneficiary in e.beneficiaries]
    if any(e.factuality == "denied" and object_class_of(e) == claim.object_class for e in same_pair):
        return f"same pair {side} as denied"
    if any(object_class_of(e) == claim.object_class and sign_of(e) != claim.sign for e in same_pair):
        return f"same pair {side} with the other sign"
    if any(object_class_of(e) != claim.object_class for e in same_pair):
        return f"same pair {side} with another object class"
    nearby = [e for e in others if _overlap(event.evidence, e.evidence)]
    if not nearby:
        return f"nothing {side} in that sentence"
    if any(claim.beneficiary in e.beneficiaries for e in nearby):
        return f"another actor {side} in that sentence"
    if any(claim.actor in e.actors for e in nearby):
        return f"another beneficiary {side} in that sentence"
    return f"another pair {side} in that sentence"


def _event_of(claim: Claim, events: Iterable[LabelledEvent]) -> LabelledEvent:
    return next(event for event in events if claim in relaxed_claims(event))


def _overlap(one: Iterable[Span], other: Sequence[Span]) -> bool:
    return any(a.field == b.field and a.start < b.end and b.start < a.end for a in one for b in other)


def _make_mistake(
    document: LabelledDocument,
    outcome: Literal["missed", "false"],
    cause: str,
    claim: Claim,
    event: LabelledEvent,
) -> Mistake:
    sentence = ""
    if event.evidence:
        span = event.evidence[0]
        sentence = (document.title if span.field == "title" else document.text)[span.start : span.end]
    return Mistake(
        document=document.id,
        outcome=outcome,
        cause=cause,
        claim=claim,
        kind=event.kind,
        sentence=" ".join(sentence.split()),
    )
