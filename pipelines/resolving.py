"""Tables → `resolved_events` brought up to date: what several articles report of one event becomes one row.

Takes a data folder under the lock, gives a report of what was done; costs what is new. Where the events were
read by another version of the clustering, or not at all, it starts anew.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final

from deltalake import DeltaTable

from pipelines.claim_reading import ClaimReader, DataFile, Files, near
from transforms.claims import Block, Mention
from transforms.clusters import RESOLVER, cluster_mentions
from transforms.commit import next_batch, open_tables
from transforms.derived import Progress, find_clusters, read_progress, replace_files, stage_derived
from transforms.derived_tables import RESOLVED_EVENTS
from transforms.reclustering import (
    BlockChange,
    Replacement,
    StoredCluster,
    UnknownMentions,
    recluster,
)
from transforms.resolution import resolve_cluster
from transforms.staging import batch_of
from transforms.storage import Place, name_below
from transforms.tables import TABLES
from transforms.windows import Window, window_around

_log = logging.getLogger(__name__)

Committing = Callable[[], AbstractContextManager[None]]

#: Rows of events that are held in memory at once when all is made anew.
_ROWS_AT_ONCE: Final = 50_000
#: Windows are widened so often before it is cheaper to start anew.
_MAX_ROUNDS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """What was done."""

    #: all was made anew
    rebuilt: bool = False
    #: mentions that were looked at
    mentions: int = 0
    #: rows of `resolved_events` written, and how many of before went
    written: int = 0
    dropped: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Changes:
    """What the batches since the last time bring."""

    new: Collection[str]
    removed: Mapping[Block, list[Mention]]
    refreshed: Collection[str]
    windows: Mapping[Block, Window]


def resolve_events(
    data: Place, now: datetime, *, rebuild: bool = False, committing: Committing = nullcontext
) -> Resolved:
    """Data folder under the lock, after `recover` → `resolved_events` as of the last batch.

    Args:
        data: the data folder.
        now: time of removal of replaced files, written to the log.
        rebuild: make all rows anew.
        committing: holds while the rows are committed; nothing is changed before.
    """
    tables = open_tables(data)
    files = {name: _list_files(data, name, table) for name, table in tables.items()}
    if not files["events"]:
        return Resolved()
    target = open_tables(data, (RESOLVED_EVENTS.name,))[RESOLVED_EVENTS.name]
    last = next_batch(data) - 1
    read = read_progress(target, RESOLVER)
    if read is None or rebuild or not _continues(files["events"], read):
        return _make_anew(data, files, target, last, now, committing)
    if read.batch == last:
        return Resolved()
    try:
        return _catch_up(data, files, target, read, last, now, committing)
    except UnknownMentions:
        _log.warning("resolved_events lacks mentions that it should have: it is made anew")
        return _make_anew(data, files, target, last, now, committing)


def _list_files(data: Place, name: str, table: DeltaTable) -> list[DataFile]:
    listing = table.get_add_actions(flatten=True)
    columns = ("path", f"partition.{TABLES[name].partition}", "num_records")
    return [
        DataFile(path=data / name / path, batch=batch_of(path), month=month, rows=rows)
        for path, month, rows in zip(*(listing.column(c).to_pylist() for c in columns), strict=True)
    ]


def _continues(events: Iterable[DataFile], read: Progress) -> bool:
    """Whether the events that were read are those that are there: none put back, none joined unread."""
    return sum(file.rows for file in events if file.batch is None or file.batch <= read.batch) == read.rows


def _make_anew(
    data: Place, files: Files, target: DeltaTable, last: int, now: datetime, committing: Committing
) -> Resolved:
    rows = sum(file.rows for file in files["events"])
    parts = 1 + rows // _ROWS_AT_ONCE
    staged, mentions, written = [], 0, 0
    with ClaimReader(files) as reader:
        for part in range(parts):
            made = []
            for _, block in groupby(reader.read_part(part, parts), key=lambda mention: mention.block):
                some = list(block)
                mentions += len(some)
                made += [resolve_cluster(cluster) for cluster in cluster_mentions(some)]
            written += len(made)
            staged += stage_derived(data, RESOLVED_EVENTS, made, f"{last:08d}")
    old = _list_files(data, RESOLVED_EVENTS.name, target)
    replaced = [name_below(file.path, data / RESOLVED_EVENTS.name) for file in old]
    progress = Progress(batch=last, rows=rows)
    with committing():
        replace_files(data, RESOLVED_EVENTS, target, staged, replaced, RESOLVER, progress, now)
    dropped = sum(file.rows for file in old)
    return Resolved(rebuilt=True, mentions=mentions, written=written, dropped=dropped)


def _catch_up(
    data: Place,
    files: Files,
    target: DeltaTable,
    read: Progress,
    last: int,
    now: datetime,
    committing: Committing,
) -> Resolved:
    changes = _find_changes(files, read.batch)
    if not changes.windows:
        return Resolved()
    replacements, looked_at = _recluster_windows(data, files, target, changes)
    dropped: dict[str, list[str]] = defaultdict(list)
    for cluster in (one for replacement in replacements for one in replacement.dropped):
        dropped[cluster.path].append(cluster.resolved_id)
    made = [resolve_cluster(one) for replacement in replacements for one in replacement.made]
    staged = stage_derived(data, RESOLVED_EVENTS, made, f"{last:08d}", dropped)
    progress = Progress(batch=last, rows=sum(file.rows for file in files["events"]))
    with committing():
        replace_files(data, RESOLVED_EVENTS, target, staged, dropped, RESOLVER, progress, now)
    gone = sum(len(ids) for ids in dropped.values())
    return Resolved(mentions=looked_at, written=len(made), dropped=gone)


def _find_changes(files: Files, read: int) -> _Changes:
    recent = {
        name: [file for file in some if file.batch is not None and file.batch > read]
        for name, some in files.items()
    }
    if not recent["events"] and not recent["articles"]:
        return _Changes(new=(), removed={}, refreshed=(), windows={})
    with ClaimReader(recent) as reader:
        revised, copied = reader.find_revised(), reader.find_originals()
        come = list(reader.read_every())
    older: list[Mention] = []
    if revised or copied:
        with ClaimReader(files) as reader:
            copied |= reader.find_originals_of(revised)
            older = list(reader.read_articles(revised | copied))
    windows: dict[Block, Window] = {}
    removed: dict[Block, list[Mention]] = defaultdict(list)
    for mention in (*come, *older):
        window = window_around(mention)
        windows[mention.block] = window.join(windows.get(mention.block, window))
    for mention in older:
        if mention.article_id in revised:
            removed[mention.block].append(mention)
    return _Changes(
        new={mention.event_id for mention in come},
        removed=removed,
        refreshed={mention.event_id for mention in older},
        windows=windows,
    )


def _recluster_windows(
    data: Place, files: Files, target: DeltaTable, changes: _Changes
) -> tuple[list[Replacement], int]:
    """Changes → what to replace, and how many mentions it took to tell: windows grow until that is clear."""
    done: list[Replacement] = []
    windows = dict(changes.windows)
    looked_at = 0
    for _ in range(_MAX_ROUNDS):
        loaded: dict[Block, list[Mention]] = defaultdict(list)
        with ClaimReader({**files, "events": near(files["events"], windows)}) as reader:
            for mention in reader.read_windows(windows):
                loaded[mention.block].append(mention)
                looked_at += 1
        stored = _read_stored(data, target, windows, loaded, changes.new)
        wider: dict[Block, Window] = {}
        for block, window in windows.items():
            replacement = recluster(
                BlockChange(
                    window=window,
                    mentions=loaded[block],
                    stored=stored.get(block, ()),
                    removed=changes.removed.get(block, ()),
                    new=changes.new,
                    refreshed=changes.refreshed,
                )
            )
            if replacement.wider is None:
                done.append(replacement)
            else:
                wider[block] = replacement.wider
        if not wider:
            return done, looked_at
        windows = wider
    raise UnknownMentions


def _read_stored(
    data: Place,
    target: DeltaTable,
    windows: Mapping[Block, Window],
    loaded: Mapping[Block, Iterable[Mention]],
    new: Collection[str],
) -> Mapping[Block, list[StoredCluster]]:
    """Windows → the stored clusters of their mentions, which may be filed under other months than those."""
    every = _list_files(data, RESOLVED_EVENTS.name, target)
    found = find_clusters(data, RESOLVED_EVENTS, (file.path for file in near(every, windows)), windows)
    for block, mentions in loaded.items():
        known = {one for cluster in found.get(block, ()) for one in cluster.event_ids}
        if not {mention.event_id for mention in mentions}.issubset(known | set(new)):
            return find_clusters(data, RESOLVED_EVENTS, (file.path for file in every), windows)
    return found
