"""Names and offices in a text → who they stand for: 'Bulgarian Prime Minister Nikolai Denkov' is BGR, as HEAD.

Works on characters, before any parse, so that the whole document is read once at little cost.
A title with 'former' or 'candidate' before it stands for nobody.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import ahocorasick_rs

from transforms.codebook import ActorRole
from transforms.detection.gazetteer import Form, Gazetteer, Name, Reading
from transforms.knowledge import Office

#: Names that an office before or behind them can belong to.
_OWNER_FORMS = frozenset({"country", "demonym", "alliance", "body", "group", "seat", "capital", "parliament"})
_SPEAKER_FORMS = frozenset({"leader", "learned"})
_PERSON = re.compile(
    r"(?:[A-ZÀ-ÖØ-ÞČŠŽĆŁŚŻĐİŞĞ][\w’'.-]*\s+(?:(?:van|von|der|den|de|la|bin|al|el)\s+)*){1,3}"
    r"[A-ZÀ-ÖØ-ÞČŠŽĆŁŚŻĐİŞĞ][\w-]+|[A-ZÀ-ÖØ-ÞČŠŽĆŁŚŻĐİŞĞ][\w-]{2,}"
)
_BETWEEN_OWNER_AND_OFFICE = re.compile(r"^(?:['’]s?)?(?:[\s-]+[\w’'-]+){0,4}[\s-]*$")
_OF_OWNER = re.compile(r"^\s+(?:of|for|to|at)\s+(?:the\s+)?$")
_APPOSITION = re.compile(r"^(?:,\s*|\s+)(?:the\s+)?$")
_SENTENCE_WORDS = frozenset("the a an in on at and but he she it they we this that for as after his her its".split())


@dataclass(frozen=True, slots=True)
class Mention:
    """Characters [start, end) that stand for someone who can act or gain."""

    start: int
    end: int
    codes: tuple[str, ...]
    role: ActorRole
    form: Form | str
    #: character where the word stands that names the office or the person: the head of the phrase
    anchor: int
    #: an office whose holder or country the text does not name right there
    vague: bool = False
    #: 'former', 'candidate': stands for nobody
    inactive: bool = False
    person: str = ""
    title: str = ""


class OfficeFinder:
    """Office titles compiled into one matcher over lower-case text."""

    def __init__(self, offices: Iterable[Office], alliance_offices: Iterable[tuple[str, str]], inactive: Iterable[str]) -> None:
        self._titles: dict[str, tuple[ActorRole, str | None]] = {}
        for office in offices:
            self._titles[office.title.lower()] = (office.role, None)
            if office.plural:
                self._titles[office.plural.lower()] = (office.role, None)
        for title, alliance in alliance_offices:
            known = self._titles.get(title.lower())
            owner = alliance if known is None or known[1] is None else None
            self._titles[title.lower()] = ("IGO", owner)
        self._patterns = list(self._titles)
        self._matcher = ahocorasick_rs.AhoCorasick(self._patterns, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest)
        self._inactive = tuple(inactive)

    def find(self, text: str) -> list[tuple[int, int, ActorRole, str | None]]:
        """Text → (start, end, role, alliance if the title alone tells it) of each title."""
        lowered = text.lower()
        if len(lowered) != len(text):
            lowered = "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
        found = []
        for index, start, end in self._matcher.find_matches_as_indexes(lowered):
            if (start and (lowered[start - 1].isalnum() or lowered[start - 1] == "-")) or (
                end < len(lowered) and (lowered[end].isalnum() or lowered[end] == "-")
            ):
                continue
            role, owner = self._titles[self._patterns[index]]
            found.append((start, end, role, owner))
        return found

    def is_inactive(self, text: str, start: int) -> bool:
        """Whether 'former', 'candidate' or the like stands right before a title."""
        before = re.split(r"[,.;:!?\n]", text[max(0, start - 30) : start])[-1].lower()
        words = re.findall(r"[\w-]+", before)[-4:]
        return any(word in self._inactive or word.startswith("ex-") for word in words)


def find_mentions(text: str, names: Sequence[Name], offices: OfficeFinder, gazetteer: Gazetteer) -> list[Mention]:
    """Text with its names → mentions in order, the names of persons learned from their offices among them."""
    mentions: list[Mention] = []
    taken: list[tuple[int, int]] = []
    learned: dict[str, Mention] = {}
    starts = [name.start for name in names]
    previous_end = 0
    for start, end, role, alliance in offices.find(text):
        if start < previous_end:
            continue
        inside = [name for name in names if name.start < end and start < name.end]
        if any(name.reading.form not in ("demonym", "country") for name in inside) and not alliance:
            continue
        mention = _office_mention(text, names, starts, (start, end), role, alliance, offices)
        mentions.append(mention)
        taken.append((mention.start, mention.end))
        previous_end = mention.end
        if mention.person and mention.codes:
            learned.setdefault(mention.person.split()[-1], mention)
    mentions += [_name_mention(name) for name in names if not _covered(name.start, taken)]
    mentions += _learned_mentions(text, learned, names, mentions)
    return sorted(mentions, key=lambda mention: mention.start)


def _office_mention(
    text: str,
    names: Sequence[Name],
    starts: list[int],
    span: tuple[int, int],
    role: ActorRole,
    alliance: str | None,
    offices: OfficeFinder,
) -> Mention:
    start, end = span
    title = text[start:end].lower()
    left = _owner_before(text, names, starts, start)
    begin = left.start if left else start
    stop, person, holder = _person_after(text, names, starts, end)
    owner_after = None
    if left is None and holder is None:
        owner_after = _owner_after(text, names, starts, end)
        if owner_after is None and person:
            owner_after = _owner_after(text, names, starts, stop)
        if owner_after is not None:
            stop = max(stop, owner_after.end)
            if not person:
                stop, person, holder = _person_after(text, names, starts, owner_after.end)
                stop = max(stop, owner_after.end)
    owner = left or owner_after
    codes: tuple[str, ...] = ()
    if holder is not None:
        codes = holder.reading.codes
        role = holder.reading.role
    elif owner is not None:
        codes = owner.reading.codes
        if left is not None:
            for earlier in _coordinated_owners(text, names, left):
                codes = (*earlier.reading.codes, *codes)
                begin = earlier.start
    elif alliance is not None:
        codes = (alliance,)
    if codes and not codes[0].isalpha():
        codes = ()
    if owner is not None and owner.reading.form in ("alliance", "body"):
        role = "IGO"
    inactive = offices.is_inactive(text, begin) or offices.is_inactive(text, start)
    return Mention(
        begin, stop, codes, role, "office", start, vague=not codes, inactive=inactive and holder is None, person=person, title=title
    )


def _owner_before(text: str, names: Sequence[Name], starts: list[int], start: int) -> Name | None:
    position = bisect_right(starts, start) - 1
    for name in reversed(names[max(0, position - 1) : position + 1]):
        if name.end > start and name.start < start:
            continue
        gap = text[name.end : start]
        if len(gap) > 40 or any(mark in gap for mark in ",.;:()\n\"“”"):
            continue
        if name.reading.form in _OWNER_FORMS and _BETWEEN_OWNER_AND_OFFICE.match(gap):
            words = gap.lower().replace("'s", "").replace("’s", "").split()
            if not any(word in _GAP_STOPS for word in words):
                return name
    return None


def _coordinated_owners(text: str, names: Sequence[Name], owner: Name) -> list[Name]:
    """'French, US or British representatives' → the owners before the last one."""
    found: list[Name] = []
    position = names.index(owner)
    while position > 0 and len(found) < 8:
        before = names[position - 1]
        gap = text[before.end : names[position].start]
        if before.reading.form not in _OWNER_FORMS or not re.fullmatch(r"(?:['’]s)?,?\s+(?:(?:and|or|&)\s+)?(?:the\s+)?", gap):
            break
        if "," not in gap and "and" not in gap and "or" not in gap:
            break
        found.append(before)
        position -= 1
    return found if found and any(word in text[found[-1].end : owner.start] for word in (" and ", " or ")) else []


_GAP_STOPS = frozenset(
    "and or but of in on at to for with from by as that which who is was are were has have had will would said says "
    "the a an after before if when while his her its their than into over against not be".split()
)


def _owner_after(text: str, names: Sequence[Name], starts: list[int], end: int) -> Name | None:
    position = bisect_right(starts, end - 1)
    if position < len(names):
        name = names[position]
        if name.reading.form in _OWNER_FORMS and _OF_OWNER.match(text[end : name.start]):
            return name
    return None


def _person_after(text: str, names: Sequence[Name], starts: list[int], end: int) -> tuple[int, str, Name | None]:
    """End of a title → end of the person's name that follows it, the name, and the leader if known."""
    position = bisect_right(starts, end - 1)
    if position < len(names):
        name = names[position]
        gap = text[end : name.start]
        if name.reading.form == "leader" and (_APPOSITION.match(gap) or re.match(r"^,?\s+[A-Z][\w.-]+\s+$", gap)):
            return name.end, name.text, name
    match = re.match(r"(,?\s+)", text[end:])
    if match is None:
        return end, "", None
    person = _PERSON.match(text, end + match.end())
    if person is None or person.group().split()[0].lower() in _SENTENCE_WORDS:
        return end, "", None
    if position < len(names) and names[position].start < person.end():
        return end, "", None
    comma = "," in match.group()
    if comma and (" " not in person.group() or text[person.end() : person.end() + 1] not in (",", ".", "")):
        return end, "", None
    return person.end(), person.group(), None


def _name_mention(name: Name) -> Mention:
    reading = name.reading
    person = name.text if reading.form == "leader" else ""
    return Mention(name.start, name.end, reading.codes, reading.role, reading.form, name.start, person=person)


def _learned_mentions(
    text: str, learned: dict[str, Mention], names: Sequence[Name], mentions: Sequence[Mention]
) -> list[Mention]:
    found: list[Mention] = []
    taken = [(mention.start, mention.end) for mention in mentions]
    for surname, source in learned.items():
        if len(surname) < 4 or surname.lower() in _SENTENCE_WORDS:
            continue
        for match in re.finditer(rf"(?:\b[A-Z][\w.-]+\s+)?\b{re.escape(surname)}\b", text):
            if not any(start < match.end() and match.start() < end for start, end in taken):
                found.append(
                    Mention(
                        match.start(), match.end(), source.codes, source.role, "learned", match.start(),
                        inactive=source.inactive, person=surname,
                    )
                )  # fmt: skip
    return found


def _covered(position: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= position < end for start, end in spans)


def readings_of(name: Name) -> tuple[Reading, ...]:
    """Name → its readings, best first."""
    return name.readings
