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

from transforms.records import RawDocument, Rejection, StoredSlice
from transforms.rejections import ERROR, reject_document

_DIED = "the process died each time it worked on this document"


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


def read_stored(part: StoredSlice) -> Iterator[RawDocument | Rejection]:
    """Slice of a batch → its documents in order; one that the process died of is rejected."""
    address = f"{Path(part.path).resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=30)) as connection:
        for number in part.numbers:
            question = "SELECT document, doomed FROM items WHERE number = ?"
            packed, doomed = connection.execute(question, (number,)).fetchone() or (None, 0)
            if packed is not None:
                document = replace(unpack_document(packed), order=number)
                given_up = doomed and not part.again
                yield reject_document(document, "read", ERROR, _DIED) if given_up else document
