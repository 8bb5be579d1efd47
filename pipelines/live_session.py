"""`watch` on Flink from its options to its exit code: submits the live job or joins it, and attends to it.

The job outlives whoever submitted it: a session that is killed is carried on by the next, which finds the job
by its name. A session that is stopped in good order stops the job with a savepoint, from which the next goes
on.
"""

import hashlib
import logging
import os
import time
from argparse import Namespace
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from pipelines.batch import open_data
from pipelines.cluster import ask_workers, reach_cluster
from pipelines.command import INTERRUPTED, WITH_ERRORS
from pipelines.engine import BadRunner, Engine, JobFailed, make_pipeline, read_flink_master
from pipelines.flink_rest import (
    ENDED,
    FlinkRefused,
    cancel_jobs,
    find_last_error,
    find_running,
    has_rest,
    list_jobs,
)
from pipelines.inquiry import Questions
from pipelines.interruption import Interruption
from pipelines.live import LiveJob, monitor_feeds
from pipelines.live_attendance import LOOK, PATIENCE, SAVEPOINTS, LiveRequest, attend, read_last
from pipelines.live_commit import LiveCommit
from pipelines.live_items import LiveSource
from pipelines.monitor import MonitorPlan
from pipelines.network_thread import Network
from pipelines.plan import build_plan
from pipelines.settings import Loaded, load_settings
from pipelines.watch_session import set_up_log
from transforms.data_folder import write_lock
from transforms.feed_list import read_feed_list

_log = logging.getLogger("alliance_watch")

#: milliseconds between two checkpoints, and between a failure and the next start
_CHECKPOINTS = 10_000
_RESTART = 5_000
_MANY_RESTARTS = 2_147_483_647


def run_live_session(options: Namespace, engine: Engine) -> int:
    """Options of `watch`, and the engine of a cluster → exit code.

    Raises:
        BadRunner, UnfitWorkers: the cluster can't be reached, or can't do it.
        SettingsError, BadFeedList, DataFolderInUse, UnwritableData, NewerSchema: as their words say.
    """
    set_up_log(options.log_level)
    master = find_master(engine)
    loaded = load_settings(options.config, os.environ)
    read_feed_list(options.feeds.read_bytes(), str(options.feeds))
    if options.metrics_port is not None:
        raise BadRunner("--metrics-port is for watch on one machine; Flink has metrics of its own.")
    if loaded.settings.alerts.rules:
        _log.warning("alerts are not sent from a cluster: only watch on one machine sends them")
    plan, request = plan_session(options, loaded, master)
    try:
        with Interruption().caught() as interruption:
            joined = find_job(request)
            if joined is not None:
                if options.once:
                    raise BadRunner(f"The job {joined} follows feeds into this folder: stop it first.")
                _log.info("joined the job %s, which goes on with the settings that it began with", joined)
                return attend(request, joined, interruption)
            # The job server lives as long as the session: Beam's may have to tell workers what they need.
            with reach_cluster(engine) as near:
                job = submit(request, plan, near, interruption)
                return attend(request, job, interruption)
    except KeyboardInterrupt:
        return INTERRUPTED
    except (JobFailed, FlinkRefused) as error:
        _log.error("%s", error)
        return WITH_ERRORS


def find_master(engine: Engine) -> str:
    """Engine → address of Flink's REST interface.

    Raises:
        BadRunner: it is not Flink, or nothing that outlives this process.
    """
    if engine.runner != "FlinkRunner":
        raise BadRunner(f"watch runs on this machine or on Flink, not on {engine.runner}.")
    master = read_flink_master(engine)
    if not has_rest(master):
        raise BadRunner(
            f"watch needs a Flink that outlives it: --flink_master=HOST:PORT, not {master!r}. Without "
            "--runner it stays on this machine."
        )
    return master


