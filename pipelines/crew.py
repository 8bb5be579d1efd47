"""A plan and who works → a function that runs batch after batch: alone, among processes, or on a cluster.

Each worker runs the whole graph over its share of a batch (`pipelines.share`). What crosses is small:
slices (file, offset, length), fingerprints, verdicts, names of staged files, counts. Only this process judges
duplicates and writes the manifest, so that a shared batch is decided as one that isn't.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import Any

from pipelines.engine import HERE, BadRunner, Engine
from pipelines.monitor import Batch, MonitorPlan, RunBatch, decide_alone, run_graph
from pipelines.share import Failure
from pipelines.summary import RunCounts
from transforms.storage import Place


class WorkerFailed(Exception):
    """An unexpected error in a worker; the words are its traceback."""

    def __init__(self, traceback: str) -> None:
        super().__init__(f"in a worker:\n{traceback}")


class WorkerDied(Exception):
    """A worker is gone without a word: killed, out of memory, or crashed."""

    def __init__(self, code: int | None) -> None:
        how = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
        super().__init__(
            f"A worker process died ({how}). What is committed stays; run the same again to carry on. "
            "If it was killed for its memory, use fewer workers."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewOptions:
    """Who runs the graph, and how."""

    workers: int = 1
    engine: Engine = HERE
    #: folders of what is to be read: a cluster's workers are asked whether they see them
    inputs: tuple[str, ...] = ()

    @property
    def shares(self) -> int:
        """Among how many a batch is shared, here or on a cluster."""
        return max(self.workers, self.engine.workers)


@dataclass(frozen=True, slots=True)
class _Worker:
    process: subprocess.Popen[bytes]
    line: Connection


@contextmanager
def gather_crew(plan: MonitorPlan, options: CrewOptions, data: Place) -> Iterator[RunBatch]:
    """Plan and options → a function that runs a batch; workers live as long as the context.

    Raises:
        BadRunner: a cluster that can't be reached, or workers here and a cluster at once.
        UnfitWorkers: those of a cluster can't do the run.
    """
    if options.engine.runner is not None:
        if options.workers > 1:
            raise BadRunner(
                "Several workers are processes of this machine; on a cluster say how many share the work "
                "with --parallelism=N after '--', and leave run.workers at 1."
            )
        # Imported here, since few need it.
        from pipelines.cluster import run_on_cluster

        with run_on_cluster(plan, options.engine, data, options.inputs) as run:
            yield run
        return
    if options.workers == 1:
        yield work_alone(plan, options.engine)
        return
    workers: list[_Worker] = []
    try:
        for _ in range(options.workers):
            workers.append(_start_worker())
        for worker in workers:
            _send(worker, (plan, options.engine))

        def run_shared(batch: Batch) -> RunCounts:
            try:
                return _share_batch(batch, plan, workers)
            except BaseException:
                # Before anyone clears away what they staged.
                _end_workers(workers)
                raise

        yield run_shared
    finally:
        _end_workers(workers)


def work_alone(plan: MonitorPlan, engine: Engine = HERE) -> RunBatch:
    """Plan → a function that runs a batch in this process."""
    return lambda batch: run_graph(batch, plan, decide_alone(batch, plan), engine)


def _share_batch(batch: Batch, plan: MonitorPlan, workers: Sequence[_Worker]) -> RunCounts:
    decisions = decide_alone(batch, plan)
    busy = workers[: len(batch.slices)]
    for position, worker in enumerate(busy):
        # By turns, since neighbours are alike in what they cost.
        _send(worker, replace(batch, slices=batch.slices[position :: len(busy)]))
    shares = _gather_answers(busy)
    verdicts = decisions.judge([one for share in shares for one in share])
    for worker, share in zip(busy, shares, strict=True):
        _send(worker, {one.key: verdicts[one.key] for one in share})
    staged = [file for files in _gather_answers(busy) for file in files]
    counts = sum(_gather_answers(busy), RunCounts())
    # When all are done: from here on the batch counts, whatever happens.
    decisions.finish(staged)
    return counts


def _start_worker() -> _Worker:
    ours, theirs = Pipe()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "pipelines.worker", str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            # It is to find the modules that this process found.
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            # Ctrl-C is for the one who started it.
            start_new_session=True,
        )
    return _Worker(process, ours)


def _gather_answers(workers: Sequence[_Worker]) -> list[Any]:
    """Workers → the next answer of each, in their order; the first that fails is heard at once."""
    waiting = {worker.line: worker for worker in workers}
    answers: dict[Connection, Any] = {}
    while waiting:
        for line in wait(list(waiting)):
            assert isinstance(line, Connection)
            worker = waiting.pop(line)
            answers[line] = _receive(worker)
    return [answers[worker.line] for worker in workers]


def _receive(worker: _Worker) -> Any:
    try:
        answer = worker.line.recv()
    except (EOFError, OSError):
        raise WorkerDied(worker.process.wait(timeout=10)) from None
    if isinstance(answer, Failure):
        raise WorkerFailed(answer.traceback)
    return answer


def _send(worker: _Worker, message: object) -> None:
    try:
        worker.line.send(message)
    except OSError:
        raise WorkerDied(worker.process.wait(timeout=10)) from None


def _end_workers(workers: Sequence[_Worker]) -> None:
    for worker in workers:
        worker.process.kill()
    for worker in workers:
        worker.process.wait()
        worker.line.close()
