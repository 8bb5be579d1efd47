"""A file, gzipped or not → its bytes in bounded pieces: chunks, lines, or the whole under a cap."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from transforms.storage import open_file

CHUNK = 1 << 20
_GZIP = b"\x1f\x8b"


class Truncated(Exception):
    """The compressed file ends before its end; `rest` is what came after the last whole line."""

    def __init__(self, rest: bytes = b"") -> None:
        super().__init__("the compressed file ends too early")
        self.rest = rest


class Corrupt(Exception):
    """The compressed data can't be decompressed any further."""


class TooLarge(Exception):
    """More bytes than are allowed for one document."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"more than {limit:,} bytes")
        self.limit = limit


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file, without its end; `cut` where it was too long to be kept."""

    data: bytes
    cut: bool = False


def open_stream(path: str, offset: int = 0) -> Iterator[bytes]:
    """Path → its decompressed bytes from `offset` on, at most a megabyte at a time.

    Whether a file is gzipped is seen from its first bytes, not from its name.

    Raises:
        Truncated: a gzipped file ends too early; all bytes before have been given.
        Corrupt: a gzipped file is damaged; all bytes before have been given.
        OSError: the file can't be read.
    """
    with open_file(path) as file:
        gzipped = file.read(2) == _GZIP
        if not gzipped:
            file.seek(offset)
            while chunk := file.read(CHUNK):
                yield chunk
            return
    for chunk in _decompressed(path):
        if offset >= len(chunk):
            offset -= len(chunk)
        else:
            yield chunk[offset:] if offset else chunk
            offset = 0


def _decompressed(path: str) -> Iterator[bytes]:
    """Path of a gzipped file → its content, all members of it, each piece bounded."""
    with open_file(path) as file:
        member, data = zlib.decompressobj(wbits=31), b""
        while True:
            if not data:
                data = file.read(1 << 16)
            if not data:
                raise Truncated
            try:
                piece = member.decompress(data, CHUNK)
            except zlib.error as error:
                raise Corrupt(f"gzip: {error}") from error
            if piece:
                yield piece
            if not member.eof:
                data = member.unconsumed_tail
                continue
            data = (member.unused_data or file.read(1 << 16)).lstrip(b"\x00")
            # After the last member there may be padding, or bytes that are none of gzip's.
            if len(data) < 2:
                data += file.read(1 << 16)
            if not data.startswith(_GZIP):
                return
            member = zlib.decompressobj(wbits=31)


def read_whole(path: str, limit: int) -> bytes:
    """Path → all its bytes.

    Raises:
        TooLarge: there are more than `limit` of them.
    """
    pieces: list[bytes] = []
    size = 0
    for chunk in open_stream(path):
        pieces.append(chunk)
        size += len(chunk)
        if size > limit:
            raise TooLarge(limit)
    return b"".join(pieces)


def read_lines(stream: Iterator[bytes], limit: int, max_gap: int) -> Iterator[Line]:
    """Chunks → lines: one longer than `limit` comes cut short, and the next is looked for up to `max_gap` on.

    Raises:
        Truncated: with the bytes after the last whole line.
    """
    held: list[bytes] = []
    size = 0
    try:
        for chunk in stream:
            *whole, rest = chunk.split(b"\n")
            for piece in whole:
                yield _line(held, piece, size, limit)
                held, size = [], 0
            if size <= limit:
                held.append(rest)
            size += len(rest)
            if size > max_gap:
                break
    except Truncated:
        raise Truncated(b"".join(held)[:limit]) from None
    if size:
        yield _line(held, b"", size, limit)


def _line(held: list[bytes], piece: bytes, size: int, limit: int) -> Line:
    cut = size + len(piece) > limit
    data = b"".join(held)[:limit] if size > limit else b"".join((*held, piece))[:limit]
    return Line(data=data, cut=cut)