def plan_session(options: Namespace, loaded: Loaded, master: str) -> tuple[MonitorPlan, LiveRequest]:
    """Options and settings → the plan of the steps, and what to submit."""
    plan, settings = build_plan(loaded), loaded.settings
    data: Path = options.data.absolute()
    names = hashlib.sha256(repr(settings.fetch).encode()).hexdigest()[:8]
    source = LiveSource(
        feeds=str(options.feeds.absolute()),
        network=Network(name=f"{names} {plan.digest}", fetch=settings.fetch, articles=plan.articles),
        once=options.once,
    )
    commit = LiveCommit(
        data=data,
        detector=plan.detector,
        linger=settings.fetch.linger,
        documents=settings.run.batch_documents,
    )
    name = f"alliance-watch-{hashlib.sha256(str(data).encode()).hexdigest()[:12]}"
    return plan, LiveRequest(job=LiveJob(source=source, commit=commit), master=master, name=name)


def find_job(request: LiveRequest) -> str | None:
    """Request → number of the job that follows feeds into its folder already; None where there is none.

    Raises:
        BadRunner: Flink doesn't answer.
    """
    try:
        running = find_running(request.master, request.name)
    except OSError as error:
        raise BadRunner(f"Flink doesn't answer at {request.master}: {error}.") from error
    return None if running is None else running.number


def submit(request: LiveRequest, plan: MonitorPlan, engine: Engine, interruption: Interruption) -> str:
    """Request and plan → number of the job, once it runs.

    Raises:
        UnfitWorkers: the workers can't do it.
        JobFailed: it doesn't run.
    """
    source = request.job.source
    with write_lock(request.data):
        with interruption.postponed():
            open_data(request.data)
        inputs = (str(Path(source.feeds).parent),)
        # While this process has the lock: they are asked for what its file says.
        ask_workers(engine, Questions(model=plan.model, data=str(request.data), inputs=inputs))
    flags = find_flags(engine, request.data, once=source.once)
    pipeline = make_pipeline(replace(engine, flags=(*engine.flags, *flags)), request.name)
    monitor_feeds(pipeline, request.job, plan)
    before = {job.number for job in list_jobs(request.master, request.name)}
    try:
        pipeline.run()
        job = await_start(request, before, interruption)
    except JobFailed as error:
        raise JobFailed(f"{error.words}{_advise(flags, request.data)}") from error
    except BaseException:
        # Whoever stops it now has seen nothing of it yet: it isn't left running.
        cancel_jobs(request.master, request.name, time.monotonic() + PATIENCE)
        raise
    _log.info("the job %s runs", job, extra={"fields": {"job": job}})
    return job


def _advise(flags: Sequence[str], data: Path) -> str:
    if not any(flag.startswith("--savepoint_path") for flag in flags):
        return ""
    return (
        f"\nIt was to go on from {read_last(data)}. If that no longer fits, as after an upgrade, move "
        f"{data / SAVEPOINTS} away: feeds are then read anew, and what is in the tables is known."
    )


def find_flags(engine: Engine, data: Path, *, once: bool) -> list[str]:
    """Engine and data folder → flags of a live job that its user did not give."""
    wanted = {
        "--number_of_execution_retries": str(_MANY_RESTARTS),
        "--execution_retry_delay": str(_RESTART),
    }
    if once:
        # Else Flink keeps a source that has ended, for the sake of checkpoints.
        wanted["--shutdown_sources_after_idle_ms"] = "0"
    else:
        wanted["--checkpointing_interval"] = str(_CHECKPOINTS)
        savepoint = read_last(data)
        if savepoint is not None:
            wanted["--savepoint_path"] = savepoint
    given = {flag.partition("=")[0] for flag in engine.flags}
    # Else what a step gives while a checkpoint is taken waits for its next input, which may never come.
    always = ("--streaming", "--finish_bundle_before_checkpointing")
    return [*always, *(f"{name}={value}" for name, value in wanted.items() if name not in given)]


def await_start(request: LiveRequest, before: Collection[str], interruption: Interruption) -> str:
    """Request that was submitted → the job's number, once it runs.

    Args:
        request: what was submitted.
        before: numbers of the jobs of its name that there were.
        interruption: the signals.

    Raises:
        JobFailed: it doesn't.
    """
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        interruption.check()
        jobs = [job for job in list_jobs(request.master, request.name) if job.number not in before]
        if jobs and jobs[0].state in ("RUNNING", "FINISHED"):
            return jobs[0].number
        if jobs and jobs[0].state in ENDED:
            raise JobFailed(find_last_error(request.master, jobs[0].number))
        time.sleep(LOOK)
    raise JobFailed(f"It did not begin within {PATIENCE:.0f} seconds.")
