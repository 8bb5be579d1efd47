"""Documents kept in a state file ↔ bytes: what a feed gave waits there until its rows are committed.

Takes a slice of a batch, gives its documents in order; a document whose bytes can't be read is a mistake of
ours and raises.
"""

import json
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path

from transforms.records import RawDocument, StoredSlice


def pack_document(document: RawDocument) -> bytes:
    """Document → bytes: JSON, compressed."""
    plain = asdict(document)
    moment = document.published_at
    plain["published_at"] = moment.isoformat() if moment else None
    return zlib.compress(json.dumps(plain, ensure_ascii=False).encode())


def unpack_document(packed: bytes) -> RawDocument:
    """Bytes → the document that was packed."""
    plain = json.loads(zlib.decompress(packed))
    moment = plain["published_at"]
    plain["published_at"] = datetime.fromisoformat(moment) if moment else None
    for name in ("authors", "notes"):
        plain[name] = tuple(plain[name])
    return RawDocument(**plain)


def read_stored(part: StoredSlice) -> Iterator[RawDocument]:
    """Slice of a batch → its documents, in the order of their numbers."""
    address = f"{Path(part.path).resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=30)) as connection:
        for number in part.numbers:
            found = connection.execute("SELECT document FROM items WHERE number = ?", (number,)).fetchone()
            if found is not None and found[0] is not None:
                yield replace(unpack_document(found[0]), order=number)
