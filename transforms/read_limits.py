"""What reading an input may cost, and what of it is kept: plain values."""

from dataclasses import dataclass

#: a line or gap longer than any document: a file that has one is not worth the time to find its end
MAX_GAP = 300_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLimits:
    """How many decompressed bytes are read before an input is given up as `too_large`."""

    #: one text, page or JSON line
    document_bytes: int = 5_000_000
    #: one feed file
    feed_bytes: int = 20_000_000
    #: how far the end of a JSON line that is too large is looked for
    gap_bytes: int = MAX_GAP
    #: whether pages of an archive that name nothing watched become rows of `rejects`; else they are counted
    keep_off_topic: bool = False
