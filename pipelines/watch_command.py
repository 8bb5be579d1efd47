"""What the command line understands of `watch` and `feeds`.

The work is done in `pipelines.watch_session` and `pipelines.feed_commands`.
"""

import argparse
from pathlib import Path
from typing import Any

from pipelines.arguments import add_config, add_data, add_format, add_log_level


def add_watch(commands: Any) -> None:
    """Commands of the parser → the same with `watch`."""
    watch: argparse.ArgumentParser = commands.add_parser(
        "watch",
        help="follow feeds and keep the same tables up to date",
        description="Follows the feeds of a list (OPML, CSV or a line each) until it is stopped. Set "
        "fetch.contact before you follow feeds of others. New events that match a rule of the section "
        "alerts of the settings are told to files and webhooks.",
        usage="alliance-watch watch --feeds FILE --data DIR [options] [-- BEAM_FLAGS]",
        examples="alliance-watch watch --feeds configs/feeds.opml --data data\n"
        "alliance-watch watch --feeds feeds.txt --data data --once\n"
        "alliance-watch watch --feeds feeds.txt --data data -- --runner=FlinkRunner …  # docs/cluster.md",
    )
    watch.add_argument("--feeds", type=Path, required=True, metavar="FILE", help="list of the feeds")
    add_data(watch, "folder of the tables; made if there is none")
    watch.add_argument("--once", action="store_true", help="ask each feed once, then end")
    add_config(watch)
    watch.add_argument(
        "--metrics-port", type=int, metavar="PORT", help="serve /healthz and /metrics on loopback"
    )
    add_log_level(watch, "info")


def add_feeds(commands: Any) -> None:
    """Commands of the parser → the same with `feeds`."""
    feeds: argparse.ArgumentParser = commands.add_parser(
        "feeds", help="lists of feeds, and how they are doing"
    )
    actions: Any = feeds.add_subparsers(
        dest="action", metavar="check|import|export|status", required=True, parser_class=type(feeds)
    )
    check: argparse.ArgumentParser = actions.add_parser(
        "check",
        help="ask each feed of a list once and show how it answers",
        examples="alliance-watch feeds check configs/feeds.opml",
    )
    check.add_argument("feeds", type=Path, metavar="FILE", help="OPML, CSV or a line each")
    add_config(check)
    add_format(check)
    add: argparse.ArgumentParser = actions.add_parser(
        "import",
        help="add the feeds of another list to yours",
        examples="alliance-watch feeds import reader.opml --feeds feeds.opml",
    )
    add.add_argument("list", type=Path, metavar="LIST", help="OPML, CSV or a line each")
    add.add_argument(
        "--feeds", type=Path, required=True, metavar="FILE", help="yours; .opml, .csv or .txt says its layout"
    )
    export: argparse.ArgumentParser = actions.add_parser(
        "export",
        help="print a list in another layout",
        examples="alliance-watch feeds export --feeds feeds.txt --format opml > feeds.opml",
    )
    export.add_argument("--feeds", type=Path, required=True, metavar="FILE", help="list of the feeds")
    export.add_argument("--format", choices=("opml", "csv", "txt"), default="opml", help="default: opml")
    status: argparse.ArgumentParser = actions.add_parser(
        "status",
        help="how the followed feeds are doing, the worst first",
        examples="alliance-watch feeds status --data data",
    )
    add_data(status, "folder of the tables")
    add_format(status)
