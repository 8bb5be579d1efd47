"""Rejected rows of a file, and the file as it is now → what of it to read again, and which rows stay and why.

A document is known by its key: name of its file, position, hash of its bytes. The name is a part of the path
that the row tells, found by the keys that come out. What could not be read (stage `read`) may have been
repaired: then what stands in its place now is read instead. Any other change makes another document, which
`run` reads.
"""

import hashlib
import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import PurePosixPath
from typing import Final

from transforms.identity import document_key
from transforms.inputs import InputFile, absolute, format_of
from transforms.readers import POSITION_BITS, plan_slices
from transforms.records import InputSlice, PageCount, RawDocument, Rejection
from transforms.rejections import error_key
from transforms.retries import Retry

GONE: Final = "file gone"
CHANGED: Final = "file changed"

#: hashes that keys of what could not be read are made with: none, and that of nothing
_NO_CONTENT: Final = ("", hashlib.sha256(b"").hexdigest())
#: documents that are compared under each possible name; of an archive all, since few of its pages have rows
_PROBED: Final = 1_000
#: parts of the name that is tried before all others: a file in the folder that was given, or named itself
_LIKELY: Final = 2

Document = RawDocument | Rejection | PageCount


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedRow:
    """A row of `rejects`, as far as a retry needs it."""

    key: str
    stage: str
    reason: str
    detail: str
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in its file something could not be read, by positions of documents."""

    first: int
    #: None for all that follows
    last: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """How files are read, and what is known of what is in them."""

    read: Callable[[InputSlice], Iterator[Document]]
    #: key → whether it has a row
    is_known: Callable[[str], bool]
    slice_documents: int
    part_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reread:
    """What a file still gives of its rejected documents."""

    #: one for each slice that has some, in order
    retries: tuple[Retry, ...] = ()
    #: key of each row that can't be retried → why
    left: Mapping[str, str] = field(default_factory=dict)


def reread_file(path: str, index: int, rows: Iterable[RejectedRow], reader: Reader) -> Reread:
    """File and its rejected rows → what of it to read again.

    Args:
        path: as the rows tell it; a relative one is looked for from here.
        index: number of the file, for the order of its documents.
        rows: all of this file.
        reader: how it is read.
    """
    wanted = {row.key: row for row in rows}
    if not os.path.lexists(path):
        return Reread(left=dict.fromkeys(wanted, GONE))
    name = find_name(path, wanted, reader)
    if name is None:
        return Reread(left=dict.fromkeys(wanted, CHANGED))
    file = InputFile(path=path, name=name)
    parts = list(plan_slices(file, index, reader.slice_documents, reader.part_bytes))
    again: list[set[str]] = [set() for _ in parts]
    instead: dict[str, list[tuple[int, str]]] = defaultdict(list)
    find_repaired = _index_places(wanted)
    for number, part in enumerate(parts):
        for position, key in _keys_of(part, index, reader):
            if key in wanted:
                again[number].add(key)
            for broken in find_repaired(name, position) - {key}:
                instead[broken].append((number, key))
    leaving: list[dict[str, frozenset[str]]] = [{key: frozenset((key,)) for key in keys} for keys in again]
    found = set().union(*again)
    for broken in instead.keys() - found:
        documents = instead[broken]
        for number, key in documents:
            if key not in found and not reader.is_known(key):
                again[number].add(key)
        # With the last of what takes its place.
        leaving[documents[-1][0]][broken] = frozenset(key for _, key in documents)
    retries = tuple(
        Retry(slices=(part,), again=frozenset(keys), rows=rows_here)
        for part, keys, rows_here in zip(parts, again, leaving, strict=True)
        if keys or rows_here
    )
    left = wanted.keys() - found - instead.keys()
    return Reread(retries=retries, left=dict.fromkeys(sorted(left), CHANGED))


def find_name(path: str, rows: Mapping[str, RejectedRow], reader: Reader) -> str | None:
    """File and its rejected rows by key → the name its keys are made with; None where nothing is known."""
    names = possible_names(path)
    places = {place.first for row in rows.values() if (place := place_of(row))}
    for name in names:
        if any(not rows.keys().isdisjoint(_keys_without_content(name, place)) for place in places):
            return name
    likely = names[_LIKELY - 1 : _LIKELY]
    rest = tuple(name for name in names if name not in likely)
    return _compare_names(path, likely, rows, reader) or _compare_names(path, rest, rows, reader)


def _compare_names(
    path: str, names: Sequence[str], rows: Mapping[str, RejectedRow], reader: Reader
) -> str | None:
    """File and what it may be called → the name that gives a key that is known, read side by side."""
    if not names:
        return None
    file = InputFile(path=path, name=names[0])
    for part in plan_slices(file, 0, reader.slice_documents, reader.part_bytes):
        readings = [reader.read(replace(part, name=name)) for name in names]
        probed = None if format_of(path) == "warc" else _PROBED
        for alike in islice(zip(*readings, strict=True), probed):
            for name, document in zip(names, alike, strict=True):
                if isinstance(document, PageCount):
                    continue
                if document.key in rows or reader.is_known(document.key):
                    return name
                if not rows.keys().isdisjoint(_keys_without_content(name, document.order)):
                    return name
        if probed is not None and part.first + reader.slice_documents >= probed:
            return None
    return None


def possible_names(path: str) -> tuple[str, ...]:
    """Path of a file → what it may be called, by which folder was given to read, the nearest first."""
    parts = PurePosixPath(absolute(path)).parts[1:]
    return tuple("/".join(parts[start:]) for start in range(len(parts) - 1, -1, -1))


def place_of(row: RejectedRow) -> Place | None:
    """Row → where in its file it was; None for what was read well, and where its row doesn't say.

    Of archives it doesn't; what was too large or damaged there is known by its key (`_keys_without_content`).
    """
    kind = format_of(row.origin)
    if row.stage != "read" or kind == "warc":
        return None
    if kind in ("feed", "json_feed"):
        return None if row.detail.startswith("entry ") else Place(first=0)
    line = re.match(r"line (\d+)", row.detail) if kind == "jsonl" else None
    if line is None:
        return Place(first=0)
    position = int(line[1]) - 1
    # What ends too early, or is damaged, hides all that follows it.
    return Place(first=position, last=None if row.reason in ("truncated", "unreadable") else position)


def _keys_without_content(name: str, position: int) -> set[str]:
    """Name of a file and a position in it → the keys of what could not be read there, whatever it was."""
    return {*(document_key(name, position, raw) for raw in _NO_CONTENT), error_key(name, position)}


def _index_places(wanted: Mapping[str, RejectedRow]) -> Callable[[str, int], set[str]]:
    """Rows of a file → a function: name and position of a document → keys of the rows in its place."""
    single: dict[int, list[str]] = defaultdict(list)
    onward: list[tuple[int, str]] = []
    for row in wanted.values():
        place = place_of(row)
        if place is not None and place.last is None:
            onward.append((place.first, row.key))
        elif place is not None:
            single[place.first].append(row.key)

    def find(name: str, position: int) -> set[str]:
        hidden = (key for first, key in onward if first <= position)
        return {*single.get(position, ()), *hidden, *(_keys_without_content(name, position) & wanted.keys())}

    return find


def _keys_of(part: InputSlice, index: int, reader: Reader) -> Iterator[tuple[int, str]]:
    """Slice → position in its file and key of each document."""
    for document in reader.read(part):
        if not isinstance(document, PageCount):
            yield document.order - (index << POSITION_BITS), document.key
