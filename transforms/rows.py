"""Records → rows of the three tables: plain mappings with exactly the columns of `transforms.tables`.

Takes what a document ended as and when it was first seen, gives its rows; rejects a datetime without
a time zone (`ValueError`).
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime

from transforms.codebook import KIND_CODES
from transforms.records import ClassifiedArticle, PageCount, Rejection

Row = Mapping[str, object]

_SURROGATES = re.compile("[\ud800-\udfff]")


def add_rows(
    rows: Mapping[str, list[Row]],
    ended: ClassifiedArticle | Rejection,
    first_seen: datetime,
    detector: str,
) -> None:
    """Rows by table, and what a document ended as → the same with its rows.

    Args:
        rows: has a list for each of the tables `articles`, `events` and `rejects`.
        ended: the article, or why there is none.
        first_seen: when it was first processed.
        detector: name and version of what found the events.
    """
    if isinstance(ended, Rejection):
        rows["rejects"].append(reject_row(ended, first_seen))
        return
    rows["articles"].append(article_row(ended, first_seen))
    rows["events"].extend(event_rows(ended, first_seen, detector))


def article_row(classified: ClassifiedArticle, first_seen: datetime) -> Row:
    """Classified article → its row of `articles`."""
    article = classified.article
    published = _utc(article.published_at)
    seen = _require_utc(first_seen)
    return {
        "article_id": article.article_id,
        "url": _storable(article.url),
        "source": _storable(article.source),
        "title": _stored(article.title),
        "text": _stored(article.text),
        "language": article.language,
        "authors": [_stored(name) for name in article.authors],
        "published_at": published,
        "published_basis": article.published_basis,
        "first_seen": seen,
        "topics": [{"name": t.name, "score": t.score} for t in classified.topics],
        "stance": classified.stance,
        "stance_target": classified.stance_target,
        "stance_score": classified.stance_score,
        "n_events": len(classified.events),
        "duplicate_of": article.duplicate_of,
        "content_sha256": article.content_sha256,
        "origin": _stored(article.origin),
        "key": article.key,
        "notes": [_stored(note) for note in article.notes],
        "revision": article.revision,
        "text_basis": _storable(article.text_basis),
        "published_month": _month(published or seen),
    }


def event_rows(classified: ClassifiedArticle, first_seen: datetime, detector: str) -> list[Row]:
    """Classified article → its rows of `events`, one for each event.

    Args:
        classified: the article with its events.
        first_seen: when the article was first processed.
        detector: name and version of what found the events.
    """
    article = classified.article
    published = _utc(article.published_at)
    seen = _require_utc(first_seen)
    rows: list[Row] = []
    for event in classified.events:
        codes = KIND_CODES[event.kind]
        rows.append(
            {
                "event_id": event.event_id,
                "article_id": event.article_id,
                "actors": list(event.actors),
                "actor_role": event.actor_role,
                "beneficiaries": list(event.beneficiaries),
                "alliance": event.alliance,
                "object": event.object,
                "kind": event.kind,
                "plover": codes.plover,
                "cameo": codes.cameo,
                "stance": event.stance,
                "factuality": event.factuality,
                "attributed_to": _storable(event.attributed_to),
                "condition": _storable(event.condition),
                "ordinal": event.ordinal,
                "event_date": event.event_date,
                "event_date_precision": event.event_date_precision,
                "event_date_basis": event.event_date_basis,
                "place": _storable(event.place),
                "place_country": event.place_country,
                "evidence": [
                    {"field": e.field, "start": e.start, "end": e.end, "text": _stored(e.text)}
                    for e in event.evidence
                ],
                "confidence": event.confidence,
                "rule": _stored(event.rule),
                "title": _stored(article.title),
                "url": _storable(article.url),
                "source": _storable(article.source),
                "published_at": published,
                "first_seen": seen,
                "detector": detector,
                "revision": article.revision,
                "event_month": _month(event.event_date or published or seen),
            }
        )
    return rows


def reject_row(rejection: Rejection, first_seen: datetime) -> Row:
    """Rejection → its row of `rejects`."""
    seen = _require_utc(first_seen)
    return {
        "key": rejection.key,
        "stage": rejection.stage,
        "reason": rejection.reason,
        "detail": _stored(rejection.detail),
        "url": _storable(rejection.url),
        "origin": _stored(rejection.origin),
        "title": _storable(rejection.title),
        "first_seen": seen,
        "seen_month": _month(seen),
    }


def page_count_row(count: PageCount, gate: str, first_seen: datetime) -> Row:
    """Count of an archive's pages → its row of `archives`."""
    seen = _require_utc(first_seen)
    return {
        "origin": _stored(count.part.path),
        "fingerprint": count.part.fingerprint,
        "gate": gate,
        "start": count.part.offset,
        "stop": count.part.end,
        "outcome": count.outcome,
        "pages": count.pages,
        "first_seen": seen,
        "seen_month": _month(seen),
    }


def _month(day: date) -> str:
    return f"{day.year:04d}-{day.month:02d}"


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else _require_utc(moment)


def _require_utc(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError(f"a datetime without a time zone: {moment.isoformat()}")
    return moment.astimezone(UTC)


def _stored(text: str) -> str:
    # A lone surrogate has no UTF-8 form; U+FFFD is one code point too, so offsets keep their meaning.
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)


def _storable(text: str | None) -> str | None:
    return None if text is None else _stored(text)
