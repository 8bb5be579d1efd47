"""Fields → an article or event with these and plain values for the rest: for tests that care about a few."""

from typing import Any

from transforms.records import Article, SupportEvent


def make_article(**fields: Any) -> Article:
    """Fields that matter → an article in English without a date."""
    plain: dict[str, Any] = {
        "article_id": "a1",
        "key": "k1",
        "order": 0,
        "origin": "in/x.txt",
        "url": None,
        "source": None,
        "title": "Title",
        "text": "Bulgaria signed.",
        "language": "en",
        "authors": (),
        "published_at": None,
        "published_basis": None,
        "content_sha256": "00",
    }
    return Article(**plain | fields)


def make_event(**fields: Any) -> SupportEvent:
    """Fields that matter → Bulgaria's support for Ukraine in NATO, sure and without evidence."""
    plain: dict[str, Any] = {
        "event_id": "e1",
        "article_id": "a1",
        "actors": ("BGR",),
        "actor_role": "HEAD",
        "beneficiaries": ("UKR",),
        "alliance": "NATO",
        "object": "membership",
        "kind": "endorse",
        "stance": "support",
        "factuality": "asserted",
        "attributed_to": None,
        "condition": None,
        "ordinal": None,
        "event_date": None,
        "event_date_precision": None,
        "event_date_basis": None,
        "place": None,
        "place_country": None,
        "evidence": (),
        "confidence": 1.0,
        "rule": "",
    }
    return SupportEvent(**plain | fields)
