"""A cursor that says how far an element was followed → Beam's restriction of an unbounded splittable DoFn.

The restriction is the cursor itself, so that a checkpoint carries it. A cursor is claimed before what was
found on the way to it is given out: what is not claimed is looked for again.
"""

from typing import Any, Final

import apache_beam as beam
from apache_beam.io.iobase import RestrictionProgress, RestrictionTracker
from apache_beam.io.watermark_estimators import ManualWatermarkEstimator
from apache_beam.transforms.core import RestrictionProvider
from apache_beam.utils.timestamp import Timestamp

#: before the first cursor, and after the last; Beam takes a rest that is false in Python for none
START: Final = "start"
END: Final = None


class CursorTracker(RestrictionTracker):
    """Where one element stands."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor
        self._split = False

    def current_restriction(self) -> Any:
        """The cursor claimed last."""
        return self._cursor

    def try_claim(self, position: Any) -> bool:
        """Next cursor → whether it is this call's to go on to."""
        if not self._split:
            self._cursor = position
        return not self._split

    def try_split(self, fraction_of_remainder: float) -> tuple[Any, Any] | None:
        """Only a whole cursor can be handed on: nothing is left here, all that follows is there."""
        if self._split or self._cursor is END or fraction_of_remainder:
            return None
        self._split = True
        rest, self._cursor = self._cursor, END
        return END, rest

    def check_done(self) -> None:
        """Raise where work was left undone that nobody has been handed."""
        if self._cursor is not END:
            raise ValueError("a cursor is neither at its end nor handed on")

    def current_progress(self) -> RestrictionProgress:
        """All or nothing: how much is to come nobody knows."""
        done = 1.0 if self._cursor is END else 0.0
        return RestrictionProgress(completed=done, remaining=1.0 - done)

    def is_bounded(self) -> bool:
        """It goes on until it is told to end."""
        return False


class Cursors(RestrictionProvider):
    """The cursors of elements."""

    def initial_restriction(self, element: Any) -> Any:
        """Element → that it has none yet: what the first looks like is the business of who moves it."""
        return START

    def create_tracker(self, restriction: Any) -> CursorTracker:
        """Cursor → its tracker."""
        return CursorTracker(restriction)

    def restriction_size(self, element: Any, restriction: Any) -> float:
        """One element is as much work as another."""
        return 0.0 if restriction is END else 1.0

    def truncate(self, element: Any, restriction: Any) -> None:
        """A pipeline that is drained: nothing more is to be looked for."""
        return None


#: arguments of an unbounded DoFn: where its element stands, and how far its output has come
CURSOR: Final = beam.DoFn.RestrictionParam(Cursors())
WATERMARK: Final = beam.DoFn.WatermarkEstimatorParam(ManualWatermarkEstimator.default_provider())


def advance_watermark(watermark: ManualWatermarkEstimator, moment: float) -> None:
    """Watermark and seconds since 1970 → nothing; it is there then, unless it has been further before."""
    wanted, reached = Timestamp.of(moment), watermark.current_watermark()
    if reached is None or wanted > reached:
        watermark.set_watermark(wanted)
