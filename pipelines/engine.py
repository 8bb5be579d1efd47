"""Beam's flags → what runs the graph, this process or a cluster, and how a job is run there to its end.

Takes what stands after `--` on the command line, gives an `Engine`; rejects runners that aren't known
(`BadRunner`) and tells how a job ended that failed (`JobFailed`). How a cluster is reached: `cluster`.
"""

import argparse
import logging
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import apache_beam as beam
from apache_beam.options.pipeline_options import FlinkRunnerOptions, GoogleCloudOptions, PipelineOptions
from apache_beam.runners.runner import PipelineResult, PipelineState

from pipelines.flink_rest import cancel_jobs, has_rest
from pipelines.layers import suggest

#: runners of Beam that run the graph elsewhere
CLUSTERS = ("FlinkRunner", "SparkRunner", "DataflowRunner", "PortableRunner", "PrismRunner")
#: this process: Beam's default would try to download another one
LOCAL = "FnApiRunner"
#: how many workers to cut the input for, where no flag tells
_WORKERS = 4
#: seconds that a job gets to end once it is told to
_PATIENCE = 30


class BadRunner(Exception):
    """Flags that name no runner that there is, or one that can't be reached."""


class JobFailed(Exception):
    """A job that the cluster gave up."""

    def __init__(self, words: str) -> None:
        super().__init__(
            "The job failed on the cluster. What is committed stays; run the same again to carry on.\n"
            + words
        )
        self.words = words


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """What runs the graph."""

    #: name of Beam's runner; None: this process
    runner: str | None = None
    flags: tuple[str, ...] = ()
    #: how many workers share a batch
    workers: int = 1


HERE = Engine()


def choose_engine(flags: Sequence[str]) -> Engine:
    """Beam's flags → what they ask for; nothing is started yet.

    Raises:
        BadRunner: there is no such runner, or its job server is not told.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--runner")
    parser.add_argument("--parallelism", "--max_num_workers", dest="workers", type=int)
    try:
        known, _ = parser.parse_known_args(list(flags))
    except SystemExit:
        raise BadRunner(f"These flags for Beam can't be read: {' '.join(flags)}") from None
    if known.runner is None or known.runner == LOCAL:
        return Engine(flags=tuple(flags))
    if known.runner not in CLUSTERS:
        raise BadRunner(
            f"There is no runner {known.runner!r}{suggest(known.runner, CLUSTERS)}. Known are "
            f"{', '.join(CLUSTERS)}; without --runner the run stays on this machine."
        )
    workers = known.workers if known.workers and known.workers > 0 else _WORKERS
    return Engine(runner=known.runner, flags=tuple(flags), workers=workers)


def make_pipeline(engine: Engine, job_name: str | None = None) -> beam.Pipeline:
    """Engine of a cluster, and a name for the job → a pipeline that will run there."""
    options = PipelineOptions(list(engine.flags))
    if engine.runner == "FlinkRunner":
        # By its name the job is found again, should it have to be cancelled.
        options.view_as(GoogleCloudOptions).job_name = job_name or f"alliance-watch-{uuid.uuid4().hex}"
    return beam.Pipeline(runner=engine.runner, options=options)


def read_flink_master(engine: Engine) -> str:
    """Engine → what its flags say of Flink's master: an address, or '[local]' and '[auto]' for none."""
    return str(PipelineOptions(list(engine.flags)).view_as(FlinkRunnerOptions).flink_master)


def run_to_end(pipeline: beam.Pipeline, limit: float = 0) -> PipelineResult:
    """Pipeline for a cluster, and seconds that it may take → its result; it doesn't leave the job running.

    Raises:
        JobFailed: the job ended otherwise than well, or not in time.
    """
    result = None
    try:
        with _said_once():
            result = pipeline.run()
            result.wait_until_finish(duration=int(limit * 1000) or None)
    except Exception as error:
        raise JobFailed(str(error)) from error
    except BaseException:
        if result is not None:
            _cancel(result, pipeline)
        raise
    if not PipelineState.is_terminal(result.state):
        _cancel(result, pipeline)
        raise JobFailed(f"It did not end within {limit:.0f} seconds.")
    return result


def _cancel(result: PipelineResult, pipeline: beam.Pipeline) -> None:
    """Result of a job that runs, and its pipeline → nothing, once it has ended, or doesn't for too long."""
    until = time.monotonic() + _PATIENCE
    with suppress(Exception):
        # Before the job server hears of it: it says 'cancelled' while Flink goes on with the job.
        _cancel_on_flink(pipeline, until)
    with suppress(Exception):
        result.cancel()
        while not PipelineState.is_terminal(result.state) and time.monotonic() < until:
            time.sleep(0.2)


def _cancel_on_flink(pipeline: beam.Pipeline, until: float) -> None:
    """Pipeline and a moment → nothing, once Flink has ended its job, where it has one of that name."""
    master = pipeline.options.view_as(FlinkRunnerOptions).flink_master
    name = pipeline.options.view_as(GoogleCloudOptions).job_name
    if has_rest(master) and name:
        cancel_jobs(master, name, until)


@contextmanager
def _said_once() -> Iterator[None]:
    """While it lasts, nothing is logged that comes back as an exception, nor streams that end with a job."""
    hook, disabled = threading.excepthook, logging.root.manager.disable
    quiet = logging.getLogger("apache_beam").getEffectiveLevel() >= logging.CRITICAL
    if quiet:
        threading.excepthook = lambda _: None
        logging.disable(logging.ERROR)
    try:
        yield
    finally:
        threading.excepthook = hook
        logging.disable(disabled)


def count_all(result: PipelineResult) -> dict[tuple[str, str], int]:
    """Result of a job → its counters by (group, name), added up over its steps.

    Flink and Spark tell what was attempted; a job that is not restarted attempts everything once.
    """
    counts: Counter[tuple[str, str]] = Counter()
    for counter in result.metrics().query()["counters"]:
        value = counter.committed if counter.committed is not None else counter.attempted
        counts[counter.key.metric.namespace, counter.key.metric.name] += value
    return counts
