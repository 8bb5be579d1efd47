"""State and progress of a continuous run → its metrics, its trouble, and feeds that have fallen silent."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from pipelines.health import Sample, write_metrics
from pipelines.state import read_state
from pipelines.watch import Progress
from transforms.tables import TABLES

#: a feed is silent when nothing new has come for so many times its usual gap, and at least so many seconds
_SILENT_GAPS = 10.0
_SILENT_AFTER = 86_400.0
#: seconds without a sign of life after which something hangs
_STUCK_AFTER = 300.0
_BATCH_STUCK_AFTER = 1_800.0

MEANINGS: Mapping[str, str] = {
    "alliance_watch_feeds": "Feeds that are followed, by state.",
    "alliance_watch_feed_lag_seconds": "Longest time for which a feed that is due has not been polled.",
    "alliance_watch_polls_total": "Polls since the start, by outcome.",
    "alliance_watch_pages_total": "Pages asked for since the start, by outcome.",
    "alliance_watch_new_items_total": "New and changed items since the start.",
    "alliance_watch_waiting_items": "Items that are not in the tables yet, by what they wait for.",
    "alliance_watch_batches_total": "Batches committed since the start.",
    "alliance_watch_batch_seconds_total": "Seconds spent on them.",
    "alliance_watch_last_batch_timestamp_seconds": "When the last batch was committed.",
    "alliance_watch_documents_total": "Documents since the start, by what became of them.",
    "alliance_watch_rejects_total": "Rejected documents since the start, by reason.",
    "alliance_watch_events_total": "Events found since the start.",
    "alliance_watch_table_bytes": "Size of the data files of each table.",
    "alliance_watch_table_files": "Data files of each table.",
}


def list_samples(data: Path, progress: Progress, now: float) -> list[Sample]:
    """Data folder and progress → the samples of `/metrics`."""
    prefix = "alliance_watch_"
    vitals, counts = progress.vitals, progress.counts
    samples: list[Sample] = [
        (f"{prefix}new_items_total", {}, vitals.new_items),
        (f"{prefix}batches_total", {}, progress.batches),
        (f"{prefix}batch_seconds_total", {}, progress.batch_seconds),
        (f"{prefix}last_batch_timestamp_seconds", {}, progress.last_batch),
        (f"{prefix}events_total", {}, counts.events.total()),
    ]
    tallies = (
        ("polls_total", "outcome", vitals.polls),
        ("pages_total", "outcome", vitals.pages),
        ("documents_total", "outcome", counts.documents),
        ("rejects_total", "reason", counts.rejected),
    )
    for name, label, tally in tallies:
        samples += [(prefix + name, {label: key}, value) for key, value in sorted(dict(tally).items())]
    with closing(read_state(data)) as state:
        samples += [(f"{prefix}feeds", {"state": name}, value) for name, value in count_feeds(state).items()]
        samples.append((f"{prefix}feed_lag_seconds", {}, find_lag(state, now)))
        ready, pages = state.execute(
            "SELECT coalesce(sum(page_due IS NULL), 0), coalesce(sum(page_due IS NOT NULL), 0)"
            " FROM items WHERE batch IS NULL"
        ).fetchone()
        for name, value in (("batch", ready), ("page", pages)):
            samples.append((f"{prefix}waiting_items", {"for": name}, value))
    for name, table in TABLES.items():
        sizes = []
        for path in data.glob(f"{name}/{table.partition}=*/*.parquet"):
            try:
                sizes.append(path.stat().st_size)
            except FileNotFoundError:
                continue
        samples.append((f"{prefix}table_bytes", {"table": name}, sum(sizes)))
        samples.append((f"{prefix}table_files", {"table": name}, len(sizes)))
    return samples


def give_metrics(data: Path, progress: Progress, now: float) -> str:
    """Data folder and progress → the text of `/metrics`."""
    return write_metrics(list_samples(data, progress, now), MEANINGS)


def find_trouble(progress: Progress, now: float) -> str | None:
    """Progress → what hangs, in words; None where all is well."""
    if now - progress.vitals.last_look > _STUCK_AFTER:
        return "the feeds are not looked at"
    if now - progress.last_turn > _BATCH_STUCK_AFTER:
        return "the batch does not end"
    return None


def count_feeds(state: sqlite3.Connection) -> dict[str, int]:
    """State → how many listed feeds are well, fail, are retired or were never asked."""
    rows = state.execute(
        "SELECT CASE WHEN retired THEN 'retired' WHEN failures > 0 THEN 'failing'"
        " WHEN last_poll IS NULL THEN 'new' ELSE 'well' END AS state, count(*) FROM feeds WHERE listed"
        " GROUP BY state"
    )
    return dict.fromkeys(("well", "failing", "retired", "new"), 0) | dict(rows)


def find_lag(state: sqlite3.Connection, now: float) -> float:
    """State → for how many seconds the feed has been due that has waited longest; 0 where none waits."""
    (oldest,) = state.execute(
        "SELECT min(max(next_poll, added)) FROM feeds WHERE listed AND NOT retired"
    ).fetchone()
    return max(0.0, now - oldest) if oldest is not None else 0.0


def find_silent(state: sqlite3.Connection, now: float) -> list[tuple[str, float]]:
    """State → feeds that used to deliver and have fallen silent, with the seconds since something was new."""
    rows = state.execute(
        "SELECT url, last_new FROM feeds WHERE listed AND NOT retired AND mean_gap IS NOT NULL"
        " AND ? - last_new > max(?, ? * mean_gap) ORDER BY last_new",
        (now, _SILENT_AFTER, _SILENT_GAPS),
    )
    return [(url, now - last_new) for url, last_new in rows]
