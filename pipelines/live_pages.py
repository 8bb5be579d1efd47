"""Documents with a feed's summary → the same with the text of their page, where it can be had.

Each waits for its page by itself: how often it was tried stands in its cursor, so that a checkpoint carries
it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.pvalue import PCollection
from apache_beam.utils.timestamp import Duration

from pipelines.cursor_tracking import CURSOR, END, START, WATERMARK, advance_watermark
from pipelines.ledger import WaitingPage, complete_document
from pipelines.live_items import LiveSource
from pipelines.network_thread import open_network
from transforms.records import RawDocument


class FetchPages(beam.PTransform[PCollection[RawDocument], PCollection[RawDocument]]):
    """Documents → documents: one whose feed gives less than `fetch.page_below` characters gets its page's."""

    def __init__(self, source: LiveSource) -> None:
        super().__init__()
        self._source = source

    def expand(self, documents: PCollection[RawDocument]) -> PCollection[RawDocument]:
        """Fetch the page of each that needs it."""
        return documents | "Fetch page" >> beam.ParDo(_FetchPage(self._source)).with_output_types(RawDocument)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tries:
    """What was tried for one page."""

    since: float
    count: int = 0


class _FetchPage(beam.DoFn):
    def __init__(self, source: LiveSource) -> None:
        self._source = source

    @beam.DoFn.unbounded_per_element()
    def process(
        self,
        element: RawDocument,
        timestamp: Any = beam.DoFn.TimestampParam,
        tracker: Any = CURSOR,
        watermark: Any = WATERMARK,
    ) -> Iterable[RawDocument]:
        advance_watermark(watermark, float(timestamp))
        source = self._source
        if element.url is None or len(element.content) >= source.network.fetch.rules.page_below:
            if tracker.try_claim(END):
                yield element
            return
        now = source.clock()
        reached = tracker.current_restriction()
        tries: _Tries = _Tries(since=now) if reached == START else reached
        page = WaitingPage(number=0, url=element.url, tries=tries.count, first_seen=tries.since)
        report = open_network(source.network).fetch(page, now, last=source.once)
        if report.retry_at is not None:
            again = _Tries(since=tries.since, count=tries.count + 1)
            if tracker.try_claim(again):
                tracker.defer_remainder(Duration(max(report.retry_at - source.clock(), 0)))
            return
        if tracker.try_claim(END):
            Metrics.counter("pages", "page" if report.text else report.reason).inc()
            yield complete_document(element, report)
