"""RawDocument → Article with clean text, or the Rejection that says why it is none."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from transforms.furniture import Furniture, clean_paragraphs, clean_plain_text
from transforms.identity import article_id, canonical_url, content_sha256
from transforms.language import identify_language
from transforms.pages import classify_page
from transforms.paragraphs import tidy_line
from transforms.records import Article, PublishedBasis, RawDocument, Rejection
from transforms.rejections import reject_document
from transforms.text import Extracted, PageFailure, PageLimits, extract_html, is_page

STAGE = "extract"
#: what is longer is no title, whatever the input calls it
MAX_TITLE = 1_000
#: a guess below this is a toss: names and headlines look like any language
SURE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleSettings:
    """What counts as a usable article."""

    furniture: Furniture
    #: ISO 639-1 codes that are accepted
    languages: tuple[str, ...] = ("en",)
    limits: PageLimits = field(default_factory=PageLimits)


def make_article(raw: RawDocument, settings: ArticleSettings) -> Article | Rejection:
    """Raw document → article: extracted, cleaned, checked to be one, in an accepted language, identified."""
    if raw.format == "text":
        return _finish(raw, Extracted(title="", text=raw.content), None, settings)
    extracted = extract_html(raw.content, raw.url, settings.limits)
    if isinstance(extracted, PageFailure):
        # Bot checks and forms are pages without an article; say which.
        reason: str = extracted.reason
        if reason == "empty":
            reason = classify_page(raw.title or "", "", raw.content, settings.furniture) or reason
        return _reject(raw, reason, extracted.detail)
    return _finish(raw, extracted, raw.content, settings)


def _finish(
    raw: RawDocument, extracted: Extracted, html: str | None, settings: ArticleSettings
) -> Article | Rejection:
    given = (tidy_line(raw.title or "") or extracted.title)[:MAX_TITLE]
    page = html if html is not None and is_page(html) else None
    reason = classify_page(given, extracted.text, page, settings.furniture)
    if reason is not None:
        return _reject(raw, reason, f"{len(extracted.text.strip())} characters of text", given)
    if html is None:
        title, text = clean_plain_text(extracted.text, given, settings.furniture)
    else:
        title, text = clean_paragraphs(extracted.text.split("\n"), given, settings.furniture)
    if not text and not title:
        return _reject(raw, "empty", "nothing but page furniture", given)
    language, refusal, doubts = _accept_language(title, text, settings.languages)
    if refusal:
        return _reject(raw, "language", refusal, title)
    url = canonical_url(raw.url) or extracted.canonical_url
    moment, basis = _published(raw, extracted)
    return Article(
        article_id=article_id(url, f"{title}\n{text}"),
        key=raw.key,
        order=raw.order,
        origin=raw.origin,
        url=url,
        source=tidy_line(raw.source or "") or extracted.source,
        title=title,
        text=text,
        language=language,
        authors=raw.authors or extracted.authors,
        published_at=moment,
        published_basis=basis,
        content_sha256=content_sha256(title, text),
        notes=(*raw.notes, *doubts),
        revision=raw.revision,
        text_basis=raw.text_basis,
    )


def _accept_language(title: str, text: str, accepted: Sequence[str]) -> tuple[str, str, tuple[str, ...]]:
    """Title and text → (language, why it is refused or '', notes)."""
    # The body says more than the headline, which is full of names; a short one needs its help.
    code, probability = identify_language(text if len(text) >= 200 else f"{title}. {text}")
    if code in accepted:
        return code, "", ()
    if probability < SURE:
        return accepted[0], "", (f"language: unsure, {code} {probability:.2f}",)
    return code, f"{code} {probability:.2f}", ()


def _published(raw: RawDocument, extracted: Extracted) -> tuple[datetime | None, PublishedBasis | None]:
    if raw.published_at is not None:
        return raw.published_at, "given"
    if extracted.published_at is not None:
        return extracted.published_at, "metadata"
    return None, None


def _reject(raw: RawDocument, reason: str, detail: str, title: str | None = None) -> Rejection:
    return reject_document(raw, STAGE, reason, detail, title)
