"""`rejects retry` from its options to its exit code: progress while it works, a summary at the end.

All of it goes to standard error; to standard output only the events that a dry run would add.
"""

import logging
import os
import sys
import time
from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from pipelines.batch import shadow_data
from pipelines.command import DONE, INTERRUPTED, NOTHING_PROCESSED, WITH_ERRORS
from pipelines.crew import CrewOptions, WorkerDied
from pipelines.interruption import Interruption
from pipelines.plan import build_plan
from pipelines.retry import Choice, Outcome, RetryRequest, retry_rejects
from pipelines.session import print_events, show_progress
from pipelines.settings import Loaded, load_settings
from pipelines.summary import list_events, print_summary
from transforms.data_folder import MissingData


def run_retry_session(options: Namespace) -> int:
    """Options of `rejects retry` → exit code.

    Raises:
        SettingsError, MissingData, DataFolderInUse, UnwritableData, NewerSchema: as their words say.
    """
    flags = {"run.workers": options.workers} if options.workers else {}
    loaded = load_settings(options.config, os.environ, flags)
    logging.getLogger().setLevel(options.log_level.upper())
    if options.log_level == "warning":
        # What goes wrong in a pipeline comes back as an exception; Beam would say it twice before.
        logging.getLogger("apache_beam").setLevel(logging.CRITICAL)
    if not options.data.is_dir():
        raise MissingData(options.data)
    if options.dry_run:
        with shadow_data(options.data) as shadow:
            return _retry(options, loaded, shadow)
    return _retry(options, loaded, options.data)


def _retry(options: Namespace, loaded: Loaded, data: Path) -> int:
    settings = loaded.settings
    plan = build_plan(loaded)
    console = Console(stderr=True)
    request = RetryRequest(
        choice=Choice(reason=options.reason, stage=options.stage, keys=tuple(options.keys)),
        data=data,
        state=options.data,
        now=options.now or datetime.now(UTC),
        batch_documents=settings.run.batch_documents,
        archive_bytes=settings.run.archive_part_bytes,
        resolve=not options.dry_run,
        crew=CrewOptions(workers=settings.run.workers),
    )
    outcome = Outcome()
    started = time.monotonic()
    interrupted = False
    with show_progress(console) as show, Interruption().caught() as interruption:
        try:
            retry_rejects(request, plan, interruption, outcome, show)
        except KeyboardInterrupt:
            interrupted = True
        except WorkerDied as error:
            print(f"alliance-watch: {error}", file=sys.stderr)
            return WITH_ERRORS
    for key in outcome.unknown:
        print(f"alliance-watch: no such reject has a key that begins with {key}", file=sys.stderr)
    if not outcome.matched and not interrupted:
        print(
            f"alliance-watch: nothing to retry: no rejected document {_describe(request.choice)}. "
            f"What there is: alliance-watch query rejects --data {options.data}",
            file=sys.stderr,
        )
        return NOTHING_PROCESSED
    heading = "Would be retried" if options.dry_run else f"Retried in {options.data}"
    print_summary(list_outcome(outcome, time.monotonic() - started), console, heading)
    if interrupted:
        console.print(
            "Interrupted. What is counted above is in the tables; give the same again to carry on.",
            soft_wrap=True,
        )
        return INTERRUPTED
    if options.dry_run:
        print_events(data, request.now)
    counts = outcome.counts
    if not outcome.retried:
        console.print("Nothing could be retried.")
        return NOTHING_PROCESSED
    return WITH_ERRORS if counts.errors > settings.run.max_error_share * counts.read else DONE


def _describe(choice: Choice) -> str:
    said = [
        *([f"of reason {choice.reason!r}"] if choice.reason is not None else []),
        *([f"of stage {choice.stage!r}"] if choice.stage is not None else []),
        *(["with such a key"] if choice.keys else []),
    ]
    return " and ".join(said) if said else "is there"


def list_outcome(outcome: Outcome, seconds: float) -> list[tuple[str, int | str]]:
    """Outcome → (what, how many) for each line of the summary; indented lines are part of the one above."""
    counts = outcome.counts
    lines: list[tuple[str, int | str]] = [
        ("rejected documents that match", outcome.matched),
        ("retried", outcome.retried),
    ]
    if counts.read != outcome.retried:
        lines.append(("  documents now in their place", counts.read))
    lines += [
        ("now accepted", counts.accepted),
        ("  of them near-duplicates", counts.documents["copies"]),
        ("rejected again", counts.rejected.total()),
    ]
    lines += [(f"  {reason}", number) for reason, number in counts.rejected.most_common()]
    if outcome.left:
        lines.append(("can't be retried, stay as they are", outcome.left.total()))
        lines += [(f"  {reason}", number) for reason, number in outcome.left.most_common()]
    return [*lines, *list_events(counts), ("seconds", f"{seconds:,.1f}")]
