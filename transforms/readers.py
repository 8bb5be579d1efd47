"""A slice of a file → its raw documents, one at a time; whatever can't be read leaves as a Rejection."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from transforms.archives import PART_BYTES, fingerprint_file, plan_parts, read_part
from transforms.encodings import decode, decode_html, drop_surrogates, looks_binary
from transforms.feeds import Entry, FeedFailure, entry_text, parse_feed
from transforms.identity import document_key
from transforms.inputs import InputFile, format_of
from transforms.object_address import is_address
from transforms.object_reading import StoreFailure
from transforms.published import parse_published
from transforms.read_limits import MAX_GAP, ReadLimits
from transforms.records import InputSlice, PageCount, RawDocument, Rejection
from transforms.rejections import reject_error, reject_input
from transforms.streams import Corrupt, Line, TooLarge, Truncated, open_stream, read_lines, read_whole

#: bits of `order` that count the documents inside one file, or its bytes
POSITION_BITS = 40
_HEAD = 8_192


def plan_slices(
    file: InputFile, file_index: int, max_documents: int, part_bytes: int = PART_BYTES
) -> Iterator[InputSlice]:
    """File → slices: at most `max_documents` lines, `part_bytes` of an archive, or the whole of another file.

    Never fails: what is wrong with the file is said when the slice is read. A slice deep inside a gzipped
    file costs the decompression of what comes before it.
    """
    start = file_index << POSITION_BITS
    whole = InputSlice(order=start, path=file.path, name=file.name)
    if format_of(file.path) == "warc":
        yield from _plan_parts(whole, part_bytes)
        return
    if format_of(file.path) != "jsonl":
        yield whole
        return
    starts = _line_starts(file.path, max_documents)
    first, offset = 0, 0
    for next_first, next_offset in starts:
        yield InputSlice(
            order=start + first,
            path=file.path,
            name=file.name,
            first=first,
            count=next_first - first,
            offset=offset,
        )
        first, offset = next_first, next_offset
    # The last slice is open: it also finds what cut the file short.
    yield InputSlice(order=start + first, path=file.path, name=file.name, first=first, offset=offset)


def _plan_parts(whole: InputSlice, part_bytes: int) -> Iterator[InputSlice]:
    try:
        name = fingerprint_file(whole.path)
        for offset, end in plan_parts(whole.path, part_bytes):
            yield replace(whole, offset=offset, end=end, fingerprint=name)
    except OSError:
        yield whole


def _line_starts(path: str, every: int) -> Iterator[tuple[int, int]]:
    """Path → index and byte offset of each `every`-th line that isn't the end of the file."""
    lines = offset = since_line = 0
    only_blank = True
    pending: tuple[int, int] | None = None
    try:
        for chunk in open_stream(path):
            if pending is not None:
                yield pending
                pending = None
            if offset == 0 and looks_binary(chunk[:_HEAD]):
                return
            # Blank lines at the start go to the first slice, so that it knows whether there is anything.
            blank = len(chunk) - len(chunk.lstrip()) if only_blank else 0
            only_blank = only_blank and blank == len(chunk)
            position = -1
            while (position := chunk.find(b"\n", position + 1)) >= 0:
                lines += 1
                since_line = 0
                if lines % every == 0 and position >= blank:
                    if position + 1 < len(chunk):
                        yield lines, offset + position + 1
                    else:
                        pending = lines, offset + position + 1
            offset += len(chunk)
            since_line += len(chunk)
            if since_line > MAX_GAP:
                return
    except (OSError, Truncated, Corrupt):
        return


def read_whatever_comes(
    part: InputSlice, limits: ReadLimits, may_matter: Callable[[bytes], bool] = lambda _: True
) -> Iterator[RawDocument | Rejection | PageCount]:
    """Slice → what `read_slice` gives of it; an error that nobody expected ends it as a Rejection."""
    try:
        # A slice that is cut short (`--limit`) says so by its count, whatever the format.
        yield from islice(read_slice(part, limits, may_matter), part.count)
    except StoreFailure:
        raise
    except Exception as error:
        yield reject_error(part, "read", error)


