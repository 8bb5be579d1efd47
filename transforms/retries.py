"""Rejected documents that are processed again → the batch's manifest, with which their rows leave `rejects`.

A retry is a batch like any other: one manifest decides on its new rows and on those that leave, so that each
document is one row at any moment, before and after a crash.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from transforms.commit import data_files, open_tables
from transforms.known import KnownArticles
from transforms.records import InputSlice, StoredSlice
from transforms.replacement import stage_without
from transforms.staging import StagedFile, files_folder, write_manifest
from transforms.storage import Place, open_parquet
from transforms.tables import REJECTS

_WITH_KEYS: Final = ("articles", "rejects")


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """What to read again, and which rows of `rejects` leave for it."""

    slices: tuple[InputSlice | StoredSlice, ...]
    #: keys of the documents in the slices that are let in
    again: frozenset[str]
    #: key of a row → keys of the documents in its place, as a rule itself: it leaves when all have a new row
    rows: Mapping[str, frozenset[str]]


def join_retries(retries: Iterable[Retry]) -> Retry:
    """Retries → one of all their slices."""
    some = tuple(retries)
    return Retry(
        slices=tuple(part for retry in some for part in retry.slices),
        again=frozenset().union(*(retry.again for retry in some)),
        rows={key: places for retry in some for key, places in retry.rows.items()},
    )


def finish_retry(
    data: Place, batch: int, retry: Retry, files: list[StagedFile], *, index: Place, now: datetime
) -> None:
    """Staged files of a retry → its manifest: they come, and the rows that they take the place of go.

    A document that the graph has not given again, since its file changed meanwhile, keeps its row.

    Args:
        data: the data folder.
        batch: number of the batch.
        retry: what was read again.
        files: what the graph has staged.
        index: of the articles and rejects before the batch.
        now: time of removal, written to the log.
    """
    folder = files_folder(data, f"{batch:08d}")
    staged = {key for file in files for key in _read_keys(folder / file.table / file.path, file.table)}
    with KnownArticles.open_read_only(index) as known:
        gone = [
            key
            for key, places in retry.rows.items()
            if all(place in staged or (place != key and known.contains_key(place)) for place in places)
        ]
    rest, replaced = stage_without(
        data / REJECTS.name,
        folder,
        REJECTS,
        data_files(open_tables(data)[REJECTS.name]),
        "key",
        gone,
        label=f"{batch:08d}",
        now=now,
    )
    write_manifest(data, batch, [*files, *rest], replaced)


def _read_keys(path: Place, table: str) -> list[str]:
    if table not in _WITH_KEYS:
        return []
    keys: list[str] = open_parquet(path).read(columns=["key"])["key"].to_pylist()
    return keys
