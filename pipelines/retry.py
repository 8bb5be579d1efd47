"""Rejected documents, settings of now → the same documents processed again, batch after batch.

A retry is a run over slices that hold rejected documents, in which nothing else counts
(`transforms.retries`). Each batch takes the rows it replaces out of `rejects` in the commit that brings the
new ones, so that whatever stops it in between, every document is one row; the same again carries on there.
"""

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.batch import commit_batch, open_data, resolve_or_stop, run_or_stop
from pipelines.crew import CrewOptions, gather_crew
from pipelines.interruption import Interruption
from pipelines.ledger import KeptItem, find_kept
from pipelines.monitor import Batch, MonitorPlan, RunBatch
from pipelines.slices import BatchSizes, size_batches
from pipelines.state import STATE, read_state
from pipelines.summary import RunCounts
from transforms.byte_gate import compile_byte_gate, may_name_watched
from transforms.commit import data_files, next_batch, open_tables
from transforms.data_folder import MissingData, write_lock
from transforms.known import KnownArticles
from transforms.readers import read_whatever_comes
from transforms.records import InputSlice, StoredSlice
from transforms.rereading import CHANGED, Reader, RejectedRow, reread_file
from transforms.retries import Retry, join_retries

_log = logging.getLogger(__name__)

FORGOTTEN = "feed item no longer kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which rejected documents are meant: all that fulfil every condition."""

    reason: str | None = None
    stage: str | None = None
    #: how their keys begin; () for any
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryRequest:
    """One retry: what to process again, where the rows are, and how."""

    choice: Choice
    data: Path
    #: the data folder with the state of the followed feeds; for a dry run another than `data`
    state: Path
    #: written as `first_seen`
    now: datetime
    #: in a commit, for each worker: documents, and bytes of web archives
    batch_documents: int
    archive_bytes: int
    #: whether to bring `resolved_events` up to date at the end
    resolve: bool = True
    crew: CrewOptions


@dataclass(slots=True)
class Outcome:
    """What a retry has come to so far; brought up to date as it goes."""

    #: rejected documents that were meant
    matched: int = 0
    #: rows of `rejects` that were replaced
    retried: int = 0
    #: those that stay as they are, by reason
    left: Counter[str] = field(default_factory=Counter)
    #: beginnings of keys that no rejected document has
    unknown: tuple[str, ...] = ()
    counts: RunCounts = field(default_factory=RunCounts)


#: Called after each batch with what has been counted so far and how many documents are expected in all.
Progress = Callable[[RunCounts, int], None]


def retry_rejects(
    request: RetryRequest,
    plan: MonitorPlan,
    interruption: Interruption,
    outcome: Outcome,
    progress: Progress,
) -> None:
    """Request and plan → rows, and the outcome brought up to date.

    Raises:
        MissingData: there is no data folder.
        DataFolderInUse, UnwritableData, NewerSchema: the data folder can't be written.
        WorkerDied, WorkerFailed: of several workers one is gone, or met what nobody expected.
        KeyboardInterrupt: the retry was interrupted; what was committed stays, the rest is as it was.
    """
    if not request.data.is_dir():
        raise MissingData(request.data)
    # A rejected page of an archive has a row, and is to keep one.
    plan = replace(plan, reading=replace(plan.reading, keep_off_topic=True))
    with write_lock(request.data):
        with interruption.postponed():
            index = open_data(request.data)
        rows = find_rows(request.data, request.choice)
        outcome.matched = len(rows)
        outcome.unknown = tuple(
            key for key in request.choice.keys if not any(row.key.startswith(key) for row in rows)
        )
        rounds = _plan_rounds(request, plan, index, rows, outcome.left)
        expected = sum(len(retry.again) for some in rounds for retry in some)
        if not any(rounds):
            return
        with gather_crew(plan, request.crew, request.data) as run:
            for retry in cut_rounds(rounds, request.batch_documents * request.crew.workers):
                _run_batch(request, index, retry, run, interruption, outcome)
                progress(outcome.counts, expected)
        if request.resolve:
            resolve_or_stop(request.data, request.now, interruption)


def find_rows(data: Path, choice: Choice) -> list[RejectedRow]:
    """Data folder and a choice → the rejected rows that are meant, by origin and key."""
    found: list[RejectedRow] = []
    columns = ["key", "stage", "reason", "detail", "origin"]
    for path in data_files(open_tables(data)["rejects"]):
        rows = pq.ParquetFile(data / "rejects" / path).read(columns=columns)
        for column, value in (("reason", choice.reason), ("stage", choice.stage)):
            if value is not None:
                rows = rows.filter(pc.equal(rows[column], value))
        found += (
            RejectedRow(**row)
            for row in rows.to_pylist()
            if not choice.keys or row["key"].startswith(choice.keys)
        )
    return sorted(found, key=lambda row: (row.origin, row.key))


