"""Labelled documents and a detector → a report of how well it does: every number with what it stands on.

The detector comes in as a function, so that a part of the pipeline, all of it, or a stand-in is measured alike.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipelines.gold import LabelledDocument, LabelledEvent, compare_as
from pipelines.scoring import (
    COMPARED_FIELDS,
    Claim,
    Comparison,
    Counts,
    Interval,
    StrictClaim,
    bootstrap_score,
    compare_claims,
    compare_fields,
    compare_labels,
    relaxed_claims,
    score_labels,
    strict_claims,
)
from transforms.codebook import ArticleStance
from transforms.records import SupportEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Detected:
    """What the pipeline makes of one document; all defaults where it rejects it."""

    topics: tuple[str, ...] = ("other",)
    stance: ArticleStance = "neutral"
    events: tuple[SupportEvent, ...] = ()
    #: 'stage: reason' of a document that was not used, else None
    rejection: str | None = None


#: (title, text, published) → what is found
Detect = Callable[[str, str, date | None], Detected]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One document with what was found in it, compared."""

    document: LabelledDocument
    detected: Detected
    found: tuple[LabelledEvent, ...]
    relaxed: Comparison[Claim]
    strict: Comparison[StrictClaim]
    fields: dict[str, list[bool]]
    topics: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The measured quality of a detector on a labelled set."""

    documents: int
    events: int
    rejected: int
    #: documents rejected although readers found an event that is not optional
    rejected_with_events: int
    relaxed: Interval
    strict: Interval
    #: field -> (right, compared)
    fields: dict[str, tuple[int, int]]
    topics: Interval
    stance_accuracy: float
    stance_macro_f1: float
    judged: tuple[Judged, ...]


def judge_document(document: LabelledDocument, detected: Detected) -> Judged:
    """Labelled document and what was found → both compared claim by claim."""
    found = tuple(compare_as(event) for event in detected.events)
    return Judged(
        document=document,
        detected=detected,
        found=found,
        relaxed=compare_claims(document.events, found, relaxed_claims),
        strict=compare_claims(document.events, found, strict_claims),
        fields=compare_fields(document.events, found),
        topics=compare_labels(document.topics, detected.topics),
    )


def evaluate(documents: Sequence[LabelledDocument], detect: Detect, resamples: int = 1000) -> Report:
    """Labelled documents and a detector → the report: codebook section 6."""
    judged = tuple(judge_document(d, detect(d.title, d.text, d.published)) for d in documents)
    accuracy, macro = score_labels([(j.document.stance, j.detected.stance) for j in judged])
    return Report(
        documents=len(judged),
        events=sum(len(j.document.events) for j in judged),
        rejected=sum(j.detected.rejection is not None for j in judged),
        rejected_with_events=sum(
            j.detected.rejection is not None and any(not e.optional for e in j.document.events) for j in judged
        ),
        relaxed=bootstrap_score([j.relaxed.count() for j in judged], resamples),
        strict=bootstrap_score([j.strict.count() for j in judged], resamples),
        fields={
            name: (sum(sum(j.fields[name]) for j in judged), sum(len(j.fields[name]) for j in judged))
            for name in COMPARED_FIELDS
        },
        topics=bootstrap_score([j.topics for j in judged], resamples),
        stance_accuracy=accuracy,
        stance_macro_f1=macro,
        judged=judged,
    )


def as_json(report: Report) -> dict[str, Any]:
    """Report → plain values for `--json`, without the documents."""
    return {
        "documents": report.documents,
        "events": report.events,
        "rejected": report.rejected,
        "rejected_with_events": report.rejected_with_events,
        "relaxed": _interval_json(report.relaxed),
        "strict": _interval_json(report.strict),
        "fields": {n: {"right": r, "compared": c} for n, (r, c) in report.fields.items()},
        "topics": _interval_json(report.topics),
        "stance": {"accuracy": report.stance_accuracy, "macro_f1": report.stance_macro_f1},
    }


def render(report: Report) -> str:
    """Report → plain tables for a terminal."""
    lines = [
        f"{report.documents} documents, {report.events} labelled events",
        f"{report.rejected} rejected, {report.rejected_with_events} of them with events",
        "",
        f"{'':10}{'precision':>20}{'recall':>20}{'F1':>20}{'right':>8}{'false':>8}{'missed':>8}",
    ]
    lines += [_score_line(name, getattr(report, name)) for name in ("relaxed", "strict", "topics")]
    lines += ["", f"article stance  accuracy {report.stance_accuracy:.3f}  macro F1 {report.stance_macro_f1:.3f}"]
    lines += ["", "field accuracy on relaxed matches"]
    lines += [f"  {n:15}{r / c if c else 0:6.3f}  {r}/{c}" for n, (r, c) in report.fields.items()]
    return "\n".join(lines) + "\n"


def _score_line(name: str, interval: Interval) -> str:
    cells = [
        f"{value:.3f} [{low:.3f} {high:.3f}]"
        for value, low, high in zip(interval.score, interval.low, interval.high, strict=True)
    ]
    return f"{name:10}" + "".join(f"{c:>20}" for c in cells) + "".join(f"{c:>8}" for c in interval.counts)


def _interval_json(interval: Interval) -> dict[str, Any]:
    return {key: value._asdict() for key, value in _fields_of(interval)}


def _fields_of(interval: Interval) -> list[tuple[str, Any]]:
    return [(name, getattr(interval, name)) for name in ("counts", "score", "low", "high")]
