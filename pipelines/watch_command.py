"""What the command line understands of `watch`; the work is done in `pipelines.watch_session`."""

import argparse
from pathlib import Path
from typing import Any

from pipelines.command import LOG_LEVELS


def add_watch(commands: Any) -> None:
    """Commands of the parser → the same with `watch`."""
    watch: argparse.ArgumentParser = commands.add_parser(
        "watch",
        help="follow feeds and keep the same tables up to date",
        description="Follows the feeds of a list (OPML, CSV or a line each) until it is stopped. Set "
        "fetch.contact before you follow feeds of others.",
        examples="alliance-watch watch --feeds configs/feeds.opml --data data\n"
        "alliance-watch watch --feeds feeds.txt --data data --once",
    )
    watch.add_argument("--feeds", type=Path, required=True, metavar="FILE", help="list of the feeds")
    add_data(watch, "folder of the tables; made if there is none")
    watch.add_argument("--once", action="store_true", help="ask each feed once, then end")
    watch.add_argument(
        "--config", type=Path, metavar="FILE", help="states what differs from the shipped settings"
    )
    watch.add_argument("--log-level", choices=LOG_LEVELS, default="info", help="default: info")


def add_data(parser: argparse.ArgumentParser, words: str) -> None:
    """Parser → the same with `--data`."""
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help=words)
