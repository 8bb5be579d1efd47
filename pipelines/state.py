"""What a continuous run must remember, in one SQLite file: feeds and their polls, items that wait, batches.

Takes reports of polls and pages, gives what is due; every change is one transaction, on disk when it returns.
Only the holder of the folder's write lock opens it for writing; it may do so in several threads, each with a
connection. A file of a newer program is refused (`NewerSchema`), a full or unwritable disk is said as
`UnwritableData`.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from transforms.data_folder import FullDisk, MissingData, NewerSchema, UnwritableData, lacks_space
from transforms.feed_list import ListedFeed
from transforms.items import Item, item_key, make_document, number_revision
from transforms.polling import PollPolicy, PollResult, PollState, plan_next
from transforms.stored import pack_document

STATE: Final = "state.sqlite"
_FORMAT: Final = 1
_SCHEMA: Final = """
CREATE TABLE feeds (
    url TEXT PRIMARY KEY,
    outlet TEXT NOT NULL, language TEXT NOT NULL, country TEXT NOT NULL,
    listed INTEGER NOT NULL,
    address TEXT NOT NULL,
    etag TEXT, last_modified TEXT, body_sha256 TEXT, whole_at REAL NOT NULL DEFAULT 0,
    interval REAL NOT NULL, next_poll REAL NOT NULL DEFAULT 0, not_before REAL NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0, retired INTEGER NOT NULL DEFAULT 0,
    added REAL NOT NULL, last_poll REAL, last_success REAL, last_new REAL,
    mean_gap REAL, items INTEGER NOT NULL DEFAULT 0, status TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE INDEX feeds_due ON feeds (next_poll);
CREATE TABLE items (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    feed TEXT NOT NULL, identity TEXT NOT NULL, revision INTEGER NOT NULL, said TEXT NOT NULL,
    key TEXT NOT NULL, first_seen REAL NOT NULL,
    document BLOB,
    page TEXT, page_due REAL, page_tries INTEGER NOT NULL DEFAULT 0,
    batch INTEGER, doomed INTEGER NOT NULL DEFAULT 0,
    UNIQUE (identity, said)
);
CREATE INDEX items_waiting ON items (page_due, number) WHERE batch IS NULL;
CREATE INDEX items_of_batch ON items (batch);
CREATE TABLE batches (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    made REAL NOT NULL, done REAL,
    tries INTEGER NOT NULL DEFAULT 0, alone INTEGER, alone_tries INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX batches_undone ON batches (number) WHERE done IS NULL;
"""
#: added later; an older program that finds it lets it be
_UPKEEP: Final = """
CREATE TABLE IF NOT EXISTS upkeep (one INTEGER PRIMARY KEY CHECK (one = 1), at REAL NOT NULL)
"""
_FEED_COLUMNS: Final = (
    "url, outlet, address, etag, last_modified, body_sha256, whole_at, "
    "interval, next_poll, not_before, failures, retired"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedFeed:
    """A feed and what the next poll of it needs to know."""

    url: str
    outlet: str
    #: where it is now: it may have moved, or be named by a web page
    address: str
    etag: str | None
    last_modified: str | None
    body_sha256: str | None
    #: when it was last fetched whole, whatever its validators say
    whole_at: float
    poll: PollState


@dataclass(frozen=True, slots=True, kw_only=True)
class PollReport:
    """What a poll brought, to be recorded at once: items and validators together."""

    feed: FollowedFeed
    at: float
    result: PollResult
    #: what happened, in words: '304', 'timeout: …'
    status: str
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRules:
    """What is done with a new item."""

    #: text of fewer characters is taken for a summary: the page is fetched; 0 for never
    page_below: int
    #: revisions of an item that are kept; later changes are left out
    max_revisions: int


def open_state(data: Path) -> sqlite3.Connection:
    """Data folder, under the lock → its state, made if there is none; what it says done is on disk.

    Raises:
        NewerSchema: a newer program wrote it.
        UnwritableData: it can't be written.
    """
    path = data / STATE
    with sqlite_errors_as_unwritable(path):
        connection = sqlite3.connect(path, timeout=30, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        found = connection.execute("PRAGMA user_version").fetchone()[0]
        if found > _FORMAT:
            connection.close()
            raise NewerSchema(str(path), found, _FORMAT)
        if found == 0:
            with transaction(connection):
                for statement in _SCHEMA.split(";"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {_FORMAT}")
        connection.execute(_UPKEEP)
    return connection


def read_state(data: Path) -> sqlite3.Connection:
    """Data folder → its state for reading only; a writer may be at work.

    Raises:
        MissingData: nothing was ever followed into this folder.
    """
    path = data / STATE
    if not path.is_file():
        raise MissingData(path)
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=30)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Connection → all that is done with it in this context, or nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def sqlite_errors_as_unwritable(path: Path) -> Iterator[None]:
    """Path → SQLite's refusal to write there, said as `UnwritableData` or `FullDisk`."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if lacks_space(error):
            raise FullDisk(path) from error
        raise UnwritableData(path, str(error)) from error


def list_feeds(
    connection: sqlite3.Connection, feeds: Sequence[ListedFeed], policy: PollPolicy, now: float
) -> None:
    """Feed list → the feeds that are followed; one no longer listed keeps its state, but is not polled.

    A retired feed stays retired; to try it anew, leave it out of the list once.
    """
    with transaction(connection):
        listed = {feed.url for feed in feeds}
        gone = [(url,) for (url,) in connection.execute("SELECT url FROM feeds") if url not in listed]
        connection.executemany("UPDATE feeds SET listed = 0, retired = 0, failures = 0 WHERE url = ?", gone)
        connection.executemany(
            "INSERT INTO feeds (url, address, outlet, language, country, listed, interval, added)"
            " VALUES (?, ?, ?, ?, ?, 1, ?, ?) ON CONFLICT (url) DO UPDATE SET outlet = excluded.outlet,"
            " language = excluded.language, country = excluded.country, listed = 1",
            [
                (feed.url, feed.url, feed.outlet, feed.language, feed.country, policy.interval_first, now)
                for feed in feeds
            ],
        )


def list_candidates(
    connection: sqlite3.Connection, now: float, furthest: float, *, impatient: bool = False
) -> list[FollowedFeed]:
    """State → the listed feeds that may be due, the longest waiting first; `polling.is_due` decides.

    Args:
        connection: the state.
        now: seconds since 1970.
        furthest: a later moment is of a clock that was set back.
        impatient: also those whose time hasn't come.
    """
    rows = connection.execute(
        f"SELECT {_FEED_COLUMNS} FROM feeds WHERE listed AND NOT retired"
        " AND (? OR next_poll <= ? OR next_poll > ?) ORDER BY next_poll, url",
        (impatient, now, furthest),
    )
    return [
        FollowedFeed(
            url=row[0],
            outlet=row[1],
            address=row[2],
            etag=row[3],
            last_modified=row[4],
            body_sha256=row[5],
            whole_at=row[6],
            poll=PollState(
                interval=row[7],
                next_poll=row[8],
                not_before=row[9],
                failures=row[10],
                retired=bool(row[11]),
            ),
        )
        for row in rows
    ]


def record_polls(
    connection: sqlite3.Connection,
    reports: Iterable[tuple[PollReport, float]],
    policy: PollPolicy,
    rules: ItemRules,
) -> int:
    """Reports, each with a number by chance from 0 to 1 → how many items are new; one transaction."""
    total = 0
    with transaction(connection):
        for report, chance in reports:
            new = sum(_record_item(connection, report, item, rules) for item in report.items)
            result = replace(report.result, new=new)
            state = plan_next(report.feed.poll, result, policy, now=report.at, chance=chance)
            _record_feed(connection, report, state, new)
            total += new
    return total


def _record_item(connection: sqlite3.Connection, report: PollReport, item: Item, rules: ItemRules) -> int:
    feed = report.feed
    known = connection.execute(
        "SELECT feed, revision, said FROM items WHERE identity = ?", (item.identity,)
    ).fetchall()
    revision = number_revision(known, feed.url, item.said, rules.max_revisions)
    if revision is None:
        return 0
    document = make_document(item, revision, origin=feed.url, outlet=feed.outlet or None)
    page = item.url if len(item.text) < rules.page_below else None
    connection.execute(
        "INSERT INTO items (feed, identity, revision, said, key, first_seen, document, page, page_due)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            feed.url,
            item.identity,
            revision,
            item.said,
            item_key(item),
            report.at,
            pack_document(document),
            page,
            report.at if page else None,
        ),
    )
    return 1


def _record_feed(connection: sqlite3.Connection, report: PollReport, state: PollState, new: int) -> None:
    feed, at = report.feed, report.at
    success = at if report.result.outcome in ("read", "unchanged") else None
    connection.execute(
        "UPDATE feeds SET address = ?, etag = ?, last_modified = ?, body_sha256 = ?, whole_at = ?,"
        " interval = ?, next_poll = ?, not_before = ?, failures = ?, retired = ?, last_poll = ?, status = ?,"
        " last_success = coalesce(?, last_success),"
        # The usual gap between two polls with something new, by which silence is judged.
        " mean_gap = CASE WHEN ? AND last_new IS NOT NULL"
        " THEN 0.7 * coalesce(mean_gap, ? - last_new) + 0.3 * (? - last_new) ELSE mean_gap END,"
        " last_new = CASE WHEN ? THEN ? ELSE last_new END, items = items + ? WHERE url = ?",
        (
            feed.address,
            feed.etag,
            feed.last_modified,
            feed.body_sha256,
            feed.whole_at,
            state.interval,
            state.next_poll,
            state.not_before,
            state.failures,
            state.retired,
            at,
            report.status[:500],
            success,
            new,
            at,
            at,
            new,
            at,
            new,
            feed.url,
        ),
    )
