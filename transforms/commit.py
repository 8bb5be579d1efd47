"""Staged batches → rows in the Delta tables, exactly once, also after kill -9.

Takes a data folder, gives tables, commits and recovery; rejects tables of a newer program (`NewerSchema`)
and a folder that can't be written (`UnwritableData`). One writer at a time: hold `write_lock`.

A batch is decided by its manifest (`transforms.staging`). Each table's commit carries the batch
number as an application transaction, so a batch that is run again skips the tables that have it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from deltalake import CommitProperties, DeltaTable, Schema, Transaction
from deltalake.exceptions import CommitFailedError
from deltalake.transaction import AddAction, RemoveAction

from transforms.columns import SCHEMA_VERSION, SCHEMA_VERSION_KEY, Table
from transforms.data_folder import MissingData, NewerSchema, UnwritableData, os_errors_as_unwritable
from transforms.lease import LeaseLost, confirm_lease
from transforms.object_address import Address
from transforms.replacement import remove_actions
from transforms.staging import (
    STAGING,
    Manifest,
    StagedFile,
    files_folder,
    read_manifest,
    staged_batches,
    staging_folder,
)
from transforms.storage import (
    Place,
    delta_address,
    delta_refusals,
    folder_exists,
    list_files,
    make_folder,
    open_delta,
    put_in_place,
    remove_files,
    remove_folder,
    sync_folder,
    sync_log,
)
from transforms.tables import TABLES

APP_ID: Final = "alliance-watch"

#: A checkpoint every so many commits keeps opening fast; older log entries go after a day.
_CONFIGURATION: Final = {
    SCHEMA_VERSION_KEY: str(SCHEMA_VERSION),
    "delta.checkpointInterval": "50",
    "delta.logRetentionDuration": "interval 1 days",
    "delta.deletedFileRetentionDuration": "interval 1 days",
    "delta.enableExpiredLogCleanup": "true",
}


class NothingStaged(Exception):
    """A batch was to be committed whose manifest is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """What the last crash left behind, and what was done about it."""

    #: batches that had been decided and were now committed
    rolled_forward: tuple[int, ...] = ()
    #: batches that had not been decided and were dropped; their documents are read again
    dropped: tuple[int, ...] = ()
    #: data files that no snapshot knows, removed; relative to the data folder
    removed_files: tuple[str, ...] = ()


def open_tables(data: Place, needed: Collection[str] = ()) -> dict[str, DeltaTable]:
    """Data folder → its tables, made empty where they don't exist; one made on demand only if it is needed.

    Raises:
        NewerSchema: a newer program wrote one of them.
        UnwritableData: a table can't be made.
    """
    return {
        name: _open_or_create(data, table)
        for name, table in TABLES.items()
        if not table.on_demand or name in needed or folder_exists(data / name)
    }


def next_batch(data: Place) -> int:
    """Data folder → the number of its next batch: one more than the highest committed."""
    return 1 + max(_committed_batch(table) for table in open_tables(data).values())


def commit_staged(data: Place, batch: int) -> None:
    """Staged batch → committed batch: its rows become visible, one table after another.

    Running it again, also after a crash at any point, changes nothing that is already done.

    Raises:
        NothingStaged: there are staged files but no manifest.
        NewerSchema, UnwritableData: see `open_tables`.
    """
    manifest = read_manifest(data, batch)
    if manifest is None:
        if folder_exists(staging_folder(data, batch)):
            raise NothingStaged(f"batch {batch} has no manifest; recover() drops it")
        return
    concerned = _tables_of(manifest)
    for name, table in open_tables(data, concerned).items():
        if name in concerned and _committed_batch(table) < batch:
            _commit_table(data, batch, TABLES[name], table, manifest)
    with os_errors_as_unwritable(data):
        # Not before: until every table has the batch, readers go by the state before it.
        remove_files(data, [f"{file.table}/{file.path}" for file in manifest.replaced])
        _remove_staging(data, batch)


