"""What the command line understands of `report` and `serve`.

The work is done in `pipelines.report_session` and `pipelines.serve`.
"""

import argparse
from pathlib import Path
from typing import Any

from pipelines.arguments import add_config, add_data, read_count, read_moment


def add_report(commands: Any) -> None:
    """Commands of the parser → the same with `report`."""
    report: argparse.ArgumentParser = commands.add_parser(
        "report",
        help="one HTML file to look at: ledger, map, timeline, evidence",
        description="Writes a page that needs no network and nothing beside it. What changed is counted from "
        "the report that is overwritten, where there is one.",
        examples="alliance-watch report --data data --out report.html\n"
        "alliance-watch report --data data --out report.html --since 2025-03-01",
    )
    add_data(report, "folder of the tables, also s3://…")
    report.add_argument("--out", type=Path, required=True, metavar="FILE.html", help="the page")
    report.add_argument(
        "--since",
        type=read_moment,
        metavar="TIME",
        help="tell what changed since then (default: since the report in FILE.html, else 30 days)",
    )
    report.add_argument(
        "--limit",
        type=read_count,
        default=10_000,
        metavar="N",
        help="room for the newest N events (default: 10000)",
    )
    report.add_argument("--now", type=read_moment, metavar="TIME", help="when it counts as made (ISO 8601)")
    add_config(report)


def add_serve(commands: Any) -> None:
    """Commands of the parser → the same with `serve`."""
    serve: argparse.ArgumentParser = commands.add_parser(
        "serve",
        help="the same page live, on loopback",
        description="Shows the tables as they are, and again whenever a batch is committed. Only this "
        "machine can reach it. Ctrl-C ends it.",
        examples="alliance-watch serve --data data\nalliance-watch serve --data data --port 8500",
    )
    add_data(serve, "folder of the tables")
    serve.add_argument(
        "--port", type=int, default=8080, metavar="PORT", help="on loopback; 0 for any (default: 8080)"
    )
    serve.add_argument(
        "--since", type=read_moment, metavar="TIME", help="tell what changed since then (default: 7 days)"
    )
    add_config(serve)
