"""Stations on the line: RawDocument → Article → ClassifiedArticle → SupportEvent, and Rejection beside them.

Records are plain values: frozen, keyword-only, tuples instead of lists, aware datetimes.
They hold no logic; the functions that make them live in the module named after the step.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from transforms.codebook import (
    ActorRole,
    ArticleStance,
    DateBasis,
    DatePrecision,
    Factuality,
    Field,
    Kind,
    Object,
    Stance,
)

PublishedBasis = Literal["given", "metadata", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSlice:
    """A run of documents in one file: what travels between processes instead of their bodies."""

    #: order of the slice's first document; the k-th has `order + k`
    order: int
    #: file to read, as the user named it
    path: str
    #: the same file relative to the parent of the input's folder; part of the documents' keys
    name: str
    #: index of the first document in the file, from 0
    first: int = 0
    #: how many documents; None for all that follow
    count: int | None = None
    #: byte offset of the first document in the decompressed file; of an archive, in the file as it is
    offset: int = 0
    #: of an archive: records that begin here or later belong to the next slice
    end: int | None = None
    #: of an archive: names its content (`archives.fingerprint_file`)
    fingerprint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageCount:
    """What became of the records in one slice of a web archive: those that are counted, not kept as rows."""

    part: InputSlice
    #: read (went on), off_topic, not_html, error_page, no_page
    outcome: str
    pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSlice:
    """Feed items of one batch, kept in a state file until their rows are committed."""

    #: path of the state file
    path: str
    #: the items' numbers, in order; a document's `order` is the number of its item
    numbers: tuple[int, ...]
    #: whether those that the process died of are tried again
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RawDocument:
    """One document as it was read, before any cleaning."""

    #: identity of this input: a hash of name, position and raw content; the same in every run
    key: str
    #: position in the order of the input; the first of several duplicates is the original
    order: int
    #: file path or feed URL
    origin: str
    #: what `content` holds
    format: Literal["text", "html"]
    content: str
    url: str | None = None
    title: str | None = None
    published_at: datetime | None = None
    source: str | None = None
    authors: tuple[str, ...] = ()
    #: what a reader of the row should know: guessed encoding, replaced characters
    notes: tuple[str, ...] = ()
    #: 1 for what is seen first; a changed title or text of the same feed item counts up
    revision: int = 1
    #: where the text of a feed item is from: 'page', 'feed', or 'feed: why not the page'; None for files
    text_basis: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """Clean text with its metadata; evidence offsets point into `title` and `text`."""

    article_id: str
    #: key of the RawDocument it was made from
    key: str
    order: int
    origin: str
    url: str | None
    source: str | None
    title: str
    text: str
    #: ISO 639-1
    language: str
    authors: tuple[str, ...]
    published_at: datetime | None
    published_basis: PublishedBasis | None
    content_sha256: str
    #: article_id of the near-duplicate seen first; None for an original
    duplicate_of: str | None = None
    notes: tuple[str, ...] = ()
    #: as in RawDocument
    revision: int = 1
    text_basis: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A topic of an article and how sure the classifier is, 0 to 1."""

    name: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A quoted span: `getattr(article, field)[start:end] == text`, counted in code points."""

    field: Field
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportEvent:
    """Who supports, conditions, opposes or blocks whose membership in, or aid from, which alliance."""

    event_id: str
    article_id: str
    actors: tuple[str, ...]
    actor_role: ActorRole
    beneficiaries: tuple[str, ...]
    alliance: str | None
    object: Object
    kind: Kind
    stance: Stance
    factuality: Factuality
    attributed_to: str | None
    condition: str | None
    ordinal: int | None
    event_date: date | None
    event_date_precision: DatePrecision | None
    event_date_basis: DateBasis | None
    place: str | None
    place_country: str | None
    evidence: tuple[Evidence, ...]
    #: probability that the event is right, calibrated on labelled articles
    confidence: float
    #: the frame and the steps that led to the event, in words
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifiedArticle:
    """An article with its topics, events and stance: all that is written about it."""

    article: Article
    topics: tuple[Topic, ...] = ()
    events: tuple[SupportEvent, ...] = ()
    stance: ArticleStance = "neutral"
    #: 'UKR:NATO': the beneficiary and alliance the stance is toward
    stance_target: str | None = None
    stance_score: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """A document that could not be used: one reason, kept and counted."""

    key: str
    #: the step that rejected it: read, extract, duplicates, gate, …
    stage: str
    #: one word, the name of the reason: empty, consent, paywall, language, off_topic, error, …
    reason: str
    detail: str
    origin: str
    order: int
    url: str | None = None
    title: str | None = None
