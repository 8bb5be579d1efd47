"""Names, URLs and texts → identifiers that are the same in every run."""

import hashlib
from collections.abc import Iterable
from urllib.parse import urlsplit, urlunsplit

from courlan import normalize_url

_DEFAULT_PORTS = {"http": 80, "https": 443}
_MAX_URL = 2_000


def document_key(name: str, position: int, content_sha256: str) -> str:
    """File name, position and hash of the raw bytes → key of an input document: 32 hex digits."""
    return digest_strings(name, str(position), content_sha256)[:32]


def canonical_url(url: str | None) -> str | None:
    """URL as found → the one form of it that is compared: https, no tracking parameters, no fragment.

    None for what can't be a web address.
    """
    text = (url or "").strip()
    if not text or len(text) > _MAX_URL or any(character.isspace() for character in text):
        return None
    try:
        parts = urlsplit(text)
        port = parts.port
        host = (parts.hostname or "").rstrip(".")
        if parts.scheme.lower() not in _DEFAULT_PORTS or not host:
            return None
        netloc = f"[{host}]" if ":" in host else host
        if port is not None and port != _DEFAULT_PORTS[parts.scheme.lower()]:
            netloc = f"{netloc}:{port}"
        bare = urlunsplit(("https", netloc, parts.path or "/", parts.query, ""))
        canonical: str = normalize_url(bare, strict=False)
    except (ValueError, AttributeError):
        return None
    # A site's own encoding can leave lone surrogates, which no table can hold.
    return canonical.encode("utf-8", "replace").decode() or None


def article_id(url: str | None, text: str) -> str:
    """Canonical URL, or the text where there is none → identity of an article: 16 hex digits."""
    return digest_strings("url", url)[:16] if url else digest_strings("text", text)[:16]


def event_id(
    article: str,
    actors: Iterable[str],
    beneficiaries: Iterable[str],
    alliance: str | None,
    object: str,
    kind: str,
) -> str:
    """Article and the five fields that tell its events apart → identity of an event: 16 hex digits."""
    parties = (",".join(sorted(actors)), ",".join(sorted(beneficiaries)))
    return digest_strings(article, *parties, alliance or "", object, kind)[:16]


def content_sha256(title: str, text: str) -> str:
    """Title and text → hash that is equal only for equal content: 64 hex digits."""
    return digest_strings(title, text)


def digest_strings(*parts: str) -> str:
    """Strings → SHA-256 in hex digits, over each with its length: no two lists of strings run together."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "replace")
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()
