"""Rows → Parquet files in the staging folder, and the manifest that decides that they count.

Takes rows as `transforms.rows` makes them, gives files under `DIR/_staging/<batch>/<table>/…`; rejects
rows that don't fit the table's schema (pyarrow's error) and a folder that can't be written.
A batch without a manifest never happened; a batch with one is rolled forward, whatever happens.

In an object store files are put where they stay, `DIR/<table>/…`, since none can be moved there; and a
manifest decides once the lock names it (`lease`), so that one who lost the right to write can't decide.
"""

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path, PurePath
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from transforms.columns import Table
from transforms.data_folder import os_errors_as_unwritable
from transforms.lease import decide_batch, read_decision
from transforms.object_address import Address
from transforms.rows import Row
from transforms.storage import Place, read_file, remove_folder, sync_folder, write_durably
from transforms.tables import TABLES

STAGING: Final = "_staging"
MANIFEST: Final = "manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedFile:
    """A data file waiting to be committed."""

    table: str
    #: relative to the table's folder, with the partition: `event_month=2024-07/part-….parquet`
    path: str
    size: int
    partition_value: str
    rows: int
    #: Delta's statistics as JSON: row count, bounds and null counts of the date columns
    stats: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplacedFile:
    """A data file that leaves its table with a commit: those of its rows that stay stand in another."""

    table: str
    #: relative to the table's folder, as in StagedFile
    path: str
    size: int
    partition_value: str
    #: milliseconds since 1970, written to the log
    removed_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a batch does to the tables."""

    files: tuple[StagedFile, ...]
    replaced: tuple[ReplacedFile, ...] = ()


def stage_batch(data: Place, batch: int, rows: Mapping[str, Sequence[Row]]) -> None:
    """Rows of all tables → a staged batch, ready for `commit_staged`."""
    files = [file for table, some in rows.items() for file in stage_rows(data, batch, table, some)]
    write_manifest(data, batch, files)


def stage_rows(data: Place, batch: int, table: str, rows: Sequence[Row]) -> list[StagedFile]:
    """Rows of one table → staged files, one for each partition; workers may do this side by side.

    A file is named after its content: a retried bundle writes the same file again.

    Raises:
        UnwritableData: the folder can't be written.
        pyarrow.ArrowInvalid: a row doesn't fit the schema.
    """
    layout = TABLES[table]
    folder, label = files_folder(data, f"{batch:08d}"), f"{batch:08d}"
    partitions: dict[str, list[Row]] = {}
    for row in rows:
        partitions.setdefault(str(row[layout.partition]), []).append(row)
    staged = []
    for value, some in sorted(partitions.items()):
        content = pa.Table.from_pylist(some, schema=layout.file_schema)
        staged.append(stage_content(folder, layout, value, content, label))
    return staged


def batch_of(path: str) -> int | None:
    """Data file → the batch that it was written by; None for one that was joined from several."""
    label = PurePath(path).name.split("-")[1]
    return int(label) if label.isdecimal() else None


def stage_content(folder: Place, layout: Table, value: str, content: pa.Table, label: str) -> StagedFile:
    """Rows of one partition → one sorted, compressed file below `folder/<table>`."""
    content = sort_rows(content, layout)
    buffer = pa.BufferOutputStream()
    pq.write_table(
        content,
        buffer,
        compression="zstd",
        compression_level=3,
        use_dictionary=list(layout.dictionary),
        write_statistics=_bounded_columns(content.schema, layout),
    )
    body = buffer.getvalue().to_pybytes()
    name = f"part-{label}-{hashlib.sha256(body).hexdigest()[:16]}.parquet"
    path = f"{layout.partition}={value}/{name}"
    target = folder / layout.name / path
    with os_errors_as_unwritable(target):
        write_durably(target, body)
    return StagedFile(
        table=layout.name,
        path=path,
        size=len(body),
        partition_value=value,
        rows=content.num_rows,
        stats=_statistics(content),
    )


def _bounded_columns(schema: pa.Schema, layout: Table) -> list[str]:
    """Schema → the columns whose bounds are written.

    Plain text columns go without: where all values but the nulls are equal, DuckDB 2.0.0 takes the bounds to
    mean that `IS NULL` holds for every row. Nothing prunes by them either.
    """
    return [
        field.name
        for field in schema
        if field.name in layout.dictionary
        or not (pa.types.is_string(field.type) or pa.types.is_nested(field.type))
    ]


def sort_rows(content: pa.Table, layout: Table) -> pa.Table:
    """Rows in any order → in the table's order, nulls last; lists compare by their joined elements."""
    keys = {}
    for name in layout.sort:
        column = content[name]
        keys[name] = pc.binary_join(column, " ") if pa.types.is_list(column.type) else column
    order = pc.sort_indices(pa.table(keys), sort_keys=[(name, "ascending", "at_end") for name in layout.sort])
    return content.take(order)


