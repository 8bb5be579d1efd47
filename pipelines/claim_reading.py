"""Data files of events and articles → mentions: of all blocks, of some within a window, or of some articles.

Takes the files of one snapshot, gives what `transforms.clusters` compares. Nothing but the files that may hold what is
asked for is read.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from pipelines.query import connect
from transforms.claims import Block, Mention, make_mention
from transforms.reclustering import Window
from transforms.tables import TABLES

_ROWS_AT_ONCE: Final = 10_000

#: Evidence is cut here already, as no row keeps more.
_CLAIMS: Final = """
SELECT e.* REPLACE (list_slice(e.evidence, 1, 5) AS evidence), x.actor, y.beneficiary,
    coalesce(c.copies, 0) AS copies, coalesce(c.copy_sources, []) AS copy_sources
FROM {events} AS e
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
_DAY: Final = "coalesce(e.event_date, CAST(coalesce(e.published_at, e.first_seen) AS DATE))"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """A data file, with what its name says."""

    path: Path
    #: None where it was joined from several
    batch: int | None
    month: str
    rows: int


Files = Mapping[str, Sequence[DataFile]]


def read_part(files: Files, part: int, parts: int) -> Iterator[Mention]:
    """Data files → the mentions of one part of all blocks, each block as a whole."""
    condition = f"AND hash(x.actor, y.beneficiary, e.object) % {parts} = {part}"
    yield from _read(files, "events", condition)


def read_windows(files: Files, windows: Mapping[Block, Window]) -> Iterator[Mention]:
    """Data files and a window of days for each block → its mentions in there."""
    months = [tuple(f"{day:%Y-%m}".zfill(7) for day in window) for window in windows.values()]
    events = [file for file in files["events"] if any(first <= file.month <= last for first, last in months)]
    names = ("actor", "beneficiary", "object")
    columns: dict[str, pa.Array] = {
        name: pa.array([block[i] for block in windows], pa.string()) for i, name in enumerate(names)
    }
    for i, name in enumerate(("earliest", "latest")):
        columns[name] = pa.array([window[i] for window in windows.values()], pa.date32())
    condition = (
        "AND EXISTS (FROM windows AS w WHERE w.actor = x.actor AND w.beneficiary = y.beneficiary"
        f" AND w.object = e.object AND {_DAY} BETWEEN w.earliest AND w.latest)"
    )
    yield from _read({**files, "events": events}, "events", condition, windows=pa.table(columns))


def read_articles(files: Files, article_ids: Collection[str]) -> Iterator[Mention]:
    """Data files and ids of articles → the mentions of all their revisions."""
    wanted = pa.table({"article_id": pa.array(sorted(article_ids), pa.string())})
    condition = "AND e.article_id IN (SELECT article_id FROM wanted)"
    yield from _read(files, "events_all", condition, wanted=wanted)


def read_every(files: Files) -> Iterator[Mention]:
    """Data files → the mentions of all revisions."""
    yield from _read(files, "events_all", "")


def find_revised(files: Files) -> set[str]:
    """Data files of articles → the articles that have a later revision in them."""
    return _find(files, "SELECT DISTINCT article_id FROM articles_all WHERE revision > 1")


def find_copied(files: Files, article_ids: Collection[str] | None = None) -> set[str]:
    """Data files of articles → the originals that these, or some of them, are or were copies of."""
    if article_ids is None:
        return _find(files, "SELECT DISTINCT duplicate_of FROM articles_all WHERE duplicate_of IS NOT NULL")
    wanted = pa.table({"article_id": pa.array(sorted(article_ids), pa.string())})
    sql = (
        "SELECT DISTINCT duplicate_of FROM articles_all WHERE duplicate_of IS NOT NULL"
        " AND article_id IN (SELECT article_id FROM wanted)"
    )
    return _find(files, sql, wanted=wanted)


def _find(files: Files, sql: str, **tables: pa.Table) -> set[str]:
    connection = connect(_paths(files))
    try:
        for name, table in tables.items():
            connection.register(name, table)
        return {value for (value,) in connection.execute(sql).fetchall()}
    finally:
        connection.close()


def _read(files: Files, events: str, condition: str, **tables: pa.Table) -> Iterator[Mention]:
    connection = connect(_paths(files))
    try:
        for name, table in tables.items():
            connection.register(name, table)
        found: Any = connection.sql(_CLAIMS.format(events=events) + condition)
        for batch in found.to_arrow_reader(_ROWS_AT_ONCE):
            for row in batch.to_pylist():
                yield make_mention(row)
    finally:
        connection.close()


def _paths(files: Files) -> dict[str, list[Path]]:
    return {name: [file.path for file in files.get(name, ())] for name in TABLES}
