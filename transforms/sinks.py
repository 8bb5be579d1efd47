"""Classified articles and rejections → staged files of a batch and their manifest. Beam around `staging`."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.pvalue import PCollection
from apache_beam.transforms.window import GlobalWindow
from apache_beam.utils.windowed_value import WindowedValue

from transforms.records import ClassifiedArticle, Rejection
from transforms.rows import Row, article_row, event_rows, reject_row
from transforms.staging import StagedFile, stage_rows, write_manifest


class StageBatch(beam.PTransform[PCollection[ClassifiedArticle | Rejection], PCollection[int]]):
    """What the documents of a batch ended as → its staged files, decided by a manifest; gives their number.

    The batch becomes visible when `commit.commit_staged` is called, after the pipeline has ended well.
    """

    def __init__(self, data: Path, batch: int, first_seen: datetime, detector: str) -> None:
        super().__init__()
        self._data = data
        self._batch = batch
        self._first_seen = first_seen
        self._detector = detector

    def expand(self, records: PCollection[ClassifiedArticle | Rejection]) -> PCollection[int]:
        """Write rows where the records are, gather the names of the files, write the manifest."""
        return (
            records
            | "Stage rows"
            >> beam.ParDo(
                _StageRows(self._data, self._batch, self._first_seen, self._detector)
            ).with_output_types(StagedFile)
            | "Gather files" >> beam.combiners.ToList()
            | "Write manifest" >> beam.Map(_write_manifest, self._data, self._batch)
        )


class _StageRows(beam.DoFn):
    def __init__(self, data: Path, batch: int, first_seen: datetime, detector: str) -> None:
        self._data = data
        self._batch = batch
        self._first_seen = first_seen
        self._detector = detector

    def start_bundle(self) -> None:
        self._rows: dict[str, list[Row]] = defaultdict(list)

    def process(self, element: ClassifiedArticle | Rejection) -> None:
        if isinstance(element, Rejection):
            self._rows["rejects"].append(reject_row(element, self._first_seen))
            Metrics.counter("rejected", element.reason).inc()
            return
        self._rows["articles"].append(article_row(element, self._first_seen))
        self._rows["events"] += event_rows(element, self._first_seen, self._detector)
        copy = element.article.duplicate_of is not None
        Metrics.counter("documents", "copies" if copy else "originals").inc()
        for event in element.events:
            Metrics.counter("events", f"{event.kind} {event.stance}").inc()

    def finish_bundle(self) -> Iterable[WindowedValue]:
        window = GlobalWindow()
        for table, rows in self._rows.items():
            for file in stage_rows(self._data, self._batch, table, rows):
                yield WindowedValue(file, window.max_timestamp(), (window,))
        self._rows = defaultdict(list)


def _write_manifest(files: list[StagedFile], data: Path, batch: int) -> int:
    write_manifest(data, batch, files)
    return len(files)