def read_slice(
    slice: InputSlice, limits: ReadLimits, may_matter: Callable[[bytes], bool] = lambda _: True
) -> Iterator[RawDocument | Rejection | PageCount]:
    """Slice → its documents in order: each becomes a RawDocument or one Rejection of stage `read`.

    Pages of an archive that can't matter are counted instead; the counts come last.
    """
    kind = format_of(slice.path)
    try:
        if not is_address(slice.path) and Path(slice.path).is_dir():
            # A folder is planned as a file only where it couldn't be listed; trying again says why.
            next(Path(slice.path).iterdir(), None)
        if kind is None:
            suffix = Path(slice.path).suffix or "no suffix"
            yield reject_input(slice, 0, "unsupported", f"{suffix} is no format that can be read")
        elif kind == "jsonl":
            yield from _read_jsonl(slice, limits)
        elif kind == "warc":
            yield from read_part(slice, limits, may_matter)
        elif kind in ("feed", "json_feed"):
            yield from _read_feed(slice, limits)
        else:
            yield _read_single(slice, kind == "html", limits)
    except OSError as error:
        yield reject_input(slice, 0, "unreadable", error.strerror or str(error))
    except Truncated:
        yield reject_input(slice, 0, "truncated", "the compressed file ends too early")
    except Corrupt as error:
        yield reject_input(slice, 0, "unreadable", str(error))
    except TooLarge as error:
        yield reject_input(slice, 0, "too_large", f"more than {error.limit:,} bytes")


def _read_single(slice: InputSlice, is_html: bool, limits: ReadLimits) -> RawDocument | Rejection:
    data = read_whole(slice.path, limits.document_bytes)
    raw = hashlib.sha256(data).hexdigest()
    if not data.strip():
        return reject_input(slice, 0, "empty", "no content", raw)
    if looks_binary(data):
        return reject_input(slice, 0, "binary", "the content is no text", raw)
    decoded = decode_html(data) if is_html else decode(data)
    if not decoded.text.strip():
        return reject_input(slice, 0, "empty", "no content", raw)
    return RawDocument(
        key=document_key(slice.name, 0, raw),
        order=slice.order,
        origin=slice.path,
        format="html" if is_html else "text",
        content=drop_surrogates(decoded.text),
        notes=decoded.notes,
    )


def _read_feed(slice: InputSlice, limits: ReadLimits) -> Iterator[RawDocument | Rejection]:
    data = read_whole(slice.path, limits.feed_bytes)
    raw = hashlib.sha256(data).hexdigest()
    if data.strip() and looks_binary(data):
        yield reject_input(slice, 0, "binary", "the content is no text", raw)
        return
    feed = parse_feed(data)
    if isinstance(feed, FeedFailure):
        yield reject_input(slice, 0, feed.reason, feed.detail, raw)
        return
    for position, entry in enumerate(feed.entries):
        yield _entry_document(slice, position, entry, feed.notes)


def _entry_document(
    slice: InputSlice, position: int, entry: Entry, notes: tuple[str, ...]
) -> RawDocument | Rejection:
    said = json.dumps([entry.guid, entry.url, entry.title, entry.html, str(entry.published_at)])
    raw = hashlib.sha256(said.encode()).hexdigest()
    content = entry_text(entry)
    if not content.strip() and not entry.title:
        return reject_input(slice, position, "empty", "entry without title and content", raw, url=entry.url)
    return RawDocument(
        key=document_key(slice.name, position, raw),
        order=slice.order + position,
        origin=slice.path,
        format="text",
        content=drop_surrogates(content),
        url=drop_surrogates(entry.url) if entry.url else None,
        title=drop_surrogates(entry.title),
        published_at=entry.published_at,
        source=entry.source,
        authors=entry.authors,
        notes=(*entry.notes, *notes),
    )


