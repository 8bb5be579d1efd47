"""Sentences with their mentions → parties named together, who took part, whose statement the text is.

What is found here is looked up by later sentences: 'the two', 'both', 'the leaders', 'we'.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from transforms.detection.mentions import Mention, can_act, is_person
from transforms.detection.sentences import Sentence

_JOINT = re.compile(
    r"(?:['’]s?)?\s*(?:,|,?\s*\b(?:and|or|nor|as well as|along with|together with)\b|&|/)\s*"
    r"(?:the\s+|its\s+|of\s+|by\s+)?(?:neighbou?ring\s+)?"
)
_CALL = re.compile(r"\b(?:join(?:ing|ed)|attended|participants|taking part|took part|participated|participating)\b", re.IGNORECASE)
_STATEMENT = re.compile(r"\b(?:statement|remarks|speech|address|declaration|communiqu[eé]|press release|message|letter)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Group:
    """Countries named together in a sentence, up to a character of it."""

    sentence: int
    end: int
    codes: tuple[str, ...]


def list_groups(index: int, text: str, mentions: Sequence[Mention]) -> list[Group]:
    """A sentence's mentions → those coordinated with each other ('Finland and Sweden'), and regions named as groups."""
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


def find_participants(sentences: Sequence[Sentence], mentions: Mapping[int, Sequence[Mention]]) -> tuple[str, ...]:
    """Sentences → all who took part in the meeting or call they report, where one sentence lists at least three."""
    for sentence in sentences:
        if _CALL.search(sentence.text):
            codes = unique_codes([m for m in mentions[sentence.index] if can_act(m) and is_person(m)])
            if len(codes) > 2:
                return codes
    return ()


def find_author(sentences: Sequence[Sentence], mentions: Mapping[int, Sequence[Mention]]) -> tuple[str, ...]:
    """Sentences → whose statement they are: named after 'We,' or in a title that says 'statement', 'remarks', 'speech'."""
    for sentence in sentences:
        first = next((mention for mention in mentions[sentence.index] if can_act(mention)), None)
        if first is not None and re.fullmatch(r"(?:.*\.\s+)?We,\s+(?:the\s+)?", sentence.text[: first.start]):
            return first.codes
        if first is not None and sentence.index == 0 and sentence.field == "title" and _STATEMENT.search(sentence.text):
            persons = [m for m in mentions[0] if can_act(m) and (is_person(m) or m.form in ("alliance", "body"))]
            if persons:
                return persons[0].codes
    return ()
