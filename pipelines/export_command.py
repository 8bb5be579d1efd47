"""What the command line understands of `export`; the work is done in `pipelines.export`."""

import argparse
import os
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from pipelines.arguments import add_config, add_format, read_place
from pipelines.command import BAD_USAGE, DONE

_FORMS = ("parquet", "csv", "duckdb", "gdelt", "plover")
_TABLES = ("events", "articles", "rejects", "archives", "resolved_events", "positions")


def add_export(commands: Any) -> None:
    """Commands of the parser → the same with `export`."""
    export: argparse.ArgumentParser = commands.add_parser(
        "export",
        help="write the tables as Parquet, CSV, a DuckDB file, or as GDELT or PLOVER have events",
        description="Writes the newest revisions as plain files: parquet and csv make a folder with a file "
        "for each table, duckdb a file with them all, gdelt the resolved events as tab-separated lines in "
        "the columns of GDELT 2.0, plover as JSON lines. Of one table, a file of the right ending may be "
        "named. In CSV, lists are JSON, and a text that a spreadsheet would take for a formula has a single "
        "quote before it.",
        examples="alliance-watch export --data data --out tables --as parquet\n"
        "alliance-watch export --data data --out positions.csv --as csv --table positions\n"
        "alliance-watch export --data data --out alliances.duckdb --as duckdb --force\n"
        "alliance-watch export --data data --out events.tsv --as gdelt --header\n"
        "alliance-watch export --as gdelt --describe",
    )
    export.add_argument("--data", type=read_place, metavar="DIR", help="folder of the tables, also s3://…")
    export.add_argument("--out", type=Path, metavar="PATH", help="file or folder to write")
    export.add_argument("--as", dest="form", choices=_FORMS, required=True, help="what to write")
    export.add_argument(
        "--table", dest="tables", action="append", choices=_TABLES, metavar="NAME",
        help=f"only this table, may be repeated: {', '.join(_TABLES)}",
    )  # fmt: skip
    export.add_argument("--header", action="store_true", help="begin with the names of the columns (gdelt)")
    export.add_argument("--force", action="store_true", help="replace an earlier export")
    export.add_argument("--describe", action="store_true", help="only show the columns and what they mean")
    add_config(export)
    add_format(export)


def run_export(options: Namespace) -> int:
    """Options of `export` → exit code.

    Raises:
        MissingData, TargetInUse, UnwritableData, SnapshotGone, SettingsError: as their words say.
    """
    from pipelines.export import ExportRequest, export_tables
    from pipelines.settings import load_settings

    for flag in ("data", "out"):
        if getattr(options, flag) is None:
            print(f"alliance-watch export: --{flag} is required", file=sys.stderr)
            return BAD_USAGE
    if options.tables and options.form in ("gdelt", "plover"):
        print(f"alliance-watch export: --table: {options.form} is made of resolved_events", file=sys.stderr)
        return BAD_USAGE
    if options.header and options.form != "gdelt":
        print("alliance-watch export: --header is for gdelt: the others name their columns", file=sys.stderr)
        return BAD_USAGE
    request = ExportRequest(
        data=options.data,
        out=options.out,
        form=options.form,
        tables=tuple(dict.fromkeys(options.tables or ())),
        header=options.header,
        force=options.force,
    )
    world = load_settings(options.config, os.environ).settings.build_world()
    for name, rows in export_tables(request, world).items():
        print(f"{name}: {rows:,} rows", file=sys.stderr)
    return DONE
