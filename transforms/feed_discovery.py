"""A web page → the addresses of the feeds it names, so that a site's own address will do for one."""

import html
import re
from urllib.parse import urljoin

_LINK = re.compile(r"<link\s[^<>]{0,1000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([a-zA-Z-]{1,20})\s*=\s*(?:"([^"]{0,900})"|'([^']{0,900})'|([^\s"'>]{1,900}))""")
_BASE = re.compile(r"""<base\s[^<>]{0,300}?href\s*=\s*["']([^"']{1,500})["']""", re.IGNORECASE)
_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
_MAX_LINKS = 10
_HEAD = 200_000


def find_feeds(page: str, url: str) -> tuple[str, ...]:
    """Page and its address → the feeds it names with `<link rel="alternate">`, in its order."""
    head = page[:_HEAD]
    base = _BASE.search(head)
    start = urljoin(url, base.group(1)) if base else url
    found: list[str] = []
    for link in _LINK.finditer(head):
        given = {
            name.lower(): html.unescape(quoted or single or bare)
            for name, quoted, single, bare in _ATTRIBUTE.findall(link.group())
        }
        kind = given.get("type", "").partition(";")[0].strip().lower()
        if "alternate" in given.get("rel", "").lower().split() and kind in _TYPES and given.get("href"):
            try:
                address = urljoin(start, given["href"].strip())
            except ValueError:
                continue
            if address.startswith(("http://", "https://")) and address != url:
                found.append(address)
    return tuple(dict.fromkeys(found))[:_MAX_LINKS]
