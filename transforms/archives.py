"""A web archive (WARC) → the parts it is read in, and each part's pages that may be on topic, one at a time.

A part is a run of whole records between two offsets of the file, so that parts can be read side by side and
one that was cut off is read again alone. Pages that the gate on the bytes turns away are counted, not given;
so is what is no page. What is damaged or too large leaves as a Rejection. Formats: WARC 1.x, plain, gzipped
record by record, or gzipped as one piece (one part only: it can't be entered in the middle).
"""

import hashlib
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

from fastwarc.warc import ArchiveIterator, HeaderMap, WarcRecord, WarcRecordType

from transforms.encodings import decode, decode_html, drop_surrogates, looks_binary
from transforms.identity import document_key
from transforms.read_limits import ReadLimits
from transforms.records import InputSlice, PageCount, RawDocument, Rejection
from transforms.rejections import reject_input
from transforms.storage import open_file

#: Outcomes of a part's records; what is passed over is counted by them.
READ, OFF_TOPIC, NOT_HTML, NO_PAGE, ERROR_PAGE = "read", "off_topic", "not_html", "no_page", "error_page"
#: bytes of an archive, as it lies on disk, that a page takes on average: for progress and sizes of batches
PAGE_BYTES = 50_000
#: bytes on disk in a part: some hundreds of pages, about a second of work
PART_BYTES = 64_000_000
_GZIP_RECORD = b"\x1f\x8b\x08"
_PLAIN_RECORD = b"\r\n\r\nWARC/1."
_VERSION = b"WARC/1."
_CHUNK = 1 << 20
#: a first gzip member longer than this is taken to be the whole file
_MAX_MEMBER = 64 << 20
_HTML = frozenset(("text/html", "application/xhtml+xml"))
_FINGERPRINT_BYTES = 1 << 16


def fingerprint_file(path: str) -> str:
    """File → a name for its content, from its size, its first and last bytes: the same when it is moved."""
    with open_file(path) as file:
        size = file.seek(0, 2)
        file.seek(0)
        head = file.read(_FINGERPRINT_BYTES)
        file.seek(max(0, size - _FINGERPRINT_BYTES))
        return hashlib.sha256(size.to_bytes(8, "big") + head + file.read()).hexdigest()[:32]


def plan_parts(path: str, part_bytes: int) -> Iterator[tuple[int, int | None]]:
    """File → offsets between which its parts lie, the last open; only its first record is decompressed.

    Raises:
        OSError: the file can't be read.
    """
    with open_file(path) as file:
        size = file.seek(0, 2)
        divisible = size > part_bytes and _starts_anew(file)
    start = 0
    while divisible and size - start > part_bytes:
        yield start, start + part_bytes
        start += part_bytes
    yield start, None


def read_part(
    part: InputSlice, limits: ReadLimits, may_matter: Callable[[bytes], bool]
) -> Iterator[RawDocument | Rejection | PageCount]:
    """Part → its pages that may matter, and at its end what became of all its records.

    Raises:
        OSError: the file can't be read.
    """
    counts: Counter[str] = Counter()
    with open_file(part.path) as file:
        at: int | None = _next_record(file, part.offset)
        while at is not None and (part.end is None or at < part.end):
            file.seek(at)
            here, whole = at, False
            try:
                for position, record in _records(file, at, part.end):
                    here, whole = position, False
                    found = _read_record(part, position, record, limits, may_matter, counts)
                    if found is not None:
                        yield found
                    whole = True
                at = None
            except OSError as error:
                at = _next_record(file, here + 1)
                # After a whole record it is the next that is damaged, which is tried on its own.
                if not whole or at is None:
                    yield reject_input(part, here, "damaged", f"record at byte {here:,}: {error}")
    for outcome, pages in sorted(counts.items()):
        yield PageCount(part=part, outcome=outcome, pages=pages)
    # Always said, since it also tells that the part is done.
    if not counts[READ]:
        yield PageCount(part=part, outcome=READ, pages=0)


def read_raw_page(path: str, offset: int, limit: int) -> bytes:
    """Archive and the offset of a record in it → the page as it was stored, at most `limit` bytes of it.

    Raises:
        LookupError: there is no record at the offset.
        OSError: the file can't be read.
    """
    with open_file(path) as file:
        file.seek(offset)
        for _, record in _records(file, offset, None):
            record.parse_http(auto_decode="all")
            body: bytes = record.reader.read(limit)
            return body
    raise LookupError(f"no record at byte {offset:,} of {path}")


def _records(file: BinaryIO, start: int, end: int | None) -> Iterator[tuple[int, WarcRecord]]:
    """Open archive → its records from `start` on that begin before `end`, each with its offset.

    Several records of one gzip member have one offset: they are told apart by counting on.
    """
    last = start - 1
    for record in ArchiveIterator(file, record_types=WarcRecordType.any_type, parse_http=False):
        if end is not None and record.stream_pos >= end:
            return
        last = max(record.stream_pos, last + 1)
        yield last, record


