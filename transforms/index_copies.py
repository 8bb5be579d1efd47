"""Tables in an object store → the index of known articles on each machine that needs one, kept in its cache.

A machine without an index fetches the copy beside the tables, if somebody left one, and brings it up to date
from them. The copy need not be of today: it only saves reading what it knows already.
"""

import fcntl
import sqlite3
from contextlib import closing, suppress
from functools import cache
from pathlib import Path
from typing import Final

from transforms.cache_folder import cache_folder
from transforms.known import INDEX, update_index
from transforms.object_address import Address
from transforms.object_store import get_file, put_file
from transforms.storage import Place, place_exists, size_of

#: a copy is left anew when the index has grown to so many times its size; smaller ones are made as quickly
_GROWN: Final = 1.25
_WORTH_BYTES: Final = 10_000_000


def name_index(data: Address, index: Path) -> Address:
    """Data folder and its index here → an address that says which versions of the tables it knows."""
    with closing(sqlite3.connect(index)) as connection:
        return data / INDEX / "-".join(map(str, _known_versions(connection)))


def share_index(data: Place, index: Path) -> Place:
    """Data folder and its index, which nobody writes to now → the index as workers elsewhere are told of it.

    Beside tables in an object store a copy is left for them, if that is worth it.

    Raises:
        OSError: it can't be written.
    """
    if isinstance(data, Path):
        return index
    size, copy = index.stat().st_size, data / INDEX / "copy"
    if size >= _WORTH_BYTES and not (place_exists(copy) and size < _GROWN * size_of(copy)):
        put_file(copy, index)
    return name_index(data, index)


@cache
def have_index(index: Address) -> Path:
    """Index as workers are told of it → its file on this machine, which one of them brings up to date."""
    data, wanted = index.parent.parent, tuple(int(version) for version in index.name.split("-"))
    path = cache_folder(data) / INDEX
    with path.with_suffix(".lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            with suppress(FileNotFoundError):
                get_file(data / INDEX / "copy", path)
        with closing(sqlite3.connect(path)) as connection:
            current = _known_versions(connection) == wanted
        return path if current else update_index(data)


def _known_versions(connection: sqlite3.Connection) -> tuple[int, ...]:
    """Index → the versions of `articles` and `rejects` that it knows; none where it is new or damaged."""
    sql = "SELECT value FROM meta WHERE name IN ('articles version', 'rejects version') ORDER BY name"
    try:
        return tuple(int(value) for (value,) in connection.execute(sql))
    except sqlite3.DatabaseError:
        return ()
