"""An article and a detector → its events, and what stopped the sentences that gave none."""

from collections.abc import Sequence
from dataclasses import dataclass

from transforms.detection.candidates import Candidate, choose_alternatives
from transforms.detection.detector import Detector, find_all_candidates
from transforms.detection.document import read_document
from transforms.detection.merging import merge_candidates
from transforms.detection.relevance import can_matter
from transforms.detection.sentences import Sentence, quote_sentence
from transforms.records import Article, Evidence, SupportEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """A sentence that looked relevant and gave no event."""

    sentence: Evidence
    #: why each act in it gave none, in words
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What the detector makes of an article, and why no more."""

    events: tuple[SupportEvent, ...]
    stopped: tuple[Stopped, ...]


def examine_article(article: Article, detector: Detector) -> Examination:
    """Article and detector → the events it finds, as in a run, and for other sentences what stopped them."""
    notes: dict[int, list[str]] = {}

    def note(sentence: Sentence, why: str) -> None:
        notes.setdefault(sentence.index, []).append(why)

    found = find_all_candidates(article, detector, note)
    chosen = choose_alternatives([c for c in found if c.score >= detector.min_confidence])
    events = merge_candidates(chosen, article, detector.lexicon.lexicon)
    quoted = {(e.field, e.start, e.end) for event in events for e in event.evidence}
    day = article.published_at.date() if article.published_at else None
    document = read_document(article.title, article.text, day, detector.gazetteer, detector.offices)
    stopped = []
    for sentence in document.sentences:
        if (sentence.field, sentence.start, sentence.end) in quoted:
            continue
        here = [c for c in found if c.parsed.sentence.index == sentence.index]
        reasons = [*_explain_candidates(here, detector.min_confidence), *notes.get(sentence.index, ())]
        named = document.mentions[sentence.index]
        if not reasons and named and can_matter(sentence, document, detector.lexicon):
            reasons = ["no word in it is an act that the lexicon knows"]
        if reasons:
            stopped.append(Stopped(sentence=quote_sentence(sentence), reasons=tuple(dict.fromkeys(reasons))))
    return Examination(events=events, stopped=tuple(stopped))


def _explain_candidates(candidates: Sequence[Candidate], least: float) -> list[str]:
    """Candidates of a sentence without an event → for each act, why its likeliest reading was left out."""
    best: dict[int, Candidate] = {}
    for candidate in candidates:
        place = candidate.act.token.i
        if place not in best or candidate.score > best[place].score:
            best[place] = candidate
    reasons = []
    for _, candidate in sorted(best.items()):
        parties = f"{', '.join(candidate.actors)} {candidate.kind} {', '.join(candidate.beneficiaries)}"
        claim = f"{candidate.act.token.text}: {parties} {candidate.object}"
        if candidate.score < least:
            reasons.append(f"{claim}: confidence {candidate.score:.2f}, below {least:.2f}")
        else:
            reasons.append(f"{claim}: told as history, or only as a condition")
    return reasons
