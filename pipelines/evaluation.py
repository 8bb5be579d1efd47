"""Labelled documents and a detector → a report of how well it does: every number with what it stands on.

The detector comes in as a function, so that a part of the pipeline, all of it, or a stand-in is
measured alike.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from pipelines.cooccurrence import Keywords, find_cooccurrences
from pipelines.gold import LabelledDocument, LabelledEvent, compare_as
from pipelines.mistakes import explain_mistakes
from pipelines.reliability import bin_confidences, measure_calibration, trace_coverage
from pipelines.scoreboard import Background, Report, StrayEvent
from pipelines.scoreboard import as_json as as_json
from pipelines.scoreboard import render as render
from pipelines.scoring import (
    COMPARED_FIELDS,
    Claim,
    Comparison,
    Counts,
    StrictClaim,
    bootstrap_score,
    bootstrap_share,
    compare_claims,
    compare_fields,
    compare_labels,
    rate_claims,
    relaxed_claims,
    score_labels,
    sort_claims,
    strict_claims,
    sum_counts,
)
from transforms.codebook import ArticleStance
from transforms.records import SupportEvent
from transforms.stance import judge_stance


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


def evaluate(
    documents: Sequence[LabelledDocument],
    detect: Detect,
    keywords: Keywords | None = None,
    background: Background | None = None,
    resamples: int = 1000,
) -> Report:
    """Labelled documents and a detector → the report: codebook section 6."""
    judged = [judge_document(d, detect(d.title, d.text, d.published)) for d in documents]
    return report_on(judged, keywords, background, resamples)


def report_on(
    judged: Sequence[Judged],
    keywords: Keywords | None = None,
    background: Background | None = None,
    resamples: int = 1000,
) -> Report:
    """Judged documents → the report: also where each was judged by a detector of its own."""
    stances = [(j.document.stance, j.detected.stance) for j in judged]
    accuracy, macro_f1 = score_labels(stances)
    relaxed = [j.relaxed.count() for j in judged]
    rated = [pair for j in judged for pair in rate_claims(j.found, j.relaxed)]
    bins = bin_confidences(rated)
    return Report(
        documents=len(judged),
        events=sum(len(j.document.events) for j in judged),
        rejected=sum(j.detected.rejection is not None for j in judged),
        rejected_with_events=sum(_lost_events(j) for j in judged),
        relaxed=bootstrap_score(relaxed, resamples),
        strict=bootstrap_score([j.strict.count() for j in judged], resamples),
        baseline=_score_keywords([j.document for j in judged], keywords) if keywords else None,
        styles={
            style: sum_counts(j.relaxed.count() for j in judged if j.document.style == style)
            for style in sorted({j.document.style for j in judged if j.document.style})
        },
        fields={
            name: (sum(sum(j.fields[name]) for j in judged), sum(len(j.fields[name]) for j in judged))
            for name in COMPARED_FIELDS
        },
        topics=bootstrap_score([j.topics for j in judged], resamples),
        topic_counts={
            topic: sum_counts(
                compare_labels({topic} & {*j.document.topics}, {topic} & {*j.detected.topics}) for j in judged
            )
            for topic in sorted({t for j in judged for t in (*j.document.topics, *j.detected.topics)})
        },
        stance_accuracy=accuracy,
        stance_macro_f1=macro_f1,
        stance_interval=bootstrap_share([gold == found for gold, found in stances], resamples),
        stance_ceiling=_share_added_up([j.document for j in judged]),
        bins=bins,
        calibration_error=measure_calibration(bins),
        coverage=trace_coverage(rated, wanted=sum(c.true + c.missed for c in relaxed)),
        mistakes=tuple(
            mistake
            for j in judged
            for mistake in explain_mistakes(j.document, j.found, j.relaxed, j.detected.rejection)
        ),
        background=background,
    )


def _share_added_up(documents: Sequence[LabelledDocument]) -> float:
    """Documents → the share whose labelled events add up to their stance: what perfect detection gives."""
    added = [judge_stance([e for e in d.events if not e.optional]).stance == d.stance for d in documents]
    return sum(added) / len(added) if added else 0.0


def _lost_events(judged: Judged) -> bool:
    return judged.detected.rejection is not None and any(not e.optional for e in judged.document.events)


def judge_document(document: LabelledDocument, detected: Detected) -> Judged:
    """Labelled document and what was found → both compared claim by claim."""
    found = tuple(compare_as(event, document.title, document.text) for event in detected.events)
    return Judged(
        document=document,
        detected=detected,
        found=found,
        relaxed=compare_claims(document.events, found, relaxed_claims),
        strict=compare_claims(document.events, found, strict_claims),
        fields=compare_fields(document.events, found),
        topics=compare_labels(document.topics, detected.topics),
    )


def measure_background(texts: Iterable[tuple[str, str, date | None]], detect: Detect) -> Background:
    """Unfiltered articles (title, text, published) and a detector → how many events it makes up."""
    detected = [(title, detect(title, text, published)) for title, text, published in texts]
    return Background(
        documents=len(detected),
        passed=sum(d.rejection is None for _, d in detected),
        events=tuple(_describe(title, event) for title, d in detected for event in d.events),
    )


def _describe(title: str, event: SupportEvent) -> StrayEvent:
    alliance = f" {event.alliance}" if event.alliance else ""
    parties = f"{', '.join(event.actors)} {event.kind} {', '.join(event.beneficiaries)}"
    return StrayEvent(
        title=" ".join(title.split()),
        claim=f"{parties}{alliance} {event.object} {event.stance} {event.factuality}",
        confidence=event.confidence,
        sentence=" ".join(event.evidence[0].text.split()) if event.evidence else "",
    )


def _score_keywords(documents: Iterable[LabelledDocument], keywords: Keywords) -> Counts:
    return sum_counts(
        sort_claims(d.events, find_cooccurrences(d.title, d.text, keywords), relaxed_claims).count()
        for d in documents
    )