def recover(data: Place) -> Recovery:
    """Data folder after a crash → the same with every batch whole or absent, and the plain glob exact.

    Call it under the lock, before the first batch. On a sound folder it does nothing.
    """
    open_tables(data)
    rolled_forward, dropped = [], []
    for batch in staged_batches(data):
        if read_manifest(data, batch) is None:
            dropped.append(batch)
        else:
            commit_staged(data, batch)
            rolled_forward.append(batch)
    removed = []
    with os_errors_as_unwritable(data):
        remove_folder(data / STAGING)
        for name, table in open_tables(data).items():
            removed += [f"{name}/{path}" for path in remove_unreferenced(data, TABLES[name], table)]
    return Recovery(
        rolled_forward=tuple(rolled_forward), dropped=tuple(dropped), removed_files=tuple(removed)
    )


def remove_unreferenced(data: Place, layout: Table, table: DeltaTable) -> list[str]:
    """Table → the data files in its folder that its snapshot doesn't know, removed.

    Only `*.parquet` below the table's own partition folders are ours to remove.
    """
    folder = data / layout.name
    known = set(data_files(table))
    present = list_files(folder, f"{layout.partition}=*/*.parquet")
    orphans = sorted(path for path in present if path not in known)
    if orphans:
        confirm_lease(data, ask=True)
    remove_files(folder, [*orphans, *list_files(folder, "_delta_log/_commit_*.tmp")])
    return orphans


def read_snapshot(data: Place) -> dict[str, list[Place]]:
    """Data folder → the data files of each table as of the last whole batch; for readers, needs no lock.

    Where a batch is visible in one table and not yet in another, the older state of the first is
    given: a reader sees all of a batch or nothing. A table that doesn't exist has no files.

    Raises:
        MissingData: there is no such folder.
        NewerSchema: a newer program wrote one of the tables.
    """
    if not folder_exists(data):
        raise MissingData(data)
    for _ in range(100):
        before = _undecided(data)
        tables = {name: _open(data, table, kept=False) for name, table in TABLES.items()}
        if _undecided(data) == before:
            break
    for batch, names in before.items():
        having = [name for name in names if (t := tables[name]) and _committed_batch(t) >= batch]
        if len(having) < len(names):
            for name in having:
                table = tables[name]
                assert table is not None
                table.load_as_version(table.version() - 1)
    return {
        name: [data / name / path for path in sorted(data_files(table))] if table else []
        for name, table in tables.items()
    }


def read_version(data: Place) -> str:
    """Data folder → a name for the state of its tables, another one after each commit; opens nothing.

    Raises:
        MissingData: there is no such folder.
    """
    if not folder_exists(data):
        raise MissingData(data)
    latest = (max(list_files(data / name / "_delta_log", "*.json"), default="") for name in TABLES)
    return " ".join(f"{entry.removesuffix('.json').lstrip('0') or 0}" for entry in latest)


def _undecided(data: Place) -> dict[int, frozenset[str]]:
    found = {}
    for batch in staged_batches(data):
        manifest = read_manifest(data, batch)
        if manifest is not None:
            found[batch] = _tables_of(manifest)
    return found


def _tables_of(manifest: Manifest) -> frozenset[str]:
    return frozenset([file.table for file in manifest.files] + [file.table for file in manifest.replaced])


def _commit_table(data: Place, batch: int, layout: Table, table: DeltaTable, manifest: Manifest) -> None:
    folder = data / layout.name
    staged = files_folder(data, f"{batch:08d}") / layout.name
    with os_errors_as_unwritable(folder):
        files = [file for file in manifest.files if file.table == layout.name]
        actions = move_into_table(folder, staged, layout, files, data_change=True)
        replaced = [file for file in manifest.replaced if file.table == layout.name]
        actions += remove_actions(layout, replaced, data_change=True)
        write_transaction(data, layout, table, actions, [Transaction(APP_ID, batch)])


