"""Items that wait in the state ↔ numbered batches: what is in a batch never changes, and it is done once.

An item waits for its page, then for a batch. A batch that was not marked done is run again after a crash; its
rows that are already in the tables are known by their keys.
"""

import sqlite3
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

from pipelines.state import transaction
from transforms.items import PageText, wrap_paragraphs
from transforms.records import RawDocument
from transforms.stored import pack_document, unpack_document

#: starts of a batch after which its items are run one by one, and of an item alone until it is given up
MAX_TRIES = 5
MAX_TRIES_ALONE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingPage:
    """An item whose page is to be fetched."""

    number: int
    url: str
    tries: int
    first_seen: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PageReport:
    """What became of an item's page."""

    number: int
    #: None where the feed's own text is used
    text: PageText | None
    #: why the page is not used: 'paywall', 'http 403', …
    reason: str = ""
    #: when to try again; None for never
    retry_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerBatch:
    """A batch of the ledger: its items and when it was made."""

    number: int
    made: float
    numbers: tuple[int, ...]
    #: how often it was begun before
    tries: int
    #: the item that was run alone when the process died; those before it are committed
    alone: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptItem:
    """A rejected item whose text is still in the state."""

    number: int
    key: str
    #: names the item among all, whatever its revision
    identity: str


def list_pages(connection: sqlite3.Connection, now: float, limit: int) -> list[WaitingPage]:
    """State → items whose page may be fetched now, the longest waiting first."""
    rows = connection.execute(
        "SELECT number, page, page_tries, first_seen FROM items"
        " WHERE batch IS NULL AND page_due <= ? ORDER BY page_due, number LIMIT ?",
        (now, limit),
    )
    return [WaitingPage(number=row[0], url=row[1], tries=row[2], first_seen=row[3]) for row in rows]


def record_pages(connection: sqlite3.Connection, reports: Iterable[PageReport]) -> None:
    """Reports → items that are ready, or that wait for another try; one transaction."""
    with transaction(connection):
        for report in reports:
            if report.retry_at is not None:
                connection.execute(
                    "UPDATE items SET page_due = ?, page_tries = page_tries + 1"
                    " WHERE number = ? AND batch IS NULL",
                    (report.retry_at, report.number),
                )
                continue
            found = connection.execute(
                "SELECT document FROM items WHERE number = ? AND batch IS NULL", (report.number,)
            ).fetchone()
            if found is not None:
                document = complete_document(unpack_document(found[0]), report)
                connection.execute(
                    "UPDATE items SET page_due = NULL, document = ? WHERE number = ?",
                    (pack_document(document), report.number),
                )


def complete_document(document: RawDocument, report: PageReport) -> RawDocument:
    """Document with the feed's text and what became of its page → the document that enters the graph."""
    page = report.text
    if page is None:
        return replace(document, text_basis=f"feed: {report.reason}")
    if len(page.text) < len(document.content):
        # What is left of it beside a form or a wall.
        return replace(document, text_basis="feed: page has less")
    return replace(
        document,
        format="html",
        content=wrap_paragraphs(page.text),
        title=document.title or page.title,
        authors=document.authors or page.authors,
        published_at=document.published_at or page.published_at,
        text_basis="page",
    )


def find_unfinished(connection: sqlite3.Connection) -> LedgerBatch | None:
    """State → the first batch that was begun and not finished."""
    found = connection.execute(
        "SELECT number, made, tries, alone FROM batches WHERE done IS NULL ORDER BY number LIMIT 1"
    ).fetchone()
    if found is None:
        return None
    rows = connection.execute("SELECT number FROM items WHERE batch = ? ORDER BY number", (found[0],))
    numbers = tuple(number for (number,) in rows)
    return LedgerBatch(number=found[0], made=found[1], tries=found[2], alone=found[3], numbers=numbers)


def assign_batch(connection: sqlite3.Connection, now: float, limit: int) -> LedgerBatch | None:
    """State → a new batch of the items that are ready, oldest first; None where there are none.

    One revision of an item at a time, in their order: the later one is judged by what became of the earlier.
    """
    with transaction(connection):
        rows = connection.execute(
            "SELECT number FROM items WHERE batch IS NULL AND page_due IS NULL AND NOT EXISTS"
            " (SELECT 1 FROM items AS older WHERE older.identity = items.identity"
            " AND older.revision < items.revision AND older.batch IS NULL) ORDER BY number LIMIT ?",
            (limit,),
        )
        numbers = tuple(number for (number,) in rows)
        if not numbers:
            return None
        made = connection.execute("INSERT INTO batches (made) VALUES (?)", (now,))
        batch = int(made.lastrowid or 0)
        places = [(batch, number) for number in numbers]
        connection.executemany("UPDATE items SET batch = ? WHERE number = ?", places)
    return LedgerBatch(number=batch, made=now, numbers=numbers, tries=0)


