"""Feeds and a plan → rows in the three tables, for weeks: the loop over bounded runs of the same graph.

One thread follows the feeds and records what is new; this loop makes a batch of it, runs the graph over the
batch, commits it and marks it done. Whatever stops it in between, the next start carries on from there.
"""

import logging
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pipelines.alerting import Alerting, AlertingThread, start_alerting
from pipelines.batch import commit_batch, open_data, resolve_or_stop, run_or_stop
from pipelines.crew import work_alone
from pipelines.fetch_settings import FetchSettings
from pipelines.following import Following, FollowingThread, Vitals
from pipelines.interruption import Interruption
from pipelines.ledger import (
    MAX_TRIES,
    LedgerBatch,
    assign_batch,
    begin_batch,
    count_waiting,
    find_unfinished,
    find_upkeep,
    finish_batch,
    forget_items,
    forget_texts,
    forget_try,
    record_upkeep,
    run_alone,
)
from pipelines.monitor import Batch, MonitorPlan
from pipelines.state import STATE, list_feeds, open_state, sqlite_errors_as_unwritable
from pipelines.summary import RunCounts
from transforms.commit import next_batch
from transforms.compaction import maintain
from transforms.data_folder import UnwritableData, write_lock
from transforms.feed_list import ListedFeed
from transforms.known import KnownArticles, update_index
from transforms.records import StoredSlice

_log = logging.getLogger(__name__)

_TICK = 0.2
_DAY = 86_400.0
#: seconds for the last look for alerts, beside a webhook's answer
_LAST_LOOK = 5.0
#: commits after which small files are joined even if the day is not over
_MANY_BATCHES = 2_000
#: an item of a finished batch is kept so long, to know it again
_KEPT = 400 * _DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRequest:
    """One continuous run: what to follow, where to write, and how."""

    #: gives the feeds anew where their list has changed, else None
    read_feeds: Callable[[], tuple[ListedFeed, ...] | None]
    data: Path
    once: bool
    batch_documents: int
    settings: FetchSettings
    #: whom to tell of new events, if anybody
    alerting: Alerting | None = None
    clock: Callable[[], float] = time.time


@dataclass(slots=True)
class Progress:
    """What the run has done so far; written by the loop, read by others."""

    vitals: Vitals = field(default_factory=Vitals)
    counts: RunCounts = field(default_factory=RunCounts)
    batches: int = 0
    batch_seconds: float = 0.0
    last_batch: float = 0.0
    #: when the loop last came round
    last_turn: float = 0.0


#: Called after each batch: its number in the ledger, what was counted in it, seconds.
Report = Callable[[int, RunCounts, float], None]


def watch_feeds(
    request: WatchRequest,
    plan: MonitorPlan,
    interruption: Interruption,
    progress: Progress,
    report: Report,
    tick: Callable[[], None] = lambda: None,
) -> None:
    """Request and plan → rows, until interrupted; with `once`, until each feed was asked and all committed.

    Args:
        request: what to follow, and where to write.
        plan: how the graph works.
        interruption: the signals.
        progress: brought up to date as it goes.
        report: called after each batch.
        tick: called some times a second, for whatever else is due.

    Raises:
        DataFolderInUse, UnwritableData, NewerSchema: the data folder can't be written.
        KeyboardInterrupt: the run was interrupted; what was committed stays, the rest waits in the state.
    """
    with write_lock(request.data), sqlite_errors_as_unwritable(request.data / STATE):
        with interruption.postponed():
            index = open_data(request.data)
        # A folder of an older version, or one whose last batch was cut off after its commit.
        resolve_or_stop(request.data, datetime.fromtimestamp(request.clock(), UTC), interruption)
        with closing(open_state(request.data)) as state:
            list_feeds(state, request.read_feeds() or (), request.settings.policy, request.clock())
            alerts = start_alerting(request.alerting, state)
            following = FollowingThread(
                Following(
                    data=request.data,
                    settings=request.settings,
                    articles=plan.articles,
                    vitals=progress.vitals,
                    clock=request.clock,
                ),
                once=request.once,
            )
            try:
                _Loop(request, plan, interruption, progress, report, state, index, alerts).run(
                    following, tick
                )
            finally:
                following.stop()
                if alerts is not None:
                    alerts.stop()


