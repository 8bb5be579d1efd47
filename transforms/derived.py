"""Rows derived from a table → the derived table, brought up to date in one commit; safe to kill at any point.

Takes the rows that are new and the files they replace, gives the log entry that makes them count, with how
far the events had been read. A crash before it leaves the old state and files that `recover` removes.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable, Transaction

from transforms.claims import Block
from transforms.columns import Table
from transforms.commit import move_into_table, remove_unreferenced, write_transaction
from transforms.data_folder import os_errors_as_unwritable
from transforms.reclustering import StoredCluster
from transforms.replacement import name_replaced, remove_actions
from transforms.rows import Row
from transforms.staging import StagedFile, files_folder, remove_waiting, stage_content
from transforms.storage import Place, name_below, open_delta, open_parquet

_BLOCK: Final = ("actor", "beneficiary", "object")
_SEPARATOR: Final = "\x1f"
_STAGED: Final = "derived"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a derived table has read the events."""

    #: the last batch it has read
    batch: int
    #: rows of events up to there, to notice that they were put back or joined unread
    rows: int


def read_progress(table: DeltaTable, maker: str) -> Progress | None:
    """Derived table → how far it has read the events; None where another maker made it, or nobody yet."""
    batch, rows = (table.transaction_version(f"{maker}/{name}") for name in ("batch", "rows"))
    return None if batch is None or rows is None else Progress(batch=batch, rows=rows)


def stage_derived(
    data: Place,
    layout: Table,
    rows: Iterable[Row],
    label: str,
    dropped: Mapping[str, Collection[str]] | None = None,
) -> list[StagedFile]:
    """New rows and those dropped → staged files, one for each partition concerned.

    Args:
        data: the data folder.
        layout: of the derived table.
        rows: the new ones.
        label: what the files are called.
        dropped: path of each file that is replaced → ids, in its first column, of the rows that go.
    """
    partitions: dict[str, list[Row]] = {}
    for row in rows:
        partitions.setdefault(str(row[layout.partition]), []).append(row)
    content = {
        value: [pa.Table.from_pylist(some, schema=layout.file_schema)] for value, some in partitions.items()
    }
    identity = layout.schema.names[0]
    for path, ids in (dropped or {}).items():
        old = open_parquet(data / layout.name / path).read()
        kept = old.filter(pc.invert(pc.is_in(old[identity], pa.array(sorted(ids), pa.string()))))
        if kept.num_rows:
            value = path.partition("/")[0].partition("=")[2]
            content.setdefault(value, []).append(kept.cast(layout.file_schema))
    return [
        stage_content(files_folder(data, _STAGED), layout, value, pa.concat_tables(parts), label)
        for value, parts in sorted(content.items())
    ]


def find_clusters(
    data: Place, layout: Table, paths: Iterable[Place], blocks: Collection[Block]
) -> dict[Block, list[StoredCluster]]:
    """Data files of `resolved_events` → the clusters of some blocks."""
    wanted = pa.array(sorted(_SEPARATOR.join(block) for block in blocks), pa.string())
    found: dict[Block, list[StoredCluster]] = defaultdict(list)
    for path in paths:
        name = name_below(path, data / layout.name)
        rows = open_parquet(path).read(columns=["resolved_id", *_BLOCK, "mentions"])
        blocks_of = pc.binary_join_element_wise(*(rows[one].cast(pa.string()) for one in _BLOCK), _SEPARATOR)
        for row in rows.filter(pc.is_in(blocks_of, wanted)).to_pylist():
            actor, beneficiary, object_ = (row[one] for one in _BLOCK)
            found[actor, beneficiary, object_].append(
                StoredCluster(
                    resolved_id=row["resolved_id"],
                    path=name,
                    event_ids=tuple(row["mentions"]),
                )
            )
    return found


def replace_files(
    data: Place,
    layout: Table,
    table: DeltaTable,
    staged: Sequence[StagedFile],
    replaced: Iterable[str],
    maker: str,
    progress: Progress,
    now: datetime,
) -> None:
    """Staged files and those they replace → one commit that says how far the events were read.

    Args:
        data: the data folder; hold `write_lock`.
        layout: of the derived table.
        table: the derived table.
        staged: what `stage_derived` gave.
        replaced: paths of the files that are replaced.
        maker: name and version of what made the rows.
        progress: how far it has read.
        now: time of removal, written to the log.
    """
    folder = data / layout.name
    with os_errors_as_unwritable(folder):
        waiting = files_folder(data, _STAGED)
        actions = move_into_table(folder, waiting / layout.name, layout, staged, data_change=True)
        # A file is named after its content: one that stays the same is not replaced.
        kept = {file.path for file in staged}
        gone = [name_replaced(folder, layout, path, now) for path in replaced if path not in kept]
        actions += remove_actions(layout, gone, data_change=True)
        transactions = [
            Transaction(f"{maker}/batch", progress.batch),
            Transaction(f"{maker}/rows", progress.rows),
        ]
        write_transaction(data, layout, table, actions, transactions)
        remove_waiting(data, _STAGED)
        remove_unreferenced(data, layout, open_delta(folder) or table)