def write_transaction(
    data: Place,
    layout: Table,
    table: DeltaTable,
    actions: Sequence[AddAction | RemoveAction],
    transactions: Sequence[Transaction] = (),
) -> None:
    """Entries → the next version of the table, on disk, if this process may still write.

    Raises:
        LeaseLost: it may not.
    """
    confirm_lease(data)
    try:
        with delta_refusals(data / layout.name):
            table.create_write_transaction(
                list(actions),
                "append",
                table.schema(),
                [layout.partition],
                commit_properties=CommitProperties(app_transactions=list(transactions)),
            )
    except CommitFailedError:
        if isinstance(data, Address):
            # Another process has committed the same, since this one had stopped for long.
            raise LeaseLost(data) from None
        raise
    sync_log(data / layout.name)


def move_into_table(
    folder: Place, staged: Place, layout: Table, files: Sequence[StagedFile], *, data_change: bool
) -> list[AddAction | RemoveAction]:
    """Staged files → the same in the table's folder, and the log entries that will make them count."""
    actions: list[AddAction | RemoveAction] = [
        AddAction(
            path=file.path,
            size=file.size,
            partition_values={layout.partition: file.partition_value},
            modification_time=put_in_place(staged / file.path, folder / file.path),
            data_change=data_change,
            stats=file.stats,
        )
        for file in files
    ]
    for parent in {(folder / file.path).parent for file in files}:
        sync_folder(parent)
    sync_folder(folder)
    return actions


def _open_or_create(data: Place, layout: Table) -> DeltaTable:
    table = _open(data, layout)
    if table is not None:
        return _upgrade(data, layout, table)
    folder = data / layout.name
    with os_errors_as_unwritable(folder):
        make_folder(folder)
        DeltaTable.create(
            **delta_address(folder),
            schema=layout.schema,
            mode="ignore",
            partition_by=[layout.partition],
            name=layout.name,
            description=layout.description,
            configuration=_CONFIGURATION,
            raise_if_key_not_exists=False,
        )
        sync_log(folder)
    created = _open(data, layout)
    if created is None:
        raise UnwritableData(folder, "the table could not be made")
    return created


def _upgrade(data: Place, layout: Table, table: DeltaTable) -> DeltaTable:
    """Table of an older program → the same with today's columns; rows keep null in the new ones.

    Two log entries, columns first: a crash between them leaves a table that is upgraded once more.
    """
    if int(table.metadata().configuration.get(SCHEMA_VERSION_KEY, "0")) == SCHEMA_VERSION:
        return table
    folder = data / layout.name
    with os_errors_as_unwritable(folder):
        present = {field.name for field in table.schema().fields}
        wanted = Schema.from_arrow(layout.schema).fields
        if missing := [field for field in wanted if field.name not in present]:
            table.alter.add_columns(missing)
            sync_log(folder)
        table.alter.set_table_properties({SCHEMA_VERSION_KEY: str(SCHEMA_VERSION)}, raise_if_not_exists=False)
        sync_log(folder)
    upgraded = open_delta(folder)
    assert upgraded is not None
    return upgraded


def _open(data: Place, layout: Table, *, kept: bool = True) -> DeltaTable | None:
    folder = data / layout.name
    table = open_delta(folder, kept=kept)
    if table is None:
        return None
    found = int(table.metadata().configuration.get(SCHEMA_VERSION_KEY, "0"))
    if found > SCHEMA_VERSION:
        raise NewerSchema(str(folder), found, SCHEMA_VERSION)
    return table


def _committed_batch(table: DeltaTable) -> int:
    version = table.transaction_version(APP_ID)
    return 0 if version is None else version


def data_files(table: DeltaTable) -> list[str]:
    """Table → the data files of its snapshot, relative to its folder."""
    return [str(path) for path in table.get_add_actions().column("path").to_pylist()]


def _remove_staging(data: Place, batch: int) -> None:
    # The manifest goes last: a half-removed folder must not look like an undecided batch with files.
    remove_folder(staging_folder(data, batch))
