"""Tables → `resolved_events` brought up to date: what several articles report of one event becomes one row.

Takes a data folder under the lock, gives a report of what was done; costs what is new. Where the events were read by
another version of the clustering, or not at all, it starts anew.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from pipelines.query import connect
from transforms.claims import Block, Mention, make_mention
from transforms.clusters import RESOLVER, settle_block
from transforms.commit import open_tables
from transforms.derived import Progress, read_progress, replace_files, stage_derived
from transforms.resolution import resolve_cluster
from transforms.rows import Row
from transforms.tables import RESOLVED_EVENTS, TABLES

#: Claims that are held in memory at once when all are resolved anew.
_CLAIMS_AT_ONCE: Final = 50_000

_CLAIMS: Final = """
SELECT e.* REPLACE (list_slice(e.evidence, 1, 5) AS evidence), x.actor, y.beneficiary,
    coalesce(c.copies, 0) AS copies, coalesce(c.copy_sources, []) AS copy_sources
FROM events AS e
LEFT JOIN (
    SELECT duplicate_of AS article_id, count(*) AS copies,
        list_sort(list(DISTINCT source) FILTER (WHERE source IS NOT NULL)) AS copy_sources
    FROM articles WHERE duplicate_of IS NOT NULL GROUP BY duplicate_of
) AS c USING (article_id),
    unnest(e.actors) AS x (actor),
    unnest(e.beneficiaries) AS y (beneficiary)
-- Joint applicants each ask for themselves.
WHERE NOT (e.kind = 'apply' AND x.actor <> y.beneficiary AND list_contains(e.beneficiaries, x.actor))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """What was done."""

    #: all was made anew
    rebuilt: bool = False
    #: mentions that were looked at
    mentions: int = 0
    #: rows written, in place of so many
    written: int = 0
    replaced: int = 0


def resolve_events(data: Path, now: datetime, *, rebuild: bool = False) -> Resolved:
    """Data folder under the lock, after `recover` → `resolved_events` as of the last batch.

    Args:
        data: the data folder.
        now: time of removal of replaced files, written to the log.
        rebuild: make all rows anew.
    """
    tables = open_tables(data)
    listings = {
        name: table.get_add_actions(flatten=True).select(
            ["path", f"partition.{TABLES[name].partition}", "num_records"]
        )
        for name, table in tables.items()
    }
    paths = {name: [str(p) for p in listing.column("path").to_pylist()] for name, listing in listings.items()}
    if not paths["events"]:
        return Resolved()
    target = open_tables(data, (RESOLVED_EVENTS.name,))[RESOLVED_EVENTS.name]
    rows = sum(listings["events"].column("num_records").to_pylist())
    last = max(table.transaction_version("alliance-watch") or 0 for table in tables.values())
    progress = read_progress(target, RESOLVER)
    if not rebuild and progress and progress.rows == rows and progress.batch == last:
        return Resolved()
    files = {name: [data / name / path for path in paths.get(name, ())] for name in TABLES}
    staged, mentions, written = [], 0, 0
    connection = connect(files)
    shards = 1 + rows // _CLAIMS_AT_ONCE
    try:
        for shard in range(shards):
            sql = f"{_CLAIMS} AND hash(x.actor, y.beneficiary, e.object) % {shards} = {shard}"
            found = [
                make_mention(row)
                for batch in connection.sql(sql).to_arrow_reader(10_000)
                for row in batch.to_pylist()
            ]
            made = list(_resolve_blocks(found))
            staged += stage_derived(data, RESOLVED_EVENTS, made, f"{last:08d}")
            mentions += len(found)
            written += len(made)
    finally:
        connection.close()
    old = target.get_add_actions(flatten=True)
    replaced = dict(
        zip(old.column("path").to_pylist(), old.column("partition.event_month").to_pylist(), strict=True)
    )
    replace_files(
        data, RESOLVED_EVENTS, target, staged, replaced, RESOLVER, Progress(batch=last, rows=rows), now
    )
    return Resolved(rebuilt=True, mentions=mentions, written=written, replaced=len(replaced))


def _resolve_blocks(mentions: Iterable[Mention]) -> Iterator[Row]:
    blocks: dict[Block, list[Mention]] = defaultdict(list)
    for mention in mentions:
        blocks[mention.block].append(mention)
    for block in blocks.values():
        by_id = {mention.event_id: mention for mention in block}
        clusters: dict[str, list[Mention]] = defaultdict(list)
        for event_id, leader in settle_block(block, {}).leaders.items():
            clusters[leader].append(by_id[event_id])
        for leader, members in clusters.items():
            yield resolve_cluster(sorted(members, key=lambda m: m.event_id != leader))
