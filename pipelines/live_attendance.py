"""A live job that runs on Flink → what becomes of it, told on the way; stops it with a savepoint.

Takes the job's number, gives an exit code once it has ended; rejects one that was given up (`JobFailed`) or
can't be stopped (`FlinkRefused`).
"""

import logging
import time
from dataclasses import dataclass
from pathlib import Path

from pipelines.command import DONE, WITH_ERRORS
from pipelines.engine import JobFailed
from pipelines.flink_rest import (
    ENDED,
    ask,
    cancel_jobs,
    find_last_error,
    stop_with_savepoint,
)
from pipelines.interruption import Interruption
from pipelines.live import LiveJob
from pipelines.query import run_query
from transforms.commit import read_version
from transforms.data_folder import MissingData
from transforms.storage import sync_folder, write_durably

_log = logging.getLogger("alliance_watch")

#: folder of the savepoints in the data folder, and the file in it that names the last
SAVEPOINTS = "_savepoints"
LAST = "last"
#: seconds that a job gets to begin, and to be stopped
PATIENCE = 120.0
#: seconds between two looks at a job
LOOK = 1.0
#: state of a job that can't be asked
UNHEARD = "UNHEARD"
#: seconds between two lines about the tables, at least
_REPORT = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRequest:
    """One session: what is followed, where, and by which cluster."""

    job: LiveJob
    master: str
    #: of the job on the cluster; the same for the same data folder
    name: str

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.job.commit.data


def read_last(data: Path) -> str | None:
    """Data folder → the savepoint that the last session stopped with; None where there is none."""
    try:
        return (data / SAVEPOINTS / LAST).read_text("utf-8").strip() or None
    except FileNotFoundError:
        return None


def attend(request: LiveRequest, job: str, interruption: Interruption) -> int:
    """Job that runs → exit code, once it has ended; an interruption stops it with a savepoint.

    Raises:
        JobFailed: it was given up.
        FlinkRefused: it could not be stopped.
        KeyboardInterrupt: it was stopped.
    """
    tables = TableReport(request.data)
    before = "RUNNING"
    try:
        while True:
            interruption.check()
            state = look_after(request.master, job, before)
            tables.tell(last=state in ENDED)
            if state == "FAILED":
                raise JobFailed(find_last_error(request.master, job))
            if state in ENDED:
                _log.info("the job has ended: %s", state.lower())
                return DONE if state == "FINISHED" else WITH_ERRORS
            before = state
            time.sleep(LOOK)
    except KeyboardInterrupt:
        # A second signal must not leave the job half stopped.
        with interruption.postponed():
            stop(request, job)
        raise


def look_after(master: str, job: str, before: str) -> str:
    """Job and its state before → its state now; what changed for the worse, and back, is told.

    A Flink that doesn't answer is no reason to end: the state stays as it was.
    """
    try:
        state = str(ask(master, f"/jobs/{job}")["state"])
        if state != before and state in ("FAILING", "RESTARTING"):
            _log.warning("the job starts again from its last checkpoint: %s", find_last_error(master, job))
        elif state != before and state == "RUNNING":
            _log.info("the job runs again")
    except OSError as error:
        if before != UNHEARD:
            _log.warning("Flink doesn't answer: %s", error)
        return UNHEARD
    return state


def stop(request: LiveRequest, job: str) -> None:
    """Job → stopped with a savepoint, whose path is kept for the next; one that runs once is cancelled."""
    if request.job.source.once:
        cancel_jobs(request.master, request.name, time.monotonic() + PATIENCE)
        _log.info("stopped; what is not committed is asked for again by the same command")
        return
    folder = request.data / SAVEPOINTS
    folder.mkdir(exist_ok=True)
    _log.info("stopping the job with a savepoint")
    path = stop_with_savepoint(request.master, job, folder.as_uri(), PATIENCE)
    write_durably(folder / LAST, path.encode())
    sync_folder(folder)
    _log.info("stopped; the same command goes on from %s", path)


class TableReport:
    """Says what is in the tables, when that has changed, and not too often."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._version = ""
        self._told = 0.0

    def tell(self, *, last: bool) -> None:
        """Say it, if the time has come."""
        if not last and time.monotonic() - self._told < _REPORT:
            return
        try:
            version = read_version(self._data)
        except MissingData:
            return
        if version == self._version:
            return
        self._version, self._told = version, time.monotonic()
        # Of all revisions: these counts cost nothing, however large the tables are.
        names = ("articles_all", "events_all", "rejects")
        sql = ", ".join(f"(SELECT count(*) FROM {name})" for name in names)
        [(articles, events, rejects)] = run_query(self._data, f"SELECT {sql}").rows
        fields = {"articles": articles, "events": events, "rejects": rejects}
        words = ", ".join(f"{value} {name}" for name, value in fields.items())
        _log.info("in the tables: %s", words, extra={"fields": fields})
