"""Feeds that never end → items as documents, each revision once: where a live job on a cluster begins.

A list of feeds is looked at from time to time, each feed in it polled when it is due, each new item numbered
by what is known of it. How far a feed was followed stands in its cursor (`feed_cursor`); what is known of an
item stands in keyed state, and is forgotten when the watermark has left it far behind.
"""

import logging
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apache_beam as beam
from apache_beam.coders import FastPrimitivesCoder
from apache_beam.metrics import Metrics
from apache_beam.pvalue import PCollection
from apache_beam.transforms.timeutil import TimeDomain
from apache_beam.transforms.userstate import BagStateSpec, TimerSpec, on_timer
from apache_beam.transforms.window import TimestampedValue
from apache_beam.utils.timestamp import Duration, Timestamp

from pipelines.cursor_tracking import CURSOR, END, START, WATERMARK, advance_watermark
from pipelines.feed_cursor import FeedCursor, move_cursor, start_cursor
from pipelines.network_thread import Network, open_network
from transforms.feed_list import BadFeedList, ListedFeed, read_feed_list
from transforms.items import Item, make_document, number_revision
from transforms.polling import PollPolicy, is_due
from transforms.records import RawDocument

_log = logging.getLogger(__name__)

#: seconds between two looks at the list of feeds
_LOOK = 30.0
#: seconds by which the watermark stays behind the clock; what was published before is late, and comes too
LATENESS = 2 * 86_400.0
#: seconds for which an item is known again after it was new
_KEPT = 400 * 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSource:
    """What is followed, and how."""

    #: path of the list of feeds, the same for all workers
    feeds: str
    network: Network
    #: whether each feed is asked once only
    once: bool = False
    clock: Callable[[], float] = time.time
    chance: Callable[[], float] = random.random

    @property
    def policy(self) -> PollPolicy:
        """When a feed is polled next."""
        return self.network.fetch.policy


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedItem:
    """An item as a poll found it."""

    item: Item
    #: address of the feed, and the outlet's name as the list has it
    feed: str
    outlet: str


class FollowFeeds(beam.PTransform[PCollection[str], PCollection[RawDocument]]):
    """Path of a list of feeds → the documents of their items, with the feed's text."""

    def __init__(self, source: LiveSource) -> None:
        super().__init__()
        self._source = source

    def expand(self, lists: PCollection[str]) -> PCollection[RawDocument]:
        """Look at the list, poll what is on it, number what is new."""
        rules = self._source.network.fetch.rules
        return (
            lists
            | "List feeds" >> beam.ParDo(_ListFeeds(self._source)).with_output_types(ListedFeed)
            | "Spread feeds" >> beam.Reshuffle()
            | "Poll" >> beam.ParDo(_Poll(self._source)).with_output_types(ListedItem)
            | "By identity"
            >> beam.Map(lambda listed: (listed.item.identity, listed)).with_output_types(
                tuple[str, ListedItem]
            )
            | "Number revisions"
            >> beam.ParDo(_NumberRevisions(rules.max_revisions, self._source.clock)).with_output_types(
                RawDocument
            )
        )


@dataclass(frozen=True, slots=True)
class _ListCursor:
    given: frozenset[str]


class _ListFeeds(beam.DoFn):
    """Path of a list → its feeds, and those that are added to it later; the cursor: addresses given out."""

    def __init__(self, source: LiveSource) -> None:
        self._source = source

    @beam.DoFn.unbounded_per_element()
    def process(
        self,
        element: str,
        tracker: Any = CURSOR,
        watermark: Any = WATERMARK,
    ) -> Iterable[ListedFeed]:
        cursor = tracker.current_restriction()
        given = frozenset() if cursor == START else cursor.given
        feeds = read_list(Path(element))
        advance_watermark(watermark, self._source.clock())
        new = [feed for feed in feeds if feed.url not in given]
        after = _ListCursor(given.union(feed.url for feed in new))
        if not tracker.try_claim(END if self._source.once else after):
            return
        yield from new
        if not self._source.once:
            tracker.defer_remainder(Duration(_LOOK))