def _plan_rounds(
    request: RetryRequest, plan: MonitorPlan, index: Path, rows: Sequence[RejectedRow], left: Counter[str]
) -> list[list[Retry]]:
    """Rejected rows → what to read again, in rounds that are committed one after another."""
    sizes = size_batches(request.batch_documents, request.archive_bytes, request.crew.workers)
    items = [row for row in rows if is_feed(row.origin)]
    files = [row for row in rows if not is_feed(row.origin)]
    rounds = plan_items(request.state, items, sizes.slice_documents, left)
    with KnownArticles.open_read_only(index) as known:
        first = list(_plan_files(files, plan, known, sizes, left))
    return [[*first, *(rounds[0] if rounds else [])], *rounds[1:]]


def is_feed(origin: str) -> bool:
    """Origin of a row → whether it is the address of a followed feed, not the path of a file."""
    return origin.startswith(("http://", "https://"))


def _plan_files(
    rows: Sequence[RejectedRow],
    plan: MonitorPlan,
    known: KnownArticles,
    sizes: BatchSizes,
    left: Counter[str],
) -> Iterator[Retry]:
    by_file: dict[str, list[RejectedRow]] = defaultdict(list)
    for row in rows:
        by_file[row.origin].append(row)
    if not by_file:
        return
    gate = partial(may_name_watched, gate=compile_byte_gate(plan.world))
    reader = Reader(
        read=partial(read_whatever_comes, limits=plan.reading, may_matter=gate),
        is_known=known.contains_key,
        slice_documents=sizes.slice_documents,
        part_bytes=sizes.part_bytes,
    )
    taken: set[str] = set()
    for number, (path, here) in enumerate(sorted(by_file.items()), start=1):
        # From 1 on: the orders below belong to the items of feeds.
        found = reread_file(path, number, here, reader)
        left.update(found.left.values())
        for retry in found.retries:
            # Two files of one name and content share their keys; their documents are one row.
            yield replace(retry, again=retry.again - taken)
            taken |= retry.again


def plan_items(
    data: Path, rows: Sequence[RejectedRow], slice_documents: int, left: Counter[str]
) -> list[list[Retry]]:
    """Rejected feed items → those whose text is kept, in rounds.

    A later revision of an item is judged by what became of the earlier, so it comes in a later round.
    """
    if not rows:
        return []
    try:
        with closing(read_state(data)) as state:
            kept = find_kept(state, {row.key for row in rows})
    except MissingData:
        kept = []
    if len(kept) < len(rows):
        left[FORGOTTEN] += len(rows) - len(kept)
    rounds: list[list[KeptItem]] = []
    turns: Counter[str] = Counter()
    for item in kept:
        turn = turns[item.identity]
        turns[item.identity] += 1
        if turn == len(rounds):
            rounds.append([])
        rounds[turn].append(item)
    path = str(data / STATE)
    return [
        [
            Retry(
                slices=(StoredSlice(path=path, numbers=tuple(item.number for item in some), again=True),),
                again=frozenset(item.key for item in some),
                rows={item.key: frozenset((item.key,)) for item in some},
            )
            for start in range(0, len(items), slice_documents)
            for some in [items[start : start + slice_documents]]
        ]
        for items in rounds
    ]


def cut_rounds(rounds: Iterable[Iterable[Retry]], documents: int) -> Iterator[Retry]:
    """Rounds → batches of about so many documents; none holds parts of two rounds.

    Nor of two files of the same name, whose documents may have the same key: one of them is asked for.
    """
    for some in rounds:
        batch: list[Retry] = []
        filled, paths = 0, dict[str, str]()
        for retry in some:
            here = {part.name: part.path for part in retry.slices if isinstance(part, InputSlice)}
            same_name = any(paths.get(name, path) != path for name, path in here.items())
            if batch and (filled + len(retry.again) > documents or same_name):
                yield join_retries(batch)
                batch, filled, paths = [], 0, {}
            batch.append(retry)
            filled += len(retry.again)
            paths |= here
        if batch:
            yield join_retries(batch)


def _run_batch(
    request: RetryRequest,
    index: Path,
    retry: Retry,
    run: RunBatch,
    interruption: Interruption,
    outcome: Outcome,
) -> None:
    batch = Batch(
        number=next_batch(request.data),
        slices=retry.slices,
        data=request.data,
        index=index,
        first_seen=request.now,
        retry=retry,
    )
    started = time.monotonic()
    counts = run_or_stop(batch, run, interruption)
    # Of what else stands in the slices nothing is said: only what came again was read for the user.
    counts.documents["read"] = counts.accepted + counts.rejected.total()
    counts.documents["known"] = 0
    with interruption.postponed():
        commit_batch(batch)
    # What did not come again has gone, or changed, since it was planned: it keeps its row.
    missing = len(retry.again) - counts.read
    outcome.counts += counts
    outcome.retried += max(0, len(retry.rows) - missing)
    if missing:
        outcome.left[CHANGED] += missing
    _log.info("batch %d: %.1f s, %d documents", batch.number, time.monotonic() - started, counts.read)
