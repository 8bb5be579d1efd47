"""Slices of files → documents, read where they are processed: bodies don't travel. Beam around `readers`."""

from collections.abc import Iterable, Iterator
from itertools import islice

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.pvalue import PCollection

from transforms.readers import ReadLimits, read_slice
from transforms.records import InputSlice, RawDocument, Rejection
from transforms.rejections import reject_error


class ReadDocuments(beam.PTransform[PCollection[InputSlice], PCollection[RawDocument | Rejection]]):
    """Slices → their documents, and a Rejection for each that can't be read."""

    def __init__(self, limits: ReadLimits) -> None:
        super().__init__()
        self._limits = limits

    def expand(self, slices: PCollection[InputSlice]) -> PCollection[RawDocument | Rejection]:
        """Read each slice."""
        return slices | "Read slices" >> beam.ParDo(_ReadSlice(self._limits)).with_output_types(
            RawDocument | Rejection
        )


class _ReadSlice(beam.DoFn):
    def __init__(self, limits: ReadLimits) -> None:
        self._limits = limits
        self._read = Metrics.counter("documents", "read")

    def process(self, element: InputSlice) -> Iterable[RawDocument | Rejection]:
        for document in _read_whatever_comes(element, self._limits):
            self._read.inc()
            yield document


def _read_whatever_comes(part: InputSlice, limits: ReadLimits) -> Iterator[RawDocument | Rejection]:
    try:
        # A slice that is cut short (`--limit`) says so by its count, whatever the format.
        yield from islice(read_slice(part, limits), part.count)
    except Exception as error:
        yield reject_error(part, "read", error)
