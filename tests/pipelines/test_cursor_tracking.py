import pytest
from apache_beam.io.watermark_estimators import ManualWatermarkEstimator
from apache_beam.utils.timestamp import Timestamp

from pipelines.cursor_tracking import END, START, Cursors, CursorTracker, advance_watermark


def test_a_claimed_cursor_is_handed_on() -> None:
    tracker = Cursors().create_tracker(Cursors().initial_restriction("feed"))
    assert tracker.current_restriction() == START
    assert tracker.try_claim("one")
    assert tracker.try_split(0) == (END, "one")
    tracker.check_done()
    assert tracker.try_split(0) is None


def test_what_is_split_before_a_claim_is_looked_for_again() -> None:
    tracker = CursorTracker("one")
    assert tracker.try_split(0) == (END, "one")
    assert not tracker.try_claim("two")
    tracker.check_done()


def test_an_end_leaves_nothing() -> None:
    tracker = CursorTracker("one")
    assert tracker.try_claim(END)
    assert tracker.try_split(0) is None
    tracker.check_done()
    assert tracker.current_progress().fraction_completed == 1.0


def test_half_a_cursor_is_none() -> None:
    tracker = CursorTracker("one")
    assert tracker.try_split(0.5) is None
    with pytest.raises(ValueError, match="neither"):
        tracker.check_done()


def test_cursors_are_true() -> None:
    # Beam takes a rest that is false for none, and the element would be lost.
    assert START


def test_a_watermark_never_goes_back() -> None:
    watermark = ManualWatermarkEstimator(None)
    advance_watermark(watermark, 100.0)
    advance_watermark(watermark, 50.0)
    assert watermark.current_watermark() == Timestamp(100)
