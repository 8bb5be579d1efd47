"""Names and offices in a text → who they stand for: 'Bulgarian Prime Minister X' is BGR, as HEAD.

Works on characters, before any parse, so that the whole document is read once at little cost.
A title with 'former' or 'candidate' before it stands for nobody, nor does a single member of a parliament.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import ahocorasick_rs

from transforms.codebook import ActorRole
from transforms.detection.gazetteer import Form, Name
from transforms.detection.owners import (
    Names,
    coordinated_owners,
    find_person_after,
    find_person_before,
    owner_after,
    owner_before,
)
from transforms.detection.words import OfficeWords
from transforms.knowledge import Office

_PLAIN_QUOTES = str.maketrans({"’": "'", "‘": "'"})


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


def is_person(mention: Mention) -> bool:
    """Whether a mention names somebody, by name or by office."""
    return bool(mention.person) or mention.form in ("leader", "learned", "office", "office_again")


def can_act(mention: Mention) -> bool:
    """Whether a mention stands for someone: not a mere place, not out of office."""
    return bool(mention.codes) and not mention.inactive and mention.form != "city"


class OfficeFinder:
    """Office titles compiled into one matcher over lower-case text."""

    def __init__(
        self, offices: Iterable[Office], alliance_offices: Iterable[tuple[str, str]], words: OfficeWords
    ) -> None:
        self.words = words
        self._titles: dict[str, tuple[ActorRole, str | None]] = {}
        self._plurals: set[str] = set()
        for office in offices:
            self._titles[office.title.lower()] = (office.role, None)
            if office.plural:
                self._titles[office.plural.lower()] = (office.role, None)
                self._plurals.add(office.plural.lower())
        owners: dict[str, set[str]] = {}
        for title, alliance in alliance_offices:
            owners.setdefault(title.lower(), set()).add(alliance)
        for title, alliances in owners.items():
            self._titles[title] = ("IGO", next(iter(alliances)) if len(alliances) == 1 else None)
        self._patterns = list(self._titles)
        self._matcher = ahocorasick_rs.AhoCorasick(
            self._patterns, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest
        )

    def find(self, text: str) -> list[tuple[int, int, ActorRole, str | None]]:
        """Text → (start, end, role, alliance if the title alone tells it) of each title."""
        lowered = text.translate(_PLAIN_QUOTES).lower()
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

    def is_plural(self, title: str) -> bool:
        """Whether a title, in lower case, names several people."""
        return title in self._plurals

    def is_inactive(self, text: str, start: int) -> bool:
        """Whether 'former', 'candidate' or the like stands right before a title."""
        before = re.split(r"[,.;:!?\n]", text[max(0, start - 30) : start])[-1].lower()
        words = re.findall(r"[\w-]+", before)[-4:]
        return any(word in self.words.not_in_office or word.startswith("ex-") for word in words)


def find_mentions(text: str, names: Sequence[Name], offices: OfficeFinder) -> list[Mention]:
    """Text with its names → mentions in order, the names of persons learned from their offices among them."""
    known = Names(text, names, offices.words)
    found: list[Mention] = []
    learned: dict[str, Mention] = {}
    previous_end = 0
    for start, end, role, alliance in offices.find(text):
        if start < previous_end:
            continue
        if not alliance and any(
            name.reading.form not in ("demonym", "country") for name in known.within(start, end)
        ):
            continue
        mention = _office_mention(known, (start, end), role, alliance, offices)
        found.append(mention)
        previous_end = max(mention.end, end)
        if mention.person and mention.codes:
            learned.setdefault(mention.person.split()[-1], mention)
    starts = [mention.start for mention in found]
    alone = [_name_mention(name) for name in names if not _covers(found, starts, name.start, name.start + 1)]
    mentions = sorted(found + alone, key=lambda mention: mention.start)
    return sorted(
        mentions + _learned_mentions(text, learned, mentions, offices.words),
        key=lambda mention: mention.start,
    )


def _office_mention(
    known: Names, span: tuple[int, int], role: ActorRole, alliance: str | None, offices: OfficeFinder
) -> Mention:
    """A title at `span` → the mention it makes with the country, the person or both that stand beside it."""
    start, end = span
    title = known.text[start:end].translate(_PLAIN_QUOTES).lower()
    left = owner_before(known, start)
    begin = left.start if left else start
    stop, person, holder = find_person_after(known, end)
    after: list[Name] = []
    if left is None and holder is None:
        several = offices.is_plural(title)
        after = owner_after(known, end, several) or (owner_after(known, stop, several) if person else [])
        if after:
            stop = max(stop, after[-1].end)
            if not person:
                stop, person, holder = find_person_after(known, after[-1].end)
                stop = max(stop, after[-1].end)
    codes: tuple[str, ...] = ()
    if holder is not None:
        codes = holder.reading.codes
        role = holder.reading.role
    elif left is not None:
        codes = left.reading.codes
        for earlier in coordinated_owners(known, left):
            codes = (*earlier.reading.codes, *codes)
            begin = earlier.start
    elif after:
        codes = tuple(dict.fromkeys(code for name in after for code in name.reading.codes))
    elif alliance is not None:
        codes = (alliance,)
    owner = left or (after[0] if after else None)
    if owner is not None and owner.reading.form in ("alliance", "body"):
        role = "IGO"
    if codes and not person:
        person = find_person_before(known, begin)
    inactive = title in offices.words.single or role == "OTHER"
    inactive = inactive or any(offices.is_inactive(known.text, at) for at in (begin, start))
    return Mention(
        begin, stop, codes, role, "office", start,
        vague=not codes, inactive=inactive and holder is None, person=person, title=title,
    )  # fmt: skip


def _name_mention(name: Name) -> Mention:
    reading = name.reading
    person = name.text if reading.form == "leader" else ""
    return Mention(
        name.start,
        name.end,
        reading.codes,
        reading.role,
        reading.form,
        name.start,
        person=person,
        title=reading.office,
    )


def _learned_mentions(
    text: str, learned: dict[str, Mention], mentions: Sequence[Mention], words: OfficeWords
) -> list[Mention]:
    """Surnames learned from an office beside them → mentions wherever else they stand."""
    surnames = [
        surname
        for surname in learned
        if len(surname) > 3 and surname.lower() not in words.not_surnames and surname[0].isupper()
    ]
    if not surnames:
        return []
    starts = [mention.start for mention in mentions]
    found: list[Mention] = []
    pattern = re.compile(rf"(?:\b[A-Z][\w.-]+\s+)?\b({'|'.join(map(re.escape, surnames))})\b")
    for match in pattern.finditer(text):
        if not _covers(mentions, starts, match.start(), match.end()):
            source = learned[match.group(1)]
            found.append(
                Mention(
                    match.start(), match.end(), source.codes, source.role, "learned", match.start(),
                    inactive=source.inactive, person=match.group(1), title=source.title,
                )
            )  # fmt: skip
    return found


def _covers(mentions: Sequence[Mention], starts: Sequence[int], begin: int, end: int) -> bool:
    """Whether one of the mentions, sorted and apart from each other, overlaps [begin, end)."""
    position = bisect_right(starts, end - 1) - 1
    return position >= 0 and mentions[position].end > begin
