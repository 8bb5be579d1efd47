"""Input files → batches of slices in the order of the input; what can't be read says so when it is read."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from transforms.archives import PAGE_BYTES, PART_BYTES
from transforms.inputs import InputFile, format_of
from transforms.readers import plan_slices
from transforms.records import InputSlice


def expect_documents(part: InputSlice, slice_documents: int) -> int:
    """Slice → how many documents it may hold: a slice full where that isn't known before reading."""
    if part.count is not None:
        return part.count
    if part.fingerprint:
        return max(1, _part_size(part) // PAGE_BYTES)
    return 1 if format_of(part.path) in ("text", "html", None) else slice_documents


def _part_size(part: InputSlice) -> int:
    end = part.end if part.end is not None else Path(part.path).stat().st_size
    return end - part.offset


def cut_batches(
    files: Sequence[InputFile],
    batch_documents: int,
    slice_documents: int,
    part_bytes: int = PART_BYTES,
    is_done: Callable[[InputSlice], bool] = lambda _: False,
) -> Iterator[tuple[InputSlice, ...]]:
    """Files → slices of at most `slice_documents`, gathered until a batch is full.

    Parts of archives that are done are left out. Two files of the same name (`a/seeds/x.txt`,
    `b/seeds/x.txt`) never share a batch: documents may have the same key, and the second is known once
    the first is committed.
    """
    batch: list[InputSlice] = []
    expected = 0
    paths: dict[str, str] = {}
    for index, file in enumerate(files):
        for part in plan_slices(file, index, slice_documents, part_bytes):
            if part.fingerprint and is_done(part):
                continue
            here = expect_documents(part, slice_documents)
            same_name = paths.get(part.name, part.path) != part.path
            if batch and (expected + here > batch_documents or same_name):
                yield tuple(batch)
                batch, expected, paths = [], 0, {}
            batch.append(part)
            expected += here
            paths[part.name] = part.path
    if batch:
        yield tuple(batch)


def limit_batch(batch: Sequence[InputSlice], documents: int) -> tuple[InputSlice, ...]:
    """Batch → its slices up to a number of documents."""
    kept = []
    for part in batch:
        if documents <= 0:
            break
        here = expect_documents(part, documents)
        kept.append(replace(part, count=min(here, documents)))
        documents -= here
    return tuple(kept)
