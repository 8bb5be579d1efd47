"""Sentences with their mentions → parties named together, who took part, whose statement the text is.

What is found here is looked up by later sentences: 'the two', 'both', 'the leaders', 'we'.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from transforms.detection.mentions import Mention, can_act, is_person
from transforms.detection.sentences import Sentence
from transforms.detection.words import DocumentWords, any_of

_JOINT = re.compile(
    r"(?:['’]s?)?\s*(?:,|,?\s*\b(?:and|or|nor|as well as|along with|together with)\b|&|/)\s*"
    r"(?:the\s+|its\s+|of\s+|by\s+)?(?:neighbou?ring\s+)?"
)
_LABEL = re.compile(r"^(?:the\s+)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Group:
    """Countries named together in a sentence, up to a character of it."""

    sentence: int
    end: int
    codes: tuple[str, ...]


def list_groups(index: int, text: str, mentions: Sequence[Mention]) -> list[Group]:
    """A sentence's mentions → those coordinated with each other ('Finland and Sweden'), and regions named
    as groups.
    """
    runs: list[list[Mention]] = []
    for mention in mentions:
        if not can_act(mention):
            continue
        if runs and _JOINT.fullmatch(text[runs[-1][-1].end : mention.start]):
            runs[-1].append(mention)
        else:
            runs.append([mention])
    found = []
    for run in runs:
        codes = unique_codes(run)
        if len(codes) > 1:
            found.append(Group(index, run[-1].end, codes))
    return found


def unique_codes(mentions: Sequence[Mention]) -> tuple[str, ...]:
    """Mentions → their codes, each once, in order."""
    return tuple(dict.fromkeys(code for mention in mentions for code in mention.codes))


def find_participants(
    sentences: Sequence[Sentence], mentions: Mapping[int, Sequence[Mention]], words: DocumentWords
) -> tuple[str, ...]:
    """Sentences → all who took part in the meeting or call they report, where one sentence lists at least
    three.

    Who met or spoke with them is of the party too, where the text opens with it.
    """
    met = re.compile(rf"\b{any_of(words.meeting)}\b")
    took_part = re.compile(rf"\b{any_of(words.taking_part)}\b", re.IGNORECASE)
    opening: list[Mention] = []
    for sentence in sentences:
        persons = [m for m in mentions[sentence.index] if can_act(m) and is_person(m)]
        if not opening and persons and sentence.field == "text" and met.search(sentence.text):
            opening = persons
        if len(unique_codes(persons)) > 2 and took_part.search(sentence.text):
            return unique_codes([*opening, *(m for m in mentions[sentence.index] if can_act(m))])
    return ()


def find_authors(
    sentences: Sequence[Sentence], mentions: Mapping[int, Sequence[Mention]], words: DocumentWords
) -> dict[int, tuple[str, ...]]:
    """Sentences → whose words each is outside of quotation marks, in statements ('We, the …', a title) and
    transcripts ('X:').
    """
    statement = re.compile(
        rf"^(?:[\w’'-]+\s+){{0,3}}{any_of(words.statements)}\s+(?:by|of|from)\s+(?:[\w’'-]+\s+){{0,5}}$",
        re.IGNORECASE,
    )
    current: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    untold = False
    found: dict[int, tuple[str, ...]] = {}
    for sentence in sentences:
        mention = next((m for m in mentions[sentence.index] if not m.inactive and (m.codes or m.vague)), None)
        if mention is not None:
            before = sentence.text[: mention.start]
            if re.fullmatch(r"(?:.*\.\s+)?We,\s+(?:the\s+)?", before) or (
                sentence.index == 0 and sentence.field == "title" and statement.match(before)
            ):
                current = first = mention.codes
                untold = not current
            elif (
                untold
                and sentence.field == "text"
                and mention.form == "country"
                and re.fullmatch(r"(?:the\s+)?", before, re.I)
            ):
                current = first = mention.codes
                untold = False
            elif (
                _LABEL.match(before)
                and sentence.text[mention.end : mention.end + 1] == ":"
                and is_person(mention)
                and first
            ):
                current = mention.codes or first
        if current:
            found[sentence.index] = current
    return found
