"""What several commands take → added to their parsers, and words of the command line → values.

Rejects a word that is no such value with ValueError, which argparse explains by the function's name.
"""

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transforms.storage import Place

LOG_LEVELS = ("debug", "info", "warning", "error")


def add_data(parser: argparse.ArgumentParser, words: str) -> None:
    """Parser → the same with `--data`."""
    parser.add_argument("--data", type=read_place, required=True, metavar="DIR", help=words)


def add_config(parser: argparse.ArgumentParser) -> None:
    """Parser → the same with `--config`."""
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="states what differs from the shipped settings"
    )


def add_format(parser: argparse.ArgumentParser) -> None:
    """Parser → the same with `--format`."""
    formats = ("table", "csv", "json", "jsonl")
    parser.add_argument("--format", choices=formats, default="table", help="default: table")


def add_log_level(parser: argparse.ArgumentParser, usual: str = "warning") -> None:
    """Parser → the same with `--log-level`."""
    parser.add_argument("--log-level", choices=LOG_LEVELS, default=usual, help=f"default: {usual}")


def read_place(text: str) -> "Place":
    """Word of the command line → a path, or an address in an object store."""
    from transforms.object_address import Address, is_address

    return Address.read(text) if is_address(text) else Path(text)


read_place.__name__ = "folder or s3://BUCKET/FOLDER"


def read_count(text: str) -> int:
    """Word of the command line → a number from 1 on."""
    number = int(text)
    if number < 1:
        raise ValueError
    return number


read_count.__name__ = "number from 1 on"


def read_moment(text: str) -> datetime:
    """Word of the command line → a moment; without a zone it is UTC's."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


read_moment.__name__ = "ISO 8601 time"
