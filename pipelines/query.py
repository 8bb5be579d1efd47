"""A question → rows: named queries or SQL over the views `events`, `articles` and `rejects`.

`events` and `articles` hold the newest revision of each article, `events_all` and `articles_all` every one.

Takes a data folder and the name of a query or a SELECT, gives columns and rows; rejects a missing folder
(`MissingData`), an unknown name (`UnknownQuery`) and SQL that DuckDB refuses (`BadQuery`).
Nothing but the current data files can be read, and nothing can be written.
"""

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import duckdb
import pyarrow as pa

from pipelines.sql_text import quoted
from transforms.columns import Table
from transforms.commit import read_snapshot
from transforms.object_address import Address
from transforms.object_reading import is_gone
from transforms.storage import Place, open_dataset
from transforms.tables import TABLES

_ATTEMPTS = 3
_DUCKDB_TYPES = {
    "string": "VARCHAR",
    "int32": "INTEGER",
    "int64": "BIGINT",
    "float": "FLOAT",
    "date32[day]": "DATE",
}
#: begins the line of `views.sql` after which nothing reads a file
_FROM_HERE = "-- What follows holds"
#: tables whose rows can be revised: their view shows the newest, `…_all` shows every one
_REVISED = ("articles", "events")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a query gives: names, all different, and values as plain Python."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


#: One SELECT → its result.
Ask = Callable[[str], Result]
T = TypeVar("T")


class UnknownQuery(Exception):
    """No query has this name."""

    def __init__(self, name: str, names: Sequence[str]) -> None:
        near = difflib.get_close_matches(name, names, n=3)
        hint = f"Did you mean {' or '.join(near)}?" if near else f"There are: {', '.join(names)}."
        super().__init__(f"There is no query named {name!r}. {hint}")


class BadQuery(Exception):
    """DuckDB's refusal, in its own words."""


@cache
def named_queries() -> Mapping[str, tuple[str, str]]:
    """Shipped SQL files → name: (description, SQL); the description is the file's first line."""
    found = {}
    for entry in sorted((resources.files("configs") / "queries").iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".sql"):
            sql = entry.read_text(encoding="utf-8")
            found[entry.name.removesuffix(".sql")] = (sql.partition("\n")[0].removeprefix("--").strip(), sql)
    return found


def list_queries() -> Result:
    """Named queries → one row each: what `query` without a name shows."""
    rows = tuple((name, description) for name, (description, _) in named_queries().items())
    return Result(columns=("query", "shows"), rows=rows)


def run_query(data: Place, question: str) -> Result:
    """Name of a query or a SELECT → its result over the last whole batch.

    Args:
        data: the data folder; a writer may be at work in it.
        question: a name of `named_queries`, or one SQL statement.

    Raises:
        MissingData: there is no data folder.
        UnknownQuery: a single word that is no query's name.
        BadQuery: not one SELECT, or DuckDB refuses it.
    """
    sql = _sql_of(question)
    return with_tables(data, lambda ask: ask(sql))


