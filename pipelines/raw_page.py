"""A stored article or reject → the page as it was read: from its place in an archive, or its file.

Rejects (`NoRawPage`) what was read from elsewhere, and files that are gone or changed.
"""

from pipelines.why import Stored
from transforms.archives import read_raw_page, record_offset
from transforms.inputs import format_of
from transforms.streams import Corrupt, TooLarge, Truncated, read_whole

#: most that is given of one: a page of an archive is cut there, a larger file isn't given
MAX_BYTES = 50_000_000


class NoRawPage(Exception):
    """The raw page can't be had; says why."""


def find_raw_page(stored: Stored) -> bytes:
    """Rows of a document → the bytes it was made from, as far as they are still where they were read."""
    row = stored.article or stored.reject or {}
    origin = str(row["origin"])
    try:
        if format_of(origin) == "warc":
            offset = record_offset(tuple(row.get("notes") or ()))
            if offset is None:
                raise NoRawPage(f"its row doesn't say where in {origin} it begins: only articles do")
            return read_raw_page(origin, offset, MAX_BYTES)
        if format_of(origin) in ("html", "text"):
            return read_whole(origin, MAX_BYTES)
    except (OSError, LookupError, TooLarge, Truncated, Corrupt) as error:
        raise NoRawPage(f"{origin} can't be read as it was: {error}") from error
    raise NoRawPage(f"it was read from {origin}, which keeps no page of its own")
