"""A site's robots.txt → whether a page may be fetched, after RFC 9309; what can't be read forbids nothing."""

from dataclasses import dataclass
from typing import Protocol

from protego import Protego

#: RFC 9309 asks for at least this much to be read
MAX_BYTES = 512_000


class _Rules(Protocol):
    def can_fetch(self, url: str, user_agent: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Robots:
    """What a site allows."""

    #: None: the same for every page
    rules: _Rules | None
    allowed: bool = True


EVERYTHING = Robots(None, True)
NOTHING = Robots(None, False)


def read_robots(status: int | None, body: bytes) -> Robots:
    """Answer to `/robots.txt` → what the site allows.

    Args:
        status: of the answer; None for no answer at all.
        body: what it says.

    A site without the file (4xx) allows everything; one that fails (5xx, no answer) allows nothing for now.
    """
    if status is None or status >= 500 or status == 429:
        return NOTHING
    if status >= 300:
        return EVERYTHING
    try:
        return Robots(Protego.parse(body[:MAX_BYTES].decode("utf-8", "replace")))
    except (ValueError, RecursionError):
        return EVERYTHING


def may_fetch(robots: Robots, url: str, agent: str) -> bool:
    """What a site allows, a page of it and our name → whether we may fetch it."""
    if robots.rules is None:
        return robots.allowed
    try:
        return bool(robots.rules.can_fetch(url, agent))
    except (ValueError, UnicodeError):
        return False
