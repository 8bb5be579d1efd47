"""Record batches → a file that other programs read: Parquet, CSV, or lines of text.

Takes a reader of record batches, gives one file; rejects a path that can't be written (OSError). Nothing is
held in memory but one batch.
"""

from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

#: A cell that begins like this is a formula to a spreadsheet or, with quotes before it, a guarded one.
_FORMULA: Final = "^''*[=+\\-@\\t\\r＝＋－＠]"


def write_parquet(reader: pa.RecordBatchReader, path: Path, schema: pa.Schema) -> int:
    """Batches → a Parquet file of the schema, its descriptions kept → how many rows."""
    rows = 0
    # No bounds of plain text: see `transforms.staging`.
    bounded = [f.name for f in schema if not (pa.types.is_string(f.type) or pa.types.is_nested(f.type))]
    with pq.ParquetWriter(
        path, schema, compression="zstd", compression_level=3, write_statistics=bounded
    ) as writer:
        for batch in reader:
            writer.write_batch(batch.cast(schema))
            rows += batch.num_rows
    return rows


def write_csv(reader: pa.RecordBatchReader, path: Path) -> int:
    """Batches of plain values, as `select_csv` gives them → a CSV file with a header → how many rows."""
    rows = 0
    with pyarrow.csv.CSVWriter(path, reader.schema) as writer:
        for batch in reader:
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


def write_lines(reader: pa.RecordBatchReader, path: Path, header: str | None = None) -> int:
    """Batches of one text column → a file of these lines, after a header if there is one → how many lines."""
    rows = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        if header is not None:
            file.write(header + "\n")
        for batch in reader:
            file.writelines(f"{line}\n" for line in batch.column(0).to_pylist())
            rows += batch.num_rows
    return rows


def select_csv(table: str, schema: pa.Schema) -> str:
    """Table and its schema → SELECT of what a CSV file can hold.

    Lists and structs are JSON, times ISO 8601 in UTC. A text that a spreadsheet would take for a formula has
    a single quote before it, as has one that looks as if it had been guarded so: to undo it, take one away.
    """
    return f"SELECT {', '.join(_csv_value(field) for field in schema)} FROM {table}"


def _csv_value(field: pa.Field) -> str:
    name = f'"{field.name}"'
    if pa.types.is_string(field.type):
        return f"CASE WHEN regexp_matches({name}, '{_FORMULA}') THEN '''' || {name} ELSE {name} END AS {name}"
    if pa.types.is_nested(field.type):
        return f"CAST(to_json({name}) AS VARCHAR) AS {name}"
    if pa.types.is_timestamp(field.type):
        moment = f"strftime({name} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%f')"
        return f"regexp_replace({moment}, '\\.0+$', '') || 'Z' AS {name}"
    return name
