"""Many small files → few: the upkeep of the data folder, safe to kill at any point.

Takes a data folder under the lock, gives a report; rows, order and column descriptions stay.
Written with pyarrow: delta-rs' `optimize` (1.6) keeps the descriptions, but not the order nor the encodings.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from deltalake import DeltaTable
from deltalake.transaction import AddAction, RemoveAction

from transforms.columns import Table
from transforms.commit import move_into_table, open_tables, recover, remove_unreferenced, write_transaction
from transforms.data_folder import os_errors_as_unwritable
from transforms.replacement import name_replaced, read_rows, remove_actions
from transforms.staging import files_folder, remove_waiting, stage_content
from transforms.storage import Place, delta_refusals, open_delta, remove_empty_folders
from transforms.tables import TABLES

#: Files of one partition are joined until they have this size; larger ones are left alone.
TARGET_BYTES: Final = 32 * 1024 * 1024
_STAGED: Final = "compaction"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableUpkeep:
    """What was done to one table."""

    table: str
    files_before: int
    files_after: int
    #: data files that no snapshot needs any more, removed
    removed: int


def maintain(data: Place, now: datetime, *, target_bytes: int = TARGET_BYTES) -> tuple[TableUpkeep, ...]:
    """Data folder → the same rows in fewer files, one report for each table; old log entries go.

    Joined files replace the old ones in one commit; a crash before it leaves the old state, one after it
    leaves files that `recover` removes. Older versions of a table can't be read afterwards.

    Args:
        data: the data folder; hold `write_lock`.
        now: time of removal, written to the log.
        target_bytes: size up to which files are joined.
    """
    recover(data)
    reports = []
    for name, table in open_tables(data).items():
        layout = TABLES[name]
        before = len(table.file_uris())
        with os_errors_as_unwritable(data / name), delta_refusals(data / name):
            _compact(data, layout, table, now, target_bytes)
            table = open_delta(data / name) or table
            table.create_checkpoint()
            table.cleanup_metadata()
            removed = remove_unreferenced(data, layout, table)
            remove_empty_folders(data / name, f"{layout.partition}=*")
        reports.append(
            TableUpkeep(
                table=name, files_before=before, files_after=len(table.file_uris()), removed=len(removed)
            )
        )
    return tuple(reports)


def _compact(data: Place, layout: Table, table: DeltaTable, now: datetime, target_bytes: int) -> None:
    groups = _groups(layout, table, target_bytes)
    if not groups:
        return
    folder = data / layout.name
    staging = files_folder(data, _STAGED)
    actions: list[AddAction | RemoveAction] = []
    for value, paths in groups:
        content = read_rows(folder, layout, paths)
        joined = stage_content(staging, layout, value, content, "joined")
        actions += move_into_table(folder, staging / layout.name, layout, [joined], data_change=False)
        replaced = [name_replaced(folder, layout, path, now) for path in paths]
        actions += remove_actions(layout, replaced, data_change=False)
    write_transaction(data, layout, table, actions)
    remove_waiting(data, _STAGED)


def _groups(layout: Table, table: DeltaTable, target_bytes: int) -> list[tuple[str, list[str]]]:
    listing = table.get_add_actions(flatten=True)
    columns = (
        listing.column(name).to_pylist() for name in ("path", "size_bytes", f"partition.{layout.partition}")
    )
    partitions: dict[str, list[tuple[str, int]]] = {}
    for path, size, value in sorted(zip(*columns, strict=True)):
        if size < target_bytes:
            partitions.setdefault(value, []).append((path, size))
    groups: list[tuple[str, list[str]]] = []
    for value, files in partitions.items():
        group: list[str] = []
        total = 0
        for path, size in files:
            if group and total + size > target_bytes:
                groups.append((value, group))
                group, total = [], 0
            group.append(path)
            total += size
        groups.append((value, group))
    return [(value, group) for value, group in groups if len(group) > 1]
