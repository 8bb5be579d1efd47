"""Mention → the days in which others may lie that it is compatible with: what has to be read to place it.

Three spans, as acts that are done once can be told of a year later without a date: days for whatever is
near, days for acts done once, and days for those of them of which no exact day is known.
"""

from datetime import date
from typing import Final, NamedTuple

from transforms.claims import (
    ANNOUNCED_DAYS,
    LASTING_DAYS,
    LASTING_KINDS,
    PUBLICATION_DAYS,
    SLACK_DAYS,
    UNDATED_DAYS,
    VAGUE_PRECISIONS,
    Mention,
    move_day,
)

#: First and last day.
Span = tuple[date, date]

#: By so many days a window grows where nothing tells what else is needed.
_MORE_DAYS: Final = 62


class Window(NamedTuple):
    """Which mentions of a block are read: those whose `day` lies in one of the spans."""

    every: Span
    #: of `LASTING_KINDS`
    lasting: Span
    #: of `LASTING_KINDS`, without an exact day
    vague: Span

    def join(self, other: "Window") -> "Window":
        """Another window → one that holds all of both."""
        return Window(*((min(a[0], b[0]), max(a[1], b[1])) for a, b in zip(self, other, strict=True)))

    def grow(self) -> "Window":
        """The window → a wider one."""
        return Window(*((move_day(a, -_MORE_DAYS), move_day(b, _MORE_DAYS)) for a, b in self))

    def holds(self, mention: Mention) -> bool:
        """Mention → whether it is read."""
        spans = [self.every]
        if mention.kind in LASTING_KINDS:
            spans.append(self.lasting)
            if mention.event_date is None or mention.precision in VAGUE_PRECISIONS:
                spans.append(self.vague)
        return any(first <= mention.day <= last for first, last in spans)


def window_around(mention: Mention) -> Window:
    """Mention → where those lie that it may be compatible with, and what its article says beside it."""
    reported = mention.reported.date()
    # Where only the month or the year is known, a mention is filed under the first day of it.
    first = move_day(mention.earliest, -(SLACK_DAYS + ANNOUNCED_DAYS))
    if mention.kind not in LASTING_KINDS:
        last = move_day(mention.latest, SLACK_DAYS + UNDATED_DAYS)
        near = (min(first.replace(day=1), reported), max(last, reported))
        return Window(near, near, near)
    return Window(
        (
            move_day(min(mention.day, reported), -SLACK_DAYS),
            move_day(max(mention.day, reported), SLACK_DAYS),
        ),
        (
            min(move_day(mention.earliest, -SLACK_DAYS), reported),
            max(move_day(mention.latest, SLACK_DAYS + PUBLICATION_DAYS), reported),
        ),
        (first.replace(month=1, day=1), move_day(mention.latest, SLACK_DAYS + LASTING_DAYS)),
    )
