"""Data folder → files for other programs: Parquet, CSV, a DuckDB file, or events in the form of others.

Takes what to write and where, gives how many rows each table has; rejects a target that holds something
(`TargetInUse`) and one that can't be written (`UnwritableData`). All tables are of one moment, and what is
written is there as a whole or not at all: it is made beside the target and renamed.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args

import pyarrow as pa

from pipelines.duckdb_file import add_table, make_duckdb_file
from pipelines.export_files import select_csv, write_csv, write_lines, write_parquet
from pipelines.interchange import list_macros, read_scheme, select_lines
from pipelines.query import Result, connect
from transforms.columns import COMMENT
from transforms.commit import read_snapshot
from transforms.data_dictionary import type_name
from transforms.data_folder import os_errors_as_unwritable
from transforms.derived_tables import POSITIONS
from transforms.knowledge import World
from transforms.storage import Place, place_exists, sync_folder
from transforms.tables import TABLES

Form = Literal["parquet", "csv", "duckdb", "gdelt", "plover"]
FORMS: Final = get_args(Form)

#: what there is to export: name → description and columns
EXPORTED: Final[Mapping[str, tuple[str, pa.Schema]]] = {
    **{name: (table.description, table.schema) for name, table in TABLES.items()},
    "positions": POSITIONS,
}
_ATTEMPTS: Final = 3
_ROWS_AT_ONCE: Final = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """What to write, and where."""

    data: Place
    out: Path
    form: Form
    #: names of `EXPORTED`; all where there are none
    tables: Sequence[str] = ()
    #: whether a file of lines begins with the names of its columns
    header: bool = False
    #: whether an earlier export may be replaced
    force: bool = False


class TargetInUse(Exception):
    """There is something where the export would go."""

    def __init__(self, out: Path, why: str) -> None:
        super().__init__(f"{out} {why}")


class SnapshotGone(Exception):
    """The tables changed under the export as often as it was tried."""

    def __init__(self, data: Place) -> None:
        super().__init__(
            f"The files of {data} were replaced while they were read, {_ATTEMPTS} times. Export again when "
            "less is being written."
        )


def export_tables(request: ExportRequest, world: World) -> dict[str, int]:
    """Request → the files; rows by table.

    Args:
        request: what to write, and where.
        world: what codes are called, for GDELT and PLOVER.

    Raises:
        MissingData: there is no data folder.
        TargetInUse: the target holds something, and is not to be replaced or is no export.
        UnwritableData: it can't be written.
        SnapshotGone: the tables change too fast.
    """
    _check_target(request)
    for _ in range(_ATTEMPTS):
        files = read_snapshot(request.data)
        try:
            with closing(connect(files)) as connection, _place(request) as target:
                return _write(request, world, connection, target)
        except Exception:
            # Compaction and the resolving of events remove files after the listing: list again.
            if all(place_exists(path) for paths in files.values() for path in paths):
                raise
    raise SnapshotGone(request.data)


def describe_export(form: Form) -> Result:
    """Form → its columns, what they hold and mean: the data dictionary."""
    if form in ("gdelt", "plover"):
        columns = read_scheme(form).columns
        return Result(
            columns=("column", "meaning"), rows=tuple((column.name, column.means) for column in columns)
        )
    rows = tuple(
        (table, field.name, type_name(field.type), "yes" if field.nullable else "", meaning)
        for table, (_, schema) in EXPORTED.items()
        for field, meaning in zip(schema, list_meanings(schema).values(), strict=True)
    )
    return Result(columns=("table", "column", "type", "null", "meaning"), rows=rows)


def list_meanings(schema: pa.Schema) -> dict[str, str]:
    """Schema → what each column means."""
    return {field.name: field.metadata[COMMENT].decode() for field in schema}


def _write(request: ExportRequest, world: World, connection: Any, target: Path) -> dict[str, int]:
    def ask(sql: str) -> pa.RecordBatchReader:
        return connection.sql(sql).to_arrow_reader(_ROWS_AT_ONCE)

    if request.form in ("gdelt", "plover"):
        scheme = read_scheme(request.form)
        for macro in list_macros(scheme, world):
            connection.execute(macro)
        header = "\t".join(column.name for column in scheme.columns) if request.header else None
        with os_errors_as_unwritable(target):
            return {"resolved_events": write_lines(ask(select_lines(scheme)), target, header)}
    tables = {name: EXPORTED[name] for name in request.tables or EXPORTED}
    if request.form == "duckdb":
        with make_duckdb_file(target) as file:
            return {
                name: add_table(file, name, ask(f"FROM {name}"), description, list_meanings(schema))
                for name, (description, schema) in tables.items()
            }
    with os_errors_as_unwritable(target):
        if _is_one_file(request):
            ((name, (_, schema)),) = tables.items()
            return {name: _write_table(request.form, ask, name, schema, target)}
        target.mkdir()
        return {
            name: _write_table(request.form, ask, name, schema, target / f"{name}.{request.form}")
            for name, (_, schema) in tables.items()
        }


def _write_table(
    form: str, ask: Callable[[str], pa.RecordBatchReader], name: str, schema: pa.Schema, path: Path
) -> int:
    if form == "parquet":
        return write_parquet(ask(f"FROM {name}"), path, schema)
    return write_csv(ask(select_csv(name, schema)), path)


def _is_one_file(request: ExportRequest) -> bool:
    """Whether the one table that is asked for goes to a file, not into a folder."""
    return len(request.tables) == 1 and request.out.suffix == f".{request.form}"


def _is_folder(request: ExportRequest) -> bool:
    return request.form in ("parquet", "csv") and not _is_one_file(request)


def _check_target(request: ExportRequest) -> None:
    """Refuse to write over anything that an export with the same flags could not have made."""
    out = request.out
    if not os.path.lexists(out):
        return
    if _is_folder(request) != out.is_dir():
        kind = "a folder of files" if _is_folder(request) else "a file"
        raise TargetInUse(out, f"is in the way: this export is {kind}. Name another --out.")
    if not out.is_dir():
        if not request.force and out.stat().st_size:
            raise TargetInUse(out, "exists. --force replaces it.")
        return
    present = {entry.name for entry in out.iterdir()}
    if strange := sorted(present - {f"{name}.{request.form}" for name in EXPORTED}):
        raise TargetInUse(out, f"holds what is no export ({strange[0]}). Name another --out.")
    if present and not request.force:
        raise TargetInUse(out, "holds an export. --force replaces it.")


@contextmanager
def _place(request: ExportRequest) -> Iterator[Path]:
    """Request → the path to write to, which takes the target's place when the context ends well."""
    out = request.out.absolute()
    temporary, old = (out.with_name(f".{out.name}.{os.getpid()}.{part}") for part in ("tmp", "old"))
    with os_errors_as_unwritable(out):
        out.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield temporary
        with os_errors_as_unwritable(out):
            _sync(temporary)
            if out.is_dir():
                out.rename(old)
            temporary.rename(out)
            sync_folder(out.parent)
    finally:
        for leftover in (temporary, old, temporary.with_name(f"{temporary.name}.wal")):
            if leftover.is_dir():
                shutil.rmtree(leftover, ignore_errors=True)
            else:
                leftover.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    for one in (path, *path.iterdir()) if path.is_dir() else (path,):
        handle = os.open(one, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
