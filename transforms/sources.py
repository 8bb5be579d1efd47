"""Slices of files and of stored items → documents, read where they are processed: bodies don't travel.

Beam around `readers` and `stored`.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.pvalue import PCollection

from transforms.readers import ReadLimits, read_slice
from transforms.records import InputSlice, RawDocument, Rejection, StoredSlice
from transforms.rejections import reject_error
from transforms.stored import read_stored


class ReadDocuments(
    beam.PTransform[PCollection[InputSlice | StoredSlice], PCollection[RawDocument | Rejection]]
):
    """Slices → their documents, and a Rejection for each that can't be read."""

    def __init__(self, limits: ReadLimits) -> None:
        super().__init__()
        self._limits = limits

    def expand(self, slices: PCollection[InputSlice | StoredSlice]) -> PCollection[RawDocument | Rejection]:
        """Read each slice."""
        return slices | "Read slices" >> beam.ParDo(_ReadSlice(self._limits)).with_output_types(
            RawDocument | Rejection
        )


class _ReadSlice(beam.DoFn):
    def __init__(self, limits: ReadLimits) -> None:
        self._limits = limits
        self._read = Metrics.counter("documents", "read")

    def process(self, element: InputSlice | StoredSlice) -> Iterable[RawDocument | Rejection]:
        for document in _read_whatever_comes(element, self._limits):
            self._read.inc()
            yield document


def _read_whatever_comes(
    part: InputSlice | StoredSlice, limits: ReadLimits
) -> Iterator[RawDocument | Rejection]:
    if isinstance(part, StoredSlice):
        # What was stored was readable: an error here is none of a document's, and must not end as a row.
        yield from read_stored(part)
        return
    try:
        # A slice that is cut short (`--limit`) says so by its count, whatever the format.
        yield from islice(read_slice(part, limits), part.count)
    except Exception as error:
        yield reject_error(part, "read", error)
