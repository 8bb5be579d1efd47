"""Record batches → tables of a DuckDB file, with their descriptions as comments; plain DuckDB opens it.

Takes a path that doesn't exist, and for each table its batches; gives the file. Rejects a path that can't be
written (`UnwritableData`).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.sql_text import quoted
from transforms.data_folder import UnwritableData

#: what can read the file: DuckDB from this version on
_READABLE_SINCE = "v1.0.0"


@contextmanager
def make_duckdb_file(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Path → a connection to a new file there, whole on disk when the context ends.

    Raises:
        UnwritableData: it can't be written.
    """
    try:
        with duckdb.connect(
            str(path),
            config={
                "storage_compatibility_version": _READABLE_SINCE,
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
            },
        ) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            yield connection
    except duckdb.IOException as error:
        raise UnwritableData(path, str(error)) from error


def add_table(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    reader: pa.RecordBatchReader,
    description: str,
    meanings: Mapping[str, str],
) -> int:
    """Batches → a table of the file with comments on it and its columns → how many rows."""
    connection.register("batches", reader)
    connection.execute(f'CREATE TABLE "{name}" AS FROM batches')
    connection.unregister("batches")
    connection.execute(f'COMMENT ON TABLE "{name}" IS {quoted(description)}')
    for column, meaning in meanings.items():
        connection.execute(f'COMMENT ON COLUMN "{name}"."{column}" IS {quoted(meaning)}')
    ((rows,),) = connection.execute(f'SELECT count(*) FROM "{name}"').fetchall()
    return int(rows)
