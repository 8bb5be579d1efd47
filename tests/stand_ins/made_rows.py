"""Fields → rows of the tables with these and plain values for the rest: for tests that begin with rows."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from transforms.codebook import KIND_CODES
from transforms.rows import Row

NOW = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)


def make_event_row(event_id: str, article_id: str, **fields: Any) -> dict[str, Any]:
    """Fields that matter → a row of `events`: Bulgaria's support for Ukraine in NATO."""
    day = fields.get("event_date")
    given: dict[str, Any] = {
        "event_id": event_id, "article_id": article_id, "actors": ["BGR"], "actor_role": "GOV",
        "beneficiaries": ["UKR"], "alliance": "NATO", "object": "membership", "kind": "endorse",
        "stance": "support", "factuality": "asserted", "attributed_to": None, "condition": None,
        "ordinal": None, "event_date": None, "event_date_precision": day and "day",
        "event_date_basis": day and "explicit", "place": None, "place_country": None,
        "evidence": [{"field": "text", "start": 0, "end": 4, "text": f"It did ({event_id})."}],
        "confidence": 0.8, "rule": "r", "title": f"Title of {article_id}",
        "url": None, "source": None, "published_at": None, "first_seen": NOW, "detector": "d 1",
        "revision": 1,
    } | fields  # fmt: skip
    codes = KIND_CODES[given["kind"]]
    month = given["event_date"] or given["published_at"] or given["first_seen"]
    return given | {"plover": codes.plover, "cameo": codes.cameo, "event_month": f"{month:%Y-%m}"}


def make_article_row(article_id: str, **fields: Any) -> Row:
    """Fields that matter → a row of `articles`."""
    given: dict[str, Any] = {
        "article_id": article_id, "url": None, "source": None, "title": f"Title of {article_id}",
        "text": "Text.", "language": "en", "authors": [], "published_at": None, "published_basis": None,
        "first_seen": NOW, "topics": [], "stance": "support", "stance_target": None, "stance_score": 0.0,
        "n_events": 1, "duplicate_of": None, "content_sha256": "0", "origin": "test",
        "key": f"k {article_id} {fields.get('revision', 1)}", "notes": [], "revision": 1, "text_basis": None,
    } | fields  # fmt: skip
    month = given["published_at"] or given["first_seen"]
    return given | {"published_month": f"{month:%Y-%m}"}


def at(day: date, hours: float = 12) -> datetime:
    """Day → a moment of it, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hours)
