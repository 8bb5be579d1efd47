"""`run` from its options to its exit code: progress while it works, a summary at the end.

The progress bar and the summary go to standard error, so that standard output holds results only: nothing for
a run, whose result is the tables; the events that would be added for a dry run.
"""

import logging
import os
import shutil
import sys
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from pipelines.batch import Progress as Report
from pipelines.batch import RunRequest, run_batches, shadow_data
from pipelines.command import DONE, INTERRUPTED, NOTHING_PROCESSED, WITH_ERRORS
from pipelines.crew import CrewOptions, WorkerDied
from pipelines.engine import Engine, JobFailed, choose_engine
from pipelines.interruption import Interruption
from pipelines.monitor import MonitorPlan
from pipelines.plan import build_plan
from pipelines.settings import Settings, load_settings
from pipelines.summary import RunCounts, list_counts, print_summary
from transforms.inputs import InputFile, find_inputs
from transforms.storage import Place, absolute_place, name_absolutely, name_parent


def run_session(options: Namespace) -> int:
    """Options of `run` → exit code.

    Raises:
        SettingsError, MissingInput, DataFolderInUse, UnwritableData, NewerSchema, BadRunner, UnfitWorkers:
            as their words say.
    """
    flags = {"run.workers": options.workers} if options.workers else {}
    loaded = load_settings(options.config, os.environ, flags)
    logging.getLogger().setLevel(options.log_level.upper())
    if options.log_level == "warning":
        # What goes wrong in a pipeline comes back as an exception; Beam would say it twice before.
        logging.getLogger("apache_beam").setLevel(logging.CRITICAL)
    engine = choose_engine(options.beam_flags)
    files = find_inputs(options.inputs)
    if engine.runner is not None:
        files, options.data = _name_for_all(files), absolute_place(options.data)
    if not files:
        print(f"alliance-watch: no documents in {', '.join(options.inputs)}", file=sys.stderr)
        return NOTHING_PROCESSED
    plan = build_plan(loaded)
    if options.dry_run:
        with shadow_data(options.data) as shadow:
            return _run(options, loaded.settings, plan, engine, files, shadow)
    return _run(options, loaded.settings, plan, engine, files, options.data)


def _run(
    options: Namespace,
    settings: Settings,
    plan: MonitorPlan,
    engine: Engine,
    files: tuple[InputFile, ...],
    data: Place,
) -> int:
    console = Console(stderr=True)
    now = options.now or datetime.now(UTC)
    request = RunRequest(
        files=files,
        data=data,
        now=now,
        batch_documents=settings.run.batch_documents,
        archive_bytes=settings.run.archive_part_bytes,
        limit=options.limit,
        resolve=not options.dry_run,
        crew=CrewOptions(workers=settings.run.workers, engine=engine, inputs=_list_folders(files)),
    )
    started = time.monotonic()
    so_far = RunCounts()

    with show_progress(console) as show, Interruption().caught() as interruption:

        def report(counts: RunCounts, expected: int) -> None:
            nonlocal so_far
            so_far = counts
            show(counts, expected)

        try:
            counts = run_batches(request, plan, interruption, report)
            interrupted = False
        except KeyboardInterrupt:
            counts, interrupted = so_far, True
        except (WorkerDied, JobFailed) as error:
            print(f"alliance-watch: {error}", file=sys.stderr)
            return WITH_ERRORS
    heading = "Would be written" if options.dry_run else f"Written to {data}"
    print_summary(list_counts(counts, time.monotonic() - started), console, heading)
    if interrupted:
        console.print(
            "Interrupted. What is counted above is in the tables; run the same again to carry on.",
            soft_wrap=True,
        )
        return INTERRUPTED
    if options.dry_run:
        print_events(data, now)
    if not counts.read and not counts.passed_over:
        console.print("Nothing could be processed.")
        return NOTHING_PROCESSED
    if counts.errors > settings.run.max_error_share * counts.read:
        console.print(
            f"{counts.errors} of {counts.read} documents failed with an unexpected error, more than "
            f"run.max_error_share allows: alliance-watch rejects list --reason error --data {options.data}",
            soft_wrap=True,
        )
        return WITH_ERRORS
    return DONE


def _name_for_all(files: tuple[InputFile, ...]) -> tuple[InputFile, ...]:
    """Files → the same by paths that hold wherever the workers' working folder is."""
    return tuple(replace(file, path=name_absolutely(file.path)) for file in files)


def _list_folders(files: tuple[InputFile, ...]) -> tuple[str, ...]:
    return tuple(sorted({name_parent(file.path) for file in files}))


@contextmanager
def show_progress(console: Console) -> Iterator[Report]:
    """Console → a function that moves the bar; in a pipe there is none and it does nothing."""
    if not console.is_terminal:
        yield lambda counts, expected: None
        return
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.completed:,.0f} documents"),
        BarColumn(),
        TextColumn("{task.fields[words]}"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    ) as bar:
        task = bar.add_task("run", total=None, words="")

        def show(counts: RunCounts, expected: int) -> None:
            words = (
                f"{counts.accepted:,} accepted, {counts.rejected.total():,} rejected, "
                f"{counts.events.total():,} events"
            )
            bar.update(task, completed=counts.read, total=expected, words=words)

        yield show


def print_events(data: Place, now: datetime) -> None:
    """Shadow of the data folder → the events this run would add, as a table on standard output."""
    from pipelines.formats import render
    from pipelines.query import run_query

    sql = (
        "SELECT event_date AS date, array_to_string(actors, ' ') AS actors, "
        "array_to_string(beneficiaries, ' ') AS beneficiaries, alliance, object, kind, stance, "
        "evidence[1].text AS sentence FROM events "
        f"WHERE first_seen = TIMESTAMPTZ '{now.isoformat()}' ORDER BY event_date, url, event_id"
    )
    terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if terminal else None
    render(run_query(data, sql), "table", sys.stdout, width=width, color=terminal)
