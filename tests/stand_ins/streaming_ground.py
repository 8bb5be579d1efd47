"""Files that grow, as feeds do → rows of `rejects`, each line once.

The ground that streaming on Flink would stand on (docs/cluster.md): an unbounded splittable DoFn with its
cursor in the restriction, and one committer with keyed state and a timer, which drops what the tables have,
under their lock. Feeds are files and lines are rejections, so that nothing else is tried.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import apache_beam as beam
from apache_beam.coders import StrUtf8Coder
from apache_beam.io.restriction_trackers import OffsetRange, OffsetRestrictionTracker
from apache_beam.transforms.core import RestrictionProvider
from apache_beam.transforms.timeutil import TimeDomain
from apache_beam.transforms.userstate import (
    BagStateSpec,
    CombiningValueStateSpec,
    TimerSpec,
    on_timer,
)
from apache_beam.utils.timestamp import Duration, Timestamp

from pipelines.batch import open_data
from transforms.commit import commit_staged, next_batch
from transforms.data_folder import DataFolderInUse, write_lock
from transforms.known import KnownArticles, update_index
from transforms.records import Rejection
from transforms.rows import reject_row
from transforms.staging import stage_batch

#: seconds between two looks at a file, and between two commits
PAUSE = 1
_PATIENCE = 30
_NOW = datetime(2024, 5, 1, tzinfo=UTC)


class _Cursor(RestrictionProvider):
    def initial_restriction(self, element: str) -> OffsetRange:
        return OffsetRange(0, 1 << 40)

    def create_tracker(self, restriction: OffsetRange) -> OffsetRestrictionTracker:
        return OffsetRestrictionTracker(restriction)

    def restriction_size(self, element: str, restriction: OffsetRange) -> int:
        return 1

    def truncate(self, element: str, restriction: OffsetRange) -> None:
        return None


class Poll(beam.DoFn):
    """Path of a file → its lines as they come; how far it is stands in the restriction."""

    @beam.DoFn.unbounded_per_element()
    def process(
        self,
        element: str,
        tracker: Any = beam.DoFn.RestrictionParam(_Cursor()),  # noqa: B008
    ) -> Iterable[tuple[str, str]]:
        lines = Path(element).read_text().splitlines()
        for number in range(tracker.current_restriction().start, len(lines)):
            if not tracker.try_claim(number):
                return
            yield "tables", f"{Path(element).name} {lines[number]}"
        tracker.defer_remainder(Duration(PAUSE))


class Commit(beam.DoFn):
    """Lines under one key → rows, a batch each time the timer fires."""

    HELD = BagStateSpec("held", StrUtf8Coder())
    COUNT = CombiningValueStateSpec("count", sum)
    DUE = TimerSpec("due", TimeDomain.REAL_TIME)

    def __init__(self, data: Path) -> None:
        self._data = data

    def process(
        self,
        element: tuple[str, str],
        held: Any = beam.DoFn.StateParam(HELD),  # noqa: B008
        count: Any = beam.DoFn.StateParam(COUNT),  # noqa: B008
        due: Any = beam.DoFn.TimerParam(DUE),  # noqa: B008
    ) -> None:
        if not count.read():
            due.set(Timestamp.of(time.time() + PAUSE))
        count.add(1)
        held.add(element[1])

    @on_timer(DUE)
    def commit(
        self,
        held: Any = beam.DoFn.StateParam(HELD),  # noqa: B008
        count: Any = beam.DoFn.StateParam(COUNT),  # noqa: B008
    ) -> None:
        commit_lines(self._data, sorted(set(held.read())))
        held.clear()
        count.clear()


def commit_lines(data: Path, lines: list[str]) -> None:
    """Lines → rows of those that the tables don't have, in one transaction."""
    with _lock(data):
        index = open_data(data)
        with KnownArticles.open_read_only(index) as known:
            new = [line for line in lines if not known.contains_key(line)]
        number = next_batch(data)
        made = [
            Rejection(stage="read", key=line, order=0, reason="empty", detail="", origin=line) for line in new
        ]
        stage_batch(data, number, {"rejects": [reject_row(one, _NOW) for one in made]})
        commit_staged(data, number)
        update_index(data)


@contextmanager
def _lock(data: Path) -> Iterator[None]:
    """Data folder → its lock, waited for: a worker whose task manager was killed may still be committing."""
    with ExitStack() as held:
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                held.enter_context(write_lock(data))
                break
            except DataFolderInUse:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)
        yield


def build(pipeline: beam.Pipeline, feeds: list[str], data: Path) -> None:
    """Pipeline, files and data folder → nothing; the graph is in the pipeline."""
    lines = (
        pipeline
        | "Feeds" >> beam.Create(feeds, reshuffle=True)
        | "Poll" >> beam.ParDo(Poll()).with_output_types(tuple[str, str])
    )
    _ = lines | "Commit" >> beam.ParDo(Commit(data))
