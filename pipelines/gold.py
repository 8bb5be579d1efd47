"""Labelled JSON lines → documents with the events that readers found; rejects labels outside the codebook.

One object a line, its fields named as in the codebook (section 2), `actor` and `beneficiary` as lists,
`evidence` as offsets. An event with `optional: true` is one on which two readers may disagree.
"""

import gzip
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

from transforms.codebook import (
    ACTOR_ROLES,
    ARTICLE_STANCES,
    FACTUALITIES,
    KINDS,
    OBJECTS,
    STANCES,
    ActorRole,
    ArticleStance,
    Factuality,
    Field,
    Kind,
    Object,
    Stance,
)
from transforms.records import Evidence, SupportEvent

Half = Literal["a", "b"]
T = TypeVar("T")


class BadGold(Exception):
    """A labelled file that can't be used: says file, line and what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of the title or text, in code points."""

    field: Field
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledEvent:
    """An event as it is compared: one shape for what readers labelled and what was detected."""

    actors: tuple[str, ...]
    beneficiaries: tuple[str, ...]
    object: Object
    kind: Kind
    stance: Stance
    factuality: Factuality
    alliance: str | None = None
    actor_role: ActorRole = "OTHER"
    attributed_to: str | None = None
    condition: str | None = None
    ordinal: int | None = None
    event_date: date | None = None
    place_country: str | None = None
    evidence: tuple[Span, ...] = ()
    #: counts neither as missed nor, when found, as false
    optional: bool = False
    #: of a detected event, its probability
    confidence: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledDocument:
    """A text with what readers found in it."""

    id: str
    title: str
    text: str
    published: date | None
    topics: tuple[str, ...]
    stance: ArticleStance
    events: tuple[LabelledEvent, ...] = ()
    #: how it is written (agency, headline_lead, trap, …), where the file says so
    style: str | None = None


def read_gold(path: Path) -> tuple[LabelledDocument, ...]:
    """File of labelled documents → all of them: the measure everything is held against.

    Raises:
        BadGold: a line is no JSON object, lacks a field or holds a value outside the codebook.
        OSError: the file can't be read.
    """
    return tuple(_parse_lines(path.read_text(encoding="utf-8").split("\n"), str(path), _parse_document))


def read_background(path: Path) -> tuple[tuple[str, str, date | None], ...]:
    """File of unfiltered articles, gzipped or not → (title, text, published) of each: none has an event.

    Raises:
        BadGold: a line is no JSON object with a text.
        OSError: the file can't be read.
    """
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")
    return tuple(_parse_lines(text.split("\n"), str(path), _parse_article))


def choose_half(documents: Iterable[LabelledDocument], half: Half) -> tuple[LabelledDocument, ...]:
    """Documents and a half → those of that half: tune on 'a', hold out 'b', the same in every run."""
    wanted = 0 if half == "a" else 1
    return tuple(d for d in documents if hashlib.sha256(d.id.encode()).digest()[0] % 2 == wanted)


def compare_as(event: SupportEvent, title: str, text: str) -> LabelledEvent:
    """Detected event and the labelled document → the shape in which it is compared with the labelled events.

    The detector reads the text after cleaning, so its offsets may differ: its quotes are found again here.
    """
    return LabelledEvent(
        actors=event.actors,
        beneficiaries=event.beneficiaries,
        object=event.object,
        kind=event.kind,
        stance=event.stance,
        factuality=event.factuality,
        alliance=event.alliance,
        actor_role=event.actor_role,
        attributed_to=event.attributed_to,
        condition=event.condition,
        ordinal=event.ordinal,
        event_date=event.event_date,
        place_country=event.place_country,
        evidence=tuple(_find_quote(e, title if e.field == "title" else text) for e in event.evidence),
        confidence=event.confidence,
    )


def _find_quote(evidence: Evidence, content: str) -> Span:
    """Evidence and the field as labelled → its place there, as given where the quote isn't found."""
    if evidence.text and content[evidence.start : evidence.end] != evidence.text:
        words = r"\s+".join(re.escape(word) for word in evidence.text.split())
        if found := re.search(words, content):
            return Span(field=evidence.field, start=found.start(), end=found.end())
    return Span(field=evidence.field, start=evidence.start, end=evidence.end)


def _parse_article(row: dict[str, Any]) -> tuple[str, str, date | None]:
    return row.get("title") or "", row["text"], _parse_date(row.get("published"))


def _parse_lines(lines: Iterable[str], name: str, parse: Callable[[dict[str, Any]], T]) -> Iterator[T]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield parse(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            raise BadGold(f"{name}, line {number}: {type(problem).__name__}: {problem}") from problem


def _parse_document(row: dict[str, Any]) -> LabelledDocument:
    title, text = row.get("title") or "", row["text"]
    lengths = {"title": len(title), "text": len(text)}
    return LabelledDocument(
        id=str(row["id"]),
        title=title,
        text=text,
        published=_parse_date(row.get("published")),
        topics=tuple(row["topics"]),
        stance=cast(ArticleStance, _one_of(row["stance"], ARTICLE_STANCES, "stance")),
        events=tuple(_parse_event(event, lengths) for event in row["events"]),
        style=row.get("style"),
    )


def _parse_event(row: dict[str, Any], lengths: dict[str, int]) -> LabelledEvent:
    return LabelledEvent(
        actors=tuple(row["actor"]),
        beneficiaries=tuple(row["beneficiary"]),
        alliance=row["alliance"],
        actor_role=cast(ActorRole, _one_of(row.get("actor_role") or "OTHER", ACTOR_ROLES, "actor_role")),
        object=cast(Object, _one_of(row["object"], OBJECTS, "object")),
        kind=cast(Kind, _one_of(row["kind"], KINDS, "kind")),
        stance=cast(Stance, _one_of(row["stance"], STANCES, "event stance")),
        factuality=cast(Factuality, _one_of(row["factuality"], FACTUALITIES, "factuality")),
        attributed_to=row.get("attributed_to"),
        condition=row.get("condition"),
        ordinal=row.get("ordinal"),
        event_date=_parse_date(row.get("event_date")),
        place_country=row.get("place_country"),
        evidence=tuple(_parse_span(span, lengths) for span in row.get("evidence", [])),
        optional=bool(row.get("optional", False)),
    )


def _parse_span(row: dict[str, Any], lengths: dict[str, int]) -> Span:
    field, start, end = row["field"], int(row["start"]), int(row["end"])
    if not 0 <= start < end <= lengths[field]:
        raise ValueError(f"evidence {field}[{start}:{end}] lies outside the {field}")
    return Span(field=field, start=start, end=end)


def _parse_date(value: str | None) -> date | None:
    """A day; a year or month alone ('2023', '2023-05') counts as no day."""
    if not value or len(value) < 10:
        return None
    return date.fromisoformat(value[:10])


def _one_of(value: str, allowed: tuple[str, ...], name: str) -> str:
    if value not in allowed:
        raise ValueError(f"{name} is {value!r}, none of {', '.join(allowed)}")
    return value
