"""Data files that leave a table, and what stays of their rows: rewritten without some, or joined.

Takes files of a table, gives staged files and the entries of the log that take the old ones out. Whoever
commits deletes them, once no reader needs them.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
from deltalake.transaction import RemoveAction

from transforms.columns import Table
from transforms.staging import ReplacedFile, StagedFile, stage_content
from transforms.storage import Place, open_parquet, size_of


def read_rows(folder: Place, layout: Table, paths: Sequence[str]) -> pa.Table:
    """Data files of a table → their rows with today's columns: null where an older file lacks one."""
    parts = [open_parquet(folder / path).read() for path in paths]
    parts.append(layout.file_schema.empty_table())
    content = pa.concat_tables(parts, promote_options="default")
    return content.select(layout.file_schema.names).cast(layout.file_schema)


def name_replaced(folder: Place, layout: Table, path: str, now: datetime) -> ReplacedFile:
    """Data file and the time of its removal → what the log is to say of it."""
    return ReplacedFile(
        table=layout.name,
        path=path,
        size=size_of(folder / path),
        partition_value=path.partition("/")[0].partition("=")[2],
        removed_at=int(now.timestamp() * 1000),
    )


def remove_actions(
    layout: Table, replaced: Iterable[ReplacedFile], *, data_change: bool
) -> list[RemoveAction]:
    """Files that are replaced → the log entries that make them count no more."""
    return [
        RemoveAction(
            path=file.path,
            data_change=data_change,
            deletion_timestamp=file.removed_at,
            size=file.size,
            partition_values={layout.partition: file.partition_value},
        )
        for file in replaced
    ]


def stage_without(
    folder: Place,
    staging: Place,
    layout: Table,
    paths: Iterable[str],
    column: str,
    gone: Collection[str],
    *,
    label: str,
    now: datetime,
) -> tuple[list[StagedFile], list[ReplacedFile]]:
    """Data files and rows that go → staged files with the rest, and the files that are replaced.

    Args:
        folder: of the table.
        staging: folder to stage in.
        layout: of the table.
        paths: of its data files.
        column: names the rows.
        gone: values of it in the rows that go.
        label: what the files are called.
        now: time of removal.
    """
    wanted = pa.array(sorted(gone), pa.string())
    staged: list[StagedFile] = []
    replaced: list[ReplacedFile] = []
    for path in sorted(paths):
        names = open_parquet(folder / path).read(columns=[column])[column]
        goes = pc.is_in(names, wanted)
        if not pc.any(goes).as_py():
            continue
        file = name_replaced(folder, layout, path, now)
        replaced.append(file)
        rest = read_rows(folder, layout, [path]).filter(pc.invert(goes))
        if rest.num_rows:
            staged.append(stage_content(staging, layout, file.partition_value, rest, label))
    return staged, replaced