def _read_record(
    part: InputSlice,
    position: int,
    record: WarcRecord,
    limits: ReadLimits,
    may_matter: Callable[[bytes], bool],
    counts: Counter[str],
) -> RawDocument | Rejection | None:
    kind = record.record_type
    if kind not in (WarcRecordType.response, WarcRecordType.resource, WarcRecordType.conversion):
        counts[NO_PAGE] += 1
        return None
    record.parse_http(auto_decode="all")
    http = record.http_headers
    length = record.content_length if http is None or not _is_encoded(http) else 0
    if http is not None and http.status_code != 200:
        counts[ERROR_PAGE] += 1
        return None
    is_text = kind == WarcRecordType.conversion
    declared = record.http_content_type if http is not None else record.headers.get("Content-Type")
    content_type = (declared or "").partition(";")[0].strip().lower()
    if content_type and content_type not in _HTML and not (is_text and content_type == "text/plain"):
        counts[NOT_HTML] += 1
        return None
    body = record.reader.read(limits.document_bytes + 1)
    url = record.headers.get("WARC-Target-URI")
    if len(body) > limits.document_bytes:
        return reject_input(
            part, position, "too_large", f"more than {limits.document_bytes:,} bytes", url=url
        )
    if len(body) < length:
        detail = f"{len(body):,} of {length:,} bytes"
        return reject_input(part, position, "truncated", detail, _sha(body), url=url)
    if not may_matter(body):
        counts[OFF_TOPIC] += 1
        if not limits.keep_off_topic:
            return None
        detail = "no name in its bytes"
        return reject_input(part, position, OFF_TOPIC, detail, _sha(body), url=url, stage="gate")
    counts[READ] += 1
    return _document(part, position, body, is_text, record.http_charset if http is not None else None, url)


def _is_encoded(http: HeaderMap) -> bool:
    return "Content-Encoding" in http or "Transfer-Encoding" in http


def _document(
    part: InputSlice, position: int, body: bytes, is_text: bool, charset: str | None, url: str | None
) -> RawDocument | Rejection:
    raw = _sha(body)
    if not body.strip():
        return reject_input(part, position, "empty", "no content", raw, url=url)
    if looks_binary(body):
        return reject_input(part, position, "binary", "the content is no text", raw, url=url)
    decoded = decode(body, charset or "utf-8") if is_text else decode_html(body, charset)
    return RawDocument(
        key=document_key(part.name, position, raw),
        order=part.order + position,
        origin=part.path,
        format="text" if is_text else "html",
        content=drop_surrogates(decoded.text),
        url=url,
        notes=(*decoded.notes, f"{OFFSET_NOTE}{position}"),
    )


#: how a row says where in the archive its page begins
OFFSET_NOTE = "archive: record at byte "


def record_offset(notes: Sequence[str]) -> int | None:
    """Notes of an article → where its record begins in its archive; None where none says so."""
    places = [note.removeprefix(OFFSET_NOTE) for note in notes if note.startswith(OFFSET_NOTE)]
    return int(places[0]) if places and places[0].isdecimal() else None


def _sha(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _starts_anew(file: BinaryIO) -> bool:
    """Open archive → whether it can be entered at another record than the first."""
    file.seek(0)
    head = file.read(len(_VERSION))
    if not head.startswith(_GZIP_RECORD):
        return head == _VERSION
    member, read, piece = zlib.decompressobj(wbits=31), 0, head
    while piece and read < _MAX_MEMBER:
        try:
            # The content is of no interest, but it must not fill the memory.
            while piece and not member.eof:
                member.decompress(piece, _CHUNK)
                piece = member.unconsumed_tail
        except zlib.error:
            return False
        if member.eof:
            rest = (member.unused_data + file.read(3))[:3]
            return rest == _GZIP_RECORD
        piece = file.read(1 << 14)
        read += len(piece)
    return False


def _next_record(file: BinaryIO, start: int) -> int | None:
    """Open archive → offset of the first record that begins at or after `start`; None where there is none."""
    if start == 0:
        return 0
    file.seek(0)
    gzipped = file.read(2) == _GZIP_RECORD[:2]
    mark, skip = (_GZIP_RECORD, 0) if gzipped else (_PLAIN_RECORD, 4)
    # A record that begins at `start` itself has its mark before it, in a plain file.
    position = start - skip
    file.seek(position)
    held = b""
    while chunk := file.read(_CHUNK):
        held += chunk
        found = held.find(mark)
        while found >= 0:
            if not gzipped or _opens_record(file, position + found):
                return position + found + skip
            found = held.find(mark, found + 1)
        keep = len(mark) - 1
        position += len(held) - keep
        held = held[-keep:]
        file.seek(position + keep)
    return None


def _opens_record(file: BinaryIO, start: int) -> bool:
    """Open archive and the place of a gzip mark → whether a record begins there."""
    file.seek(start)
    try:
        return zlib.decompressobj(wbits=31).decompress(file.read(512), len(_VERSION)) == _VERSION
    except zlib.error:
        return False