@dataclass(slots=True)
class _Loop:
    request: WatchRequest
    plan: MonitorPlan
    interruption: Interruption
    progress: Progress
    report: Report
    state: sqlite3.Connection
    index: Path
    alerts: AlertingThread | None
    maintained: float = 0.0
    batches_since: int = 0

    def run(self, following: FollowingThread, tick: Callable[[], None]) -> None:
        self.maintained, self.batches_since = find_upkeep(self.state, self.request.clock())
        while True:
            self.interruption.check()
            self.progress.last_turn = self.request.clock()
            ended = following.wait(0.0)
            busy = self._run_next(hurry=ended)
            if ended and not busy:
                self._finish_alerts()
                return
            if self.alerts is not None:
                self.alerts.wait(0.0)
            self._keep_house()
            tick()
            if not busy:
                following.wait(_TICK)

    def _run_next(self, *, hurry: bool) -> bool:
        """Run the batch that was left unfinished, or a new one; whether there was one."""
        batch = find_unfinished(self.state)
        if batch is None:
            ready, _, since = count_waiting(self.state)
            patient = not hurry and ready < self.request.batch_documents
            # An item of the future is one of a clock that was set back: no reason to wait for it.
            waited = self.request.clock() - (since or 0)
            if not ready or (patient and 0 <= waited < self.request.settings.linger):
                return False
            batch = assign_batch(self.state, self.request.clock(), self.request.batch_documents)
        if batch is None:
            return False
        self._run_batch(batch)
        return True

    def _run_batch(self, batch: LedgerBatch) -> None:
        started = time.monotonic()
        begin_batch(self.state, batch)
        try:
            counts = self._run_items(batch)
        except KeyboardInterrupt:
            forget_try(self.state, batch)
            raise
        except UnwritableData:
            # No fault of an item: whoever starts it again and again must not have one given up for it.
            with suppress(sqlite3.OperationalError):
                forget_try(self.state, batch)
            raise
        with self.interruption.postponed(), KnownArticles.open_read_only(self.index) as known:
            finish_batch(self.state, batch, self.request.clock(), known.is_rejected)
        seconds = time.monotonic() - started
        progress = self.progress
        progress.counts += counts
        progress.batches += 1
        progress.batch_seconds += seconds
        progress.last_batch = self.request.clock()
        self.batches_since += 1
        self.report(batch.number, counts, seconds)
        now = datetime.fromtimestamp(self.request.clock(), UTC)
        resolve_or_stop(self.request.data, now, self.interruption)
        if self.alerts is not None:
            self.alerts.nudge()

    def _run_items(self, batch: LedgerBatch) -> RunCounts:
        if batch.tries < MAX_TRIES:
            return self._run_part(batch, batch.numbers)
        # The process died of it each time: one item is to blame, the others get through.
        counts = RunCounts()
        for number in batch.numbers:
            if number >= (batch.alone or 0):
                run_alone(self.state, batch, number)
                counts += self._run_part(batch, (number,))
        return counts

    def _run_part(self, batch: LedgerBatch, numbers: tuple[int, ...]) -> RunCounts:
        data = self.request.data
        part = Batch(
            number=next_batch(data),
            slices=(StoredSlice(path=str(data / STATE), numbers=numbers),),
            data=data,
            index=self.index,
            first_seen=datetime.fromtimestamp(batch.made, UTC),
        )
        counts = run_or_stop(part, work_alone(self.plan), self.interruption)
        with self.interruption.postponed():
            commit_batch(part)
        return counts

    def _finish_alerts(self) -> None:
        deadline = time.monotonic() + self.request.settings.seconds + _LAST_LOOK
        while self.alerts is not None and not self.alerts.wait(_TICK, finish=True):
            self.interruption.check()
            if time.monotonic() > deadline:
                return

    def _keep_house(self) -> None:
        now = self.request.clock()
        feeds = self.request.read_feeds()
        if feeds is not None:
            list_feeds(self.state, feeds, self.request.settings.policy, now)
        if 0 <= now - self.maintained < _DAY and self.batches_since < _MANY_BATCHES:
            return
        self.maintained, self.batches_since = now, 0
        with self.interruption.postponed():
            for upkeep in maintain(self.request.data, datetime.fromtimestamp(now, UTC)):
                _log.info("%s: %d files → %d", upkeep.table, upkeep.files_before, upkeep.files_after)
            update_index(self.request.data)
            forget_items(self.state, now - _KEPT)
            forget_texts(self.state, now - self.request.settings.keep_rejected)
            record_upkeep(self.state, now)
