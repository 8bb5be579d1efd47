"""What is already in the tables: document keys, article ids and fingerprints, in one small SQLite file.

Takes the tables, gives look-ups that workers can do by themselves. The file is derived: it is brought up to
date from the tables, and made anew where it is missing, damaged, of another format or ahead of them. Of
tables in an object store each machine that needs the file has its own, in its cache folder.
"""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import pyarrow.parquet as pq
from deltalake import DeltaTable

from transforms.cache_folder import cache_folder
from transforms.commit import data_files, open_tables
from transforms.data_folder import FullDisk, UnwritableData, lacks_space
from transforms.near_duplicates import Fingerprint, fingerprint
from transforms.records import Article
from transforms.storage import Place, open_parquet

INDEX: Final = "_index.sqlite"

_FORMAT: Final = 3
_ROWS_AT_ONCE: Final = 500
# Known articles came before any that is read now, so their order is below every order of an input.
_BEFORE_ALL: Final = -(1 << 62)
_SCHEMA: Final = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE files (number INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE);
CREATE TABLE keys (key TEXT PRIMARY KEY, file INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE articles (
    number INTEGER PRIMARY KEY,
    article_id TEXT NOT NULL UNIQUE,
    key TEXT NOT NULL,
    revision INTEGER NOT NULL,
    first_seen TEXT NOT NULL,
    content_sha256 TEXT NOT NULL,
    signature BLOB
);
CREATE TABLE bands (
    band INTEGER NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (band, number)
) WITHOUT ROWID;
"""

Fingerprinter = Callable[[Article], Fingerprint]


class KnownArticles:
    """The index, open for reading; one for each process."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @classmethod
    def open_read_only(cls, index: Place) -> "KnownArticles":
        """Index → look-ups in it; make the index first with `update_index`.

        Raises:
            sqlite3.OperationalError: there is no such file.
        """
        # Imported here, since it needs `update_index`.
        from transforms.index_copies import have_index

        path = index if isinstance(index, Path) else have_index(index)
        # Beam may set a worker up in one thread and run it in another, never in both at once. Opened for
        # writing, so that SQLite may undo what a writer had begun that was killed; else nobody could read.
        address = f"{path.resolve().as_uri()}?mode=rw"
        connection = sqlite3.connect(address, uri=True, check_same_thread=False)
        connection.execute("PRAGMA query_only = ON")
        return cls(connection)

    def contains_key(self, key: str) -> bool:
        """Document key → whether it is a row of `articles` or `rejects`."""
        return self._has("SELECT 1 FROM keys WHERE key = ?", key)

    def is_rejected(self, key: str) -> bool:
        """Document key → whether it is a row of `rejects`."""
        return self._has(
            "SELECT 1 FROM keys JOIN files ON number = file WHERE key = ? AND path GLOB 'rejects/*'", key
        )

    def find_revision(self, article_id: str) -> int:
        """Article id → its newest revision in `articles`; 0 where it has no row."""
        sql = "SELECT revision FROM articles WHERE article_id = ?"
        found = self._connection.execute(sql, (article_id,)).fetchone()
        return int(found[0]) if found else 0

    def candidates(self, bands: Iterable[bytes]) -> list[Fingerprint]:
        """Bands → the originals that share one, earliest first; near-duplicates are never originals.

        The fingerprints come without their bands, and their order lies before that of any input.
        """
        numbers = {
            number
            for band in bands
            for (number,) in self._connection.execute(
                "SELECT number FROM bands WHERE band = ?", (_shortened(band),)
            )
        }
        rows = [
            self._connection.execute(
                "SELECT first_seen, article_id, key, content_sha256, signature FROM articles"
                " WHERE number = ?",
                (number,),
            ).fetchone()
            for number in numbers
        ]
        return [
            Fingerprint(
                article_id=article_id,
                key=key,
                order=_BEFORE_ALL + position,
                content_sha256=content,
                signature=signature,
                bands=(),
            )
            for position, (_, article_id, key, content, signature) in enumerate(sorted(rows))
        ]

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> "KnownArticles":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _has(self, sql: str, value: str) -> bool:
        return self._connection.execute(sql, (value,)).fetchone() is not None


def update_index(data: Place, fingerprint_of: Fingerprinter = fingerprint) -> Path:
    """Tables → the path of an index that knows all their rows: reads only files it has not read before.

    Call it under the lock: before a batch, after `recover`, and after each commit.

    Raises:
        UnwritableData, FullDisk: the index can't be written.
    """
    path = cache_folder(data) / INDEX
    tables = open_tables(data)
    try:
        _bring_up_to_date(path, data, tables, fingerprint_of)
    except sqlite3.DatabaseError as error:
        if lacks_space(error):
            raise FullDisk(path) from error
        # Damaged, or not ours: it is derived, so the cure is to make it anew.
        for leftover in (path, path.with_name(f"{INDEX}-journal")):
            leftover.unlink(missing_ok=True)
        try:
            _bring_up_to_date(path, data, tables, fingerprint_of)
        except sqlite3.OperationalError as again:
            raise UnwritableData(path, str(again)) from again
    return path


def _bring_up_to_date(
    path: Path, data: Place, tables: Mapping[str, DeltaTable], fingerprint_of: Fingerprinter
) -> None:
    state = _state(tables, fingerprint_of)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("BEGIN IMMEDIATE")
        if not _continues(connection, state):
            _start_anew(connection)
        done = {path for (path,) in connection.execute("SELECT path FROM files")}
        current = {f"{name}/{file}" for name in ("articles", "rejects") for file in data_files(tables[name])}
        for file in sorted(current - done):
            _index_file(connection, data, file, fingerprint_of)
        if gone := [(file,) for file in done - current]:
            connection.executemany("DELETE FROM files WHERE path = ?", gone)
            # What stayed of their rows was found in other files just now; the rest has left the tables.
            connection.execute("DELETE FROM keys WHERE file NOT IN (SELECT number FROM files)")
        connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", state.items())


def _state(tables: Mapping[str, DeltaTable], fingerprint_of: Fingerprinter) -> dict[str, str]:
    state = {"format": str(_FORMAT), "fingerprints": _probe(fingerprint_of)}
    for name in ("articles", "rejects"):
        state[f"{name} id"] = str(tables[name].metadata().id)
        state[f"{name} version"] = str(tables[name].version())
    return state


def _continues(connection: sqlite3.Connection, state: Mapping[str, str]) -> bool:
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
        return False
    found: dict[str, str] = dict(connection.execute("SELECT name, value FROM meta"))
    for name, value in state.items():
        if name.endswith(" version"):
            # Behind the tables is what catching up is for; ahead means that they were put back.
            if int(found.get(name, "0")) > int(value):
                return False
        elif found.get(name) != value:
            return False
    return True


def _start_anew(connection: sqlite3.Connection) -> None:
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    for (name,) in tables:
        connection.execute(f'DROP TABLE "{name}"')
    for statement in _SCHEMA.split(";"):
        connection.execute(statement)


def _index_file(
    connection: sqlite3.Connection, data: Place, file: str, fingerprint_of: Fingerprinter
) -> None:
    parquet = open_parquet(data / file)
    if file.startswith("articles/"):
        ids = parquet.read(columns=["article_id"]).column("article_id").to_pylist()
        known = {
            one
            for one in ids
            if connection.execute("SELECT 1 FROM articles WHERE article_id = ?", (one,)).fetchone()
        }
        # A compacted file holds old rows only: their texts needn't be read again.
        if not known.issuperset(ids):
            for batch in parquet.iter_batches(_ROWS_AT_ONCE):
                for row in batch.to_pylist():
                    if row["article_id"] not in known:
                        _index_article(connection, row, fingerprint_of)
        _index_revisions(connection, parquet)
    keys = parquet.read(columns=["key"]).column("key").to_pylist()
    number = connection.execute("INSERT INTO files (path) VALUES (?)", (file,)).lastrowid
    connection.executemany("INSERT OR REPLACE INTO keys VALUES (?, ?)", [(key, number) for key in keys])


def _index_revisions(connection: sqlite3.Connection, parquet: pq.ParquetFile) -> None:
    # Files of schema version 1 have first revisions only.
    if "revision" not in parquet.schema_arrow.names:
        return
    rows = parquet.read(columns=["article_id", "revision"]).to_pylist()
    later = [(row["revision"], row["article_id"]) for row in rows if (row["revision"] or 1) > 1]
    connection.executemany("UPDATE articles SET revision = max(revision, ?) WHERE article_id = ?", later)


def _index_article(
    connection: sqlite3.Connection, row: Mapping[str, Any], fingerprint_of: Fingerprinter
) -> None:
    original = row["duplicate_of"] is None
    print_ = fingerprint_of(_article(row)) if original else None
    cursor = connection.execute(
        "INSERT OR IGNORE INTO articles (article_id, key, revision, first_seen, content_sha256, signature)"
        " VALUES (?, ?, 1, ?, ?, ?)",
        (
            row["article_id"],
            row["key"],
            row["first_seen"].isoformat(timespec="microseconds"),
            print_.content_sha256 if print_ else row["content_sha256"],
            print_.signature if print_ else None,
        ),
    )
    if print_ and cursor.rowcount:
        connection.executemany(
            "INSERT OR IGNORE INTO bands VALUES (?, ?)",
            [(_shortened(band), cursor.lastrowid) for band in print_.bands],
        )


def _article(row: Mapping[str, Any]) -> Article:
    names = ("article_id", "key", "origin", "url", "source", "title", "text", "language")
    rest = ("published_at", "published_basis", "content_sha256", "duplicate_of")
    return Article(
        **{name: row[name] for name in (*names, *rest)},
        order=0,
        authors=tuple(row["authors"]),
        notes=tuple(row["notes"]),
    )


def _probe(fingerprint_of: Fingerprinter) -> str:
    # Prints of another method can't be compared: a change of it shows in the print of a fixed text.
    row: dict[str, Any] = {
        "article_id": "probe",
        "key": "probe",
        "origin": "",
        "url": None,
        "source": None,
        "title": "",
        "text": " ".join(f"word{i}" for i in range(50)),
        "language": "en",
        "published_at": None,
        "published_basis": None,
        "content_sha256": "",
        "duplicate_of": None,
        "authors": [],
        "notes": [],
    }
    made = fingerprint_of(_article(row))
    described = json.dumps([made.signature.hex(), [band.hex() for band in made.bands]])
    return hashlib.sha256(described.encode()).hexdigest()


def _shortened(band: bytes) -> int:
    # 64 bits are enough: a chance meeting costs one comparison of signatures.
    return int.from_bytes(hashlib.blake2b(band, digest_size=8).digest(), "big", signed=True)
