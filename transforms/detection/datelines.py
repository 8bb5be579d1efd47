"""Sentence that opens a report → its dateline: where it was filed, and where the words themselves begin."""

import re
from dataclasses import dataclass

_OPENING = re.compile(
    r"(?:[A-ZÀ-Þ][A-ZÀ-Þ.’'& /-]+(?:\sof\s[A-ZÀ-Þ]+)?(?:,\s[^-–—_\n]{1,40}|\s?\([^)\n]{1,40}\)){0,3}"
    r"|[A-ZÀ-Þ][\w.’' ]{2,20}(?:,\s[^-–—\d\n]{0,16}\d{1,2}[^-–—\n]{0,14})?\s?(?:\([^)\n]{1,20}\))"
    r"|[A-ZÀ-Þ][\w.’' ]{2,20},\s[^-–—\d\n]{0,16}\d{1,2}[^-–—\n]{0,14})\s*[-–—_]{1,2}\s+"
)
_PLACE = re.compile(r"[^,(–—_]*?(?=\s*(?:[,(–—_]|-{1,2}\s))")
_REGION = re.compile(
    r",\s+(?!(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec))([A-Z][a-z][\w.]+(?:\s[A-Z][\w.]+)?)"
)


@dataclass(frozen=True, slots=True)
class Dateline:
    """'SPRINGFIELD, Freedonia, Nov 21 (Agency) - ' at the start of a report."""

    place: str
    #: the country or state that may follow the place
    region: str | None
    #: where the report's own words begin
    end: int


def read_dateline(text: str) -> Dateline | None:
    """Sentence → the dateline that it opens with, if any."""
    opening = _OPENING.match(text)
    if opening is None:
        return None
    place = _PLACE.match(text)
    if place is None:
        return None
    region = _REGION.match(text, place.end())
    return Dateline(place.group(), region.group(1) if region else None, opening.end())
