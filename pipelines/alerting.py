"""New resolved events that match a rule → files and webhooks: the part of a continuous run that tells others.

Runs in a thread of its own, with its own connection to the state, so that a slow or dead webhook never holds
up a batch. After each batch, and at the start, it compares what matches with what was told, records what is
new, then delivers what was recorded. An alert is told exactly once to a file and at least once to a webhook:
where the process ends between a post and its note, it is posted again, with the same id.
"""

import asyncio
import hashlib
import hmac
import logging
import math
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pipelines.alert_files import append_lines, write_rss
from pipelines.alert_matches import Match, digest_rule, find_matches, write_bodies
from pipelines.alert_settings import AlertRule, AlertSettings, form_of
from pipelines.outbox import (
    Delivery,
    begin_rule,
    find_begun,
    forget_bodies,
    is_known,
    keep_only,
    list_due,
    list_newest,
    mark_done,
    open_outbox,
    postpone,
    record_alerts,
)
from pipelines.query import connect
from pipelines.state import STATE, open_state, sqlite_errors_as_unwritable
from transforms.commit import read_snapshot
from transforms.fetching import Client, FetchFailure, FetchLimits, open_client, post
from transforms.storage import Place, place_exists

_log = logging.getLogger(__name__)

_TICK: Final = 0.25
#: alerts that are recorded, or written to a file, at once
_TOGETHER: Final = 100
#: times a look is begun again where files were replaced under it, and seconds until it is tried once more
_ATTEMPTS: Final = 3
_LATER: Final = 5.0
_OK: Final = range(200, 300)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerting:
    """What to tell, where the tables and the state are, and within which limits webhooks are asked."""

    data: Path
    settings: AlertSettings
    limits: FetchLimits
    #: key that webhooks are signed with
    secret: bytes | None = None
    clock: Callable[[], float] = time.time

    @property
    def targets(self) -> tuple[str, ...]:
        """Everybody who is told."""
        return tuple(dict.fromkeys(target for rule in self.settings.rules for target in rule.to))


@dataclass(slots=True)
class _Seen:
    """What this process has looked at: data files of resolved events; None before the first look."""

    files: frozenset[Place] | None = None
    #: when to look again, whether or not there is news
    again: float = math.inf


def look(alerting: Alerting, state: sqlite3.Connection, seen: _Seen) -> int:
    """State and tables → how many alerts are new; they wait for their delivery.

    A rule that is new, or lets other events through than before, begins: what matches already is not told.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        files = read_snapshot(alerting.data)
        try:
            return _compare(alerting, state, seen, files)
        except Exception:
            # Compaction and the resolving of events remove files between the listing and the reading.
            if attempt == _ATTEMPTS or all(place_exists(path) for some in files.values() for path in some):
                raise
    raise AssertionError("unreachable")


def _compare(
    alerting: Alerting, state: sqlite3.Connection, seen: _Seen, files: dict[str, list[Place]]
) -> int:
    resolved = frozenset(files["resolved_events"])
    if resolved == seen.files:
        return 0
    new = sorted(resolved - (seen.files or frozenset()))
    begun = find_begun(state)
    fresh: list[tuple[Match, AlertRule]] = []
    with closing(connect(files)) as all_rows, closing(connect({**files, "resolved_events": new})) as new_rows:
        for rule in alerting.settings.rules:
            digest = digest_rule(rule)
            # Whether a stance changed takes all events of an actor to tell.
            matches = find_matches(new_rows if rule.when == "event" else all_rows, rule)
            if begun.get(rule.name) != digest:
                begin_rule(state, rule.name, digest, list(matches), alerting.clock())
            else:
                fresh += [(match, rule) for match in matches if not is_known(state, match)]
        for start in range(0, len(fresh), _TOGETHER):
            some, now = fresh[start : start + _TOGETHER], alerting.clock()
            bodies = write_bodies(all_rows, [match for match, _ in some], now)
            record_alerts(state, ((match, bodies[match.id], rule.to) for match, rule in some), now)
    seen.files = resolved
    return len(fresh)


def write_files(alerting: Alerting, state: sqlite3.Connection) -> None:
    """State → what is due to files, told; a file that can't be written is tried again later."""
    for target in alerting.targets:
        form, path = form_of(target), alerting.data / target
        while form != "webhook" and (due := list_due(state, target, alerting.clock(), _TOGETHER)):
            try:
                if form == "jsonl":
                    append_lines(path, {delivery.id: delivery.body for delivery in due})
                else:
                    write_rss(path, list_newest(state, target, alerting.settings.rss_items))
            except OSError as error:
                _log.warning("alerts can't be written to %s: %s", path, error.strerror or error)
                later = alerting.clock() + alerting.settings.retry_after
                postpone(state, due[0], later, str(error), target_down=True)
                break
            mark_done(state, due, alerting.clock(), "written")


async def post_due(alerting: Alerting, state: sqlite3.Connection, client: Client, target: str) -> None:
    """State and a webhook → what is due to it, posted one after another."""
    settings = alerting.settings
    while due := list_due(state, target, alerting.clock(), 1):
        (delivery,) = due
        answer = await post(client, target, delivery.body.encode(), _headers(delivery, alerting.secret))
        now, down = alerting.clock(), isinstance(answer, FetchFailure)
        why = answer.reason if isinstance(answer, FetchFailure) else f"http {answer.status}"
        if not isinstance(answer, FetchFailure) and answer.status in _OK:
            mark_done(state, [delivery], now, why)
        elif delivery.tries + 1 >= settings.tries:
            _log.warning("alert %s is given up for %s: %s", delivery.id, _host(target), why)
            mark_done(state, [delivery], now, f"given up: {why}")
        else:
            wait = min(settings.retry_after * 2**delivery.tries, settings.retry_after_max)
            postpone(state, delivery, now + wait, why, target_down=down)


