"""`watch` from its options to its exit code: one log line a batch, text on a terminal, JSON otherwise."""

import json
import logging
import os
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from pipelines.alerting import Alerting
from pipelines.command import DONE, INTERRUPTED, NOTHING_PROCESSED, WITH_ERRORS
from pipelines.health import serve_health
from pipelines.interruption import Interruption
from pipelines.plan import build_plan
from pipelines.settings import SettingsError, load_settings
from pipelines.state import read_state
from pipelines.summary import RunCounts
from pipelines.vital_signs import find_silent, find_trouble, give_metrics
from pipelines.watch import Progress, WatchRequest, watch_feeds
from transforms.feed_list import BadFeedList, ListedFeed, read_feed_list

_log = logging.getLogger("alliance_watch")


class _JsonLines(logging.Formatter):
    """A record → one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            said["error"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False)


def run_watch_session(options: Namespace) -> int:
    """Options of `watch` → exit code.

    Raises:
        SettingsError, BadFeedList, DataFolderInUse, UnwritableData, NewerSchema: as their words say.
    """
    set_up_log(options.log_level)
    loaded = load_settings(options.config, os.environ)
    read_feeds = follow_list(options.feeds)
    plan = build_plan(loaded)
    progress = Progress()
    request = WatchRequest(
        read_feeds=read_feeds,
        data=options.data,
        once=options.once,
        batch_documents=loaded.settings.run.batch_documents,
        settings=loaded.settings.fetch,
        alerting=Alerting(
            data=options.data,
            settings=loaded.settings.alerts,
            limits=loaded.settings.fetch.limits,
            secret=find_secret(loaded.settings.alerts.secret_env, os.environ),
        ),
    )
    progress.vitals.last_look = progress.last_turn = time.time()
    silence = SilenceWatch(options.data)
    with (
        Interruption().caught() as interruption,
        serve_health(
            options.metrics_port,
            lambda: find_trouble(progress, time.time()),
            lambda: give_metrics(options.data, progress, time.time()),
        ) as port,
    ):
        if port is not None:
            _log.info("health and metrics on http://127.0.0.1:%d", port, extra={"fields": {"port": port}})
        try:
            watch_feeds(request, plan, interruption, progress, report_batch, silence.tick)
        except KeyboardInterrupt:
            _log.info("stopped; what is not committed waits in the state")
            return INTERRUPTED
    return _judge(progress, loaded.settings.run.max_error_share)


def find_secret(name: str, environ: Mapping[str, str]) -> bytes | None:
    """Name of an environment variable → the key that it holds; None where there is no name.

    Raises:
        SettingsError: there is no such variable, or it is empty.
    """
    if not name:
        return None
    if not environ.get(name):
        raise SettingsError(f"alerts.secret_env: the environment has no {name}")
    return environ[name].encode()


class SilenceWatch:
    """Says once of each feed that used to deliver that it has fallen silent; looks each hour."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._looked = 0.0
        self._told: set[str] = set()

    def tick(self) -> None:
        """Look, if the time has come."""
        now = time.time()
        if 0 <= now - self._looked < 3_600:
            return
        self._looked = now
        with closing(read_state(self._data)) as state:
            silent = find_silent(state, now)
        for url, seconds in silent:
            if url not in self._told:
                fields = {"feed": url, "hours": round(seconds / 3_600)}
                _log.warning("silent for %d hours: %s", fields["hours"], url, extra={"fields": fields})
        self._told = {url for url, _ in silent}


def _judge(progress: Progress, max_error_share: float) -> int:
    counts, polls = progress.counts, progress.vitals.polls
    _log.info(
        "%d feeds asked, %d failed; %d new items; %d events",
        polls.total(),
        polls["failed"] + polls["gone"],
        progress.vitals.new_items,
        counts.events.total(),
    )
    if polls.total() and not polls["read"] + polls["unchanged"] and not counts.read:
        return NOTHING_PROCESSED
    return WITH_ERRORS if counts.errors > max_error_share * counts.read else DONE


def report_batch(number: int, counts: RunCounts, seconds: float) -> None:
    """Batch → its line in the log."""
    fields = {
        "batch": number,
        "read": counts.read,
        "known": counts.documents["known"],
        "accepted": counts.accepted,
        "rejected": counts.rejected.total(),
        "events": counts.events.total(),
        "seconds": round(seconds, 3),
    }
    words = ", ".join(f"{value} {name}" for name, value in fields.items() if name != "batch")
    _log.info("batch %d: %s", number, words, extra={"fields": fields})


def set_up_log(level: str) -> None:
    """Level → our lines on standard error: text on a terminal, JSON otherwise."""
    terminal = sys.stderr.isatty()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%d %H:%M:%S")
        if terminal
        else _JsonLines()
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    if level != "debug":
        # What goes wrong in a pipeline comes back as an exception; Beam would say it twice before.
        logging.getLogger("apache_beam").setLevel(logging.CRITICAL)
        # It sets a level of its own to let pass what Java says.
        logging.getLogger("FlinkJarJobServer").addFilter(lambda record: record.levelno >= logging.ERROR)
        for noisy in ("httpcore2", "hpack", "asyncio"):
            logging.getLogger(noisy).setLevel(logging.ERROR)


def follow_list(path: Path) -> Callable[[], tuple[ListedFeed, ...] | None]:
    """File of a feed list → a function that gives its feeds at first and whenever it has changed, else None.

    Raises:
        BadFeedList: it can't be read at first; later that is a warning, and the feeds stay as they are.
    """
    first = read_feed_list(path.read_bytes(), str(path))
    seen: list[tuple[int, int] | None] = [None]

    def read() -> tuple[ListedFeed, ...] | None:
        try:
            status = path.stat()
            stamp = (status.st_mtime_ns, status.st_size)
            if stamp == seen[0]:
                return None
            before, seen[0] = seen[0], stamp
            return first if before is None else read_feed_list(path.read_bytes(), str(path))
        except (OSError, BadFeedList) as error:
            _log.warning("the feed list stays as it is: %s", error)
            return None

    return read
