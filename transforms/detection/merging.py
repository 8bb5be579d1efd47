"""Candidates of one article → its events: one for each combination, with all its evidence and the most specific fields."""

from collections.abc import Sequence
from datetime import date

from transforms.codebook import Factuality, Kind, Stance
from transforms.detection.candidates import Candidate
from transforms.detection.composition import stance_of
from transforms.detection.confidence import combine_scores
from transforms.detection.context import EventDate, find_condition, find_ordinal, find_place, find_source, resolve_date
from transforms.detection.lexicon import Lexicon
from transforms.identity import event_id
from transforms.records import Article, Evidence, SupportEvent

#: The more concrete act comes first where two kinds fit.
CONCRETE: tuple[Kind, ...] = (
    "sign", "ratify", "admit", "provide_aid", "pledge_aid", "withdraw", "block", "threaten", "condition", "oppose", "apply", "endorse",
)  # fmt: skip
_FIRM: tuple[Factuality, ...] = ("asserted", "planned", "possible", "denied")

Combination = tuple[tuple[str, ...], tuple[str, ...], str | None, str, str]


def merge_candidates(candidates: Sequence[Candidate], article: Article, lexicon: Lexicon) -> tuple[SupportEvent, ...]:
    """Candidates and their article → events in reading order, actors and beneficiaries sorted."""
    grouped: dict[Combination, list[Candidate]] = {}
    for candidate in candidates:
        key = (
            tuple(sorted(set(candidate.actors))),
            tuple(sorted(set(candidate.beneficiaries))),
            candidate.alliance,
            candidate.object,
            candidate.kind,
        )
        grouped.setdefault(key, []).append(candidate)
    return tuple(_event(key, group, article, lexicon) for key, group in grouped.items())


def _event(key: Combination, group: list[Candidate], article: Article, lexicon: Lexicon) -> SupportEvent:
    actors, beneficiaries, alliance, _, _ = key
    first = min(group, key=lambda candidate: _FIRM.index(candidate.factuality))
    kind, factuality = first.kind, first.factuality
    published = article.published_at.date() if article.published_at else None
    conditions = [find_condition(c.parsed, c.act.token, lexicon.conditions) for c in group]
    condition = next((condition for condition in conditions if condition), None)
    ordinals = [find_ordinal(c.parsed.sentence.text) for c in group]
    places = [find_place(c.parsed, c.act.token) for c in group]
    place, country = next((pair for pair in places if pair[0]), (None, None))
    when = _date(group, published)
    sources = [find_source(c.parsed, c) for c in group]
    stance: Stance = stance_of(kind, factuality, condition is not None)
    steps = dict.fromkeys("; ".join(c.composition.steps) for c in group)
    return SupportEvent(
        event_id=event_id(article.article_id, actors, beneficiaries, alliance, first.object, kind),
        article_id=article.article_id,
        actors=actors,
        actor_role=first.actor_role,
        beneficiaries=beneficiaries,
        alliance=alliance,
        object=first.object,
        kind=kind,
        stance=stance,
        factuality=factuality,
        attributed_to=sources[0] if all(sources) else None,
        condition=condition,
        ordinal=next((ordinal for ordinal in ordinals if ordinal), None),
        event_date=when.day if when else None,
        event_date_precision=when.precision if when else None,
        event_date_basis=when.basis if when else None,
        place=place,
        place_country=country,
        evidence=_evidence(group, article),
        confidence=combine_scores([candidate.score for candidate in group]),
        rule=" | ".join(f"{step} [{_how(candidate)}]" for step, candidate in zip(steps, group, strict=False)),
    )


def _date(group: list[Candidate], published: date | None) -> EventDate | None:
    for candidate in group:
        when = resolve_date(candidate.parsed.sentence.text, published, candidate.factuality == "planned")
        if when is not None:
            return when
    if published is not None and group[0].factuality == "asserted":
        return EventDate(published, "day", "publication")
    return None


def _how(candidate: Candidate) -> str:
    return ", ".join(f"{slot} by {how}" for slot, how in candidate.how.items())


def _evidence(group: list[Candidate], article: Article) -> tuple[Evidence, ...]:
    spans = sorted(
        {
            (candidate.parsed.sentence.field != "title", candidate.parsed.sentence.start, candidate.parsed.sentence.end)
            for candidate in group
        }
    )
    return tuple(
        Evidence(
            field="text" if in_text else "title",
            start=start,
            end=end,
            text=(article.text if in_text else article.title)[start:end],
        )
        for in_text, start, end in spans
    )
