"""Name, type and meaning → a column; columns → a table: what `tables` and `derived_tables` are written in."""

from dataclasses import dataclass
from typing import Final, Literal

import pyarrow as pa

TableName = Literal["events", "articles", "rejects", "archives", "resolved_events"]

#: Raise it when a column is added, renamed or changes its meaning; older programs then refuse the folder.
#: 2: `revision` and `text_basis`. Columns added later are nullable: older rows have none.
SCHEMA_VERSION: Final = 2
SCHEMA_VERSION_KEY: Final = "alliance_watch.schema_version"
COMMENT: Final = b"comment"

UTC: Final = pa.timestamp("us", tz="UTC")
TEXT: Final = pa.string()
TEXTS: Final = pa.list_(pa.string())


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One dataset: its columns and how its files are laid out."""

    name: TableName
    description: str
    #: all columns, the partition column last
    schema: pa.Schema
    #: `YYYY-MM`; in the path of a file and in the log, not in the file
    partition: str
    #: order of the rows in a file; nulls last
    sort: tuple[str, ...]
    #: Parquet paths worth a dictionary: few distinct values
    dictionary: tuple[str, ...]
    #: whether it is made with the first rows it gets, as not every folder needs it
    on_demand: bool = False

    @property
    def file_schema(self) -> pa.Schema:
        """Table → the columns that stand in its files: all but the partition column."""
        return pa.schema([f for f in self.schema if f.name != self.partition], metadata=self.schema.metadata)


def required(name: str, type_: pa.DataType, comment: str) -> pa.Field:
    """Name, type and meaning → a column that every row fills."""
    return pa.field(name, type_, nullable=False, metadata={COMMENT: comment})


def optional(name: str, type_: pa.DataType, comment: str) -> pa.Field:
    """Name, type and meaning → a column that may be null."""
    return pa.field(name, type_, nullable=True, metadata={COMMENT: comment})


def schema_of(*fields: pa.Field) -> pa.Schema:
    """Columns → the schema of a table, marked with the version of them all."""
    return pa.schema(fields, metadata={SCHEMA_VERSION_KEY: str(SCHEMA_VERSION)})
