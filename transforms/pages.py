"""Title, text and page → why it is no article: consent form, paywall, bot check, links, too short."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from transforms.furniture import Furniture, fold
from transforms.markup import strip_markup
from transforms.paragraphs import ends_sentence

PageReason = Literal["empty", "too_short", "consent", "paywall", "bot_check", "list_page"]

#: an HTML page with less text than this is no article; a feed's item may be
MIN_PAGE_CHARS = 200
#: with a headline a feed's item needs no text; without one this much
MIN_TEXT_CHARS = 40
#: an article may quote a consent form or a bot check; a page that is one says little else
MAX_GATE_CHARS = 1_500
#: a paywall leaves the first paragraphs
MAX_TEASER_CHARS = 1_000

_ARTICLE_MARK = re.compile(
    r"""property\s*=\s*["']og:type["'][^>]{0,100}?content\s*=\s*["']article|"@type"\s*:\s*\[?\s*"(?:\w*News)?Article""",
    re.IGNORECASE,
)
_LINK = re.compile(r"<a\s[^>]{0,2000}>(.{0,1000}?)</a>", re.IGNORECASE | re.DOTALL)


def classify_page(title: str, text: str, html: str | None, furniture: Furniture) -> PageReason | None:
    """Title and text, furniture still in it → why it can't be used, or None for an article.

    Args:
        title: '' for none.
        text: what was extracted, before cleaning.
        html: the page it was extracted from; None for plain text and feed items, which may be short.
        furniture: the phrases of consent forms, paywalls and bot checks.
    """
    text = text.strip()
    said = fold(text)
    if len(text) < MIN_PAGE_CHARS and html is not None:
        # What stands in place of the article is often outside of what was taken for it.
        said = fold(f"{title} {strip_markup(html)[:5_000]}")
    if len(said) <= MAX_GATE_CHARS * 2:
        if (
            len(text) <= MAX_GATE_CHARS
            and _hits(said, furniture.bot_check)
            and not _has_prose(said, furniture.bot_check)
        ):
            return "bot_check"
        if len(text) <= MAX_TEASER_CHARS and _hits(said, furniture.paywall):
            return "paywall"
    if _is_consent(text or said, furniture.consent):
        return "consent"
    if not text:
        return "empty" if html is not None or not title else None
    if html is not None:
        if len(text) < MIN_PAGE_CHARS:
            return "too_short"
        return "list_page" if _is_list(text.split("\n"), html) else None
    return "too_short" if len(text) < MIN_TEXT_CHARS and not title else None


@lru_cache(maxsize=8)
def _folded(phrases: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(fold, phrases))


def _hits(said: str, phrases: tuple[str, ...]) -> int:
    return sum(phrase in said for phrase in _folded(phrases))


def _has_prose(said: str, phrases: tuple[str, ...]) -> bool:
    """Text → whether it goes on for long beside the phrases, as an article about them does."""
    return len(said) - sum(len(phrase) for phrase in _folded(phrases) if phrase in said) > MAX_GATE_CHARS


def _is_consent(text: str, phrases: tuple[str, ...]) -> bool:
    """Text → whether most of it is about cookies, in several of the set phrases."""
    if _hits(fold(text), phrases) < 3:
        return False
    lines = [fold(line) for line in text.split("\n")]
    about = [line for line in lines if _hits(line, phrases)]
    distinct = sum(any(phrase in line for line in about) for phrase in _folded(phrases))
    return distinct >= 3 and sum(map(len, about)) > 0.5 * sum(map(len, lines))


def _is_list(lines: Sequence[str], html: str) -> bool:
    """Lines and their page → whether it is a list of headlines: few sentences, most of them links."""
    if len(lines) < 8 or _ARTICLE_MARK.search(html):
        return False
    headlines = sum(not ends_sentence(line) for line in lines)
    if headlines < 0.7 * len(lines) or sum(map(len, lines)) > 160 * len(lines):
        return False
    links = {fold(strip_markup(match.group(1))) for match in _LINK.finditer(html)}
    return sum(fold(line.lstrip("-•* ")) in links for line in lines) >= 0.5 * len(lines)