def _read_jsonl(slice: InputSlice, limits: ReadLimits) -> Iterator[RawDocument | Rejection]:
    position, found = 0, False
    try:
        stream = open_stream(slice.path, slice.offset)
        for position, line in enumerate(read_lines(stream, limits.document_bytes, limits.gap_bytes)):
            if slice.count is not None and position >= slice.count:
                return
            if slice.first == 0 and position == 0 and looks_binary(line.data[:_HEAD]):
                yield reject_input(slice, 0, "binary", "the content is no text", _sha(line.data))
                return
            document = _read_line(slice, position, line, limits)
            if document is not None:
                found = True
                yield document
    except Truncated as error:
        at = position + 1 if found or position else 0
        detail = f"line {slice.first + at + 1}: the compressed file ends here"
        yield reject_input(slice, at, "truncated", detail, _sha(error.rest))
    except Corrupt as error:
        at = position + 1 if found or position else 0
        yield reject_input(slice, at, "unreadable", f"line {slice.first + at + 1}: {error}")
    else:
        if not found and slice.first == 0:
            yield reject_input(slice, 0, "empty", "no content")


def _read_line(
    slice: InputSlice, position: int, line: Line, limits: ReadLimits
) -> RawDocument | Rejection | None:
    """One JSON line → a document, a Rejection, or None for a blank line."""
    if not line.data.strip(b" \t\r\n\xef\xbb\xbf"):
        return None
    number, raw = slice.first + position + 1, _sha(line.data)
    if line.cut:
        detail = f"line {number}: more than {limits.document_bytes:,} bytes"
        return reject_input(slice, position, "too_large", detail, raw)
    decoded = decode(line.data)
    try:
        fields = json.loads(decoded.text)
    except json.JSONDecodeError as error:
        detail = f"line {number} column {error.colno}: {error.msg}"
        return reject_input(slice, position, "invalid_json", detail, raw)
    except (ValueError, RecursionError) as error:
        return reject_input(slice, position, "invalid_json", f"line {number} column 1: {error}"[:200], raw)
    if not isinstance(fields, dict):
        return reject_input(slice, position, "invalid_json", f"line {number} column 1: not an object", raw)
    return _document_of(slice, position, number, raw, fields, decoded.notes)


def _document_of(
    slice: InputSlice, position: int, number: int, raw: str, fields: Mapping[str, Any], notes: tuple[str, ...]
) -> RawDocument | Rejection:
    text, html, title = (_string(fields.get(name)) for name in ("text", "html", "title"))
    url = _string(fields.get("url"))
    if text is None and html is None and not (title or "").strip():
        detail = f"line {number}: neither text nor html"
        return reject_input(slice, position, "missing_fields", detail, raw, url=url, title=title)
    content = text if text is not None and (text.strip() or html is None) else html
    if not (content or "").strip() and not (title or "").strip():
        return reject_input(slice, position, "empty", f"line {number}: no content", raw, url=url)
    published = fields.get("published")
    moment = parse_published(published) if isinstance(published, str) else None
    if moment is None and published not in (None, ""):
        notes = (*notes, f"published: unreadable date {str(published)[:60]!r}")
    return RawDocument(
        key=document_key(slice.name, slice.first + position, raw),
        order=slice.order + position,
        origin=slice.path,
        format="html" if content is html and html is not None else "text",
        content=content or "",
        url=url or None,
        title=title,
        published_at=moment,
        source=_string(fields.get("source")) or None,
        authors=_authors(fields.get("authors")),
        notes=notes,
    )


def _authors(value: object) -> tuple[str, ...]:
    given: Iterable[object] = value if isinstance(value, list) else (value,)
    names = (_string(name) for name in given)
    return tuple(name.strip() for name in names if name and name.strip())


def _string(value: object) -> str | None:
    return drop_surrogates(value) if isinstance(value, str) else None


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
