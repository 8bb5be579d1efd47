"""Event rows → mentions: what one article says of one actor and one beneficiary, ready to be compared.

Takes rows of `events`, one for each actor and beneficiary, with the copies of their articles; gives mentions.
Rejects nothing: the rows come from our own tables.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import urlsplit

#: Claims about the same three are compared with each other, no others.
Block = tuple[str, str, str]

#: Acts done once: whoever tells of them later, without a date, most likely means the same one.
LASTING_KINDS: Final = frozenset({"sign", "ratify", "admit"})

#: Days before a report in which an act lies that it dates by its own publication: written the day after, or
#: published anew.
PUBLICATION_DAYS: Final = 2
#: Days before a report in which an act lies that it doesn't date.
UNDATED_DAYS: Final = 7
LASTING_DAYS: Final = 365
#: Days between acts of the same kind that are taken for one: time zones, and whether night is the day before.
SLACK_DAYS: Final = 1
#: Of these only the first day of a longer time is known.
VAGUE_PRECISIONS: Final = ("month", "year")
#: Days after a report in which an act lies that it announces without a date.
ANNOUNCED_DAYS: Final = 10

_AS_STORED: Final = tuple(
    "event_id article_id actor beneficiary actor_role alliance object kind stance factuality attributed_to"
    " condition ordinal event_date place place_country confidence title url source first_seen copies".split()
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mention:
    """One claim of one event row."""

    event_id: str
    article_id: str
    actor: str
    beneficiary: str
    #: who acts together with the actor
    with_actors: tuple[str, ...]
    actor_role: str
    alliance: str | None
    object: str
    kind: str
    stance: str
    factuality: str
    attributed_to: str | None
    condition: str | None
    ordinal: int | None
    event_date: date | None
    precision: str | None
    basis: str | None
    place: str | None
    place_country: str | None
    confidence: float
    title: str
    url: str | None
    source: str | None
    #: published, else first processed
    reported: datetime
    first_seen: datetime
    #: field, start, end and text of each sentence
    evidence: tuple[tuple[str, int, int, str], ...]
    #: articles that are copies of this one, and their outlets
    copies: int
    copy_sources: tuple[str, ...]
    #: first and last day on which the act may have taken place
    earliest: date
    latest: date
    #: before whom it is asked whether it stands for a cluster of its own
    priority: tuple[bool, int, datetime, str]

    @property
    def block(self) -> Block:
        """Mention → what it shares with all that it may be compared with."""
        return self.actor, self.beneficiary, self.object

    @property
    def outlet(self) -> str | None:
        """Mention → the newsroom that reports it."""
        return self.source or urlsplit(self.url or "").hostname

    @property
    def witness(self) -> str:
        """Mention → who stands for it: a newsroom that reports twice is still one."""
        return self.outlet or self.article_id

    @property
    def day(self) -> date:
        """Mention → the day it is filed under: of the act, else of the report."""
        return self.event_date or self.reported.date()


def make_mention(row: Mapping[str, Any]) -> Mention:
    """Claim of an event row → the mention.

    Args:
        row: columns of `events`; `actor` and `beneficiary`, one of each; `copies` and `copy_sources` of the
            article.
    """
    reported = row["published_at"] or row["first_seen"]
    earliest, latest = _possible_days(row, reported.date())
    return Mention(
        **{name: row[name] for name in _AS_STORED},
        with_actors=tuple(other for other in row["actors"] if other != row["actor"]),
        precision=row["event_date_precision"],
        basis=row["event_date_basis"],
        reported=reported,
        evidence=tuple((e["field"], e["start"], e["end"], e["text"]) for e in row["evidence"]),
        copy_sources=tuple(row["copy_sources"]),
        earliest=earliest,
        latest=latest,
        priority=(row["alliance"] is None, _vagueness(row), row["first_seen"], row["event_id"]),
    )


def _possible_days(row: Mapping[str, Any], reported: date) -> tuple[date, date]:
    day = row["event_date"]
    if day is None:
        if row["factuality"] in ("planned", "possible"):
            return move_day(reported, -PUBLICATION_DAYS), move_day(reported, ANNOUNCED_DAYS)
        back = LASTING_DAYS if row["kind"] in LASTING_KINDS else UNDATED_DAYS
        return move_day(reported, -back), reported
    if row["event_date_precision"] == "year":
        return day.replace(month=1, day=1), day.replace(month=12, day=31)
    if row["event_date_precision"] == "month":
        first = day.replace(day=1)
        return first, move_day(move_day(first, 31).replace(day=1), -1)
    if row["event_date_basis"] == "publication":
        return move_day(day, -PUBLICATION_DAYS), day
    return day, day


def _vagueness(row: Mapping[str, Any]) -> int:
    if row["event_date"] is None:
        return 3
    precision = row["event_date_precision"]
    if precision in VAGUE_PRECISIONS:
        return 2 if precision == "month" else 4
    return int(row["event_date_basis"] == "publication")


def move_day(day: date, days: int) -> date:
    """Day and a number → so many days later, within the calendar."""
    # Dates out of old archives may lie at the end of the calendar.
    return date.fromordinal(min(max(day.toordinal() + days, 1), date.max.toordinal()))
