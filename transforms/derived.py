"""Rows derived from a table → the derived table, brought up to date in one commit; safe to kill at any point.

Takes the rows that are new and the files they replace, gives the log entry that makes them count, with how far the
events had been read. A crash before it leaves the old state and files that `recover` removes.
"""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Transaction
from deltalake.transaction import AddAction, RemoveAction

from transforms.commit import move_into_table, remove_unreferenced, sync_log
from transforms.data_folder import os_errors_as_unwritable
from transforms.rows import Row
from transforms.staging import STAGING, StagedFile, stage_content
from transforms.tables import Table


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


def stage_derived(data: Path, layout: Table, rows: Iterable[Row], label: str) -> list[StagedFile]:
    """Rows of a derived table → staged files, one for each partition."""
    partitions: dict[str, list[Row]] = {}
    for row in rows:
        partitions.setdefault(str(row[layout.partition]), []).append(row)
    return [
        stage_kept(data, layout, value, pa.Table.from_pylist(some, schema=layout.file_schema), label)
        for value, some in sorted(partitions.items())
    ]


def stage_kept(data: Path, layout: Table, value: str, content: pa.Table, label: str) -> StagedFile:
    """Rows of one partition of a derived table → a staged file."""
    return stage_content(_staging(data), layout, value, content, label)


def replace_files(
    data: Path,
    layout: Table,
    table: DeltaTable,
    staged: Sequence[StagedFile],
    replaced: Mapping[str, str],
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
        replaced: path of each file that is replaced → its partition.
        maker: name and version of what made the rows.
        progress: how far it has read.
        now: time of removal, written to the log.
    """
    folder = data / layout.name
    with os_errors_as_unwritable(folder):
        actions: list[AddAction | RemoveAction] = []
        actions += move_into_table(folder, _staging(data) / layout.name, layout, staged, data_change=True)
        kept = {file.path for file in staged}
        for path, value in replaced.items():
            # A file is named after its content: one that stays the same is not replaced.
            if path not in kept:
                actions.append(
                    RemoveAction(
                        path=path,
                        data_change=True,
                        deletion_timestamp=int(now.timestamp() * 1000),
                        size=(folder / path).stat().st_size,
                        partition_values={layout.partition: value},
                    )
                )
        transactions = [
            Transaction(f"{maker}/batch", progress.batch),
            Transaction(f"{maker}/rows", progress.rows),
        ]
        table.create_write_transaction(
            actions,
            "append",
            table.schema(),
            [layout.partition],
            commit_properties=CommitProperties(app_transactions=transactions),
        )
        sync_log(folder)
        shutil.rmtree(_staging(data), ignore_errors=True)
        remove_unreferenced(data, layout, DeltaTable(str(folder)))


def _staging(data: Path) -> Path:
    return data / STAGING / "derived"
