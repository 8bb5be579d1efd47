"""Mentions of one block → which of them tell of one event.

A cluster stands around its leader, so that daily reports never chain up: a mention leads if it is compatible
with no leader before it (more exact, then processed earlier), else it joins the nearest. Which mentions
lead is thereby fixed by the set of mentions alone, in whatever order they arrive: `settle_block` continues
from what is known and gives what it would give for all of them anew. (The leaders are the kernel of an
acyclic graph, which is unique.)
"""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from transforms.claims import LASTING_KINDS, SLACK_DAYS, VAGUE_PRECISIONS, Mention, move_day
from transforms.codebook import NEGATIVE_KINDS

#: Name and version of the clustering; a new one makes `resolved_events` anew.
RESOLVER = "kernel-1"

_BUCKET_DAYS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """Who joins whom in a block."""

    #: event_id → event_id of its leader
    leaders: Mapping[str, str]
    #: mentions whose neighbours were asked about: what this depends on
    touched: Sequence[Mention]


def cluster_mentions(mentions: Sequence[Mention]) -> list[list[Mention]]:
    """Mentions of a block → its clusters, each with its leader first."""
    clusters: dict[str, list[Mention]] = defaultdict(list)
    leaders = settle_block(mentions, {}).leaders
    for mention in mentions:
        clusters[leaders[mention.event_id]].append(mention)
    return [sorted(some, key=lambda m: m.event_id != leader) for leader, some in sorted(clusters.items())]


def settle_block(
    mentions: Sequence[Mention], before: Mapping[str, str], removed: Sequence[Mention] = ()
) -> Settlement:
    """Mentions of a block, and who joined whom before → who joins whom now; costs what is new.

    Args:
        mentions: all that are there now, near what has changed.
        before: event_id → event_id of its leader, for those that were there before.
        removed: those that were there before and are gone; one that has changed is both.
    """
    every = _Neighbours(mentions)
    gone = {mention.event_id for mention in removed}
    joined = {
        m.event_id: before[m.event_id] for m in mentions if m.event_id in before and m.event_id not in gone
    }
    leading = _Neighbours(m for m in mentions if joined.get(m.event_id) == m.event_id)
    waiting = [m for m in mentions if m.event_id not in joined]
    for mention in removed:
        waiting += [m for m in every.near(mention) if can_join(m, mention, every)]
    anew = {m.event_id: m for m in waiting}
    heap = [(m.priority, m.event_id) for m in anew.values()]
    heapq.heapify(heap)
    everything = len(anew) == len(mentions)
    while heap:
        mention = anew[heapq.heappop(heap)[1]]
        leads = not any(can_join(mention, leader, every) for leader in leading.near(mention))
        if leads == leading.contains(mention):
            continue
        (leading.add if leads else leading.remove)(mention)
        for other in () if everything else every.near(mention):
            if other.event_id not in anew and can_join(other, mention, every):
                anew[other.event_id] = other
                heapq.heappush(heap, (other.priority, other.event_id))
    for mention in anew.values():
        joined[mention.event_id] = _choose(mention, leading, every).event_id
    return Settlement(leaders=joined, touched=tuple(anew.values()))


def _choose(mention: Mention, leading: "_Neighbours", every: "_Neighbours") -> Mention:
    if leading.contains(mention):
        return mention
    return min(
        (leader for leader in leading.near(mention) if can_join(mention, leader, every)),
        key=lambda leader: (
            leader.kind != mention.kind,
            leader.alliance != mention.alliance,
            abs((leader.day - mention.day).days),
            leader.priority,
        ),
    )


def can_join(mention: Mention, leader: Mention, every: "_Neighbours") -> bool:
    """Two mentions of a block → whether the first may stand for the same event as the second, which leads.

    Args:
        mention: who would join.
        leader: who comes before it.
        every: the block, for what the mention's article says beside it.
    """
    if leader.priority >= mention.priority or mention.alliance not in (None, leader.alliance):
        return False
    if mention.kind == leader.kind:
        return _same_act(mention, leader)
    return (
        mention.article_id != leader.article_id
        and _same_side(mention, leader)
        and _same_day(mention, leader)
        # An article that tells of both acts doesn't take one for the other.
        and not any(other.kind == leader.kind and _same_act(other, leader) for other in every.beside(mention))
    )


def _same_act(one: Mention, other: Mention) -> bool:
    if (one.factuality == "denied") != (other.factuality == "denied") and one.event_date != other.event_date:
        return False
    if "year" in (one.precision, other.precision) and one.kind not in LASTING_KINDS:
        # 'Gave aid in 2024' sums up: it is none of the single deliveries.
        return one.precision == other.precision and one.event_date == other.event_date
    gap = max(one.earliest, other.earliest) - min(one.latest, other.latest)
    return gap.days <= SLACK_DAYS


def _same_side(one: Mention, other: Mention) -> bool:
    if one.stance == other.stance == "conditional":
        return True
    return _side(one) == _side(other)


def _side(mention: Mention) -> str:
    if mention.kind == "apply" or mention.factuality == "denied":
        return f"{mention.kind} {mention.factuality}"
    return "against" if mention.kind in NEGATIVE_KINDS else "for"


def _same_day(one: Mention, other: Mention) -> bool:
    if one.precision in VAGUE_PRECISIONS or other.precision in VAGUE_PRECISIONS:
        return False
    return abs((one.day - other.day).days) <= SLACK_DAYS


class _Neighbours:
    """Mentions by the stretches of days in which they may have taken place."""

    def __init__(self, mentions: Iterable[Mention]) -> None:
        self._buckets: dict[int, dict[str, Mention]] = defaultdict(dict)
        self._articles: dict[str, list[Mention]] = defaultdict(list)
        self._ids: set[str] = set()
        for mention in mentions:
            self.add(mention)

    def add(self, mention: Mention) -> None:
        self._ids.add(mention.event_id)
        self._articles[mention.article_id].append(mention)
        for bucket in _buckets(mention.earliest, mention.latest):
            self._buckets[bucket][mention.event_id] = mention

    def remove(self, mention: Mention) -> None:
        self._ids.discard(mention.event_id)
        self._articles[mention.article_id].remove(mention)
        for bucket in _buckets(mention.earliest, mention.latest):
            self._buckets[bucket].pop(mention.event_id, None)

    def contains(self, mention: Mention) -> bool:
        return mention.event_id in self._ids

    def beside(self, mention: Mention) -> Iterator[Mention]:
        """Others of the same article."""
        return (one for one in self._articles.get(mention.article_id, ()) if one is not mention)

    def near(self, mention: Mention) -> Iterator[Mention]:
        """Those that may be compatible with it, each once."""
        seen: set[str] = set()
        earliest, latest = move_day(mention.earliest, -SLACK_DAYS), move_day(mention.latest, SLACK_DAYS)
        for bucket in _buckets(earliest, latest):
            for event_id, other in self._buckets.get(bucket, {}).items():
                if event_id not in seen and other is not mention:
                    seen.add(event_id)
                    yield other


def _buckets(earliest: date, latest: date) -> range:
    return range(earliest.toordinal() // _BUCKET_DAYS, latest.toordinal() // _BUCKET_DAYS + 1)
