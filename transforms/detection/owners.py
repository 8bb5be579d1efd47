"""A title in a text → the countries it belongs to and the person who holds it, by what stands beside it.

'Bulgarian Prime Minister X', 'the leaders of France and Italy', 'Chancellor X of Austria',
'X, Germany's minister for Europe'.
A name farther off than a few words, or over a verb or a comma, does not own the title.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from transforms.detection.gazetteer import Name
from transforms.detection.words import OfficeWords

#: Names that an office before or behind them can belong to.
_OWNER_FORMS = frozenset({"country", "demonym", "alliance", "body", "group", "seat", "capital", "parliament"})
_UPPER = "A-ZÀ-ÖØ-ÞČŠŽĆŁŚŻĐİŞĞ"
_PERSON = re.compile(
    rf"(?:[{_UPPER}][\w’'.-]*\s+(?:(?:van|von|der|den|de|la|bin|al|el)\s+)*){{1,3}}"
    rf"[{_UPPER}][\w-]+|[{_UPPER}][\w-]{{2,}}"
)
_PERSON_BEFORE = re.compile(
    rf"((?:[{_UPPER}][\w’'.-]*\s+(?:(?:van|von|der|den|de|la|bin|al|el)\s+)*){{1,3}}[{_UPPER}][\w-]+)"
    r",\s+(?:who\s+(?:heads|leads|chairs|is|was)\s+)?(?:the\s+)?$"
)
_BETWEEN_OWNER_AND_OFFICE = re.compile(r"^(?:['’]s?)?(?:[\s-]+[\w’'-]+){0,4}[\s-]*$")
_OF_OWNER = re.compile(r"^\s+(?:of|for|to|at|from)\s+(?:the\s+)?$")
_NEXT_OWNER = re.compile(r"^(?:,|\s+and|,\s+and|\s+or|\s+&)\s+(?:the\s+)?$")
_APPOSITION = re.compile(r"^(?:,\s*|\s+)(?:the\s+)?$")
_COORDINATION = re.compile(r"(?:['’]s)?,?\s+(?:(?:and|or|&)\s+)?(?:the\s+)?|(?:['’]s)?,\s+|/")
#: The longest list of owners that is read: 'the leaders of' a whole summit.
MOST_OWNERS = 32


class Names:
    """The names of a text in order, found by position."""

    def __init__(self, text: str, names: Sequence[Name], words: OfficeWords) -> None:
        self.text = text
        self.words = words
        self.names = names
        self._starts = [name.start for name in names]
        self._ends = [name.end for name in names]

    def within(self, start: int, end: int) -> Sequence[Name]:
        """Names that overlap [start, end)."""
        return self.names[bisect_right(self._ends, start) : bisect_left(self._starts, end)]

    def next_from(self, position: int) -> int:
        """Index of the first name that starts at a position or later."""
        return bisect_left(self._starts, position)


def owner_before(known: Names, start: int) -> Name | None:
    """Where a title starts → the name in front that owns it ('Turkish deputy foreign minister')."""
    position = known.next_from(start)
    for name in reversed(known.names[max(0, position - 2) : position + 1]):
        if name.start > start or (name.end > start and name.start < start):
            continue
        gap = known.text[name.end : start]
        if len(gap) > 40 or any(mark in gap for mark in ',.;:()\n"“”'):
            continue
        if name.reading.form in _OWNER_FORMS and _BETWEEN_OWNER_AND_OFFICE.match(gap):
            words = gap.lower().replace("'s", "").replace("’s", "").split()
            if not any(word in known.words.gap_stops for word in words):
                return name
    return None


def coordinated_owners(known: Names, owner: Name) -> list[Name]:
    """'French, US or British representatives' → the owners before the last one, nearest first."""
    found: list[Name] = []
    position = known.next_from(owner.start)
    while position > 0 and len(found) < MOST_OWNERS:
        before = known.names[position - 1]
        gap = known.text[before.end : known.names[position].start]
        if before.reading.form not in _OWNER_FORMS or not _COORDINATION.fullmatch(gap):
            break
        if not any(sign in gap for sign in (",", "and", "or", "&", "/")):
            break
        found.append(before)
        position -= 1
    between = known.text[found[-1].end : owner.start] if found else ""
    return found if any(word in between for word in (" and ", " or ", " & ", "/")) else []


def owner_after(known: Names, end: int, several: bool) -> list[Name]:
    """Where a title ends → the owners behind it: 'of Finland'; for a plural title, 'of Poland, Latvia and
    Finland'.
    """
    position = known.next_from(end)
    if position >= len(known.names):
        return []
    first = known.names[position]
    if first.reading.form not in _OWNER_FORMS or not _OF_OWNER.match(known.text[end : first.start]):
        return []
    found = [first]
    while several and len(found) < MOST_OWNERS and position + 1 < len(known.names):
        position += 1
        name = known.names[position]
        gap = known.text[found[-1].end : name.start]
        if name.reading.form not in _OWNER_FORMS or not _NEXT_OWNER.match(gap):
            break
        found.append(name)
    if len(found) > 1 and not re.search(r"\b(?:and|or)\b|&", known.text[first.end : found[-1].start]):
        return [first]
    return found


def find_person_after(known: Names, end: int) -> tuple[int, str, Name | None]:
    """End of a title → end of the person's name that follows it, the name, and the leader if known."""
    position = known.next_from(end)
    text = known.text
    if position < len(known.names):
        name = known.names[position]
        gap = text[end : name.start]
        if name.reading.form == "leader" and (
            _APPOSITION.match(gap) or re.match(r"^,?\s+[A-Z][\w.-]+\s+$", gap)
        ):
            return name.end, name.text, name
    match = re.match(r",?\s+", text[end : end + 8])
    if match is None:
        return end, "", None
    person = _PERSON.match(text, end + match.end())
    if person is None or person.group().split()[0].lower() in known.words.sentence_words:
        return end, "", None
    if position < len(known.names) and known.names[position].start < person.end():
        return end, "", None
    if "," in match.group() and (
        " " not in person.group() or text[person.end() : person.end() + 1] not in (",", ".", "")
    ):
        return end, "", None
    return person.end(), person.group(), None


def find_person_before(known: Names, begin: int) -> str:
    """Where an office with its country begins → the person named before it: 'Jan Nowak, the Polish
    premier'.
    """
    match = _PERSON_BEFORE.search(known.text, max(0, begin - 80), begin)
    if match is None or known.within(match.start(1), match.end(1)):
        return ""
    return match.group(1) if match.group(1).split()[0].lower() not in known.words.sentence_words else ""
