"""Names in a text without a date → a day on which most of its leaders were in office, or None.

Only for choosing between leaders, members and wars: no event takes its date from it.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from transforms.detection.gazetteer import Name, Reading


def estimate_day(names: Sequence[Name], codes: Iterable[str]) -> date | None:
    """Names and the codes that the text speaks of → the latest day that fits the most leaders.

    The term of someone who speaks for a country or alliance that the text names counts one and a half.
    """
    spoken_of = set(codes)
    people = {
        name.text: tuple(
            reading for reading in name.readings if reading.form == "leader" and not reading.weak
        )
        for name in names
    }
    people = {text: readings for text, readings in people.items() if readings}
    days = sorted(
        {reading.since for readings in people.values() for reading in readings if reading.since is not None}
    )
    best: tuple[float, date] | None = None
    for day in days:
        fit = sum(
            max((_weight(reading, day, spoken_of) for reading in readings), default=0.0)
            for readings in people.values()
        )
        if best is None or (fit, day) >= best:
            best = (fit, day)
    return best[1] if best is not None else None


def _weight(reading: Reading, day: date, spoken_of: set[str]) -> float:
    if not reading.holds_on(day):
        return 0.0
    return 1.5 if spoken_of & set(reading.codes) else 1.0
