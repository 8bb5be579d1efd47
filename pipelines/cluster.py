"""A plan and a cluster → a function that runs batch after batch there, by workers that are fit for it.

Starts one job server for the whole run where none is told of; rejects one that can't be started (`BadRunner`)
and workers that can't do the run (`UnfitWorkers`).
"""

import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.options.pipeline_options import (
    FlinkRunnerOptions,
    JobServerOptions,
    PipelineOptions,
    PortableOptions,
    SparkRunnerOptions,
)
from apache_beam.runners.portability.flink_runner import FlinkJarJobServer, FlinkRunner
from apache_beam.runners.portability.spark_runner import SparkJarJobServer
from apache_beam.utils.subprocess_server import pick_port

from pipelines.engine import BadRunner, Engine, JobFailed, count_all, make_pipeline, run_to_end
from pipelines.inquiry import Questions, UnfitWorkers, answer_questions, as_text, judge_answers
from pipelines.monitor import Batch, MonitorPlan, RunBatch, decide_alone, run_graph
from pipelines.summary import RunCounts
from transforms.index_copies import share_index
from transforms.staging import read_list, write_list, write_manifest
from transforms.storage import Place

#: group of the counters whose names are what workers answered
_ANSWERS = "answers"
#: seconds that workers get to answer
_PATIENCE = 300
#: milliseconds that a worker without work is kept
_KEPT = 10_000


@contextmanager
def run_on_cluster(
    plan: MonitorPlan, engine: Engine, data: Place, inputs: tuple[str, ...]
) -> Iterator[RunBatch]:
    """Plan, engine, data folder and folders of the input → a function that runs a batch as one job.

    A job only lists what it staged, under a name of this run's; whether that counts is decided here. A job
    that a killed run left behind can't decide for the next.

    Raises:
        BadRunner: the cluster can't be reached.
        UnfitWorkers: its workers can't do the run.
    """
    name = f"listed-{uuid.uuid4().hex}.json"

    def run(batch: Batch) -> RunCounts:
        if isinstance(batch.index, Path):
            batch = replace(batch, index=share_index(batch.data, batch.index))
        finish = partial(write_list, batch.data, batch.number, name)
        counts = run_graph(batch, plan, replace(decide_alone(batch, plan), finish=finish), near)
        listed = read_list(batch.data, batch.number, name)
        if listed is None:
            raise JobFailed("It ended well, but what it wrote can't be seen here.")
        write_manifest(batch.data, batch.number, listed.files)
        return counts

    with reach_cluster(engine) as near:
        ask_workers(near, Questions(model=plan.model, data=str(data), inputs=inputs))
        yield run


@contextmanager
def reach_cluster(engine: Engine) -> Iterator[Engine]:
    """Engine of a cluster → the same with its job server, which lives as long as the context.

    Beam alone would start one for each job, that is, for each batch.

    Raises:
        BadRunner: no job server is told of, or it doesn't start.
    """
    options = PipelineOptions(list(engine.flags))
    [port] = pick_port(None)
    options.view_as(JobServerOptions).job_port = port
    server = _make_job_server(engine, options)
    if server is None:
        yield engine
        return
    try:
        try:
            server.start()
        except Exception as error:
            raise BadRunner(f"The job server could not be started: {error}") from error
        yield replace(
            engine, flags=(*engine.flags, f"--job_endpoint=localhost:{port}", *_keep_workers(options))
        )
    finally:
        server.stop()


def _keep_workers(options: PipelineOptions) -> list[str]:
    """Beam's options → a flag that keeps workers from one step of a job to the next, where there is none."""
    told = options.view_as(PortableOptions).environment_cache_millis
    return [] if told else [f"--environment_cache_millis={_KEPT}"]


def _make_job_server(engine: Engine, options: PipelineOptions) -> Any:
    """Engine and Beam's options → a job server, not yet started; None where one runs or none is needed."""
    if options.view_as(PortableOptions).job_endpoint:
        return None
    if engine.runner == "FlinkRunner":
        flink = options.view_as(FlinkRunnerOptions)
        if flink.flink_submit_uber_jar:
            return None
        _check_job_server("flink", flink.flink_job_server_jar, options)
        flink.flink_master = FlinkRunner.add_http_scheme(flink.flink_master)
        return FlinkJarJobServer(options)
    if engine.runner == "SparkRunner":
        spark = options.view_as(SparkRunnerOptions)
        if spark.spark_submit_uber_jar:
            return None
        _check_job_server("spark", spark.spark_job_server_jar, options)
        return SparkJarJobServer(options)
    if engine.runner == "PortableRunner":
        raise BadRunner("Say where the job server listens: --job_endpoint=HOST:PORT.")
    return None


def _check_job_server(name: str, jar: str | None, options: PipelineOptions) -> None:
    launcher = options.view_as(JobServerOptions).job_server_java_launcher
    if not jar or not Path(jar).is_file():
        raise BadRunner(
            f"There is no job server at {jar!r}. Say where it is: --{name}_job_server_jar=FILE, or where one "
            "listens: --job_endpoint=HOST:PORT. Nothing is downloaded."
            if jar
            else f"Say which job server to start: --{name}_job_server_jar=FILE, or where one listens: "
            "--job_endpoint=HOST:PORT. Nothing is downloaded."
        )
    if shutil.which(launcher) is None:
        raise BadRunner(
            f"There is no {launcher!r} to start {jar} with: install Java 17, or name it with "
            "--job_server_java_launcher=FILE."
        )


def ask_workers(engine: Engine, questions: Questions) -> None:
    """Engine and what to ask → nothing, where each worker that answered can do the run.

    Raises:
        UnfitWorkers: one of them can't, or none answered.
    """
    pipeline = make_pipeline(engine)
    many = list(range(4 * engine.workers))
    _ = pipeline | "Ask" >> beam.Create(many, reshuffle=True) | "Answer" >> beam.ParDo(_Answer(questions))
    try:
        result = run_to_end(pipeline, _PATIENCE)
    except JobFailed as error:
        missing = re.findall(r"ModuleNotFoundError: .*|AttributeError: .*|ImportError: .*", error.words)
        if not missing:
            raise UnfitWorkers(
                f"the job that asks them failed. {error.words}",
                "Do they run where --environment_config says? See the logs of the cluster and of the pool.",
            ) from error
        raise UnfitWorkers(
            f"they can't load the program ({missing[-1]})",
            "Install the same release of alliance-watch where they run.",
        ) from error
    answers = [name for group, name in count_all(result) if group == _ANSWERS]
    judge_answers(answer_questions(questions), answers, questions)


class _Answer(beam.DoFn):
    def __init__(self, questions: Questions) -> None:
        self._questions = questions

    def process(self, element: int) -> None:
        Metrics.counter(_ANSWERS, as_text(answer_questions(self._questions))).inc()
