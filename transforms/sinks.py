"""Classified articles and rejections → staged files of a batch and their manifest. Beam around `staging`."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.pvalue import PCollection
from apache_beam.transforms.window import GlobalWindow
from apache_beam.utils.windowed_value import WindowedValue

from transforms.archives import OFF_TOPIC, READ
from transforms.inputs import format_of
from transforms.records import ClassifiedArticle, InputSlice, PageCount, Rejection
from transforms.rows import Row, add_rows, page_count_row
from transforms.stages import call_with_all
from transforms.staging import StagedFile, stage_rows
from transforms.storage import Place

#: what the line ends in
Ended = ClassifiedArticle | Rejection | PageCount
#: takes the staged files of a batch, or of a share of one
Finish = Callable[[list[StagedFile]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowSettings:
    """What rows say beside what they are made of."""

    first_seen: datetime
    #: name and version of the detector
    detector: str
    #: names the watched names
    gate: str
    #: whether off-topic pages of archives are rows, not counts
    keep_off_topic: bool = False


class StageBatch(beam.PTransform[PCollection[Ended], PCollection[None]]):
    """What the documents of a batch ended as → its staged files, handed to whoever decides that they count.

    The batch becomes visible when `commit.commit_staged` is called, after the pipeline has ended well.
    """

    def __init__(self, data: Place, batch: int, settings: RowSettings, finish: Finish) -> None:
        super().__init__()
        self._data = data
        self._batch = batch
        self._settings = settings
        self._finish = finish

    def expand(self, records: PCollection[Ended]) -> PCollection[None]:
        """Write rows where the records are, gather the names of the files, hand them over."""
        files = records | "Stage rows" >> beam.ParDo(
            _StageRows(self._data, self._batch, self._settings)
        ).with_output_types(StagedFile)
        return call_with_all(files, "Finish", self._finish)


class _StageRows(beam.DoFn):
    def __init__(self, data: Place, batch: int, settings: RowSettings) -> None:
        self._data = data
        self._batch = batch
        self._settings = settings

    def start_bundle(self) -> None:
        self._rows: dict[str, list[Row]] = defaultdict(list)
        self._off_topic: Counter[str] = Counter()

    def process(self, element: Ended) -> None:
        if isinstance(element, PageCount):
            self._count_pages(element)
            return
        if isinstance(element, Rejection) and self._is_counted(element):
            self._off_topic[element.origin] += 1
            return
        add_rows(self._rows, element, self._settings.first_seen, self._settings.detector)
        if isinstance(element, Rejection):
            Metrics.counter("rejected", element.reason).inc()
            return
        copy = element.article.duplicate_of is not None
        Metrics.counter("documents", "copies" if copy else "originals").inc()
        for event in element.events:
            Metrics.counter("events", f"{event.kind} {event.stance}").inc()

    def _is_counted(self, rejection: Rejection) -> bool:
        archived = rejection.reason == OFF_TOPIC and format_of(rejection.origin) == "warc"
        return archived and not self._settings.keep_off_topic

    def _count_pages(self, count: PageCount) -> None:
        row = page_count_row(count, self._settings.gate, self._settings.first_seen)
        self._rows["archives"].append(row)
        if count.outcome != READ:
            Metrics.counter("passed over", count.outcome).inc(count.pages)

    def finish_bundle(self) -> Iterable[WindowedValue]:
        window = GlobalWindow()
        for origin, pages in sorted(self._off_topic.items()):
            whole = InputSlice(order=0, path=origin, name=origin)
            self._count_pages(PageCount(part=whole, outcome=OFF_TOPIC, pages=pages))
        for table, rows in self._rows.items():
            for file in stage_rows(self._data, self._batch, table, rows):
                yield WindowedValue(file, window.max_timestamp(), (window,))
        self._rows = defaultdict(list)
