"""`serve`: the page live over a data folder, for this machine only, and new whenever a batch is committed.

What is asked often is kept in memory as of the last commit; a thread looks for the next one and puts another
snapshot in its place. Rejects requests that name another host than loopback: no page elsewhere can have its
name lead here.
"""

import json
import os
import re
import sys
import threading
import time
from argparse import Namespace
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl, urlsplit

from pipelines.command import INTERRUPTED
from pipelines.interruption import Interruption
from pipelines.loopback import Answer, serve_loopback
from pipelines.query import Ask, BadQuery, FilesGone, Snapshot
from pipelines.report import Names, Since, describe_tables
from pipelines.report_page import render_page
from pipelines.report_queries import CHANGES, EVENTS, SPELLS
from pipelines.report_session import list_names
from pipelines.settings import load_settings
from pipelines.view import BadRequest, find_event, keep_tables, look, read_request
from transforms.commit import read_version
from transforms.data_folder import MissingData

T = TypeVar("T")

#: seconds between two looks for a commit
_EVERY: Final = 1.0
_RECENT: Final = timedelta(days=7)
_FIELDS: Final = 40
_ATTEMPTS: Final = 3

_HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The tables as of one commit, and what the page says of them."""

    version: str
    snapshot: Snapshot
    described: Mapping[str, Any]


class LiveTables:
    """The newest moment there is; a question that meets the change to the next one is asked again."""

    def __init__(
        self, data: Path, names: Names, since: datetime | None, clock: Callable[[], datetime]
    ) -> None:
        self._data, self._names, self._since, self._clock = data, names, since, clock
        self._moment = self._open()

    def refresh(self) -> bool:
        """Look for a commit → whether there was one."""
        if read_version(self._data) == self._moment.version:
            return False
        old, self._moment = self._moment, self._open()
        old.snapshot.close()
        return True

    def ask(self, work: Callable[[Moment], T]) -> T:
        """What to do with a moment → its outcome."""
        for attempt in range(1, _ATTEMPTS + 1):
            moment = self._moment
            try:
                return work(moment)
            except FilesGone:
                if attempt == _ATTEMPTS:
                    raise
                if moment is self._moment:
                    # Compaction has removed its files, and the thread has not seen that yet.
                    self._moment = self._open()
        raise AssertionError("unreachable")

    def _open(self) -> Moment:
        version = read_version(self._data)
        snapshot = Snapshot(self._data, keep_tables(self._names.all))
        now = self._clock()
        since = Since(moment=self._since or now - _RECENT, basis="live")
        described = describe_tables(snapshot.ask, self._names, now, since)
        described |= {"mode": "live", "version": version}
        described["relations"] = {"events": EVENTS, "spells": SPELLS, "changes": CHANGES}
        return Moment(version=version, snapshot=snapshot, described=described)


def answer_with(tables: LiveTables, names: Names) -> Callable[[str, str], Answer]:
    """Tables → the function from a path and a host to an answer."""

    def view(ask: Ask, given: Mapping[str, str]) -> Any:
        return look(ask, read_request(given), names.all)

    def event(ask: Ask, given: Mapping[str, str]) -> Any:
        return find_event(ask, given.get("id", ""))

    def answer(path: str, host: str) -> Answer:
        if not is_loopback(host):
            return _refuse(403, "this page is for http://127.0.0.1 only")
        try:
            asked = urlsplit(path)
            given = dict(parse_qsl(asked.query, max_num_fields=_FIELDS))
        except ValueError:
            return _refuse(400, "no such address")
        try:
            match asked.path:
                case "/":
                    return _give(tables.ask(lambda at: render_page(at.described)), "text/html; charset=utf-8")
                case "/version":
                    return _give(tables.ask(lambda at: at.version), "text/plain; charset=utf-8")
                case "/tables.json":
                    return _give_json(tables.ask(lambda at: at.described))
                case "/view.json":
                    return _give_json(tables.ask(lambda at: view(at.snapshot.ask, given)))
                case "/event.json":
                    return _give_json(tables.ask(lambda at: event(at.snapshot.ask, given)))
        except BadRequest as error:
            return _refuse(400, str(error))
        except (BadQuery, FilesGone, MissingData, OSError) as error:
            return _refuse(503, f"the tables can't be read: {error}")
        return _refuse(404, "no such page")

    return answer


def is_loopback(host: str) -> bool:
    """Host of a request → whether it is a name of this machine that nobody else can give an address."""
    return re.fullmatch(r"(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?", host, re.I) is not None


def _give(text: str, content_type: str) -> Answer:
    return Answer(body=text.encode(), content_type=content_type, headers=_HEADERS)


def _give_json(value: object) -> Answer:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return _give(text, "application/json; charset=utf-8")


def _refuse(status: int, words: str) -> Answer:
    return Answer(status=status, body=f"{words}\n".encode(), headers=_HEADERS)


def serve_tables(options: Namespace) -> int:
    """Options of `serve` → exit code, once it is interrupted.

    Raises:
        SettingsError, MissingData, UnusablePort: as their words say.
    """
    names = list_names(load_settings(options.config, os.environ).settings.build_world())
    tables = LiveTables(options.data, names, options.since, lambda: datetime.now(UTC))
    stopping = threading.Event()
    # Not inside `with`: an interruption between the two must end the thread too.
    follower = threading.Thread(target=_follow, args=(tables, stopping), daemon=True)
    with Interruption().caught(), serve_loopback("--port", options.port, answer_with(tables, names)) as port:
        follower.start()
        print(f"http://127.0.0.1:{port}/ shows {options.data}; Ctrl-C ends it", file=sys.stderr, flush=True)
        try:
            with suppress(KeyboardInterrupt):
                stopping.wait()
        finally:
            stopping.set()
    return INTERRUPTED


def _follow(tables: LiveTables, stopping: threading.Event) -> None:
    pause = _EVERY
    while not stopping.wait(pause):
        started = time.monotonic()
        try:
            tables.refresh()
        except (BadQuery, FilesGone, MissingData, OSError) as error:
            # What is shown stays as it was; the next look may find the folder readable again.
            print(f"alliance-watch: the tables can't be read: {error}", file=sys.stderr)
            pause = 10 * _EVERY
        else:
            # Large tables take seconds: with commits as often, most of the time is left for answers.
            pause = max(_EVERY, 4 * (time.monotonic() - started))
