"""Clusters of a block as stored, and what has changed → which of them go, and which come in their place.

Takes what lies within a window of days, gives the clusters to replace or the wider window that it takes to
tell; rejects stored clusters that lack mentions (`UnknownMentions`).
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from transforms.claims import Mention
from transforms.clusters import settle_block
from transforms.windows import Window, window_around


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCluster:
    """A row of `resolved_events`, as far as clustering needs it."""

    resolved_id: str
    #: the data file it stands in
    path: str
    #: of its mentions, the leader's first
    event_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockChange:
    """A block within a window, and what has changed since its clusters were stored."""

    window: Window
    #: those of now
    mentions: Sequence[Mention]
    stored: Sequence[StoredCluster]
    #: those of before that are gone or have changed, as they were
    removed: Sequence[Mention]
    #: those that have come or changed
    new: Collection[str]
    #: those that stay, but count differently
    refreshed: Collection[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """The clusters that go and those that come; or the window it takes to tell."""

    dropped: Sequence[StoredCluster] = ()
    #: each with its leader first
    made: Sequence[Sequence[Mention]] = ()
    wider: Window | None = None


class UnknownMentions(Exception):
    """Mentions that should have been resolved before are in no stored cluster: all must be made anew."""


def recluster(change: BlockChange) -> Replacement:
    """Change of a block → what to replace, the same as if all were made anew.

    Raises:
        UnknownMentions: the stored clusters lack mentions that are not new.
    """
    loaded = {mention.event_id: mention for mention in change.mentions}
    cluster_of = {event_id: one for one in change.stored for event_id in one.event_ids}
    gone = {mention.event_id for mention in change.removed}
    if not (loaded.keys() - change.new).issubset(cluster_of):
        raise UnknownMentions
    before = {event_id: cluster_of[event_id].event_ids[0] for event_id in loaded.keys() - change.new - gone}
    settlement = settle_block(change.mentions, before, change.removed)
    moved = {mention.event_id for mention in settlement.touched}
    groups: dict[str, list[Mention]] = defaultdict(list)
    for mention in change.mentions:
        groups[settlement.leaders[mention.event_id]].append(mention)
    concerned = moved | gone | set(change.refreshed)
    leaders = {settlement.leaders[one] for one in concerned if one in loaded}
    dropped: dict[str, StoredCluster] = {}
    # A cluster that loses or gains a mention goes, and with it comes what its others are in now.
    for event_id in [*concerned, *leaders]:
        if (cluster := cluster_of.get(event_id)) is not None:
            dropped[cluster.resolved_id] = cluster
            leaders |= {settlement.leaders[one] for one in cluster.event_ids if one in loaded}
    wider = _find_wider(change.window, settlement.touched, dropped.values(), loaded, gone)
    if wider is not None:
        return Replacement(wider=wider)
    made = [sorted(groups[leader], key=lambda m: m.event_id != leader) for leader in sorted(leaders)]
    return Replacement(dropped=tuple(dropped.values()), made=made)


def _find_wider(
    window: Window,
    touched: Sequence[Mention],
    dropped: Collection[StoredCluster],
    loaded: Mapping[str, Mention],
    gone: Collection[str],
) -> Window | None:
    wider = window
    for mention in touched:
        wider = wider.join(window_around(mention))
    for cluster in dropped:
        if not all(one in loaded or one in gone for one in cluster.event_ids):
            # All of a cluster lie around its leader, and that around each of them.
            for event_id in cluster.event_ids:
                if event_id in loaded:
                    wider = wider.join(window_around(loaded[event_id]))
            if wider == window:
                wider = wider.grow()
    return None if wider == window else wider
