"""Slices of files and of stored items → documents, read where they are processed: bodies don't travel.

Beam around `readers`, `stored` and the gate on the bytes of archived pages.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.pvalue import PCollection

from transforms.byte_gate import compile_byte_gate, may_name_watched
from transforms.inputs import format_of
from transforms.knowledge import World
from transforms.read_limits import ReadLimits
from transforms.readers import read_whatever_comes
from transforms.recipes import Recipe, Step, write_recipe
from transforms.records import InputSlice, PageCount, RawDocument, Rejection, StoredSlice
from transforms.stored import read_stored

#: what reading gives
Read = RawDocument | Rejection | PageCount


class ReadDocuments(beam.PTransform[PCollection[InputSlice | StoredSlice], PCollection[Read]]):
    """Slices → their documents, a Rejection for each that can't be read, and counts of passed over pages."""

    def __init__(self, limits: ReadLimits, world: World, digest: str) -> None:
        super().__init__()
        self._limits = limits
        self._gate = write_recipe(f"byte gate {digest}", _prepare_byte_gate, world)

    def expand(self, slices: PCollection[InputSlice | StoredSlice]) -> PCollection[Read]:
        """Read each slice."""
        return slices | "Read slices" >> beam.ParDo(_ReadSlice(self._limits, self._gate)).with_output_types(
            Read
        )


def _prepare_byte_gate(world: World) -> Step:
    return partial(may_name_watched, gate=compile_byte_gate(world))


class _ReadSlice(beam.DoFn):
    def __init__(self, limits: ReadLimits, gate: Recipe) -> None:
        self._limits = limits
        self._gate = gate
        self._read = Metrics.counter("documents", "read")

    def process(self, element: InputSlice | StoredSlice) -> Iterable[Read]:
        for document in _read(element, self._limits, self._gate):
            if not isinstance(document, PageCount):
                self._read.inc()
            yield document


def _read(part: InputSlice | StoredSlice, limits: ReadLimits, gate: Recipe) -> Iterator[Read]:
    if isinstance(part, StoredSlice):
        # What was stored was readable: an error here is none of a document's, and must not end as a row.
        yield from read_stored(part)
        return
    may_matter: Callable[[bytes], bool] = gate.prepare() if format_of(part.path) == "warc" else bool
    yield from read_whatever_comes(part, limits, may_matter)