def write_manifest(
    data: Place, batch: int, files: Iterable[StagedFile], replaced: Iterable[ReplacedFile] = ()
) -> None:
    """Staged files → the manifest, the point of decision: from here on the batch is rolled forward."""
    some = list(files)
    folder = staging_folder(data, batch)
    if isinstance(data, Address):
        # Under a name of its own: another's must not be overwritten before it is clear who may decide.
        name = f"manifest-{uuid.uuid4().hex}.json"
        write_list(data, batch, name, some, replaced)
        with os_errors_as_unwritable(folder):
            decide_batch(data, batch, name)
        return
    with os_errors_as_unwritable(folder):
        for parent in {(folder / file.table / file.path).parent for file in some}:
            sync_folder(parent)
    write_list(data, batch, MANIFEST, some, replaced)


def read_manifest(data: Place, batch: int) -> Manifest | None:
    """Batch number → its manifest; None where there is none."""
    if isinstance(data, Address):
        decided = read_decision(data)
        return read_list(data, batch, decided.manifest) if decided.batch == batch else None
    return read_list(data, batch, MANIFEST)


def write_list(
    data: Place, batch: int, name: str, files: Iterable[StagedFile], replaced: Iterable[ReplacedFile] = ()
) -> None:
    """Staged files → a list of them beside them; unless it is the manifest, it decides nothing."""
    folder = staging_folder(data, batch)
    listing = {
        "batch": batch,
        "files": [asdict(file) for file in sorted(files, key=lambda file: (file.table, file.path))],
        "replaced": [asdict(file) for file in sorted(replaced, key=lambda file: (file.table, file.path))],
    }
    with os_errors_as_unwritable(folder):
        write_durably(folder / name, json.dumps(listing, indent=1).encode())
        sync_folder(folder)


def read_list(data: Place, batch: int, name: str) -> Manifest | None:
    """Batch number and name of a list → what is on it; None where there is no such list."""
    try:
        listing = json.loads(read_file(staging_folder(data, batch) / name))
    except FileNotFoundError:
        return None
    return Manifest(
        files=tuple(StagedFile(**file) for file in listing["files"]),
        # Older programs replaced nothing, and didn't say so.
        replaced=tuple(ReplacedFile(**file) for file in listing.get("replaced", ())),
    )


def staging_folder(data: Place, batch: int) -> Place:
    """Batch number → the folder its manifest is in, and where its files wait if they have to."""
    return data / STAGING / f"{batch:08d}"


def files_folder(data: Place, name: str) -> Place:
    """Data folder and what files are staged for → the folder their tables' folders are in."""
    return data if isinstance(data, Address) else data / STAGING / name


def remove_waiting(data: Place, name: str) -> None:
    """Data folder and what files were staged for → none of them waits any more."""
    if isinstance(data, Path):
        remove_folder(data / STAGING / name)


def staged_batches(data: Place) -> list[int]:
    """Data folder → numbers of the batches that have a staging folder, in order."""
    if isinstance(data, Address):
        decided = read_decision(data)
        return [decided.batch] if decided.manifest and read_manifest(data, decided.batch) else []
    try:
        names = [entry.name for entry in (data / STAGING).iterdir()]
    except FileNotFoundError:
        return []
    return sorted(int(name) for name in names if name.isdecimal())


def _statistics(content: pa.Table) -> str:
    lowest: dict[str, str] = {}
    highest: dict[str, str] = {}
    nulls: dict[str, int] = {}
    for field in content.schema:
        if not (pa.types.is_date(field.type) or pa.types.is_timestamp(field.type)):
            continue
        column = content[field.name]
        nulls[field.name] = column.null_count
        bounds = pc.min_max(column).as_py()
        if bounds["min"] is not None:
            lowest[field.name] = _bound(bounds["min"], up=False)
            highest[field.name] = _bound(bounds["max"], up=True)
    return json.dumps(
        {"numRecords": content.num_rows, "minValues": lowest, "maxValues": highest, "nullCount": nulls}
    )


def _bound(value: date, *, up: bool) -> str:
    if not isinstance(value, datetime):
        return value.isoformat()
    # Delta's bounds have milliseconds: an upper one must not be cut below the value.
    moment = value.astimezone(UTC)
    if up and moment.microsecond % 1000:
        moment += timedelta(milliseconds=1)
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