def with_tables(data: Place, work: Callable[[Ask], T]) -> T:
    """Data folder and what to do with answers from it → its outcome; all answers are of one moment.

    Raises:
        MissingData: there is no data folder.
        BadQuery: not one SELECT, or DuckDB refuses it.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with closing(Snapshot(data)) as snapshot:
                return work(snapshot.ask)
        except FilesGone as error:
            # A file may be removed between the listing and the reading: list again.
            if attempt == _ATTEMPTS:
                raise BadQuery(str(error)) from None
    raise AssertionError("unreachable")


class FilesGone(Exception):
    """Files of the snapshot are no longer there: compaction has put others in their place."""


class Snapshot:
    """The tables as they were at one moment, for many questions; one at a time is answered."""

    def __init__(self, data: Place, kept: Mapping[str, str] | None = None) -> None:
        """Open the tables.

        Args:
            data: the data folder.
            kept: name → SELECT whose rows are kept in memory under that name, for questions asked often.

        Raises:
            MissingData: there is no data folder.
            FilesGone: open another one.
        """
        self._asking = Lock()
        try:
            self._connection = connect(read_snapshot(data))
            for name, sql in (kept or {}).items():
                self._connection.execute(f"CREATE TABLE {name} AS {sql}")
        except (duckdb.IOException, duckdb.PermissionException) as error:
            raise FilesGone(str(error)) from None

    def ask(self, sql: str) -> Result:
        """One SELECT → its rows.

        Raises:
            BadQuery: not one SELECT, or DuckDB refuses it.
            FilesGone: open another one.
        """
        with self._asking:
            try:
                return _ask(self._connection, sql)
            except (duckdb.IOException, duckdb.PermissionException) as error:
                # A file that is no longer there is one that may not be read.
                raise FilesGone(str(error)) from None
            except duckdb.Error as error:
                if is_gone(error):
                    raise FilesGone(str(error)) from None
                raise BadQuery(str(error)) from None

    def close(self) -> None:
        """Let go of the files, once the question that is being answered is."""
        with self._asking:
            self._connection.close()


def _sql_of(question: str) -> str:
    queries = named_queries()
    name = question.strip().lower()
    if name in queries:
        return queries[name][1]
    if re.fullmatch(r"[\w-]+", name):
        raise UnknownQuery(question.strip(), list(queries))
    return question


def _ask(connection: duckdb.DuckDBPyConnection, sql: str) -> Result:
    statements = connection.extract_statements(sql)
    allowed = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
    if len(statements) != 1 or statements[0].type not in allowed:
        raise BadQuery("Only one SELECT can be run: the tables are read-only here.")
    relation = connection.sql(sql)
    return _result(relation.to_arrow_table())


def connect(files: Mapping[str, Sequence[Place]]) -> duckdb.DuckDBPyConnection:
    """Data files of each table → a connection that sees them as views, and nothing else."""
    connection = duckdb.connect(
        config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    )
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET python_enable_replacements = false")
    # A data file never changes: what its end says of it is read once, for the questions of a snapshot.
    connection.execute("SET parquet_metadata_cache = true")
    for name, table in TABLES.items():
        if some := [place for place in files[name] if isinstance(place, Address)]:
            # DuckDB alone would have to download what reads object stores.
            connection.register(f"{name}_objects", open_dataset(some, table.schema))
        connection.execute(_view(table, files[name], f"{name}_all" if name in _REVISED else name))
    connection.execute(_derived_views())
    allowed = [str(path.resolve()) for paths in files.values() for path in paths if isinstance(path, Path)]
    connection.execute(f"SET allowed_paths = [{', '.join(map(quoted, allowed))}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _view(table: Table, files: Sequence[Place], name: str) -> str:
    empty = ", ".join(f'CAST(NULL AS {_duckdb_type(f.type)}) AS "{f.name}"' for f in table.schema)
    if not files:
        return f"CREATE VIEW {name} AS SELECT {empty} WHERE false"
    # Columns are named one by one: a folder called `a=b` above the data would otherwise add one.
    columns = ", ".join(
        'coalesce(revision, 1) AS "revision"' if column == "revision" else f'"{column}"'
        for column in table.schema.names
    )
    if isinstance(files[0], Address):
        return f"CREATE VIEW {name} AS SELECT {columns} FROM {table.name}_objects"
    paths = ", ".join(quoted(str(path.resolve())) for path in files if isinstance(path, Path))
    # Files written before a column was added lack it, perhaps all of them: no rows of its shape give it.
    return (
        f"CREATE VIEW {name} AS SELECT {columns} FROM (FROM read_parquet([{paths}], union_by_name = true, "
        f"hive_partitioning = true, hive_types = {{'{table.partition}': VARCHAR}}) "
        f"UNION ALL BY NAME SELECT {empty} WHERE false)"
    )


@cache
def _derived_views() -> str:
    """Shipped views for plain DuckDB → those of them that hold wherever the rows come from."""
    shipped = (resources.files("configs") / "views.sql").read_text(encoding="utf-8")
    return shipped.partition(_FROM_HERE)[2].partition("\n")[2]


def _duckdb_type(type_: pa.DataType) -> str:
    if pa.types.is_list(type_):
        return f"{_duckdb_type(type_.value_type)}[]"
    if pa.types.is_struct(type_):
        inner = (type_.field(i) for i in range(type_.num_fields))
        return "STRUCT(" + ", ".join(f'"{f.name}" {_duckdb_type(f.type)}' for f in inner) + ")"
    if pa.types.is_timestamp(type_):
        return "TIMESTAMP WITH TIME ZONE"
    return {
        "string": "VARCHAR",
        "int32": "INTEGER",
        "int64": "BIGINT",
        "float": "FLOAT",
        "date32[day]": "DATE",
    }[str(type_)]


def _result(table: pa.Table) -> Result:
    columns = [_values(column) for column in table.columns]
    rows = tuple(zip(*columns, strict=True)) if columns else ()
    return Result(columns=_distinct(table.column_names), rows=rows)


def _values(column: pa.ChunkedArray) -> list[Any]:
    values: list[Any] = column.to_pylist()
    if pa.types.is_float32(column.type):
        # As doubles they would print as 0.8999999761581421.
        return [None if value is None else float(f"{value:.7g}") for value in values]
    return values


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    taken: dict[str, int] = {}
    given = []
    for name in names:
        taken[name] = taken.get(name, 0) + 1
        given.append(name if taken[name] == 1 else f"{name}_{taken[name]}")
    return tuple(given)
