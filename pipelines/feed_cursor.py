"""Feed as it was listed, and reports of its polls → how far it was followed, and what is new in it. Pure.

What the state file remembers on one machine stands in a cursor that travels with the feed: its validators,
when it is due, and what it listed last. Whether an item that another poll or feed has given is news is
decided by who knows all items (`live_items`).
"""

from dataclasses import dataclass, replace

from pipelines.state import FollowedFeed, PollReport
from transforms.feed_list import ListedFeed
from transforms.identity import digest_strings
from transforms.items import Item
from transforms.polling import PollPolicy, PollState, plan_next

#: hexadecimal digits that tell one of a feed's items from another
_MARK = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedCursor:
    """How far a feed was followed."""

    feed: FollowedFeed
    #: marks of the items that it listed last, and of what they said
    listed: frozenset[str] = frozenset()


def start_cursor(listed: ListedFeed, policy: PollPolicy) -> FeedCursor:
    """Feed of a list → the cursor before its first poll: it is due at once."""
    return FeedCursor(
        feed=FollowedFeed(
            url=listed.url,
            outlet=listed.outlet,
            address=listed.url,
            etag=None,
            last_modified=None,
            body_sha256=None,
            whole_at=0.0,
            poll=PollState(interval=policy.interval_first),
        )
    )


def move_cursor(
    cursor: FeedCursor, report: PollReport, policy: PollPolicy, chance: float
) -> tuple[FeedCursor, tuple[Item, ...]]:
    """Cursor and the report of a poll → the cursor after it, and the items that weren't listed before.

    Args:
        cursor: before the poll.
        report: of the poll.
        policy: bounds of the interval between two polls.
        chance: from 0 to 1, for the moment of the next poll.
    """
    marks = {_mark(item): item for item in report.items}
    new = tuple(item for mark, item in marks.items() if mark not in cursor.listed)
    result = replace(report.result, new=len(new))
    state = plan_next(report.feed.poll, result, policy, now=report.at, chance=chance)
    listed = frozenset(marks) if report.result.outcome == "read" else cursor.listed
    return FeedCursor(feed=replace(report.feed, poll=state), listed=listed), new


def _mark(item: Item) -> str:
    return digest_strings(item.identity, item.said)[:_MARK]
