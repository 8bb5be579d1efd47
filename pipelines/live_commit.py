"""What documents of a stream ended as → rows in the tables, each once: the single committer of a live job.

What came stands under one key in keyed state until a timer fires; then it is committed as the next batch,
under the lock of the data folder. After a restart the same may come again, and not in the same batches: what
the tables have is known by its key and left out, so that each document is there once.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import apache_beam as beam
from apache_beam.coders import FastPrimitivesCoder
from apache_beam.metrics import Metrics
from apache_beam.pvalue import PCollection
from apache_beam.transforms.timeutil import TimeDomain
from apache_beam.transforms.userstate import (
    BagStateSpec,
    CombiningValueStateSpec,
    TimerSpec,
    on_timer,
)
from apache_beam.transforms.window import GlobalWindow
from apache_beam.utils.timestamp import Timestamp

from pipelines.batch import open_data
from pipelines.resolving import resolve_events
from transforms.commit import commit_staged, next_batch
from transforms.compaction import maintain
from transforms.data_folder import DataFolderInUse, write_lock
from transforms.known import KnownArticles, update_index
from transforms.records import ClassifiedArticle, Rejection
from transforms.rows import Row, add_rows
from transforms.staging import stage_batch

#: what a document ends as
Ended = ClassifiedArticle | Rejection

#: seconds between two tries to get the lock, and the most that may wait for it
_AGAIN = 1.0
_MOST = 20_000
_DAY = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCommit:
    """Where to, and how often."""

    data: Path
    #: name and version of the detector
    detector: str
    #: seconds that the first of a batch waits for others
    linger: float
    #: documents in a commit, at most about
    documents: int
    clock: Callable[[], float] = time.time


class CommitInTurn(beam.PTransform[PCollection[Ended], PCollection[None]]):
    """What documents of a stream ended as → rows in the tables."""

    def __init__(self, settings: LiveCommit) -> None:
        super().__init__()
        self._settings = settings

    def expand(self, ended: PCollection[Ended]) -> PCollection[None]:
        """Bring all to one place, and commit them there."""
        keyed = ended | "To the tables" >> beam.Map(lambda one: ("tables", one)).with_output_types(
            tuple[str, Ended]
        )
        return keyed | "Commit" >> beam.ParDo(_Commit(self._settings))


class _Commit(beam.DoFn):
    HELD = BagStateSpec("held", FastPrimitivesCoder())
    COUNT = CombiningValueStateSpec("count", sum)
    DUE = TimerSpec("due", TimeDomain.REAL_TIME)
    #: of a job that ends, or is drained
    END = TimerSpec("end", TimeDomain.WATERMARK)

    def __init__(self, settings: LiveCommit) -> None:
        self._settings = settings
        self._maintained = settings.clock()

    def process(
        self,
        element: tuple[str, Ended],
        held: Any = beam.DoFn.StateParam(HELD),  # noqa: B008
        count: Any = beam.DoFn.StateParam(COUNT),  # noqa: B008
        due: Any = beam.DoFn.TimerParam(DUE),  # noqa: B008
        end: Any = beam.DoFn.TimerParam(END),  # noqa: B008
    ) -> None:
        waiting = count.read()
        if waiting >= _MOST:
            raise DataFolderInUse(self._settings.data, "another process for too long")
        if not waiting:
            due.set(Timestamp.of(self._settings.clock() + self._settings.linger))
            end.set(GlobalWindow().max_timestamp())
        elif waiting + 1 == self._settings.documents:
            due.set(Timestamp.of(self._settings.clock()))
        count.add(1)
        held.add(element[1])

    @on_timer(DUE)
    def commit(
        self,
        held: Any = beam.DoFn.StateParam(HELD),  # noqa: B008
        count: Any = beam.DoFn.StateParam(COUNT),  # noqa: B008
        due: Any = beam.DoFn.TimerParam(DUE),  # noqa: B008
    ) -> None:
        """What is held → rows; while another process has the lock, it waits without keeping anybody."""
        try:
            self._commit(held, count)
        except DataFolderInUse:
            due.set(Timestamp.of(self._settings.clock() + _AGAIN))

    @on_timer(END)
    def commit_last(
        self,
        held: Any = beam.DoFn.StateParam(HELD),  # noqa: B008
        count: Any = beam.DoFn.StateParam(COUNT),  # noqa: B008
        due: Any = beam.DoFn.TimerParam(DUE),  # noqa: B008
    ) -> None:
        """What is held in the end → rows."""
        self._commit(held, count)
        # Flink waits for ever for an end that a timer holds up.
        due.clear()

    def _commit(self, held: Any, count: Any) -> None:
        ended = list(held.read())
        if ended:
            added = commit_ended(ended, self._settings)
            Metrics.counter("documents", "committed").inc(added)
        held.clear()
        count.clear()
        now = self._settings.clock()
        if not 0 <= now - self._maintained < _DAY:
            self._maintained = now
            keep_house(self._settings.data, now)


def commit_ended(ended: Iterable[Ended], settings: LiveCommit) -> int:
    """What documents ended as → how many of them became rows just now: those that the tables didn't have.

    Raises:
        DataFolderInUse: another process is writing; also one whose worker's cluster has given it up.
    """
    now = datetime.fromtimestamp(settings.clock(), UTC)
    with write_lock(settings.data):
        by_key = {key_of(one): one for one in ended}
        with KnownArticles.open_read_only(open_data(settings.data)) as known:
            new = sorted(key for key in by_key if not known.contains_key(key))
        if new:
            number = next_batch(settings.data)
            rows: dict[str, list[Row]] = defaultdict(list)
            for key in new:
                add_rows(rows, by_key[key], now, settings.detector)
            stage_batch(settings.data, number, rows)
            commit_staged(settings.data, number)
            update_index(settings.data)
        # Also where nothing is new: the last try may have been cut off between the two.
        resolve_events(settings.data, now)
    return len(new)


def key_of(ended: Ended) -> str:
    """What a document ended as → the document's key."""
    return ended.key if isinstance(ended, Rejection) else ended.article.key


def keep_house(data: Path, now: float) -> None:
    """Data folder → the same with its small files joined; another time, if another process has the lock."""
    with suppress(DataFolderInUse), write_lock(data):
        maintain(data, datetime.fromtimestamp(now, UTC))
        update_index(data)