def begin_batch(connection: sqlite3.Connection, batch: LedgerBatch) -> None:
    """Batch → counted as begun once more, before anything of it is run."""
    with transaction(connection):
        connection.execute("UPDATE batches SET tries = tries + 1 WHERE number = ?", (batch.number,))


def run_alone(connection: sqlite3.Connection, batch: LedgerBatch, number: int) -> None:
    """Item of a batch that the process keeps dying of → noted as the one that is run now, all by itself.

    When the process has died of it alone several times too, it is rejected from now on.
    """
    with transaction(connection):
        alone, tries = connection.execute(
            "SELECT alone, alone_tries FROM batches WHERE number = ?", (batch.number,)
        ).fetchone()
        tries = tries + 1 if alone == number else 0
        connection.execute(
            "UPDATE batches SET alone = ?, alone_tries = ? WHERE number = ?", (number, tries, batch.number)
        )
        if tries >= MAX_TRIES_ALONE:
            connection.execute("UPDATE items SET doomed = 1 WHERE number = ?", (number,))


def forget_try(connection: sqlite3.Connection, batch: LedgerBatch) -> None:
    """Batch that was stopped in good order → as if this start of it had not been: nobody died."""
    with transaction(connection):
        connection.execute(
            "UPDATE batches SET tries = tries - 1, alone = NULL, alone_tries = 0 WHERE number = ?",
            (batch.number,),
        )


def finish_batch(
    connection: sqlite3.Connection,
    batch: LedgerBatch,
    now: float,
    is_rejected: Callable[[str], bool] = lambda _: False,
) -> None:
    """Batch whose rows are committed → done; its texts are in the tables now and leave the state.

    What was rejected keeps its text for a while, as it is nowhere else: `rejects retry` may want it.
    """
    with transaction(connection):
        connection.execute("UPDATE batches SET done = ? WHERE number = ?", (now, batch.number))
        connection.execute("UPDATE items SET page = NULL WHERE batch = ?", (batch.number,))
        keys = connection.execute("SELECT number, key FROM items WHERE batch = ?", (batch.number,)).fetchall()
        connection.executemany(
            "UPDATE items SET document = NULL WHERE number = ?",
            [(number,) for number, key in keys if not is_rejected(key)],
        )


def find_kept(connection: sqlite3.Connection, keys: Collection[str]) -> list[KeptItem]:
    """State and keys of rejected items → those whose text is still kept, in the order of their coming."""
    rows = connection.execute(
        "SELECT number, key, identity FROM items WHERE document IS NOT NULL ORDER BY number"
    )
    return [KeptItem(number=row[0], key=row[1], identity=row[2]) for row in rows if row[1] in keys]


def forget_texts(connection: sqlite3.Connection, before: float) -> int:
    """State → how many rejected items, first seen before the moment, have lost their text."""
    with transaction(connection):
        return connection.execute(
            "UPDATE items SET document = NULL WHERE document IS NOT NULL AND first_seen < ?"
            " AND batch IN (SELECT number FROM batches WHERE done IS NOT NULL)",
            (before,),
        ).rowcount


def count_waiting(connection: sqlite3.Connection) -> tuple[int, int, float | None]:
    """State → how many items are ready, how many wait for a page, when the first ready one was seen."""
    ready, since = connection.execute(
        "SELECT count(*), min(first_seen) FROM items WHERE batch IS NULL AND page_due IS NULL"
    ).fetchone()
    (pages,) = connection.execute(
        "SELECT count(*) FROM items WHERE batch IS NULL AND page_due IS NOT NULL"
    ).fetchone()
    return int(ready), int(pages), since


def find_upkeep(connection: sqlite3.Connection, now: float) -> tuple[float, int]:
    """State → when the tables were last tidied up, now if never, and the number of batches since."""
    with transaction(connection):
        connection.execute("INSERT OR IGNORE INTO upkeep VALUES (1, ?)", (now,))
    (at,) = connection.execute("SELECT at FROM upkeep").fetchone()
    (batches,) = connection.execute("SELECT count(*) FROM batches WHERE done > ?", (at,)).fetchone()
    return at, batches


def record_upkeep(connection: sqlite3.Connection, now: float) -> None:
    """Moment → remembered as that of the last upkeep, so that a restart neither skips nor repeats one."""
    with transaction(connection):
        connection.execute("UPDATE upkeep SET at = ?", (now,))


def forget_items(connection: sqlite3.Connection, before: float) -> int:
    """State → how many items were removed: those of finished batches, first seen before the moment.

    A feed that still lists one gives it anew; its key is known then, so that no row is added.
    """
    with transaction(connection):
        removed = connection.execute(
            "DELETE FROM items WHERE first_seen < ? AND batch IN (SELECT number FROM batches WHERE done < ?)",
            (before, before),
        ).rowcount
        connection.execute(
            "DELETE FROM batches WHERE done < ?"
            " AND number NOT IN (SELECT batch FROM items WHERE batch IS NOT NULL)",
            (before,),
        )
    return removed
