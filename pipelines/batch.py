"""Inputs and a plan → rows in the three tables, batch after batch; gives the counts.

One run is a loop: take a batch of the input, run the graph over it (`monitor`), commit what it staged, bring
the index of known articles up to date. At the end, what several articles report of one event is joined
(`resolving`). Whatever stops it in between, the next start carries on from there.
"""

import logging
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipelines.crew import CrewOptions, gather_crew
from pipelines.interruption import Interruption
from pipelines.monitor import Batch, MonitorPlan, RunBatch
from pipelines.resolving import resolve_events
from pipelines.slices import cut_batches, expect_documents, limit_batch, size_batches
from pipelines.summary import RunCounts
from transforms.commit import commit_staged, next_batch, recover
from transforms.data_folder import FullDisk, UnwritableData, lacks_space, write_lock
from transforms.done_parts import find_done_parts, part_of
from transforms.inputs import InputFile
from transforms.known import update_index
from transforms.object_reading import find_failure
from transforms.records import InputSlice
from transforms.storage import Place, lend_file, list_files, read_file

_log = logging.getLogger(__name__)

#: Called after each batch with what has been counted so far and how many documents are expected in all.
Progress = Callable[[RunCounts, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """One run: what to read, where to write, and how."""

    files: Sequence[InputFile]
    data: Place
    #: written as `first_seen`
    now: datetime
    #: in a commit, for each worker: documents, and bytes of web archives
    batch_documents: int
    archive_bytes: int
    limit: int | None = None
    #: whether to bring `resolved_events` up to date at the end
    resolve: bool = True
    crew: CrewOptions


def run_batches(
    request: RunRequest, plan: MonitorPlan, interruption: Interruption, progress: Progress
) -> RunCounts:
    """Request and plan → what was counted, with all rows committed.

    Raises:
        DataFolderInUse, UnwritableData, NewerSchema: the data folder can't be written.
        WorkerDied, WorkerFailed: of several workers one is gone, or met what nobody expected.
        BadRunner, UnfitWorkers, JobFailed: of a cluster, as their words say.
        KeyboardInterrupt: the run was interrupted; what was committed stays, the rest was never there.
    """
    with write_lock(request.data), gather_crew(plan, request.crew, request.data) as run:
        return _run_locked(request, plan, run, interruption, progress)


def _run_locked(
    request: RunRequest, plan: MonitorPlan, run: RunBatch, interruption: Interruption, progress: Progress
) -> RunCounts:
    with interruption.postponed():
        index = open_data(request.data)
    counts = RunCounts()
    sizes = size_batches(request.batch_documents, request.archive_bytes, request.crew.shares)
    done = find_done_parts(request.data, plan.gate)

    def is_done(part: InputSlice) -> bool:
        pages = done.get(part_of(part))
        counts.documents.update(read=pages or 0, known=pages or 0)
        return pages is not None

    batches = list(cut_batches(request.files, sizes, is_done))
    expected = [sum(expect_documents(part, sizes.slice_documents) for part in batch) for batch in batches]
    for position, slices in enumerate(batches):
        if request.limit is not None:
            slices = limit_batch(slices, request.limit - counts.read)
            if not slices:
                break
        batch = Batch(
            number=next_batch(request.data),
            slices=slices,
            data=request.data,
            index=index,
            first_seen=request.now,
        )
        started = time.monotonic()
        counts += run_or_stop(batch, run, interruption)
        with interruption.postponed():
            commit_batch(batch)
            left = sum(expected[position + 1 :])
            progress(counts, min(counts.read + left, request.limit or sys.maxsize))
        seconds = time.monotonic() - started
        _log.info("batch %d: %.1f s, %d documents so far", batch.number, seconds, counts.read)
    if request.resolve:
        resolve_or_stop(request.data, request.now, interruption)
    return counts


def open_data(data: Place) -> Path:
    """Data folder, under the lock → the path of its index, with what a crash left behind put right."""
    recovery = recover(data)
    if recovery.rolled_forward or recovery.dropped or recovery.removed_files:
        _log.warning(
            "the last run was cut off: %d batches committed, %d dropped, %d files removed",
            len(recovery.rolled_forward),
            len(recovery.dropped),
            len(recovery.removed_files),
        )
    return update_index(data)


def commit_batch(batch: Batch) -> None:
    """Batch whose rows are staged → its rows in the tables and in the index."""
    commit_staged(batch.data, batch.number)
    update_index(batch.data)


def run_or_stop(batch: Batch, run: RunBatch, interruption: Interruption) -> RunCounts:
    """Batch → its counts, or KeyboardInterrupt with nothing of it left behind.

    Raises:
        FullDisk: its rows could not be staged; nothing of it is left behind either.
        StoreFailure: an object store can't be reached now; what is left behind the next start removes.
    """
    counts = RunCounts()
    try:
        counts = run(batch)
    except BaseException as error:
        # Beam wraps a KeyboardInterrupt, or whatever else ends a bundle, in an error of its own.
        if not interruption.requested:
            if failure := find_failure(error):
                with interruption.postponed(), suppress(UnwritableData, OSError):
                    recover(batch.data)
                raise failure from error
            if not lacks_space(error):
                raise
            with interruption.postponed(), suppress(UnwritableData):
                recover(batch.data)
            raise FullDisk(batch.data) from error
    if interruption.requested:
        with interruption.postponed():
            recover(batch.data)
        interruption.check()
    return counts


def resolve_or_stop(data: Place, now: datetime, interruption: Interruption) -> None:
    """Data folder after a batch → `resolved_events` up to date, or KeyboardInterrupt with it as it was."""
    try:
        resolve_events(data, now, committing=interruption.postponed)
    except Exception:
        # DuckDB turns a KeyboardInterrupt into an error of its own.
        interruption.check()
        raise


@contextmanager
def shadow_data(data: Place) -> Iterator[Path]:
    """Data folder → a temporary stand-in that may be written, for a dry run: its rows are there by link.

    Tables in an object store are fetched as a whole.
    """
    with tempfile.TemporaryDirectory(prefix="alliance-watch-") as folder:
        shadow = Path(folder)
        for pattern in ("*/_delta_log/*.*", "*/_delta_log/_last_checkpoint"):
            for name in list_files(data, pattern):
                (shadow / name).parent.mkdir(parents=True, exist_ok=True)
                (shadow / name).write_bytes(read_file(data / name))
        for name in list_files(data, "*/*=*/*.parquet"):
            if not name.startswith("_"):
                lend_file(data / name, shadow / name)
        yield shadow
