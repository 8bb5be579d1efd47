"""What the command line understands of `rejects`.

The work is done in `pipelines.handlers` and `pipelines.retry_session`.
"""

import argparse
from typing import Any

from pipelines.arguments import (
    add_config,
    add_data,
    add_format,
    add_log_level,
    read_count,
    read_moment,
)


def add_rejects(commands: Any) -> None:
    """Commands of the parser → the same with `rejects`."""
    rejects: argparse.ArgumentParser = commands.add_parser("rejects", help="what could not be used, and why")
    actions: Any = rejects.add_subparsers(
        dest="action", metavar="list|show|retry", required=True, parser_class=type(rejects)
    )
    listing: argparse.ArgumentParser = actions.add_parser(
        "list",
        help="rejected documents, newest first",
        examples="alliance-watch rejects list --data data --reason error",
    )
    add_data(listing, "folder of the tables, also s3://…")
    listing.add_argument("--reason", help="only this reason")
    listing.add_argument(
        "--limit", type=read_count, default=100, metavar="N", help="at most N (default: 100)"
    )
    add_format(listing)
    show: argparse.ArgumentParser = actions.add_parser(
        "show",
        help="one of them with all it says",
        examples="alliance-watch rejects show 3f2a91 --data data",
    )
    show.add_argument("key", help="its key, or how that begins")
    add_data(show, "folder of the tables, also s3://…")
    _add_retry(actions)


def _add_retry(actions: Any) -> None:
    retry: argparse.ArgumentParser = actions.add_parser(
        "retry",
        help="process them again, with the settings of now",
        description="Processes rejected documents again with the settings of now: all of them, or those of a "
        "reason, a stage, or some keys. What is accepted moves to articles and events; what is rejected "
        "again keeps one row, with today's reason. Documents are read again from where they were: rows of a "
        "file that is gone or says something else now stay as they are. Where the run was given relative "
        "paths, start this from the same folder.",
        usage="alliance-watch rejects retry [KEY...] --data DIR [--reason R] [--stage S] [options]",
        examples="alliance-watch rejects retry --data data --reason language --config mine.yaml\n"
        "alliance-watch rejects retry --data data --stage read\n"
        "alliance-watch rejects retry 3f2a91 --data data\n"
        "alliance-watch rejects retry --data data --dry-run",
    )
    retry.add_argument("keys", nargs="*", metavar="KEY", help="a key, or how it begins (default: any)")
    add_data(retry, "folder of the tables")
    retry.add_argument("--reason", help="only this reason: language, off_topic, error, …")
    retry.add_argument("--stage", help="only what this step rejected: read, extract, gate, …")
    add_config(retry)
    retry.add_argument("--workers", type=read_count, metavar="N", help="processes (default: run.workers)")
    retry.add_argument(
        "--dry-run", action="store_true", help="write nothing; print the events that would be added"
    )
    retry.add_argument(
        "--now", type=read_moment, metavar="TIME", help="what to write as first_seen (ISO 8601)"
    )
    add_log_level(retry)
