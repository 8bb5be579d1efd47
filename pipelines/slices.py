"""Input files → batches of slices in the order of the input; what can't be read says so when it is read."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from transforms.archives import PAGE_BYTES
from transforms.inputs import InputFile, format_of
from transforms.readers import plan_slices
from transforms.records import InputSlice
from transforms.storage import size_of

#: slices that a batch is made of, at least, where the input can be cut: workers share it by them
_SLICES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchSizes:
    """Where batches and the slices in them are cut."""

    documents: int
    archive_bytes: int
    slice_documents: int
    #: the same for any number of workers: parts that are done are known by where they begin and end
    part_bytes: int


def size_batches(documents: int, archive_bytes: int, workers: int) -> BatchSizes:
    """Documents and bytes of archives in a commit for each worker, and their number → where to cut."""
    return BatchSizes(
        documents=documents * workers,
        archive_bytes=archive_bytes * workers,
        slice_documents=documents if workers == 1 else max(1, documents // _SLICES),
        part_bytes=max(1, archive_bytes // _SLICES),
    )


def expect_documents(part: InputSlice, slice_documents: int) -> int:
    """Slice → how many documents it may hold: a slice full where that isn't known before reading."""
    if part.count is not None:
        return part.count
    if part.fingerprint:
        return max(1, _part_size(part) // PAGE_BYTES)
    return 1 if format_of(part.path) in ("text", "html", None) else slice_documents


def _part_size(part: InputSlice) -> int:
    end = part.end if part.end is not None else size_of(part.path)
    return end - part.offset


def cut_batches(
    files: Sequence[InputFile], sizes: BatchSizes, is_done: Callable[[InputSlice], bool] = lambda _: False
) -> Iterator[tuple[InputSlice, ...]]:
    """Files → slices, gathered until a batch is full.

    Parts of archives that are done are left out. Two files of the same name (`a/seeds/x.txt`,
    `b/seeds/x.txt`) never share a batch: documents may have the same key, and the second is known once
    the first is committed.
    """
    batch: list[InputSlice] = []
    filled = Fraction(0)
    paths: dict[str, str] = {}
    for index, file in enumerate(files):
        for part in plan_slices(file, index, sizes.slice_documents, sizes.part_bytes):
            if part.fingerprint and is_done(part):
                continue
            here = _fill(part, sizes)
            same_name = paths.get(part.name, part.path) != part.path
            if batch and (filled + here > 1 or same_name):
                yield tuple(batch)
                batch, filled, paths = [], Fraction(0), {}
            batch.append(part)
            filled += here
            paths[part.name] = part.path
    if batch:
        yield tuple(batch)


def _fill(part: InputSlice, sizes: BatchSizes) -> Fraction:
    """Slice → the share of a batch it takes: of an archive, most pages are only looked at."""
    if part.fingerprint:
        return Fraction(_part_size(part), sizes.archive_bytes)
    return Fraction(expect_documents(part, sizes.slice_documents), sizes.documents)


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