def _headers(delivery: Delivery, secret: bytes | None) -> dict[str, str]:
    headers = {"Content-Type": "application/json", "Idempotency-Key": delivery.id}
    if secret is not None:
        signature = hmac.new(secret, delivery.body.encode(), hashlib.sha256).hexdigest()
        headers["X-Alliance-Watch-Signature"] = f"sha256={signature}"
    return headers


def _host(target: str) -> str:
    """Address of a webhook → as much of it as may be logged: the rest is often a secret."""
    return target.split("/", 3)[2].rpartition("@")[2]


@dataclass(slots=True)
class _Signals:
    """What the run tells the thread."""

    #: there may be something new
    news: threading.Event = field(default_factory=threading.Event)
    #: the run is over: look once more, deliver what can be delivered, end
    finish: threading.Event = field(default_factory=threading.Event)
    #: end now
    stop: threading.Event = field(default_factory=threading.Event)


async def tell(alerting: Alerting, signals: _Signals) -> None:
    """Signals → alerts told, until it is told to end.

    Raises:
        UnwritableData: the state can't be written.
    """
    webhooks = [target for target in alerting.targets if form_of(target) == "webhook"]
    rss = [target for target in alerting.targets if form_of(target) == "rss"]
    with (
        sqlite_errors_as_unwritable(alerting.data / STATE),
        closing(open_state(alerting.data)) as state,
    ):
        seen, posting = _Seen(), dict[str, "asyncio.Task[None]"]()
        async with open_client(alerting.limits, max(1, len(webhooks))) as client:
            try:
                signals.news.set()
                while not signals.stop.is_set():
                    last = signals.finish.is_set()
                    if signals.news.is_set() or last or time.monotonic() >= seen.again:
                        signals.news.clear()
                        _look_or_later(alerting, state, seen)
                        forget_bodies(state, rss, alerting.settings.rss_items)
                    write_files(alerting, state)
                    busy = await _keep_posting(alerting, state, client, webhooks, posting)
                    if last and not busy:
                        return
                    await asyncio.sleep(_TICK)
            finally:
                for task in posting.values():
                    task.cancel()
                await asyncio.gather(*posting.values(), return_exceptions=True)


def _look_or_later(alerting: Alerting, state: sqlite3.Connection, seen: _Seen) -> None:
    seen.again = math.inf
    try:
        if new := look(alerting, state, seen):
            _log.info("%d new alerts", new, extra={"fields": {"alerts": new}})
    except sqlite3.Error:
        raise
    except Exception as error:
        # Tables that are being rewritten all the time: what is new is still so a moment later.
        _log.warning("the tables could not be looked at for alerts: %s", error)
        seen.again = time.monotonic() + _LATER


async def _keep_posting(
    alerting: Alerting,
    state: sqlite3.Connection,
    client: Client,
    webhooks: list[str],
    posting: "dict[str, asyncio.Task[None]]",
) -> bool:
    """Webhooks → whether one of them is busy: a slow one doesn't keep the others waiting."""
    for target in webhooks:
        if target not in posting or posting[target].done():
            if target in posting:
                posting[target].result()
            posting[target] = asyncio.create_task(post_due(alerting, state, client, target))
    await asyncio.sleep(0)
    return not all(task.done() for task in posting.values())


class AlertingThread:
    """The telling in a thread: started at once, stopped from outside."""

    def __init__(self, alerting: Alerting) -> None:
        self._alerting = alerting
        self._signals = _Signals()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="alerting", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            asyncio.run(tell(self._alerting, self._signals))
        except BaseException as error:
            self._failure = error

    def nudge(self) -> None:
        """Say that there may be something new."""
        self._signals.news.set()

    def wait(self, seconds: float, *, finish: bool = False) -> bool:
        """Seconds at most → whether it has ended.

        Args:
            seconds: at most.
            finish: tell it to look once more, to deliver what is due, and to end.

        Raises:
            UnwritableData, …: what ended it, if it was not its end.
        """
        if finish:
            self._signals.finish.set()
        self._thread.join(seconds)
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure
        return not self._thread.is_alive()

    def stop(self) -> None:
        """End within some seconds; what is under way is done again by the next start."""
        self._signals.stop.set()
        self._thread.join(10)


def start_alerting(alerting: Alerting | None, state: sqlite3.Connection) -> AlertingThread | None:
    """What to tell and the state → the thread that tells it; None where there is no rule.

    Rules that are new begin before this returns: what comes after that is told.
    """
    open_outbox(state)
    rules = alerting.settings.rules if alerting is not None else ()
    keep_only(state, [rule.name for rule in rules], alerting.targets if alerting else (), time.time())
    if alerting is None or not rules:
        return None
    begun = find_begun(state)
    if any(begun.get(rule.name) != digest_rule(rule) for rule in rules):
        look(alerting, state, _Seen())
    return AlertingThread(alerting)
