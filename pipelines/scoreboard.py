"""What an evaluation measured → tables for a terminal, or plain values for `--json`; rejects nothing."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pipelines.mistakes import Mistake
from pipelines.reliability import Bin, CoveragePoint
from pipelines.scoring import Counts, Interval, score_counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """Events found in unfiltered articles that are taken to have none."""

    documents: int
    #: documents that were not rejected
    passed: int
    events: tuple["StrayEvent", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StrayEvent:
    """An event found in an unfiltered article: false, or one that the article does hold."""

    title: str
    claim: str
    confidence: float
    sentence: str


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
    #: counts of the keyword baseline's claims; None where it was not asked for
    baseline: Counts | None
    #: relaxed counts of each value of the documents' `style`
    styles: dict[str, Counts]
    #: field -> (right, compared)
    fields: dict[str, tuple[int, int]]
    topics: Interval
    #: counts of each topic
    topic_counts: dict[str, Counts]
    stance_accuracy: float
    stance_macro_f1: float
    #: 95 % bootstrap interval of the accuracy
    stance_interval: tuple[float, float]
    #: accuracy where the labelled events are added up instead of the detected ones
    stance_ceiling: float
    bins: tuple[Bin, ...]
    calibration_error: float
    coverage: tuple[CoveragePoint, ...]
    mistakes: tuple[Mistake, ...]
    background: Background | None = None


def render(report: Report, mistakes: int = 3, width: int = 100) -> str:
    """Report → tables, and for each cause of error how often and up to `mistakes` examples."""
    lines: list[str] = []
    lines += [f"{report.documents} documents with {report.events} labelled events"]
    lines += [f"{report.rejected} rejected, {report.rejected_with_events} of them with events", ""]
    lines += _score_table(report)
    if report.background:
        b = report.background
        rate = 1000 * _share(len(b.events), b.documents)
        lines += ["", f"background  {len(b.events)} events in {b.documents} articles, {rate:.1f} in 1,000"]
        lines += [f"            {b.passed} articles were not rejected"]
    low, high = report.stance_interval
    lines += ["", f"article stance  accuracy {report.stance_accuracy:.3f} [{low:.3f} {high:.3f}]"]
    lines[-1] += f"  macro F1 {report.stance_macro_f1:.3f}"
    lines += [f"                from the labelled events {report.stance_ceiling:.3f}"]
    lines += ["", f"{'fields on relaxed matches':27}{'right':>7}"]
    lines += [f"  {name:25}{_share(r, c):7.3f}  {r}/{c}" for name, (r, c) in report.fields.items()]
    lines += _counts_table("topics", report.topic_counts)
    lines += _counts_table("styles", report.styles)
    lines += _reliability_table(report)
    lines += _mistake_list(report.mistakes, mistakes, width)
    if report.background:
        lines += _stray_list(report.background.events, width)
    return "\n".join(lines) + "\n"


def as_json(report: Report) -> dict[str, Any]:
    """Report → plain values."""
    background = report.background
    return {
        "documents": report.documents,
        "events": report.events,
        "rejected": report.rejected,
        "rejected_with_events": report.rejected_with_events,
        "relaxed": _interval_json(report.relaxed),
        "strict": _interval_json(report.strict),
        "baseline": _counts_json(report.baseline) if report.baseline else None,
        "styles": {name: _counts_json(counts) for name, counts in report.styles.items()},
        "fields": {name: {"right": r, "compared": c} for name, (r, c) in report.fields.items()},
        "topics": _interval_json(report.topics),
        "topic_counts": {name: _counts_json(counts) for name, counts in report.topic_counts.items()},
        "stance": {
            "accuracy": report.stance_accuracy,
            "low": report.stance_interval[0],
            "high": report.stance_interval[1],
            "macro_f1": report.stance_macro_f1,
            "from_labelled_events": report.stance_ceiling,
        },
        "calibration_error": report.calibration_error,
        "reliability": [b._asdict() for b in report.bins],
        "coverage": [point._asdict() for point in report.coverage],
        "background": asdict(background) if background else None,
        "mistakes": [{**asdict(m), "claim": m.claim._asdict()} for m in report.mistakes],
    }


def _score_table(report: Report) -> Iterator[str]:
    yield f"{'':10}{'precision':>20}{'recall':>20}{'F1':>20}{'right':>7}{'false':>7}{'missed':>7}"
    for name in ("relaxed", "strict", "topics"):
        interval: Interval = getattr(report, name)
        cells = (
            f"{value:.3f} [{low:.3f} {high:.3f}]"
            for value, low, high in zip(interval.score, interval.low, interval.high, strict=True)
        )
        yield f"{name:10}" + "".join(f"{c:>20}" for c in cells) + _counts_cells(interval.counts)
    if report.baseline:
        values = "".join(f"{value:>20.3f}" for value in score_counts(report.baseline))
        yield f"{'keywords':10}{values}{_counts_cells(report.baseline)}"


def _counts_table(name: str, table: dict[str, Counts]) -> Iterator[str]:
    if not table:
        return
    yield ""
    yield f"{name:27}{'prec':>7}{'recall':>7}{'F1':>7}{'right':>7}{'false':>7}{'missed':>7}"
    for label, counts in table.items():
        values = "".join(f"{value:7.3f}" for value in score_counts(counts))
        yield f"  {label:25}{values}{_counts_cells(counts)}"


def _reliability_table(report: Report) -> Iterator[str]:
    if not report.bins:
        return
    yield ""
    yield f"confidence (expected calibration error {report.calibration_error:.3f})"
    yield f"  {'from':>5}{'to':>6}{'claims':>8}{'said':>8}{'true':>8}"
    for b in report.bins:
        yield f"  {b.low:5.2f}{b.high:6.2f}{b.claims:8}{b.confidence:8.3f}{b.precision:8.3f}"
    yield f"  {'keep':>5}{'claims':>8}{'prec':>8}{'recall':>8}"
    for point in report.coverage:
        yield f"  {point.threshold:5.2f}{point.kept:8}{point.precision:8.3f}{point.recall:8.3f}"


def _mistake_list(mistakes: Sequence[Mistake], examples: int, width: int) -> Iterator[str]:
    counted = Counter((m.outcome, m.cause) for m in mistakes)
    for (outcome, cause), count in sorted(counted.items(), key=lambda c: (c[0][0], -c[1], c[0][1])):
        yield ""
        yield f"{outcome}: {cause}  {count}"
        chosen = [m for m in mistakes if (m.outcome, m.cause) == (outcome, cause)]
        for mistake in chosen[:examples]:
            c = mistake.claim
            yield f"  {c.actor} {c.sign} {c.beneficiary} {c.object_class} {mistake.kind} ({mistake.document})"
            yield f"    “{_shorten(mistake.sentence, width - 6)}”"


def _stray_list(events: Sequence[StrayEvent], width: int) -> Iterator[str]:
    """Events of the background → each one with its sentence: only a reader can tell which are right."""
    if not events:
        return
    yield ""
    yield f"events in the background  {len(events)}"
    for event in sorted(events, key=lambda e: -e.confidence):
        yield f"  {event.confidence:.2f}  {_shorten(event.claim, width - 8)}"
        yield f"    in {_shorten(event.title, width - 7)}"
        yield f"    “{_shorten(event.sentence, width - 6)}”"


def _shorten(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1] + "…"


def _counts_cells(counts: Counts) -> str:
    return "".join(f"{value:7}" for value in counts)


def _counts_json(counts: Counts) -> dict[str, Any]:
    return {**counts._asdict(), **score_counts(counts)._asdict()}


def _interval_json(interval: Interval) -> dict[str, Any]:
    return {
        **_counts_json(interval.counts),
        "low": interval.low._asdict(),
        "high": interval.high._asdict(),
    }


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