def is_listed(path: Path, url: str) -> bool:
    """Path of a list and address of a feed → whether it is there; one that can't be read takes none away."""
    feeds = read_list(path)
    return not feeds or any(feed.url == url for feed in feeds)


def read_list(path: Path) -> tuple[ListedFeed, ...]:
    """Path of a list → its feeds as of now; none, and a warning, where it can't be read."""
    try:
        return read_feed_list(path.read_bytes(), str(path))
    except (OSError, BadFeedList) as error:
        _log.warning("no feeds are added: %s", error)
        return ()


class _Poll(beam.DoFn):
    """Feed → its new items; how far it was followed stands in the cursor."""

    def __init__(self, source: LiveSource) -> None:
        self._source = source
        self._late = Metrics.counter("items", "late")

    @beam.DoFn.unbounded_per_element()
    def process(
        self,
        element: ListedFeed,
        tracker: Any = CURSOR,
        watermark: Any = WATERMARK,
    ) -> Iterable[TimestampedValue]:
        source = self._source
        reached = tracker.current_restriction()
        cursor: FeedCursor = start_cursor(element, source.policy) if reached == START else reached
        now = source.clock()
        advance_watermark(watermark, now - LATENESS)
        if not source.once and not is_listed(Path(source.feeds), element.url):
            # It may come back: its cursor is kept.
            tracker.defer_remainder(Duration(source.policy.interval_max))
            return
        if not is_due(cursor.feed.poll, source.policy, now=now, impatient=source.once):
            tracker.defer_remainder(Duration(cursor.feed.poll.next_poll - now))
            return
        report = open_network(source.network).poll(cursor.feed, now)
        Metrics.counter("polls", report.result.outcome).inc()
        after, new = move_cursor(cursor, report, source.policy, source.chance())
        ends = source.once or after.feed.poll.retired
        if not tracker.try_claim(END if ends else after):
            return
        for item in new:
            yield stamp(item, element, now, self._late)
        if not ends:
            tracker.defer_remainder(Duration(max(after.feed.poll.next_poll - source.clock(), 0)))


def stamp(item: Item, feed: ListedFeed, now: float, late: Any) -> TimestampedValue:
    """Item and its feed → the item at its moment of publication; now where it says none, or one to come."""
    published = item.published_at.timestamp() if item.published_at else now
    if published < now - LATENESS:
        late.inc()
    listed = ListedItem(item=item, feed=feed.url, outlet=feed.outlet)
    return TimestampedValue(listed, Timestamp.of(min(max(published, 0.0), now)))


class _NumberRevisions(beam.DoFn):
    """Items by identity → documents of those revisions that aren't known."""

    KNOWN = BagStateSpec("known", FastPrimitivesCoder())
    FORGET = TimerSpec("forget", TimeDomain.WATERMARK)

    def __init__(self, max_revisions: int, clock: Callable[[], float]) -> None:
        self._max_revisions = max_revisions
        self._clock = clock

    def process(
        self,
        element: tuple[str, ListedItem],
        known: Any = beam.DoFn.StateParam(KNOWN),  # noqa: B008
        forget: Any = beam.DoFn.TimerParam(FORGET),  # noqa: B008
    ) -> Iterable[RawDocument]:
        listed = element[1]
        item, said = listed.item, listed.item.said
        revision = number_revision(tuple(known.read()), listed.feed, said, self._max_revisions)
        if revision is None:
            return
        known.add((listed.feed, revision, said))
        forget.set(Timestamp.of(self._clock() + _KEPT))
        yield make_document(item, revision, origin=listed.feed, outlet=listed.outlet or None)

    @on_timer(FORGET)
    def forget(self, known: Any = beam.DoFn.StateParam(KNOWN)) -> None:  # noqa: B008
        known.clear()
